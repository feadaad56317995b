"""Everything in a workspace as it was read at one moment: what the checks look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar

import msgspec

from goldwire.records import (
    Agreement,
    AnnotationLayer,
    Article,
    Decision,
    Duplicates,
    Finding,
    Rejected,
    Release,
    SplitAssignment,
    Task,
)
from goldwire.schema import Schema

__all__ = ["TABLES", "Entry", "Place", "RawFile", "ReleaseFolder", "Snapshot", "Source", "Table"]

T = TypeVar("T")
Place = tuple[str, int | None]
"""A file and a line of it, or None for the whole file."""


class Entry(msgspec.Struct, Generic[T], frozen=True):
    """A record and the line it stands on."""

    file: str
    line: int
    key: Any  # what the record is known by among its kind
    record: T


class Table(msgspec.Struct, Generic[T], frozen=True):
    """All records of a kind, in file and line order.

    `hidden` are the keys of records that are there but that an error hides; where `torn`, some record is so broken
    that even its key is lost, and nothing can be said to be missing.
    """

    entries: tuple[Entry[T], ...] = ()
    hidden: frozenset[Any] = frozenset()
    torn: bool = False

    def __iter__(self) -> Iterator[Entry[T]]:
        return iter(self.entries)

    def without(self, places: frozenset[Place]) -> Table[T]:
        """The table with what stands at `places` hidden."""
        kept, hidden = [], set(self.hidden)
        for entry in self.entries:
            if (entry.file, entry.line) in places or (entry.file, None) in places:
                hidden.add(entry.key)
            else:
                kept.append(entry)
        return self if len(kept) == len(self.entries) else Table(tuple(kept), frozenset(hidden), self.torn)

    def known(self) -> frozenset[Any] | None:
        """Keys of all that is there, hidden or not; None where that cannot be known."""
        return None if self.torn else self.hidden.union(entry.key for entry in self.entries)


class RawFile(msgspec.Struct, frozen=True):
    """A raw file's digest and size."""

    sha256: str
    bytes: int


class Source(msgspec.Struct, frozen=True):
    """What corpus/sources.toml says of a source, as far as checks need it."""

    redistribute: bool = False


class ReleaseFolder(msgspec.Struct, frozen=True):
    """A folder splits/vX.Y.Z/: its manifest (None where it cannot be read) and every file's digest and size."""

    folder: str  # relative to the workspace
    manifest: Release | None
    files: dict[str, RawFile]


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace as read. `faults` is what reading it found; None stands for what is not there or cannot be read."""

    files: tuple[str, ...] = ()  # every file below corpus/, annotations/ and splits/, relative, sorted
    raw: dict[str, RawFile] = {}
    faults: tuple[Finding, ...] = ()
    schema: Schema | None = None
    guidelines: str | None = None
    sources: dict[str, Source] | None = None
    floors: dict[str, float] = {}
    articles: Table[Article] = Table()
    rejected: Table[Rejected] = Table()
    duplicates: Table[Duplicates] = Table()
    tasks: Table[Task] = Table()
    layers: Table[AnnotationLayer] = Table()
    gold: Table[AnnotationLayer] = Table()
    decisions: Table[Decision] = Table()
    assignment: Table[SplitAssignment] = Table()
    agreement: dict[str, tuple[Agreement, ...]] = {}  # file -> values
    releases: tuple[ReleaseFolder, ...] = ()

    def without(self, findings: Iterable[Finding]) -> Snapshot:
        """The snapshot with the records hidden that errors stand on."""
        places = frozenset((finding.file, finding.line) for finding in findings)
        if not places:
            return self
        tables = {name: getattr(self, name).without(places) for name in TABLES}
        agreement = {file: values for file, values in self.agreement.items() if (file, None) not in places}
        return msgspec.structs.replace(self, agreement=agreement, **tables)


TABLES = ("articles", "rejected", "duplicates", "tasks", "layers", "gold", "decisions", "assignment")
"""The fields of a Snapshot that are tables of records."""
