"""What is known of the quality of one annotator's work besides agreement with the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from goldwire.records import Agreement, Record

__all__ = ["AnnotatorQuality", "combine_quality"]


class AnnotatorQuality(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Checks and times of one annotator in a batch; None where nothing is known.

    Attributes
    ----------
    annotator : str
    self_agreement : Agreement or None
        Exact F1 of spans with the annotator's own in sentences that recur in other articles, over all batches.
    gold_check : Agreement or None
        Exact F1 of spans with gold from elsewhere: of gold checks, and of copies.
    minutes_per_task : float or None
        Median, from the times of ticks; breaks are left out.
    minutes_per_label : float or None
        Mean over the tasks whose time is known.
    """

    annotator: str
    self_agreement: Agreement | None = None
    gold_check: Agreement | None = None
    minutes_per_task: float | None = None
    minutes_per_label: float | None = None


def combine_quality(
    self_agreement: Mapping[str, Agreement],
    gold_checks: Mapping[str, Agreement],
    minutes: Mapping[str, tuple[float, float | None]],
    earlier: Iterable[AnnotatorQuality] = (),
) -> tuple[AnnotatorQuality, ...]:
    """Return what is known of each annotator, sorted by name.

    Parameters
    ----------
    self_agreement, gold_checks : mapping of str to Agreement
        By annotator.
    minutes : mapping of str to (float, float or None)
        Minutes per task and per label by annotator.
    earlier : iterable of AnnotatorQuality
        What was known before: its times stay where `minutes` has none, because only the machine that pulled has them.

    Examples
    --------
    >>> before = combine_quality({}, {}, {"A1": (6.0, 0.5), "A2": (3.0, None)})
    >>> [(x.annotator, x.minutes_per_task) for x in combine_quality({}, {}, {"A1": (5.0, 0.4)}, before)]
    [('A1', 5.0), ('A2', 3.0)]
    """
    known = {
        one.annotator: (one.minutes_per_task, one.minutes_per_label)
        for one in earlier
        if one.minutes_per_task is not None
    }
    times: dict[str, tuple[float | None, float | None]] = {**known, **minutes}
    return tuple(
        AnnotatorQuality(
            annotator=name,
            self_agreement=self_agreement.get(name),
            gold_check=gold_checks.get(name),
            minutes_per_task=times.get(name, (None, None))[0],
            minutes_per_label=times.get(name, (None, None))[1],
        )
        for name in sorted({*self_agreement, *gold_checks, *times})
    )
