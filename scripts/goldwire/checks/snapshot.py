"""The content of a workspace at one moment: the input of the checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar

import msgspec

from goldwire.checks.rule import Rule
from goldwire.checks.workspace_files import batch_of
from goldwire.records import (
    Adjudication,
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

__all__ = [
    "TABLES",
    "Digest",
    "Entry",
    "Extraction",
    "Location",
    "RebuiltVersion",
    "ReleaseFolder",
    "ReleasedRows",
    "Snapshot",
    "StoredAgreement",
    "Table",
]

T = TypeVar("T")
Location = tuple[str, int | None]
"""A file and a line, or None for the whole file."""


class Entry(msgspec.Struct, Generic[T], frozen=True):
    """A record and the line that holds it."""

    file: str
    line: int
    key: Any  # identifies the record in its table
    record: T

    def finding(self, rule: Rule, item: str | None, message: str) -> Finding:
        """Return a finding on this line."""
        return rule.finding(self.file, message, line=self.line, item=item)


class Table(msgspec.Struct, Generic[T], frozen=True):
    """All records of a kind, in order of file and line.

    `hidden_keys` are keys of records that exist but have an error. With `has_unreadable_rows`, the key of some record
    could not be read either, so that no record can be called missing.
    """

    entries: tuple[Entry[T], ...] = ()
    hidden_keys: frozenset[Any] = frozenset()
    has_unreadable_rows: bool = False

    def __iter__(self) -> Iterator[Entry[T]]:
        return iter(self.entries)

    def without(self, locations: frozenset[Location]) -> Table[T]:
        """Return the table with the records at `locations` hidden."""
        visible, hidden = [], set(self.hidden_keys)
        for entry in self.entries:
            if (entry.file, entry.line) in locations or (entry.file, None) in locations:
                hidden.add(entry.key)
            else:
                visible.append(entry)
        if len(visible) == len(self.entries):
            return self
        return Table(tuple(visible), frozenset(hidden), self.has_unreadable_rows)

    @property
    def is_complete(self) -> bool:
        """Whether every record is visible: only then is an absent record really missing."""
        return not self.has_unreadable_rows and not self.hidden_keys

    def keys(self) -> frozenset[Any] | None:
        """Return the keys of all records, hidden ones included; None if some key cannot be read."""
        return None if self.has_unreadable_rows else self.hidden_keys.union(entry.key for entry in self.entries)


class StoredAgreement(msgspec.Struct, frozen=True):
    """The content of annotations/agreement/<batch>.json: its values, and the whole document."""

    values: tuple[Agreement, ...]
    document: dict[str, Any] = {}


class Digest(msgspec.Struct, frozen=True):
    """SHA-256 and size in bytes of a file, or of one record of a raw file."""

    sha256: str
    bytes: int


class ReleasedRows(msgspec.Struct, frozen=True):
    """The columns of a released Parquet file that checks need, in row order; None for a column that it lacks."""

    count: int
    articles: tuple[str, ...] | None = None
    annotators: frozenset[str] | None = None
    articles_with_text: tuple[str, ...] | None = None
    labels: tuple[Any, ...] = ()  # records of `goldwire.checks.released_labels`
    problems: tuple[tuple[str, str], ...] = ()  # ids of rows that contradict themselves, and what is wrong
    label_names: frozenset[tuple[str, int, str]] = frozenset()  # kind, number and name
    about: tuple[dict[str, Any], ...] = ()  # the columns of each row on its article
    lengths: tuple[int, ...] = ()  # in characters, of the texts of `entities`


class ReleaseFolder(msgspec.Struct, frozen=True):
    """The content of a folder splits/vX.Y.Z/ on disk."""

    folder: str  # relative to the workspace
    manifest: Release | None  # None if it is missing or cannot be read
    files: dict[str, Digest]  # by path in the folder
    rows: dict[str, ReleasedRows] = {}  # by path, of each readable Parquet file
    card_metadata: dict[str, Any] | None = None  # the YAML header of the card
    documents: dict[str, str] = {}  # text files by path; the card without its YAML header

    @property
    def version_name(self) -> str:
        """The name of the folder: `v0.1.0`."""
        return self.folder.rpartition("/")[2]

    def path(self, name: str) -> str:
        """Return the path of one of its files, relative to the workspace."""
        return f"{self.folder}/{name}"

    def without(self, locations: frozenset[Location]) -> ReleaseFolder:
        """Return the release with the files at `locations` hidden."""

        def is_visible(name: str) -> bool:
            return (self.path(name), None) not in locations

        return msgspec.structs.replace(
            self,
            manifest=self.manifest if is_visible("manifest.json") else None,
            rows={name: rows for name, rows in self.rows.items() if is_visible(name)},
            card_metadata=self.card_metadata if is_visible("README.md") else None,
            documents={name: text for name, text in self.documents.items() if is_visible(name)},
        )


class Extraction(msgspec.Struct, frozen=True):
    """Result of a new ingest of the raw pages: articles by id, and rejections by file and row."""

    articles: dict[str, Article]
    rejected: dict[tuple[str, int | None], Rejected]


class RebuiltVersion(msgspec.Struct, frozen=True):
    """A version as `goldwire release` makes it of the workspace: its manifest, its texts by path, the card's header."""

    manifest: Release
    documents: dict[str, str]  # the card without its YAML header
    card_metadata: dict[str, Any] | None


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace as it was read; None means that a file is missing or cannot be read.

    `reading_findings` are the problems found while reading.
    """

    files: tuple[str, ...] = ()  # every file below corpus/, annotations/ and splits/, relative, sorted
    raw: dict[tuple[str, int | None], Digest] = {}  # by file and row
    reading_findings: tuple[Finding, ...] = ()
    schema: Schema | None = None
    guidelines: str | None = None
    datasheet: str | None = None
    pages: dict[str, str] = {}  # Markdown for people by file: README.md, DATASHEET.md, annotations/GUIDELINES.md, ...
    sources: dict[str, Source] | None = None
    floors: dict[str, float] = {}  # coefficient -> its minimum, from [tool.goldwire.floors]
    ratios: dict[str, float] = {}  # split -> its share of the articles, from [tool.goldwire]
    articles: Table[Article] = Table()
    rejected: Table[Rejected] = Table()
    duplicates: Table[Duplicates] = Table()
    tasks: Table[Task] = Table()
    layers: Table[AnnotationLayer] = Table()
    prelabels: Table[AnnotationLayer] = Table()
    gold: Table[AnnotationLayer] = Table()
    decisions: Table[Decision] = Table()
    assignment: Table[SplitAssignment] = Table()
    agreement: dict[str, StoredAgreement] = {}  # by file
    adjudications: dict[str, Adjudication] = {}  # by file
    releases: tuple[ReleaseFolder, ...] = ()
    is_deep: bool = False  # whether to compute again what takes long
    baselines: dict[str, Any] = {}  # by folder: `goldwire.baselines.scores.Baseline` of a version, computed again
    rebuilt: dict[str, RebuiltVersion] = {}  # by folder: a version with the labels of the workspace, built again
    extraction: Extraction | None = None  # of all raw pages, once more

    @property
    def target_batches(self) -> frozenset[str]:
        """The batches that ask for stances towards named targets, and for no spans."""
        return frozenset(batch_of(task.file) for task in self.tasks if task.record.kind == "stance")

    def without(self, findings: Iterable[Finding]) -> Snapshot:
        """Return the snapshot with the records and files of `findings` hidden."""
        locations = frozenset((finding.file, finding.line) for finding in findings)
        if not locations:
            return self
        tables = {name: getattr(self, name).without(locations) for name in TABLES}
        return msgspec.structs.replace(
            self,
            reading_findings=tuple(f for f in self.reading_findings if (f.file, None) not in locations),
            agreement={file: stored for file, stored in self.agreement.items() if (file, None) not in locations},
            adjudications={
                file: method for file, method in self.adjudications.items() if (file, None) not in locations
            },
            releases=tuple(release.without(locations) for release in self.releases),
            **tables,
        )


TABLES = ("articles", "rejected", "duplicates", "tasks", "layers", "prelabels", "gold", "decisions", "assignment")
"""The fields of a Snapshot that are tables of records."""
