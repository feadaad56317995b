"""Raw files of many rows: JSON Lines, CSV and Parquet, a row at a time, in bounded memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from goldwire.rawrecord import LONGEST_FILE, Fault, RawRecord, from_row
from goldwire.sources import Fields

__all__ = ["csv_rows", "json_lines", "parquet_rows"]

_ROWS = 1024  # of Parquet at a time


def json_lines(file: BinaryIO, fields: Fields) -> Iterator[RawRecord | Fault]:
    """Read JSON Lines; a line that is blank is none."""
    number = -1
    while line := file.readline(LONGEST_FILE + 1):
        number += 1
        if len(line) > LONGEST_FILE:
            size = len(line)
            while not line.endswith(b"\n") and (line := file.readline(1 << 20)):
                size += len(line)
            yield Fault(record=number, reason="line-too-long", detail=f"{size} bytes, at most {LONGEST_FILE}")
        elif line.strip(b" \t\r\n\xef\xbb\xbf"):
            yield _line(number, line.removeprefix(b"\xef\xbb\xbf"), fields)
    if number < 0:
        yield Fault(record=None, reason="empty", detail="0 bytes")


def _line(number: int, line: bytes, fields: Fields) -> RawRecord | Fault:
    try:
        row: Any = msgspec.json.decode(line)
    except UnicodeDecodeError as error:
        return Fault(record=number, reason="not-utf-8", detail=f"byte at {error.start} of the line")
    except msgspec.DecodeError as error:
        return Fault(record=number, reason="bad-json", detail=str(error))
    return from_row(number, row, fields)


def csv_rows(file: BinaryIO, fields: Fields) -> Iterator[RawRecord | Fault]:
    """Read comma- or tab-separated rows below a line of names; a row's number counts rows, not lines."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    number = -1
    try:
        head = text.readline(LONGEST_FILE)
        if not head.strip():
            yield Fault(record=None, reason="empty", detail="no line of names")
            return
        tabs = head.count("\t") > head.count(",")
        names = next(csv.reader([head], "excel-tab" if tabs else "excel"))
        # The csv module's own limit of 131,072 characters a value is global state: left as it is, a longer one a fault.
        reader = csv.reader(text, "excel-tab" if tabs else "excel", strict=True)
        for values in reader:
            if values:
                number += 1
                yield from_row(number, dict(zip(names, values, strict=False)), fields)
    except UnicodeDecodeError as error:
        yield Fault(record=number + 1, reason="not-utf-8", detail=f"byte {error.object[error.start]:#04x}")
    except csv.Error as error:
        yield Fault(record=number + 1, reason="bad-csv", detail=f"{error}; rows below are not read")


def parquet_rows(file: BinaryIO, fields: Fields) -> Iterator[RawRecord | Fault]:
    """Read Parquet, only the columns that the source names."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = -1
    try:
        table = pq.ParquetFile(file)
        wanted = {fields.text, fields.title, fields.url, fields.published}
        columns = [name for name in table.schema_arrow.names if name in wanted]
        for batch in table.iter_batches(_ROWS, columns=columns):
            for row in batch.to_pylist():
                number += 1
                yield from_row(number, row, fields)
    except (pa.ArrowException, OSError) as error:
        line = str(error).split("\n")[0]
        yield Fault(record=None if number < 0 else number + 1, reason="bad-parquet", detail=line)
