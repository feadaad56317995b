"""What was rated: items x raters as codes, and the distinct rows of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, Protocol, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["GroupsLike", "Patterns", "Ratings", "RatingsLike", "SupportsToNumpy", "collapse", "parse", "without_raters"]

_DENSE_KEYS = 1 << 22  # up to 4 million possible rows, counting them all (32 MB) beats sorting 5 to 10 times over
_DENSE_VALUES = 4096  # whole numbers within such a range are coded by a table instead of a sort


class SupportsToNumpy(Protocol):
    """A data frame of pandas or polars, or anything else that turns itself into an array."""

    def to_numpy(self) -> NDArray[Any]:
        """Return the data as an array."""


RatingsLike: TypeAlias = Sequence[Sequence[Any]] | NDArray[Any] | SupportsToNumpy
"""Ratings of shape (items, raters): nested sequences, an array or a data frame; None and NaN are missing."""

GroupsLike: TypeAlias = Sequence[Hashable] | NDArray[Any]
"""The group (article) of each item: resampling draws whole groups."""


class Ratings(msgspec.Struct, frozen=True):
    """Codes of shape (items, raters): the index into `labels`, or -1 where an item was not rated."""

    codes: NDArray[np.int64]
    labels: tuple[Any, ...]

    @property
    def values(self) -> NDArray[np.float64]:
        """Where each label stands on its scale: its number, or 1, 2, 3... where labels are not all numbers."""
        if self.numeric:
            return np.array(self.labels, dtype=np.float64)
        return np.arange(1, len(self.labels) + 1, dtype=np.float64)

    @property
    def numeric(self) -> bool:
        """Whether every label is a number."""
        return all(isinstance(label, int | float | np.number) for label in self.labels)


class Patterns(msgspec.Struct, frozen=True):
    """The distinct rows of some ratings: codes (patterns, raters), how often each occurs, and which one each item has.

    A bootstrap over items is a multinomial draw over patterns: the same distribution at a fraction of the cost
    (100,000 items by 5 raters with 8 labels are some 7,000 patterns).
    """

    codes: NDArray[np.int64]
    frequencies: NDArray[np.int64]
    pattern_of_item: NDArray[np.int64]

    def counts(self, labels: int) -> NDArray[np.float64]:
        """How many raters gave each label: shape (patterns, labels)."""
        rows, columns = np.nonzero(self.codes >= 0)
        flat = rows * labels + self.codes[rows, columns]
        counts = np.zeros(len(self.codes) * labels)
        counts += np.bincount(flat, minlength=len(counts))
        return counts.reshape(len(self.codes), labels)


def parse(ratings: Any, labels: Sequence[Any] | None = None) -> Ratings:
    """Read items x raters (nested sequences, an array or a data frame); None and NaN are missing.

    `labels` gives the labels and their order, also those that nobody used; without it they are the values found,
    numbers before text, each in order. A value outside `labels` raises ValueError.
    """
    array = ratings.to_numpy() if hasattr(ratings, "to_numpy") else ratings
    if isinstance(array, np.ndarray):
        if array.ndim != 2:
            raise ValueError(f"ratings must be items x raters, not of {array.ndim} dimension(s)")
        if array.dtype.kind in "biuf":
            return _parse_numbers(array, labels)
        array = array.tolist()
    return _parse_objects([list(row) for row in array], labels)


def _parse_numbers(array: NDArray[Any], labels: Sequence[Any] | None) -> Ratings:
    missing = np.isnan(array) if array.dtype.kind == "f" else np.zeros(array.shape, dtype=bool)
    gaps = bool(missing.any())
    if missing.all():
        return Ratings(np.full(array.shape, -1, dtype=np.int64), tuple(labels or ()))
    # Any value of their own stands in for what is missing: masks would cost more than all the rest.
    filled = np.where(missing, array.flat[int(missing.argmin())], array) if gaps else array
    low, high = filled.min(), filled.max()
    if np.isfinite(low) and np.isfinite(high) and float(high) - float(low) < _DENSE_VALUES:
        whole = filled.astype(np.int64)
        if array.dtype.kind != "f" or bool((whole == filled).all()):
            return _relabel(_from_table(whole, missing if gaps else None, array.dtype), labels)
    seen, inverse = np.unique(filled, return_inverse=True)
    return _relabel(Ratings(np.where(missing, -1, inverse.reshape(array.shape)), tuple(seen.tolist())), labels)


def _from_table(whole: NDArray[np.int64], missing: NDArray[np.bool_] | None, kind: Any) -> Ratings:
    """Codes of whole numbers by looking each up."""
    low = int(whole.min())
    whole = whole - (low - 1)
    if missing is not None:
        whole *= ~missing  # 0 is missing
    seen = np.flatnonzero(np.bincount(whole.ravel())[1:])
    table = np.full(int(whole.max()) + 1, -1, dtype=np.int64)
    table[seen + 1] = np.arange(len(seen))
    return Ratings(table[whole], tuple((seen + low).astype(kind).tolist()))


def _parse_objects(rows: list[list[Any]], labels: Sequence[Any] | None) -> Ratings:
    width = len(rows[0]) if rows else 0
    for number, row in enumerate(rows):
        if len(row) != width:
            raise ValueError(f"item {number} has {len(row)} ratings, the first has {width}")
    index: dict[Hashable, int] = {}
    flat = [index.setdefault(value, len(index)) for value in _hashable(value for row in rows for value in row)]
    seen = [value for value in index if not _missing(value)]
    order = {value: code for code, value in enumerate(sorted(seen, key=_sort_key))}
    table = np.array([order.get(value, -1) for value in index] or [-1], dtype=np.int64)
    codes = table[np.array(flat, dtype=np.int64)].reshape(len(rows), width)
    return _relabel(Ratings(codes, tuple(sorted(seen, key=_sort_key))), labels)


def _hashable(values: Iterable[Any]) -> Iterable[Hashable]:
    for value in values:
        yield frozenset(value) if isinstance(value, set | list) else value


def _missing(value: Any) -> bool:
    # pandas' NA and NaT by name: this module does without pandas, and `NA != NA` has no truth value.
    return value is None or type(value).__name__ in ("NAType", "NaTType") or bool(value != value)


def _sort_key(value: Any) -> tuple[int, Any]:
    if isinstance(value, int | float | np.number):
        return (0, value)
    if isinstance(value, str):
        return (1, value)
    return (2, tuple(sorted(map(repr, value))) if isinstance(value, frozenset | tuple) else repr(value))


def _relabel(ratings: Ratings, labels: Sequence[Any] | None) -> Ratings:
    if labels is None:
        return ratings
    wanted = tuple(frozenset(label) if isinstance(label, set) else label for label in labels)
    place = {label: code for code, label in enumerate(wanted)}
    if len(place) != len(wanted):
        raise ValueError(f"labels repeat: {wanted!r}")
    unknown = [label for label in ratings.labels if label not in place]
    if unknown:
        raise ValueError(f"ratings hold {unknown[0]!r}, which is not among the labels {wanted!r}")
    table = np.array([place[label] for label in ratings.labels] + [-1], dtype=np.int64)
    return Ratings(table[ratings.codes], wanted)


def collapse(ratings: Ratings) -> Patterns:
    """Find the distinct rows, in the order of their codes."""
    codes, base = ratings.codes, len(ratings.labels) + 1
    items, raters = codes.shape
    if not items or not raters:
        return Patterns(codes[:1], np.full(min(items, 1), items), np.zeros(items, np.int64))
    if base**raters >= 1 << 62:
        distinct, of_item, weight = np.unique(codes, axis=0, return_inverse=True, return_counts=True)
        return Patterns(distinct, weight.astype(np.int64), of_item.reshape(-1).astype(np.int64))
    key = np.zeros(items, dtype=np.int64)
    for column in range(raters):
        key *= base
        key += codes[:, column] + 1
    if base**raters <= _DENSE_KEYS:
        often = np.bincount(key, minlength=base**raters)
        keys = np.flatnonzero(often)
        of_key = np.zeros(len(often), dtype=np.int64)
        of_key[keys] = np.arange(len(keys))
        return Patterns(_decode(keys, base, raters), often[keys], of_key[key])
    keys, of_item, weight = np.unique(key, return_inverse=True, return_counts=True)
    return Patterns(_decode(keys, base, raters), weight, of_item)


def without_raters(patterns: Patterns, labels: int) -> Patterns:
    """Patterns where it does not matter who said what: rows sorted, and equal ones one (7,000 become 1,249)."""
    merged = collapse(Ratings(np.sort(patterns.codes, axis=1), tuple(range(labels))))
    weight = np.zeros(len(merged.frequencies), dtype=np.int64)
    np.add.at(weight, merged.pattern_of_item, patterns.frequencies)
    return Patterns(merged.codes, weight, merged.pattern_of_item[patterns.pattern_of_item])


def _decode(keys: NDArray[np.int64], base: int, raters: int) -> NDArray[np.int64]:
    rest = keys.copy()
    codes = np.empty((len(keys), raters), dtype=np.int64)
    for column in reversed(range(raters)):
        rest, codes[:, column] = np.divmod(rest, base)
    return codes - 1
