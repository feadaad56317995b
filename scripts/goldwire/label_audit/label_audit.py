"""The audit of labels: all evidence on one set of labels, ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from goldwire.label_audit.annotator_habits import span_habits, stance_habits
from goldwire.label_audit.copies import copy_suspects
from goldwire.label_audit.folds import FoldedGold, article_folds
from goldwire.label_audit.span_labels import span_label_suspects
from goldwire.label_audit.stances import stance_suspects
from goldwire.label_audit.surfaces import surface_suspects, unmarked_surfaces
from goldwire.label_audit.suspects import LabelSuspect, rank_suspects
from goldwire.label_audit.unmarked_spans import unmarked_span_suspects
from goldwire.records import AnnotationLayer, Article

__all__ = ["AuditedLabels", "audit_labels"]

AuditedLabels = Literal["spans", "stances"]


def audit_labels(
    articles: Mapping[str, Article],
    gold: Sequence[AnnotationLayer],
    layers: Sequence[AnnotationLayer] = (),
    *,
    only: AuditedLabels | None = None,
) -> tuple[LabelSuspect, ...]:
    """Return the labels that are likely wrong, the most likely first.

    Parameters
    ----------
    articles : mapping of str to Article
    gold : sequence of AnnotationLayer
        The labels to audit: at most one layer per article.
    layers : sequence of AnnotationLayer
        The layers of the annotators, for their systematic slips.
    only : {"spans", "stances"}, optional
        The labels to audit. Default: both.

    Raises
    ------
    ModuleNotFoundError
        If cleanlab is missing (`goldwire[audit]`).

    Notes
    -----
    Models are trained on four fifths of the articles and judge the rest; copies of a story are judged together. Equal
    input gives equal output.

    Examples
    --------
    >>> audit_labels({}, [])
    ()
    """
    chosen = sorted(gold, key=lambda layer: layer.article_id)
    used = {layer.article_id: articles[layer.article_id] for layer in chosen}
    folded = FoldedGold(used, chosen, article_folds(used))
    suspects: list[LabelSuspect] = []
    if only != "stances":
        suspects += span_label_suspects(folded)
        suspects += surface_suspects(chosen)
        suspects += unmarked_surfaces(used, chosen)
        suspects += unmarked_span_suspects(folded)
        suspects += span_habits(layers)
    if only != "spans":
        suspects += stance_suspects(folded)
        suspects += stance_habits(layers)
    of_copies = copy_suspects(used, chosen)
    suspects += [one for one in of_copies if only is None or (one.kind == "stance") == (only == "stances")]
    return rank_suspects(suspects)
