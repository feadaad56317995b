"""Links of Markdown files that lead to files of the repository, to their headings, or to pages of the site."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from markdown import Markdown

from support import reference_pages
from support.paths import REPOSITORY

__all__ = ["SITE", "SOURCE", "broken_links", "site_pages"]

SITE = "https://goldwire.github.io/goldwire/"
SOURCE = "https://github.com/goldwire/goldwire/"

_LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\((?P<target>[^()\s]+)(?: \"[^\"]*\")?\)")
_SNIPPET = re.compile(r'^--8<-- "(?P<file>[^":]+)(?::(?P<section>\w+))?"$', re.MULTILINE)
_CODE = re.compile(r"^ *```.*?^ *```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_MARKS = re.compile(r"^<!-- --8<-- .*-->\n", re.MULTILINE)
_PUNCTUATION = re.compile(r"[^\w\- ]")


@cache
def site_pages() -> Mapping[str, str]:
    """Return the text of every page of the site by its path below docs/, those that are generated included."""
    docs = REPOSITORY / "docs"
    pages = {
        path.relative_to(docs).as_posix(): _included(path.read_text(encoding="utf-8"))
        for path in docs.rglob("*.md")
        if path.relative_to(docs).parts[0] != reference_pages.FOLDER.name
    }
    return pages | {f"{reference_pages.FOLDER.name}/{name}": text for name, text in reference_pages.render().items()}


def _included(text: str) -> str:
    """Return a page with the files, or sections of files, that it includes."""

    def include(match: re.Match[str]) -> str:
        content = (REPOSITORY / match["file"]).read_text(encoding="utf-8")
        if match["section"]:
            start, end = (f"<!-- --8<-- [{edge}:{match['section']}] -->" for edge in ("start", "end"))
            content = content.partition(start)[2].partition(end)[0]
        return content

    return _SNIPPET.sub(include, text)


def broken_links(name: str, text: str, *, is_site: bool) -> Iterator[str]:
    """Yield the links of a file that lead nowhere. `name` is its path: below docs/ on the site, else the repository."""
    for match in _LINK.finditer(_CODE.sub("", _MARKS.sub("", text))):
        target, _, anchor = match["target"].partition("#")
        if target.startswith(SITE):
            known = _site_page(target.removeprefix(SITE), anchor)
        elif target.startswith(SOURCE):
            known = _source_file(target.removeprefix(SOURCE), anchor)
        elif re.match(r"[a-z]+:", target):
            continue
        elif is_site:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), target)) if target else name
            known = _docs_page(path, anchor)
        else:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), target)) if target else name
            known = _repository_file(path, anchor)
        if not known:
            yield f"{name}: {match['target']}"


def _site_page(path: str, anchor: str) -> bool:
    """Whether an address of the built site, `guides/tweets/`, is a page."""
    stem = path.strip("/")
    return any(_docs_page(candidate, anchor) for candidate in (f"{stem}.md", posixpath.join(stem, "index.md")))


def _docs_page(path: str, anchor: str) -> bool:
    if path not in site_pages():
        images = path.startswith(f"{reference_pages.FOLDER.name}/images/")
        file = REPOSITORY / ".github" / "images" / Path(path).name if images else REPOSITORY / "docs" / path
        return file.is_file() and not anchor
    # mkdocstrings gives each object the anchor of its dotted name.
    return not anchor or anchor in _site_anchors(path) or f"::: {anchor}" in site_pages()[path].splitlines()


def _source_file(path: str, anchor: str) -> bool:
    """Whether a path below the address of the repository is a file of it (`blob/main/...`), or its front page."""
    if not path.startswith(("blob/main/", "tree/main/")):
        return not anchor or _repository_file("README.md", anchor)
    return _repository_file(path.split("/", 2)[2], anchor)


def _repository_file(path: str, anchor: str) -> bool:
    if not (REPOSITORY / path).exists() or path.startswith(".."):
        return False
    return not anchor or anchor in _github_anchors(REPOSITORY / path)


@cache
def _site_anchors(path: str) -> frozenset[str]:
    """Return the anchors of a page's headings, as Python-Markdown makes them."""
    converter = Markdown(extensions=["toc", "fenced_code", "tables", "attr_list"])
    return frozenset(re.findall(r'<h\d[^>]* id="([^"]+)"', converter.convert(site_pages()[path])))


@cache
def _github_anchors(file: Path) -> frozenset[str]:
    """Return the anchors of a file's headings, as GitHub makes them."""
    text = _CODE.sub(lambda match: "" if "\n" in match[0] else match[0], file.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ +(.+)$", text, re.MULTILINE)
    return frozenset(_PUNCTUATION.sub("", heading.strip().lower()).replace(" ", "-") for heading in headings)
