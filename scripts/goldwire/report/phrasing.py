"""What a figure means, in a plain sentence."""

from __future__ import annotations

from math import isnan

from goldwire.agreement.prelabel_effect import ACCEPTANCE
from goldwire.records import Agreement

__all__ = ["interval", "meaning", "number"]

# Krippendorff (2004, p. 241): rely on variables with alpha >= .800, draw tentative conclusions from .667 on.
_RELIABLE, _TENTATIVE = 0.8, 2 / 3


def number(value: float, digits: int = 2) -> str:
    """`.81`, `1.00`, `-.05`, as papers write coefficients; `n/a` where undefined."""
    if isnan(value):
        return "n/a"
    text = f"{value:.{digits}f}"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def interval(value: Agreement) -> str:
    """`.77 to .85`, or nothing where there is none."""
    return "" if isnan(value.low) else f"{number(value.low)} to {number(value.high)}"


def meaning(value: Agreement) -> str:
    """One sentence on what the value allows."""
    if isnan(value.value):
        return f"Undefined: {value.reason}."
    if value.coefficient == ACCEPTANCE:
        return f"Of 100 labels that annotators began with, about {100 * value.value:.0f} stand as they were."
    if "f1" in value.coefficient:
        return _f1(value)
    if value.value < _TENTATIVE:
        return "Too low to draw conclusions from: talk the cases below through and mend the guidelines first."
    if value.value < _RELIABLE:
        return "Good enough for tentative conclusions only (alpha from .667 to .800)." + _unsure(value, _TENTATIVE)
    return "Reliable (alpha of .800 or more)." + _unsure(value, _RELIABLE)


def _f1(value: Agreement) -> str:
    what = {
        "span_f1_exact": "marks in just the same place with the same label",
        "span_f1_overlap": "covers with the same label, counted in characters",
        "span_f1_label": "marks with the same label and at least some overlap",
    }.get(value.coefficient, "has just the same")
    things = "stances" if value.coefficient.startswith("stance") else "spans"
    return f"Of 100 {things} that one annotator has, another {what} about {100 * value.value:.0f}."


def _unsure(value: Agreement, floor: float) -> str:
    if isnan(value.low) or value.low >= floor:
        return ""
    return f" With so few items the true value may be as low as {number(value.low)}, below that mark."
