"""Tables of a release as Parquet files: the same bytes for the same rows, and digests of their content.

Chunks are cut where the content says (content-defined chunking), so that the Hub's storage uploads only the parts of a
file that a version changed; a page index lets a reader skip pages. A large table is divided into shards.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from goldwire.errors import DataError, MissingFileError
from goldwire.release.features import class_labels, label_decoder, label_encoder

if TYPE_CHECKING:
    import pyarrow as pa
    from datasets import Features

__all__ = [
    "content_digest",
    "data_file",
    "data_files",
    "iter_rows",
    "read_shards",
    "read_table",
    "split_pattern",
    "to_bytes",
    "to_shards",
    "to_table",
]

# Rows per row group: about 20 MB of articles, small enough to stream from the Hub.
_ROW_GROUP_SIZE = 5_000
_BATCH_SIZE = 1_000
_MAX_SHARD_BYTES = (
    500_000_000  # as `datasets` divides: one shard for each worker that loads, none of them huge in memory
)


def data_file(config: str, split: str, shard: int = 0, n_shards: int = 1) -> str:
    """Return the path of a shard of a config's split within a release."""
    return f"data/{config}/{split}-{shard:05d}-of-{n_shards:05d}.parquet"


def data_files(paths: Iterable[str], config: str, split: str) -> list[str]:
    """Return those of the paths that are shards of a config's split, in order."""
    pattern = re.compile(rf"data/{re.escape(config)}/{re.escape(split)}-\d{{5}}-of-\d{{5}}\.parquet")
    return sorted(path for path in paths if pattern.fullmatch(path))


def split_pattern(config: str, split: str) -> str:
    """Return the pattern of the shards of a config's split, as the Hub writes it."""
    return f"data/{config}/{split}-*"


def to_shards(table: pa.Table, *, max_bytes: int = _MAX_SHARD_BYTES) -> list[pa.Table]:
    """Divide a table into shards of about the same number of rows, each of at most `max_bytes` in memory or one row."""
    n_shards = max(1, min(table.num_rows, -(-table.nbytes // max_bytes)))
    bounds = [table.num_rows * number // n_shards for number in range(n_shards + 1)]
    return [table.slice(start, end - start) for start, end in pairwise(bounds)]


def to_table(rows: Sequence[Mapping[str, Any]], features: Features) -> pa.Table:
    """Return an Arrow table of rows whose labels are names.

    Raises
    ------
    DataError
        If a label is not among the names of its feature.
    """
    import pyarrow as pa

    encode = label_encoder(features)
    try:
        return pa.Table.from_pylist([encode(row) for row in rows] if encode else rows, schema=features.arrow_schema)
    except KeyError as error:
        raise DataError(f"label {error} is not in the schema", hint="run `goldwire check`") from None


def iter_rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table, labels as names."""
    from datasets import Features

    decode = label_decoder(Features.from_arrow_schema(table.schema))
    for batch in table.to_batches(max_chunksize=_BATCH_SIZE):
        yield from map(decode, batch.to_pylist()) if decode else batch.to_pylist()


def to_bytes(table: pa.Table) -> bytes:
    """Return the table as a Parquet file: the same bytes each time with the same version of pyarrow."""
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(
        table,
        sink,
        row_group_size=_ROW_GROUP_SIZE,
        compression="zstd",
        compression_level=9,
        version="2.6",
        write_page_index=True,
        use_content_defined_chunking=True,
    )
    return sink.getvalue()


def read_table(path: Path) -> pa.Table:
    """Read a Parquet file.

    Raises
    ------
    MissingFileError
        If the file is missing.
    DataError
        If it cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    hint = "restore the release from git"
    try:
        with path.open("rb") as file:
            return pq.read_table(file)
    except FileNotFoundError:
        raise MissingFileError("no such file", location=path, hint=hint) from None
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # the file system's, and not pyarrow's
            raise
        raise DataError(f"not readable as Parquet: {error}", location=path, hint=hint) from None


def read_shards(folder: Path, paths: Sequence[str]) -> pa.Table:
    """Read the shards of a table; see `read_table`."""
    import pyarrow as pa

    return pa.concat_tables([read_table(folder / path) for path in paths])


def content_digest(table: pa.Table) -> str:
    """Return the SHA-256 of a table's content: its columns, the names of its labels, each row as canonical JSON.

    Unlike the digest of the file it does not change with the version of the library that wrote the file.
    """
    from datasets import Features

    labels = {name: class_labels(feature) for name, feature in Features.from_arrow_schema(table.schema).items()}
    digest = hashlib.sha256(json.dumps([table.column_names, labels], sort_keys=True).encode())
    encode = msgspec.json.Encoder(order="deterministic").encode
    for batch in table.to_batches(max_chunksize=_BATCH_SIZE):
        for row in batch.to_pylist():
            digest.update(b"\n" + encode(row))
    return digest.hexdigest()
