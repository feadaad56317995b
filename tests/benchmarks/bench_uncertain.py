"""Compare `sample --order uncertain` with a random order at equal cost: learning curves of a model, in one run.

    python tests/benchmarks/bench_uncertain.py [--seeds N] [--data DIR]

Each run starts from the same articles drawn at random, adds a batch at a time, trains the model anew and scores it on
articles that no order may take. `drawn` is what `sample` does: probabilities by uncertainty, with a floor; `highest`
takes the most uncertain articles, without known probabilities. Without options: entities of this repository's own gold.
`--data` is a folder with data from elsewhere: `btc_{docs,units,spans}.jsonl.gz`, short texts with the spans of a crowd,
and `newsmtsc.jsonl.gz`, sentences {text, start, end, target, label, split} with stances.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts")]

from goldwire.baselines import tagger
from goldwire.baselines.stance_context import stance_context
from goldwire.records import SpanLabel
from goldwire.sampling import uncertainty
from goldwire.sampling.inclusion import systematic_sample, uncertainty_probabilities
from goldwire.text.bio_tags import bio_tags
from goldwire.text.tokenization import tokens
from goldwire.workspace import loading
from goldwire.workspace.layout import find_workspace

Doubt = Callable[[list[int], list[int]], Any]  # from labelled and unlabelled items to the expected gain of each
Score = Callable[[list[int]], float]
_MAX_POOL = 1_500  # texts to choose from: each is scored anew for every batch


def curve(
    pool: Sequence[int], sizes: Sequence[int], doubt: Doubt | None, score: Score, *, is_drawn: bool = False
) -> list[float]:
    """Scores after each size, having started from the first of `pool`."""
    seen, left, scores = list(pool[: sizes[0]]), list(pool[sizes[0] :]), [score(list(pool[: sizes[0]]))]
    for size in sizes[1:]:
        number = size - len(seen)
        if doubt is None:
            places: Sequence[int] = range(number)
        elif is_drawn:
            values = np.asarray(doubt(seen, left))
            spread = values.std()
            standard = (values - values.mean()) / spread if spread else np.zeros(len(values))
            places = systematic_sample(uncertainty_probabilities(standard.tolist(), number), f"{pool[:9]} {size}")
        else:
            places = np.argsort(-doubt(seen, left), kind="stable")[:number].tolist()
        taken = [left[place] for place in places]
        seen, left = seen + taken, [item for item in left if item not in set(taken)]
        scores.append(score(seen))
    return scores


def report(name: str, sizes: Sequence[int], curves: dict[str, list[list[float]]]) -> None:
    sys.stdout.write(f"\n{name}, {len(curves['chance'])} runs; after {', '.join(map(str, sizes))} labelled\n")
    base = np.array(curves["chance"]).mean(axis=1)
    for way, found in curves.items():
        table = np.array(found)
        gain = table.mean(axis=1) - base
        better = "" if way == "chance" else f"  {gain.mean():+.4f} (better in {(gain > 0).sum()} of {len(gain)} runs)"
        values = " ".join(f"{value:.3f}" for value in table.mean(axis=0))
        sys.stdout.write(f"{way:24} {values}  mean {table.mean():.4f}{better}\n")


def spans_f1(rows: Sequence[dict[str, Any]], said: Sequence[set[tagger.TokenSpan]]) -> float:
    pairs = [(tagger.spans_of_tags(row["ner_tags"]), guess) for row, guess in zip(rows, said, strict=True)]
    both = sum(len(gold & guess) for gold, guess in pairs)
    return 2 * both / max(sum(len(gold) + len(guess) for gold, guess in pairs), 1)


def entities(
    name: str, rows: list[dict[str, Any]], shape: tuple[int, int, int], seeds: int, crowd: tuple[list[str], Any] | None
) -> None:
    """`shape`: how many are the test, how many are added at a time, how many are labelled at the end."""
    held, step, most = shape
    sizes = list(range(step, most + 1, step))
    curves: dict[str, list[list[float]]] = defaultdict(list)
    for seed in range(seeds):
        order = np.random.default_rng(seed).permutation(len(rows)).tolist()
        test = [rows[i] for i in order[:held]]

        def doubts(seen: list[int], left: list[int]) -> Any:
            return uncertainty.entity_uncertainty([rows[i] for i in seen], [rows[i] for i in left])

        def differed(seen: list[int], left: list[int]) -> Any:
            texts, values = crowd or ([], [])
            return uncertainty.expected_disagreement(
                [texts[i] for i in seen], [values[i] for i in seen], [texts[i] for i in left]
            )

        def mixed(seen: list[int], left: list[int], part: float = 0.25) -> Any:
            one, other = doubts(seen, left), differed(seen, left)
            return (one - one.mean()) / one.std() + part * (other - other.mean()) / (other.std() or 1)

        def score(seen: list[int], test: Any = test) -> float:
            return spans_f1(test, tagger.tag([rows[i] for i in seen], test))

        ways: dict[str, Doubt | None] = {"chance": None, "highest entropy": doubts}
        if crowd:
            ways |= {"disagreement": differed, "doubt and a quarter": mixed}
        for way, doubt in ways.items():
            curves[way].append(curve(order[held : held + _MAX_POOL], sizes, doubt, score))
        preferred = ways.get("doubt and a quarter", doubts)
        curves["drawn (sample)"].append(curve(order[held : held + _MAX_POOL], sizes, preferred, score, is_drawn=True))
    report(name, sizes, curves)


def own_gold(seeds: int) -> None:
    space = find_workspace(ROOT)
    articles = loading.articles(space)
    rows = []
    for layer in loading.gold(space):
        text = articles[layer.article_id].text
        cut = tokens(text)
        rows.append({"tokens": [text[s:e] for s, e in cut], "ner_tags": bio_tags(cut, layer.spans)})
    entities(f"entities of {len(rows)} articles of our own", rows, (40, 6, 60), seeds, None)


def mentions(folder: Path, seeds: int) -> None:
    docs, units, spans = (read(folder / f"btc_{name}.jsonl.gz") for name in ("docs", "units", "spans"))
    asked, votes = defaultdict(set), defaultdict(lambda: defaultdict(set))
    for unit in units:
        asked[unit["doc_id"], unit["label"]].add(unit["annotator"])
    for span in spans:
        votes[span["doc_id"]][span["start"], span["end"], span["label"]].add(span["annotator"])
    rows, texts, differed = [], [], []
    for doc in docs:
        counts = {
            place: (len(names), len(asked[doc["doc_id"], place[2]])) for place, names in votes[doc["doc_id"]].items()
        }
        gold = [
            SpanLabel(id="T1", start=s, end=e, label=label, text=doc["text"][s:e])
            for (s, e, label), (said, of) in counts.items()
            if 2 * said >= of
        ]
        cut = tokens(doc["text"])
        rows.append({"tokens": [doc["text"][s:e] for s, e in cut], "ner_tags": bio_tags(cut, gold)})
        texts.append(doc["text"])
        pairs = sum(said * (of - 1) for said, of in counts.values())
        differed.append(1 - sum(said * (said - 1) for said, _ in counts.values()) / pairs if pairs else 0.0)
    entities(f"entities of {len(rows)} short texts by a crowd", rows, (600, 100, 600), seeds, (texts, differed))


def stances(path: Path, seeds: int) -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import f1_score

    rows = read(path)
    nobody = {"holder": None, "holder_start": None, "holder_end": None}
    texts = [
        stance_context(row | nobody | {"target_start": row["start"], "target_end": row["end"]}).marked for row in rows
    ]
    labels = [row["label"] for row in rows]
    train = [i for i, row in enumerate(rows) if row["split"] == "train"]
    test = [i for i, row in enumerate(rows) if row["split"] == "devtest_mt"]
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\w+|[^\w\s]").fit(texts)
    vectors = words.transform(texts)

    def score(seen: list[int]) -> float:
        model = LogisticRegression(C=10.0, class_weight="balanced", max_iter=2_000)
        said = model.fit(vectors[seen], [labels[i] for i in seen]).predict(vectors[test])
        return float(f1_score([labels[i] for i in test], said, average="macro"))

    def doubts(seen: list[int], left: list[int]) -> Any:
        return uncertainty.stance_uncertainty(
            [texts[i] for i in seen], [labels[i] for i in seen], [texts[i] for i in left]
        )

    sizes = list(range(100, 1001, 100))
    curves: dict[str, list[list[float]]] = {"chance": [], "highest entropy": [], "drawn (sample)": []}
    for seed in range(seeds):
        pool = np.random.default_rng(seed).permutation(train).tolist()
        for way, doubt in (("chance", None), ("highest entropy", doubts), ("drawn (sample)", doubts)):
            curves[way].append(curve(pool, sizes, doubt, score, is_drawn=way.startswith("drawn")))
    report(f"stances of {len(train)} sentences, macro-F1", sizes, curves)


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    own_gold(given.seeds)
    if given.data and (given.data / "btc_docs.jsonl.gz").exists():
        mentions(given.data, given.seeds)
    if given.data and (given.data / "newsmtsc.jsonl.gz").exists():
        stances(given.data / "newsmtsc.jsonl.gz", given.seeds)


if __name__ == "__main__":
    main()
