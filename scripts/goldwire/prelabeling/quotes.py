"""Offsets of the passages that a model quotes from a text.

Models are bad at counting characters and good at copying: they are asked for quotes, and the offsets are found here.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Literal

import msgspec

from goldwire.text.name_search import is_word_edge

__all__ = ["AnchorProblem", "Quote", "anchor_quotes"]

AnchorProblem = Literal["quote-not-found", "quote-ambiguous"]
_DASHES = "‐‑‒–—−"
_SAME = str.maketrans(
    {
        **dict.fromkeys("‘’‚′`´", "'"),
        **dict.fromkeys("“”„«»″", '"'),
        **dict.fromkeys(_DASHES, "-"),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
    }
)


class Quote(msgspec.Struct, frozen=True):
    """A quoted passage, and a longer one around it that tells it from its other occurrences."""

    text: str
    context: str = ""


def anchor_quotes(text: str, quotes: Sequence[Quote]) -> list[tuple[int, int] | AnchorProblem]:
    """Return the offsets of each quote in `text`, or why it has none.

    1. Search the exact quote, at word edges if it occurs there. Without an exact occurrence, search it with other
       quotation marks, dashes, white space or case; only an occurrence that is the only one counts.
    2. Of several occurrences, take the one in the context.
    3. If a quote is given as often as it occurs, the quotes are the occurrences in their order.

    Examples
    --------
    >>> from goldwire.prelabeling.quotes import Quote, anchor_quotes
    >>> text = "Ada Brook spoke. Later Ada Brook left with “Oda”."
    >>> quotes = [Quote("Ada Brook", "Later Ada Brook left"), Quote('"Oda"'), Quote("Ada Brook"), Quote("Ida")]
    >>> anchor_quotes(text, quotes)
    [(23, 32), (43, 48), 'quote-ambiguous', 'quote-not-found']
    """
    places = [_occurrences(text, quote.text.strip()) for quote in quotes]
    for index, quote in enumerate(quotes):
        if len(places[index]) > 1 and quote.context:
            within = _within_context(text, quote.context, places[index])
            places[index] = within or places[index]
    return _in_order(quotes, places)


def _occurrences(text: str, quote: str) -> list[tuple[int, int]]:
    """Return the ranges of a quote: the exact ones, else the only one that differs in form."""
    if not quote:
        return []
    exact = [match.span() for match in re.finditer(re.escape(quote), text)]
    at_edges = [(start, end) for start, end in exact if is_word_edge(text, start) and is_word_edge(text, end)]
    if exact:
        return at_edges or exact
    similar = _similar_occurrences(text, quote)
    return similar if len(similar) == 1 else []


def _within_context(text: str, context: str, places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    stripped = context.strip(" .…")
    around = _occurrences(text, stripped)
    return [(start, end) for start, end in places if any(a <= start and end <= b for a, b in around)]


def _in_order(
    quotes: Sequence[Quote], places: Sequence[Sequence[tuple[int, int]]]
) -> list[tuple[int, int] | AnchorProblem]:
    """Assign quotes that are repeated as often as they occur to their occurrences, in order."""
    repeats = Counter((quote.text.strip(), tuple(found)) for quote, found in zip(quotes, places, strict=True))
    used: dict[tuple[str, tuple[tuple[int, int], ...]], int] = defaultdict(int)
    anchored: list[tuple[int, int] | AnchorProblem] = []
    for quote, found in zip(quotes, places, strict=True):
        key = quote.text.strip(), tuple(found)
        if not found:
            anchored.append("quote-not-found")
        elif len(found) == 1:
            anchored.append(found[0])
        elif repeats[key] == len(found):
            anchored.append(found[used[key]])
            used[key] += 1
        else:
            anchored.append("quote-ambiguous")
    return anchored


def _similar_occurrences(text: str, quote: str) -> list[tuple[int, int]]:
    """Return the ranges that equal the quote but for marks, dashes, white space and case."""
    folded, offsets = _fold(text)
    wanted, _ = _fold(unicodedata.normalize("NFC", quote))
    wanted = wanted.strip()
    if not wanted:
        return []
    found = (match.span() for match in re.finditer(re.escape(wanted), folded))
    ranges = [(offsets[start], offsets[end - 1] + 1) for start, end in found]
    at_edges = [(start, end) for start, end in ranges if is_word_edge(text, start) and is_word_edge(text, end)]
    return at_edges or ranges


def _fold(text: str) -> tuple[str, list[int]]:
    """Return the text in one form, and the offset in `text` of each of its characters."""
    characters: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(text):
        if character.isspace():
            same = "" if characters and characters[-1] == " " else " "
        else:
            same = unicodedata.normalize("NFKC", character).casefold().translate(_SAME)
        characters.extend(same)
        offsets.extend([offset] * len(same))
    return "".join(characters), offsets
