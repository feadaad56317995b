"""Copies of a sentence whose labels or stances differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from goldwire.adjudication.sister_sentences import SisterDifference, sister_differences
from goldwire.label_audit.suspects import LabelSuspect
from goldwire.records import AnnotationLayer, Article

__all__ = ["copy_suspects"]

_SCORE = 0.5  # one of the two places is most often wrong
_STANCE_SCORE = 0.4  # the rest of an article may justify another stance


def copy_suspects(articles: Mapping[str, Article], layers: Sequence[AnnotationLayer]) -> Iterator[LabelSuspect]:
    """Yield the labels that a sentence has in one article and lacks in a copy."""
    for difference in sister_differences(articles, layers):
        place = difference.lacking
        start, end = place.start + difference.start, place.start + difference.end
        other = difference.having.article.id
        if difference.stance is not None:
            own = next((id for key, id in place.stances.items() if key[:2] == (difference.start, difference.end)), None)
            yield LabelSuspect(
                article_id=place.article.id,
                kind="stance",
                start=start,
                end=end,
                text=difference.text,
                suggestion=difference.stance,
                item=own,
                score=_STANCE_SCORE,
                reasons=(f"{other} has the stance {difference.stance!r} in the same sentence",),
            )
            continue
        rival = _rival(difference)
        yield LabelSuspect(
            article_id=place.article.id,
            kind="span-missing" if rival is None else "span-label",
            start=start,
            end=end,
            text=difference.text,
            label=None if rival is None else rival[0],
            suggestion=difference.label,
            item=None if rival is None else rival[1],
            score=_SCORE,
            reasons=(f"{other} has {difference.label} in the same sentence",),
        )


def _rival(difference: SisterDifference) -> tuple[str, str] | None:
    """Return label and id of the span that has the place of the difference."""
    for (start, end, label), id in difference.lacking.spans.items():
        if start < difference.end and difference.start < end:
            return label, id
    return None
