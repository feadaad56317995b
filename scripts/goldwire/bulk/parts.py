"""Parquet parts of a store: written whole, read by row groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from goldwire.bulk.store import Store, StoreFile
from goldwire.errors import DataError, GoldwireError
from goldwire.workspace.temporary import temporary_folder

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

__all__ = [
    "ROWS_PER_GROUP",
    "first_rows",
    "part_files",
    "part_key",
    "read_counts",
    "read_groups",
    "read_rows",
    "read_table",
    "row_groups",
    "write_local",
    "write_part",
]

ROWS_PER_GROUP = 256
"""Articles of a row group, 0.8 MB of text: what is read for one text of a near-duplicate pair."""

_COUNTS = b"goldwire"
_COMMANDS = {"boilerplate": "ingest", "articles": "ingest", "clusters": "dedup", "assigned": "split"}  # that write it


def part_files(store: Store, folder: str) -> list[str]:
    """Return the parts of a folder, sorted."""
    return [file.path for file in store.files(f"{folder}/") if file.path.endswith(".parquet")]


def part_key(path: str) -> str:
    """Return the name of a part without folder and suffix: parts of one name in several folders belong together."""
    return path.rpartition("/")[2].removesuffix(".parquet")


def write_local(
    path: Path, schema: pa.Schema, tables: Iterable[pa.Table], counts: dict[str, int] | None = None
) -> None:
    """Write tables as the row groups of a Parquet file on the local disk.

    `counts` may still change while `tables` are consumed; `read_counts` returns them.
    """
    import pyarrow.parquet as pq

    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for table in tables:
            writer.write_table(table)
        writer.add_key_value_metadata({_COUNTS: msgspec.json.encode(counts or {})})


def write_part(
    store: Store, path: str, schema: pa.Schema, tables: Iterable[pa.Table], counts: dict[str, int] | None = None
) -> None:
    """Write tables as the row groups of a part; it is on the local disk until it is complete."""
    with temporary_folder() as folder:
        file = folder / "part.parquet"
        write_local(file, schema, tables, counts)
        store.put(path, file)


def read_counts(store: Store, path: str) -> dict[str, int]:
    """Return the counts that were stored with a part."""
    metadata = _open(store, path).metadata.metadata or {}
    return msgspec.json.decode(metadata.get(_COUNTS, b"{}"), type=dict[str, int])


def read_table(store: Store, path: str, columns: Sequence[str] | None = None) -> pa.Table:
    """Return columns of a part (default: all)."""
    file = _open(store, path)
    with _parquet_errors(store, path):
        return file.read(columns=None if columns is None else list(columns))


def row_groups(store: Store, path: str, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """Yield columns of a part, one row group at a time."""
    file = _open(store, path)
    for group in range(file.num_row_groups):
        yield _read_group(store, path, file, group, columns)


def first_rows(store: Store, path: str, target: Path, n_rows: int) -> None:
    """Write the first rows of a Parquet file to the local disk, or with 0 its columns alone."""
    import pyarrow.parquet as pq

    file = _open(store, path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _parquet_errors(store, path), pq.ParquetWriter(target, file.schema_arrow) as writer:
        for batch in file.iter_batches(n_rows) if n_rows else ():
            writer.write_batch(batch)
            break


def read_groups(store: Store, path: str, groups: Sequence[int]) -> Iterator[pa.Table]:
    """Yield some row groups of a part by their numbers."""
    file = _open(store, path)
    for group in groups:
        yield _read_group(store, path, file, group, None)


def read_rows(
    store: Store, path: str, rows: Sequence[int], columns: Sequence[str]
) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield some rows of a part by their numbers, in ascending order; only their row groups are read."""
    file = _open(store, path)
    wanted = sorted(set(rows))
    start = position = 0
    for group in range(file.num_row_groups):
        end = start + file.metadata.row_group(group).num_rows
        first = position
        while position < len(wanted) and wanted[position] < end:
            position += 1
        if position > first:
            numbers = wanted[first:position]
            table = _read_group(store, path, file, group, columns).take([number - start for number in numbers])
            yield from zip(numbers, table.to_pylist(), strict=True)
        start = end


def _open(store: Store, path: str) -> pq.ParquetFile:
    import pyarrow.parquet as pq

    with _parquet_errors(store, path):
        return pq.ParquetFile(StoreFile(store, path))


def _read_group(store: Store, path: str, file: pq.ParquetFile, group: int, columns: Sequence[str] | None) -> pa.Table:
    with _parquet_errors(store, path):
        return file.read_row_group(group, columns=None if columns is None else list(columns))


@contextmanager
def _parquet_errors(store: Store, path: str) -> Iterator[None]:
    """Report an error of pyarrow as a damaged part, with the command that writes it again."""
    import pyarrow as pa

    try:
        yield
    except GoldwireError:  # of the store
        raise
    except (pa.ArrowException, OSError) as error:
        problem = f"not a Parquet file, or damaged ({str(error).strip().splitlines()[0]})"
        command = _COMMANDS.get(path.partition("/")[0])
        hint = f"delete it, then run `goldwire {command}` again" if command else "fix or remove the file"
        raise DataError(problem, location=f"{store.url}/{path}", hint=hint) from None
