"""Write docs/extraction.md: how well goldwire extracts HTML, beside other extractors, with the speed of each.

    python tests/benchmarks/document_extraction.py PAGES.jsonl.gz [...] [--out docs/extraction.md] [--own]
        [--speed] [--forms FOLDER]

PAGES are the sets that train_html.py trained on: the scores of goldwire are those that the weights record, on sets and
on sites that the networks had not seen. Those of the other extractors, and the speed of all, are measured here; with
`--own`, after a training, they stay as the document has them. `--speed` measures the speed again (four minutes) and
writes nothing else. FOLDER is the unpacked package Formasaurus 0.10.0 (PyPI), whose test data has 950 pages with their
addresses; those at the address of a front page are a kind of page.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from types import FrameType
from typing import NoReturn
from urllib.parse import urlsplit

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests"), str(Path(__file__).parent)]

from bench_extract import Tool, html_tools, peer_tools
from networks import WEIGHTS
from training_pages import read_rows

from goldwire.extraction.api import extract
from goldwire.extraction.html.confidence import CONFIDENCE
from goldwire.extraction.network import BLOCKS
from goldwire.text import encodings
from support.article_score import macro_scores, ngrams, precision_recall, print_line, segment_scores
from support.layouts import layout_pages
from support.page_kinds import pages_of_other_kinds

COLLAPSED = 0.05  # of the gold's n-grams
FRONT_PATH = re.compile(r"/?(?:(?:index|default|home|main)(?:\.\w+)?/?)?", re.I)
LAYOUT_SEED, PAGES_PER_LAYOUT = 1_000, 10  # pages that were not in training
INTRODUCTION = """# Extraction from HTML

Written by `tests/benchmarks/document_extraction.py`. Scores are macro precision, recall and F1 over
word 4-grams. The rows of goldwire are of pages whose whole set, or whose site, its networks had not
seen; its rules were chosen by their effect on these pages. Other extractors run with their defaults
where nothing else is said, and without a network: newspaper4k downloads no pictures. A page that
takes an extractor more than {page_seconds} seconds of processor time counts as empty."""
SPEED = """## Speed

Processor time of {pages} pages, {each} of each set, as a multiple of that of trafilatura's fast
mode without comments: all pages by one extractor after the other, {passes} times, the best time of
each page. First in one process, then with a process for each extractor. Trafilatura's modes leave
comments out here, as for the scores, except in one row: by default, trafilatura extracts comments."""
FAST, FAST_WITH_COMMENTS = "trafilatura fast", "trafilatura fast, with comments"
PASSES = 2  # over the pages, for the speed
CONFIDENCE_TITLE = """## Confidence

Estimated by coefficients that were fitted to the other sets, against the true F1."""
SPEED_PAGES = 67  # of each set
PAGE_SECONDS = 10  # of processor time, for one page
Row = tuple[str, ...]


def table(header: Row, rows: Sequence[Row]) -> str:
    """Return a Markdown table."""
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def recorded(weights: str) -> str:
    """Return the scores that weights record."""
    with np.load(WEIGHTS / weights) as arrays:
        return str(arrays["scores"])


class PageTimeoutError(BaseException):
    """A page takes too long. No `except Exception` of a tool catches it."""


def stop_page(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise PageTimeoutError


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `PageTimeoutError` once the process has worked this long; the time that it waits does not count."""
    before = signal.signal(signal.SIGPROF, stop_page)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def extracted(tool: str, function: Tool, pages: Sequence[str]) -> tuple[list[str], int]:
    """Return the texts that a tool extracts, and how many pages took too long.

    A tool that fails on a page, or that takes too long, has extracted nothing.
    """
    texts, n_stopped = [""] * len(pages), 0
    for number, page in enumerate(pages):
        try:
            with time_limit(PAGE_SECONDS):
                texts[number] = function(page)
        except PageTimeoutError:
            n_stopped += 1
        except Exception:  # noqa: BLE001
            continue
    print_line(f"{tool}: {len(texts)} pages")
    return texts, n_stopped


def section(document: str, heading: str) -> str:
    """Return the text below a heading of a document, up to the next."""
    return re.split(r"\n#+ ", document.split(f" {heading}\n", 1)[1], maxsplit=1)[0].strip()


def set_table(name: str, rows: list[dict[str, str]], old: str) -> str:
    """Return the table of one set of pages; the rows of other extractors are those of the old document, if given."""
    heading = f"{name}, {len(rows)} pages"
    pages, gold = [row["html"] for row in rows], [ngrams(row["gold_text"]) for row in rows]
    segments = [(row.get("with") or (), row.get("without") or ()) for row in rows]
    has_segments = any(required for required, _ in segments)
    own = json.loads(recorded(BLOCKS))
    keys = ("precision", "recall", "f1", "collapsed")
    lines = [
        (f"goldwire, unseen {by}", *(own[by][name][key] for key in keys), own[by][name].get("segment_f1"))
        for by in ("sets", "sites")
    ]
    stopped = []
    for tool, function in () if old else chain(html_tools(), peer_tools()):
        if tool != "goldwire" and not isinstance(function, str):  # a reason why the tool cannot run
            texts, n_stopped = extracted(tool, function, pages)
            if n_stopped:
                stopped.append(f"{tool} on {n_stopped} pages")
            scores = [precision_recall(text, true) for text, true in zip(texts, gold, strict=True)]
            collapsed = sum(recall < COLLAPSED for _, recall in scores)
            lines.append((tool, *macro_scores(scores), collapsed, segment_scores(texts, segments)[2]))
    header = ("extractor", "F1", "P", "R", "pages under 5%", *(("F1 of segments",) if has_segments else ()))
    body = [
        (
            *(tool, f"{f1:.4f}", f"{precision:.4f}", f"{recall:.4f}", str(collapsed)),
            *((f"{segment:.4f}" if segment is not None else "",) if has_segments else ()),
        )
        for tool, precision, recall, f1, collapsed, segment in lines
    ]
    others = [line for line in section(old, heading).split("\n")[2:] if "goldwire" not in line] if old else []
    note = (f"\nStopped after {PAGE_SECONDS} seconds: {', '.join(stopped)}.",) if stopped else ()
    return "\n".join((f"### {heading}\n\n{table(header, body)}", *others, *note))


def speed_tools() -> dict[str, Tool]:
    """Return the extractors whose time is measured: names and functions."""
    import trafilatura

    tools: dict[str, Tool] = {}
    for name, function in html_tools():
        tools[name] = function
        if name == FAST:
            tools[FAST_WITH_COMMENTS] = lambda page: trafilatura.extract(page, fast=True) or ""
    return tools


@cache
def speed_pages(paths: tuple[Path, ...]) -> list[str]:
    """Return the pages for the speed, some of each set."""
    return [row["html"] for path in paths for row in read_rows(path)[:SPEED_PAGES]]


def page_seconds(tool: str, paths: tuple[Path, ...]) -> list[float]:
    """Return the processor time that an extractor takes for each page."""
    function, seconds = speed_tools()[tool], []
    gc.collect()
    gc.freeze()  # garbage of other extractors in the same process
    for page in speed_pages(paths):
        start = time.process_time()
        with suppress(Exception):
            function(page)
        seconds.append(time.process_time() - start)
    return seconds


def total_seconds(tools: Sequence[str], one_pass: Callable[[str], list[float]]) -> dict[str, float]:
    """Return each extractor's time for all pages, the best of each page over passes in turns."""
    # In turns pass by pass, and not page by page, where each one starts with the caches of the others.
    passes = [{tool: one_pass(tool) for tool in tools} for _ in range(PASSES)]
    return {tool: sum(map(min, *(times[tool] for times in passes))) for tool in tools}


def speed_table(paths: tuple[Path, ...]) -> str:
    """Return the table of processor times, in one process and with a process for each extractor."""
    tools = list(speed_tools())
    together = total_seconds(tools, lambda tool: page_seconds(tool, paths))
    with ExitStack() as stack:
        pools = {tool: stack.enter_context(ProcessPoolExecutor(1, get_context("spawn"))) for tool in tools}
        alone = total_seconds(tools, lambda tool: pools[tool].submit(page_seconds, tool, paths).result())
    introduction = SPEED.format(pages=len(speed_pages(paths)), each=SPEED_PAGES, passes=PASSES)
    rows = [(tool, *(f"{times[tool] / times[FAST]:.2f}" for times in (together, alone))) for tool in tools]
    return f"{introduction}\n\n{table(('extractor', 'in one process', 'in its own process'), rows)}"


def layout_table() -> str:
    """Return the table of the invented layouts."""
    scores: dict[str, list[tuple[float, float]]] = {}
    for page in layout_pages(PAGES_PER_LAYOUT, LAYOUT_SEED):
        text = extract(page.html, "html").body
        scores.setdefault(page.layout, []).append(precision_recall(text, ngrams(page.gold_text)))
    rows = [
        (layout, *(f"{value:.4f}" for value in (macro[2], *macro[:2])))
        for layout, macro in ((layout, macro_scores(of_layout)) for layout, of_layout in scores.items())
    ]
    return table(("layout", "F1", "P", "R"), rows)


def front_pages(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the front pages in the test data of Formasaurus: their HTML and address."""
    data = folder / "formasaurus" / "data"
    for name, facts in json.loads((data / "index.json").read_text(encoding="utf-8")).items():
        address = urlsplit(facts["url"])
        if FRONT_PATH.fullmatch(address.path) and not address.query:
            with suppress(UnicodeDecodeError):
                yield encodings.decode((data / name).read_bytes(), markup=True)[0], facts["url"]


def kind_table(paths: Sequence[Path], forms: Path | None) -> str:
    """Return the table of the kinds of pages: invented ones of other kinds, and real front pages and articles."""
    counts: dict[str, Counter[str]] = {}
    for html, url in front_pages(forms) if forms else ():
        kind = extract(html, "html", url=url).page_kind
        counts.setdefault("front page (real pages)", Counter())[kind] += 1
    for kind, html, url in pages_of_other_kinds():
        counts.setdefault(kind, Counter())[extract(html, "html", url=url).page_kind] += 1
    for path in paths:
        for row in read_rows(path):
            kind = extract(row["html"], "html", url=row.get("url")).page_kind
            counts.setdefault("article (real pages)", Counter())[kind] += 1
    rows = [
        (kind, str(found.total()), ", ".join(f"{number} {name}" for name, number in found.most_common()))
        for kind, found in counts.items()
    ]
    return table(("kind", "pages", "recognized as"), rows)


def sections(paths: tuple[Path, ...], old: str, forms: Path | None) -> Iterator[str]:
    """Yield the sections of the document."""
    yield INTRODUCTION.format(page_seconds=PAGE_SECONDS)
    for path in paths:
        yield set_table(path.name.partition(".")[0].removeprefix("extraction_"), read_rows(path), old)
    yield f"## Speed\n\n{section(old, 'Speed')}" if old else speed_table(paths)
    yield "## Invented layouts\n\nPages with seeds that were not in training.\n\n" + layout_table()
    yield "## Kinds of pages\n\n" + kind_table(paths, forms)
    calibration = "\n".join(f"- {part.strip()}" for part in re.split("[:;] (?=mean|\\d)|; ", recorded(CONFIDENCE))[1:])
    yield (
        "## Confidence\n\nEstimated by coefficients that were fitted to the other sets, against the true F1.\n\n"
        + calibration
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pages", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "extraction.md")
    parser.add_argument("--own", action="store_true", help="keep what the document says of other extractors")
    parser.add_argument("--speed", action="store_true", help="measure only the speed again")
    parser.add_argument("--forms", type=Path, help="the unpacked package Formasaurus")
    options = parser.parse_args()
    paths = tuple(options.pages)
    options.out.parent.mkdir(exist_ok=True)
    old = options.out.read_text(encoding="utf-8") if options.own or options.speed else ""
    if options.speed:
        options.out.write_text(
            old.replace(section(old, "Speed"), section(speed_table(paths), "Speed")), encoding="utf-8"
        )
        return
    parts = sections(paths, old, options.forms)
    options.out.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
