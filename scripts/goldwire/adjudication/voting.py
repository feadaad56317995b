"""Judges: from what each annotator answered to one answer, or to none where that is not settled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

__all__ = ["NOTHING", "Ballot", "Judge", "Verdict", "expert", "majority", "needed"]

NOTHING = "(nothing)"
"""The answer of an annotator who had the article and did not mark the unit."""


class Ballot(msgspec.Struct, frozen=True):
    """One question to all annotators who had the article: the label of a span unit, or the stance of a pair.

    `answers` holds each annotator's label or NOTHING; of an annotator who contradicts themself it is None, which
    counts for nothing but keeps them in the count of annotators.
    """

    article_id: str
    answers: dict[str, str | None]


class Verdict(msgspec.Struct, frozen=True):
    """The answer to a ballot (None: not settled), how many said it, and its posterior where the judge has one.

    `by_expert` tells that the expert's word was taken, whatever the others said.
    """

    answer: str | None
    votes: int
    posterior: float | None = None
    by_expert: bool = False


Judge = Callable[[Sequence[Ballot]], Sequence[Verdict]]
"""Decides ballots of one kind, all of a batch at once: a model of the annotators learns from all of them."""


def majority(min_votes: int = 1) -> Judge:
    """Judge by more than half of the annotators who had the article, and by at least `min_votes` of them."""
    return lambda ballots: [_count(ballot, min_votes) for ballot in ballots]


def expert(name: str, otherwise: Judge, *, votes: bool = True) -> Judge:
    """Judge by what the annotator `name` said; where that one did not have the article, as `otherwise` does.

    `votes` says whether the expert is one of the annotators; who is none does not count among those who agree.
    """

    def judge(ballots: Sequence[Ballot]) -> list[Verdict]:
        verdicts = []
        counted = ballots if votes else [_without(name, ballot) for ballot in ballots]
        for ballot, count, other in zip(ballots, counted, otherwise(counted), strict=True):
            answer = ballot.answers.get(name)
            agreed = sum(said == answer for said in count.answers.values())
            verdicts.append(other if answer is None else Verdict(answer, agreed, by_expert=True))
        return verdicts

    return judge


def _without(name: str, ballot: Ballot) -> Ballot:
    return Ballot(ballot.article_id, {one: answer for one, answer in ballot.answers.items() if one != name})


def _count(ballot: Ballot, min_votes: int) -> Verdict:
    counts = Counter(answer for answer in ballot.answers.values() if answer is not None)
    answer, votes = min(counts.items(), key=lambda item: (-item[1], item[0]), default=(None, 0))
    return Verdict(answer if votes >= needed(len(ballot.answers), min_votes) else None, votes)


def needed(voters: int, min_votes: int) -> int:
    """How many of the voters make a majority: more than half, and at least `min_votes`."""
    return max(voters // 2 + 1, min_votes)
