"""Macro-F1 of predicted labels, and the difference of two models on the same rows. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from goldwire.baselines.scores import Counts, Score, f1_difference, f1_score

__all__ = ["macro_f1", "macro_f1_difference"]

Rows = Sequence[Mapping[str, Any]]
"""Rows with `article_id` and `label`."""


def macro_f1(rows: Rows, predicted: Sequence[str]) -> Score | None:
    """Return the macro-F1 over the labels that the rows have; None without rows.

    Examples
    --------
    >>> rows = [{"article_id": "a", "label": "supports"}, {"article_id": "b", "label": "opposes"}]
    >>> macro_f1(rows, ["supports", "supports"]).value
    0.3333
    """
    return f1_score(*_counts(rows, predicted))


def macro_f1_difference(rows: Rows, predicted: Sequence[str], other: Sequence[str]) -> Score | None:
    """Return how much higher the macro-F1 of `predicted` is than that of `other`; None without rows.

    Examples
    --------
    >>> rows = [{"article_id": "a", "label": "supports"}, {"article_id": "b", "label": "opposes"}]
    >>> macro_f1_difference(rows, ["supports", "opposes"], ["supports", "supports"]).value
    0.6667
    """
    return f1_difference(_counts(rows, predicted), _counts(rows, other))


def _counts(rows: Rows, predicted: Sequence[str]) -> Counts:
    labels, articles = (sorted({row[name] for row in rows}) for name in ("label", "article_id"))
    label_index = {label: i for i, label in enumerate(labels)}
    article_index = {article: i for i, article in enumerate(articles)}
    hits, wrong, missed = np.zeros((3, len(articles), len(labels)), dtype=int)
    for row, label in zip(rows, predicted, strict=True):
        article = article_index[row["article_id"]]
        if label == row["label"]:
            hits[article, label_index[label]] += 1
            continue
        missed[article, label_index[row["label"]]] += 1
        if label in label_index:
            wrong[article, label_index[label]] += 1
    return hits, wrong, missed
