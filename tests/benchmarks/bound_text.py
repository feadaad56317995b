"""Print what whole lines chosen by the gold score on text dumps, and write the table into docs/extraction-text.md.

    python tests/benchmarks/bound_text.py DUMPS.jsonl.gz [...] [--write]

DUMPS are what dump_pages.py writes. The lines are chosen one by one while F1 rises: of the dump, of the page as
goldwire prepares it (lines joined, Markdown removed), and of these without headlines and lines that a rule takes for
another zone, such as dates and bylines, which goldwire does not count as body.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from multiprocessing import Pool
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests"), str(Path(__file__).parent)]

from bench_text import DOCUMENT

from goldwire.extraction.api import prepare_text
from goldwire.extraction.plaintext.boilerplate import match_boilerplate
from goldwire.extraction.plaintext.line_features import FEATURE_NAMES, line_features
from goldwire.extraction.plaintext.line_tokens import tokenize_lines
from support.article_score import best_selection, macro_scores, ngrams, precision_recall, print_line
from support.generated_block import replace_block

BEGIN, END = "<!-- text bounds: begin -->", "<!-- text bounds: end -->"
KINDS = ("blocks", "get-text")
CHOICES = ("lines of the dump", "lines as prepared", "without headlines and other zones")
IS_TITLE = FEATURE_NAMES.index("is_title")
Score = tuple[float, float]


def bounds(row: dict[str, str]) -> tuple[str, str, list[Score]]:
    """Return the set and the kind of a dump, and precision and recall of each choice."""
    gold = ngrams(row["gold_text"])
    raw = [line for line in row["raw_text"].split("\n") if line.strip()]
    text = prepare_text(row["raw_text"]).page.text
    prepared = [line for line in text.split("\n") if line]
    is_title = line_features(tokenize_lines(text.encode("utf-8", "replace")))[:, IS_TITLE] > 0
    best = best_selection(prepared, gold)
    is_body = best & ~is_title & np.array([match_boilerplate(line) is None for line in prepared], np.bool_)
    choices = ((raw, best_selection(raw, gold)), (prepared, best), (prepared, is_body))
    return row["set"], row["kind"], [score(lines, chosen, row["gold_text"]) for lines, chosen in choices]


def score(lines: Sequence[str], chosen: np.ndarray, gold_text: str) -> Score:
    text = "\n\n".join(line for line, is_chosen in zip(lines, chosen, strict=True) if is_chosen)
    return precision_recall(text, ngrams(gold_text))


def read(paths: Sequence[Path]) -> Iterator[dict[str, str]]:
    for path in paths:
        for line in gzip.decompress(path.read_bytes()).splitlines():
            row = json.loads(line)
            if row["kind"] in KINDS:
                yield row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("dumps", type=Path, nargs="+")
    parser.add_argument("--write", action="store_true", help="write the table into docs/extraction-text.md")
    options = parser.parse_args()
    groups: dict[tuple[str, str], list[list[Score]]] = defaultdict(list)
    with Pool() as pool:
        for name, kind, scores in pool.imap(bounds, read(options.dumps), chunksize=8):
            groups[name, kind].append(scores)
    lines = [f"| set | kind of dump | {' | '.join(CHOICES)} |", f"|---|---|{'---|' * len(CHOICES)}"]
    for (name, kind), rows in sorted(groups.items()):
        cells = [f"{macro_scores(choice)[2]:.3f}" for choice in zip(*rows, strict=True)]
        lines.append(f"| {name} | {kind} | {' | '.join(cells)} |")
    for line in lines:
        print_line(line)
    if options.write:
        replace_block(DOCUMENT, BEGIN, END, "\n".join(lines))


if __name__ == "__main__":
    main()
