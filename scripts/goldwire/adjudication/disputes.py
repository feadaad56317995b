"""What the annotators left disputed, for an expert to settle: the agreed labels in place, the disputed ones as such."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from goldwire.adjudication.aggregation import Settled
from goldwire.adjudication.expert_comments import pair_names, span_names
from goldwire.alignment.mentions import Pair, SpanUnit, match_spans, match_stances
from goldwire.records import AnnotationLayer, Article, Decision, SpanLabel, StanceLabel, number_layer

__all__ = ["DISPUTED", "Contested", "contested", "contested_target", "places_of", "with_places"]

DISPUTED = "DISPUTED"
"""The label of a span, and the stance between two, that wait for an expert; it never reaches a layer."""

_IS = " = "  # between a dispute's place and what was said of it
_BY_NUMBER = re.compile(r"(?P<number>D\d+)(?=\s*:)")


class Contested(msgspec.Struct, frozen=True):
    """A task with disputes: the layer that the expert starts from, and by `D1`, `D2`... what was said."""

    layer: AnnotationLayer
    said: dict[str, str]


def contested(article: Article, settled: Settled, layers: Iterable[AnnotationLayer]) -> Contested | None:
    """The disputes of an article whose confirmed `layers` were settled without an expert; None where it has none."""
    ordered = sorted(layers, key=lambda layer: layer.annotator)
    units = match_spans(ordered)
    pairs = match_stances(ordered, units)
    of_units, of_pairs = settled.decisions[: len(units)], settled.decisions[len(units) :]
    if all(made.settled for made in settled.decisions):
        return None
    names = [made.unit if made.settled else f"d{n}" for n, made in enumerate(of_units)]
    spans = [*settled.gold.spans, *_spans(article, units, of_units)]
    stances = [*settled.gold.stances, *_stances(pairs, of_pairs, names)]
    numbered, drawn = number_layer(spans, stances)
    open_units = [(next(span_names(u, None)), made) for u, made in zip(units, of_units, strict=True)]
    open_units += [
        (next(iter(pair_names(pair, units, None)), made.what), made) for pair, made in zip(pairs, of_pairs, strict=True)
    ]
    said = [_said(place, made) for place, made in open_units if not made.settled]
    layer = msgspec.structs.replace(settled.gold, confirmed=False, spans=numbered, stances=drawn)
    return Contested(layer, {f"D{number}": one for number, one in enumerate(said, 1)})


def contested_target(target: str, settled: Settled, layers: Iterable[AnnotationLayer]) -> Contested | None:
    """The same of an article's own stance to a target by name, to which the expert starts from nothing."""
    ordered = sorted(layers, key=lambda layer: layer.annotator)
    units = match_spans(ordered)
    made = zip(match_stances(ordered, units), settled.decisions[len(units) :], strict=True)
    found = next((one for pair, one in made if pair.target_name == target and not one.settled), None)
    if found is None:
        return None
    layer = msgspec.structs.replace(settled.gold, confirmed=False, spans=(), stances=())
    return Contested(layer, {"D1": f"{found.what} ({found.reason}): {_words(found)}"})


def _spans(article: Article, units: Sequence[SpanUnit], made: Sequence[Decision]) -> list[SpanLabel]:
    """A mark over all that anybody marked of each disputed unit."""
    marks = []
    for n, (unit, decision) in enumerate(zip(units, made, strict=True)):
        if not decision.settled:
            start = min(span.start for span in unit.spans.values())
            end = max(span.end for span in unit.spans.values())
            marks.append(SpanLabel(id=f"d{n}", start=start, end=end, label=DISPUTED, text=article.text[start:end]))
    return marks


def _stances(pairs: Sequence[Pair], made: Sequence[Decision], names: Sequence[str | None]) -> list[StanceLabel]:
    return [
        StanceLabel(
            id=f"p{n}",
            holder=None if pair.holder is None else names[pair.holder],
            target=None if pair.target is None else names[pair.target],
            target_name=pair.target_name,
            stance=DISPUTED,
        )
        for n, (pair, decision) in enumerate(zip(pairs, made, strict=True))
        if not decision.settled
    ]


def _said(place: str, made: Decision) -> str:
    """In words: `[0, 7) = Ada Ito [0, 7) PER (label): A1 says [0, 7) PER; A2 says [0, 7) ORG`."""
    return f"{place}{_IS}{made.what} ({made.reason}): {_words(made)}"


def _words(made: Decision) -> str:
    return "; ".join(f"{name} says {answer}" for answer, names in made.options for name in names)


def places_of(said: Mapping[str, str]) -> dict[str, str]:
    """The place of each dispute, by its number."""
    return {number: one.partition(_IS)[0] for number, one in said.items()}


def with_places(comment: str, places: Mapping[str, str]) -> str:
    """A comment in which `D3: reason` is said of the place of the dispute D3, which stays true when numbers change."""
    return _BY_NUMBER.sub(lambda found: places.get(found["number"], found["number"]), comment)
