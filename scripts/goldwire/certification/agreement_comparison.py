"""Agreement of a machine with people beside that of people among themselves, as a whole and by part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Literal, TypeAlias

import msgspec
import numpy as np

from goldwire.agreement.estimates import Estimate, IntervalOptions, Matrix
from goldwire.agreement.intervals import measure
from goldwire.agreement.span_f1 import MatchCounts, count_matches, f1_estimate
from goldwire.agreement.stance_f1 import count_triples, stance_f1_estimate
from goldwire.alignment.span_matching import Match, read_spans
from goldwire.certification.equivalence import EquivalenceResult, equivalence_of_estimate
from goldwire.certification.layer_labels import SharedArticle
from goldwire.records import Agreement, AnnotationLayer, Record

__all__ = ["AgreementComparison", "Part", "compare_agreement", "compare_parts"]

PartKind = Literal["whole", "label", "source", "length"]
Unit = Literal["span", "stance"]
Counter: TypeAlias = Callable[[AnnotationLayer, AnnotationLayer], MatchCounts]


class Part(Record, frozen=True, kw_only=True):
    """A part of the data: all of it, one label or stance, articles of one source, or short, medium or long articles."""

    kind: PartKind = "whole"
    name: str = ""


class AgreementComparison(Record, frozen=True, kw_only=True):
    """F1 of the machine with each person, beside F1 of the people with each other, in the same articles.

    Parameters
    ----------
    part : Part
    people, machine : Agreement
        The mean over pairs of people, and over people paired with the machine, with intervals over articles.
    equivalence : EquivalenceResult
        The test of their difference.
    """

    part: Part
    people: Agreement
    machine: Agreement
    equivalence: EquivalenceResult


def compare_agreement(
    articles: Sequence[SharedArticle],
    unit: Unit,
    match: Match = "exact",
    *,
    part: Part = Part(),  # noqa: B008 - a frozen record
    margin: float = 0.05,
    level: float = 0.05,
) -> AgreementComparison:
    """Compare F1 in these articles; of one label or stance if `part` names one."""
    label = part.name if part.kind == "label" else None
    count = _span_counter(match, label) if unit == "span" else _stance_counter(match, label)
    names = sorted({name for article in articles for name in article.people})
    pairs = list(combinations(names, 2))
    people = [[_count(count, a.people.get(x), a.people.get(y)) for x, y in pairs] for a in articles]
    machine = [[_count(count, a.machine, a.people.get(name)) for name in names] for a in articles]
    return AgreementComparison(
        part=part,
        people=measure(_f1(unit, match, people, len(names)), IntervalOptions()),
        machine=measure(_f1(unit, match, machine, len(names) + 1), IntervalOptions()),
        equivalence=equivalence_of_estimate(
            _difference(_f1(unit, match, machine, 2), _f1(unit, match, people, 2)), margin=margin, level=level
        ),
    )


def compare_parts(
    articles: Sequence[SharedArticle],
    unit: Unit,
    *,
    labels: Sequence[str],
    sources: Mapping[str, str],
    lengths: Mapping[str, int],
    margin: float = 0.05,
    level: float = 0.05,
) -> Iterator[AgreementComparison]:
    """Yield the comparison of exact F1 for each label, source and third of the articles by length.

    `sources` and `lengths` are those of articles by id, as far as they are known; one source alone is not a part.
    """
    for label in labels:
        part = Part(kind="label", name=label)
        yield compare_agreement(articles, unit, part=part, margin=margin, level=level)
    for kind, names in (("source", sources), ("length", _thirds(articles, lengths))):
        groups = sorted({names[a.article_id] for a in articles if a.article_id in names}, key=_length_order)
        for name in groups if len(groups) > 1 else ():
            chosen = [a for a in articles if names.get(a.article_id) == name]
            part = Part(kind="source" if kind == "source" else "length", name=name)
            yield compare_agreement(chosen, unit, part=part, margin=margin, level=level)


_LENGTHS = ("short", "medium", "long")


def _length_order(name: str) -> tuple[int, str]:
    return (_LENGTHS.index(name) if name in _LENGTHS else -1, name)


def _thirds(articles: Sequence[SharedArticle], lengths: Mapping[str, int]) -> dict[str, str]:
    """Return which third of the articles by length each article is in."""
    known = sorted((lengths[a.article_id], a.article_id) for a in articles if a.article_id in lengths)
    if len(known) < len(_LENGTHS):
        return {}
    return {key: _LENGTHS[3 * position // len(known)] for position, (_, key) in enumerate(known)}


def _span_counter(match: Match, label: str | None) -> Counter:
    return lambda a, b: count_matches(read_spans(a), read_spans(b), match, label)


def _stance_counter(match: Match, stance: str | None) -> Counter:
    if stance is None:
        return lambda a, b: count_triples(a, b, match)
    return lambda a, b: count_triples(_with_stance(a, stance), _with_stance(b, stance), match)


def _with_stance(layer: AnnotationLayer, stance: str) -> AnnotationLayer:
    return msgspec.structs.replace(layer, stances=tuple(each for each in layer.stances if each.stance == stance))


def _count(count: Counter, a: AnnotationLayer | None, b: AnnotationLayer | None) -> MatchCounts:
    return MatchCounts() if a is None or b is None else count(a, b)


def _f1(unit: Unit, match: Match, counts: Sequence[Sequence[MatchCounts]], n_raters: int) -> Estimate:
    if unit == "stance":
        return stance_f1_estimate(match, counts, n_raters)
    return f1_estimate(f"span_f1_{match}", counts, n_raters)


def _difference(machine: Estimate, people: Estimate) -> Estimate:
    """Return the difference of two coefficients of the same articles; one row per article."""
    n_articles = len(machine.row_of_item)

    def value(frequencies: Matrix) -> Matrix:
        return machine.value(_by_row(frequencies, machine)) - people.value(_by_row(frequencies, people))

    compared = machine.row_sizes[machine.row_of_item] + people.row_sizes[people.row_of_item]
    return Estimate(
        coefficient=f"{machine.coefficient}_difference",
        frequencies=np.ones(n_articles, dtype=np.int64),
        value=value,
        n_items=machine.n_items + people.n_items,
        n_raters=machine.n_raters,
        undefined_reason=people.undefined_reason,
        row_of_item=np.arange(n_articles),
        row_sizes=compared,
    )


def _by_row(frequencies: Matrix, estimate: Estimate) -> Matrix:
    """Return how often each row of an estimate occurs, from how often each article does."""
    is_row = np.zeros((frequencies.shape[1], len(estimate.frequencies)))
    is_row[np.arange(len(is_row)), estimate.row_of_item] = 1
    return frequencies @ is_row
