"""Read the released versions of a workspace, as far as checks need them, without raising."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from goldwire.checks.documents import parse_manifest
from goldwire.checks.snapshot import Digest, ReleasedRows, ReleaseFolder
from goldwire.records import Finding, Release
from goldwire.workspace.layout import Workspace

__all__ = ["survey_releases"]

_READ = (".md", ".json", ".cff", ".txt")  # what people read, and what may name them
_COLUMNS = ("article_id", "annotator", "text")


def survey_releases(workspace: Workspace, files: Iterable[str]) -> tuple[tuple[ReleaseFolder, ...], list[Finding]]:
    """Read every splits/vX.Y.Z/ that `files` (relative to the workspace) are in, and what cannot be read in them."""
    folders: dict[str, list[str]] = {}
    for file in files:
        parts = file.split("/")
        if parts[0] == "splits" and len(parts) > 2:
            folders.setdefault("/".join(parts[:2]), []).append("/".join(parts[2:]))
    faults: list[Finding] = []
    releases = tuple(_release(workspace, folder, paths, faults) for folder, paths in sorted(folders.items()))
    return releases, faults


def _release(workspace: Workspace, folder: str, paths: list[str], faults: list[Finding]) -> ReleaseFolder:
    root = workspace.root / folder
    digests: dict[str, Digest] = {}
    rows: dict[str, ReleasedRows] = {}
    card: dict[str, Any] | None = None
    pages: dict[str, str] = {}
    manifest: Release | None = None
    for path in paths:
        try:
            data = (root / path).read_bytes()
        except OSError:  # said of the file already
            continue
        digests[path] = Digest(hashlib.sha256(data).hexdigest(), len(data))
        found: Any = None
        if path == "manifest.json":
            found = parse_manifest(f"{folder}/{path}", data)
            manifest = found if isinstance(found, Release) else None
        elif path == "README.md":
            card, pages[path] = _card(data.decode("utf-8", "replace"))
        elif path.endswith(_READ):
            pages[path] = data.decode("utf-8", "replace")
        elif path.endswith(".parquet"):
            found = _rows(root / path, f"{folder}/{path}")
            if isinstance(found, ReleasedRows):
                rows[path] = found
        if isinstance(found, Finding):
            faults.append(found)
    return ReleaseFolder(folder, manifest, digests, rows, card, pages)


def _card(text: str) -> tuple[dict[str, Any] | None, str]:
    """The YAML above the card and the card's text; no YAML where there is none that can be read."""
    import yaml  # type: ignore[import-untyped]

    head, found, body = text.removeprefix("---\n").partition("\n---\n")
    if not text.startswith("---\n") or not found:
        return None, text
    try:
        values = yaml.safe_load(head)
    except (yaml.YAMLError, ValueError, RecursionError):
        values = None
    # The page keeps its line numbers: the YAML's lines stay, emptied.
    return (values if isinstance(values, dict) else None), "\n" * (head.count("\n") + 3) + body


def _rows(path: Path, file: str) -> ReleasedRows | Finding:
    # pyarrow costs 0.1 s to import: only where there is a release.
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as parquet:
            have = set(parquet.schema_arrow.names)
            table = parquet.read(columns=[name for name in _COLUMNS if name in have])
            count = parquet.metadata.num_rows
    except (pa.ArrowException, OSError, ValueError) as error:
        message = f"cannot be read: {error}"
        return Finding(code="release-unreadable", file=file, line=None, item=None, message=message)
    columns = {name: table.column(name).to_pylist() for name in table.column_names}
    ids = columns.get("article_id")
    with_text = None
    if ids is not None and "text" in columns:
        with_text = tuple(str(id) for id, text in zip(ids, columns["text"], strict=True) if text)
    return ReleasedRows(
        count=count,
        articles=None if ids is None else tuple(map(str, ids)),
        annotators=frozenset(map(str, columns["annotator"])) if "annotator" in columns else None,
        with_text=with_text,
    )
