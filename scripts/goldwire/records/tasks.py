"""Tasks: what annotators are asked to label."""

from __future__ import annotations

from typing import Literal

from goldwire.records.record import Record

__all__ = ["GoldCheck", "Task", "TaskKind"]

TaskKind = Literal["entities", "stance"]
GoldCheck = Literal["article", "copy"]


class Task(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One article, or one article and a target, assigned to named annotators.

    `window` is the part of `Article.text` to annotate and `context` the larger part that the annotator sees, if any:
    both are `[start, end]` in code points, half-open. A `calibration` task is assigned to all annotators of the batch.
    `inclusion_probability` is the probability with which the plan took the article from those that were available, for
    estimates about the corpus; None if it was not drawn with a known probability. A `gold_check` compares annotators
    with gold from another batch: the `article` itself has it, and gets no other in this batch, or a `copy` has it. The
    server never learns of it, so that no annotator can tell.
    """

    id: str
    batch: str
    kind: TaskKind
    article_id: str
    window: tuple[int, int]
    target: str | None
    text_sha256: str
    annotators: tuple[str, ...]
    context: tuple[int, int] | None = None
    calibration: bool = False
    inclusion_probability: float | None = None
    gold_check: GoldCheck | None = None
