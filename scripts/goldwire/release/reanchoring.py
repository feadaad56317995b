"""Find annotations again in another copy of an article, without the text that they were made on.

A stand-off release stores fingerprints of the text: a short digest of every 8 words in a row, the windows side by
side. Copies that were edited or scraped differently still share most windows; between shared windows an annotation is
searched by the digest of its surface. Only words count: quotes, dashes, case and white space may differ.

A digest has 24 bits and windows do not overlap, so that a fingerprint cannot be read back: of the billions of plausible
continuations of 8 words it leaves thousands. That is too short to rely on one digest, so none is relied on alone:
windows must be in order, and every annotation must also match by its surface.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import msgspec

__all__ = ["AnchorFingerprint", "ReanchoredSpans", "fingerprint_spans", "fingerprint_windows", "reanchor"]

_WINDOW = 8  # words
_CONTEXT = 3  # words before and after an annotation
_MAX_OCCURRENCES = 8  # a window that occurs more often in the copy does not locate anything
_WORD = re.compile(r"\w+")
_PLAIN_PUNCTUATION = str.maketrans(
    {**dict.fromkeys("‘’‚‛′`´", "'"), **dict.fromkeys("“”„‟«»″", '"'), **dict.fromkeys("‐‑‒–—―", "-")}
)

Offsets = tuple[int, int]


class AnchorFingerprint(msgspec.Struct, frozen=True, kw_only=True):
    """Fingerprint of an annotation's surface, which a stand-off release stores instead of text.

    Attributes
    ----------
    first_word, n_words
        Index in the text of its first word, and number of words.
    lead, trail
        Number of characters before the first word and after the last.
    surface_digest
        Digest of the surface.
    before_digest, after_digest
        Digests of the three words before and after it.
    """

    first_word: int
    n_words: int
    lead: int
    trail: int
    surface_digest: str
    before_digest: str
    after_digest: str


class _Words(msgspec.Struct, frozen=True):
    """The words of a text: start and end offsets, and case-folded forms."""

    starts: list[int]
    ends: list[int]
    folded: list[str]

    @classmethod
    def of(cls, text: str) -> _Words:
        words = list(_WORD.finditer(text))
        return cls([m.start() for m in words], [m.end() for m in words], [m[0].casefold() for m in words])

    def digest(self, first: int, last: int, salt: str) -> str:
        """Return the digest of words [first, last), or of those of them that the text has."""
        return _digest(" ".join(self.folded[max(first, 0) : max(last, 0)]), salt, size=3)


def _digest(text: str, salt: str, *, size: int) -> str:
    data = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, key=salt.encode()[:64], digest_size=size).hexdigest()


def _surface_digest(text: str, salt: str) -> str:
    # 40 bits, and case-sensitive: a wrong match here is a wrong annotation.
    return _digest(" ".join(text.translate(_PLAIN_PUNCTUATION).split()), salt, size=5)


def fingerprint_windows(text: str, salt: str) -> list[str]:
    """Return the digests of the text's windows.

    `salt` is the article's id, so that the same words in two articles have different digests.
    """
    words = _Words.of(text)
    return [words.digest(i, i + _WINDOW, salt) for i in range(0, len(words.starts) - _WINDOW + 1, _WINDOW)]


def fingerprint_spans(text: str, spans: Sequence[Offsets], salt: str) -> list[AnchorFingerprint]:
    """Return the fingerprints of spans [start, end) of the text.

    A span without a word has `n_words` 0 and cannot be found again.
    """
    words = _Words.of(text)
    fingerprints = []
    for start, end in spans:
        first, last = bisect_right(words.ends, start), bisect_left(words.starts, end)
        has_words = last > first
        fingerprints.append(
            AnchorFingerprint(
                first_word=first,
                n_words=max(last - first, 0),
                lead=words.starts[first] - start if has_words else 0,
                trail=end - words.ends[last - 1] if has_words else 0,
                surface_digest=_surface_digest(text[start:end], salt),
                before_digest=words.digest(first - _CONTEXT, first, salt),
                after_digest=words.digest(last, last + _CONTEXT, salt),
            )
        )
    return fingerprints


class ReanchoredSpans(msgspec.Struct, frozen=True):
    """Offsets of the spans in the copy (code points), and the share of the original's windows that the copy has.

    The offsets of a span that was not found are None.
    """

    offsets: list[Offsets | None]
    shared: float


def reanchor(windows: Sequence[str], spans: Sequence[AnchorFingerprint], text: str, salt: str) -> ReanchoredSpans:
    """Find spans in another copy of the text.

    Parameters
    ----------
    windows : sequence of str
        The original text's `fingerprint_windows`.
    spans : sequence of AnchorFingerprint
        The spans' `fingerprint_spans`.
    text : str
        The copy.
    salt : str
        The article's id.

    Returns
    -------
    ReanchoredSpans
        A span is found only where its surface matches and where it is either at its original distance from a shared
        window or between its original neighbours. If two places are equally good, neither is taken.
    """
    copy = _Words.of(text)
    aligned = _align_words(windows, copy, salt)
    aligned_words = sorted(aligned)
    offsets = [
        _decide(_candidates(span, copy, aligned, aligned_words, text, salt)) if span.n_words else None for span in spans
    ]
    return ReanchoredSpans(offsets, len(aligned) / (len(windows) * _WINDOW) if windows else 0.0)


def _align_words(windows: Sequence[str], copy: _Words, salt: str) -> dict[int, int]:
    """Map word indices of the original to those of the copy, for the words of windows that both have."""
    positions: dict[str, list[int]] = {}
    for position in range(len(copy.starts) - _WINDOW + 1):
        positions.setdefault(copy.digest(position, position + _WINDOW, salt), []).append(position)
    pairs = [
        (number * _WINDOW, position)
        for number, window in enumerate(windows)
        for position in positions.get(window, ())
        if len(positions[window]) <= _MAX_OCCURRENCES
    ]
    counts = Counter(old for old, _ in pairs)
    unique = {old for old, count in counts.items() if count == 1}
    return {old + i: new + i for old, new in _anchored_runs(_best_chain(pairs), unique) for i in range(_WINDOW)}


def _anchored_runs(chain: Sequence[tuple[int, int]], unique: Collection[int]) -> list[tuple[int, int]]:
    """Keep the pairs that are in a run, at one distance, with a window that occurs only once in the copy.

    A headline that a scraper doubled occurs twice; if nothing after it shows which is the original, neither is used.
    """
    runs: list[list[tuple[int, int]]] = []
    for old, new in chain:
        if runs and new - old == runs[-1][-1][1] - runs[-1][-1][0]:
            runs[-1].append((old, new))
        else:
            runs.append([(old, new)])
    return [pair for run in runs if any(old in unique for old, _ in run) for pair in run]


def _best_chain(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the best chain of (old, new) pairs that increases in both.

    The best has the most windows, and of those the most that directly follow each other.
    """
    best: list[tuple[float, int]] = []  # for the chain that ends in each pair: its score and the pair before
    for i, (old, new) in enumerate(pairs):
        score, before = 1.0, -1
        for j in range(i):
            earlier_old, earlier_new = pairs[j]
            if earlier_old < old and earlier_new + _WINDOW <= new:
                follows = new - earlier_new == old - earlier_old
                candidate = best[j][0] + (1.5 if follows else 1.0)
                if candidate > score:
                    score, before = candidate, j
        best.append((score, before))
    chain = []
    index = max(range(len(best)), key=lambda i: best[i][0], default=-1)
    while index >= 0:
        chain.append(pairs[index])
        index = best[index][1]
    return chain[::-1]


class _Candidate(msgspec.Struct, frozen=True):
    """A place whose surface matches; how many of its distances and of its neighbours (0 to 2 each) match as well."""

    distances: int
    neighbours: int
    offsets: Offsets

    @property
    def evidence(self) -> int:
        # One neighbour alone is not enough: phrases recur, and the other occurrence may be all that the copy has.
        return self.distances + (self.neighbours == 2)


def _candidates(
    span: AnchorFingerprint,
    copy: _Words,
    aligned: Mapping[int, int],
    aligned_words: Sequence[int],
    text: str,
    salt: str,
) -> list[_Candidate]:
    """Search for a span between the nearest aligned words before and after it."""
    left, right = (
        bisect_left(aligned_words, span.first_word),
        bisect_left(aligned_words, span.first_word + span.n_words),
    )
    before = aligned_words[left - 1] if left else None
    after = aligned_words[right] if right < len(aligned_words) else None
    low = 0 if before is None else aligned[before] + 1
    high = len(copy.starts) if after is None else aligned[after]
    if left != right:  # one of its own words is aligned, so it can only be there
        low = high = aligned[aligned_words[left]] - (aligned_words[left] - span.first_word)
        high += span.n_words
    candidates: list[_Candidate] = []
    for first in range(max(low, 0), min(high, len(copy.starts)) - span.n_words + 1):
        last = first + span.n_words
        start, end = copy.starts[first] - span.lead, copy.ends[last - 1] + span.trail
        if start < 0 or end > len(text) or _surface_digest(text[start:end], salt) != span.surface_digest:
            continue
        distances = (before is not None and first - aligned[before] == span.first_word - before) + (
            after is not None and aligned[after] - first == after - span.first_word
        )
        neighbours = (copy.digest(first - _CONTEXT, first, salt) == span.before_digest) + (
            copy.digest(last, last + _CONTEXT, salt) == span.after_digest
        )
        candidates.append(_Candidate(distances, neighbours, (start, end)))
    return candidates


def _decide(candidates: Sequence[_Candidate]) -> Offsets | None:
    """Return the place that the evidence singles out, if there is one.

    If the surface occurs more than once, a single piece of evidence is not enough: a line "Advertisement" inserted
    between two others is at the distance that the second had (2 of 23,524 annotations were misplaced this way).
    """
    best = max(candidates, key=lambda candidate: candidate.evidence, default=None)
    if best is None or not best.evidence:
        return None
    rivals = [candidate for candidate in candidates if candidate is not best]
    if rivals and (best.evidence < 2 or any(rival.evidence == best.evidence for rival in rivals)):
        return None
    if best.distances < 2 and any(rival.neighbours for rival in rivals):
        return None
    return best.offsets
