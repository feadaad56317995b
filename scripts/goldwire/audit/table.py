"""What the checks of a dataset are given, and what they give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from goldwire.records import Finding

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Columns", "Dataset", "Found", "Limits", "place"]

_FILE = 1 << 40  # more than the rows that any file has


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """What a dataset calls its columns; None for what it does not have."""

    text: str | None = None
    label: str | None = None
    spans: str | None = None
    tags: str | None = None  # a tag for each word, as B-PER, where the text is a list of words
    start: str | None = None
    end: str | None = None
    surface: str | None = None
    group: str | None = None
    id: str | None = None
    split: str | None = None
    about: tuple[str, ...] = ()  # what a row asks about its text: a target, an aspect, offsets

    def named(self) -> Iterator[str]:
        """All columns that it has."""
        for role in self.__struct_fields__:
            if role != "about" and getattr(self, role) is not None:
                yield getattr(self, role)
        yield from self.about


class Dataset(msgspec.Struct, frozen=True):
    """Files of one kind as one lazy table.

    The frame has `file` (a number of `files`), `row` (the line, from 1), `split` and `text`, and what else is there
    of `label`, `id`, `group`, `start`, `end`, `surface`, `spans` (a list of start, end, label, text), `tags`
    (of the words) with `tokens` (how many words), and `about` (a digest of what the row asks about its text).
    """

    files: tuple[str, ...]
    frame: pl.LazyFrame
    columns: Columns
    labels: tuple[str, ...] = ()  # that there may be, where the files themselves say so; none: any
    span_labels: tuple[str, ...] = ()
    faults: tuple[Finding, ...] = ()  # what was wrong with files and lines

    def told(self) -> str:
        """What was taken for what: `train.csv and 2 more files, by column: text 'sentence', label 'stance'`."""
        more = len(self.files) - 1
        files = f"{self.files[0]}{f' and {more} more file' if more else ''}{'s' if more > 1 else ''}"
        roles = ((role, getattr(self.columns, role)) for role in self.columns.__struct_fields__ if role != "about")
        return f"{files}, by column: " + ", ".join(f"{role} {name!r}" for role, name in roles if name is not None)

    def finding(self, code: str, row: dict[str, Any], message: str, where: str | None = None) -> Finding:
        """A finding at a row that has `file` and `row`; `where` is the row's id unless it is given."""
        named = where if where is not None else row.get("id")
        return Finding(code=code, file=self.files[row["file"]], line=row["row"], item=named, message=message)

    def finding_at(self, code: str, at: int, message: str, where: str) -> Finding:
        """A finding at a place as `place` numbers it."""
        file, row = divmod(at, _FILE)
        return Finding(code=code, file=self.files[file], line=row, item=where, message=message)

    def say(self, at: int) -> str:
        """`file:row` of a place as `place` numbers it."""
        file, row = divmod(at, _FILE)
        return f"{self.files[file]}:{row}"


def place() -> pl.Expr:
    """File and row as one number, in their order: what has a least one in a group."""
    import polars as pl

    return pl.col("file").cast(pl.Int64) * _FILE + pl.col("row").cast(pl.Int64)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for, and how many findings of a code are spelt out (the rest is counted).

    `labels` and `span_labels` are those that there may be (none: those that the files name, or else any). `near` says
    whether to look for near-duplicates across splits; None: among up to `near_rows` texts.
    """

    shown: int = 20
    labels: tuple[str, ...] = ()
    span_labels: tuple[str, ...] = ()
    near: bool | None = None
    near_rows: int = 200_000
    codes: frozenset[str] | None = None  # what to look for; None: everything

    def wants(self, *codes: str) -> bool:
        """Whether any of the codes is to be looked for."""
        return self.codes is None or not self.codes.isdisjoint(codes)


class Found(msgspec.Struct, frozen=True):
    """Findings, by code how many there are beyond those, and what was left undone."""

    findings: tuple[Finding, ...] = ()
    unlisted: dict[str, int] = {}
    notes: tuple[str, ...] = ()
