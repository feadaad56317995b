"""The verdict of the agreement page: what the figures say, and what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import isnan

import msgspec

from goldwire.agreement.batch import BatchAgreement
from goldwire.agreement.disagreements import KINDS, Disagreement
from goldwire.quantities import quantity
from goldwire.records import Agreement
from goldwire.report.phrasing import interval, number

__all__ = ["Verdict", "agreement_verdict"]

_HIGH, _FAIR = 0.8, 0.6  # F1 of annotators: above, differences are details; below, the guidelines leave too much open
_WIDE = 0.15  # width of an interval: wider, more articles with two annotators change what can be concluded
_MIN_FREQUENT = 5  # disagreements of one kind and label that are worth a section of the guidelines


class Verdict(msgspec.Struct, frozen=True):
    """Sentences on the figures, and steps in the order of their use."""

    sentences: tuple[str, ...]
    steps: tuple[str, ...]


def agreement_verdict(
    measured: BatchAgreement, disagreements: Sequence[Sequence[Disagreement]], n_left_out: int
) -> Verdict:
    """Return the verdict on a batch; `disagreements` are those of each article, the most useful article first."""
    whole = {value.coefficient: value for value in measured.values if value.is_whole}
    named = (("spans", whole.get("span_f1_exact")), ("stances", whole.get("stance_f1_exact")))
    figures = [(noun, value) for noun, value in named if value is not None and not isnan(value.value)]
    sentences = tuple(_sentence(noun, value) for noun, value in figures)
    steps = tuple(_steps(measured.batch, [value for _, value in figures], disagreements, n_left_out))
    return Verdict(sentences or ("Nothing can be compared yet: no two annotators labelled the same article.",), steps)


def _sentence(noun: str, value: Agreement) -> str:
    """Return what an F1 says, including whether anything was marked at all."""
    bounds = interval(value)
    figure = f"F1 {number(value.value)}" + (f", 95% interval {bounds}" if bounds else "")
    if value.value >= _HIGH:
        return f"Annotators mark mostly the same {noun} ({figure})."
    if value.value >= _FAIR:
        return f"Annotators often differ on which {noun} to mark ({figure})."
    return f"Annotators differ on most {noun} ({figure}): do not use majority votes before the guidelines are clearer."


def _steps(
    batch: str, figures: Sequence[Agreement], disagreements: Sequence[Sequence[Disagreement]], n_left_out: int
) -> Iterator[str]:
    everything = [disagreement for of_article in disagreements for disagreement in of_article]
    if everything:
        n_articles = len(disagreements) + n_left_out
        yield (
            f"Settle {quantity(len(everything), 'disagreement')} in {quantity(n_articles, 'article')}, listed below, "
            f"from the top: `goldwire adjudicate {batch}`."
        )
    counts = Counter((kind, label) for d in everything for kind in d.kinds for label in d.labels)
    frequent = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:1]
    for (kind, label), count in frequent:
        if count >= _MIN_FREQUENT:
            yield f"Clarify the guidelines on `{label}`: in {quantity(count, 'disagreement')} about it, {KINDS[kind]}."
    wide = [value for value in figures if value.high - value.low > _WIDE]
    if wide:
        n = max(value.n_groups or 0 for value in wide)
        yield (
            f"Let two annotators label more of the same articles: with {quantity(n, 'article')} the interval "
            f"is {interval(wide[0])}. Four times as many would about halve it."
        )
