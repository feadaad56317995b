"""Where each paragraph of an article stands in the source of its page: tags between, entities decoded."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from goldwire.text.normalization import normalize
from goldwire.text.provenance import Piece, TracedText, untraced

__all__ = ["trace"]

# A comment, an element whose text is not shown, a tag, an entity, white space, or words with a space between.
_TOKEN = re.compile(
    r"<!--.*?-->|<(script|style|svg|noscript|template|iframe|select)\b.*?</\1\s*>"
    r"|<[a-zA-Z/!?](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>|(?P<entity>&(?:#\d+|#[xX][\da-fA-F]+|\w+);?)"
    r"|(?P<space>\s+)|(?P<text>[^<&\s]+(?: [^<&\s]+)*|[<&])",
    re.S,
)
_PLAIN = re.compile(r"\w+")
_GAP = r"(?:\s|&nbsp;|&#160;)+"
_TRIES = 40  # places where a paragraph's first words stand
_AROUND = 4_000  # characters of source that a tag or two may take


def trace(source: str, title: str, lines: Sequence[str]) -> list[TracedText]:
    """Trace a headline ("" where there is none) and paragraphs to the page's source, in code points.

    What cannot be found as it stands there is not traced.
    """
    found, done = [], 0
    for line in lines:
        pieces = _find(source, line, done) or (_find(source, line, 0) if done else ())
        done = pieces[-1][3] if pieces else done
        found.append(TracedText(line, pieces))
    if not title:
        return found
    pieces = _find(source, title, 0)
    if not pieces:
        place = source.find(title)
        pieces = ((0, len(title), place, place + len(title), True),) if place >= 0 else ()
    return [TracedText(title, pieces) if pieces else untraced(title), *found]


def _find(source: str, line: str, start: int) -> tuple[Piece, ...]:
    """Find the first place from `start` on where a line stands."""
    words = list(_PLAIN.finditer(line))
    if not words:
        return ()
    first = words[0]
    patterns = [re.escape(first[0])]
    if len(words) > 1 and line[first.end() : words[1].start()] == " ":
        patterns.insert(0, patterns[0] + _GAP + re.escape(words[1][0]))
    for pattern in patterns:
        for tries, place in enumerate(re.compile(pattern).finditer(source, start)):
            if tries == _TRIES:
                break
            begin = _begin(source, place.start(), line[: first.start()])
            pieces = _walk(source, line, begin) if begin is not None else ()
            if pieces:
                return pieces
    return ()


def _begin(source: str, place: int, before: str) -> int | None:
    """Give where a line begins whose first word is at `place`: what comes between the tag before it and that word."""
    begin = max(source.rfind(">", max(place - _AROUND, 0), place) + 1, 0)
    between = source[begin:place]
    said = "".join(normalize(html.unescape(between)).text.split())
    return begin if said == "".join(before.split()) and begin else None


def _walk(source: str, line: str, begin: int) -> tuple[Piece, ...]:
    """Follow a line through the source; nothing where they part."""
    pieces: list[Piece] = []
    at, end, spaced = 0, begin, False
    for token in _TOKEN.finditer(source, begin):
        if token.start() != end:
            return ()
        end = token.end()
        if token["space"]:
            spaced = True
            continue
        if not (token["entity"] or token["text"]):
            continue
        for part, first, last, same in _shown(token, line, at):
            if part == " ":
                spaced = True
                continue
            if line[at : at + 1] == " " and part[0] != " ":
                pieces.append(_space(source, at, pieces, first))
                at += 1
            elif spaced and pieces:
                return ()
            if not line.startswith(part, at):
                return ()
            pieces.append((at, at + len(part), first, last, same))
            at, spaced = at + len(part), False
            if at == len(line):
                return tuple(pieces)
    return ()


def _space(source: str, at: int, pieces: Sequence[Piece], after: int) -> Piece:
    before = pieces[-1][3]
    return at, at + 1, before, after, source[before:after] == " "


def _shown(token: re.Match[str], line: str, at: int) -> Iterator[tuple[str, int, int, bool]]:
    """Give what is shown of a token, each part with its place in the source and whether it is the same there."""
    start, same = token.start(), token["entity"] is None
    said = token[0] if same else html.unescape(token[0])
    # Most text is on the page as it is in the source: to clean it all took ten times as long.
    if same and (line.startswith(said, at) or line.startswith(said, at + 1)):
        yield said, start, token.end(), True
        return
    if said.isspace():
        yield " ", start, token.end(), False
        return
    shown = normalize(said)
    for a, b, low, high, exact in shown.pieces:
        yield shown.text[a:b], *((start + low, start + high, exact) if same else (start, token.end(), False))
