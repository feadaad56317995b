"""Read a workspace into a `Snapshot`, without raising on anything that is in it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from goldwire.checks import released_labels, released_rows
from goldwire.checks.document_parsing import (
    parse_adjudication,
    parse_agreement,
    parse_assignment,
    parse_label_schema,
    parse_manifest,
    parse_sources,
)
from goldwire.checks.file_bytes import MERGE_CONFLICT, inspect_bytes
from goldwire.checks.parsing import FILE_NOT_CANONICAL, parse_records
from goldwire.checks.rule import Rule
from goldwire.checks.snapshot import TABLES, Digest, ReleasedRows, ReleaseFolder, Snapshot, Table
from goldwire.checks.workspace_files import kind_of
from goldwire.ingestion.raw_record import RawRecord, digest
from goldwire.ingestion.readers import is_single_record, read_records
from goldwire.progress import track
from goldwire.records import Finding, Release
from goldwire.text.encodings import printable_path
from goldwire.workspace.layout import Workspace
from goldwire.workspace.sources import Source

__all__ = ["parse_card", "read_rows", "read_snapshot"]

FILE_UNREADABLE = Rule(
    code="file-unreadable",
    level=0,
    severity="error",
    summary="a file cannot be opened",
    why="It cannot be checked, and its content would be missing from every release.",
    fix="Give yourself read permission, or repair the broken link.",
    example="annotations/tasks/b02.jsonl: L0 file error [file-unreadable] No such file or directory",
)
RELEASE_UNREADABLE = Rule(
    code="release-unreadable",
    level=1,
    severity="error",
    summary="a released Parquet file cannot be read",
    why="`load_dataset` fails on it.",
    fix="Restore the file from git.",
    example=(
        "splits/v0.0.1/data/stance/test-00000-of-00001.parquet: L1 format error [release-unreadable] cannot be "
        "read: Parquet file size is 4 bytes, smaller than the minimum file footer (8 bytes)"
    ),
)

_TEXT_SUFFIXES = (".md", ".toml", ".json", ".jsonl", ".tsv")
_FOREIGN_FOLDERS = ("corpus/truth/", "annotations/exports/")  # files of other programs, stored byte for byte
_SOURCES = "corpus/sources.toml"
_ROOT_PAGES = ("README.md", "DATASHEET.md")
_ASSIGNMENT = "splits/assignment.tsv"
_DOCUMENT_SUFFIXES = (".md", ".json", ".cff", ".txt", ".svg")  # released files that people read, where names may occur


def read_snapshot(workspace: Workspace) -> Snapshot:
    """Read a workspace; problems with its files and lines are in `Snapshot.reading_findings`."""
    names = sorted(_list_files(workspace))
    files = tuple(name for name in names if printable_path(name) == name)
    parsed = _ParsedFiles({"raw": {}, "agreement": {}, "adjudications": {}}, {name: [] for name in TABLES}, [])
    for name in sorted({*names}.difference(files)):
        parsed.findings.append(FILE_UNREADABLE.finding(printable_path(name), "its name is not UTF-8"))
    # Sources first: they name the fields of raw JSON Lines files.
    for file in track(sorted(files, key=lambda file: file != _SOURCES), "reading", len(files)):
        try:
            _read_file(workspace.root / file, file, parsed)
        except OSError as error:
            parsed.findings.append(FILE_UNREADABLE.finding(file, error.strerror or type(error).__name__))
    releases, release_findings = _read_releases(workspace, files)
    pages = _read_pages(workspace, files)
    tables: dict[str, Any] = {name: _concatenate(parts) for name, parts in parsed.tables.items()}
    settings = workspace.settings
    return Snapshot(
        files=files,
        reading_findings=(*parsed.findings, *release_findings),
        floors=dict(settings.floors),
        ratios={"train": settings.train, "validation": settings.validation, "test": settings.test},
        releases=releases,
        datasheet=pages.get("DATASHEET.md"),
        pages=pages,
        **(parsed.fields | tables),
    )


class _ParsedFiles(msgspec.Struct):
    """The fields of the snapshot, the tables file by file, and the findings so far."""

    fields: dict[str, Any]
    tables: dict[str, list[Table[Any]]]
    findings: list[Finding]

    def add_document(self, value: Any, fields: dict[str, Any], name: str) -> None:
        """Store a parsed document under its name, or the finding that it gave instead."""
        if isinstance(value, Finding):
            self.findings.append(value)
        elif value is not None:
            fields[name] = value

    def add_table(self, name: str, parsed: tuple[Table[Any], list[Finding]]) -> None:
        """Store the records of a file, and its findings."""
        self.tables[name].append(parsed[0])
        self.findings += parsed[1]


def _list_files(workspace: Workspace) -> list[str]:
    return [
        workspace.relative(Path(folder) / name)
        for top in (workspace.corpus, workspace.annotations, workspace.splits)
        for folder, _, names in os.walk(top)
        for name in names
    ]


def _read_file(path: Path, file: str, parsed: _ParsedFiles) -> None:
    if file.startswith("corpus/raw/"):
        parsed.fields["raw"].update(_raw_digests(path, file, parsed.fields.get("sources") or {}))
    elif path.suffix in _TEXT_SUFFIXES and not file.startswith(_FOREIGN_FOLDERS):
        _parse_file(file, path.read_bytes(), parsed)


def _read_pages(workspace: Workspace, files: Iterable[str]) -> dict[str, str]:
    """Return the Markdown pages for people: at the top of the workspace and of its folders, not of a version."""
    pages: dict[str, str] = {}
    for file in (*_ROOT_PAGES, *(file for file in files if file.count("/") == 1 and file.endswith(".md"))):
        with suppress(OSError):  # one that cannot be read is `file-unreadable`
            pages[file] = (workspace.root / file).read_text(encoding="utf-8", errors="replace")
    return pages


def _raw_digests(path: Path, file: str, sources: dict[str, Source]) -> dict[tuple[str, int | None], Digest]:
    """Return the digest of a raw file, or of each record in it, computed as `ingest` does."""
    if not is_single_record(path):
        source = sources.get(file.split("/")[2])
        if source is None:  # the names of its fields are unknown; `source-unknown` reports it
            return {}
        rows = read_records(path, source.fields)
        return {(file, row.row): Digest(digest(row.data), len(row.data)) for row in rows if isinstance(row, RawRecord)}
    with path.open("rb") as opened:
        return {(file, None): Digest(hashlib.file_digest(opened, "sha256").hexdigest(), opened.tell())}


def _parse_file(file: str, data: bytes, parsed: _ParsedFiles) -> None:
    byte_findings = list(inspect_bytes(file, data))
    parsed.findings += byte_findings
    kind = kind_of(file)
    if any(finding.code == MERGE_CONFLICT.code for finding in byte_findings):
        # Both sides of the conflict are in the file: its lines are not worth a finding.
        name = kind.table if kind is not None else "assignment" if file == _ASSIGNMENT else None
        if name is not None:
            parsed.tables[name].append(Table(has_unreadable_rows=True))
    elif kind is not None:
        table, findings = parse_records(file, data, kind)
        # One cause, one finding: a file with CRLF is not canonical either.
        findings = [f for f in findings if not (byte_findings and f.code == FILE_NOT_CANONICAL.code)]
        parsed.add_table(kind.table, (table, findings))
    elif file == _ASSIGNMENT:
        parsed.add_table("assignment", parse_assignment(file, data))
    elif file == "annotations/schema.toml":
        parsed.add_document(parse_label_schema(file, data), parsed.fields, "schema")
    elif file == _SOURCES:
        parsed.add_document(parse_sources(file, data), parsed.fields, "sources")
    elif file == "annotations/GUIDELINES.md":
        parsed.fields["guidelines"] = data.decode("utf-8", "replace")
    elif file.startswith("annotations/agreement/") and file.endswith(".json"):
        parsed.add_document(parse_agreement(file, data), parsed.fields["agreement"], file)
    elif file.startswith("annotations/gold/") and file.endswith(".adjudication.json"):
        parsed.add_document(parse_adjudication(file, data), parsed.fields["adjudications"], file)


def _concatenate(tables: list[Table[Any]]) -> Table[Any]:
    entries = tuple(entry for table in tables for entry in table)
    hidden = frozenset[Any]().union(*(table.hidden_keys for table in tables))
    return Table(entries, hidden, any(table.has_unreadable_rows for table in tables))


def _read_releases(workspace: Workspace, files: Iterable[str]) -> tuple[tuple[ReleaseFolder, ...], list[Finding]]:
    """Read every folder splits/vX.Y.Z/ that contains one of `files` (relative to the workspace)."""
    folders: dict[str, list[str]] = {}
    for file in files:
        parts = file.split("/")
        if parts[0] == "splits" and len(parts) > 2:
            folders.setdefault("/".join(parts[:2]), []).append("/".join(parts[2:]))
    read = [_read_release(workspace, folder, paths) for folder, paths in sorted(folders.items())]
    return tuple(release for release, _ in read), [finding for _, findings in read for finding in findings]


def _read_release(workspace: Workspace, folder: str, paths: list[str]) -> tuple[ReleaseFolder, list[Finding]]:
    root = workspace.root / folder
    digests: dict[str, Digest] = {}
    texts: dict[str, str] = {}
    rows: dict[str, Any] = {}
    documents: dict[str, str] = {}
    card_metadata: dict[str, Any] | None = None
    manifest: Any = None
    # Annotations have offsets, and entities the texts that these are in.
    for path in sorted(paths, key=lambda path: (not path.startswith("data/entities/"), path)):
        try:
            data = (root / path).read_bytes()
        except OSError:  # `file-unreadable` reports it
            continue
        digests[path] = Digest(hashlib.sha256(data).hexdigest(), len(data))
        if path == "manifest.json":
            manifest = parse_manifest(f"{folder}/{path}", data)
        elif path == "README.md":
            card_metadata, documents[path] = parse_card(data.decode("utf-8", "replace"))
        elif path.endswith(_DOCUMENT_SUFFIXES):
            documents[path] = data.decode("utf-8", "replace")
        elif path.endswith(".parquet"):
            rows[path] = _read_parquet(root, folder, path, texts)
    release = ReleaseFolder(
        folder=folder,
        manifest=manifest if isinstance(manifest, Release) else None,
        files=digests,
        rows={path: value for path, value in rows.items() if isinstance(value, ReleasedRows)},
        card_metadata=card_metadata,
        documents=documents,
    )
    return release, [value for value in (manifest, *rows.values()) if isinstance(value, Finding)]


def parse_card(text: str) -> tuple[dict[str, Any] | None, str]:
    """Return the YAML header of a dataset card (None if it has none or it is broken), and the card without it."""
    import yaml

    header, end, body = text.removeprefix("---\n").partition("\n---\n")
    if not text.startswith("---\n") or not end:
        return None, text
    try:
        # The parser in C reads the header of a card with thousands of features in a tenth of the time.
        values = yaml.load(header, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except (yaml.YAMLError, ValueError, RecursionError):
        values = None
    # The header becomes blank lines, so that line numbers stay right.
    return (values if isinstance(values, dict) else None), "\n" * (header.count("\n") + 3) + body


def _read_parquet(root: Path, folder: str, path: str, texts: dict[str, str]) -> ReleasedRows | Finding:
    # pyarrow takes 0.1 s to import: it is needed only if there is a release.
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(root / path) as parquet:
            table = parquet.read()
    except (pa.ArrowException, OSError, ValueError) as error:
        return RELEASE_UNREADABLE.finding(f"{folder}/{path}", f"cannot be read: {error}")
    rows = table.to_pylist()
    if _has_texts(path, table.column_names) and "article_id" in table.column_names:
        texts |= {str(row["article_id"]): row["text"] for row in rows if row["text"]}
    return read_rows(path, rows, table.column_names, texts)


def read_rows(
    path: str, rows: list[dict[str, Any]], columns: Collection[str], texts: Mapping[str, str]
) -> ReleasedRows:
    """Return what checks need of the rows of a released file; `texts` has the text of each article."""
    ids = tuple(str(row["article_id"]) for row in rows) if "article_id" in columns else None
    with_text = None
    if ids is not None and "text" in columns:
        with_text = tuple(id for id, row in zip(ids, rows, strict=True) if row["text"])
    problems = tuple(released_rows.row_problems(rows, texts))
    return ReleasedRows(
        count=len(rows),
        articles=ids,
        annotators=frozenset(str(row["annotator"]) for row in rows) if "annotator" in columns else None,
        articles_with_text=with_text,
        labels=released_labels.released_labels(path, rows),
        problems=problems,
        label_names=frozenset() if problems else released_rows.names_in(rows),
        about=tuple(map(released_rows.about_article, rows)),
        lengths=tuple(len(row["text"]) for row in rows if row["text"]) if _has_texts(path, columns) else (),
    )


def _has_texts(path: str, columns: Collection[str]) -> bool:
    """Whether a file has the texts of the articles, one in each row."""
    return path.startswith("data/entities/") and "text" in columns
