"""Everything in a workspace as it was read at one moment: what the checks look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar

import msgspec

from goldwire.checks.workspace_files import batch_of
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
from goldwire.workspace.label_schema import Schema
from goldwire.workspace.sources import Source

__all__ = ["TABLES", "Digest", "Entry", "Place", "ReleaseFolder", "Snapshot", "Table"]

T = TypeVar("T")
Place = tuple[str, int | None]
"""A file and a line of it, or None for the whole file."""


class Entry(msgspec.Struct, Generic[T], frozen=True):
    """A record and the line it stands on."""

    file: str
    line: int
    key: Any  # what the record is known by among its kind
    record: T

    def finding(self, code: str, where: str | None, message: str) -> Finding:
        """A finding on this line."""
        return Finding(code=code, file=self.file, line=self.line, item=where, message=message)


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

    @property
    def whole(self) -> bool:
        """Whether nothing is hidden or torn: only then does what is not there say something."""
        return not self.torn and not self.hidden

    def known(self) -> frozenset[Any] | None:
        """Keys of all that is there, hidden or not; None where that cannot be known."""
        return None if self.torn else self.hidden.union(entry.key for entry in self.entries)


class Digest(msgspec.Struct, frozen=True):
    """The SHA-256 and the size in bytes of a file, or of one record of a raw file."""

    sha256: str
    bytes: int


class ReleasedRows(msgspec.Struct, frozen=True):
    """What the checks need of a released Parquet file's rows, in their order; None where it has no such column."""

    count: int
    articles: tuple[str, ...] | None = None
    annotators: frozenset[str] | None = None
    with_text: tuple[str, ...] | None = None  # the articles whose text is in it


class ReleaseFolder(msgspec.Struct, frozen=True):
    """A folder splits/vX.Y.Z/ as it is on disk."""

    folder: str  # relative to the workspace
    manifest: Release | None  # None where it is not there or cannot be read
    files: dict[str, Digest]  # relative to the folder
    rows: dict[str, ReleasedRows] = {}  # of each Parquet file that can be read
    card: dict[str, Any] | None = None  # what the YAML above the card says
    pages: dict[str, str] = {}  # its files that people read, by path; of the card without its YAML

    def without(self, places: frozenset[Place]) -> ReleaseFolder:
        """The release with the files at `places` hidden."""
        rows = {path: rows for path, rows in self.rows.items() if (f"{self.folder}/{path}", None) not in places}
        manifest = None if (f"{self.folder}/manifest.json", None) in places else self.manifest
        hidden = (f"{self.folder}/README.md", None) in places
        pages = {path: text for path, text in self.pages.items() if (f"{self.folder}/{path}", None) not in places}
        card = None if hidden else self.card
        return msgspec.structs.replace(self, rows=rows, manifest=manifest, card=card, pages=pages)


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace as read. `faults` is what reading it found; None stands for what is not there or cannot be read."""

    files: tuple[str, ...] = ()  # every file below corpus/, annotations/ and splits/, relative, sorted
    raw: dict[tuple[str, int | None], Digest] = {}  # by file and record
    faults: tuple[Finding, ...] = ()
    schema: Schema | None = None
    guidelines: str | None = None
    datasheet: str | None = None
    sources: dict[str, Source] | None = None
    floors: dict[str, float] = {}  # what [tool.goldwire] asks of agreement, by coefficient
    ratios: dict[str, float] = {}  # and of each split
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

    @property
    def by_name(self) -> frozenset[str]:
        """The batches that ask for stances to targets by name, and for no spans."""
        return frozenset(batch_of(task.file) for task in self.tasks if task.record.kind == "stance")

    def without(self, findings: Iterable[Finding]) -> Snapshot:
        """The snapshot with the records hidden that errors stand on."""
        places = frozenset((finding.file, finding.line) for finding in findings)
        if not places:
            return self
        tables = {name: getattr(self, name).without(places) for name in TABLES}
        return msgspec.structs.replace(
            self,
            faults=tuple(fault for fault in self.faults if (fault.file, None) not in places),
            agreement={file: values for file, values in self.agreement.items() if (file, None) not in places},
            releases=tuple(release.without(places) for release in self.releases),
            **tables,
        )


TABLES = ("articles", "rejected", "duplicates", "tasks", "layers", "gold", "decisions", "assignment")
"""The fields of a Snapshot that are tables of records."""
