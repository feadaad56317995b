"""Map the paragraphs of an article to the source of its page: across tags, with entities decoded."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from goldwire.text.normalization import normalize
from goldwire.text.provenance import Piece, TracedText, untraced

__all__ = ["map_to_source"]

# A comment, an element whose text is not shown, a tag, an entity, white space, or words with single blanks.
_TOKEN = re.compile(
    r"<!--.*?-->|<(script|style|svg|noscript|template|iframe|select)\b.*?</\1\s*>"
    r"|<[a-zA-Z/!?](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>|(?P<entity>&(?:#\d+|#[xX][\da-fA-F]+|\w+);?)"
    r"|(?P<space>\s+)|(?P<text>[^<&\s]+(?: [^<&\s]+)*|[<&])",
    re.S,
)
_WORD = re.compile(r"\w+")
_SPACE = re.compile(r"(?:\s|&nbsp;|&#160;)+")
_MAX_OCCURRENCES = 40  # of a paragraph's first words that are tried
_MAX_FAILURES = 300  # paragraphs without a place in the source, for each of which the whole source is searched
_MAX_TAGS = 4_000  # characters of source between the start of a paragraph and its first word


class _Shown(NamedTuple):
    """A stretch of text that a token shows, with its range in the source and whether the source has it verbatim."""

    text: str
    start: int
    end: int
    is_verbatim: bool


def map_to_source(source: str, title: str, paragraphs: Sequence[str]) -> list[TracedText]:
    """Map a headline and paragraphs to the source of their page.

    Parameters
    ----------
    source : str
        The page as it was parsed.
    title : str
        The headline, "" if there is none.
    paragraphs : sequence of str
        Paragraphs in page order.

    Returns
    -------
    list of TracedText
        The headline, if there is one, and the paragraphs, with offsets in code points of the source. A paragraph that
        the source does not have in one piece is untraced.
    """
    traced, end, failures = [], 0, 0
    for paragraph in paragraphs:
        if failures < _MAX_FAILURES:
            pieces = _find(source, paragraph, end) or (_find(source, paragraph, 0) if end else ())
        else:
            pieces = ()
        failures += not pieces
        end = pieces[-1][3] if pieces else end
        traced.append(TracedText(paragraph, pieces))
    if not title:
        return traced
    pieces = _find(source, title, 0)
    if not pieces:  # not as an element's text, but for example in an attribute
        start = source.find(title)
        pieces = ((0, len(title), start, start + len(title), True),) if start >= 0 else ()
    return [TracedText(title, pieces) if pieces else untraced(title), *traced]


def _find(source: str, paragraph: str, start: int) -> tuple[Piece, ...]:
    """Return the pieces of a paragraph's first occurrence at or after `start`; () if there is none."""
    words = list(_WORD.finditer(paragraph))
    if not words:
        return ()
    first = words[0]
    has_second = len(words) > 1 and paragraph[first.end() : words[1].start()] == " "
    for second in (words[1][0], "") if has_second else ("",):
        for occurrence in islice(_occurrences(source, first[0], second, start), _MAX_OCCURRENCES):
            begin = _paragraph_start(source, occurrence, paragraph[: first.start()])
            pieces = _align(source, paragraph, begin) if begin is not None else ()
            if pieces:
                return pieces
    return ()


def _occurrences(source: str, first: str, second: str, start: int) -> Iterator[int]:
    """Yield where the first word is followed by the second, if there is one, at or after `start`."""
    position = source.find(first, start)
    while position >= 0:
        end = position + len(first)
        if second:
            space = _SPACE.match(source, end)
            if space is None or not source.startswith(second, space.end()):
                position = source.find(first, position + 1)
                continue
            end = space.end() + len(second)
        yield position
        position = source.find(first, end)


def _paragraph_start(source: str, first_word: int, before: str) -> int | None:
    """Return where a paragraph begins, from the offset of its first word and the signs before that word.

    None is returned if other text is between the last tag and the word.
    """
    begin = source.rfind(">", max(first_word - _MAX_TAGS, 0), first_word) + 1
    if not begin:  # within a script, for example: all of the page above it would be normalized
        return None
    between = source[begin:first_word]
    shown = normalize(html.unescape(between)).text if between else ""  # most words are right after a tag
    return begin if "".join(shown.split()) == "".join(before.split()) else None


def _align(source: str, paragraph: str, begin: int) -> tuple[Piece, ...]:
    """Align a paragraph with the source from `begin` on, token by token; () if they differ."""
    pieces: list[Piece] = []
    position, end, after_space = 0, begin, False
    for token in _TOKEN.finditer(source, begin):
        if token.start() != end:
            return ()
        end = token.end()
        if token["space"]:
            after_space = True
            continue
        if not (token["entity"] or token["text"]):
            continue
        for shown in _shown_text(token, paragraph, position):
            if shown.text == " ":
                after_space = True
                continue
            if paragraph[position : position + 1] == " " and shown.text[0] != " ":
                pieces.append(_space_piece(source, position, pieces[-1][3], shown.start))
                position += 1
            elif after_space and pieces:
                return ()
            if not paragraph.startswith(shown.text, position):
                return ()
            pieces.append((position, position + len(shown.text), shown.start, shown.end, shown.is_verbatim))
            position, after_space = position + len(shown.text), False
            if position == len(paragraph):
                return tuple(pieces)
    return ()


def _space_piece(source: str, position: int, start: int, end: int) -> Piece:
    """Return the piece of a blank, for which the source has white space or tags."""
    return position, position + 1, start, end, source[start:end] == " "


def _shown_text(token: re.Match[str], paragraph: str, position: int) -> Iterator[_Shown]:
    """Yield the text that a token shows, after normalization."""
    start, end, is_text = token.start(), token.end(), token["entity"] is None
    text = token[0] if is_text else html.unescape(token[0])
    # Most text is shown as it is in the source; to normalize all of it took ten times as long.
    if is_text and (paragraph.startswith(text, position) or paragraph.startswith(text, position + 1)):
        yield _Shown(text, start, end, is_verbatim=True)
        return
    if text.isspace():
        yield _Shown(" ", start, end, is_verbatim=False)
        return
    normalized = normalize(text)
    for text_start, text_end, raw_start, raw_end, is_same in normalized.pieces:
        part = normalized.text[text_start:text_end]
        if is_text:
            yield _Shown(part, start + raw_start, start + raw_end, is_same)
        else:
            yield _Shown(part, start, end, is_verbatim=False)
