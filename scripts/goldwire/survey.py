"""Read everything in a workspace without raising on anything that is in it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from goldwire.checks.documents import parse_agreement, parse_sources, parse_toml_schema
from goldwire.checks.parse import inspect_bytes, parse_records
from goldwire.checks.places import kind_of
from goldwire.checks.snapshot import TABLES, RawFile, Snapshot, Table
from goldwire.layout import Workspace
from goldwire.progress import track
from goldwire.records import Finding

__all__ = ["survey"]

_DOCUMENTS = {
    "annotations/schema.toml": ("schema", parse_toml_schema),
    "corpus/sources.toml": ("sources", parse_sources),
}
_TEXT = (".md", ".toml", ".json", ".jsonl", ".tsv")


def survey(workspace: Workspace) -> Snapshot:
    """Read the workspace; what is wrong with its files and lines is in the snapshot's `faults`."""
    files = tuple(sorted(_walk(workspace)))
    faults: list[Finding] = []
    tables: dict[str, list[Table[Any]]] = {name: [] for name in TABLES}
    found: dict[str, Any] = {"raw": {}, "agreement": {}}
    for file in track(files, "reading", len(files)):
        path = workspace.root / file
        if file.startswith("corpus/raw/"):
            _add_digest(path, file, found["raw"], faults)
        elif path.suffix in _TEXT and not file.startswith(("corpus/truth/", "annotations/exports/")):
            data = _bytes(path, file, faults)
            if data is not None:
                _read(file, data, found, tables, faults)
    return Snapshot(
        files=files,
        faults=tuple(faults),
        floors=dict(workspace.settings.floors),
        **found,
        **{name: _joined(parts) for name, parts in tables.items()},
    )


def _walk(workspace: Workspace) -> list[str]:
    found = []
    for top in (workspace.corpus, workspace.annotations, workspace.splits):
        for folder, _, names in os.walk(top):
            found += [workspace.relative(Path(folder) / name) for name in names]
    return found


def _bytes(path: Path, file: str, faults: list[Finding]) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError as error:
        message = error.strerror or type(error).__name__
        faults.append(Finding(code="file-unreadable", file=file, line=None, where=None, message=message))
        return None


def _add_digest(path: Path, file: str, digests: dict[str, RawFile], faults: list[Finding]) -> None:
    try:
        with path.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
            digests[file] = RawFile(digest, opened.tell())
    except OSError as error:
        message = error.strerror or type(error).__name__
        faults.append(Finding(code="file-unreadable", file=file, line=None, where=None, message=message))


def _read(
    file: str, data: bytes, found: dict[str, Any], tables: dict[str, list[Table[Any]]], faults: list[Finding]
) -> None:
    broken = list(inspect_bytes(file, data))
    faults += broken
    kind = kind_of(file)
    if kind is not None:
        table, wrong = parse_records(file, data, kind)
        tables[kind.table].append(table)
        # One cause, one finding: a file of CRLF lines is not canonical either.
        faults += [f for f in wrong if not (broken and f.code == "file-not-canonical")]
    elif file in _DOCUMENTS:
        name, parse = _DOCUMENTS[file]
        _keep(parse(file, data), found, name, faults)
    elif file == "annotations/GUIDELINES.md":
        found["guidelines"] = data.decode("utf-8", "replace")
    elif file.startswith("annotations/agreement/") and file.endswith(".json"):
        _keep(parse_agreement(file, data), found["agreement"], file, faults)


def _keep(value: Any, into: dict[str, Any], name: str, faults: list[Finding]) -> None:
    if isinstance(value, Finding):
        faults.append(value)
    elif value is not None:
        into[name] = value


def _joined(parts: list[Table[Any]]) -> Table[Any]:
    return Table(
        tuple(entry for part in parts for entry in part),
        frozenset().union(*(part.hidden for part in parts)),
        any(part.torn for part in parts),
    )
