"""Tell a scraped page apart, line by line: headline, captions and body from residue of every kind."""

from __future__ import annotations

import re

import msgspec

from goldwire import residue

__all__ = ["Zone", "zone_lines"]


class Zone(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch `[start, end)` of the cleaned text, on one line (1-based), what it is and why that was said."""

    line: int
    start: int
    end: int
    zone: str
    why: str


_LINE = re.compile(r"[^\n]+")
_SENTENCE_END = re.compile(r"[.!?…:;][\"'”’»)\]]*$")
_GLUED_FEW = 15  # characters: a shorter headline would be found in any line by chance


class _Line(msgspec.Struct, frozen=True):
    number: int
    start: int
    text: str
    named: tuple[str, str] | None

    def zone(self, zone: str, why: str) -> Zone:
        return Zone(line=self.number, start=self.start, end=self.start + len(self.text), zone=zone, why=why)


def zone_lines(text: str, told: str = "") -> tuple[Zone, ...]:
    """Zone every line that is not blank of a cleaned text; a line of two zones (a glued breadcrumb) gives two.

    `told` is the headline where something beside the page tells it.
    """
    lines = [
        _Line(text.count("\n", 0, found.start()) + 1, found.start(), found[0], residue.name_line(found[0]))
        for found in _LINE.finditer(text)
    ]
    start, end = _block([_score(line) for line in lines])
    head = _told(lines[: start + 1], told) if told else _headline(lines[: start + 1])
    if head is not None and head >= start:
        start = head + 1
    title = lines[head].text if head is not None else told
    zones: list[Zone] = []
    for index, line in enumerate(lines):
        if index == head:
            zones.append(line.zone("headline", "stands alone above the body"))
        elif index < max(start, (head or 0)) and _same(line.text, title):
            zones += _doubled(line, title)
        elif line.named is not None and (line.named[0] != "caption" or (head or 0) < index < end):
            zones.append(line.zone(*line.named))
        elif start <= index < end:
            zones.append(line.zone("body", "within the body's run"))
        else:
            zones.append(line.zone("navigation" if index < start else "related", "outside the body's run"))
    return tuple(zones)


def _score(line: _Line) -> float:
    words = line.text.count(" ") + 1
    if line.named is not None:
        return -3.0 if line.named[0] in ("caption", "ads", "byline", "dateline") else -15.0
    if _SENTENCE_END.search(line.text) and words >= 5:
        return min(words, 80)
    return min(words, 80) * 0.8 if words >= 25 else -6.0


def _block(scores: list[float]) -> tuple[int, int]:
    """Find the run of lines of maximal total score (Kadane)."""
    best, total, first, start, end = 0.0, 0.0, 0, 0, 0
    for index, score in enumerate(scores):
        if total <= 0:
            total, first = 0.0, index
        total += score
        if total > best:
            best, start, end = total, first, index + 1
    return start, end


_QUOTES = str.maketrans("‘’‚“”„«»´`", "''''''''''")


def _folded(text: str) -> str:
    return text.translate(_QUOTES).replace('"', "'").casefold()


def _same(text: str, title: str) -> bool:
    return len(title) >= _GLUED_FEW and _folded(title) in _folded(text) and len(text) <= len(title) + 80


def _headline(lines: list[_Line]) -> int | None:
    """Find the headline: the last line above the body that another repeats, else the last that could be one."""
    able = [i for i, line in enumerate(lines) if line.named is None and 3 <= line.text.count(" ") + 1 <= 40]
    for index in reversed(able):
        text = lines[index].text
        if not _SENTENCE_END.search(text) or len(text) < 200:
            if any(_same(other.text, text) for i, other in enumerate(lines) if i != index):
                return index
    for index in able[::-1]:
        if not _SENTENCE_END.search(lines[index].text):
            return index
    return None


def _told(lines: list[_Line], told: str) -> int | None:
    """Find the last line that is the told headline, or all of it but the outlet's name."""
    found = [i for i, line in enumerate(lines) if _folded(line.text) == _folded(told) or _same(told, line.text)]
    return found[-1] if found else None


def _doubled(line: _Line, title: str) -> list[Zone]:
    place = _folded(line.text).find(_folded(title))
    if place <= 0 or len(_folded(line.text)) != len(line.text):
        return [line.zone("doubled-headline", "repeats the headline")]
    parted = line.start + place
    ends = line.start + len(line.text)
    return [
        Zone(line=line.number, start=line.start, end=parted, zone="breadcrumb", why="glued before the headline"),
        Zone(line=line.number, start=parted, end=ends, zone="doubled-headline", why="repeats the headline"),
    ]
