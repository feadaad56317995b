"""Per-line measurements of a batch of pages: position, word count, candidate rules, probability of being body.

They are computed once for a batch, as columns, and then read page by page.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.network import LineModel, probabilities
from goldwire.extraction.plaintext import boilerplate, prefilter
from goldwire.extraction.plaintext.comment_threads import find_thread
from goldwire.extraction.plaintext.context_features import context_features
from goldwire.extraction.plaintext.line_features import all_words_recur, line_features
from goldwire.extraction.plaintext.line_selection import expected_words, select_lines
from goldwire.extraction.plaintext.line_tokens import LineTokens, tokenize_lines
from goldwire.extraction.plaintext.list_completion import complete_lists
from goldwire.extraction.plaintext.refinement import refinement_features
from goldwire.extraction.site_boilerplate import SiteBoilerplate, reweight

__all__ = ["CONTAINED", "REPEATED", "CleanedPage", "LineTable", "PageView", "build_line_table", "cleaned_page"]
__all__ += ["page_views", "text_lines"]

REPEATED, CONTAINED = 1, 2
"""Flags of `repetition`: all words of the line occur at least twice on its page; one longer line has all of them."""

_MIN_BLANKS, _MAX_WORDS = 2, 200  # of a pull quote, which has at most 200 characters
_MAX_PAIRS = 1 << 22  # pairs of lines: on a page with more they are not compared, and all lines count as contained

_BUCKET_BITS = 40  # of numbers that have a word's count in their higher bits and its bucket in the lower ones

Ints = NDArray[np.int64]
Doubles = NDArray[np.float64]


class CleanedPage(msgspec.Struct, frozen=True):
    """A cleaned page, its UTF-8, its lines that are not blank, and the headline that was given with it ("" if none)."""

    text: str
    data: bytes
    lines: list[str]
    given_title: str


def cleaned_page(text: str, given_title: str = "") -> CleanedPage:
    """Return a cleaned page."""
    return CleanedPage(text, text.encode("utf-8", "replace"), text_lines(text), given_title)


def text_lines(text: str) -> list[str]:
    """Return the lines of a text that are not blank."""
    return [line for line in text.split("\n") if line]


class LineTable(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """The lines of some pages that are not blank, one page's after the other's.

    Attributes
    ----------
    page_bounds : array of int, shape (pages + 1,)
        Page i has the lines from `page_bounds[i]` to before `page_bounds[i + 1]`.
    numbers : array of int
        Line number on its page, from 1, counting blank lines.
    starts : array of int
        Offset on its page, in code points.
    n_words : array of int
        Number of words.
    candidate_rules : array of int
        Boilerplate rules that the line can match, as a bitmask (`goldwire.extraction.plaintext.prefilter`).
    repetition : array of uint8
        Flags REPEATED and, of selected lines only, CONTAINED.
    body_probability : array of float
        Probability of being body, rounded to 1e-4.
    selected : array of bool
        Whether the line is selected as body (`goldwire.extraction.plaintext.line_selection`).
    """

    page_bounds: Ints
    numbers: Ints
    starts: Ints
    n_words: Ints
    candidate_rules: Ints
    repetition: NDArray[np.uint8]
    body_probability: NDArray[np.float64]
    selected: NDArray[np.bool_]


class PageView(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a line table, with its text and the headline that was given with it; see `LineTable`."""

    text: str
    given_title: str
    lines: list[str]
    numbers: Sequence[int]
    starts: Sequence[int]
    candidate_rules: Sequence[int]
    n_words: Sequence[int]
    repetition: bytes
    body_probability: Sequence[float]
    likely: bytes  # 1 for lines that are selected by their probability, else 0
    selected: bytes  # 1 for these and for the lines that complete lists
    expected_words: int  # of body by the probabilities, in units of 1e-4
    thread: int  # the first line of a thread of comments, or the number of lines

    def match_rules(self, index: int, rules: int = -1) -> boilerplate.RuleMatch | None:
        """Return the rule that a line matches; None if there is none, or if it can match none of `rules` (a mask)."""
        candidates = self.candidate_rules[index]
        return boilerplate.match_boilerplate(self.lines[index], candidates) if candidates & rules else None

    def index_of(self, number: int) -> int:
        """Return the index of the line with a line number."""
        return bisect_left(self.numbers, number)


def page_views(
    pages: Sequence[CleanedPage], model: LineModel, site_boilerplate: SiteBoilerplate | None = None
) -> Iterator[PageView]:
    """Measure the lines of some pages together.

    Parameters
    ----------
    pages : sequence of CleanedPage
        The pages.
    model : LineModel
        The networks that give each line's probability of being body.
    site_boilerplate : SiteBoilerplate, optional
        Lines that recur over the pages of their site.

    Yields
    ------
    PageView
        One view per page, in order.
    """
    threads: list[int] = []

    def adjust(probability: Doubles, n_words: Ints, page_bounds: Ints) -> Doubles:
        if site_boilerplate is not None:
            lines = list(chain.from_iterable(page.lines for page in pages))
            probability = reweight(probability, site_boilerplate, lines, page_bounds)
        for page, first, after in zip(pages, page_bounds[:-1], page_bounds[1:], strict=True):
            threads.append(find_thread(page.text, page.lines, probability[first:after], n_words[first:after]))
            probability[first + threads[-1] : after] = 0
        return probability

    table = build_line_table([page.data for page in pages], model, adjust)
    bounds = table.page_bounds.tolist()
    numbers = table.numbers.tolist()  # `index_of` searches these
    # Few of these numbers are read: to make lists of all would take longer than to make each number when it is read.
    starts, candidates = table.starts.data, table.candidate_rules.data
    probability, n_words = table.body_probability.data, table.n_words.data
    expected = [0, *expected_words(table.body_probability, table.n_words).cumsum().tolist()]
    selected, repetition = table.selected.tobytes(), table.repetition.tobytes()
    for page, thread, first, after in zip(pages, threads, bounds[:-1], bounds[1:], strict=True):
        rows = slice(first, after)
        yield PageView(
            text=page.text,
            given_title=page.given_title,
            lines=page.lines,
            numbers=numbers[rows],
            starts=starts[rows],
            candidate_rules=candidates[rows],
            n_words=n_words[rows],
            repetition=repetition[rows],
            body_probability=probability[rows],
            likely=selected[rows],
            selected=complete_lists(page.lines, selected[rows], probability[rows]),
            expected_words=expected[after] - expected[first],
            thread=thread,
        )


def build_line_table(
    pages: Sequence[bytes], model: LineModel, adjust: Callable[[Doubles, Ints, Ints], Doubles] | None = None
) -> LineTable:
    """Measure the lines of pages in UTF-8; no line's values depend on the other pages.

    `adjust` adjusts the probabilities, which come with the words of the lines and the bounds of the pages.
    """
    data = b"\n".join(pages)
    lines = tokenize_lines(data, [len(page) for page in pages])
    features = line_features(lines)
    probability = probabilities(context_features(features, lines.page_bounds), model.first)
    refined = refinement_features(features, probability, lines.n_words, lines.page_bounds)
    probability = probabilities(refined, model.second)
    if adjust is not None:
        probability = adjust(probability, lines.n_words, lines.page_bounds)
    selected = select_lines(probability, lines.n_words, lines.page_bounds)
    candidates = prefilter.candidate_rules(lines, features)
    repetition = _repetition(lines, selected)
    repetition[candidates < 0] = REPEATED | CONTAINED  # where signs are taken for parts of words, none can be excluded
    return LineTable(
        page_bounds=lines.page_bounds,
        numbers=lines.numbers,
        starts=_starts(lines),
        n_words=lines.n_words,
        candidate_rules=candidates,
        repetition=repetition,
        body_probability=probability,
        selected=selected,
    )


def _repetition(lines: LineTokens, selected: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return which lines have only repeated words, and which selected ones of those have all in one longer line."""
    recurs = all_words_recur(lines)
    repetition = recurs.astype(np.uint8)
    is_candidate = recurs & (lines.n_words > 0) & (lines.n_words <= _MAX_WORDS)
    candidates = is_candidate.nonzero()[0]  # a third of the lines
    blank = (lines.codes == 0x20).nonzero()[0]
    blanks = blank.searchsorted(lines.end.take(candidates)) - blank.searchsorted(lines.start.take(candidates))
    is_candidate[candidates] = blanks >= _MIN_BLANKS
    first = lines.page_bounds[:-1]
    per_page = np.bincount(lines.line_pages, is_candidate, len(first))
    is_large = per_page * (lines.page_bounds[1:] - first) > _MAX_PAIRS
    is_candidate &= selected
    is_uncompared = is_candidate & is_large.take(lines.line_pages)
    repetition[is_uncompared | _is_contained(lines, is_candidate & ~is_uncompared)] |= CONTAINED
    return repetition


def _is_contained(lines: LineTokens, is_candidate: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the candidates all of whose words are also in one longer line of their page.

    Each is compared only with the lines that have the rarest of its words, by 12 bits of hashes: two or three.
    """
    contained = np.zeros(len(is_candidate), np.bool_)
    candidates = is_candidate.nonzero()[0]
    if not len(candidates):
        return contained
    counts = np.bincount(lines.buckets)
    keys = counts.take(lines.buckets) << _BUCKET_BITS | lines.buckets
    rarest = np.minimum.reduceat(np.append(keys, np.iinfo(np.int64).max), lines.word_bounds[:-1])
    rare = rarest.take(candidates) & ((1 << _BUCKET_BITS) - 1)
    is_rare = np.zeros(len(counts), np.bool_)
    is_rare[rare] = True
    words = is_rare.take(lines.buckets).nonzero()[0]
    lines_with: dict[int, list[int]] = {}
    for bucket, line in zip(lines.buckets.take(words).tolist(), lines.word_lines.take(words).tolist(), strict=True):
        lines_with.setdefault(bucket, []).append(line)
    word_sets: dict[int, frozenset[int]] = {}

    def word_set(line: int) -> frozenset[int]:
        if line not in word_sets:
            hashes = lines.hashes[lines.word_bounds[line] : lines.word_bounds[line + 1]]
            word_sets[line] = frozenset(hashes.tolist())
        return word_sets[line]

    n_words = lines.n_words.tolist()
    for others in lines_with.values():
        others.sort(key=n_words.__getitem__)
    for line, bucket in zip(candidates.tolist(), rare.tolist(), strict=True):
        # Copies of a line are not compared: none is longer.
        longer = bisect_right(lines_with[bucket], n_words[line], key=n_words.__getitem__)
        contained[line] = any(word_set(line) <= word_set(other) for other in lines_with[bucket][longer:])
    return contained


def _starts(lines: LineTokens) -> Ints:
    """Return each line's offset on its page in code points."""
    continuation = ((lines.codes & 0xC0) == 0x80).nonzero()[0]  # bytes that begin no character
    offsets, page_offsets = (start - continuation.searchsorted(start) for start in (lines.start, lines.page_starts))
    starts: Ints = offsets - page_offsets.take(lines.line_pages)
    return starts
