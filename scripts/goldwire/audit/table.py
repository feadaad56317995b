"""The dataset as the audit reads it, the audit's options, and its result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from goldwire.quantities import quantity
from goldwire.records import Finding

if TYPE_CHECKING:
    import polars as pl

__all__ = ["AuditOptions", "AuditResult", "Columns", "Dataset", "Leak", "row_position"]

_FILE = 1 << 40  # more than the rows of any file


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """The names of a dataset's columns by role; None for roles that it does not have."""

    text: str | None = None
    label: str | None = None
    spans: str | None = None
    tags: str | None = None  # one tag per word, such as B-PER, if the text is a list of words
    start: str | None = None
    end: str | None = None
    surface: str | None = None
    group: str | None = None
    id: str | None = None
    split: str | None = None
    about: tuple[str, ...] = ()  # the question about the text: target, aspect, offsets

    def present(self) -> Iterator[str]:
        """Yield the columns that the dataset has."""
        for role in self.__struct_fields__:
            if role != "about" and getattr(self, role) is not None:
                yield getattr(self, role)
        yield from self.about


class Dataset(msgspec.Struct, frozen=True):
    """Files with the same columns as one lazy table.

    The frame has `file` (an index of `files`), `row` (the line, from 1), `split` and `text`, and those that exist of
    `label`, `id`, `group`, `start`, `end`, `surface`, `spans` (a list of start, end, label, text), `tags` (of the
    words) with `tokens` (number of words), and `about` (a digest of the question about the text).
    """

    files: tuple[str, ...]
    frame: pl.LazyFrame
    columns: Columns
    labels: tuple[str, ...] = ()  # allowed labels, if the files declare them; empty: any
    span_labels: tuple[str, ...] = ()
    problems: tuple[Finding, ...] = ()  # files and lines that could not be read
    is_group_given: bool = False  # by the user, not guessed
    has_joined_texts: bool = False  # of another table, which is checked itself

    def describe(self) -> str:
        """Return the files and the columns by role: `train.csv and 2 more files, columns: text 'sentence'`."""
        more = len(self.files) - 1
        files = f"{self.files[0]}" + (f" and {quantity(more, 'more file')}" if more else "")
        roles = ((role, getattr(self.columns, role)) for role in self.columns.__struct_fields__ if role != "about")
        return f"{files}, columns: " + ", ".join(f"{role} {name!r}" for role, name in roles if name is not None)

    def finding(self, code: str, row: dict[str, Any], message: str, where: str | None = None) -> Finding:
        """Return a finding at a row with `file` and `row`; `item` defaults to the row's id."""
        named = where if where is not None else row.get("id")
        return Finding(code=code, file=self.files[row["file"]], line=row["row"], item=named, message=message)

    def finding_at(self, code: str, at: int, message: str, where: str) -> Finding:
        """Return a finding at a position of `row_position`."""
        file, row = divmod(at, _FILE)
        return Finding(code=code, file=self.files[file], line=row, item=where, message=message)

    def location_of(self, at: int) -> str:
        """Return `file:row` for a position of `row_position`."""
        file, row = divmod(at, _FILE)
        return f"{self.files[file]}:{row}"


def row_position() -> pl.Expr:
    """Return an expression for file and row as one number, in their order, so that groups have a minimum."""
    import polars as pl

    return pl.col("file").cast(pl.Int64) * _FILE + pl.col("row").cast(pl.Int64)


class AuditOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Selected checks and limits of an audit.

    At most `max_per_code` findings per code are listed, the others are counted. `labels` and `span_labels` are the
    allowed ones (empty: those that the files declare, or else any). `near_duplicates` is whether to compare texts
    across splits (None: among up to `near_duplicates_max_rows` texts).
    """

    max_per_code: int = 3
    labels: tuple[str, ...] = ()
    span_labels: tuple[str, ...] = ()
    near_duplicates: bool | None = None
    near_duplicates_max_rows: int = 200_000
    codes: frozenset[str] | None = None  # codes to check; None: all

    def wants(self, *codes: str) -> bool:
        """Whether any of the codes is selected."""
        return self.codes is None or not self.codes.isdisjoint(codes)


class Leak(msgspec.Struct, frozen=True):
    """An overlap of two splits: `count` of the `total` texts of the later one are in the earlier one.

    `unit` is `texts`, or names the groups. `nearly`: near-duplicates, beside identical texts.
    """

    earlier: str
    later: str
    unit: str
    count: int
    total: int
    nearly: bool = False


class AuditResult(msgspec.Struct, frozen=True):
    """Findings, the number of unlisted ones by code, notes on what was not checked, the splits, and their leaks."""

    findings: tuple[Finding, ...] = ()
    unlisted: dict[str, int] = {}
    notes: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()
    leaks: tuple[Leak, ...] = ()
