"""Articles from texts that are no page: nothing is removed, or only lines that are boilerplate by their words."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from goldwire.extraction.api import ExtractedArticle, TextPage
from goldwire.extraction.plaintext.boilerplate import match_boilerplate
from goldwire.extraction.plaintext.zones import Zone
from goldwire.extraction.result import TextSource
from goldwire.records import Cleaning, TextKind
from goldwire.text.sentences import SENTENCE_STOPS
from goldwire.text.words import count_words

__all__ = ["clean_article"]

_HEADLINE_CHARACTERS, _HEADLINE_WORDS = 200, 30  # at most: a longer first line is a paragraph
_PARAGRAPH_ENDS = (SENTENCE_STOPS - frozenset("!?؟፧")).union(":;,")  # a headline may ask, or shout in Latin script


def clean_article(page: TextPage, cleaning: Cleaning, kind: TextKind) -> ExtractedArticle:
    """Return the article of a text: each line that is not blank is a paragraph.

    Parameters
    ----------
    page : TextPage
        The text as `prepare_text` returns it.
    cleaning : {"light", "none"}
        Whether to remove lines that are boilerplate by their words.
    kind : {"article", "post", "document"}
        What the text is; a post has no headline.
    """
    lines = list(_lines(page.page.text))
    headline = _headline(lines, page.given_title, kind)
    zones = [_zone(line, number == headline, cleaning) for number, line in enumerate(lines)]
    return _from_zones(page, tuple(zones))


class _Line(msgspec.Struct, frozen=True):
    number: int  # from 1, blank lines included
    start: int
    text: str


def _lines(text: str) -> Iterator[_Line]:
    """Yield the lines that are not blank."""
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        if line:
            yield _Line(number, start, line)
        start += len(line) + 1


def _headline(lines: list[_Line], given_title: str, kind: TextKind) -> int | None:
    """Return the index of the headline, which can only be the first of several lines; None if the text has none."""
    if len(lines) < 2 or kind == "post":
        return None
    first = lines[0].text
    if given_title:
        return 0 if first.casefold() == given_title.casefold() else None
    is_short = len(first) <= _HEADLINE_CHARACTERS and count_words(first) <= _HEADLINE_WORDS
    return 0 if is_short and first[-1] not in _PARAGRAPH_ENDS else None


def _zone(line: _Line, is_headline: bool, cleaning: Cleaning) -> Zone:
    zone, reason = ("headline", "first line") if is_headline else ("body", f'cleaning is "{cleaning}"')
    match = match_boilerplate(line.text) if cleaning == "light" and not is_headline else None
    if match is not None:
        zone, reason = match
    return Zone(line=line.number, start=line.start, end=line.start + len(line.text), zone=zone, reason=reason)


def _from_zones(page: TextPage, zones: tuple[Zone, ...]) -> ExtractedArticle:
    text = page.page.text
    kept = [zone for zone in zones if zone.zone in ("headline", "body")]
    body = "\n\n".join(text[zone.start : zone.end] for zone in kept if zone.zone == "body")
    headline = next((text[zone.start : zone.end] for zone in kept if zone.zone == "headline"), "")
    inserted = "" if headline or body.casefold() == page.given_title.casefold() else page.given_title
    title = headline or inserted
    source = TextSource(
        page=page.page,
        ranges=tuple((zone.start, zone.end) for zone in kept),
        inserted_title=inserted,
        given_title=page.given_title,
        zones=zones,
    )
    repairs = page.mojibake_repairs
    return ExtractedArticle(
        title=title,
        text="\n\n".join(part for part in (title, body) if part),
        body=body,
        captions=tuple(text[zone.start : zone.end] for zone in zones if zone.zone == "caption"),
        given_title=page.given_title,
        mojibake_repairs=sum(piece[2:4] in repairs for piece in source.article_text().pieces) if repairs else 0,
        _source=source,
    )
