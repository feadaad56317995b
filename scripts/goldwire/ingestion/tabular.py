"""Raw files of many rows: JSON Lines, CSV and Parquet, a row at a time, in bounded memory."""

from __future__ import annotations

import codecs
import csv
import io
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, BinaryIO, cast

import msgspec

from goldwire.ingestion.raw_record import LONGEST_FILE, LONGEST_LINE, Fault, RawRecord, Span, from_row
from goldwire.text import encodings
from goldwire.workspace.sources import Fields

__all__ = ["Chosen", "csv_rows", "json_lines", "json_lines_within", "line_reader", "parquet_rows"]

Chosen = Callable[[bytes | msgspec.Raw], bool]
"""Tells by its bytes whether a page is to be read."""

_ReadLine = Callable[[int], bytes]
_ROWS, _BYTES = 1024, 64 << 20  # of Parquet at a time, whichever is fewer
_MARK = codecs.BOM_UTF8
_decode: Callable[[bytes], Any] = msgspec.json.Decoder().decode


def line_reader(file: BinaryIO, *, any_end: bool = False) -> _ReadLine:
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


def json_lines(file: BinaryIO, fields: Fields, charset: str | None = None) -> Iterator[RawRecord | Fault]:
    """Read JSON Lines; a line that is blank is none."""
    number = -1
    readline = line_reader(file)
    while line := readline(LONGEST_FILE + 1):
        number += 1
        if len(line) > LONGEST_FILE:
            yield _too_long(number, line, readline)
        elif not _is_blank(line):
            yield _line(number, line, fields, charset)
    if number < 0:
        yield Fault(record=None, reason="empty", detail="0 bytes")


def json_lines_within(
    file: BinaryIO, span: Span, fields: Fields, charset: str | None = None, chosen: Chosen | None = None
) -> Iterator[RawRecord | Fault]:
    """Read the lines that begin within a span of a file of JSON Lines that is not in wide characters.

    Where some are `chosen`, by what their text is written as, the others are passed over unread.
    """
    place, stop, number = span.start, span.start + span.size, span.first
    if place:
        file.seek(place - 1)
        place += len(file.readline(span.size + 1)) - 1  # the rest of a line that began before
    while place < stop and (line := file.readline(LONGEST_FILE + 1)):
        if len(line) > LONGEST_FILE:
            yield _too_long(number, line, file.readline)
            place = file.tell()
        else:
            place += len(line)
            if not _is_blank(line) and (chosen is None or chosen(_written(line, fields))):
                yield _line(number, line, fields, charset)
        number += 1


def _too_long(number: int, line: bytes, readline: _ReadLine) -> Fault:
    size = len(line) + _skip_line(readline, line)
    return Fault(record=number, reason="line-too-long", detail=f"{size} bytes, at most {LONGEST_FILE}")


def _is_blank(line: bytes) -> bool:
    return not line.startswith(b"{") and not line.strip(b" \t\r\n" + _MARK)


def _skip_line(readline: _ReadLine, line: bytes) -> int:
    """Skip the rest of a line that is too long; gives its size."""
    size = 0
    while not line.endswith((b"\n", b"\r")) and (line := readline(1 << 20)):
        size += len(line)
    return size


def _line(number: int, line: bytes, fields: Fields, charset: str | None) -> RawRecord | Fault:
    line = line.removeprefix(_MARK)
    try:
        row = _decode(line)  # which refuses what is not UTF-8: only of that a look at the bytes is worth its time
    except (UnicodeDecodeError, msgspec.DecodeError):
        try:
            row = _decode(_utf8(line, charset))
        except UnicodeDecodeError as error:
            return Fault(record=number, reason="not-utf-8", detail=f"byte at {error.start} of the line")
        except msgspec.DecodeError as error:
            return Fault(record=number, reason="bad-json", detail=str(error))
    return from_row(number, row, fields)


def _written(line: bytes, fields: Fields) -> bytes | msgspec.Raw:
    """Give a line's text as JSON has it, in a fifth of the time of reading it; where it has none, the line."""
    try:
        return _text_of(fields.text).decode(line).text or line
    except ValueError:  # of a line that is no such row, or a name with a quote in it
        return line


@cache
def _text_of(field: str) -> msgspec.json.Decoder[Any]:
    kind = msgspec.defstruct("Row", [("text", msgspec.Raw, msgspec.Raw())], rename={"text": field})
    return msgspec.json.Decoder(kind)


def _utf8(line: bytes, charset: str | None) -> bytes:
    """Give a line in UTF-8, decoded from what it is in where it is in something else."""
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return encodings.decode_line(line, charset)[0].encode("utf-8")
    return line


def csv_rows(file: BinaryIO, fields: Fields, charset: str | None = None) -> Iterator[RawRecord | Fault]:
    """Read comma- or tab-separated rows below a line of names; a row's number counts rows, not lines.

    A row that cannot be read is a fault, and reading goes on at the next line: a quote that is never closed costs one.
    """
    readline = line_reader(file, any_end=True)
    head = readline(LONGEST_FILE).removeprefix(_MARK)
    if not head.strip():
        yield Fault(record=None, reason="empty", detail="no line of names")
        return
    dialect = "excel-tab" if head.count(b"\t") > head.count(b",") else "excel"
    names = _values(head, dialect, charset)
    if isinstance(names, Fault):
        yield names
        return
    number = -1
    waiting: deque[bytes] = deque()

    def next_line(most: int) -> bytes:
        return waiting.popleft() if waiting else readline(most)

    while line := next_line(LONGEST_FILE + 1):
        if not line.strip(b"\r\n"):
            continue
        number += 1
        if len(line) > LONGEST_FILE:
            yield _too_long(number, line, readline)
            continue
        values, unread = _row(line, dialect, charset, next_line)
        waiting.extendleft(reversed(unread))
        if isinstance(values, Fault):
            yield msgspec.structs.replace(values, record=number)
        else:
            yield from_row(number, dict(zip(names, values, strict=False)), fields)


def _row(
    line: bytes, dialect: str, charset: str | None, next_line: _ReadLine
) -> tuple[list[str] | Fault, Sequence[bytes]]:
    """Read the row that a line begins, which goes on while a quote is open; gives it and the lines to read again."""
    values = _values(line, dialect, charset)
    if not isinstance(values, Fault) or line.count(b'"') % 2 == 0:
        return values, ()
    taken, size, quotes = [line], len(line), 1
    while quotes % 2 and size < LONGEST_LINE and (more := next_line(LONGEST_LINE)):
        taken.append(more)
        size, quotes = size + len(more), quotes + more.count(b'"')
    values = _values(b"".join(taken), dialect, charset)
    return values, taken[1:] if isinstance(values, Fault) and values.reason == "bad-csv" else ()


def _values(row: bytes, dialect: str, charset: str | None) -> list[str] | Fault:
    """Read a row; the fault's number is for the caller to say."""
    if b"\0" in row:
        return Fault(record=None, reason="binary", detail=f"a zero byte at {row.index(0)} of the row")
    try:
        # The csv module's own limit of 131,072 characters a value is global state: left as it is, a longer one a fault.
        return next(csv.reader([_utf8(row, charset).decode("utf-8")], dialect, strict=True))
    except UnicodeDecodeError as error:
        return Fault(record=None, reason="not-utf-8", detail=f"byte {error.object[error.start]:#04x}")
    except csv.Error as error:
        return Fault(record=None, reason="bad-csv", detail=str(error))


def parquet_rows(file: BinaryIO, fields: Fields) -> Iterator[RawRecord | Fault]:
    """Read Parquet, only the columns that the source names."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = -1
    try:
        table = pq.ParquetFile(file)
        wanted = {fields.text, fields.html, fields.title, fields.url, fields.published}
        columns = [name for name in table.schema_arrow.names if name in wanted]
        for batch in table.iter_batches(_rows(table.metadata), columns=columns):
            for row in batch.to_pylist():
                number += 1
                yield from_row(number, row, fields)
    except (pa.ArrowException, OSError) as error:
        line = str(error).split("\n")[0]
        yield Fault(record=None if number < 0 else number + 1, reason="bad-parquet", detail=line)


def _rows(metadata: Any) -> int:
    """Give how many rows to read at a time, by what the file says of its row groups before they are packed."""
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    largest = max((group.total_byte_size / max(group.num_rows, 1) for group in groups), default=1.0)
    return int(min(_ROWS, max(1, _BYTES / max(largest, 1))))
