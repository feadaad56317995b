"""Train the networks for HTML blocks on sets of pages with gold text, and evaluate them on unseen sets and sites.

    python tests/benchmarks/train_html.py PAGES.jsonl.gz [PAGES.jsonl.gz ...] [--unlabelled PAGES.jsonl.gz]
        [--folds FOLDER [--score]] [--write]

A row of PAGES is a page: {html, gold_text} and, if known, `url`, `id`, `with` and `without` (segments that an
extraction must have, and must not have). Prints 4-gram precision, recall and F1, and how many pages have less than 5%
of their gold,

- of each set, by networks that were trained on the other sets, without the sites of this one;
- of each set, over five folds by site of all sets (all pages of a site are in one fold).

The pages of --unlabelled, {html} and, if known, `url`, need no gold text (package_pages.py collects such pages):
networks that were trained on the other pages label them, and the networks proper are trained on all pages. In each
fold, those that label have not seen the pages that are scored either. In an experiment, 557 such pages raised F1 on
the unseen sets from .961, .940 and .933 to .966, .943 and .934.

The sets differ in what they count as article (headline, byline, captions): each set has an indicator in training, and
the networks keep the convention of the first set, to which the indicators are fixed when these are trained. The
repository's own pages are used in training, but not to evaluate. `--write` trains on all pages and writes the weights
of blocks and the coefficients of confidence, with the digest of the data and the scores.

A training takes about ten minutes of processor time. `--folds` keeps its networks, and a training that is interrupted
goes on from there; `--score` scores them again, after a change of the rules that select blocks, in a minute. With
`--score --write` only the scores that the weights record are replaced.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import pickle
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from multiprocessing import Pool
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import msgspec
import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests"), str(Path(__file__).parent)]

from bench_extract import own_rows
from networks import WEIGHTS, TrainingOptions, save_arrays, save_network, train
from training_pages import Page, jobs, load_page, read_rows

from goldwire.errors import DataError
from goldwire.extraction.html.confidence import CONFIDENCE, confidence_features
from goldwire.extraction.html.decoding import choose_blocks
from goldwire.extraction.network import BLOCKS, Network
from support.article_score import macro_scores, precision_recall, print_line, segment_scores
from support.layouts import layout_pages

FOLDS, VARIANTS, PAGES_PER_LAYOUT = 5, 1, 8
OWN = "own"
SEED = 0
OPTIONS = TrainingOptions(units=16, networks=6, epochs=7, batch=512, rate=3e-3, decay=1e-3, dropout=0.5)
SET_WEIGHTS = {"html": 1.4}  # pages of news weigh more: F1 on them is .976 at 1; at 2, F1 on the other sets falls
LABEL_OPTIONS = OPTIONS._replace(networks=12)  # of the networks that label pages: their speed does not matter
COLLAPSED = 0.05  # of the gold's n-grams
FAILED, LOW = 0.5, 0.7  # F1 and confidence; the latter is the least that `ingest` asks of a small part of a page


def fit(pages: Sequence[Page], conventions: Sequence[str], seed: int) -> Network:
    """Train networks on pages, with labels of their own for pages that have none."""
    labelled = [page for page in pages if page.has_gold]
    labels = {id(page): page.is_body for page in labelled}
    if len(labelled) < len(pages):
        network = fit_labelled(labelled, labels, conventions, LABEL_OPTIONS, seed)
        labels |= {id(page): page.choice(page.predicted(network)) for page in pages if not page.has_gold}
    return fit_labelled(pages, labels, conventions, OPTIONS, seed)


def fit_labelled(
    pages: Sequence[Page],
    labels: Mapping[int, np.ndarray],
    conventions: Sequence[str],
    options: TrainingOptions,
    seed: int,
) -> Network:
    """Train networks on pages; the convention of the first set is that of the networks."""
    random = np.random.default_rng(seed)
    parts = [page.examples(labels[id(page)], random) for page in pages]
    counts = Counter(page.convention for page in pages)
    # Sets weigh by the root of their pages: else the conventions of the largest decide.
    set_weights = {name: SET_WEIGHTS.get(name, 1) / np.sqrt(count) for name, count in counts.items()}
    weights = np.concatenate([w * set_weights[page.convention] for page, (*_, w) in zip(pages, parts, strict=True)])
    features, is_body = (np.concatenate([part[column] for part in parts]) for column in (0, 1))
    indicators = np.zeros((len(conventions), len(conventions)), np.float32)
    np.fill_diagonal(indicators, 1)
    codes = dict(zip(conventions, indicators, strict=True))
    reference = codes[conventions[0]]
    rows = [
        np.tile(codes.get(page.convention, reference), (len(part[1]), 1))
        for page, part in zip(pages, parts, strict=True)
    ]
    network = train(np.hstack((features, np.concatenate(rows))), is_body, weights, options, seed)
    return without_indicators(network, reference)


def without_indicators(network: Network, reference: np.ndarray) -> Network:
    """Fix the last inputs of a network to these values: they become part of its biases."""
    count = len(network.mean) - len(reference)
    standard = (reference - network.mean[count:]) * network.inverse_std[count:]
    return Network(
        network.mean[:count],
        network.inverse_std[:count],
        network.hidden_weights[:count],
        (network.hidden_biases + standard @ network.hidden_weights[count:]).astype(np.float32),
        network.output_weights,
        network.output_biases,
    )


class Split(msgspec.Struct):
    """Pages to train on and to score, as indices, and the seed; `name` is that of the file of its networks."""

    name: str
    train: list[int]
    test: list[int]
    conventions: list[str]
    seed: int


PAGES: list[Page] = []  # shared with the worker processes, which are forked


def evaluate(split: Split, folder: Path | None = None) -> list[np.ndarray]:
    """Return the probabilities of the blocks of the test pages, by networks from a folder if they are there."""
    file = None if folder is None else network_file(folder, split)
    if file is not None and file.is_file():
        network = read_network(file)
    else:
        network = fit([PAGES[index] for index in split.train], split.conventions, split.seed)
        if file is not None:
            save_network(network, str(file.absolute()))
    return [PAGES[index].predicted(network) for index in split.test]


def network_file(folder: Path, split: Split) -> Path:
    """Return the file of the networks of a split."""
    return folder / f"{split.name}.npz"


def read_network(file: Path) -> Network:
    """Read networks that `save_network` wrote."""
    with np.load(file) as arrays:
        return Network(*(arrays[name] for name in Network.__struct_fields__))


def splits(conventions: Sequence[str], by: str) -> list[Split]:
    """Return the splits by set or by site: no page is scored by networks that have seen its set, or its site.

    Pages of other sets than `conventions`, which are not scored, are in training unless they are of a site that is.
    """
    scored = [n for n, page in enumerate(PAGES) if not page.is_variant and page.convention in conventions]
    sites_of = {name: {PAGES[n].site for n in scored if PAGES[n].convention == name} for name in conventions}
    if by == "set":
        return [
            Split(
                f"set-{name}",
                [n for n, page in enumerate(PAGES) if page.convention != name and page.site not in sites_of[name]],
                [n for n in scored if PAGES[n].convention == name],
                [other for other in conventions if other != name],
                0,
            )
            for name in conventions
        ]
    sites = sorted({page.site for page in PAGES if page.convention in conventions})
    np.random.default_rng(0).shuffle(sites)
    fold = {site: number % FOLDS for number, site in enumerate(sites)}
    return [
        Split(
            f"sites-{number}",
            [n for n, page in enumerate(PAGES) if fold.get(page.site) != number],
            [n for n in scored if fold[PAGES[n].site] == number],
            list(conventions),
            number,
        )
        for number in range(FOLDS)
    ]


def report(title: str, predicted: dict[int, np.ndarray], conventions: Sequence[str]) -> dict[str, dict[str, float]]:
    """Print and return the scores of each set."""
    scores: dict[str, dict[str, float]] = {}
    for name in conventions:
        pages = [(PAGES[n], probability) for n, probability in predicted.items() if PAGES[n].convention == name]
        if not pages:
            continue
        texts = [page.body(page.choice(probability), probability) for page, probability in pages]
        each = [precision_recall(text, page.gold) for text, (page, _) in zip(texts, pages, strict=True)]
        values = (*macro_scores(each), len(each), sum(recall < COLLAPSED for _, recall in each))
        scores[name] = dict(zip(("precision", "recall", "f1", "pages", "collapsed"), values, strict=True))
        if any(required for page, _ in pages for required in page.segments):
            scores[name]["segment_f1"] = segment_scores(texts, (page.segments for page, _ in pages))[2]
        print_line(f"{title}, {name}: " + ", ".join(f"{key} {value:.4g}" for key, value in scores[name].items()))
    return scores


def confidence_rows(predicted: dict[int, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the confidence features of pages, and their F1."""
    features, f1 = [], []
    for number, probability in predicted.items():
        page = PAGES[number]
        choice = choose_blocks(probability, page.n_words)
        groups = page.described.groups
        features.append(confidence_features(probability, choice, page.verdicts, groups.weight, groups.prose))
        precision, recall = precision_recall(page.body(choice.is_chosen, probability), page.gold)
        f1.append(2 * precision * recall / max(precision + recall, 1e-9))
    return np.stack(features), np.array(f1)


def fit_confidence(features: np.ndarray, f1: np.ndarray) -> np.ndarray:
    """Return the intercept and the coefficients that estimate a page's F1, by least squares."""
    return np.linalg.lstsq(np.column_stack((np.ones(len(f1)), features)), f1)[0]


def report_confidence(features: np.ndarray, f1: np.ndarray, sets: np.ndarray) -> str:
    """Print and return how well confidence estimates F1, by coefficients that were fitted to the other sets."""
    estimate = np.zeros(len(f1))
    for name in set(sets.tolist()):
        intercept, *slopes = fit_confidence(features[sets != name], f1[sets != name])
        estimate[sets == name] = np.clip(intercept + features[sets == name] @ np.array(slopes), 0, 1)
    lines = []
    edges = (0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.01)
    for low, high in pairwise(edges):
        inside = (estimate >= low) & (estimate < high)
        if inside.any():
            means = f"estimated {estimate[inside].mean():.3f} true {f1[inside].mean():.3f}"
            lines.append(f"{low}-{min(high, 1)}: n {inside.sum()} {means}")
    failed, is_low = f1 < FAILED, estimate < LOW
    lines.append(
        f"below {LOW} are {is_low[failed].mean():.0%} of the {failed.sum()} pages with an F1 under {FAILED} "
        f"and {is_low[~failed].mean():.1%} of the others"
    )
    correlation = np.corrcoef(estimate, f1)[0, 1]
    text = f"confidence: mean error {np.abs(estimate - f1).mean():.4f}, correlation {correlation:.3f}; " + "; ".join(
        lines
    )
    print_line(text)
    return text


def set_name(path: Path) -> str:
    """Return the name of a set of pages."""
    return path.name.partition(".")[0].removeprefix("extraction_")


def load_scored(paths: Sequence[Path], processes: int) -> list[str]:
    """Fill `PAGES` with the pages that are scored, and return the names of their sets."""
    names = [set_name(path) for path in paths]
    todo = [job for name, path in zip(names, paths, strict=True) for job in jobs(read_rows(path), name, 0)]
    load_pages(todo, processes)
    return names


def load_pages(todo: Sequence[tuple[dict[str, str], str, int | None]], processes: int) -> None:
    """Add pages to `PAGES`."""
    with Pool(processes) as pool:
        PAGES.extend(page for page in pool.imap(load_page, todo, chunksize=4) if page is not None)


def load(paths: Sequence[Path], unlabelled: Sequence[Path], cache: Path | None, processes: int) -> list[str]:
    """Fill `PAGES` with all pages and their variants, and return the names of the sets that are scored."""
    names = [set_name(path) for path in paths]
    if cache is not None and cache.is_file():
        PAGES.extend(pickle.loads(cache.read_bytes()))
        return names
    own = [row for _, rows in own_rows("article") for row in rows if "html" in row]
    own += [{"html": page.html, "gold_text": page.gold_text} for page in layout_pages(PAGES_PER_LAYOUT)]
    own = [{**row, "url": f"http://page-{number}.own.invalid"} for number, row in enumerate(own)]
    sets = [*((set_name(path), read_rows(path)) for path in (*paths, *unlabelled)), (OWN, own)]
    todo = [job for name, rows in sets for job in jobs(rows, name, VARIANTS * (name != OWN))]
    load_pages(todo, processes)
    if cache is not None:
        cache.write_bytes(pickle.dumps(PAGES, protocol=5))
    return names


def parallel(function: Callable[[Split], list[np.ndarray]], work: list[Split], processes: int) -> dict[int, np.ndarray]:
    """Return the probabilities of the test pages of all splits."""
    predicted: dict[int, np.ndarray] = {}
    with Pool(processes) as pool:
        for split, result in zip(work, pool.imap(function, work), strict=True):
            predicted.update(zip(split.test, result, strict=True))
    return predicted


def scores_of(names: Sequence[str], folder: Path | None, processes: int) -> tuple[str, np.ndarray, np.ndarray, str]:
    """Score the pages by networks that have not seen their set, or their site.

    Returns the scores as JSON, the confidence features and the F1 of the pages of unseen sites, and how well
    confidence estimates that F1.
    """
    best = {n: page.is_body.astype(float) for n, page in enumerate(PAGES) if page.has_gold and not page.is_variant}
    report("the best selection of blocks", best, names)
    function, scores = partial(evaluate, folder=folder), {}
    if len(names) > 1:
        scores["sets"] = report("unseen sets", parallel(function, splits(names, "set"), processes), names)
    predicted = parallel(function, splits(names, "site"), processes)
    scores["sites"] = report("unseen sites", predicted, names)
    features, f1 = confidence_rows(predicted)
    calibration = report_confidence(features, f1, np.array([PAGES[n].convention for n in predicted]))
    return json.dumps(scores), features, f1, calibration


def replace_scores(weights: str, digest: str, scores: str) -> None:
    """Replace the scores that weights record."""
    with np.load(WEIGHTS / weights) as file:
        arrays = {name: file[name] for name in file.files}
    if str(arrays["data_sha256"]) != digest:
        raise DataError(f"{weights} were trained on other pages")
    save_arrays(weights, arrays | {"scores": np.array(scores)})


def options_of_command() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pages", type=Path, nargs="+")
    parser.add_argument("--unlabelled", type=Path, nargs="*", default=[], help="pages without gold text")
    parser.add_argument("--folds", type=Path, help="folder of the folds' networks; those in it are not trained again")
    parser.add_argument("--score", action="store_true", help="score the networks in --folds; train none")
    parser.add_argument("--write", action="store_true", help="write the weights; with --score, their scores alone")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of the written networks (default: {SEED})")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--cache", type=Path, help="file for the analyzed pages, which is read if it exists")
    options = parser.parse_args()
    if options.score:
        if options.folds is None:
            parser.error("--score needs --folds")
        names = [*(f"set-{set_name(path)}" for path in options.pages), *(f"sites-{n}" for n in range(FOLDS))]
        if absent := [name for name in names if not (options.folds / f"{name}.npz").is_file()]:
            parser.error(f"{options.folds} has no {', '.join(absent)}: train first, without --score")
    return options


def main() -> None:
    options = options_of_command()
    if options.folds is not None:
        options.folds.mkdir(parents=True, exist_ok=True)
    if options.score:
        names = load_scored(options.pages, options.jobs)
    else:
        names = load(options.pages, options.unlabelled, options.cache, options.jobs)
    print_line(f"{len(PAGES)} pages, {sum(len(page.texts) for page in PAGES)} blocks")
    scores, features, f1, calibration = scores_of(names, options.folds, options.jobs)
    if not options.write:
        return
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in (*options.pages, *options.unlabelled))).hexdigest()
    if options.score:
        replace_scores(BLOCKS, digest, scores)
        replace_scores(CONFIDENCE, digest, calibration)
        return
    provenance = {"made_by": "tests/benchmarks/train_html.py", "data_sha256": digest}
    save_network(fit(PAGES, names, options.seed), BLOCKS, **provenance, scores=scores)
    save_arrays(CONFIDENCE, {"coefficients": fit_confidence(features, f1)}, **provenance, scores=calibration)


if __name__ == "__main__":
    main()
