"""Segment a scraped page of text, line by line: headline, captions and body, separated from boilerplate of every kind.

A network gives each line's probability of being body (`goldwire.extraction.network`). Rules recognise the lines that
show by their words what they are (`goldwire.extraction.plaintext.boilerplate`), and the headline is found by its
position (`goldwire.extraction.plaintext.headline`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import compress
from operator import mul

import msgspec
import numpy as np

from goldwire.extraction import repeats
from goldwire.extraction.network import LineModel, load_line_model
from goldwire.extraction.plaintext import headline
from goldwire.extraction.plaintext.article_end import find_end
from goldwire.extraction.plaintext.article_start import find_start, is_standfirst
from goldwire.extraction.plaintext.boilerplate import (
    AUTHOR_BIO_MASK,
    CAPTION_MASK,
    RuleMatch,
    match_boilerplate,
    rule_mask,
)
from goldwire.extraction.plaintext.line_selection import PROBABILITY_STEPS
from goldwire.extraction.plaintext.line_table import (
    CONTAINED,
    REPEATED,
    CleanedPage,
    PageView,
    cleaned_page,
    page_views,
)
from goldwire.extraction.plaintext.zones import Zone, line_zone, split_breadcrumb
from goldwire.extraction.site_boilerplate import SiteBoilerplate
from goldwire.extraction.source_links import is_address_line, lists_addresses

__all__ = ["Segmentation", "explain_lines", "segment_page", "segment_pages"]

_CERTAIN = 0.9  # from which a long line is body though it has boilerplate's words: an article about cookies
_LONG = 100  # characters
_DOUBTFUL = 0.5  # below which a line under links to other stories is one more of them
# Words of a line that is dropped if it is one above it. Of 6 to 20, 12 is best on news: of lists of courses or meals,
# shorter ones are the same by chance.
_COPY_WORDS = 12
# Characters that are processed together. A page takes a tenth less time among 90 than among 20, since numpy takes a
# millisecond to begin the operations of a batch; among 180 their arrays leave the cache, and it takes as long again.
_BATCH = 1 << 19
_COMMENTS_MASK = rule_mask("comments")
_RELEVANT_MASK = CAPTION_MASK | AUTHOR_BIO_MASK | _COMMENTS_MASK  # of lines that are not selected as body


class Segmentation(msgspec.Struct, frozen=True):
    """The zones of a page in order, its headline ("" if there is none), and the F1 that its body is expected to have.

    Lines that decide nothing may be missing: of the zones, only headline, captions and body are complete.
    """

    zones: tuple[Zone, ...]
    title: str
    confidence: float


class _Article(msgspec.Struct, frozen=True, kw_only=True):
    """The position of the article on a page.

    `first` and `last` are its first and last selected line, `headline` the line of its headline and `breadcrumb` the
    length of a breadcrumb joined to it; `start` is the first line that is examined. `lists_addresses` is whether it
    has lines that are web addresses.
    """

    first: int
    last: int
    headline: int | None
    breadcrumb: int
    title: str
    start: int
    lists_addresses: bool

    @property
    def top(self) -> int:
        """The line above the article's first line of body."""
        return self.first - 1 if self.headline is None else self.headline


HeadlineZones = Mapping[int, list[Zone]]
Matches = Mapping[int, RuleMatch]


def segment_page(
    text: str,
    given_title: str = "",
    *,
    model: LineModel | None = None,
    site_boilerplate: SiteBoilerplate | None = None,
) -> Segmentation:
    """Segment one page; see `segment_pages`."""
    return next(segment_pages((cleaned_page(text, given_title),), model=model, site_boilerplate=site_boilerplate))


def segment_pages(
    pages: Sequence[CleanedPage],
    *,
    model: LineModel | None = None,
    site_boilerplate: SiteBoilerplate | None = None,
) -> Iterator[Segmentation]:
    """Segment pages, several together; no page's segmentation depends on the other pages.

    Parameters
    ----------
    pages : sequence of CleanedPage
        The pages.
    model : LineModel, optional
        The networks that give each line's probability of being body. Default: those of goldwire.
    site_boilerplate : SiteBoilerplate, optional
        Lines that recur over the pages of their site.

    Yields
    ------
    Segmentation
        One per page, in order.
    """
    first = size = 0
    for after, page in enumerate(pages, 1):
        size += len(page.text)
        if size >= _BATCH or after == len(pages):
            batch_model = model or load_line_model()
            for view in page_views(pages[first:after], batch_model, site_boilerplate):
                yield _segment(view, batch_model)
            first, size = after, 0


def _segment(page: PageView, model: LineModel) -> Segmentation:
    article = _locate_article(page)
    if article is None:
        return Segmentation((), page.given_title, 0.0)
    zones = _zones(page, article, _headline_zones(page, article, article.start), explain=False)
    title = next((page.text[zone.start : zone.end] for zone in zones if zone.zone == "headline"), article.title)
    return Segmentation(tuple(zones), title, _confidence(page, zones, model))


def _confidence(page: PageView, zones: Sequence[Zone], model: LineModel) -> float:
    """Return the F1 that the body is expected to have, from 0 to 1: its expected F1 by the lines' probabilities...

    ...calibrated by the F1 of pages of sites that the networks had not seen.
    """
    body = [page.index_of(zone.line) for zone in zones if zone.zone == "body"]
    if not body:
        return 0.0
    words = [page.n_words[index] + 1 for index in body]
    steps = [round(page.body_probability[index] * PROBABILITY_STEPS) for index in body]
    expected = sum(map(mul, words, steps))
    expected_f1 = 2 * expected / (sum(words) * PROBABILITY_STEPS + page.expected_words)
    return round(float(np.interp(expected_f1, *model.calibration)), 3)


def explain_lines(
    text: str, given_title: str = "", site_boilerplate: SiteBoilerplate | None = None
) -> tuple[Zone, ...]:
    """Return the zone of every line of a cleaned page that is not blank, with the reason.

    A line with two zones (a breadcrumb joined to a headline) gives two. Headline, captions and body are those of
    `segment_page`.
    """
    (page,) = page_views((cleaned_page(text, given_title),), load_line_model(), site_boilerplate)
    article = _locate_article(page)
    if article is None:
        matches = {index: match for index in range(len(page.lines)) if (match := page.match_rules(index))}
        zones = [line_zone(page, index, *match) for index, match in matches.items()]
    else:
        zones = _zones(page, article, _headline_zones(page, article, 0), explain=True)
    of_line: dict[int, list[Zone]] = {}
    for zone in zones:
        of_line.setdefault(page.index_of(zone.line), []).append(zone)
    explained: list[Zone] = []
    for index in range(len(page.lines)):
        line_zones = of_line.get(index) or [line_zone(page, index, "other", "")]
        explained += [zone if zone.reason else _give_reason(page, index, zone, site_boilerplate) for zone in line_zones]
    return tuple(explained)


def _give_reason(page: PageView, index: int, zone: Zone, site_boilerplate: SiteBoilerplate | None) -> Zone:
    """Add the reason of a zone that was decided by its probability."""
    if index >= page.thread and zone.zone == "other":
        return msgspec.structs.replace(zone, zone="comments", reason="in a thread of comments")
    share = 0.0 if site_boilerplate is None else float(site_boilerplate.shares(page.lines[index])[0])
    if share and zone.zone == "other":
        reason = f"occurs on {share:.0%} of its source's pages"
    elif zone.zone == "body" and not page.likely[index]:
        reason = "in a list of the article"
    else:
        reason = f"body probability {page.body_probability[index]:.2f}"
    return msgspec.structs.replace(zone, reason=reason)


def _zones(page: PageView, article: _Article, headline_zones: HeadlineZones, *, explain: bool) -> list[Zone]:
    """Zone the lines of a page that has an article; with `explain`, match the rules with every line.

    1. Match the lines with the boilerplate rules.
    2. Find the article's end: what follows the readers' comments or the author's bio is not part of it.
    3. Zone the lines by headline, rule and selection.
    4. Move doubtful body lines below links to other stories to these.
    5. Take the summary above the date out of the body.
    6. Use the best copy of the headline.
    7. Take second copies and pull quotes out of the body.
    """
    lines = range(len(page.lines)) if explain else _relevant_lines(page, article, headline_zones)
    matches = _match_rules(page, article, [line for line in lines if line not in headline_zones], explain=explain)
    inside = range(article.top + 1, article.last + 1)
    end, bio_heading = find_end(page, inside, lines, headline_zones, matches)
    if bio_heading is not None:
        matches = {**matches, end: bio_heading}
    if not explain:
        lines = [line for line in lines if line <= end]
    zones = _zone_lines(page, article, lines, headline_zones, matches, end)
    zones = _demote_related(page, article, zones)
    zones = _demote_standfirst(page, zones)
    if len(headline_zones) > 1:
        zones = headline.use_best_headline(page.text, zones)
    return _drop_repeats(page, zones)


def _locate_article(page: PageView) -> _Article | None:
    """Find the article's lines and headline; None if no line is selected as body."""
    if 1 not in page.selected:
        return None
    first, last = find_start(page, page.selected.index(1)), page.selected.rindex(1)
    index = headline.find_headline(page, first)
    breadcrumb = 0 if index is None else headline.breadcrumb_length(page.lines[index], page.lines[:index])
    title = page.given_title if index is None else page.lines[index][breadcrumb:]
    # The line above decides whether a doubtful first line is below a link to another story.
    start = max(min(first, first if index is None else index) - 1, 0)
    # Lines above the headline are examined if one may be a better copy of it: see `use_best_headline`.
    if headline.has_straight_quotes(title) or headline.has_extension(page.text[: page.starts[start]], title):
        start = 0
    return _Article(
        first=first,
        last=last,
        headline=index,
        breadcrumb=breadcrumb,
        title=title,
        start=start,
        lists_addresses="\nhttp" in page.text and lists_addresses(compress(page.lines, page.selected)),
    )


def _headline_zones(page: PageView, article: _Article, start: int) -> dict[int, list[Zone]]:
    """Return the zones of the headline, and of the lines from `start` to the first of the body that repeat it."""
    copies = headline.headline_copies(article.title, page.lines[start : article.first + 1])
    zones = {start + index: headline.repeated_headline(page, start + index, article.title) for index in copies}
    if article.headline is not None:
        line = line_zone(page, article.headline, "headline", "stands alone above the body")
        zones[article.headline] = split_breadcrumb(line, article.breadcrumb) if article.breadcrumb else [line]
    return zones


def _relevant_lines(page: PageView, article: _Article, headline_zones: HeadlineZones) -> list[int]:
    """Return the lines that may be headline, body or caption, or end the article: half of those of an article."""
    lines = slice(article.top + 1, article.last + 1)
    columns = zip(range(lines.start, lines.stop), page.selected[lines], page.candidate_rules[lines], strict=True)
    relevant = [line for line, selected, rules in columns if selected or rules & _RELEVANT_MASK]
    return sorted({*relevant, *headline_zones})


def _match_rules(page: PageView, article: _Article, lines: Sequence[int], *, explain: bool) -> dict[int, RuleMatch]:
    """Match lines with the boilerplate rules; without `explain`, lines that are not body only if that matters."""
    return {
        line: match
        for line in lines
        if (explain or page.selected[line] or page.candidate_rules[line] & (CAPTION_MASK | _COMMENTS_MASK))
        and (match := _match_line(page, article, line)) is not None
    }


def _match_line(page: PageView, article: _Article, line: int) -> RuleMatch | None:
    """Match a line with the rules that may apply to it.

    A long line that is certainly body can only be a caption, regardless of its words. Web addresses in the body of an
    article that lists them match nothing.
    """
    text = page.lines[line]
    if not page.selected[line]:
        return page.match_rules(line)
    if article.lists_addresses and is_address_line(text):
        return None
    is_certain = len(text) > _LONG and page.body_probability[line] >= _CERTAIN
    return _match_caption(page, line) if is_certain else page.match_rules(line)


def _match_caption(page: PageView, line: int) -> RuleMatch | None:
    candidates = page.candidate_rules[line] & CAPTION_MASK
    return match_boilerplate(page.lines[line], candidates) if candidates else None


def _zone_lines(
    page: PageView,
    article: _Article,
    lines: Sequence[int],
    headline_zones: HeadlineZones,
    matches: Matches,
    end: int,
) -> list[Zone]:
    """Zone lines by headline, rule and selection; a line that none of these decides has no zone."""
    zones: list[Zone] = []
    for line in lines:
        is_inside = article.top < line <= article.last and line < end
        if line in headline_zones:
            zones += headline_zones[line]
        elif line in matches:
            zone, reason = matches[line]
            if zone == "caption" and not is_inside:
                zone, reason = "other", "caption outside the article"
            zones.append(line_zone(page, line, zone, reason))
        elif is_inside and page.selected[line]:
            zones.append(line_zone(page, line, "body", ""))
    return zones


def _demote_related(page: PageView, article: _Article, zones: list[Zone]) -> list[Zone]:
    """Zone body lines with a probability below .5 as `related` if the nearest zone above them is a link to a story."""
    body = [number for number, zone in enumerate(zones) if zone.zone == "body"]
    doubtful = [number for number in body if page.body_probability[page.index_of(zones[number].line)] < _DOUBTFUL]
    if not doubtful:
        return zones
    demoted = list(zones)
    zone_of = {page.index_of(zone.line): zone.zone for zone in zones}
    for number in doubtful:
        line = page.index_of(zones[number].line)
        if _nearest_zone_above(page, article, zone_of, line) == "related":
            zone_of[line] = "related"
            reason = "body probability below 0.5, and below a link to another story"
            demoted[number] = msgspec.structs.replace(zones[number], zone="related", reason=reason)
    return demoted


def _demote_standfirst(page: PageView, zones: list[Zone]) -> list[Zone]:
    """Take the summary above the article's date out of the body."""
    body = [number for number, zone in enumerate(zones) if zone.zone == "body"]
    if not is_standfirst(page, [page.index_of(zones[number].line) for number in body]):
        return zones
    demoted = list(zones)
    demoted[body[0]] = msgspec.structs.replace(zones[body[0]], zone="other", reason="summary above the date")
    return demoted


def _nearest_zone_above(page: PageView, article: _Article, zone_of: Mapping[int, str], line: int) -> str:
    """Return the zone of the nearest line above that has one other than `other`.

    Lines without a zone are matched now: few lines are doubtful, and few steps lead to a zone. Those that look like
    captions are outside the article.
    """
    for above in range(line - 1, article.start - 1, -1):
        zone = zone_of.get(above)
        if zone is None:
            match = page.match_rules(above)
            zone = "other" if match is None or match.zone == "caption" else match.zone
        if zone != "other":
            return zone
    return "other"


def _drop_repeats(page: PageView, zones: list[Zone]) -> list[Zone]:
    """Take second copies and pull quotes out of the body."""
    body = [number for number, zone in enumerate(zones) if zone.zone == "body"]
    lines = [page.index_of(zones[number].line) for number in body]
    flags = [page.repetition[line] for line in lines]
    if not any(flags):
        return zones
    texts = [page.lines[line] for line in lines]
    repeated = [flag & REPEATED > 0 for flag in flags]
    long = [flag and page.n_words[line] >= _COPY_WORDS for flag, line in zip(repeated, lines, strict=True)]
    copies = repeats.second_copies(texts, repeated) | repeats.exact_copies(texts, long)
    others = ["" if index in copies else text for index, text in enumerate(texts)]
    quotes = repeats.pull_quotes(others, [flag & CONTAINED > 0 for flag in flags])
    if not copies and not quotes:
        return zones
    without = list(zones)
    for index in quotes - copies:
        without[body[index]] = msgspec.structs.replace(
            zones[body[index]], zone="pull-quote", reason="a paragraph contains these words"
        )
    for index in copies:
        without[body[index]] = msgspec.structs.replace(
            zones[body[index]], zone="other", reason="repeats the text above"
        )
    return without
