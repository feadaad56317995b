"""Main text from scraped pages: goldwire beside the tools that are installed, in one run.

    python tests/benchmarks/bench_extract.py PAGES.jsonl[.gz] [...]

A row of PAGES is a page with its gold text: {gold_text, raw_text} for a text dump, {gold_text, html} for HTML. Prints
macro precision, recall and F1 over word 4-grams (the public article-extraction benchmark's measure) and pages a second.
The network was trained on pages of its own: what it scores on those says nothing, see train_zones.py.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from goldwire.extraction import extract  # noqa: E402

WORD = re.compile(r"\w+")
Tool = Callable[[str], str]


def grams(text: str) -> Counter[tuple[str, ...]]:
    words = WORD.findall(text)
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3))) if words else Counter()


def block(page: str) -> str:
    """Give the contiguous block of lines of the greatest score: the best rule published for text dumps."""
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


def text_tools() -> dict[str, Tool]:
    return {"goldwire": lambda page: extract(page).body, "best block": block, "whole page": lambda page: page}


def html_tools() -> dict[str, Tool]:
    tools: dict[str, Tool] = {"goldwire": lambda page: extract(page, "html").body}
    try:
        import trafilatura

        tools["trafilatura"] = lambda page: trafilatura.extract(page, include_comments=False) or ""
    except ImportError:
        pass
    try:
        import justext

        stops = justext.get_stoplist("English")
        tools["jusText"] = lambda page: "\n".join(
            part.text for part in justext.justext(page, stops) if not part.is_boilerplate
        )
    except ImportError:
        pass
    try:
        from resiliparse.extract.html2text import extract_plain_text

        tools["resiliparse"] = lambda page: extract_plain_text(page, main_content=True)
    except ImportError:
        pass
    return tools


def measure(rows: list[tuple[str, str]], tool: Tool) -> tuple[float, float, float, float]:
    tool(rows[0][0])
    start = time.process_time()
    found = [tool(page) for page, _ in rows]
    spent = time.process_time() - start
    precision = recall = 0.0
    for text, (_, gold) in zip(found, rows, strict=True):
        mine, true = grams(text), grams(gold)
        both = sum((mine & true).values())
        precision += both / sum(mine.values()) if mine else 0.0
        recall += both / sum(true.values()) if true else 1.0
    precision, recall = precision / len(rows), recall / len(rows)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9), len(rows) / spent


def report(name: str, rows: list[tuple[str, str]], tools: dict[str, Tool]) -> Iterable[str]:
    yield f"{name}: {len(rows)} pages"
    base = 0.0
    for tool, run in tools.items():
        precision, recall, f1, speed = measure(rows, run)
        base = base or speed
        yield f"  {tool:12} F1 {f1:.4f}  P {precision:.4f}  R {recall:.4f}  {speed:7.0f} pages/s  {speed / base:5.2f}x"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pages", type=Path, nargs="+")
    for path in parser.parse_args().pages:
        data = path.read_bytes()
        rows = [json.loads(line) for line in (gzip.decompress(data) if path.suffix == ".gz" else data).splitlines()]
        field, tools = ("html", html_tools()) if "html" in rows[0] else ("raw_text", text_tools())
        for line in report(path.name, [(row[field], row["gold_text"]) for row in rows], tools):
            sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
