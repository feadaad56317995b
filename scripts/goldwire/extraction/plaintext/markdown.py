"""Reduce a Markdown dump of a page, as html2text writes it, to its text: link targets, pictures and marks go."""

from __future__ import annotations

import re
from collections.abc import Iterator

from goldwire.text.provenance import TracedText, join, join_wrapped_lines

__all__ = ["strip_markdown"]

_MIN_LINKS = 5  # of a page, with a target
_MIN_SHARE = 0.02  # links per line that is not blank
_WIDTH = 78  # characters: html2text wraps paragraphs here by default

_ADDRESS = r"[^()\s]{0,2000}(?:\([^()\s]{0,200}\)[^()\s]{0,200}){0,3}"  # bounded, so that the search is linear
_TARGET = rf"\(\s*(?:<[^<>\n]{{0,2000}}>|{_ADDRESS})(?:\s+\"[^\"\n]{{0,300}}\")?\s*\)"
_LINK_END = re.compile(rf"\]{_TARGET}")
_PICTURE = re.compile(rf"!\[[^\[\]]{{0,300}}\]{_TARGET}")
_BLOCK_MARK = re.compile(r"(?:#{1,6}|[*+>-]|\d{1,3}\\?\.)(?= )|\|")
_LINE_MARK = re.compile(r"(?m)^(?:(?:#{1,6}|[*+>-]) +)+")
_RULE = re.compile(r"(?m)^(?:(?:[*_-] ?){3,}|[-| :]*-{3}[-| :]*)$")
_EMPHASIS = re.compile(r"\*\*|(?<![\w*])[*_](?=[^\s*_])|(?<=[^\s*_])[*_](?![\w*])")
_ESCAPE = re.compile(r"\\(?=[-.+*_#()\[\]!{}>`|])")


def strip_markdown(page: TracedText) -> TracedText:
    """Return a page without Markdown if it is a Markdown dump with links, else unchanged; what stays is traced."""
    n_links = page.text.count("](")
    if n_links < _MIN_LINKS or n_links < _MIN_SHARE * page.text.count("\n"):
        return page
    page = _unwrap(page)
    for ranges in (_dropped_links, _dropped_marks):
        page = _without(page, sorted(ranges(page.text)))
    return page


def _unwrap(page: TracedText) -> TracedText:
    """Join the lines of paragraphs that were wrapped at 78 characters."""
    lines = page.text.split("\n")
    parts: list[TracedText] = []
    paragraph: list[TracedText] = []
    start = 0
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        end = start + len(line)
        paragraph.append(page.slice(start, end))
        start = end + 1
        first_word = following.split(" ", 1)[0]
        if line and following and len(line) + 1 + len(first_word) > _WIDTH and not _BLOCK_MARK.match(following):
            continue
        parts.append(join_wrapped_lines(paragraph))
        if start <= len(page.text):
            parts.append(page.slice(end, start))
        paragraph = []
    return join(parts, "")


def _dropped_links(text: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of pictures, of link targets, and of the bracket before a link's text."""
    pictures = [match.span() for match in _PICTURE.finditer(text)]
    yield from pictures
    in_picture = {position for start, end in pictures for position in range(start, end)}
    opened: list[int] = []
    done = 0
    for match in _LINK_END.finditer(text):
        if match.start() in in_picture:
            continue
        opened += [
            bracket.start()
            for bracket in re.compile(r"\[").finditer(text, done, match.start())
            if bracket.start() not in in_picture
        ]
        done = match.end()
        if opened:
            start = opened.pop()
            yield start, start + 1
        yield match.span()


def _dropped_marks(text: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of marks of headings, lists, quotations, rules and emphasis, and of backslashes."""
    done = 0
    spans = (match.span() for pattern in (_RULE, _LINE_MARK, _EMPHASIS, _ESCAPE) for match in pattern.finditer(text))
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):  # a rule before the bullet it begins with
        if start >= done:
            yield start, end
            done = end


def _without(page: TracedText, dropped: list[tuple[int, int]]) -> TracedText:
    """Return the page without some ranges, and without the white space that they leave at line ends."""
    parts: list[TracedText] = []
    done = 0
    for start, end in [*dropped, (len(page.text), len(page.text))]:
        if start > done:
            parts.append(page.slice(done, start))
        done = max(done, end)
    return _tidy(join(parts, ""))


_SPARE = re.compile(r"(?m) +$|^ +| (?= )")


def _tidy(page: TracedText) -> TracedText:
    """Return the page without spaces at line ends and without doubled spaces."""
    parts: list[TracedText] = []
    done = 0
    for match in _SPARE.finditer(page.text):
        parts.append(page.slice(done, match.start()))
        done = match.end()
    return page if not parts else join([*parts, page.slice(done, len(page.text))], "")
