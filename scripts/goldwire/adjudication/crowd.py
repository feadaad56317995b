"""Ballots judged by a model of the annotators: who is how reliable is learnt from all of a batch together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from goldwire.adjudication.voting import Ballot, Judge, Verdict
from goldwire.agreement.annotator_models import AnnotatorModel

__all__ = ["Model", "model_judge"]

Model = Callable[..., AnnotatorModel]
"""`goldwire.agreement.dawid_skene` or `mace`: from ratings (items x annotators, None missing) to probabilities."""


def model_judge(model: Model, *, min_posterior: float = 0.8, min_votes: int = 1) -> Judge:
    """Judge by a model: settled where its posterior is at least `min_posterior` and `min_votes` annotators said so."""

    def judge(ballots: Sequence[Ballot]) -> list[Verdict]:
        annotators = sorted({name for ballot in ballots for name in ballot.answers})
        answers = [[ballot.answers.get(name) for name in annotators] for ballot in ballots]
        classes = sorted({answer for row in answers for answer in row if answer is not None})
        if not classes:
            return [Verdict(None, 0) for _ in ballots]
        verdicts = []
        for ballot, posterior in zip(ballots, np.nan_to_num(model(answers, classes).posteriors), strict=True):
            best = int(posterior.argmax())
            votes = sum(answer == classes[best] for answer in ballot.answers.values())
            sure = posterior[best] >= min_posterior and votes >= min_votes
            verdicts.append(Verdict(classes[best] if sure else None, votes, round(float(posterior[best]), 6)))
        return verdicts

    return judge
