"""Lines that stand in many pages of one source: menus, notices, boxes; hardly ever what a journalist wrote.

Of 24 full-page text dumps of 12 sites, the two pages of a site had in common 98 of 100 lines of residue of up to three
words, 70 of those of up to twelve, 40 of longer ones; and none of 371 lines of body of six words or more.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["Recurring", "Tally", "keyed", "line_keys", "weighed"]

Floats = NDArray[np.float32]
Keys = NDArray[np.uint64]
Ints = NDArray[np.int64]

_FEWEST = 3  # pages that a line stands in
_SHARE = 0.02  # of a source's pages
_LONGEST = 300  # letters: what is longer and the same is another copy of an article
_SHORTEST = 3  # letters and numbers: what is shorter is in every table
_WIDTH = 21  # bits: two tables of four-byte counts, 16 MB; a source of a million pages has 30 million lines of prose
# What standing in half the pages, or in ten times as many, takes from the log odds of being body; and what not
# recurring in a source of many pages adds: of four bonuses tried on pages of unseen sites this was the best.
_AT_HALF, _TENFOLD, _BONUS = 9.0, 5.0, 0.5
_MANY = 100
_LIKELY, _UNLIKELY = 0.5, 0.05  # what is unlikelier stays so, whatever is known of it: most lines of a page
_MORE = 2  # times the pages that a copied article stands in
_SURE = 1e-6  # of being no body: nothing is surer to be
_MOST = 1 << 16  # candidates before those that fell behind are dropped; at most 50 times a page's lines recur


def _mixed(values: Keys) -> Keys:
    """Mix bits (splitmix64's finaliser, Steele et al. 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


_DROPPED = bytes(byte for byte in range(0x80) if not (chr(byte).isalnum() or byte in b"\r\n"))
_FOLDED = (
    bytes(range(256))
    .lower()
    .translate(bytes.maketrans(b"123456789\r" + _DROPPED, b"000000000\n" + bytes(len(_DROPPED))))
)
# In UTF-8, blanks, punctuation and signs that are not ASCII begin with these; by them, how many bytes there are.
_SIGNS = bytes({0xC2: 2, 0xE2: 3, 0xEF: 3}.get(byte, 0) for byte in range(256))
_FIRST = np.array([(1 << 8 * size) - 1 for size in range(9)], np.uint64)  # the first so many bytes of eight
_PLACES = _mixed(np.arange(1, _LONGEST // 8 + 2, dtype=np.uint64))


def line_keys(text: str) -> Keys:
    """Give a key for each line of a text, 0 where a line has none: too long, or nothing to tell it by.

    Lines of one key have the same letters but for case, blanks and punctuation, and numbers in the same places:
    cleaning a page changes no key, and `3 comments` has that of `1,204 Comments`.
    """
    return _keys(text.encode("utf-8", "replace"))


def _lines(data: bytes) -> int:
    return 1 + data.count(b"\n") + data.count(b"\r")


def _keys(data: bytes) -> Keys:
    """Return a fingerprint for each line of a text in UTF-8."""
    data += b"\n"
    letters = np.frombuffer(data.translate(_FOLDED), np.uint8)
    kept = letters != 0
    if not data.isascii():
        sizes = np.frombuffer(data.translate(_SIGNS), np.uint8)
        signs = np.flatnonzero(sizes != 0)
        kept[signs] = kept[signs + 1] = False
        kept[signs[sizes[signs] == 3] + 2] = False
    letters = letters[kept]
    again = (letters[1:] == 0x30) & (letters[:-1] == 0x30)
    if again.any():
        letters = letters[np.concatenate(((True,), ~again))]
    end = np.flatnonzero(letters == 0x0A)
    start = np.concatenate(((0,), end[:-1] + 1))
    size = end - start
    keyed = (size >= _SHORTEST) & (size <= _LONGEST)
    keys = np.zeros(len(size), np.uint64)
    if keyed.any():
        keys[keyed] = _hashed(letters, start[keyed], size[keyed])
    return keys


def _hashed(letters: NDArray[np.uint8], start: NDArray[np.int64], size: NDArray[np.int64]) -> Keys:
    """Hash stretches of bytes, eight at a time: the sum of what each eight and its place mix to."""
    padded = np.concatenate((letters, np.zeros(8, np.uint8)))
    eights = np.ndarray((len(letters) + 1,), "<u8", padded, strides=(1,))  # eight bytes from every byte on
    count = (size + 7) // 8
    first = np.cumsum(count) - count
    place = np.arange(first[-1] + count[-1]) - np.repeat(first, count)
    left = np.minimum(np.repeat(size, count) - 8 * place, 8)
    parts = eights[np.repeat(start, count) + 8 * place].astype(np.uint64) & _FIRST[left]
    return _mixed(np.add.reduceat(_mixed(parts ^ _PLACES[place]), first))


def keyed(pages: Sequence[bytes]) -> tuple[Keys, Ints]:
    """Give the keys of all lines of some pages in UTF-8, and how many lines each page has."""
    lines = np.fromiter(map(_lines, pages), np.int64, len(pages))
    keys = _keys(b"\n".join(pages)) if pages else np.zeros(0, np.uint64)
    return keys, lines


class Recurring(msgspec.Struct, frozen=True, eq=False):
    """The lines that recur over a source's pages, by their keys in order, each with the share of pages it stands in."""

    keys: Keys
    shares: Floats
    pages: int

    def of(self, text: str) -> Floats:
        """Give, for each line of a text, the share of pages that it stands in; 0 where it does not recur."""
        keys = line_keys(text)
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        found: Floats = np.where(self.keys[place] == keys, self.shares[place], np.float32(0))
        return found


class Tally:
    """Counts in how many pages lines stand, in memory that does not grow: a count-min sketch (Cormode 2005)."""

    def __init__(self) -> None:
        self._counts = np.zeros((2, 1 << _WIDTH), np.uint32)
        self._candidates: set[int] = set()
        self._pages = 0

    def add(self, keys: Keys, lines: Ints, weight: int = 1) -> None:
        """Count some pages, each for so many: the keys of all their lines, and how many lines each has."""
        if not len(lines):
            return
        order = np.argsort(keys, kind="stable")
        keys, page = keys[order], np.repeat(np.arange(len(lines)), lines)[order]
        other = np.concatenate(((True,), keys[1:] != keys[:-1]))
        once = other | np.concatenate(((True,), page[1:] != page[:-1]))  # a line counts once a page
        begin = np.flatnonzero(other)
        found, times = keys[begin], np.add.reduceat(once, begin, dtype=np.uint32)
        found, times = found[found > 0], times[found > 0]
        self._pages += weight * len(lines)
        for row, where in zip(self._counts, _places(found), strict=True):
            np.add.at(row, where, times * np.uint32(weight))
        # Whatever recurs in the end does so where it was counted last, of fewer pages.
        self._candidates.update(found[self._count(found) >= self._least()].tolist())
        if len(self._candidates) > _MOST:
            self._candidates = set(self._chosen()[0].tolist())

    def learnt(self) -> Recurring | None:
        """Give the lines that recur; None where none does."""
        keys, counts = self._chosen()
        return Recurring(keys, (counts / self._pages).astype(np.float32), self._pages) if len(keys) else None

    def _count(self, keys: Keys) -> NDArray[np.uint32]:
        first, second = _places(keys)
        fewest: NDArray[np.uint32] = np.minimum(self._counts[0][first], self._counts[1][second])
        return fewest

    def _least(self) -> float:
        return max(_FEWEST, _SHARE * self._pages)

    def _chosen(self) -> tuple[Keys, NDArray[np.uint32]]:
        keys = np.array(sorted(self._candidates), np.uint64)
        counts = self._count(keys)
        return keys[counts >= self._least()], counts[counts >= self._least()]


def _places(keys: Keys) -> tuple[Ints, Ints]:
    rest = np.uint64(64 - _WIDTH)
    return (keys >> rest).view(np.int64), (keys << np.uint64(_WIDTH) >> rest).view(np.int64)


def weighed(likely: Floats, recurring: Recurring, lines: Sequence[str], bounds: Sequence[int]) -> Floats:
    """Weigh how likely each line of some pages is to be body by what is known of their source.

    A line that recurs is the less likely the more pages it stands in; one that does not, in a source of many pages, is
    a little more so. Where most of what is likely recurs, the page may be another copy of an article: then only lines
    that stand in many more pages than that are weighed. `bounds` (pages + 1) tell which lines are whose.
    """
    some = np.flatnonzero(likely > _UNLIKELY)
    if not len(some):
        return likely
    looked = [lines[place] for place in some.tolist()]
    shares, sizes = recurring.of("\n".join(looked)), np.fromiter(map(len, looked), np.int64, len(looked))
    page = np.searchsorted(np.asarray(bounds), some, side="right") - 1
    answer = likely.copy()
    answer[some] = _weighed(likely[some], shares, sizes, recurring.pages, page)
    return answer


def _weighed(likely: Floats, shares: Floats, sizes: Ints, pages: int, page: Ints) -> Floats:
    found = shares > 0
    sizes = sizes * (likely > _LIKELY)
    copied = 2 * np.bincount(page, sizes * found) > np.bincount(page, sizes)
    for number in np.flatnonzero(copied).tolist():
        own = np.flatnonzero(found & (page == number))
        found[own] = shares[own] > _MORE * _middle(shares[own], sizes[own])
    weight = np.where(found, _AT_HALF + _TENFOLD * np.log10(np.maximum(shares, _SHARE) / 0.5), 0)
    if pages >= _MANY:
        weight[shares == 0] = -_BONUS
    sound = np.minimum(likely.astype(np.float64), 1 - _SURE)
    odds = np.log(sound) - np.log1p(-sound) - weight
    answer: Floats = (1 / (1 + np.exp(-odds))).astype(np.float32)
    return answer


def _middle(shares: Floats, sizes: Ints) -> float:
    """Give the median of shares, each as often as it has letters."""
    order = np.argsort(shares)
    total = np.cumsum(sizes[order])
    return float(shares[order][np.searchsorted(total, total[-1] / 2)])
