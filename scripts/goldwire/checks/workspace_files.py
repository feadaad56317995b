"""The files of a workspace by their paths: the kind of records in each, and which paths are expected."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any, Generic, TypeVar

import msgspec

from goldwire.records import AnnotationLayer, Article, Decision, Duplicates, Rejected, Task

__all__ = ["KINDS", "Kind", "batch_of", "is_expected", "kind_of"]

T = TypeVar("T")


class Kind(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A kind of record file.

    Attributes
    ----------
    table
        The field of `Snapshot` that its records belong to.
    pattern
        A regular expression for its path.
    type
        The type of its records.
    key
        Returns the key of a record in its table, from its file and a getter of field values.
    sort
        The fields by which the file is sorted; empty if the writer keeps its own order.
    """

    table: str
    pattern: re.Pattern[str]
    type: type[T]
    key: Callable[[str, Callable[[str], Any]], Any]
    sort: tuple[str, ...] = ()

    def key_of(self, file: str, record: T) -> Any:
        """Return the key of a record in its table."""
        return self.key(file, lambda field: getattr(record, field))


def _path(pattern: str) -> re.Pattern[str]:
    """Compile a path with wildcards: `*` matches a name, `**` a path."""
    return re.compile(re.escape(pattern).replace(r"\*\*", ".+").replace(r"\*", r"[^/.][^/]*"))


def _layer_key(file: str, field: Callable[[str], Any]) -> Any:
    path = PurePosixPath(file)
    return (path.parent.name, path.stem, field("article_id"))


KINDS: tuple[Kind[Any], ...] = (
    Kind(
        table="articles",
        pattern=_path("corpus/articles/*.jsonl"),
        type=Article,
        key=lambda _, field: field("id"),
        sort=("id",),
    ),
    Kind(
        table="rejected",
        pattern=_path("corpus/rejected/*.jsonl"),
        type=Rejected,
        key=lambda _, field: (field("source"), field("file"), field("row")),
    ),
    Kind(
        table="duplicates",
        pattern=_path("corpus/duplicates.jsonl"),
        type=Duplicates,
        key=lambda _, field: field("cluster"),
        sort=("cluster",),
    ),
    Kind(
        table="tasks",
        pattern=_path("annotations/tasks/*.jsonl"),
        type=Task,
        key=lambda file, field: (PurePosixPath(file).stem, field("id")),
        sort=("id",),
    ),
    Kind(
        table="layers",
        pattern=_path("annotations/layers/*/*.jsonl"),
        type=AnnotationLayer,
        key=_layer_key,
        sort=("article_id",),
    ),
    Kind(
        table="prelabels",
        pattern=_path("annotations/prelabels/*.jsonl"),
        type=AnnotationLayer,
        key=lambda file, field: (PurePosixPath(file).stem, field("article_id")),
        sort=("article_id",),
    ),
    Kind(
        table="decisions",
        pattern=_path("annotations/gold/*.decisions.jsonl"),
        type=Decision,
        key=lambda _, field: (field("article_id"), field("kind"), field("gold_id"), field("description")),
    ),
    Kind(
        table="gold",
        pattern=_path("annotations/gold/*.jsonl"),
        type=AnnotationLayer,
        key=lambda _, field: field("article_id"),
        sort=("article_id",),
    ),
)
"""All kinds of record files; a narrower pattern comes before a wider one."""

_EXPECTED = tuple(
    map(
        _path,
        (
            "corpus/*.md",
            "corpus/sources.toml",
            "corpus/excluded.tsv",
            "corpus/raw/**",
            "corpus/truth/**",
            "annotations/*.md",
            "annotations/images/**",
            "annotations/schema.toml",
            "annotations/waivers.toml",
            "annotations/exports/**",
            "annotations/agreement/*.json",
            "annotations/agreement/*.html",
            "annotations/gold/*.adjudication.json",
            "splits/*.md",
            "splits/assignment.tsv",
            "splits/v*/**",
        ),
    )
)


def kind_of(file: str) -> Kind[Any] | None:
    """Return the kind of a record file, or None if it holds no records."""
    return next((kind for kind in KINDS if kind.pattern.fullmatch(file)), None)


def is_expected(file: str) -> bool:
    """Whether a workspace may contain a file with this path."""
    return kind_of(file) is not None or any(pattern.fullmatch(file) for pattern in _EXPECTED)


def batch_of(file: str) -> str:
    """Return the batch of a file in annotations/, from its path."""
    parts = file.split("/")  # with pathlib, ten thousand decisions take 0.1 s
    return parts[2] if len(parts) == 4 else parts[-1].split(".")[0]
