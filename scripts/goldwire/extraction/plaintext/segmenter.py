"""Tell a scraped page apart, line by line: headline, captions and body from residue of every kind.

A network says how likely each line is to be the journalist's (`goldwire.extraction.network`). Rules tell the lines
that say
themselves what they are (`goldwire.extraction.plaintext.boilerplate`), and the headline, given away by its place
(`goldwire.extraction.plaintext.headline`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import compress

import msgspec

from goldwire.extraction.network import Network, load_network
from goldwire.extraction.plaintext import boilerplate, headline
from goldwire.extraction.plaintext.boilerplate_patterns import ABOUT
from goldwire.extraction.plaintext.pages import Page, see
from goldwire.extraction.plaintext.zones import Zone, best_headline, doubled, parted, whole, without_repeats
from goldwire.extraction.site_boilerplate import SiteBoilerplate
from goldwire.extraction.source_links import is_address_line, lists_addresses

__all__ = ["Division", "Zone", "divide", "divide_all", "zone_lines"]

_SURE = 0.9  # from which a long line is body though its words are residue's: an article about cookies
_LONG = 100  # characters
_DOUBTFUL = 0.5  # below which a line under links to other stories is one more of them, and one under comments too
_TOGETHER = 1 << 17  # characters: what is looked at together; more no longer fits a core's cache
_STORY = 80  # words of body after which comments are the readers', and "About" and a name are above the author's life
_COMMENTS = boilerplate.rows_of("comments")
_TELLING = boilerplate.MAY_BE_CAPTION | boilerplate.MAY_PRESENT | _COMMENTS  # of a line that is no body


class Division(msgspec.Struct, frozen=True):
    """The parts of a page in order, and the headline's text ("" where there is none).

    Where not every line was asked for, those are headline, captions, body, and whatever else had to be named to tell.
    """

    parts: tuple[Zone, ...]
    title: str


def zone_lines(text: str, told: str = "", recurring: SiteBoilerplate | None = None) -> tuple[Zone, ...]:
    """Zone every line that is not blank of a cleaned text; a line of two zones (a glued breadcrumb) gives two.

    `told` is the headline where something beside the page tells it.
    """
    parts = divide(text, told, every=True, recurring=recurring).parts
    return parts if recurring is None else tuple(_known(part, text, recurring) for part in parts)


def _known(part: Zone, text: str, recurring: SiteBoilerplate) -> Zone:
    """Say of a line that no words of its own name that its source has it on many pages."""
    share = float(recurring.shares(text[part.start : part.end])[0])
    if part.zone != "other" or not share:
        return part
    return msgspec.structs.replace(part, reason=f"stands in {share:.0%} of its source's pages")


def divide(
    text: str,
    told: str = "",
    *,
    every: bool = False,
    weights: Network | None = None,
    recurring: SiteBoilerplate | None = None,
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
    recurring: SiteBoilerplate | None = None,
    coded: Sequence[bytes] | None = None,
) -> Iterator[Division]:
    """Divide pages as `divide` does each, several together: what one gives does not depend on those beside it.

    `coded` are the texts in UTF-8, where that is at hand.
    """
    first = size = 0
    for after, text in enumerate(texts, 1):
        size += len(text)
        if size >= _TOGETHER or after == len(texts):
            some = slice(first, after)
            data = None if coded is None else coded[some]
            for page in see(texts[some], tolds[some], weights or load_network(), recurring, data):
                yield _divided(page, every)
            first, size = after, 0


def _divided(page: Page, every: bool) -> Division:
    if 1 not in page.kept:
        rows = range(len(page.lines)) if every else ()
        parts = [whole(page, i, *name) if (name := page.named(i)) else _unnamed(page, i, 0.0) for i in rows]
        return Division(tuple(parts), page.told)
    first, last = page.kept.index(1), page.kept.rindex(1)
    head = headline.find(page.lines[: first + 1], page.told, _namer(page))
    crumb = 0 if head is None else headline.glued(page.lines[head], page.lines[:head])
    title = page.told if head is None else page.lines[head][crumb:]
    listed = "\nhttp" in page.text and lists_addresses(compress(page.lines, page.kept))
    article = _Article(first=first, last=last, head=head, crumb=crumb, title=title, listed=listed)
    looked_at = _looked_at(page, article)
    repeats = _repeats(page, article, 0 if every else looked_at.start)
    parts, body = _parts(page, article, looked_at, repeats, every)
    if len(repeats) > 1:
        parts = best_headline(page.text, parts)
    parts = without_repeats(page, parts, body)
    title = next((page.text[part.start : part.end] for part in parts if part.zone == "headline"), article.title)
    return Division(tuple(parts), title)


def _namer(page: Page) -> headline.Namer:
    def named(index: int, rows: int = -1) -> tuple[str, str] | None:
        may = page.may[index]
        return boilerplate.name_line(page.lines[index], may) if may & rows else None

    return named


class _Article(msgspec.Struct, frozen=True, kw_only=True):
    """Where on a page its article is: the first and last line kept, the headline, and a breadcrumb glued to it.

    `listed` tells that it lists addresses.
    """

    first: int
    last: int
    head: int | None
    crumb: int
    title: str
    listed: bool


def _looked_at(page: Page, article: _Article) -> range:
    """Give the lines of the article and those above it that are worth a look."""
    # The line above tells whether a doubtful first one stands below a link to another story.
    start = max(min(article.first, article.first if article.head is None else article.head) - 1, 0)
    # What stands above the headline is worth a look where it may have the headline better: see `best_headline`.
    title = article.title
    if headline.is_straight(title) or headline.is_fuller_in(page.text[: page.starts[start]], title):
        start = 0
    return range(start, article.last + 1)


def _parts(
    page: Page, article: _Article, looked_at: range, repeats: dict[int, list[Zone]], every: bool
) -> tuple[list[Zone], list[int]]:
    """Say what each line is, and which are body; without `every`, of lines looked at, and only what tells more.

    `repeats` are the parts of lines that are the headline, or repeat it.
    """
    below = article.first - 1 if article.head is None else article.head
    rows = range(len(page.lines)) if every else range(below + 1, looked_at.stop)
    parts = [part for index, some in repeats.items() if index < rows.start for part in some]
    body, doubtful, over = list[int](), list[int](), False
    telling = boilerplate.MAY_BE_CAPTION  # what a line that is no body is asked whether it is
    for index in rows if every else _worth(page, rows, repeats):
        if index in repeats:
            parts += repeats[index]
            continue
        kept, may = page.kept[index], page.may[index]
        inside = below < index <= article.last and not over
        named = _named(page, index, article.listed) if may and (kept or every or may & telling) else None
        if may & boilerplate.MAY_PRESENT and not over and _presents(page, index, body + doubtful):
            named, over = (ABOUT.zone, ABOUT.why), True
        if named is not None:
            if named[0] == "caption" and not inside:
                named = "other", "a caption outside the article"
            elif named[0] == "comments" and not over and _words(page, body + doubtful) >= _STORY:
                over = not _goes_on(page, index)
                if over and not every:
                    break
            parts.append(whole(page, index, *named))
        elif not kept or not inside:
            parts += [_unnamed(page, index, page.likely[index])] if every else []
        elif page.likely[index] < _DOUBTFUL and _is_below_link(page, parts, range(looked_at.start, index)):
            doubtful.append(index)
            parts.append(whole(page, index, "related", "doubtful, and below a link to another story"))
        else:
            telling |= _COMMENTS
            body.append(index)
            why = f"likely the journalist's ({page.likely[index]:.2f})" if every else ""
            parts.append(whole(page, index, "body", why))
    return parts, body


def _worth(page: Page, rows: range, repeats: dict[int, list[Zone]]) -> Iterable[int]:
    """Give the lines that are kept, repeat the headline, or may tell something: half of those of an article."""
    some = slice(rows.start, rows.stop)
    return [
        index
        for index, kept, may in zip(rows, page.kept[some], page.may[some], strict=True)
        if kept or may & _TELLING or index in repeats
    ]


def _repeats(page: Page, article: _Article, start: int) -> dict[int, list[Zone]]:
    """Give the parts of the headline and of the lines, down to the first of the body, that repeat it."""
    found = {start + place for place in headline.copies(article.title, page.lines[start : article.first + 1])}
    some = found if article.head is None else found | {article.head}
    return {index: _headline(page, index, article) for index in sorted(some)}


def _named(page: Page, index: int, listed: bool) -> tuple[str, str] | None:
    """Name a line by its words; a long one that is surely body can only be a caption, whatever those are.

    Where addresses are listed, those that are body have no name.
    """
    text, may = page.lines[index], page.may[index]
    if page.kept[index]:
        if listed and is_address_line(text):
            return None
        if len(text) > _LONG and page.likely[index] >= _SURE:
            may &= boilerplate.MAY_BE_CAPTION
    return boilerplate.name_line(text, may) if may else None


def _words(page: Page, lines: list[int]) -> int:
    return sum(page.lines[line].count(" ") + 1 for line in lines)


def _is_below_link(page: Page, parts: list[Zone], above: range) -> bool:
    """Tell whether nothing that has a name stands between a link to another story and here.

    Of the lines above, those without a part are named now: few lines are doubtful, and few steps lead to a name. Those
    that look like captions are outside the article.
    """
    done = len(parts) - 1
    for index in reversed(above):
        if done >= 0 and parts[done].line == page.numbers[index]:
            zone = parts[done].zone
            done -= 1
        else:
            named = _named(page, index, listed=False)
            zone = "other" if named is None or named[0] == "caption" else named[0]
        if zone != "other":
            return zone == "related"
    return False


def _presents(page: Page, index: int, body: list[int]) -> bool:
    """Tell whether a line stands above what presents the author, and little of the article can be below."""
    if ABOUT.pattern.fullmatch(page.lines[index]) is None or _words(page, body) < _STORY:
        return False
    sizes = [len(line) * kept for line, kept in zip(page.lines, page.kept, strict=True)]
    return sum(sizes[index:]) < sum(sizes[:index]) / 2


def _goes_on(page: Page, index: int) -> bool:
    """Tell whether the line below a comment count is a paragraph: above a reader's comment stands the reader's name."""
    below = index + 1
    return below < len(page.lines) and page.likely[below] >= _DOUBTFUL and len(page.lines[below]) > _LONG


def _unnamed(page: Page, index: int, likely: float) -> Zone:
    return whole(page, index, "other", f"unlikely to be body ({likely:.2f})")


def _headline(page: Page, index: int, article: _Article) -> list[Zone]:
    """Give the parts of a line that is the headline, or repeats it."""
    if index != article.head:
        return doubled(page, index, article.title)
    line = whole(page, index, "headline", "stands alone above the body")
    return parted(line, article.crumb) if article.crumb else [line]
