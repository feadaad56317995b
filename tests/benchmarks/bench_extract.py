"""Compare goldwire with the main-text extractors that are installed, in one run, on any pages.

    python tests/benchmarks/bench_extract.py [PAGES.jsonl[.gz] ...] [--seed N]

A row of PAGES is a page with its gold text: {html, gold_text}, or {raw_text, gold_text} for a page's text as a scraper
dumped it, which no other tool reads: there goldwire is compared with the best contiguous block and the whole page.
Default: the repository's own corpus. Prints macro precision, recall and F1 over word 4-grams (the measure of the public
article-extraction benchmark) with the 95% interval of F1 (2,000 bootstrap samples of pages), pages per second of
processor time, and that speed as a ratio. Of goldwire, `body` is scored: the gold has the paragraphs, and neither
headline nor captions.

goldwire was trained on pages of its own, and its rules were written with this corpus in view: its scores on those mean
little. train_html.py and train_zones.py report its scores on sites that it has not seen.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from timing import print_reasons

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests"), str(Path(__file__).parent)]

from networks import recorded_scores
from peers import PeerProcess, UnavailableError

from goldwire.extraction.api import extract, extract_texts, prepare_text
from goldwire.extraction.network import BLOCKS, LINES
from goldwire.extraction.plaintext import boilerplate
from goldwire.ingestion import readers
from goldwire.text import encodings
from goldwire.workspace import sources
from goldwire.workspace.layout import find_workspace
from support import reference_corpus
from support.article_score import ngrams, precision_recall, print_line

BOOTSTRAP_SAMPLES = 2_000
ROUNDS = 3
BATCH = 64
REFERENCE = {"html": "trafilatura", "raw_text": "goldwire"}
Tool = Callable[[str], str]


def block(page: str) -> str:
    """Return the contiguous block of lines with the greatest score: the best rule published for text dumps."""
    lines = [line.strip() for line in page.split("\n") if line.strip()]
    best = total = 0.0
    first, span = 0, (0, 0)
    for index, line in enumerate(lines):
        words = line.count(" ") + 1
        total, first = (total, first) if total > 0 else (0.0, index)
        total += min(words, 80) if line[-1] in '.!?”"' and words > 4 else (words if words >= 25 else -6)
        if total > best:
            best, span = total, (first, index + 1)
    return "\n".join(lines[slice(*span)])


SMALL = 20_000  # characters of a page
_FIXED_COST = (
    "on pages of a few kB most of the time does not depend on the page's size: numpy's calls for the features of "
    "blocks, two networks, and the verdict of resiliparse, which is one of the features."
)
SMALL_PAGES = dict.fromkeys(
    ("trafilatura", "trafilatura fast", "trafilatura precision", "trafilatura recall", "readability-lxml", "jusText"),
    _FIXED_COST,
)
"""Why goldwire takes longer on small pages."""

REASONS = {
    "resiliparse": "it is compiled, and decides by tags, names of classes and links.",
    "rs-trafilatura": "it is compiled: the rules of trafilatura, and a classifier of page types.",
}
"""Why goldwire takes longer on pages of any size."""


TEXT_REASONS = {
    "best block": "a score per line, without a model: it keeps menus inside the block, and loses what is outside.",
    "whole page": "it does nothing.",
}
"""Why goldwire takes longer on text dumps."""


def text_tools() -> Iterator[tuple[str, Tool]]:
    yield "goldwire", lambda page: extract(page).body
    yield "best block", block
    yield "whole page", lambda page: page


def html_tools() -> Iterator[tuple[str, Tool]]:
    """Yield the extractors that are installed, with their names."""
    yield "goldwire", lambda page: extract(page, "html").body
    try:
        import trafilatura

        yield "trafilatura", lambda page: trafilatura.extract(page, include_comments=False) or ""
        yield "trafilatura fast", lambda page: trafilatura.extract(page, include_comments=False, fast=True) or ""
        yield (
            "trafilatura precision",
            lambda page: trafilatura.extract(page, include_comments=False, favor_precision=True) or "",
        )
        yield (
            "trafilatura recall",
            lambda page: trafilatura.extract(page, include_comments=False, favor_recall=True) or "",
        )
    except ImportError:
        pass
    try:
        from lxml import html
        from readability import Document

        yield "readability-lxml", lambda page: html.fromstring(Document(page).summary()).text_content()
    except ImportError:
        pass
    try:
        import justext

        stops = justext.get_stoplist("English")
        yield (
            "jusText",
            lambda page: "\n".join(part.text for part in justext.justext(page, stops) if not part.is_boilerplate),
        )
    except ImportError:
        pass
    try:
        from resiliparse.extract.html2text import extract_plain_text

        yield "resiliparse", lambda page: extract_plain_text(page, main_content=True)
    except ImportError:
        pass
    if find_spec("newspaper"):
        yield "newspaper4k", newspaper_text


def peer_tools() -> Iterator[tuple[str, Tool | str]]:
    """Yield the extractors that run in environments of their own, or why they do not."""
    try:
        with PeerProcess("rs-trafilatura") as extractor:
            yield "rs-trafilatura", extractor
    except UnavailableError as error:
        yield "rs-trafilatura", str(error)


def newspaper_text(page: str) -> str:
    """Return the text that newspaper4k extracts, for an address that it does not fetch.

    By default it downloads the pictures of a page to choose one: 12 seconds for a page of WCXB, .2 without.
    """
    import newspaper

    return str(newspaper.article("https://example.org/", input_html=page, fetch_images=False).text)


def f1(scores: np.ndarray) -> np.ndarray:
    """Return the F1 of the mean precision and recall, which are the last axis of `scores`."""
    precision, recall = scores[..., 0].mean(-1), scores[..., 1].mean(-1)
    return 2 * precision * recall / np.maximum(precision + recall, 1e-9)


def run(tool: Tool, pages: list[str]) -> tuple[list[str], float, int]:
    """Return a tool's texts, its pages per second (each page's best of three), and on how many pages it failed."""
    texts, best = [""] * len(pages), np.full(len(pages), np.inf)
    failed = set()
    clock = tool.clock if isinstance(tool, PeerProcess) else time.process_time
    for place in [*range(len(pages))] * ROUNDS:
        start = clock()
        try:
            texts[place] = tool(pages[place])
        except Exception:  # noqa: BLE001 - a tool that fails on a page has extracted nothing
            failed.add(place)
        best[place] = min(best[place], clock() - start)
    return texts, len(pages) / best.sum(), len(failed)


def batch_speed(pages: list[str], reference: float) -> str:
    """Return how fast goldwire extracts text pages 64 at a time, as ingest does, with an empty cache of lines."""
    boilerplate.match_boilerplate.cache_clear()
    start = time.process_time()
    for first in range(0, len(pages), BATCH):
        list(extract_texts([prepare_text(page) for page in pages[first : first + BATCH]]))
    speed = len(pages) / (time.process_time() - start)
    return f"  {'goldwire, 64 at a time':22} {speed:66.1f} pages/s {speed / reference:5.2f}x"


def report(rows: list[dict[str, str]], seed: int) -> Iterator[str]:
    kind = "html" if "html" in rows[0] else "raw_text"
    pages, gold = [row[kind] for row in rows], [ngrams(row["gold_text"]) for row in rows]
    samples = np.random.default_rng(seed).integers(len(rows), size=(BOOTSTRAP_SAMPLES, len(rows)))
    lines, missing, reference = [], [], 0.0
    tools: Iterator[tuple[str, Tool | str]] = chain(html_tools(), peer_tools()) if kind == "html" else text_tools()
    for name, tool in tools:
        if isinstance(tool, str):
            missing.append(f"  {name:22} not run: {tool}")
            continue
        run(tool, pages[:2])  # what it loads on first use
        texts, speed, failed = run(tool, pages)
        scores = np.array([precision_recall(text, true) for text, true in zip(texts, gold, strict=True)])
        low, high = np.quantile(f1(scores[samples]), (0.025, 0.975))
        reference = speed if name == REFERENCE[kind] else reference
        lines.append((name, float(f1(scores)), low, high, *scores.mean(0), speed, failed))
    seconds = {name: 1 / speed for name, *_, speed, _ in lines}
    for name, value, low, high, precision, recall, speed, failed in lines:
        ratio = f"{speed / reference:5.2f}x" if reference else ""
        note = f"  failed on {failed}" if failed else ""
        yield (
            f"  {name:22} F1 {value:.4f} [{low:.4f}, {high:.4f}]  P {precision:.4f}  R {recall:.4f}"
            f"  {speed:6.1f} pages/s {ratio}{note}"
        )
    yield from missing
    reasons = TEXT_REASONS
    if kind == "raw_text":
        yield batch_speed(pages, reference)
    else:
        is_small = sum(map(len, pages)) < SMALL * len(pages)
        reasons = REASONS | (SMALL_PAGES if is_small else {})
    print_reasons(seconds["goldwire"], seconds, reasons)


def own_rows(*kinds: str) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Return the corpus' records of some kinds, HTML and text apart, with the paragraphs in corpus/truth/."""
    workspace = find_workspace(ROOT, explicit=True)
    known = sources.read_sources(workspace.sources)
    truth = {
        (row.file, row.record): row for row in reference_corpus.read_truth(ROOT / "corpus/truth") if row.kind in kinds
    }
    rows: dict[str, list[dict[str, str]]] = {"html": [], "raw_text": []}
    for folder in sorted(path for path in workspace.raw.iterdir() if path.is_dir()):
        for path in readers.raw_files(folder):
            for record in readers.read_records(path, known[folder.name].fields, known[folder.name].encoding):
                row = truth.get((workspace.relative(path), record.row))
                if row is not None and isinstance(record, readers.RawRecord):
                    field = "html" if record.kind == "html" else "raw_text"
                    page, _ = encodings.decode(record.data, record.charset, markup=field == "html")
                    rows[field].append({field: page, "gold_text": "\n\n".join(row.paragraphs)})
    return iter((f"corpus, {field}", pages) for field, pages in rows.items() if pages)


def read(path: Path) -> list[dict[str, str]]:
    data = path.read_bytes()
    return [json.loads(line) for line in (gzip.decompress(data) if path.suffix == ".gz" else data).splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pages", type=Path, nargs="*")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for name, rows in ((path.name, read(path)) for path in options.pages) if options.pages else own_rows("article"):
        print_line(f"{name}: {len(rows)} pages")
        for line in report(rows, options.seed):
            print_line(f"{line}")
        for path in (path for path in options.pages if path.name == name):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            for line in filter(None, (recorded_scores(weights, digest) for weights in (LINES, BLOCKS))):
                print_line(f"  goldwire, sites unseen  {line}")


if __name__ == "__main__":
    main()
