"""Each annotator against the rest, as a ceiling for models: in their metric, on the same articles. Pure.

The reference for an annotator is what most of the others answered; where they are tied, the item is left out. A model
is compared on the same articles, those that two or more annotators confirmed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["entity_counts", "stance_answers"]

Row = Mapping[str, Any]
Answer = tuple[Any, ...] | None

NO_LABEL = ""
"""In place of a label: the annotator drew nothing, or two stances."""


def stance_answers(rows: Iterable[Row], *, if_drawn: bool = False) -> tuple[list[Row], list[str]]:
    """Return the pairs that most of the others drew, with their stance, and each annotator's stance.

    Parameters
    ----------
    rows : iterable of dict
        Rows of `stance_candidates`.
    if_drawn : bool, default=False
        Whether to leave out pairs that the annotator did not draw: a model is given the pairs.

    Returns
    -------
    tuple
        Rows with `article_id` and `label` (the others' stance), and the annotator's label of each.
    """
    references: list[Row] = []
    given = []
    for row in rows:
        for own, reference in _each_against_the_rest(row, ("label",)):
            if reference is None or (if_drawn and own is None):
                continue
            references.append({"article_id": row["article_id"], "label": reference[0]})
            given.append(NO_LABEL if own is None else own[0])
    return references, given


def entity_counts(rows: Iterable[Row]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the numbers of spans by article that each annotator and most of the others have, or only one of them.

    Parameters
    ----------
    rows : iterable of dict
        Rows of `entity_candidates`.

    Returns
    -------
    tuple of ndarray of shape (n_articles, 1)
        Spans that both have with the same offsets and label, that only the annotator has, that only the others have.
    """
    counts: dict[str, list[int]] = {}
    for row in rows:
        for own, reference in _each_against_the_rest(row, ("label", "start", "end")):
            hits, wrong, missed = counts.setdefault(row["article_id"], [0, 0, 0])
            same = own is not None and own == reference
            counts[row["article_id"]] = [
                hits + same,
                wrong + (own is not None and not same),
                missed + (reference is not None and not same),
            ]
    table = np.array([counts[article] for article in sorted(counts)], dtype=np.int64).reshape(-1, 3)
    return table[:, :1], table[:, 1:2], table[:, 2:]


def _each_against_the_rest(row: Row, fields: Sequence[str]) -> Iterator[tuple[Answer, Answer]]:
    """Yield each annotator's answer and that of most of the others; None stands for nothing."""
    answers: dict[str, list[Answer]] = {}
    for answer in row["answers"]:
        value = None if answer["label"] is None else tuple(answer[field] for field in fields)
        answers.setdefault(answer["annotator"], []).append(value)
    # An annotator with two answers to one item contradicts themself: neither counts.
    single = {name: given[0] if len(given) == 1 else None for name, given in answers.items()}
    for name, own in single.items():
        others = Counter(answer for other, answer in single.items() if other != name).most_common(2)
        if others and (len(others) == 1 or others[0][1] > others[1][1]):
            yield own, others[0][0]
