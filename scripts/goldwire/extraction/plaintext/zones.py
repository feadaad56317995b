"""The parts of a page, and what is settled among them once all are known: second copies, quotes, the best headline."""

from __future__ import annotations

import msgspec

from goldwire.extraction import repeats
from goldwire.extraction.plaintext import headline
from goldwire.extraction.plaintext.line_table import QUOTED, SAID
from goldwire.extraction.plaintext.pages import Page

__all__ = ["Zone", "best_headline", "doubled", "parted", "whole", "without_repeats"]


class Zone(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A stretch `[start, end)` of the cleaned text, on one line (1-based), what it is and why that was said."""

    line: int
    start: int
    end: int
    zone: str
    reason: str


def whole(page: Page, index: int, zone: str, reason: str) -> Zone:
    """Say what a whole line is."""
    start = page.starts[index]
    end = start + len(page.lines[index])
    return Zone(line=page.numbers[index], start=start, end=end, zone=zone, reason=reason)


def without_repeats(page: Page, parts: list[Zone], body: list[int]) -> list[Zone]:
    """Take second copies and pull quotes out of the body."""
    said = [page.said[line] for line in body]
    if not any(said):
        return parts
    texts = [page.lines[line] for line in body]
    copies = repeats.second_copies(texts, [flags & SAID > 0 for flags in said])
    for copy in copies:
        texts[copy] = ""
    quoted = [flags & QUOTED > 0 for flags in said]
    found = dict.fromkeys(repeats.pull_quotes(texts, quoted), ("pull-quote", "a paragraph has these words"))
    found |= dict.fromkeys(copies, ("other", "repeats what stands above"))
    if not found:
        return parts
    places = [place for place, part in enumerate(parts) if part.zone == "body"]
    out = list(parts)
    for number, (zone, reason) in found.items():
        out[places[number]] = msgspec.structs.replace(parts[places[number]], zone=zone, reason=reason)
    return out


def parted(line: Zone, size: int) -> list[Zone]:
    """Part a breadcrumb of that size from what it is glued to."""
    place = line.start + size
    crumb = msgspec.structs.replace(line, end=place, zone="breadcrumb", reason="glued before the headline")
    return [crumb, msgspec.structs.replace(line, start=place)]


def best_headline(text: str, parts: list[Zone]) -> list[Zone]:
    """Of the copies of the headline, take the fullest, in typographic quotes."""
    place = next((index for index, part in enumerate(parts) if part.zone == "headline"), None)
    if place is None:
        return parts
    head = parts[place]
    title = text[head.start : head.end]
    for index, part in enumerate(parts):
        if part.zone != "repeated-headline":
            continue
        other = text[part.start : part.end]
        quoted = (
            headline.is_straight(title)
            and other != title
            and repeats.casefold_quotes(other) == repeats.casefold_quotes(title)
        )
        if quoted or headline.fuller(other, title):
            out = list(parts)
            out[place] = msgspec.structs.replace(head, zone=part.zone, reason=part.reason)
            out[index] = msgspec.structs.replace(part, zone=head.zone, reason="the fullest, as the journalist quotes")
            return out
    return parts


def doubled(page: Page, index: int, title: str) -> list[Zone]:
    """Give the parts of a line that repeats the headline, perhaps with a breadcrumb before it."""
    line = whole(page, index, "repeated-headline", "repeats the headline")
    folded = repeats.casefold_quotes(page.lines[index])
    place = folded.find(repeats.casefold_quotes(title))
    return [line] if place <= 0 or len(folded) != len(page.lines[index]) else parted(line, place)
