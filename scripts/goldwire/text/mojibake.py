"""Mojibake, text that was decoded in a wrong encoding (`â€œ` for `“`), mended by ftfy and traced to what was there.

Only encodings are mended: quotes, dashes and ligatures stay as the journalist wrote them.
"""

from __future__ import annotations

import re

from goldwire.text.provenance import Piece, TracedText
from goldwire.text.scan import SUSPECTS, TextScan, mojibake_lines, scan

__all__ = ["count_repairs", "repair", "repair_text"]

_AROUND = 8  # characters
_WITHIN = re.compile(r"^[^<>]*>|<[^<>]*$|^\S*;|\n.*", re.S)  # a tag's rest, an entity's, another line
_WORDS = re.compile(r"([!-~]+)")


def repair(text: str, known: TextScan | None = None) -> TracedText | None:
    """Give the mended text, traced to the text given; None where there is nothing to mend.

    `known` is the text as `coded` gives it, where it was asked already.
    """
    known = known or scan(text)
    if not known.odd & SUSPECTS:
        return None
    parts: list[str] = []
    pieces: list[Piece] = []
    size = done = 0
    for start, end in mojibake_lines(text):
        for first, last, put in _edits(text[start:end]):
            first, last = first + start, last + start
            parts += [text[done:first], put]
            if first > done:
                pieces.append((size, size + first - done, done, first, True))
            size += first - done
            pieces.append((size, size + len(put), first, last, False))
            size += len(put)
            done = last
    if not pieces:
        return None
    parts.append(text[done:])
    if done < len(text):
        pieces.append((size, size + len(text) - done, done, len(text), True))
    return TracedText("".join(parts), tuple(pieces), text)


def repair_text(text: str) -> str:
    """Give the text with its mojibake mended."""
    found = repair(text)
    return text if found is None else found.text


def count_repairs(text: str, page: TracedText) -> int:
    """Count the stretches mended in a page that a text taken from it has, told by the characters around them."""
    around = (page.text[max(0, start - _AROUND) : end + _AROUND] for start, end, _, _, same in page.pieces if not same)
    return sum(_WITHIN.sub("", piece) in text for piece in around)


def _edits(line: str) -> list[tuple[int, int, str]]:
    """Give what to put for each stretch of a line: ASCII words stay, and what is between them is compared."""
    from ftfy import fix_encoding

    fixed = fix_encoding(line)
    if fixed == line:
        return []
    old, new = _WORDS.split(line), _WORDS.split(fixed)
    if old[1::2] != new[1::2]:
        return [_trimmed(0, line, fixed)]
    edits, place = [], 0
    for before, after in zip(old, new, strict=True):
        if before != after:
            edits.append(_trimmed(place, before, after))
        place += len(before)
    return edits


def _trimmed(place: int, before: str, after: str) -> tuple[int, int, str]:
    """Leave the blanks and ASCII at both ends out of an edit, as long as it keeps something to stand for."""
    start, end = 0, 0
    most = min(len(before), len(after)) - 1
    while start < most and before[start] == after[start] and _is_plain(before[start]):
        start += 1
    while end < most - start and before[-1 - end] == after[-1 - end] and _is_plain(before[-1 - end]):
        end += 1
    return place + start, place + len(before) - end, after[start : len(after) - end]


def _is_plain(character: str) -> bool:
    return character < "\x80" or character.isspace()
