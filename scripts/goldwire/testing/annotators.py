"""Annotators made from gold: each marks what gold has, with the errors of its kind at a known rate.

Every random choice depends on the seed, the annotator's name and the article only, so that an annotator does the same
in a batch of 10 articles as in one of 20 that contains them.

References
----------
Vuurens, J., de Vries, A. P. and Eickhoff, C. (2011). How much spam can you take? An analysis of crowdsourcing results
to increase accuracy. SIGIR 2011 Workshop on Crowdsourcing for Information Retrieval. (Kinds of careless annotators.)
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, get_args

import msgspec
import numpy as np

from goldwire.records import AnnotationLayer, SpanLabel, StanceLabel, number_layer

__all__ = ["KINDS", "AnnotatorKind", "SyntheticAnnotator", "annotate"]

AnnotatorKind = Literal["careful", "spammer", "lazy", "biased", "sloppy", "swapper"]
KINDS: tuple[AnnotatorKind, ...] = get_args(AnnotatorKind)
"""All kinds of synthetic annotators."""

_WORD = re.compile(r"\w+(?:[’'\-]\w+)*")
_DEFAULT_RATES: dict[AnnotatorKind, float] = {
    "careful": 0.0,
    "spammer": 1.0,
    "lazy": 0.6,
    "biased": 0.6,
    "sloppy": 0.6,
    "swapper": 0.9,
}


class SyntheticAnnotator(msgspec.Struct, frozen=True, kw_only=True):
    """An annotator with a bad habit.

    Parameters
    ----------
    name : str
        The pseudonym of its layers.
    kind : {"careful", "spammer", "lazy", "biased", "sloppy", "swapper"}
        `careful` has none. `spammer` marks words at random, as many as gold has, and draws stances at random
        without reading: with a rate below 1, in that share of the articles. `lazy` leaves out that share of the
        mentions, at the end of each article. `biased` gives `favourite` to that share of the mentions, and the first
        stance in favour to that share of the stances. `sloppy` moves one end of that share of the mentions by a word.
        `swapper` exchanges two labels in that share of their mentions, and two stances likewise.
    rate : float, optional
        Default: 1 for `spammer`, .9 for `swapper`, 0 for `careful`, else .6.
    noise : float, default: 0.03
        Share of the mentions and stances that it also misses at random, as everybody does.
    favourite : str, optional
        The label that `biased` prefers. Default: the most frequent one.
    swapped : tuple of str, optional
        The labels that `swapper` exchanges. Default: the two most frequent ones.

    Raises
    ------
    ValueError
        The kind is unknown, or a rate is not from 0 to 1.
    """

    name: str
    kind: AnnotatorKind
    rate: float = -1.0
    noise: float = 0.03
    favourite: str | None = None
    swapped: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        """Check the kind and the rates."""
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind {self.kind!r}: choose from {', '.join(KINDS)}")
        if not (self.rate == -1.0 or 0 <= self.rate <= 1) or not 0 <= self.noise <= 1:
            raise ValueError(f"rate {self.rate} or noise {self.noise} is not from 0 to 1")

    @property
    def habit_rate(self) -> float:
        """The rate of its habit."""
        return _DEFAULT_RATES[self.kind] if self.rate == -1.0 else self.rate


def annotate(
    gold: Iterable[AnnotationLayer], texts: Mapping[str, str], annotator: SyntheticAnnotator, *, seed: int = 0
) -> tuple[AnnotationLayer, ...]:
    """Return the layers of a synthetic annotator.

    Parameters
    ----------
    gold : iterable of AnnotationLayer
        The truth, one layer per article.
    texts : mapping of str to str
        Texts by article id.
    annotator : SyntheticAnnotator
        Who annotates.
    seed : int, default: 0
        Seed of all random choices.

    Returns
    -------
    tuple of AnnotationLayer
        Confirmed layers in the order of `gold`.

    Examples
    --------
    >>> from goldwire.records import AnnotationLayer, SpanLabel
    >>> from goldwire.testing import SyntheticAnnotator, annotate
    >>> ada = SpanLabel(id="T1", start=0, end=9, label="PER", text="Ada Brook")
    >>> gold = AnnotationLayer(
    ...     article_id="wire-1", text_sha256="0" * 64, batch="b01", annotator="gold",
    ...     guidelines_version="1", schema_version="1", confirmed=True, spans=(ada,), stances=(),
    ... )
    >>> sloppy = SyntheticAnnotator(name="A1", kind="sloppy", rate=1.0, noise=0.0)
    >>> (layer,) = annotate([gold], {"wire-1": "Ada Brook spoke."}, sloppy)
    >>> [span.text for span in layer.spans]
    ['Ada']
    """
    layers = list(gold)
    vocabulary = _Vocabulary.of(layers)
    return tuple(_layer(layer, texts[layer.article_id], annotator, vocabulary, seed) for layer in layers)


class _Vocabulary(msgspec.Struct, frozen=True):
    """Labels and stances of the gold, the most frequent first."""

    labels: tuple[str, ...]
    stances: tuple[str, ...]

    @classmethod
    def of(cls, layers: Sequence[AnnotationLayer]) -> _Vocabulary:
        return cls(
            _by_frequency(span.label for layer in layers for span in layer.spans),
            _by_frequency(stance.stance for layer in layers for stance in layer.stances),
        )


def _by_frequency(values: Iterable[str]) -> tuple[str, ...]:
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return tuple(sorted(counts, key=lambda value: (-counts[value], value)))


def _layer(
    gold: AnnotationLayer, text: str, annotator: SyntheticAnnotator, vocabulary: _Vocabulary, seed: int
) -> AnnotationLayer:
    digest = hashlib.sha256(f"{seed}\0{annotator.name}\0{gold.article_id}".encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:8], "big"))
    if annotator.kind == "spammer" and rng.random() < annotator.habit_rate:
        spans, stances = _spam(gold, text, vocabulary, rng)
    else:
        spans, stances = _with_habit(gold, text, annotator, vocabulary, rng)
    numbered, drawn = number_layer(spans, stances)
    return msgspec.structs.replace(
        gold,
        annotator=annotator.name,
        confirmed=True,
        spans=numbered,
        stances=drawn,
        comments=(),
        prelabels=msgspec.UNSET,
        machine=msgspec.UNSET,
        inclusion_probability=msgspec.UNSET,
    )


def _spam(
    gold: AnnotationLayer, text: str, vocabulary: _Vocabulary, rng: np.random.Generator
) -> tuple[list[SpanLabel], list[StanceLabel]]:
    """Return random words with random labels, as many as gold has spans, and random stances between them."""
    words = [match.span() for match in _WORD.finditer(text)]
    count = min(len(gold.spans), len(words))
    chosen = sorted(rng.choice(len(words), size=count, replace=False).tolist()) if count else []
    spans = [
        _span(f"s{number}", words[place][0], words[place][1], str(rng.choice(vocabulary.labels)), text)
        for number, place in enumerate(chosen)
    ]
    stances: list[StanceLabel] = []
    pairs: set[tuple[str | None, str | None]] = set()
    for number, stance in enumerate(gold.stances):
        label = str(rng.choice(vocabulary.stances))
        if stance.target is None:
            stances.append(msgspec.structs.replace(stance, stance=label))
        elif len(spans) > 1:
            ends = rng.choice(len(spans), size=2, replace=False)
            holder, target = spans[int(ends[0])].id, spans[int(ends[1])].id
            if (holder, target) not in pairs:
                pairs.add((holder, target))
                stances.append(StanceLabel(id=f"r{number}", holder=holder, target=target, stance=label))
    return spans, stances


def _with_habit(
    gold: AnnotationLayer,
    text: str,
    annotator: SyntheticAnnotator,
    vocabulary: _Vocabulary,
    rng: np.random.Generator,
) -> tuple[list[SpanLabel], list[StanceLabel]]:
    """Return the gold labels as an annotator with a habit marks them."""
    kind, rate = annotator.kind, annotator.habit_rate
    spans = list(gold.spans)
    if kind == "lazy":
        spans = spans[: len(spans) - round(rate * len(spans))]
    spans = [span for span in spans if rng.random() >= annotator.noise]
    if kind == "biased" and vocabulary.labels:
        favourite = annotator.favourite or vocabulary.labels[0]
        spans = [msgspec.structs.replace(s, label=favourite) if rng.random() < rate else s for s in spans]
    if kind == "swapper":
        spans = [
            _swap_label(s, annotator.swapped or vocabulary.labels[:2]) if rng.random() < rate else s for s in spans
        ]
    if kind == "sloppy":
        spans = _move_ends(spans, text, rate, rng)
    known = {span.id for span in spans} | {None}
    stances = [
        stance for stance in gold.stances if {stance.holder, stance.target} <= known and rng.random() >= annotator.noise
    ]
    if kind in ("biased", "swapper"):
        stances = [_other_stance(s, kind, vocabulary.stances) if rng.random() < rate else s for s in stances]
    if kind == "lazy":
        stances = stances[: len(stances) - round(rate * len(stances))]
    return spans, stances


def _swap_label(span: SpanLabel, labels: Sequence[str]) -> SpanLabel:
    if len(labels) < 2 or span.label not in labels[:2]:
        return span
    return msgspec.structs.replace(span, label=labels[1] if span.label == labels[0] else labels[0])


def _other_stance(stance: StanceLabel, kind: AnnotatorKind, stances: Sequence[str]) -> StanceLabel:
    if kind == "biased":
        return msgspec.structs.replace(stance, stance=stances[0])
    if len(stances) < 2 or stance.stance not in stances[:2]:
        return stance
    return msgspec.structs.replace(stance, stance=stances[1] if stance.stance == stances[0] else stances[0])


def _move_ends(spans: Sequence[SpanLabel], text: str, rate: float, rng: np.random.Generator) -> list[SpanLabel]:
    """Return the spans, the end of some moved by a word: inwards in one of several words, else over the next word."""
    words = [match.span() for match in _WORD.finditer(text)]
    used = {(span.start, span.end, span.label) for span in spans}
    moved = []
    for span in spans:
        inside = [word for word in words if span.start <= word[0] and word[1] <= span.end]
        after = next((word for word in words if word[0] >= span.end), None)
        start, end = span.start, span.end
        if rng.random() < rate:
            if len(inside) > 1:
                end = inside[-2][1]
            elif after is not None and "\n" not in text[span.end : after[0]]:
                end = after[1]
        if (start, end, span.label) != (span.start, span.end, span.label) and (start, end, span.label) in used:
            end = span.end
        used.add((start, end, span.label))
        moved.append(_span(span.id, start, end, span.label, text))
    return moved


def _span(name: str, start: int, end: int, label: str, text: str) -> SpanLabel:
    return SpanLabel(id=name, start=start, end=end, label=label, text=text[start:end])
