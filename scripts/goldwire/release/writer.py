"""Write the files of a release and describe them in its manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from goldwire.records import Release, ReleaseFile
from goldwire.release import parquet
from goldwire.workspace import atomic, jsonl

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["write_document", "write_manifest", "write_tables"]


def write_tables(folder: Path, tables: Mapping[str, Mapping[str, pa.Table]]) -> list[ReleaseFile]:
    """Write tables (by config and split) as Parquet files and return their entries of the manifest."""
    files = []
    for config, by_split in tables.items():
        for split, table in by_split.items():
            shards = parquet.to_shards(table)
            for number, shard in enumerate(shards):
                path = parquet.data_file(config, split, number, len(shards))
                files.append(_write(folder, path, parquet.to_bytes(shard), shard))
    return files


def write_document(folder: Path, path: str, data: bytes) -> ReleaseFile:
    """Write any other file of a release and return its entry of the manifest."""
    return _write(folder, path, data, None)


def write_manifest(folder: Path, manifest: Release, files: Iterable[ReleaseFile]) -> Release:
    """Write manifest.json with the files, in order of their paths, and return it."""
    manifest = msgspec.structs.replace(manifest, files=tuple(sorted(files, key=lambda file: file.path)))
    jsonl.write_document(folder / "manifest.json", manifest)
    return manifest


def _write(folder: Path, path: str, data: bytes, table: pa.Table | None) -> ReleaseFile:
    atomic.write_bytes(folder / path, data)
    return ReleaseFile(
        path=path,
        rows=None if table is None else table.num_rows,
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        content_sha256=None if table is None else parquet.content_digest(table),
    )
