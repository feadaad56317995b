"""Suspects of an audit of labels, and one ranking of all of them."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Literal

import msgspec

from goldwire.records import SpanLabel

__all__ = ["LabelSuspect", "SuspectKind", "rank_suspects", "span_suspect"]

SuspectKind = Literal["span-label", "span-missing", "span-doubtful", "stance", "annotator"]


class LabelSuspect(msgspec.Struct, frozen=True, kw_only=True):
    """A label that is likely wrong, or a place that likely lacks one.

    Parameters
    ----------
    article_id : str
    kind : {"span-label", "span-missing", "span-doubtful", "stance", "annotator"}
        Another label fits a span better; a span is missing; a span marks nothing that others would mark; another stance
        fits a pair better; an annotator often differs from the others in one way, of which this is an example.
    start, end : int or None
        Offsets of the span; None for a stance.
    text : str
        The marked text, or holder and target of the stance.
    label, suggestion : str or None
        The label that it has, and the one that fits better; None for no label.
    item : str or None
        The id of the span (`T4`) or stance (`R2`) in its layer.
    annotator : str or None
        Whose habit it is, for the kind `annotator`.
    slip : str or None
        What the habit is, for the kind `annotator`: `label` or `stance` (another one, or none), `extra` or
        `extra-stance` (where all others have none), or a boundary: `start-earlier`, `start-later`, `end-earlier`,
        `end-later`.
    score : float
        From 0 to 1: an estimate of the probability that the label is wrong.
    reasons : tuple of str
        One sentence for each piece of evidence.
    """

    article_id: str
    kind: SuspectKind
    start: int | None = None
    end: int | None = None
    text: str
    label: str | None = None
    suggestion: str | None = None
    item: str | None = None
    annotator: str | None = None
    slip: str | None = None
    score: float
    reasons: tuple[str, ...]

    @property
    def place(self) -> tuple[object, ...]:
        """The label or text that it is about: evidence on the same place is one suspect."""
        what = self.item if self.item is not None else (self.start, self.end)
        habit = () if self.annotator is None else (self.annotator, self.slip, self.label, self.suggestion)
        return self.article_id, what, *habit


def span_suspect(
    article_id: str, span: SpanLabel, kind: SuspectKind, score: float, reason: str, *, suggestion: str | None = None
) -> LabelSuspect:
    """Return a marked span as a suspect; the score is rounded to four decimals."""
    return LabelSuspect(
        article_id=article_id,
        kind=kind,
        start=span.start,
        end=span.end,
        text=span.text,
        label=span.label,
        suggestion=suggestion,
        item=span.id,
        score=round(score, 4),
        reasons=(reason,),
    )


def rank_suspects(suspects: Iterable[LabelSuspect]) -> tuple[LabelSuspect, ...]:
    """Return suspects with the highest score first; evidence on the same place is joined.

    Evidence is joined as if it were independent: 1 - (1 - a)(1 - b). The strongest piece names kind and suggestion.

    Examples
    --------
    >>> one = LabelSuspect(article_id="a", kind="span-label", item="T1", text="Ito", score=0.5, reasons=("copies",))
    >>> two = LabelSuspect(article_id="a", kind="span-label", item="T1", text="Ito", score=0.6, reasons=("model",))
    >>> [(suspect.score, suspect.reasons) for suspect in rank_suspects([one, two])]
    [(0.8, ('model', 'copies'))]
    """
    by_place: dict[tuple[object, ...], list[LabelSuspect]] = {}
    for suspect in suspects:
        by_place.setdefault(suspect.place, []).append(suspect)
    joined = [_join(sorted(same, key=lambda one: -one.score)) for same in by_place.values()]
    return tuple(sorted(joined, key=lambda one: (-one.score, one.article_id, one.start or 0, one.item or "")))


def _join(same: list[LabelSuspect]) -> LabelSuspect:
    agreeing = [one for one in same if one.suggestion in (same[0].suggestion, None)]
    score = 1 - prod(1 - one.score for one in agreeing)
    reasons = tuple(dict.fromkeys(reason for one in same for reason in one.reasons))
    return msgspec.structs.replace(same[0], score=round(score, 4), reasons=reasons)
