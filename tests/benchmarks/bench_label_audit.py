"""How many labels that were changed at random does `goldwire audit labels` list first?

    python tests/benchmarks/bench_label_audit.py [--data DIR] [--seeds N] [--habits] [--write]

One label in twenty is replaced by another at random, of this repository's own gold and of public sets on the reader's
disk; the audit then lists labels, and the share of changed ones among the first 50 and the first 100 is compared with
chance. Labels that were wrong before count as false alarms. Only the sample's gold was used to choose weights. A second
table has the habits that it finds in three annotators made from the public sets, of whom one has a habit. With
`--write`, docs/label-audit.md gets the tables.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests")]

from goldwire.adjudication.merging import merge_gold
from goldwire.formats.document import Document, Labels, Relation, Span, layers_of
from goldwire.formats.file_sets import articles_of
from goldwire.label_audit.annotator_habits import span_habits, stance_habits
from goldwire.label_audit.label_audit import audit_labels
from goldwire.label_audit.suspects import LabelSuspect, rank_suspects
from goldwire.records import AnnotationLayer, Article
from goldwire.testing import SyntheticAnnotator, annotate
from goldwire.workspace import loading
from goldwire.workspace.layout import find_workspace
from support.generated_block import replace_block

SHARE = 0.05
FIRST = (50, 100)
PAGE = ROOT / "docs" / "label-audit.md"
BEGIN, END = "<!-- begin: bench_label_audit.py -->", "<!-- end: bench_label_audit.py -->"
BEGIN_HABITS, END_HABITS = "<!-- begin: habits of bench_label_audit.py -->", "<!-- end: habits -->"

Data = tuple[dict[str, Article], list[AnnotationLayer]]
Changed = set[tuple[str, str]]


def rows(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def own_gold() -> Data:
    workspace = find_workspace(ROOT)
    return loading.articles(workspace), [combined.layer for combined in merge_gold(loading.gold(workspace)).values()]


def with_articles(documents: Sequence[Document], name: str) -> Data:
    return articles_of(documents, name), list(layers_of(documents, batch=name))


def tweets(folder: Path) -> Data:
    """Spans that at least half of those asked marked, in tweets with one."""
    asked, votes = Counter[tuple[str, str]](), defaultdict(Counter)
    for unit in rows(folder / "btc_units.jsonl.gz"):
        asked[unit["doc_id"], unit["label"]] += 1
    for span in rows(folder / "btc_spans.jsonl.gz"):
        votes[span["doc_id"]][span["start"], span["end"], span["label"]] += 1
    documents = []
    for row in rows(folder / "btc_docs.jsonl.gz"):
        name = row["doc_id"]
        spans: list[Span] = []
        for (start, end, label), count in votes[name].most_common():
            if 2 * count >= asked[name, label] and all(end <= other.start or other.end <= start for other in spans):
                spans.append(Span(start=start, end=end, label=label))
        documents.append(Document(id=name, text=row["text"], labels=(Labels(annotator="gold", spans=tuple(spans)),)))
    return with_articles(documents, "btc")


def news_targets(folder: Path) -> Data:
    """Sentences with the sentiment towards one person in each."""
    documents = [
        Document(
            id=f"{number}",
            text=row["text"],
            labels=(
                Labels(
                    annotator="gold",
                    spans=(Span(start=row["start"], end=row["end"], label="TARGET"),),
                    relations=(Relation(label=row["label"], target=0),),
                ),
            ),
        )
        for number, row in enumerate(rows(folder / "newsmtsc.jsonl.gz"))
    ]
    return with_articles(documents, "newsmtsc")


def news_stances(folder: Path) -> Data:
    """Articles with the stance towards two parties, where both workers agree."""
    answers: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in rows(folder / "biaslab_stance.jsonl.gz"):
        answers[row["doc_id"]][row["target"]].add(row["label"])
    documents = []
    for row in rows(folder / "biaslab_docs.jsonl.gz"):
        agreed = {target: labels for target, labels in answers[row["doc_id"]].items() if len(labels) == 1}
        relations = tuple(Relation(label=next(iter(labels)), target_name=name) for name, labels in agreed.items())
        documents.append(
            Document(id=row["doc_id"], text=row["text"], labels=(Labels(annotator="gold", relations=relations),))
        )
    return with_articles(documents, "biaslab")


def change(layers: Sequence[AnnotationLayer], rng: random.Random, kind: str) -> tuple[list[AnnotationLayer], Changed]:
    """Replace one label in twenty by another that the data set has; return what was changed."""
    field, label_field = ("spans", "label") if kind == "spans" else ("stances", "stance")
    items = [(layer.article_id, item.id) for layer in layers for item in getattr(layer, field)]
    labels = sorted({getattr(item, label_field) for layer in layers for item in getattr(layer, field)})
    chosen = set(rng.sample(items, round(SHARE * len(items))))

    def changed(layer: AnnotationLayer, item: Any) -> Any:
        if (layer.article_id, item.id) not in chosen:
            return item
        others = [label for label in labels if label != getattr(item, label_field)]
        return msgspec.structs.replace(item, **{label_field: rng.choice(others)})

    return [
        msgspec.structs.replace(layer, **{field: tuple(changed(layer, item) for item in getattr(layer, field))})
        for layer in layers
    ], chosen


def precision(suspects: Sequence[LabelSuspect], chosen: Changed, first: int) -> float:
    top = suspects[:first]
    return sum((one.article_id, one.item) in chosen for one in top) / max(len(top), 1)


def measure(name: str, data: Data, kind: str, seeds: int) -> Iterator[str]:
    articles, layers = data
    field = "spans" if kind == "spans" else "stances"
    total = sum(len(getattr(layer, field)) for layer in layers)
    scores: dict[int, list[float]] = {first: [] for first in FIRST}
    for seed in range(seeds):
        spoiled, chosen = change(layers, random.Random(seed), kind)
        suspects = audit_labels(articles, spoiled, only="spans" if kind == "spans" else "stances")
        for first in FIRST:
            scores[first].append(precision(suspects, chosen, first))
    means = {first: sum(found) / len(found) for first, found in scores.items()}
    cells = [f"{mean:.2f} ({mean / SHARE:.1f}x)" for mean in means.values()]
    yield f"| {name} | {kind} | {total:,} | {SHARE:.2f} | {' | '.join(cells)} |"


def table(folder: Path | None, seeds: int) -> list[str]:
    sets: list[tuple[str, Callable[[], Data], str]] = [
        ("the sample's gold (machine-made)", own_gold, "spans"),
        ("the sample's gold (machine-made)", own_gold, "stances"),
    ]
    if folder is not None:
        sets += [
            ("Broad Twitter Corpus, majority", lambda: tweets(folder), "spans"),
            ("NewsMTSC", lambda: news_targets(folder), "stances"),
            ("BiasLab, both workers agree", lambda: news_stances(folder), "stances"),
        ]
    head = ["| data | labels | number | chance | first 50 | first 100 |", "|---|---|---|---|---|---|"]
    sys.stdout.write("".join(f"{line}\n" for line in head))
    for name, load, kind in sets:
        for line in measure(name, load(), kind, seeds):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
            head.append(line)
    return head


HABITS = (
    ("one label for another (60%)", "spans", SyntheticAnnotator(name="A3", kind="biased")),
    ("two labels exchanged (90%)", "spans", SyntheticAnnotator(name="A3", kind="swapper")),
    ("an end moved by a word (60%)", "spans", SyntheticAnnotator(name="A3", kind="sloppy")),
    ("mentions at the end left out (60%)", "spans", SyntheticAnnotator(name="A3", kind="lazy")),
    ("one stance for all (60%)", "stances", SyntheticAnnotator(name="A3", kind="biased")),
    ("two stances exchanged (90%)", "stances", SyntheticAnnotator(name="A3", kind="swapper")),
    ("no habit", "spans", SyntheticAnnotator(name="A3", kind="careful")),
)
"""What the third of three annotators does, in spans or in stances; each misses 3% besides."""
NEVER = "the rarest stance is never drawn"


def habit_rows(name: str, data: Data, kind: str) -> Iterator[str]:
    """Yield how many habits are listed for each habit, and how many of the first 50 are of the one who has it."""
    articles, gold = data
    texts = {key: article.text for key, article in articles.items()}
    careful = [
        layer for one in ("A1", "A2") for layer in annotate(gold, texts, SyntheticAnnotator(name=one, kind="careful"))
    ]
    find = span_habits if kind == "spans" else stance_habits
    others = {title: annotate(gold, texts, one) for title, where, one in HABITS if where == kind or title == "no habit"}
    if kind == "stances":
        rarest = min(counts := Counter(s.stance for layer in gold for s in layer.stances), key=counts.__getitem__)
        others[NEVER] = tuple(
            msgspec.structs.replace(layer, stances=tuple(s for s in layer.stances if s.stance != rarest))
            for layer in others["no habit"]
        )
    for title, layers in others.items():
        suspects = rank_suspects(find([*careful, *layers]))[:50]
        own = sum((one.annotator or "").startswith("A3") for one in suspects)
        reason = suspects[0].reasons[0].partition(";")[0] if suspects else "nothing"
        yield f"| {name} | {title} | {own} of {len(suspects)} | {reason} |"


def habits(folder: Path) -> list[str]:
    """Return the table of habits, of data outside the sample."""
    lines = ["| data | habit of A3 | of A3 | the first reason |", "|---|---|---|---|"]
    sets = (
        ("Broad Twitter Corpus", tweets(folder), "spans"),
        ("NewsMTSC", news_targets(folder), "stances"),
        ("BiasLab", news_stances(folder), "stances"),
    )
    for name, data, kind in sets:
        for line in habit_rows(name, data, kind):
            sys.stdout.write(f"{line}\n")
            lines.append(line)
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with btc_*, newsmtsc and biaslab_* files")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--habits", action="store_true", help="only the table of habits")
    parser.add_argument("--write", action="store_true", help="write the table into docs/label-audit.md")
    options = parser.parse_args()
    if not options.habits:
        lines = table(options.data, options.seeds)
        if options.write:
            replace_block(PAGE, BEGIN, END, "\n".join(lines))
    if options.data is not None:
        lines = habits(options.data)
        if options.write:
            replace_block(PAGE, BEGIN_HABITS, END_HABITS, "\n".join(lines))


if __name__ == "__main__":
    main()
