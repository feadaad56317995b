"""Decide whether a text is the dump of a web page, with menus and boxes, or clean text that must not be cleaned again.

A page shows at its edges: short lines above and below the prose, a headline that is there twice, a copyright notice.
A logistic regression over seven such features decides. `tests/benchmarks/train_page_detection.py` fits it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import log1p
from operator import itemgetter

import msgspec

from goldwire.extraction.plaintext.boilerplate import match_boilerplate
from goldwire.records import Cleaning, TextKind
from goldwire.text.sentences import SENTENCE_STOPS
from goldwire.text.words import count_words, has_unspaced

__all__ = ["PageFeatures", "guess_cleaning", "guess_kind", "page_features"]

# Fitted on 1,277 pages as text dumps, their gold texts, outputs of trafilatura and the sample corpus. With five folds
# by page 99.0% of dumps are found to be pages, and 99.8% of gold texts to be clean.
_WEIGHTS = {
    "short_edge_lines": 1.88,
    "boilerplate_zones": 2.24,
    "prose_share": -2.84,
    "repeats_headline": 3.92,
    "has_menu": 2.53,
    "bylines": 1.97,
    "has_copyright": 5.80,
}
_BIAS = -8.07

_BOILERPLATE = frozenset(
    (
        *("newsletter", "cookie-notice", "legal", "share-links", "navigation", "advertisement", "comments", "tags"),
        *("related", "source-link"),
    )
)
_BYLINE = ("byline", "publication-date")
_ENDS = SENTENCE_STOPS.union(":;,")
_CLOSING = "\"”’'»)」』] "
_LAST_CHARACTERS = frozenset((*_ENDS, *_CLOSING))  # of a line that ends a sentence
_SHORT, _PROSE, _LONG = 45, 70, 150  # characters, an ideograph as three: a menu's line, a sentence, a paragraph
_UNSPACED_WIDTH = 3
_TITLE_LINES, _HEAD_LINES, _BYLINE_LINES, _REPEAT_LINES, _FOOT_LINES = 3, 12, 25, 40, 10
_MIN_HEADLINE = 15  # characters
# Three quarters of all pages have that many short lines, and .4% of clean texts, most of them lists.
_MANY_SHORT, _LONG_RUN = 20, 10

_POST = 600  # characters: a toot has at most 500
_POST_LINES, _MENU_LINES = 12, 6  # lines at most, and from which short ones are a menu
_POST_WORDS = 3  # without a mark of a post: one or two words are a button or a caption
_POST_MARK = re.compile(r"(?:^|[\s(])[@#]\w|https?://|[\U0001f300-\U0001faff]|^RT\b")
_NUMBERED = re.compile(
    r"(?:§+ ?\d|(?:section|sec\.|article|art\.|artículo|artikel|clause|chapter|kapitel|chapitre|capítulo|статья|глава)"
    r"\s+[\dIVXL]+\b|\(?[a-z\dIVXivx]{1,4}[.)]\s|\d+(?:\.\d+)+\.?\s|whereas\b|now, therefore\b"
    r"|第[\d一二三四五六七八九十百]+条)",
    re.I,
)
_MIN_NUMBERED, _NUMBERED_SHARE = 3, 0.2


class PageFeatures(msgspec.Struct, frozen=True, kw_only=True):
    """The features of a text.

    Attributes
    ----------
    short_edge_lines : float
        log(1 + number of short lines above and below the prose).
    boilerplate_zones : int
        Number of kinds of boilerplate that lines show by their words.
    prose_share : float
        Share of the characters that is in lines of prose.
    repeats_headline : bool
        Whether one of the first lines begins with a later line, as a page's title with its headline.
    has_menu : bool
        Whether one of the first lines is a menu or a breadcrumb.
    bylines : int
        Number of bylines and dates among the first lines, at most 2.
    has_copyright : bool
        Whether one of the last lines is a copyright notice.
    """

    short_edge_lines: float
    boilerplate_zones: int
    prose_share: float
    repeats_headline: bool
    has_menu: bool
    bylines: int
    has_copyright: bool


_OTHER_LINE, _SHORT_LINE, _PROSE_LINE = range(3)


class _Lines(msgspec.Struct, frozen=True):
    """The lines of a text that are not blank, and for each whether it is short, prose or neither, as a byte."""

    lines: Sequence[str]
    forms: bytes


def guess_cleaning(lines: Sequence[str], given_title: str = "") -> Cleaning:
    """Return "page" for the dump of a web page, else "none". "light" is never guessed.

    Parameters
    ----------
    lines : sequence of str
        The lines of a cleaned text that are not blank.
    given_title : str
        The headline that was given with it, "" if there is none.
    """
    measured = _measure(lines)
    if _PROSE_LINE not in measured.forms:
        return "none" if not given_title and _is_post(measured) else "page"
    if _edge_count(measured) >= _MANY_SHORT and bytes(_LONG_RUN * (_SHORT_LINE,)) in measured.forms:
        return "page"
    # To match all lines with the rules takes most of the time, and what it finds only adds to the log odds.
    features = _layout_features(measured)
    if _log_odds(features) <= 0:
        features = _with_matches(features, measured)
    return "page" if _log_odds(features) > 0 else "none"


def guess_kind(lines: Sequence[str], title: str) -> TextKind:
    """Return what a clean text with these lines is; `title` is the headline that was given with it."""
    if not title and _is_post(_measure(lines)):
        return "post"
    numbered = sum(_NUMBERED.match(line) is not None for line in lines)
    is_document = numbered >= _MIN_NUMBERED and numbered >= _NUMBERED_SHARE * len(lines)
    return "document" if is_document else "article"


def _is_post(lines: _Lines) -> bool:
    """Whether a text is as short as a post, and is one paragraph or has a mark of posts: `@name`, `#tag`, an emoji."""
    texts = lines.lines
    if sum(map(len, texts)) > _POST or len(texts) > _POST_LINES:
        return False
    if len(texts) == 1 and count_words(texts[0]) >= _POST_WORDS:
        return True
    if len(texts) >= _MENU_LINES and 2 * lines.forms.count(_SHORT_LINE) > len(texts):
        return False
    return any(map(_POST_MARK.search, texts)) and not any(_zone(line) in _BOILERPLATE for line in texts)


def page_features(lines: Sequence[str]) -> PageFeatures:
    """Return the features of a cleaned text with these lines, for training."""
    measured = _measure(lines)
    return _with_matches(_layout_features(measured), measured)


def _measure(lines: Sequence[str]) -> _Lines:
    # Most lines end in a letter: to see that takes a third of the time of the comparison.
    ends = [line[-1] in _LAST_CHARACTERS and line.rstrip(_CLOSING)[-1:] in _ENDS for line in lines]
    forms = [
        (_OTHER_LINE if end or width > _SHORT else _SHORT_LINE) if width < (_PROSE if end else _LONG) else _PROSE_LINE
        for width, end in zip(_widths(lines), ends, strict=True)
    ]
    return _Lines(lines, bytes(forms))


def _widths(lines: Sequence[str]) -> list[int]:
    """Return the length of each line, of lines that begin in a script without spaces as three times as long."""
    first = set(map(itemgetter(0), lines))
    if not has_unspaced("".join(first)):
        return list(map(len, lines))
    unspaced = set(filter(has_unspaced, first))
    return [len(line) * (_UNSPACED_WIDTH if line[0] in unspaced else 1) for line in lines]


def _log_odds(features: PageFeatures) -> float:
    """Return the log odds that a text with these features is the dump of a page."""
    return float(_BIAS + sum(weight * getattr(features, name) for name, weight in _WEIGHTS.items()))


def _layout_features(lines: _Lines) -> PageFeatures:
    """Return the features of a text as if none of its lines matched a rule."""
    texts = lines.lines
    prose = sum(len(line) for line, form in zip(texts, lines.forms, strict=True) if form == _PROSE_LINE)
    return PageFeatures(
        short_edge_lines=log1p(_edge_count(lines)),
        boilerplate_zones=0,
        prose_share=prose / max(sum(map(len, texts)), 1),
        repeats_headline=any(_repeats_headline(texts)),
        has_menu=any(map(_is_menu, texts[:_HEAD_LINES])),
        bylines=0,
        has_copyright=any(map(_is_copyright, texts[-_FOOT_LINES:])),
    )


def _with_matches(features: PageFeatures, lines: _Lines) -> PageFeatures:
    """Return the features with those of the lines that match a rule."""
    zones = [_zone(line) for line in lines.lines]
    return msgspec.structs.replace(
        features,
        boilerplate_zones=len(_BOILERPLATE.intersection(zones)),
        bylines=min(sum(zone in _BYLINE for zone in zones[:_BYLINE_LINES]), 2),
    )


def _edge_count(lines: _Lines) -> int:
    """Return the number of short lines above and below the prose; all are above if there is none."""
    first, last = lines.forms.find(_PROSE_LINE), lines.forms.rfind(_PROSE_LINE)
    if first < 0:
        return lines.forms.count(_SHORT_LINE)
    return lines.forms.count(_SHORT_LINE, 0, first) + lines.forms.count(_SHORT_LINE, last)


def _zone(line: str) -> str | None:
    match = match_boilerplate(line)
    return None if match is None else match.zone


def _repeats_headline(lines: Sequence[str]) -> Iterator[bool]:
    """Yield whether each of the first lines begins with a later one, as a page's title with its headline."""
    folded = [line.casefold() for line in lines[: _TITLE_LINES + _REPEAT_LINES]]
    for number, head in enumerate(folded[:_TITLE_LINES]):
        yield any(len(line) >= _MIN_HEADLINE and head.startswith(line) for line in folded[number + 1 :])


def _is_menu(line: str) -> bool:
    return line.count(" | ") >= 2 or line.count("»") >= 2 or line.count(" > ") >= 2 or line.count(" / ") >= 3


def _is_copyright(line: str) -> bool:
    lower = line.lower()
    return "©" in line or "copyright" in lower or "all rights reserved" in lower
