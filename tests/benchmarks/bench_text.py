"""Compare goldwire with other tools on text dumps, by set and kind, and write the table of docs/extraction-text.md.

    python tests/benchmarks/bench_text.py DUMPS.jsonl.gz [...] [--per-group N] [--write]

DUMPS are what dump_pages.py writes. goldwire's figures are those of train_zones.py, recorded with the weights: of
networks that had not seen the set, and of networks that had not seen the site. No other tool reads text dumps: they get
HTML with one paragraph per line. These are scored on N dumps of each set and kind, the same for all (default: 40); the
whole dump and its best block on all dumps, as goldwire: the best block of 40 dumps had .921 where that of all 401 has
.898.
"""

from __future__ import annotations

import argparse
import gzip
import html
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests"), str(Path(__file__).parent)]

from bench_extract import block
from networks import WEIGHTS

from goldwire.extraction.api import extract
from goldwire.extraction.network import LINES
from support.article_score import macro_scores, ngrams, precision_recall, print_line
from support.generated_block import replace_block

DOCUMENT, BEGIN, END = ROOT / "docs" / "extraction-text.md", "<!-- text dumps: begin -->", "<!-- text dumps: end -->"
Tool = Callable[[str], str]


ON_ALL_DUMPS = ("whole dump", "best block")


def wrapped(page: str) -> str:
    """Return HTML with a paragraph per line."""
    lines = "\n".join(f"<p>{html.escape(line)}</p>" for line in page.splitlines() if line.strip())
    return f"<html><body>\n{lines}\n</body></html>"


def tools() -> Iterator[tuple[str, Tool]]:
    """Yield the tools that are installed, with their names."""
    yield "whole dump", lambda page: page
    yield "best block", block
    try:
        import justext

        stops = justext.get_stoplist("English")
        yield (
            "jusText",
            lambda page: "\n".join(
                part.text for part in justext.justext(wrapped(page), stops) if not part.is_boilerplate
            ),
        )
    except ImportError:
        pass
    try:
        from boilerpy3.extractors import ArticleExtractor

        extractor = ArticleExtractor(raise_on_failure=False)
        yield "boilerpy3", lambda page: extractor.get_content(wrapped(page))
    except ImportError:
        pass
    try:
        import trafilatura

        yield "trafilatura", lambda page: trafilatura.extract(wrapped(page), include_comments=False) or ""
    except ImportError:
        pass


def speed(pages: list[str]) -> float:
    """Return how many pages goldwire extracts per second of processor time, one by one."""
    extract(pages[0])
    start = time.process_time()
    for page in pages:
        extract(page)
    return len(pages) / (time.process_time() - start)


def read(paths: list[Path]) -> dict[tuple[str, str], list[dict[str, str]]]:
    """Return the dumps of each set and kind, in random order."""
    groups: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for path in paths:
        for line in gzip.decompress(path.read_bytes()).splitlines():
            row = json.loads(line)
            groups[row["set"], row["kind"]].append(row)
    random = np.random.default_rng(0)
    return {group: [rows[number] for number in random.permutation(len(rows))] for group, rows in sorted(groups.items())}


def table(
    groups: dict[tuple[str, str], list[dict[str, str]]], recorded: dict[str, dict[str, float]], per_group: int
) -> Iterator[str]:
    """Yield the lines of the table."""
    named = list(tools())
    header = ["set", "kind of dump", "goldwire, sets unseen", "goldwire, sites unseen", *(name for name, _ in named)]
    yield f"| {' | '.join(header)} |"
    yield f"|{'---|' * len(header)}"
    for (name, kind), rows in groups.items():
        key = f"{name} {kind}"
        if key not in recorded["folds over sites"]:
            continue
        cells = [name, kind, *(f"{recorded[folds][key]:.3f}" for folds in ("folds over sets", "folds over sites"))]
        for tool_name, tool in named:
            scored = rows if tool_name in ON_ALL_DUMPS else rows[:per_group]
            scores = [precision_recall(tool(row["raw_text"]), ngrams(row["gold_text"])) for row in scored]
            cells.append(f"{macro_scores(scores)[2]:.3f}")
        yield f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("dumps", type=Path, nargs="+")
    parser.add_argument("--per-group", type=int, default=40, help="dumps for other tools (default: 40)")
    parser.add_argument("--write", action="store_true", help="write the table into docs/extraction-text.md")
    options = parser.parse_args()
    with np.load(WEIGHTS / LINES) as arrays:
        recorded = json.loads(str(arrays["table"]))
    groups = read(options.dumps)
    lines = []
    for line in table(groups, recorded, options.per_group):
        print_line(line)
        lines.append(line)
    pages = [
        row["raw_text"]
        for (_, kind), rows in groups.items()
        if kind in ("blocks", "get-text")
        for row in rows[: options.per_group]
    ]
    print_line(f"goldwire: {speed(pages):.0f} pages per second of processor time, one by one")
    if options.write:
        replace_block(DOCUMENT, BEGIN, END, "\n".join(lines))


if __name__ == "__main__":
    main()
