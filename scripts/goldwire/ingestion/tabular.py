"""Raw files of many rows: JSON Lines, CSV, Parquet and Arrow, read row by row in bounded memory."""

from __future__ import annotations

import codecs
import csv
import io
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, BinaryIO, cast

import msgspec

from goldwire.errors import DECODE_ERRORS, decode_problem
from goldwire.ingestion.raw_record import (
    MAX_FILE_BYTES,
    MAX_LINE_BYTES,
    FileSpan,
    RawRecord,
    ReadProblem,
    record_from_row,
)
from goldwire.ingestion.row_fields import named_columns
from goldwire.text import encodings
from goldwire.workspace.sources import Fields

__all__ = [
    "PageFilter",
    "ReadLine",
    "arrow_rows",
    "csv_rows",
    "json_lines",
    "json_lines_from",
    "json_lines_within",
    "line_reader",
    "parquet_rows",
    "to_utf8",
]

PageFilter = Callable[[bytes | msgspec.Raw], bool]
"""Returns whether to read a page, by its bytes."""

ReadLine = Callable[[int], bytes]
"""Reads a line of at most that number of bytes."""

_MAX_ROWS, _MAX_BYTES = 1024, 64 << 20  # of Parquet at a time
_ARROW = b"ARROW1"  # with which the file format begins
_DELIMITERS = ",\t;"  # of CSV; the semicolon is that of spreadsheets where the comma is the decimal mark
_MARK = codecs.BOM_UTF8
_decode: Callable[[bytes], Any] = msgspec.json.Decoder().decode


def line_reader(file: BinaryIO, *, any_end: bool = False) -> ReadLine:
    """Return a `readline` function that transcodes a file with a UTF-16 or UTF-32 byte order mark to UTF-8.

    The bytes of other files are read unchanged. With `any_end`, a lone CR ends a line, too.
    """
    buffered = file if hasattr(file, "peek") else io.BufferedReader(cast(io.RawIOBase, file))
    wide = encodings.wide_encoding(cast(io.BufferedReader, buffered).peek(4)[:4])
    if wide is None and not any_end:
        return buffered.readline
    # Latin-1 maps each byte to one character and back.
    errors, newline = ("strict", "") if wide is None else ("replace", "" if any_end else "\n")
    text = io.TextIOWrapper(buffered, encoding=wide or "latin-1", errors=errors, newline=newline)
    encoding = "latin-1" if wide is None else "utf-8"
    return lambda size: text.readline(size).encode(encoding, "replace")


def json_lines(file: BinaryIO, fields: Fields, charset: str | None = None) -> Iterator[RawRecord | ReadProblem]:
    """Yield the records of JSON Lines; blank lines are skipped."""
    return json_lines_from(line_reader(file), fields, charset)


def json_lines_from(
    readline: ReadLine, fields: Fields, charset: str | None = None
) -> Iterator[RawRecord | ReadProblem]:
    """Yield the records of the lines that a function reads."""
    number = -1
    while line := readline(MAX_FILE_BYTES + 1):
        number += 1
        if len(line) > MAX_FILE_BYTES:
            yield _too_long(number, line, readline)
        elif not _is_blank(line):
            yield _line(number, line, fields, charset)
    if number < 0:
        yield ReadProblem(row=None, reason="empty", detail="0 bytes")


def json_lines_within(
    file: BinaryIO, span: FileSpan, fields: Fields, charset: str | None = None, chosen: PageFilter | None = None
) -> Iterator[RawRecord | ReadProblem]:
    """Yield the records of lines that start within a span of JSON Lines; the file is not UTF-16 or UTF-32.

    With `chosen`, lines whose text it does not accept are skipped without being parsed.
    """
    offset, stop, number = span.start, span.start + span.size, span.first
    if offset:
        file.seek(offset - 1)
        offset += len(file.readline(span.size + 1)) - 1  # the rest of a line that started before
    while offset < stop and (line := file.readline(MAX_FILE_BYTES + 1)):
        if len(line) > MAX_FILE_BYTES:
            yield _too_long(number, line, file.readline)
            offset = file.tell()
        else:
            offset += len(line)
            if not _is_blank(line) and (chosen is None or chosen(_text_bytes(line, fields))):
                yield _line(number, line, fields, charset)
        number += 1


def _too_long(number: int, line: bytes, readline: ReadLine) -> ReadProblem:
    size = len(line) + _skip_line(readline, line)
    return ReadProblem(row=number, reason="line-too-long", detail=f"{size} bytes, at most {MAX_FILE_BYTES}")


def _is_blank(line: bytes) -> bool:
    return not line.startswith(b"{") and not line.strip(b" \t\r\n" + _MARK)


def _skip_line(readline: ReadLine, line: bytes) -> int:
    """Skip the rest of a line that is too long; return its size."""
    size = 0
    while not line.endswith((b"\n", b"\r")) and (line := readline(1 << 20)):
        size += len(line)
    return size


def _line(number: int, line: bytes, fields: Fields, charset: str | None) -> RawRecord | ReadProblem:
    line = line.removeprefix(_MARK)
    try:
        row = _decode(line)  # fails if not UTF-8: only then the encoding is checked
    except DECODE_ERRORS:
        try:
            row = _decode(to_utf8(line, charset))
        except UnicodeDecodeError as error:
            return ReadProblem(row=number, reason="not-utf-8", detail=f"byte at {error.start} of the line")
        except DECODE_ERRORS as error:
            return ReadProblem(row=number, reason="bad-json", detail=decode_problem(error))
    return record_from_row(number, row, fields)


def _text_bytes(line: bytes, fields: Fields) -> bytes | msgspec.Raw:
    """Return the text of a line as JSON source, in a fifth of the time of parsing; without a text, the line."""
    try:
        return _text_decoder(fields.text or "text").decode(line).text or line
    except (ValueError, RecursionError):  # not such a row, or a field name with a quotation mark
        return line


@cache
def _text_decoder(field: str) -> msgspec.json.Decoder[Any]:
    kind = msgspec.defstruct("Row", [("text", msgspec.Raw, msgspec.Raw())], rename={"text": field})
    return msgspec.json.Decoder(kind)


def to_utf8(line: bytes, charset: str | None) -> bytes:
    """Return a line in UTF-8, transcoded if it is in another encoding."""
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return encodings.decode_line(line, charset)[0].encode("utf-8")
    return line


def csv_rows(file: BinaryIO, fields: Fields, charset: str | None = None) -> Iterator[RawRecord | ReadProblem]:
    """Yield the records of rows below a header, separated by comma, tab or semicolon; numbers count rows, not lines.

    After a row that cannot be read, reading continues at the next line: an unclosed quotation mark costs one row.
    """
    readline = line_reader(file, any_end=True)
    header = readline(MAX_FILE_BYTES).removeprefix(_MARK)
    if not header.strip():
        yield ReadProblem(row=None, reason="empty", detail="no header")
        return
    delimiter = max(_DELIMITERS, key=lambda character: header.count(character.encode()))
    names = _values(header, delimiter, charset)
    if isinstance(names, ReadProblem):
        yield names
        return
    number = -1
    waiting: deque[bytes] = deque()

    def next_line(size: int) -> bytes:
        return waiting.popleft() if waiting else readline(size)

    while line := next_line(MAX_FILE_BYTES + 1):
        if not line.strip(b"\r\n"):
            continue
        number += 1
        if len(line) > MAX_FILE_BYTES:
            yield _too_long(number, line, readline)
            continue
        values, unread = _row(line, delimiter, charset, next_line)
        waiting.extendleft(reversed(unread))
        if isinstance(values, ReadProblem):
            yield msgspec.structs.replace(values, row=number)
        else:
            yield record_from_row(number, dict(zip(names, values, strict=False)), fields)


def _row(
    line: bytes, delimiter: str, charset: str | None, next_line: ReadLine
) -> tuple[list[str] | ReadProblem, Sequence[bytes]]:
    """Return the values of the row that a line starts, and the lines to read again; an open quote continues the row."""
    values = _values(line, delimiter, charset)
    if not isinstance(values, ReadProblem) or line.count(b'"') % 2 == 0:
        return values, ()
    lines, size, quotes = [line], len(line), 1
    while quotes % 2 and size < MAX_LINE_BYTES and (more := next_line(MAX_LINE_BYTES)):
        lines.append(more)
        size, quotes = size + len(more), quotes + more.count(b'"')
    values = _values(b"".join(lines), delimiter, charset)
    return values, lines[1:] if isinstance(values, ReadProblem) and values.reason == "bad-csv" else ()


def _values(row: bytes, delimiter: str, charset: str | None) -> list[str] | ReadProblem:
    """Return the values of a row, or its problem without the row number."""
    if b"\0" in row:
        return ReadProblem(row=None, reason="binary", detail=f"a zero byte at {row.index(0)} of the row")
    try:
        # The csv module's limit of 131,072 characters per value is global state and not changed; more is a problem.
        return next(csv.reader([to_utf8(row, charset).decode("utf-8")], delimiter=delimiter, strict=True))
    except UnicodeDecodeError as error:
        return ReadProblem(row=None, reason="not-utf-8", detail=f"byte {error.object[error.start]:#04x}")
    except csv.Error as error:
        return ReadProblem(row=None, reason="bad-csv", detail=str(error))


def parquet_rows(file: BinaryIO, fields: Fields) -> Iterator[RawRecord | ReadProblem]:
    """Yield the records of Parquet, from the columns that the source names or that have a common name."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = -1
    try:
        table = pq.ParquetFile(file)
        columns = named_columns(table.schema_arrow.names, fields)
        for batch in table.iter_batches(_rows(table.metadata), columns=columns):
            for row in batch.to_pylist():
                number += 1
                yield record_from_row(number, row, fields)
    except (pa.ArrowException, OSError) as error:
        line = str(error).split("\n")[0]
        yield ReadProblem(row=None if number < 0 else number + 1, reason="bad-parquet", detail=line)


def arrow_rows(file: BinaryIO, fields: Fields) -> Iterator[RawRecord | ReadProblem]:
    """Yield the records of an Arrow file, as `datasets` saves one, in Arrow's stream or file format."""
    import pyarrow as pa

    number = -1
    try:
        is_stream = file.read(len(_ARROW)) != _ARROW
        file.seek(0)
        for batch in pa.ipc.open_stream(file) if is_stream else _batches(pa.ipc.open_file(file)):
            columns = batch.select(named_columns(batch.schema.names, fields))
            for start in range(0, len(columns), _MAX_ROWS):
                for row in columns.slice(start, _MAX_ROWS).to_pylist():
                    number += 1
                    yield record_from_row(number, row, fields)
    except (pa.ArrowException, OSError) as error:
        line = str(error).split("\n")[0]
        yield ReadProblem(row=None if number < 0 else number + 1, reason="bad-arrow", detail=line)


def _batches(reader: Any) -> Iterator[Any]:
    return (reader.get_batch(number) for number in range(reader.num_record_batches))


def _rows(metadata: Any) -> int:
    """Return the number of rows to read at a time, by the uncompressed size of row groups in the file's metadata."""
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    largest = max((group.total_byte_size / max(group.num_rows, 1) for group in groups), default=1.0)
    return int(min(_MAX_ROWS, max(1, _MAX_BYTES / max(largest, 1))))
