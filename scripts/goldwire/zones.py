"""Tell a scraped page apart, line by line: headline, captions and body from residue of every kind.

A network says how likely each line is to be the journalist's (`goldwire.model`). Rules tell the lines that say
themselves what they are (`goldwire.residue`), and the headline, given away by its place (`goldwire.headlines`).
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire import headlines, pullquotes, residue
from goldwire.context import describe
from goldwire.lines import look
from goldwire.model import Network, network, probabilities
from goldwire.recurring import Recurring, weighed

__all__ = ["Division", "Zone", "divide", "zone_lines"]

_LIKELY = 0.3  # from which a line is body: precision and recall of unseen pages balance here
_FEWEST = 8  # words of body that make an article of any kind
_OF_BEST = 0.6  # or this share of the page's likeliest line, where no line is that likely (text in another script)
_GAP = 3  # lines without body that part two runs
_SMALL = 0.1  # a run of less than this share of the largest is a teaser or a comment
_SURE = 0.9  # from which a long line is body though its words are residue's: an article about cookies
_LONG = 100  # characters
_DOUBTFUL = 0.5  # below which a line under a link to another story is one more of them, and one under comments too
_STRAIGHT = frozenset("'\"")
_STORY = 80  # words of body after which comments are the readers'


class Zone(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch `[start, end)` of the cleaned text, on one line (1-based), what it is and why that was said."""

    line: int
    start: int
    end: int
    zone: str
    why: str


class Line(msgspec.Struct, frozen=True):
    """A line that is not blank: its number (1-based), where it starts, and its text."""

    number: int
    start: int
    text: str

    def zone(self, zone: str, why: str) -> Zone:
        """Say what the whole line is."""
        return Zone(line=self.number, start=self.start, end=self.start + len(self.text), zone=zone, why=why)


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
    rows = _rows(text)
    if not rows:
        return Division((), told)
    looks = look(text.encode("utf-8", "replace")).looks
    likely = probabilities(describe(looks), weights or network())
    likely = likely if recurring is None else weighed(likely, recurring, text)
    kept = _kept(likely, np.expm1(looks[:, 0]))
    if not kept.any():
        return Division(tuple(_zone(row, _named(row.text, False), False, 0.0) for row in rows) if every else (), told)
    first, last = int(np.argmax(kept)), len(kept) - 1 - int(np.argmax(kept[::-1]))
    head = headlines.find([row.text for row in rows[: first + 1]], told)
    crumb = 0 if head is None else headlines.glued(rows[head].text, [row.text for row in rows[:head]])
    page = _Page(
        rows=rows,
        likely=likely.tolist(),
        kept=kept.tolist(),
        first=first,
        last=last,
        head=head,
        crumb=crumb,
        title=rows[head].text[crumb:] if head is not None else told,
    )
    parts = _without_quotes(text, _best_headline(text, _parts(page, page.looked_at(every))))
    title = next((text[part.start : part.end] for part in parts if part.zone == "headline"), page.title)
    return Division(tuple(parts), title)


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page's lines, how likely each is in the article, which are kept; its headline, and a breadcrumb glued to it."""

    rows: list[Line]
    likely: list[float]
    kept: list[bool]
    first: int
    last: int
    head: int | None
    crumb: int
    title: str

    def looked_at(self, every: bool) -> range:
        """The lines to look at: all, or those of the article and what stands above it."""
        if every:
            return range(len(self.rows))
        # The line above tells whether a doubtful first one stands below a link to another story.
        start = max(min(self.first, self.first if self.head is None else self.head) - 1, 0)
        # What stands above the headline is worth a look where it may have the headline better: see `_best_headline`.
        above = (row.text for row in self.rows[:start])
        if not _STRAIGHT.isdisjoint(self.title) or any(headlines.fuller(text, self.title) for text in above):
            start = 0
        return range(start, self.last + 1)


def _parts(page: _Page, looked_at: range) -> list[Zone]:
    """Say of each line looked at what it is."""
    parts: list[Zone] = []
    words, over = 0, False
    for index in looked_at:
        row, likely = page.rows[index], page.likely[index]
        named = _named(row.text, page.kept[index] and likely >= _SURE)
        inside = (page.head if page.head is not None else page.first - 1) < index <= page.last and not over
        found = _zone(row, named, page.kept[index] and inside, likely)
        if index == page.head:
            parts += _headline(row, page.crumb)
            continue
        if index <= page.first and page.title and headlines.same(row.text, page.title):
            parts += _doubled(row, page.title)
            continue
        if found.zone == "body":
            words += row.text.count(" ") + 1
        elif found.zone == "caption" and not inside:
            found = row.zone("other", "a caption outside the article")
        if found.zone == "comments" and words >= _STORY:
            over = over or not _goes_on(page, index)
        elif found.zone == "body" and likely < _DOUBTFUL and parts and parts[-1].zone == "related":
            found = row.zone("related", "doubtful, and right below a link to another story")
        parts.append(found)
    return parts


def _goes_on(page: _Page, index: int) -> bool:
    """Tell whether the line below a comment count is a paragraph: above a reader's comment stands the reader's name."""
    below = index + 1
    return below < len(page.rows) and page.likely[below] >= _DOUBTFUL and len(page.rows[below].text) > _LONG


def _rows(text: str) -> list[Line]:
    rows, place = [], 0
    for number, line in enumerate(text.split("\n"), 1):
        if line:
            rows.append(Line(number, place, line))
        place += len(line) + 1
    return rows


def _kept(likely: NDArray[np.float32], words: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Choose the likely lines, but for runs of them that are small beside the largest."""
    kept: NDArray[np.bool_] = likely > min(_LIKELY, _OF_BEST * float(likely.max()))
    place = np.flatnonzero(kept)
    run = np.concatenate(([0], np.cumsum(np.diff(place) > _GAP)))
    weight = np.bincount(run, (likely * (words + 1))[place])
    kept[place[weight[run] < _SMALL * weight.max()]] = False
    if words[kept].sum() < _FEWEST:
        kept[:] = False
    return kept


def _named(text: str, sure: bool) -> tuple[str, str] | None:
    """Name a line by its words; a long line that is surely body may only be a caption, whatever words it holds."""
    if not sure or len(text) <= _LONG:
        return residue.name_line(text)
    return ("caption", "picture's credit") if residue.is_caption(text) else None


def _zone(row: Line, named: tuple[str, str] | None, kept: bool, likely: float) -> Zone:
    if named is not None:
        return row.zone(*named)
    if kept:
        return row.zone("body", f"likely the journalist's ({likely:.2f})")
    return row.zone("other", f"unlikely to be body ({likely:.2f})")


def _without_quotes(text: str, parts: list[Zone]) -> list[Zone]:
    body = [index for index, part in enumerate(parts) if part.zone == "body"]
    quotes = pullquotes.find([text[parts[index].start : parts[index].end] for index in body])
    out = list(parts)
    for quote in quotes:
        index = body[quote]
        out[index] = msgspec.structs.replace(parts[index], zone="pull-quote", why="a paragraph has these words")
    return out


def _headline(row: Line, crumb: int) -> list[Zone]:
    start, end = row.start + crumb, row.start + len(row.text)
    parts = [Zone(line=row.number, start=start, end=end, zone="headline", why="stands alone above the body")]
    if crumb:
        glued = Zone(line=row.number, start=row.start, end=start, zone="breadcrumb", why="glued before the headline")
        parts.insert(0, glued)
    return parts


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


def _doubled(row: Line, title: str) -> list[Zone]:
    place = headlines.folded(row.text).find(headlines.folded(title))
    if place <= 0 or len(headlines.folded(row.text)) != len(row.text):
        return [row.zone("doubled-headline", "repeats the headline")]
    parted, end = row.start + place, row.start + len(row.text)
    return [
        Zone(line=row.number, start=row.start, end=parted, zone="breadcrumb", why="glued before the headline"),
        Zone(line=row.number, start=parted, end=end, zone="doubled-headline", why="repeats the headline"),
    ]
