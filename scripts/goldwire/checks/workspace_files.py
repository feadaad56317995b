"""What each path of a workspace holds: the records of a file, by its name, and which files belong there at all."""

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
    """What a record file holds.

    `key` names a record among all of its table, from its file and its fields' values; `sort` names the fields that
    order the file, none where the order is the writer's own.
    """

    table: str
    pattern: re.Pattern[str]
    type: type[T]
    key: Callable[[str, Callable[[str], Any]], Any]
    sort: tuple[str, ...] = ()

    def key_of(self, file: str, record: T) -> Any:
        """The record's name."""
        return self.key(file, lambda field: getattr(record, field))


def _path(pattern: str) -> re.Pattern[str]:
    """A pattern in which `*` stands for any name and `**` for any path."""
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
        key=lambda _, field: (field("source"), field("file"), field("record")),
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
        table="decisions",
        pattern=_path("annotations/gold/*.decisions.jsonl"),
        type=Decision,
        key=lambda _, field: (field("article_id"), field("kind"), field("unit"), field("what")),
    ),
    Kind(
        table="gold",
        pattern=_path("annotations/gold/*.jsonl"),
        type=AnnotationLayer,
        key=lambda _, field: field("article_id"),
        sort=("article_id",),
    ),
)
"""The record files, the narrower pattern first."""

_EXPECTED = tuple(
    map(
        _path,
        (
            "corpus/*.md",
            "corpus/sources.toml",
            "corpus/raw/**",
            "corpus/truth/**",
            "annotations/*.md",
            "annotations/images/**",
            "annotations/schema.toml",
            "annotations/waivers.toml",
            "annotations/exports/**",
            "annotations/prelabels/*.jsonl",
            "annotations/agreement/*.json",
            "annotations/agreement/*.html",
            "splits/*.md",
            "splits/assignment.tsv",
            "splits/v*/**",
        ),
    )
)


def kind_of(file: str) -> Kind[Any] | None:
    """What records the file holds, None where it holds none."""
    return next((kind for kind in KINDS if kind.pattern.fullmatch(file)), None)


def is_expected(file: str) -> bool:
    """Whether a file of this name belongs in a workspace."""
    return kind_of(file) is not None or any(pattern.fullmatch(file) for pattern in _EXPECTED)


def batch_of(file: str) -> str:
    """The batch that a file of annotations/ belongs to, by its path."""
    parts = file.split("/")  # as a path, ten thousand decisions would take 0.1 s
    return parts[2] if len(parts) == 4 else parts[-1].split(".")[0]
