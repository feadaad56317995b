"""How many labels that were changed at random does `goldwire audit labels` list first?

    python tests/benchmarks/bench_label_audit.py [--data DIR] [--seeds N] [--write]

One label in twenty is replaced by another at random, of this repository's own gold and of public sets on the reader's
disk; the audit then lists labels, and the share of changed ones among the first 50 and the first 100 is compared with
chance. Labels that were wrong before count as false alarms. Only the sample's gold was used to choose weights. With
`--write`, docs/label-audit.md gets the table.
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
from goldwire.label_audit.label_audit import audit_labels
from goldwire.label_audit.suspects import LabelSuspect
from goldwire.records import AnnotationLayer, Article
from goldwire.workspace import loading
from goldwire.workspace.layout import find_workspace
from support.generated_block import replace_block

SHARE = 0.05
FIRST = (50, 100)
PAGE = ROOT / "docs" / "label-audit.md"
BEGIN, END = "<!-- begin: bench_label_audit.py -->", "<!-- end: bench_label_audit.py -->"

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with btc_*, newsmtsc and biaslab_* files")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="write the table into docs/label-audit.md")
    options = parser.parse_args()
    lines = table(options.data, options.seeds)
    if options.write:
        replace_block(PAGE, BEGIN, END, "\n".join(lines))


if __name__ == "__main__":
    main()
