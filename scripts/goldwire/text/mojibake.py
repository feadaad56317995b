"""Repair mojibake, text that was decoded in a wrong encoding (`â€œ` for `“`), with ftfy, traced to the original text.

Only encodings are repaired: quotes, dashes and ligatures stay as the journalist wrote them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from goldwire.text.provenance import Piece, TracedText
from goldwire.text.scan import TextScan, mojibake_lines, scan

__all__ = ["count_repairs", "repair", "repair_text"]

_CONTEXT = 8  # characters on either side of a repair
_OUTSIDE_TEXT = re.compile(r"^[^<>]*>|<[^<>]*$|^\S*;|\n.*", re.S)  # the rest of a tag, of an entity, another line
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_FEW_CONTEXTS = 100  # are looked up one by one
_ASCII_WORDS = re.compile(r"([!-~]+)")

_Edit = tuple[int, int, str]
"""Start, end, replacement."""


def repair(scanned: TextScan) -> TracedText | None:
    """Return the repaired text, traced to the original text, or None if it has no mojibake."""
    if not scanned.may_have_mojibake:
        return None
    text = scanned.text
    parts: list[str] = []
    pieces: list[Piece] = []
    size = done = 0
    for line_start, line_end in mojibake_lines(text):
        for first, last, replacement in _edits(text[line_start:line_end]):
            start, end = first + line_start, last + line_start
            parts += [text[done:start], replacement]
            if start > done:
                pieces.append((size, size + start - done, done, start, True))
            size += start - done
            pieces.append((size, size + len(replacement), start, end, False))
            size += len(replacement)
            done = end
    if not pieces:
        return None
    parts.append(text[done:])
    if done < len(text):
        pieces.append((size, size + len(text) - done, done, len(text), True))
    return TracedText("".join(parts), tuple(pieces), text)


def repair_text(text: str) -> str:
    """Return `text` with its mojibake repaired.

    Examples
    --------
    >>> repair_text("The mayor said: â€œYesâ€\x9d.")
    'The mayor said: “Yes”.'
    """
    repaired = repair(scan(text))
    return text if repaired is None else repaired.text


def count_repairs(text: str, page: TracedText) -> int:
    """Return how many repairs of `page` are in `text`, an excerpt of it, found by the characters around each."""
    repairs = ((start, end) for start, end, _, _, same in page.pieces if not same)
    contexts = Counter(
        _OUTSIDE_TEXT.sub("", page.text[max(0, start - _CONTEXT) : end + _CONTEXT]) for start, end in repairs
    )
    if len(contexts) <= _FEW_CONTEXTS:
        return sum(count for context, count in contexts.items() if context in text)
    return _count_in(contexts, text)


def _count_in(contexts: Counter[str], text: str) -> int:
    """Count the contexts that are in a text, in time that is linear in both: to search for each would be quadratic.

    Contexts are compared by length with the windows of the text around the first character beyond ASCII of each.
    """
    total = contexts.pop("", 0)
    by_place: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)  # by the character's offset, and by length
    for context, count in contexts.items():
        match = _BEYOND_ASCII.search(context)
        by_place[-1 if match is None else match.start(), len(context)][context] += count
    anchors = [match.start() for match in _BEYOND_ASCII.finditer(text)]
    for (offset, size), counts in by_place.items():
        starts = range(len(text)) if offset < 0 else [anchor - offset for anchor in anchors if anchor >= offset]
        windows = {text[start : start + size] for start in starts}
        total += sum(count for context, count in counts.items() if context in windows)
    return total


def _edits(line: str) -> list[_Edit]:
    """Return the edits that repair a line. ASCII words stay; the text between them is compared."""
    from ftfy import fix_encoding

    fixed = fix_encoding(line)
    if fixed == line:
        return []
    old, new = _ASCII_WORDS.split(line), _ASCII_WORDS.split(fixed)
    if old[1::2] != new[1::2]:
        return [_trim(0, line, fixed)]
    edits, offset = [], 0
    for before, after in zip(old, new, strict=True):
        if before != after:
            edits.append(_trim(offset, before, after))
        offset += len(before)
    return edits


def _trim(offset: int, before: str, after: str) -> _Edit:
    """Return the edit without white space and ASCII that is the same at both ends; at least one character remains."""
    start, end = 0, 0
    limit = min(len(before), len(after)) - 1
    while start < limit and before[start] == after[start] and _is_plain(before[start]):
        start += 1
    while end < limit - start and before[-1 - end] == after[-1 - end] and _is_plain(before[-1 - end]):
        end += 1
    return offset + start, offset + len(before) - end, after[start : len(after) - end]


def _is_plain(character: str) -> bool:
    """Whether a character is ASCII or white space."""
    return character < "\x80" or character.isspace()
