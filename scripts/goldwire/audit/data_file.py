"""Opened data files, and the temporary Parquet files that text formats are converted to."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import msgspec

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

__all__ = ["OpenedFile", "ParquetBuffer", "Problem", "one_line", "open_bytes", "uncompressed_name"]

_PACKED = (".gz", ".zst", ".bz2", ".xz")


class Problem(msgspec.Struct, frozen=True):
    """A problem with a file or a line: the code of its finding; `file` is a position among the opened files."""

    code: str
    line: int | None
    message: str
    file: int = 0


class OpenedFile(msgspec.Struct, frozen=True):
    """The rows of a file, numbered by `row` (the line, from 1), and its problems."""

    frame: pl.LazyFrame
    problems: tuple[Problem, ...] = ()


def uncompressed_name(file: Path) -> str:
    """Return the file's name in lower case, without the suffix of a compression format."""
    name = file.name.lower()
    return name[: -len(file.suffix)] if name.endswith(_PACKED) else name


def open_bytes(file: Path) -> BinaryIO:
    """Open the file for reading, decompressed."""
    packed = file.suffix.lower()
    if packed == ".zst":
        import pyarrow as pa

        file.open("rb").close()  # raises OSError with errno, unlike pyarrow
        return cast(BinaryIO, io.BufferedReader(pa.input_stream(str(file), compression="zstd")))
    openers: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
    return cast(BinaryIO, openers[packed](file, "rb") if packed in openers else file.open("rb"))


def one_line(error: BaseException) -> str:
    """Return the first line of an error message."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


class ParquetBuffer:
    """Temporary Parquet files, one per schema, that are read back as one frame."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.writers: dict[pa.Schema, tuple[Path, Any]] = {}

    def put(self, table: pa.Table) -> None:
        """Add rows."""
        import pyarrow.parquet as pq

        if table.schema not in self.writers:
            path = Path(tempfile.mkstemp(dir=self.folder, suffix=".parquet")[1])
            # As large as the JSON source; lz4 would halve that and take three times as long to write.
            options = {"compression": "none", "use_dictionary": False, "write_statistics": False}
            writer = pq.ParquetWriter(path, table.schema, **options)
            self.writers[table.schema] = path, writer
        self.writers[table.schema][1].write_table(table)

    def frame(self) -> pl.LazyFrame:
        """Return all rows, with columns of different types cast to a common type."""
        import polars as pl

        for _, writer in self.writers.values():
            writer.close()
        return pl.concat([pl.scan_parquet(path) for path, _ in self.writers.values()], how="vertical_relaxed")
