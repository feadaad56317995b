"""Aggregators: from the annotators' answers to an item to one answer, or to none where they do not decide.

The words are those of crowd-kit: an aggregator turns the votes on items into one label per item.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from goldwire.agreement.annotator_models import AnnotatorModel

__all__ = [
    "NOTHING",
    "AggregatedLabel",
    "Aggregator",
    "ItemVotes",
    "Model",
    "expert_label",
    "majority_threshold",
    "majority_vote",
    "model_vote",
]

NOTHING = "(nothing)"
"""The answer of an annotator who had the article and marked or drew nothing."""


class ItemVotes(msgspec.Struct, frozen=True):
    """The answers of all annotators of an article to one item: the label of a mention, or the stance of a pair.

    `answers` holds each annotator's label or NOTHING. An annotator who contradicts themself has None, which counts for
    no answer but is in the number of voters.
    """

    article_id: str
    answers: dict[str, str | None]


class AggregatedLabel(msgspec.Struct, frozen=True):
    """The answer to an item, None where the votes do not decide.

    `n_votes` annotators gave the answer that is best; `posterior` is its probability where the aggregator has one.
    With `by_expert` it is an expert's answer, and `by_votes` what the annotators' votes alone decide.
    """

    answer: str | None
    n_votes: int
    posterior: float | None = None
    by_expert: bool = False
    by_votes: str | None = None


Aggregator = Callable[[Sequence[ItemVotes]], Sequence[AggregatedLabel]]
"""Decides all items of one kind in a batch at once: a model of the annotators learns from all of them."""

Model = Callable[..., AnnotatorModel]
"""`goldwire.agreement.dawid_skene` or `mace`: from ratings (items x annotators, None missing) to probabilities."""


def majority_vote(min_votes: int = 1) -> Aggregator:
    """Return an aggregator that takes the answer of more than half of the annotators, and of at least `min_votes`."""
    return lambda items: [_majority(item, min_votes) for item in items]


def _majority(item: ItemVotes, min_votes: int) -> AggregatedLabel:
    counts = Counter(answer for answer in item.answers.values() if answer is not None)
    answer, votes = min(counts.items(), key=lambda pair: (-pair[1], pair[0]), default=(None, 0))
    return AggregatedLabel(answer if votes >= majority_threshold(len(item.answers), min_votes) else None, votes)


def majority_threshold(n_voters: int, min_votes: int) -> int:
    """Return how many votes make a majority: more than half of the voters, and at least `min_votes`."""
    return max(n_voters // 2 + 1, min_votes)


def expert_label(expert: str, otherwise: Aggregator, *, has_vote: bool = True) -> Aggregator:
    """Return an aggregator that takes the answer of `expert`, and of `otherwise` where the expert gave none.

    Parameters
    ----------
    expert : str
        The name under which the expert's answers are.
    otherwise : Aggregator
        Decides items without an answer of the expert.
    has_vote : bool
        Whether the expert is also one of the annotators, who are counted.
    """

    def aggregate(items: Sequence[ItemVotes]) -> list[AggregatedLabel]:
        counted = items if has_vote else [_without(expert, item) for item in items]
        labels = []
        for item, votes, fallback in zip(items, counted, otherwise(counted), strict=True):
            answer = item.answers.get(expert)
            n_votes = sum(other == answer for other in votes.answers.values())
            by_expert = AggregatedLabel(answer, n_votes, by_expert=True, by_votes=fallback.answer)
            labels.append(fallback if answer is None else by_expert)
        return labels

    return aggregate


def _without(annotator: str, item: ItemVotes) -> ItemVotes:
    return ItemVotes(item.article_id, {name: answer for name, answer in item.answers.items() if name != annotator})


def model_vote(model: Model, *, min_posterior: float = 0.8, min_votes: int = 1) -> Aggregator:
    """Return an aggregator that fits a model of the annotators to all items of a batch.

    Parameters
    ----------
    model : callable
        `goldwire.agreement.dawid_skene` or `mace`.
    min_posterior : float
        The answer is taken if its probability is at least this, from 0 to 1.
    min_votes : int
        And if at least this many annotators gave it.
    """

    def aggregate(items: Sequence[ItemVotes]) -> list[AggregatedLabel]:
        annotators = sorted({name for item in items for name in item.answers})
        ratings = [[item.answers.get(name) for name in annotators] for item in items]
        classes = sorted({answer for row in ratings for answer in row if answer is not None})
        if not classes:
            return [AggregatedLabel(None, 0) for _ in items]
        labels = []
        for item, posterior in zip(items, np.nan_to_num(model(ratings, classes).posteriors), strict=True):
            best = int(posterior.argmax())
            n_votes = sum(answer == classes[best] for answer in item.answers.values())
            is_certain = posterior[best] >= min_posterior and n_votes >= min_votes
            labels.append(
                AggregatedLabel(classes[best] if is_certain else None, n_votes, round(float(posterior[best]), 6))
            )
        return labels

    return aggregate
