"""The annotators' answers to one item as shares: a soft label, which includes those who marked or drew nothing. Pure.

The items are the candidates of `goldwire.release.candidates`: whatever at least one annotator or expert marked. An
annotator of the article who did not mark it has answered "nothing", so that disagreement about existence is in the
shares, not only disagreement about the label.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from goldwire.records import Decision

__all__ = ["count_answer", "label_shares", "none_share"]


def label_shares(decision: Decision, labels: Sequence[str]) -> list[float] | None:
    """Return the share of the annotators who gave each label, or None if none of them gave any.

    With `none_share` they add up to 1. An annotator with two answers counts half for each.

    Parameters
    ----------
    decision : Decision
        The decision on the item, which has the answers of all annotators who were asked.
    labels : sequence of str
        The labels, in the order of the shares.

    Examples
    --------
    >>> from goldwire.records import Decision, DecisionAnswer
    >>> answers = (DecisionAnswer(label=None, annotators=("A1",)), DecisionAnswer(label="for", annotators=("A2",)))
    >>> decision = Decision(article_id="a", kind="stance", gold_id=None, description="", n_votes=1, n_voters=2,
    ...     answers=answers)
    >>> label_shares(decision, ["against", "for"]), none_share(decision)
    ([0.0, 0.5], 0.5)
    """
    weights = _weights(decision)
    if not any(label in weights for label in labels):
        return None
    total = sum(weights.values())
    return [weights.get(label, 0.0) / total for label in labels]


def none_share(decision: Decision) -> float | None:
    """Return the share of the annotators who marked or drew nothing, or None if nobody was asked."""
    weights = _weights(decision)
    return weights.get(None, 0.0) / sum(weights.values()) if weights else None


def count_answer(decision: Decision, label: str | None) -> int:
    """Return how many annotators gave a label; None stands for nothing."""
    return len({name for answer in decision.answers if answer.label == label for name in answer.annotators})


def _weights(decision: Decision) -> dict[str | None, float]:
    """Return the number of annotators by answer."""
    n_answers = Counter(name for answer in decision.answers for name in answer.annotators)
    weights: dict[str | None, float] = defaultdict(float)
    for answer in decision.answers:
        weights[answer.label] += sum(1 / n_answers[name] for name in answer.annotators)
    return dict(weights)
