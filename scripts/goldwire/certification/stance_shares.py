"""Counts of the stances of one kind in an article: in all, and between one holder and target."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

import msgspec

from goldwire.alignment.entity_names import Words, fullest_names, name_words
from goldwire.records import AnnotationLayer

__all__ = ["ARTICLE", "NamedPair", "StanceCounts", "mean_counts", "named_pairs", "stance_counts"]

StanceCounts: TypeAlias = tuple[float, float]
"""The stances of one kind, and of any kind."""

ARTICLE = "(the article)"
"""The name of a holder that is the article's own voice."""


class NamedPair(msgspec.Struct, frozen=True, order=True):
    """The names of a holder and a target, each in its most frequent form."""

    holder: str
    target: str


def stance_counts(layer: AnnotationLayer, stance: str) -> StanceCounts:
    """Return the number of stances of this kind, and of all stances."""
    return float(sum(each.stance == stance for each in layer.stances)), float(len(layer.stances))


def mean_counts(counts: Sequence[StanceCounts]) -> StanceCounts:
    """Return the mean over annotators."""
    return sum(part for part, _ in counts) / len(counts), sum(whole for _, whole in counts) / len(counts)


def named_pairs(
    layers: Mapping[str, Collection[AnnotationLayer]], stance: str
) -> dict[NamedPair, dict[str, dict[str, StanceCounts]]]:
    """Count stances by the names of their holder and target.

    Parameters
    ----------
    layers : mapping of str to collection of AnnotationLayer
        The layers of each article, by its id.
    stance : str

    Returns
    -------
    dict
        Pair -> article id -> annotator -> counts. Names are compared as words within an article, a surname with the
        only full name that ends in it; pairs without stances are absent.
    """
    counts: dict[tuple[Words, Words], dict[str, dict[str, StanceCounts]]] = defaultdict(lambda: defaultdict(dict))
    forms: dict[Words, Counter[str]] = defaultdict(Counter)
    for article, of_article in layers.items():
        full = fullest_names({name for layer in of_article for ends in _names(layer) for name in ends[:2]})
        for layer in of_article:
            for holder, target, drawn in _names(layer):
                for name in (holder, target):
                    forms[full[name]][name] += name_words(name) == full[name]
                by_annotator = counts[full[holder], full[target]][article]
                part, whole = by_annotator.get(layer.annotator, (0.0, 0.0))
                by_annotator[layer.annotator] = (part + (drawn == stance), whole + 1.0)
    names = {words: min(of_name.items(), key=lambda form: (-form[1], form[0]))[0] for words, of_name in forms.items()}
    return {NamedPair(names[holder], names[target]): dict(of_pair) for (holder, target), of_pair in counts.items()}


def _names(layer: AnnotationLayer) -> Iterable[tuple[str, str, str]]:
    """Yield the names of the holder and target of each stance, and its label."""
    texts = {span.id: " ".join(span.text.split()) for span in layer.spans}
    for stance in layer.stances:
        holder = ARTICLE if stance.holder is None else texts.get(stance.holder)
        target = stance.target_name or texts.get(stance.target or "")
        if holder and target:
            yield holder, target, stance.stance
