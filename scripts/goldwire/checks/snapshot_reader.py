"""Read everything in a workspace without raising on anything that is in it."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from goldwire.checks.documents import parse_agreement, parse_assignment, parse_sources, parse_toml_schema
from goldwire.checks.parsing import inspect_bytes, parse_records
from goldwire.checks.snapshot import TABLES, Digest, Snapshot, Table
from goldwire.checks.survey_release import survey_releases
from goldwire.checks.workspace_files import kind_of
from goldwire.ingestion.readers import RawRecord, digest, is_one, records
from goldwire.progress import track
from goldwire.records import Finding
from goldwire.workspace.layout import Workspace
from goldwire.workspace.sources import Source

__all__ = ["survey"]

_TEXT = (".md", ".toml", ".json", ".jsonl", ".tsv")
_OPAQUE = ("corpus/truth/", "annotations/exports/")  # what others wrote, kept as it came
_SOURCES = "corpus/sources.toml"


class _Reading(msgspec.Struct):
    """What was read so far: fields of the snapshot, tables by parts, and what went wrong."""

    found: dict[str, Any]
    tables: dict[str, list[Table[Any]]]
    faults: list[Finding]

    def keep(self, value: Any, into: dict[str, Any], name: str) -> None:
        """Keep a parsed document under its name, or the fault that it gave instead."""
        if isinstance(value, Finding):
            self.faults.append(value)
        elif value is not None:
            into[name] = value

    def add(self, name: str, parsed: tuple[Table[Any], list[Finding]]) -> None:
        """Keep the records of a file, and what was wrong with it."""
        self.tables[name].append(parsed[0])
        self.faults += parsed[1]


def survey(workspace: Workspace) -> Snapshot:
    """Read the workspace; what is wrong with its files and lines is in the snapshot's `faults`."""
    files = tuple(sorted(_walk(workspace)))
    reading = _Reading({"raw": {}, "agreement": {}}, {name: [] for name in TABLES}, [])
    # First the sources: they name the fields of raw JSON Lines.
    for file in track(sorted(files, key=lambda file: file != _SOURCES), "reading", len(files)):
        try:
            _read(workspace.root / file, file, reading)
        except OSError as error:
            message = error.strerror or type(error).__name__
            reading.faults.append(Finding(code="file-unreadable", file=file, line=None, item=None, message=message))
    releases, wrong = survey_releases(workspace, files)
    with suppress(OSError):
        reading.found["datasheet"] = (workspace.root / "DATASHEET.md").read_text(encoding="utf-8", errors="replace")
    tables: dict[str, Any] = {name: _joined(parts) for name, parts in reading.tables.items()}
    settings = workspace.settings
    return Snapshot(
        files=files,
        faults=(*reading.faults, *wrong),
        floors=dict(settings.floors),
        ratios={"train": settings.train, "validation": settings.validation, "test": settings.test},
        releases=releases,
        **(reading.found | tables),
    )


def _walk(workspace: Workspace) -> list[str]:
    found = []
    for top in (workspace.corpus, workspace.annotations, workspace.splits):
        for folder, _, names in os.walk(top):
            found += [workspace.relative(Path(folder) / name) for name in names]
    return found


def _read(path: Path, file: str, reading: _Reading) -> None:
    if file.startswith("corpus/raw/"):
        reading.found["raw"].update(_raw_digests(path, file, reading.found.get("sources") or {}))
    elif path.suffix in _TEXT and not file.startswith(_OPAQUE):
        _parse(file, path.read_bytes(), reading)


def _raw_digests(path: Path, file: str, sources: dict[str, Source]) -> dict[tuple[str, int | None], Digest]:
    """The digest of the file, or of each record in it, as ingest takes them."""
    if not is_one(path):
        source = sources.get(file.split("/")[2])
        if source is None:  # what its fields are called is unknown, and said of its articles
            return {}
        rows = records(path, source.fields)
        return {
            (file, row.record): Digest(digest(row.data), len(row.data)) for row in rows if isinstance(row, RawRecord)
        }
    with path.open("rb") as opened:
        return {(file, None): Digest(hashlib.file_digest(opened, "sha256").hexdigest(), opened.tell())}


def _parse(file: str, data: bytes, reading: _Reading) -> None:
    broken = list(inspect_bytes(file, data))
    reading.faults += broken
    kind = kind_of(file)
    if any(fault.code == "merge-conflict" for fault in broken):
        # Both sides of the conflict are in it: what its lines say is not worth a word.
        name = kind.table if kind is not None else "assignment" if file == "splits/assignment.tsv" else None
        if name is not None:
            reading.tables[name].append(Table(torn=True))
    elif kind is not None:
        table, wrong = parse_records(file, data, kind)
        # One cause, one finding: a file of CRLF lines is not canonical either.
        reading.add(kind.table, (table, [f for f in wrong if not (broken and f.code == "file-not-canonical")]))
    elif file == "splits/assignment.tsv":
        reading.add("assignment", parse_assignment(file, data))
    elif file == "annotations/schema.toml":
        reading.keep(parse_toml_schema(file, data), reading.found, "schema")
    elif file == _SOURCES:
        reading.keep(parse_sources(file, data), reading.found, "sources")
    elif file == "annotations/GUIDELINES.md":
        reading.found["guidelines"] = data.decode("utf-8", "replace")
    elif file.startswith("annotations/agreement/") and file.endswith(".json"):
        reading.keep(parse_agreement(file, data), reading.found["agreement"], file)


def _joined(parts: list[Table[Any]]) -> Table[Any]:
    entries = tuple(entry for part in parts for entry in part)
    hidden = frozenset[Any]().union(*(part.hidden for part in parts))
    return Table(entries, hidden, any(part.torn for part in parts))
