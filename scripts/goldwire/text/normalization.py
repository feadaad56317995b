"""Normalise raw text to NFC with plain white space, each character traced back to the raw text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Literal

import numpy as np

from goldwire.text.characters import INVISIBLE, JOINERS, LINE_BREAKS, SPACES, character_class
from goldwire.text.provenance import Piece, TracedText, join
from goldwire.text.scan import LINE_END, SPACE, UNWANTED, TextScan, ascii_classes, scan

__all__ = ["normalize"]

_Kind = Literal["space", "break", "invisible", "joiner"]
_KINDS: dict[str, _Kind] = {
    **dict.fromkeys(map(chr, SPACES), "space"),
    **dict.fromkeys(map(chr, LINE_BREAKS), "break"),
    **dict.fromkeys(map(chr, INVISIBLE), "invisible"),
    **dict.fromkeys(map(chr, JOINERS), "joiner"),
}
# Where a joiner joins: from Arabic to the Indic scripts and beyond (without Hangul letters, which compose into
# syllables that it does not join), and between emoji with their variation selectors.
_JOINED_RANGES = (
    (0x0600, 0x10FF),
    (0x1200, 0x1DFF),
    (0x2194, 0x21FF),
    (0x2600, 0x27BF),
    (0x2B00, 0x2BFF),
    (0xA800, 0xABFF),
    (0xFE0F, 0xFE0F),
    (0x11000, 0x11FFF),
    (0x1F000, 0x1FAFF),
)
_JOINERS = frozenset(map(chr, JOINERS))
_WHITESPACE_RUN = re.compile(character_class(map(ord, _KINDS)) + "*")
_NON_ASCII_WHITESPACE = re.compile(character_class(code for code in map(ord, _KINDS) if code >= 0x80))


def normalize(raw: bytes | str | TextScan, encoding: str = "utf-8") -> TracedText:
    """Normalise raw text to NFC with LF line ends.

    Invisible characters are removed, runs of spaces become one space, line ends lose the spaces around them. Quotes
    and dashes stay as the journalist wrote them.

    Parameters
    ----------
    raw : bytes, str or TextScan
        The raw text; a `TextScan` if the text was scanned already.
    encoding : str, default: "utf-8"
        Encoding of `raw` if it is bytes. A `str` counts as its UTF-8 bytes.

    Returns
    -------
    TracedText
        The normalised text, traced to `raw`.

    Raises
    ------
    UnicodeDecodeError
        If bytes are not in the encoding.

    Examples
    --------
    >>> normalize("Cafe\\u0301 \\u00a0 open \\r\\nnow").text
    'Café open\\nnow'
    """
    if isinstance(raw, TextScan):
        scanned, raw = raw, raw.text
    else:
        scanned = scan(raw if isinstance(raw, str) else raw.decode(encoding))
    page = TracedText(*_clean_whitespace(scanned), raw, encoding)
    return _compose_nfc(page) if scanned.has_uncommon else page


def _clean_whitespace(scanned: TextScan) -> tuple[str, tuple[Piece, ...]]:
    """Return the text with its white space cleaned, and the pieces of the raw text that it consists of."""
    text = scanned.text
    parts: list[str] = []
    pieces: list[Piece] = []
    size = done = 0
    for start, end in _whitespace_runs(text, _candidate_offsets(scanned)):
        if end == len(text) and text[start:] == "\n":
            break  # most files end like this; without a cut the page stays one piece
        if start > done:
            parts.append(text[done:start])
            pieces.append((size, size + start - done, done, start, True))
            size += start - done
        run = text[start:end]
        is_joined = not _JOINERS.isdisjoint(run) and _joins(text, start - 1) and _joins(text, end)
        for character, first, last, same in _cleaned_run(run, start == 0, end == len(text), is_joined):
            parts.append(character)
            pieces.append((size, size + 1, start + first, start + last, same))
            size += 1
        done = end
    if len(text) > done:
        parts.append(text[done:])
        pieces.append((size, size + len(text) - done, done, len(text), True))
    return "".join(parts), tuple(pieces)


def _whitespace_runs(text: str, offsets: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the runs of white space and invisible characters at `offsets`, each from its first character to its end."""
    done = 0
    for offset in offsets:
        if offset >= done:
            start = offset
            while start > done and text[start - 1] in _KINDS:
                start -= 1
            run = _WHITESPACE_RUN.match(text, offset)
            done = run.end() if run is not None else offset
            yield start, done


def _candidate_offsets(scanned: TextScan) -> list[int]:
    """Return sorted offsets at or in each run of white space that needs cleaning: none in most pages."""
    offsets: list[int] = []
    if scanned.text and scanned.has_whitespace:
        classes = ascii_classes(scanned.data)
        sums = classes[1:] + classes[:-1]
        # Two neighbouring line ends stay; only these sums are of a space beside a space or a line end.
        is_run = (sums == SPACE + LINE_END) | (sums == 2 * SPACE)
        at_bytes = np.concatenate((np.maximum(is_run.nonzero()[0] - 1, 0), (classes == UNWANTED).nonzero()[0] - 1))
        continuation = (np.frombuffer(scanned.data, np.int8) < -0x40).nonzero()[0]  # bytes that begin no character
        offsets = (at_bytes - continuation.searchsorted(at_bytes)).tolist()
    if scanned.has_uncommon:
        offsets += [match.start() for match in _NON_ASCII_WHITESPACE.finditer(scanned.text)]
    return sorted(offsets)


def _joins(text: str, offset: int) -> bool:
    """Whether a joiner joins to the character at `offset`."""
    code = ord(text[offset]) if 0 <= offset < len(text) else 0
    return code >= _JOINED_RANGES[0][0] and any(low <= code <= high for low, high in _JOINED_RANGES)


@lru_cache(maxsize=4096)
def _cleaned_run(run: str, at_start: bool, at_end: bool, is_joined: bool) -> tuple[tuple[str, int, int, bool], ...]:
    """Return the cleaned form of a run of white space and invisible characters.

    Each item is a character, the offsets in `run` of what it replaces, and whether it is unchanged. `at_start` and
    `at_end` say that the run is at the text's start or end; `is_joined`, that a joiner joins the characters around it.
    """
    # 1. Invisible characters go. A joiner stays if nothing else remains and it joins the characters around it.
    visible = [offset for offset, character in enumerate(run) if _KINDS[character] != "invisible"]
    if is_joined and len(visible) == 1:
        (offset,) = visible
        return ((run[offset], offset, offset + 1, True),)
    visible = [offset for offset in visible if run[offset] not in _JOINERS]
    # 2. Line ends lose the spaces around them; CR LF is one line end.
    breaks = [
        (offset, offset + 1)
        for offset, after in zip(visible, [*visible[1:], None], strict=False)
        if _KINDS[run[offset]] == "break" and not (run[offset] == "\r" and after is not None and run[after] == "\n")
    ]
    if breaks:
        return tuple(("\n", start, end, run[start] == "\n") for start, end in breaks)
    # 3. A run of spaces becomes one, which stands for the whole run; at the text's ends it goes.
    if not visible or at_start or at_end:
        return ()
    return ((" ", visible[0], len(run), run[visible[0] :] == " "),)


# Characters below U+0300 never compose with the character before them, so all changes by NFC are in such a stretch...
_MAY_COMPOSE = re.compile("[^\u0300-\U0010ffff]?[\u0300-\U0010ffff]+")


def _compose_nfc(page: TracedText) -> TracedText:
    """Return the page in NFC; each changed cluster of a letter and its marks maps as a whole."""
    if unicodedata.is_normalized("NFC", page.text):
        return page
    slices, done = [], 0
    for stretch in _MAY_COMPOSE.finditer(page.text):
        if unicodedata.is_normalized("NFC", stretch[0]):
            continue
        for start, end in _clusters(page.text, stretch.start(), stretch.end()):
            composed = unicodedata.normalize("NFC", page.text[start:end])
            if composed != page.text[start:end]:
                pieces = page.slice(start, end).pieces
                piece = (0, len(composed), pieces[0][2], pieces[-1][3], False)
                slices += [page.slice(done, start), TracedText(composed, (piece,), page.raw, page.encoding)]
                done = end
    return join([*slices, page.slice(done, len(page.text))], "")


def _clusters(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """...and, more closely, within one base character and the marks (or Hangul vowels and finals) after it."""
    first = start
    for offset in range(start + 1, end):
        character = text[offset]
        is_mark = unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Mc")
        if not is_mark and not "\u1160" <= character <= "\u11ff":
            yield first, offset
            first = offset
    yield first, end
