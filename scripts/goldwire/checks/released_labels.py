"""The labels in the Parquet files of a release that checks compare, as they are stored: labels are numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

__all__ = [
    "CONFIGS_WITH_LABELS",
    "ReleasedCandidate",
    "ReleasedEntities",
    "ReleasedLayer",
    "ReleasedSpan",
    "ReleasedStance",
    "count_labels",
    "released_labels",
]


class ReleasedSpan(msgspec.Struct, frozen=True):
    """A span of a row of `entities` (with votes) or `annotations`."""

    id: str
    start: int
    end: int
    label: int | None
    votes: int | None = None


class ReleasedEntities(msgspec.Struct, frozen=True):
    """A row of `entities`: the gold spans of an article."""

    article_id: str
    spans: tuple[ReleasedSpan, ...]
    n_annotators: int


class ReleasedStance(msgspec.Struct, frozen=True):
    """A row of `stance`: a gold stance. Releases before 0.2.0 have no `none_share`."""

    id: str
    article_id: str
    holder_start: int | None
    holder_end: int | None
    target_start: int | None
    target_end: int | None
    label: int | None
    votes: int | None
    n_annotators: int
    stance_shares: tuple[float, ...] | None = None
    none_share: float | None = None


class AnnotatedStance(msgspec.Struct, frozen=True):
    """A stance of a row of `annotations`."""

    holder: str | None
    target: str | None
    label: int | None


class ReleasedLayer(msgspec.Struct, frozen=True):
    """A row of `annotations`: the layer of one annotator."""

    article_id: str
    batch: str
    annotator: str
    confirmed: bool
    spans: tuple[ReleasedSpan, ...]
    stances: tuple[AnnotatedStance, ...]


class CandidateAnswer(msgspec.Struct, frozen=True):
    """The answer of an annotator about a candidate: a label, or None for nothing; of a mention, its offsets."""

    annotator: str
    label: int | None
    start: int | None = None
    end: int | None = None


class ReleasedCandidate(msgspec.Struct, frozen=True):
    """A row of `entity_candidates` or `stance_candidates`: what anybody marked, in gold or not."""

    id: str
    article_id: str
    answers: tuple[CandidateAnswer, ...]


_TYPES: Mapping[str, type[msgspec.Struct]] = {
    "entities": ReleasedEntities,
    "stance": ReleasedStance,
    "annotations": ReleasedLayer,
    "entity_candidates": ReleasedCandidate,
    "stance_candidates": ReleasedCandidate,
}
CONFIGS_WITH_LABELS = frozenset(_TYPES)
"""The configs whose rows are read."""


def count_labels(row: ReleasedEntities | ReleasedStance | ReleasedLayer | ReleasedCandidate) -> int:
    """Return the number of labels in a row."""
    if isinstance(row, ReleasedCandidate):
        return len(row.answers)
    if isinstance(row, ReleasedLayer):
        return len(row.spans) + len(row.stances)
    return len(row.spans) if isinstance(row, ReleasedEntities) else 1


def released_labels(path: str, rows: Iterable[Mapping[str, Any]]) -> tuple[Any, ...]:
    """Return the rows of a file as records of its config; nothing if it has other columns or values.

    `data/stance/train-00000-of-00001.parquet` has rows of the config `stance`.
    """
    kind = _TYPES.get(path.split("/")[1] if path.startswith("data/") else "")
    try:
        return () if kind is None else tuple(msgspec.convert(row, kind) for row in rows)
    except msgspec.ValidationError:
        return ()
