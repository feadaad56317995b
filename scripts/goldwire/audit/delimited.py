"""CSV and similar files, with any separator and encoding; each row with the line that it starts at."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from goldwire.audit.data_file import OpenedFile, ParquetBuffer, Problem, open_bytes, uncompressed_name
from goldwire.errors import DataError

if TYPE_CHECKING:
    import polars as pl

__all__ = ["TextEncoding", "csv_names", "detect_encoding", "encoding_problem", "is_table", "open_csv"]

_SEPARATORS = ",;\t|"
_HEAD_BYTES = 1 << 18  # read to detect the dialect
_CHUNK_ROWS = 50_000
_MAX_FIELD = 1 << 24  # characters; the csv module stops at 131,072, which an article may have
_MAX_COLUMN_NAME = 60  # characters: a longer value is not a column name

_SEPARATOR_LINES = 100
_HEADER_NAMES = frozenset(("text", "sentence", "label", "id", "tweet", "content", "title", "stance", "target", "body"))

_Quoting = Literal[0, 3]  # csv.QUOTE_MINIMAL, csv.QUOTE_NONE


class TextEncoding(msgspec.Struct, frozen=True):
    """The encoding of a text file; `bad` is the line and offset of the first byte that is not UTF-8."""

    name: str
    bad: tuple[int, int] | None = None


class _Dialect(msgspec.Struct, frozen=True):
    """Encoding, separators and columns of a delimited file."""

    encoding: TextEncoding
    separator: str
    quoting: _Quoting
    names: tuple[str, ...]
    has_header: bool


def csv_names(file: Path) -> list[str]:
    """Return the column names: the first row, or `column_1`, ... if that is a row like the others."""
    return list(_detect_dialect(file).names)


def open_csv(file: Path, names: Sequence[str], folder: Path, rows: int | None) -> OpenedFile:
    """Open the named columns as text, or those of the first `rows`, with numbers as integers."""
    import polars as pl

    dialect = _detect_dialect(file, whole=rows is None)
    problems: list[Problem] = []
    parsed_rows = _rows(file, dialect, problems)
    if rows is not None:
        frame = _frame(list(islice(parsed_rows, rows)), dialect, names)
        numbers = [name for name in names if frame[name].len() and _is_number(frame[name])]
        return OpenedFile(frame.with_columns(pl.col(numbers).cast(pl.Int64)).lazy())
    problems += encoding_problem(dialect.encoding)
    spill = ParquetBuffer(folder)
    while piece := list(islice(parsed_rows, _CHUNK_ROWS)):
        spill.put(_frame(piece, dialect, names).to_arrow(compat_level=pl.CompatLevel.oldest()))
    spill.put(_frame([], dialect, names).to_arrow(compat_level=pl.CompatLevel.oldest()))
    return OpenedFile(spill.frame(), tuple(problems))


def _is_number(values: pl.Series) -> bool:
    present = values.drop_nulls()
    return present.len() > 0 and bool(present.str.contains(r"^-?\d{1,18}$").all())


def _frame(rows: Sequence[tuple[int, list[str]]], dialect: _Dialect, names: Sequence[str]) -> pl.DataFrame:
    import polars as pl

    columns = {"row": pl.Series("row", [line for line, _ in rows], pl.UInt32)}
    for name in names:
        at = dialect.names.index(name)
        columns[name] = pl.Series(name, [row[at] or None for _, row in rows], pl.String)
    return pl.DataFrame(columns)


def _rows(file: Path, dialect: _Dialect, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """Yield rows with the line that each starts at; one with too many or too few fields goes to `problems`."""
    width = len(dialect.names)
    with io.TextIOWrapper(open_bytes(file), dialect.encoding.name, "replace", newline="") as opened:
        for line, row in _parse_rows(opened, dialect, file):
            if len(row) < width:
                problems.append(Problem("field-missing", line, f"{len(row)} fields, the header has {width}"))
            elif any(row[width:]):
                problems.append(Problem("field-unknown", line, f"{len(row)} fields, the header has {width}"))
            else:
                yield line, row


def _parse_rows(opened: io.TextIOBase, dialect: _Dialect, file: object) -> Iterator[tuple[int, list[str]]]:
    limit = csv.field_size_limit(_MAX_FIELD)
    reader = csv.reader(opened, delimiter=dialect.separator, quoting=dialect.quoting)
    try:
        line = 1
        for number, row in enumerate(reader):
            if row and (number or not dialect.has_header):
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(str(error), location=f"{file}:{reader.line_num}", hint="fix or remove the file") from None
    finally:
        csv.field_size_limit(limit)


def detect_encoding(file: Path, *, whole: bool = False) -> TextEncoding:
    """Return the encoding by the beginning of the file; with `whole`, check that all of it is UTF-8."""
    with open_bytes(file) as opened:
        head = opened.read(_HEAD_BYTES)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return TextEncoding("utf-16", (1, 0))
    bad = _not_utf8(file) if whole else _bad_byte((head,))
    return TextEncoding("utf-8-sig" if bad is None else "cp1252", bad)


def encoding_problem(encoding: TextEncoding) -> list[Problem]:
    """Return the problem of a file that is not UTF-8: code, line, message."""
    if encoding.bad is None:
        return []
    line, at = encoding.bad
    return [Problem("file-not-utf8", line, f"byte {at} of the file; read as {encoding.name} here")]


def _detect_dialect(file: Path, *, whole: bool = False) -> _Dialect:
    """Return the dialect by the beginning of the file; with `whole`, check that all of it is UTF-8."""
    encoding = detect_encoding(file, whole=whole)
    with open_bytes(file) as opened:
        head = opened.read(_HEAD_BYTES)
    text = head.decode(encoding.name, "replace")
    if not text.strip():
        return _Dialect(encoding, ",", csv.QUOTE_MINIMAL, (), has_header=True)
    lines = list(io.StringIO(text, newline=""))
    lines = lines[:-1] if len(head) == _HEAD_BYTES and len(lines) > 1 else lines
    separator = _separator(lines[:_SEPARATOR_LINES], uncompressed_name(file))
    quotings: tuple[_Quoting, ...] = (csv.QUOTE_MINIMAL, csv.QUOTE_NONE)
    counted = {quoting: list(_try(lines, separator, quoting)) for quoting in quotings}
    # Tables of sentences are often written without quoting: a quotation mark then does not open a field.
    quoting = min(counted, key=lambda quoting: sum(len(row) != len(counted[quoting][0]) for row in counted[quoting]))
    rows = counted[quoting]
    has_header = not _is_data_row(rows)
    names = rows[0] if has_header else [f"column_{number}" for number in range(1, len(rows[0]) + 1)]
    return _Dialect(encoding, separator, quoting, _unique(names), has_header)


def is_table(file: Path) -> bool:
    """Whether a text file is a table: nearly all lines have the same number of tabs."""
    with open_bytes(file) as opened:
        head = opened.read(_HEAD_BYTES)
    lines = [line for line in head.split(b"\n")[:-1] or [head] if line.strip()]
    count, n_lines = Counter(line.count(b"\t") for line in lines).most_common(1)[0] if lines else (0, 0)
    return count > 0 and n_lines >= 0.9 * len(lines)


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of all columns, with a number if one has none or that of an earlier one."""
    unique: list[str] = []
    for number, name in enumerate(names, 1):
        name = name.strip() or f"unnamed_{number}"
        unique.append(f"{name}_{number}" if name in unique else name)
    return tuple(unique)


def _separator(lines: Sequence[str], name: str) -> str:
    """Return the separator by which most lines have the same number of fields; at a tie the usual one of such files."""
    usual = "," if name.endswith(".csv") else "\t"

    def regularity(separator: str) -> tuple[float, bool, int]:
        widths = Counter(len(row) for row in _try(lines, separator, csv.QUOTE_MINIMAL))
        width, count = widths.most_common(1)[0] if widths else (1, 0)
        return (0.0, False, 0) if width < 2 else (round(count / widths.total(), 1), separator == usual, width)

    best = max(_SEPARATORS, key=regularity)
    return best if regularity(best)[0] else usual


def _try(lines: Sequence[str], separator: str, quoting: _Quoting) -> Iterator[list[str]]:
    reader = csv.reader(lines, delimiter=separator, quoting=quoting)
    try:
        yield from filter(None, reader)
    except csv.Error:
        yield []


def _is_data_row(rows: Sequence[list[str]]) -> bool:
    """Whether the first row is data: one of its fields is a sentence or a number, or occurs in its column again."""
    first = rows[0]
    if any(name.strip().lower() in _HEADER_NAMES for name in first) and not any(name.isdigit() for name in first):
        return False
    again = {(at, value) for row in rows[1:] for at, value in enumerate(row)}
    return any(
        len(name) >= _MAX_COLUMN_NAME
        or name.count(" ") > 4
        or (name.isdigit() and len(first) > 1)
        or (at, name) in again
        for at, name in enumerate(first)
        if name
    )


def _not_utf8(file: Path) -> tuple[int, int] | None:
    """Return the line and offset of the first byte of the file that is not UTF-8."""
    with open_bytes(file) as opened:
        return _bad_byte(iter(lambda: opened.read(1 << 22), b""), final=True)


def _bad_byte(blocks: Iterable[bytes], *, final: bool = False) -> tuple[int, int] | None:
    """Return the line and offset of the first byte that is not UTF-8; `final`: the last character must be complete."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line, at = 1, 0
    for block in chain(blocks, [b""] if final else []):
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(block, final=final and not block)
        except UnicodeDecodeError as error:
            return line + error.object[: error.start].count(b"\n"), at - pending + error.start
        line, at = line + block.count(b"\n"), at + len(block)
    return None
