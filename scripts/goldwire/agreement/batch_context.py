"""The context of a batch: the labels, texts, sources and gold that its layers are measured with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from goldwire.agreement.krippendorff import Level
from goldwire.records import AnnotationLayer, Article, Task
from goldwire.workspace.label_schema import Schema

__all__ = ["LEVELS", "BatchContext", "batch_context"]

LEVELS: tuple[Level, ...] = ("nominal", "ordinal")
"""The levels of the stance alphas, where the stances are on a scale."""


class BatchContext(msgspec.Struct, frozen=True, kw_only=True):
    """Labels, texts, sources and gold of a batch.

    Attributes
    ----------
    labels, stances : sequence of str
        Entity labels in the schema's order; stances from against to in favour.
    texts, sources : mapping of str to str
        Text and source by article id.
    order : sequence of str
        Article ids in the order in which they were annotated.
    gold : sequence of AnnotationLayer
        Gold layers to compare annotators with; may be empty.
    gamma : bool
        Whether to compute gamma, which takes as long as all other coefficients together.
    levels : sequence of {"nominal", "ordinal"}
        The levels of the stance alphas; `ordinal` needs `stances` that are on a scale.
    suggested : mapping of str to AnnotationLayer
        Pre-labels by article id, those of the holdout included.
    """

    labels: Sequence[str]
    stances: Sequence[str]
    texts: Mapping[str, str] = {}
    sources: Mapping[str, str] = {}
    order: Sequence[str] = ()
    gold: Sequence[AnnotationLayer] = ()
    gamma: bool = False
    levels: Sequence[Level] = LEVELS
    suggested: Mapping[str, AnnotationLayer] = {}


def batch_context(
    schema: Schema,
    articles: Mapping[str, Article],
    tasks: Iterable[Task],
    gold: Sequence[AnnotationLayer] = (),
    *,
    gamma: bool = True,
    suggested: Mapping[str, AnnotationLayer] = {},
) -> BatchContext:
    """Return the context of a batch in a workspace: its schema, articles by id, tasks, pre-labels, gold if wanted."""
    return BatchContext(
        labels=schema.entity_labels,
        stances=schema.stance_labels,
        texts={key: article.text for key, article in articles.items()},
        sources={key: article.source for key, article in articles.items()},
        order=tuple(dict.fromkeys(task.article_id for task in tasks)),
        gold=gold,
        gamma=gamma,
        suggested=suggested,
    )
