"""Invented rows of a release."""

from __future__ import annotations

from typing import Any

from goldwire.baselines.stance_context import StanceContext


def stance_row(
    text: str, holder: tuple[int, int] | None, target: tuple[int, int], *, article_id: str = "a", label: str = ""
) -> dict[str, Any]:
    """Return a row of the `stance` config; without `holder` the stance is that of the article's own voice."""
    return {
        "id": f"{article_id}:R1",
        "article_id": article_id,
        "text": text,
        "holder": None if holder is None else text[slice(*holder)],
        "holder_start": None if holder is None else holder[0],
        "holder_end": None if holder is None else holder[1],
        "target": text[slice(*target)],
        "target_start": target[0],
        "target_end": target[1],
        "label": label,
    }


def invented_context(**fields: str) -> StanceContext:
    """Return a context with these texts, in which all others are empty."""
    empty = dict.fromkeys(StanceContext.__struct_fields__, "") | {"lengths": (0.0, 0.0, 0.0)}
    return StanceContext(**(empty | fields))
