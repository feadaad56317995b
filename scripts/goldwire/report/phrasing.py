"""Agreement values on pages: numbers as in papers, and the meaning of a value in a sentence."""

from __future__ import annotations

from math import hypot, isnan

from goldwire.agreement.descriptions import bounds
from goldwire.agreement.prelabel_effect import ACCEPTANCE, EFFECT_ON_AGREEMENT, EFFECT_ON_LABELS
from goldwire.records import Agreement

__all__ = ["drift", "interval", "meaning", "number"]

# Krippendorff (2004, p. 241): rely on variables with alpha >= .800, draw tentative conclusions from .667 on.
_RELIABLE, _TENTATIVE = 0.8, 2 / 3

_F1_MEANINGS = {
    "span_f1_exact": "{percent} of one annotator's spans are matched exactly by another",
    "span_f1_characters": "{percent} of the characters in one annotator's spans are in another's with the same label",
    "span_f1_label": "{percent} of one annotator's spans overlap a span of another with the same label",
    "stance_f1_exact": "{percent} of one annotator's stances are drawn by another between exactly the same mentions",
    "span_f1_exact_excluding_prelabels": (
        "leaving out suggestions that both accepted, {percent} of one annotator's spans are matched exactly by another"
    ),
    "stance_f1_exact_excluding_prelabels": (
        "leaving out suggestions that both accepted, {percent} of one annotator's stances are drawn by another"
    ),
}


def number(value: float, digits: int = 2) -> str:
    """Return `.81`, `1.00` or `-.05`, as papers write coefficients; `n/a` where undefined."""
    if isnan(value):
        return "n/a"
    text = f"{value:.{digits}f}"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def interval(value: Agreement) -> str:
    """Return `.77 to .85`, or an empty text if there is no interval."""
    rounded = bounds(value, 2)
    return " to ".join(number(float(bound)) for bound in rounded) if rounded else ""


def drift(first: Agreement, last: Agreement) -> str:
    """Return the change between two values over different articles, with its 95% interval, in a sentence.

    The interval comes from those of the two values (Zou, G. Y. and Donner, A. 2008: Construction of confidence limits
    about effect measures: a general approach. Statistics in Medicine 27).

    Examples
    --------
    >>> first = Agreement(coefficient="f1", value=0.9, low=0.85, high=0.93, n_items=50, n_raters=2)
    >>> last = Agreement(coefficient="f1", value=0.7, low=0.6, high=0.78, n_items=50, n_raters=2)
    >>> print(drift(first, last))
    Lower by .20 in the last third than in the first (95% interval .11 to .30).
    """
    change = last.value - first.value
    if isnan(change) or isnan(first.low) or isnan(last.low):
        return ""
    low = change - hypot(last.value - last.low, first.high - first.value)
    high = change + hypot(last.high - last.value, first.value - first.low)
    if low <= 0 <= high:
        return f"No drift is certain: the change is {number(change)}, 95% interval {number(low)} to {number(high)}."
    word, bounded = ("Higher", (low, high)) if change > 0 else ("Lower", (-high, -low))
    limits = " to ".join(map(number, bounded))
    return f"{word} by {number(abs(change))} in the last third than in the first (95% interval {limits})."


def meaning(value: Agreement) -> str:
    """Return the meaning of a value in one sentence."""
    if isnan(value.value):
        return f"Undefined: {value.reason}."
    percent = f"{100 * value.value:.0f}%"
    if value.coefficient == ACCEPTANCE:
        return f"Annotators accepted {percent} of the suggested labels unchanged."
    if value.coefficient in (EFFECT_ON_LABELS, EFFECT_ON_AGREEMENT):
        return _effect(value)
    if value.coefficient in _F1_MEANINGS:
        return f"On average, {_F1_MEANINGS[value.coefficient].format(percent=percent)}."
    if value.condition == "drawn-by-two":
        return (
            "Only where two annotators drew a stance, and only about which one they chose: whether they draw the same "
            "stances at all is in the figures beside it."
        )
    if value.value < _TENTATIVE:
        return "Too low to draw conclusions: discuss the disagreements below, then clarify the guidelines."
    if value.value < _RELIABLE:
        return "Good enough for tentative conclusions only (alpha from .667 to .800)." + _caution(value, _TENTATIVE)
    return "Reliable (alpha of .800 or more)." + _caution(value, _RELIABLE)


def _effect(value: Agreement) -> str:
    """Return the meaning of the difference between articles with pre-labels and the holdout."""
    what = "Spans equal to the suggestions" if value.coefficient == EFFECT_ON_LABELS else "Agreement on spans"
    if isnan(value.low) or value.low <= 0 <= value.high:
        return f"{what}: no difference is certain between articles with pre-labels and those that started blank."
    direction = "higher" if value.value > 0 else "lower"
    return f"{what}: F1 is {abs(value.value):.2f} {direction} where annotators start from pre-labels."


def _caution(value: Agreement, threshold: float) -> str:
    """Return a sentence for a value whose interval reaches below the threshold that it meets, or that has none."""
    if isnan(value.low):
        return f" {value.reason[0].upper()}{value.reason[1:]}." if value.reason else ""
    if value.low >= threshold:
        return ""
    return f" The interval reaches down to {number(value.low)}, below that threshold."
