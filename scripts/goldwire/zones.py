"""Tell a scraped page apart, line by line: headline, captions and body from residue of every kind.

A network says how likely each line is to be the journalist's (`goldwire.model`). Rules tell the lines that say
themselves what they are (`goldwire.residue`), and the headline, given away by its place (`goldwire.headlines`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

import msgspec

from goldwire import headlines, pullquotes, residue
from goldwire.captions import is_caption
from goldwire.model import Network, network
from goldwire.pages import Page, see
from goldwire.recurring import Recurring

__all__ = ["Division", "Zone", "divide", "divide_all", "zone_lines"]

_SURE = 0.9  # from which a long line is body though its words are residue's: an article about cookies
_LONG = 100  # characters
_DOUBTFUL = 0.5  # below which a line under links to other stories is one more of them, and one under comments too
_STRAIGHT = frozenset("'\"")
_TOGETHER = 1 << 17  # characters: what is looked at together; more no longer fits a core's cache
_STORY = 80  # words of body after which comments are the readers'


class Zone(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch `[start, end)` of the cleaned text, on one line (1-based), what it is and why that was said."""

    line: int
    start: int
    end: int
    zone: str
    why: str


class Division(msgspec.Struct, frozen=True):
    """The parts of a page in order, and the headline's text ("" where there is none)."""

    parts: tuple[Zone, ...]
    title: str


def zone_lines(text: str, told: str = "", recurring: Recurring | None = None) -> tuple[Zone, ...]:
    """Zone every line that is not blank of a cleaned text; a line of two zones (a glued breadcrumb) gives two.

    `told` is the headline where something beside the page tells it.
    """
    parts = divide(text, told, every=True, recurring=recurring).parts
    return parts if recurring is None else tuple(_known(part, text, recurring) for part in parts)


def _known(part: Zone, text: str, recurring: Recurring) -> Zone:
    """Say of a line that no words of its own name that its source has it on many pages."""
    share = float(recurring.of(text[part.start : part.end])[0])
    if part.zone != "other" or not share:
        return part
    return msgspec.structs.replace(part, why=f"stands in {share:.0%} of its source's pages")


def divide(
    text: str,
    told: str = "",
    *,
    every: bool = False,
    weights: Network | None = None,
    recurring: Recurring | None = None,
) -> Division:
    """Find headline, captions and body; with `every`, name what every other line is too, which takes longer.

    `recurring` are the lines that recur over the page's source.
    """
    return next(divide_all((text,), (told,), every=every, weights=weights, recurring=recurring))


def divide_all(
    texts: Sequence[str],
    tolds: Sequence[str],
    *,
    every: bool = False,
    weights: Network | None = None,
    recurring: Recurring | None = None,
) -> Iterator[Division]:
    """Divide pages as `divide` does each, several together: what one gives does not depend on those beside it."""
    first = size = 0
    for after, text in enumerate(texts, 1):
        size += len(text)
        if size >= _TOGETHER or after == len(texts):
            for page in see(texts[first:after], tolds[first:after], weights or network(), recurring):
                yield _divided(page, every)
            first, size = after, 0


def _divided(page: Page, every: bool) -> Division:
    if True not in page.kept:
        rows = range(len(page.lines)) if every else ()
        return Division(tuple(_zone(page, index, page.named(index), False, 0.0) for index in rows), page.told)
    first, last = page.kept.index(True), len(page.kept) - 1 - page.kept[::-1].index(True)
    head = headlines.find(page.lines[: first + 1], page.told, page.named)
    crumb = 0 if head is None else headlines.glued(page.lines[head], page.lines[:head])
    article = _Article(
        first=first, last=last, head=head, crumb=crumb, title=page.told if head is None else page.lines[head][crumb:]
    )
    parts = _parts(page, article, range(len(page.lines)) if every else _looked_at(page, article))
    parts = _without_quotes(page, _best_headline(page.text, parts))
    title = next((page.text[part.start : part.end] for part in parts if part.zone == "headline"), article.title)
    return Division(tuple(parts), title)


class _Article(msgspec.Struct, frozen=True, kw_only=True):
    """Where on a page its article is: the first and last line kept, the headline, and a breadcrumb glued to it."""

    first: int
    last: int
    head: int | None
    crumb: int
    title: str


def _looked_at(page: Page, article: _Article) -> range:
    """Give the lines of the article and those above it that are worth a look."""
    # The line above tells whether a doubtful first one stands below a link to another story.
    start = max(min(article.first, article.first if article.head is None else article.head) - 1, 0)
    # What stands above the headline is worth a look where it may have the headline better: see `_best_headline`.
    title = article.title
    starts = [text for text in page.lines[:start] if text.startswith(title)]
    if not _STRAIGHT.isdisjoint(title) or any(headlines.fuller(text, title) for text in starts):
        start = 0
    return range(start, article.last + 1)


def _parts(page: Page, article: _Article, looked_at: range) -> list[Zone]:
    """Say of each line looked at what it is."""
    parts: list[Zone] = []
    words, over = 0, False
    below = article.first - 1 if article.head is None else article.head
    is_copy = headlines.copies(article.title)
    for index in looked_at:
        if index == article.head:
            parts += _headline(page, index, article.crumb)
            continue
        text, likely, kept = page.lines[index], page.likely[index], page.kept[index]
        if index <= article.first and is_copy(text):
            parts += _doubled(page, index, article.title)
            continue
        inside = below < index <= article.last and not over
        found = _zone(page, index, _named(page, index, kept and likely >= _SURE), kept and inside, likely)
        if found.zone == "body":
            words += text.count(" ") + 1
        elif found.zone == "caption" and not inside:
            found = _whole(page, index, "other", "a caption outside the article")
        if found.zone == "comments" and words >= _STORY:
            over = over or not _goes_on(page, index)
        elif found.zone == "body" and likely < _DOUBTFUL and _is_below_link(parts):
            found = _whole(page, index, "related", "doubtful, and below a link to another story")
        parts.append(found)
    return parts


def _is_below_link(parts: list[Zone]) -> bool:
    """Tell whether nothing that has a name stands between a link to another story and here."""
    return next((part.zone for part in reversed(parts) if part.zone != "other"), "") == "related"


def _goes_on(page: Page, index: int) -> bool:
    """Tell whether the line below a comment count is a paragraph: above a reader's comment stands the reader's name."""
    below = index + 1
    return below < len(page.lines) and page.likely[below] >= _DOUBTFUL and len(page.lines[below]) > _LONG


def _named(page: Page, index: int, sure: bool) -> tuple[str, str] | None:
    """Name a line by its words; a long line that is surely body may only be a caption, whatever words it holds."""
    text = page.lines[index]
    if not sure or len(text) <= _LONG:
        return page.named(index)
    return ("caption", "picture's credit") if page.may[index] & residue.MAY_BE_CAPTION and is_caption(text) else None


def _whole(page: Page, index: int, zone: str, why: str) -> Zone:
    """Say what a whole line is."""
    start = page.starts[index]
    end = start + len(page.lines[index])
    return Zone(line=page.numbers[index], start=start, end=end, zone=zone, why=why)


def _zone(page: Page, index: int, named: tuple[str, str] | None, kept: bool, likely: float) -> Zone:
    if named is not None:
        return _whole(page, index, *named)
    if kept:
        return _whole(page, index, "body", f"likely the journalist's ({likely:.2f})")
    return _whole(page, index, "other", f"unlikely to be body ({likely:.2f})")


def _without_quotes(page: Page, parts: list[Zone]) -> list[Zone]:
    body = [index for index, part in enumerate(parts) if part.zone == "body"]
    of = [bisect_left(page.numbers, parts[index].line) for index in body]
    quotes = pullquotes.find([page.lines[line] for line in of], [page.said[line] for line in of])
    out = list(parts)
    for quote in quotes:
        index = body[quote]
        out[index] = msgspec.structs.replace(parts[index], zone="pull-quote", why="a paragraph has these words")
    return out


def _headline(page: Page, index: int, crumb: int) -> list[Zone]:
    whole = _whole(page, index, "headline", "stands alone above the body")
    return _parted(whole, crumb) if crumb else [whole]


def _parted(whole: Zone, size: int) -> list[Zone]:
    """Part a breadcrumb of that size from what it is glued to."""
    place = whole.start + size
    crumb = msgspec.structs.replace(whole, end=place, zone="breadcrumb", why="glued before the headline")
    return [crumb, msgspec.structs.replace(whole, start=place)]


def _best_headline(text: str, parts: list[Zone]) -> list[Zone]:
    """Of the copies of the headline, take the fullest, in typographic quotes."""
    place = next((index for index, part in enumerate(parts) if part.zone == "headline"), None)
    if place is None:
        return parts
    head = parts[place]
    title = text[head.start : head.end]
    for index, part in enumerate(parts):
        if part.zone != "doubled-headline":
            continue
        other = text[part.start : part.end]
        quoted = (
            not _STRAIGHT.isdisjoint(title) and other != title and headlines.folded(other) == headlines.folded(title)
        )
        if quoted or headlines.fuller(other, title):
            out = list(parts)
            out[place] = msgspec.structs.replace(head, zone=part.zone, why=part.why)
            out[index] = msgspec.structs.replace(part, zone=head.zone, why="the fullest, as the journalist quotes")
            return out
    return parts


def _doubled(page: Page, index: int, title: str) -> list[Zone]:
    whole = _whole(page, index, "doubled-headline", "repeats the headline")
    folded = headlines.folded(page.lines[index])
    place = folded.find(headlines.folded(title))
    return [whole] if place <= 0 or len(folded) != len(page.lines[index]) else _parted(whole, place)
