"""The closing sentence of an audit: how much of a test split a model has seen in training."""

from __future__ import annotations

from collections.abc import Sequence

from goldwire.audit.splits import split_kind
from goldwire.audit.table import AuditResult, Leak
from goldwire.quantities import quantity

__all__ = ["conclusion"]

_MAX_PAIRS = 3


def conclusion(results: Sequence[AuditResult]) -> str:
    """Return one sentence on leaks between splits; empty if no dataset has two splits.

    Examples
    --------
    >>> conclusion([AuditResult(leaks=(Leak("train", "test", "texts", 406, 1586),))])
    'test/train leak: 406 of 1,586 texts (26%)'
    """
    leaks = [leak for result in results for leak in result.leaks]
    if not leaks:
        return "no leak between splits" if any(len(result.splits) > 1 for result in results) else ""
    by_pair: dict[tuple[str, str], list[Leak]] = {}
    for leak in sorted(leaks, key=_badness, reverse=True):
        by_pair.setdefault((leak.earlier, leak.later), []).append(leak)
    parts = [_sentence(found) for found in [*by_pair.values()][:_MAX_PAIRS]]
    left = len(by_pair) - _MAX_PAIRS
    parts += [f"{quantity(left, 'more pair')} of splits with leaks"] if left > 0 else []
    return "; ".join(parts)


def _sentence(leaks: Sequence[Leak]) -> str:
    """Return the leak between two splits: the largest share, and how many more texts are nearly the same."""
    worst = next((leak for leak in leaks if not leak.nearly), leaks[0])
    near = sum(leak.count for leak in leaks if leak.nearly and leak is not worst)
    sentence = f"{worst.later}/{worst.earlier} leak: {worst.count:,} of {worst.total:,} {worst.unit}{_share(worst)}"
    if worst.nearly:
        return f"{sentence} are nearly the same"
    return f"{sentence}, {near:,} more nearly the same" if near else sentence


def _badness(leak: Leak) -> tuple[bool, float]:
    """Return the sort key of a leak: what a test shares with training first, then its share."""
    is_train = split_kind(leak.earlier) == "train"
    return is_train, leak.count / max(leak.total, 1)


def _share(leak: Leak) -> str:
    percent = 100 * leak.count / max(leak.total, 1)
    return " (under 1%)" if percent < 1 else f" ({percent:.0f}%)"
