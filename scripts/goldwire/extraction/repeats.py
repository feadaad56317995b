"""Text that a page repeats: second copies of its paragraphs, and pull quotes.

Pages of text and of HTML share this module. All functions work on a list of lines or paragraphs in page order and
return the indices of the repeats.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import cache

import numpy as np

from goldwire.text.batches import InMemoryTexts
from goldwire.text.ngrams import Hashes, Offsets, ngram_counts, text_ngrams
from goldwire.text.words import estimate_words

__all__ = ["casefold_quotes", "exact_copies", "ngrams_above", "pull_quotes", "second_copies", "second_versions"]
__all__ += ["verbatim_repeats"]

_QUOTES, _ASCII_QUOTES = '‘’‚“”„«»´`"', '`"'

_COPY_WORDS = 60  # words: a shorter line may repeat another by chance
_COPY_SHARE = 0.6  # of its n-grams: of 14 copies on 665 pages the least had .79; the next line of 60 words had .21
# Of its n-grams in one line above: a repetition of that line, and no copy of a text. Of seven pages of 1,174 with such
# paragraphs six are better with them.
_ONE_SOURCE = 0.5

_MIN_COPY = 40  # characters: a shorter line of a second version may repeat another by chance
_VERSION_WORDS = 100  # of the lines of a second version; 60 are those of a meal plan that is repeated day by day

_WORD = re.compile(r"\w+")
_MAX_QUOTE = 200  # characters: editors pull no longer sentence
_MIN_QUOTED_WORDS, _MIN_PLAIN_WORDS = 3, 6  # with quotation marks, and without
_MAX_QUOTES = 100  # candidates: a page with more is a list, and each is searched for in the whole page
_MAX_PLAIN_QUOTES = 2  # a page with more of those without quotation marks has a summary or a list of recipes
_MAX_OMITTED = 4  # words that the paragraph may have in between ("she said")
_MOJIBAKE_QUOTE = re.compile(r"â€\S?")  # quotation marks of text that was decoded twice
_MAX_CANDIDATES = 500  # a page with more has no quotes set apart; each is searched for in the whole text
_QUOTE_ENDS = frozenset("”\"»’'.,")
_AROUND_QUOTE = "“”\"'‘’«».,… "
_QUOTATION = re.compile(r"\W*(?:â€œ|[“\"«‘']).+(?:â€.?|[”\"»’'])[.,]?")


def casefold_quotes(text: str) -> str:
    """Return the text casefolded, with every quotation mark as an apostrophe."""
    for quote in _ASCII_QUOTES if text.isascii() else _QUOTES:
        text = text.replace(quote, "'")
    return text.casefold()


def second_copies(
    lines: Sequence[str],
    candidates: Sequence[bool] | None = None,
    *,
    min_share: float = _COPY_SHARE,
    of_several: bool = False,
) -> set[int]:
    """Return the indices of long lines that only repeat lines above them.

    Some pages repeat their whole text in one line or block, for search engines. A line of at least 60 words is a copy
    if at least `min_share` of its 5-grams of words occur in lines above it.

    Parameters
    ----------
    lines : sequence of str
        Lines or paragraphs in page order.
    candidates : sequence of bool, optional
        Which lines may be copies. Default: all of them.
    min_share : float
        Share of the n-grams. Default: 0.6.
    of_several : bool
        Whether a copy repeats several lines: one that repeats a single line is then none. Default: False.

    Returns
    -------
    set of int
        Indices into `lines`.
    """
    shortest = 2 * _COPY_WORDS - 1  # characters
    able = [
        index for index, line in enumerate(lines) if len(line) >= shortest and (candidates is None or candidates[index])
    ]
    long = [index for index in able if estimate_words(lines[index]) >= _COPY_WORDS]
    if not long:
        return set()
    ngrams, bounds = text_ngrams(*InMemoryTexts(lines).slice(0, long[-1] + 1))
    above, count = ngrams_above(ngrams, bounds), ngram_counts(bounds)
    copies = {index for index in long if above[index] >= min_share * max(count[index], 1)}
    if not (copies and of_several):
        return copies
    of_one = _ngrams_of_one_source(ngrams, bounds)
    return {index for index in copies if of_one[index] < _ONE_SOURCE * count[index]}


def exact_copies(lines: Sequence[str], candidates: Sequence[bool]) -> set[int]:
    """Return the indices of the candidates that are, character by character, a line above them.

    Pages that have an article twice repeat its paragraphs, and galleries their caption.

    Parameters
    ----------
    lines : sequence of str
        Lines in page order.
    candidates : sequence of bool
        Which lines may be copies: short lines of lists are the same by chance.

    Returns
    -------
    set of int
        Indices into `lines`.

    Examples
    --------
    >>> exact_copies(["The port is closed.", "Home", "The port is closed.", "Home"], [True, False, True, False])
    {2}
    """
    first = {line: index for index, line in reversed(list(enumerate(lines)))}
    return {
        index
        for index, (line, may_be_copy) in enumerate(zip(lines, candidates, strict=True))
        if may_be_copy and first[line] < index
    }


def second_versions(lines: Sequence[str]) -> set[int]:
    """Return the indices of lines that belong to a second version of lines above them.

    Some pages have their article twice, for wide and for narrow screens, or as its beginning and as a whole. A second
    version is a run of lines most of which are the same, in the same order, as lines above, with at least 100 words in
    these. Instructions that an article repeats, each between other text, are not such a run.

    Parameters
    ----------
    lines : sequence of str
        Paragraphs of an article in page order.

    Returns
    -------
    set of int
        Indices into `lines`: the copies in these runs. What a version has of its own stays.

    Examples
    --------
    >>> article = [f"The ferry left port {name} at noon, and came back before the storm." for name in "ABCDEFGHIJ"]
    >>> second_versions([*article, "Read more", *article]) == set(range(11, 21))
    True
    >>> second_versions([article[0], article[1], article[0]])
    set()
    """
    copies = exact_copies(lines, [True] * len(lines))
    if not copies:
        return set()
    source: dict[str, int] = {}
    weights, last = [0] * len(lines), -1  # the line that the last copy is the same as
    for index, line in enumerate(lines):
        if len(line) < _MIN_COPY:
            continue
        first = source.setdefault(line, index)
        weights[index] = estimate_words(line) * (1 if last < first < index else -1)
        if first < index:
            last = first
    return {index for run in _heavy_runs(weights, _VERSION_WORDS) for index in run if index in copies}


def _heavy_runs(weights: Sequence[int], least: int) -> Iterator[range]:
    """Yield disjoint runs whose weights sum to at least this much, each up to where its sum is largest."""
    start = end = total = highest = 0
    for index, weight in enumerate(weights):
        if total <= 0:
            if highest >= least:
                yield range(start, end)
            start, total, highest = index, 0, 0
        total += weight
        if total > highest:
            end, highest = index + 1, total
    if highest >= least:
        yield range(start, end)


def ngrams_above(ngrams: Hashes, bounds: Offsets) -> Offsets:
    """Count the n-grams of each line that also occur in a line above it.

    `ngrams` and `bounds` are the hashes and the line bounds that `goldwire.text.ngrams.text_ngrams` returns.
    """
    _, first, number = np.unique(ngrams, return_index=True, return_inverse=True)
    line = np.arange(len(bounds) - 1).repeat(np.diff(bounds))
    is_above = (ngrams > 0) & (first[number] < bounds[line])
    return np.bincount(line[is_above], minlength=len(bounds) - 1)


def _ngrams_of_one_source(ngrams: Hashes, bounds: Offsets) -> Offsets:
    """Count the n-grams of each line that occur first in one line above it, the line with most of them."""
    n_lines = len(bounds) - 1
    _, first, number = np.unique(ngrams, return_index=True, return_inverse=True)
    line = np.arange(n_lines).repeat(np.diff(bounds))
    source = line[first[number]]
    is_above = (ngrams > 0) & (source < line)
    pairs, counts = np.unique(line[is_above] * n_lines + source[is_above], return_counts=True)
    most = np.zeros(n_lines, np.int64)
    np.maximum.at(most, pairs // n_lines, counts)
    return most


def pull_quotes(lines: Sequence[str], candidates: Sequence[bool] | None = None) -> set[int]:
    """Return the indices of pull quotes: short lines whose words occur, in the same order, in a longer line.

    The longer line may have up to four further words in between. A line without quotation marks must end a sentence,
    and a page with more than two such lines has none: those are summaries or lists of recipes.

    Parameters
    ----------
    lines : sequence of str
        The lines or paragraphs of an article's body.
    candidates : sequence of bool, optional
        Which lines have all their words in one longer line; no other can be a pull quote. Default: not known, and all
        lines but the first are compared.

    Returns
    -------
    set of int
        Indices into `lines`.
    """
    possible = range(1, len(lines)) if candidates is None else (i for i, flag in enumerate(candidates) if flag and i)
    short = [index for index in possible if len(lines[index]) <= _MAX_QUOTE and _may_be_quote(lines[index])]
    if not short or len(short) > _MAX_QUOTES:
        return set()
    folded = casefold_quotes("\n".join(lines)).split("\n")
    words, by_length = cache(_words), sorted(folded, key=len)
    quotes = {index for index in short if _is_contained(words(folded[index]), by_length, words)}
    plain = {index for index in quotes if not _QUOTATION.fullmatch(lines[index])}
    return quotes - plain if len(plain) > _MAX_PLAIN_QUOTES else quotes


def verbatim_repeats(lines: Sequence[str], candidates: Sequence[bool]) -> set[int]:
    """Return the indices of the candidates whose text, without quotation marks around it, occurs at least twice.

    This is for lines that their markup sets apart, and which may have any length; `pull_quotes` has only the words.

    Parameters
    ----------
    lines : sequence of str
        The paragraphs of an article's body.
    candidates : sequence of bool
        Which lines may be repeats.

    Returns
    -------
    set of int
        Indices into `lines`.
    """
    if not 0 < sum(candidates) <= _MAX_CANDIDATES:
        return set()
    text = "\n".join(lines)
    return {
        index
        for index, (line, may_repeat) in enumerate(zip(lines, candidates, strict=True))
        if may_repeat and text.count(line.strip(_AROUND_QUOTE)) > 1
    }


def _is_contained(quote: list[str], by_length: Sequence[str], words: Callable[[str], list[str]]) -> bool:
    """Whether a line, of these in order of length, has the words of a quote and at least as many more."""
    if not quote:
        return False
    fewest = 2 * max(len(quote), _MIN_QUOTED_WORDS)
    shortest = sum(map(len, quote)) + (fewest - len(quote)) + fewest - 1  # characters: words of one, and blanks
    longest_word, first = max(quote, key=len), bisect_left(by_length, shortest, key=len)
    for line in [line for line in by_length[first:] if longest_word in line]:
        if _has_in_order(quote, line):
            line_words = words(line)
            if len(line_words) >= fewest and _is_subsequence(quote, line_words):
                return True
    return False


def _has_in_order(words: list[str], line: str) -> bool:
    """Whether a line has these strings in this order; splitting it into words takes 30 times as long."""
    position = 0
    for word in words:
        position = line.find(word, position)
        if position < 0:
            return False
        position += len(word)
    return True


def _words(line: str) -> list[str]:
    return _WORD.findall(_MOJIBAKE_QUOTE.sub(" ", line) if "â€" in line else line)


def _may_be_quote(line: str) -> bool:
    """Whether a line is a quotation, or long enough and ends a sentence."""
    count = estimate_words(line)
    if count < _MIN_QUOTED_WORDS:
        return False
    if count >= _MIN_PLAIN_WORDS and line[-1] in ".!?":
        return True
    return (line[-1] in _QUOTE_ENDS or "â€" in line) and _QUOTATION.fullmatch(line) is not None


def _is_subsequence(quote: list[str], words: list[str]) -> bool:
    """Whether the quote's words occur in `words` in their order, with at most four others in between."""
    start = -1
    for _ in range(words.count(quote[0])):
        start = words.index(quote[0], start + 1)
        window = iter(words[start : start + len(quote) + _MAX_OMITTED])
        for word in quote:
            if word not in window:
                break
        else:
            return True
    return False
