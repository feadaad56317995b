"""Find annotations again in another copy of an article, without having the text they were made on.

What is kept of the text is a fingerprint: a short digest of every 8 words in a row, the windows side by side. Copies
that were edited or scraped another way still share most windows; between shared ones an annotation is looked for by
the digest of its surface. Only words count: quotes, dashes, case and white space may differ.

A digest has 24 bits and its windows do not overlap, so that a fingerprint cannot be read back: of the billions of
plausible continuations of 8 words it leaves thousands. That is too short to trust one alone, which nobody does: windows
have to be in order, and every annotation has to match by its surface as well.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Sequence

import msgspec

__all__ = ["Anchored", "Mark", "fingerprint", "marks", "reanchor"]

_WINDOW = 8  # words
_CONTEXT = 3  # words before and after an annotation
_COMMON = 8  # a window that is in the copy more often says nothing about where
_WORD = re.compile(r"\w+")
_FOLDED = str.maketrans(
    {**dict.fromkeys("‘’‚‛′`´", "'"), **dict.fromkeys("“”„‟«»″", '"'), **dict.fromkeys("‐‑‒–—―", "-")}
)


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of an annotation's surface.

    It has `words` words from number `word` of the text on, begins `lead` characters before the first and ends `trail`
    after the last; `surface` is its digest, `before` and `after` those of the words around it.
    """

    word: int
    words: int
    lead: int
    trail: int
    surface: str
    before: str
    after: str


class _Words(msgspec.Struct, frozen=True):
    starts: list[int]
    ends: list[int]
    folded: list[str]

    @classmethod
    def of(cls, text: str) -> _Words:
        found = list(_WORD.finditer(text))
        return cls([m.start() for m in found], [m.end() for m in found], [m[0].casefold() for m in found])

    def digest(self, first: int, last: int, salt: str) -> str:
        """The digest of words [first, last), fewer where the text has no more."""
        return _digest(" ".join(self.folded[max(first, 0) : max(last, 0)]), salt)


def _digest(text: str, salt: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=salt.encode()[:64], digest_size=3).hexdigest()


def _surface(text: str, salt: str) -> str:
    # 40 bits, and case counts: this is what an annotation stands or falls by.
    folded = " ".join(text.translate(_FOLDED).split())
    return hashlib.blake2b(folded.encode("utf-8", "surrogatepass"), key=salt.encode()[:64], digest_size=5).hexdigest()


def fingerprint(text: str, salt: str) -> list[str]:
    """Digests of the text's windows; `salt` is the article's id, so that equal words in two articles do not show."""
    words = _Words.of(text)
    return [words.digest(i, i + _WINDOW, salt) for i in range(0, len(words.starts) - _WINDOW + 1, _WINDOW)]


def marks(text: str, places: Sequence[tuple[int, int]], salt: str) -> list[Mark]:
    """The marks of annotations [start, end) of the text. One without a word has `words` 0 and is not found again."""
    words = _Words.of(text)
    made = []
    for start, end in places:
        first, beyond = bisect_right(words.ends, start), bisect_left(words.starts, end)
        inside = beyond > first
        made.append(
            Mark(
                word=first,
                words=max(beyond - first, 0),
                lead=words.starts[first] - start if inside else 0,
                trail=end - words.ends[beyond - 1] if inside else 0,
                surface=_surface(text[start:end], salt),
                before=words.digest(first - _CONTEXT, first, salt),
                after=words.digest(beyond, beyond + _CONTEXT, salt),
            )
        )
    return made


class Anchored(msgspec.Struct, frozen=True):
    """Where the marks are, in code points of the copy, and the share of the original's windows that the copy has."""

    places: list[tuple[int, int] | None]
    shared: float


def reanchor(windows: Sequence[str], wanted: Sequence[Mark], text: str, salt: str) -> Anchored:
    """Where each mark is in another copy of the text, in code points; None where that cannot be said for sure.

    A place is taken only where its surface matches, and where it is at the distance that it had from a shared window
    or between the words that it had; of two such places that are as good, neither is.
    """
    copy = _Words.of(text)
    there = _shared_words(windows, copy, salt)
    known = sorted(there)
    places = [_find(one, copy, there, known, (text, salt)) if one.words else None for one in wanted]
    return Anchored(places, len(there) / (len(windows) * _WINDOW) if windows else 0.0)


def _shared_words(windows: Sequence[str], copy: _Words, salt: str) -> dict[int, int]:
    """From word numbers of the original to those of the copy, for the words of the windows that are in both."""
    where: dict[str, list[int]] = {}
    for position in range(len(copy.starts) - _WINDOW + 1):
        where.setdefault(copy.digest(position, position + _WINDOW, salt), []).append(position)
    pairs = [
        (number * _WINDOW, position)
        for number, window in enumerate(windows)
        for position in where.get(window, ())
        if len(where[window]) <= _COMMON
    ]
    counts = Counter(old for old, _ in pairs)
    unique = {old for old, count in counts.items() if count == 1}
    return {old + i: new + i for old, new in _pinned(_chain(pairs), unique) for i in range(_WINDOW)}


def _pinned(series: Sequence[tuple[int, int]], unique: Collection[int]) -> list[tuple[int, int]]:
    """Those of the series that hang together, at one distance, with one that is in the copy only once.

    A headline that a scraper doubled is there twice; where nothing that follows says which is the one, neither is.
    """
    runs: list[list[tuple[int, int]]] = []
    for old, new in series:
        if runs and new - old == runs[-1][-1][1] - runs[-1][-1][0]:
            runs[-1].append((old, new))
        else:
            runs.append([(old, new)])
    return [pair for run in runs if any(old in unique for old, _ in run) for pair in run]


def _chain(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The best series of (old, new) that rises in both: most windows, and of those most that follow on each other."""
    best: list[tuple[float, int]] = []  # of the series that ends in each pair: its worth, the pair before
    for i, (old, new) in enumerate(pairs):
        worth, before = 1.0, -1
        for j in range(i):
            older, newer = pairs[j]
            if older < old and newer + _WINDOW <= new:
                follows = new - newer == old - older
                candidate = best[j][0] + (1.5 if follows else 1.0)
                if candidate > worth:
                    worth, before = candidate, j
        best.append((worth, before))
    series = []
    at = max(range(len(best)), key=lambda i: best[i][0], default=-1)
    while at >= 0:
        series.append(pairs[at])
        at = best[at][1]
    return series[::-1]


def _find(
    one: Mark, copy: _Words, there: dict[int, int], known: Sequence[int], given: tuple[str, str]
) -> tuple[int, int] | None:
    """Look for a mark between the nearest shared words before and after it."""
    text, salt = given
    left, right = bisect_left(known, one.word), bisect_left(known, one.word + one.words)
    before = known[left - 1] if left else None
    after = known[right] if right < len(known) else None
    low = 0 if before is None else there[before] + 1
    high = len(copy.starts) if after is None else there[after]
    if left != right:  # some of its words are shared: it can only be where they are
        low = high = there[known[left]] - (known[left] - one.word)
        high += one.words
    found: list[_Candidate] = []
    for first in range(max(low, 0), min(high, len(copy.starts)) - one.words + 1):
        start, end = copy.starts[first] - one.lead, copy.ends[first + one.words - 1] + one.trail
        if start < 0 or end > len(text) or _surface(text[start:end], salt) != one.surface:
            continue
        last = first + one.words
        distances = (before is not None and first - there[before] == one.word - before) + (
            after is not None and there[after] - first == after - one.word
        )
        neighbours = (copy.digest(first - _CONTEXT, first, salt) == one.before) + (
            copy.digest(last, last + _CONTEXT, salt) == one.after
        )
        found.append(_Candidate(distances, neighbours, (start, end)))
    return _decide(found)


class _Candidate(msgspec.Struct, frozen=True):
    """A place with the right surface: how many of its distances and of its neighbours (0 to 2) are as they were."""

    distances: int
    neighbours: int
    place: tuple[int, int]

    @property
    def evidence(self) -> int:
        # One neighbour alone is not enough: a phrase recurs, and its twin may be all that is left of the article.
        return self.distances + (self.neighbours == 2)


def _decide(found: Sequence[_Candidate]) -> tuple[int, int] | None:
    """The place that the evidence singles out, if any.

    Where the surface is there more than once, one piece of evidence decides nothing: a line "Advertisement" that was
    put in between two others stands at the distance that the second had (2 of 23,524 annotations went wrong so).
    """
    best = max(found, key=lambda candidate: candidate.evidence, default=None)
    if best is None or not best.evidence:
        return None
    rivals = [candidate for candidate in found if candidate is not best]
    if rivals and (best.evidence < 2 or any(rival.evidence == best.evidence for rival in rivals)):
        return None
    if best.distances < 2 and any(rival.neighbours for rival in rivals):
        return None
    return best.place
