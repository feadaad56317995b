"""The scores in `baseline.json` beside those that were computed again from the rows of the version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

__all__ = ["score_differences"]

_TOLERANCE = 5e-4  # documents show three decimals; another processor may move the last digits of a model's weights


def score_differences(stored: Any, computed: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield the place, the stored and the computed value of each difference between two records of scores.

    Examples
    --------
    >>> stored = {"stance": [{"name": "full", "value": 0.5}, {"name": "majority", "value": 0.2}]}
    >>> computed = {"stance": [{"name": "full", "value": 0.4}, {"name": "majority", "value": 0.2001}]}
    >>> list(score_differences(stored, computed))
    [('stance full value', 0.5, 0.4)]
    """
    yield from _differences("", msgspec.to_builtins(stored), msgspec.to_builtins(computed))


def _differences(place: str, stored: Any, computed: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(stored, dict) and isinstance(computed, dict):
        for name in sorted({*stored, *computed}):
            yield from _differences(f"{place} {name}".strip(), stored.get(name), computed.get(name))
    elif isinstance(stored, list | tuple) and isinstance(computed, list | tuple) and len(stored) == len(computed):
        for number, (one, other) in enumerate(zip(stored, computed, strict=True), 1):
            name = one.get("name", one.get("features", number)) if isinstance(one, dict) else number
            yield from _differences(f"{place} {name}", one, other)
    elif isinstance(stored, float) and isinstance(computed, float):
        if abs(stored - computed) > _TOLERANCE:
            yield place, stored, computed
    elif stored != computed:
        yield place, stored, computed
