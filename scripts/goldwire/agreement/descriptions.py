"""Agreement values in words: what a value is over, its interval, and one line for each value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import ceil, floor, isnan

from goldwire.quantities import quantity
from goldwire.records import Agreement
from goldwire.text_table import align_columns

__all__ = ["articles", "bounds", "describe", "describe_all", "scope"]

_UNITS = {
    "item": "item",
    "span": "span",
    "stance": "stance",
    "token": "token",
    "prelabel": "suggested label",
}

_CONDITIONS = {
    "marked-by-two": "{n} {units}, where two annotators marked the same text",
    "drawn-by-two": "{n} holder-target {pairs} that two annotators drew",
    "drawn-by-any": "{n} holder-target {pairs} that any annotator drew",
    "answered-by-two": "{n} {targets} that two annotators were asked about",
    "without-prelabels": "{n} {units}, without accepted pre-labels",
}

_SAMPLES_ONLY = "interval over samples of chance only"


def scope(value: Agreement) -> str:
    """Return what a value is over: `1,807 spans`, or `200 holder-target pairs that two annotators drew`.

    Gamma of a single article has an interval of another kind than all other values, which is said here.
    """
    return _units(value) + (f", {_SAMPLES_ONLY}" if value.interval == "chance-sampling" else "")


def _units(value: Agreement) -> str:
    units = quantity(value.n_items, _UNITS[value.unit]).split(" ", 1)[1]
    if value.condition is None:
        return f"{value.n_items:,} {units}"
    plural = "" if value.n_items == 1 else "s"
    return _CONDITIONS[value.condition].format(
        n=f"{value.n_items:,}", units=units, pairs=f"pair{plural}", targets=f"target{plural}"
    )


def articles(value: Agreement) -> str:
    """Return `16 articles`, or an empty text where the number of articles is unknown, or items are not in articles."""
    return "" if value.n_groups is None or value.unit == "item" else quantity(value.n_groups, "article")


def bounds(value: Agreement, digits: int = 3) -> tuple[str, str] | None:
    """Return the bounds of the interval, rounded outwards, so that no interval is printed without a width."""
    if isnan(value.low):
        return None
    scale = 10**digits
    # A bound that has no more digits stays as it is, in spite of its binary representation.
    low, high = floor(value.low * scale + 1e-9) / scale, ceil(value.high * scale - 1e-9) / scale
    return f"{low:.{digits}f}", f"{high:.{digits}f}"


def describe(value: Agreement) -> str:
    """Return a value in one line, or why it is undefined.

    Examples
    --------
    >>> from goldwire.records import Agreement
    >>> print(describe(Agreement(coefficient="stance_alpha_nominal", unit="stance", condition="drawn-by-two",
    ...     value=1.0, low=0.9812, high=1.0, interval="jackknife", n_items=200, n_raters=3, n_groups=16)))
    stance_alpha_nominal 1.000 [0.981, 1.000] n=200 holder-target pairs that two annotators drew, 16 articles, \
3 annotators
    """
    if isnan(value.value):
        return f"{value.name} undefined: {value.reason}"
    interval = bounds(value)
    text = f"{value.name} {value.value:.3f}" + (f" [{interval[0]}, {interval[1]}]" if interval else "")
    sizes = [f"n={scope(value)}", articles(value), quantity(value.n_raters, "annotator")]
    return f"{text} {', '.join(filter(None, sizes))}"


def describe_all(values: Iterable[Agreement]) -> Iterator[str]:
    """Yield the defined values in lines, their figures below each other, with what each is over in a few words."""
    defined = [value for value in values if not isnan(value.value)]
    rows = []
    for value in defined:
        interval = bounds(value)
        rows.append((value.name, f"{value.value:.3f}", f"[{', '.join(interval)}]" if interval else "", _short(value)))
    yield from align_columns(rows, numbers={1})


def _short(value: Agreement) -> str:
    """Return what a value is over, such that a line of the terminal has room for it: `200 pairs drawn by two`."""
    if value.interval == "chance-sampling":
        return _SAMPLES_ONLY
    if value.condition in ("drawn-by-two", "drawn-by-any"):
        return f"{quantity(value.n_items, 'pair')} {value.condition.replace('-', ' ')}"
    suffix = {
        "marked-by-two": " marked by two",
        "answered-by-two": " answered by two",
        "without-prelabels": " without pre-labels",
    }
    return quantity(value.n_items, _UNITS[value.unit]) + suffix.get(value.condition or "", "")
