"""Dump HTML pages with gold text as text in seven ways: what the networks for lines are trained on.

    python tests/benchmarks/dump_pages.py PAGES.jsonl.gz [PAGES.jsonl.gz ...] --out DUMPS.jsonl.gz [--browser PATH]

A row of PAGES is {id, html, gold_text}, with `url` or `site` if it is known. Writes one row per page and kind of dump:
{set, id, site, kind, raw_text, gold_text}, where `set` is the name of the file. The kinds:

- `blocks`: every text node, with a line break at the borders of blocks and the page's title first;
- `get-text` and `get-text-stripped`: BeautifulSoup's `get_text("\\n")`, which also breaks lines at inline tags. These
  have `is_joined` too: for each line that is not blank, whether only inline tags are between it and the line before it;
- `html2text`: Markdown with links, wrapped at 78 characters; `html2text-plain`: without links and wrapping;
- `inscriptis`: its layout of columns and lists;
- `inner-text`: `document.body.innerText` of a browser without scripts and network (with --browser, say
  /usr/bin/chromium).

Needs beautifulsoup4, html2text and inscriptis.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Callable, Iterator
from itertools import chain
from multiprocessing import Pool
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests")]

import html2text
import inscriptis
from bs4 import BeautifulSoup, NavigableString
from lxml import etree, html

from goldwire.text.normalization import normalize
from support.article_score import print_line, site_of

HIDDEN = ("script", "style", "noscript", "template", "iframe", "svg", "head")
BLOCKS = {
    *("address", "article", "aside", "blockquote", "body", "br", "button", "canvas", "caption", "center", "dd"),
    *("details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2"),
    *("h3", "h4", "h5", "h6", "header", "hr", "legend", "li", "link", "main", "map", "menu", "meta", "nav", "object"),
    *("ol", "optgroup", "option", "p", "pre", "section", "select", "summary", "table", "tbody", "td", "textarea"),
    *("tfoot", "th", "thead", "tr", "ul", "video", "audio"),
}
EMPTY = {"br", "hr", "link", "meta"}
BORDER = "\ue000"  # a private character that marks the borders of blocks
Row = dict[str, object]


def blocks(page: str) -> str:
    """Dump every text node of a page, one line per block, the title first."""
    tree = html.document_fromstring(page.encode() if page.lstrip().startswith("<?xml") else page)
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


def get_text(page: str) -> str:
    return BeautifulSoup(page, "lxml").get_text("\n")


def get_text_stripped(page: str) -> str:
    return BeautifulSoup(page, "html.parser").get_text("\n", strip=True)


def markdown(page: str) -> str:
    return html2text.HTML2Text().handle(page)


def markdown_plain(page: str) -> str:
    writer = html2text.HTML2Text()
    writer.ignore_links = writer.ignore_images = writer.ignore_emphasis = True
    writer.body_width = 0
    return writer.handle(page)


KINDS: dict[str, Callable[[str], str]] = {
    "blocks": blocks,
    "get-text": get_text,
    "get-text-stripped": get_text_stripped,
    "html2text": markdown,
    "html2text-plain": markdown_plain,
    "inscriptis": inscriptis.get_text,
}


def joined_lines(page: str, *, strip: bool) -> list[bool] | None:
    """Return which lines of the page's `get_text` only inline tags separate from the line before; None if unclear."""
    parser = "html.parser" if strip else "lxml"
    plain = BeautifulSoup(page.replace(BORDER, ""), parser).get_text("\n", strip=strip)
    tree = BeautifulSoup(page.replace(BORDER, ""), parser)
    for tag in tree.find_all(lambda tag: tag.name in BLOCKS or tag.name in ("title", "html", "head")):
        tag.insert_before(NavigableString(BORDER))
        tag.insert_after(NavigableString(BORDER))
        if tag.name not in EMPTY:
            tag.insert(0, NavigableString(BORDER))
            tag.append(NavigableString(BORDER))
    lines, is_joined, is_border = [], [], True
    for marked in normalize(tree.get_text("\n", strip=strip)).text.split("\n"):
        line = marked.replace(BORDER, "").strip()
        is_border |= BORDER in marked
        if line:
            lines.append(line)
            is_joined.append(not is_border)
            is_border = BORDER in marked
    return is_joined if lines == [line for line in normalize(plain).text.split("\n") if line] else None


def dump(task: tuple[str, dict[str, str]]) -> list[Row]:
    """Return the rows of a page: a dump of each kind, but of those whose tool fails on it."""
    name, page = task
    site = page.get("site") or site_of(page.get("url", "")) or page["id"]
    common = {"set": name, "id": page["id"], "site": site, "gold_text": page["gold_text"]}
    rows = []
    for kind, tool in KINDS.items():
        try:
            row: Row = {**common, "kind": kind, "raw_text": tool(page["html"])}
            if kind.startswith("get-text"):
                row["is_joined"] = joined_lines(page["html"], strip=kind.endswith("stripped"))
        except Exception as error:  # noqa: BLE001 - a tool that fails on a page makes no dump of it
            print_line(f"{name} {page['id']} {kind}: {type(error).__name__}")
            continue
        rows.append(row)
    return rows


def browser_dumps(tasks: list[tuple[str, dict[str, str]]], path: str) -> Iterator[Row]:
    """Yield the `innerText` of each page in a browser without scripts and network."""
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        context = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"]).new_context(
            java_script_enabled=False, offline=True
        )
        for name, page in tasks:
            tab = context.new_page()
            tab.route("**/*", lambda route: route.abort())
            try:
                tab.set_content(page["html"], wait_until="domcontentloaded", timeout=15_000)
                text = tab.evaluate("document.body.innerText")
            except Error as error:
                print_line(f"{name} {page['id']} inner-text: {str(error)[:80]}")
                continue
            finally:
                tab.close()
            site = page.get("site") or site_of(page.get("url", "")) or page["id"]
            common = {"set": name, "id": page["id"], "site": site, "gold_text": page["gold_text"]}
            yield {**common, "kind": "inner-text", "raw_text": text}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pages", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--browser", help="path of Chromium")
    options = parser.parse_args()
    tasks = [
        (path.name.split(".")[0], json.loads(row))
        for path in options.pages
        for row in gzip.decompress(path.read_bytes()).splitlines()
    ]
    count = 0
    with gzip.GzipFile(options.out, "wb", compresslevel=6, mtime=0) as file, Pool() as pool:
        in_browser = browser_dumps(tasks, options.browser) if options.browser else iter(())
        for row in chain(chain.from_iterable(pool.imap(dump, tasks, chunksize=4)), in_browser):
            file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
            count += 1
    print_line(f"{count} dumps of {len(tasks)} pages")


if __name__ == "__main__":
    main()
