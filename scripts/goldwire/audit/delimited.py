"""CSV and its kin: whatever separates the fields, whatever the encoding, every row at its true line."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from goldwire.audit.data_file import Opened, Spill, open_bytes, plain_name
from goldwire.errors import DataError

if TYPE_CHECKING:
    import polars as pl

__all__ = ["csv_names", "open_csv"]

_SEPARATORS = ",;\t|"
_HEAD = 1 << 18  # characters that say what the file is like
_PIECE = 50_000  # rows put into columns at a time
_LONGEST = 1 << 24  # characters of a field; the csv module stops at 131,072, which an article may have
_WORDY = 60  # characters: no column is called so

_Quoting = Literal[0, 3]  # csv.QUOTE_MINIMAL, csv.QUOTE_NONE


class _Like(msgspec.Struct, frozen=True):
    """How the file is written; `bad` is the line and offset of the first byte that is not UTF-8."""

    encoding: str
    separator: str
    quoting: _Quoting
    names: tuple[str, ...]
    headed: bool
    bad: tuple[int, int] | None = None


def csv_names(file: Path) -> list[str]:
    """Names of the file's columns: its first row, or `column_1` and so on where that is a row like the others."""
    return list(_like(file).names)


def open_csv(file: Path, names: Sequence[str], folder: Path, rows: int | None) -> Opened:
    """Open the named columns of the file, all of them text, or of its first `rows`, with numbers as numbers."""
    import polars as pl

    like = _like(file, whole=rows is None)
    faults: list[tuple[str, int | None, str]] = []
    found = _rows(file, like, faults)
    if rows is not None:
        frame = _frame(list(islice(found, rows)), like, names)
        numbers = [name for name in names if frame[name].len() and _is_number(frame[name])]
        return Opened(frame.with_columns(pl.col(numbers).cast(pl.Int64)).lazy())
    if like.bad is not None:
        line, at = like.bad
        faults.append(("file-not-utf8", line, f"byte {at} of the file; read as {like.encoding} here"))
    spill = Spill(folder)
    while piece := list(islice(found, _PIECE)):
        spill.put(_frame(piece, like, names).to_arrow(compat_level=pl.CompatLevel.oldest()))
    spill.put(_frame([], like, names).to_arrow(compat_level=pl.CompatLevel.oldest()))
    return Opened(spill.frame(), tuple(faults))


def _is_number(values: pl.Series) -> bool:
    there = values.drop_nulls()
    return there.len() > 0 and bool(there.str.contains(r"^-?\d{1,18}$").all())


def _frame(rows: Sequence[tuple[int, list[str]]], like: _Like, names: Sequence[str]) -> pl.DataFrame:
    import polars as pl

    columns = {"row": pl.Series("row", [line for line, _ in rows], pl.UInt32)}
    for name in names:
        at = like.names.index(name)
        columns[name] = pl.Series(name, [row[at] or None for _, row in rows], pl.String)
    return pl.DataFrame(columns)


def _rows(file: Path, like: _Like, faults: list[tuple[str, int | None, str]]) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line that each begins at; one with too many or too few fields is a fault."""
    wide = len(like.names)
    with io.TextIOWrapper(open_bytes(file), like.encoding, "replace", newline="") as opened:
        for line, row in _parsed(opened, like, file):
            if len(row) < wide:
                faults.append(("field-missing", line, f"{len(row)} fields, the header has {wide}"))
            elif any(row[wide:]):
                faults.append(("field-unknown", line, f"{len(row)} fields, the header has {wide}"))
            else:
                yield line, row


def _parsed(opened: io.TextIOBase, like: _Like, file: object) -> Iterator[tuple[int, list[str]]]:
    limit = csv.field_size_limit(_LONGEST)
    reader = csv.reader(opened, delimiter=like.separator, quoting=like.quoting)
    try:
        line = 1
        for number, row in enumerate(reader):
            if row and (number or not like.headed):
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(str(error), location=f"{file}:{reader.line_num}", hint="mend it or take it away") from None
    finally:
        csv.field_size_limit(limit)


def _like(file: Path, *, whole: bool = False) -> _Like:
    """How the file is written, by its beginning; with `whole`, whether all of it is UTF-8."""
    with open_bytes(file) as opened:
        head = opened.read(_HEAD)
    encoding, bad = "utf-8-sig", None
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding, bad = "utf-16", (1, 0)
    elif (bad := _not_utf8(file) if whole else _bad_byte((head,))) is not None:
        encoding = "cp1252"
    text = head.decode(encoding, "replace")
    if not text.strip():
        return _Like(encoding, ",", csv.QUOTE_MINIMAL, (), headed=True)
    separator = _separator(text, plain_name(file))
    lines = text.splitlines(keepends=True)
    lines = lines[:-1] if len(head) == _HEAD else lines
    ways: tuple[_Quoting, ...] = (csv.QUOTE_MINIMAL, csv.QUOTE_NONE)
    counted = {quoting: list(_try(lines, separator, quoting)) for quoting in ways}
    # Tables of sentences are often written without quoting: then a quotation mark opens no field.
    quoting = min(counted, key=lambda quoting: sum(len(row) != len(counted[quoting][0]) for row in counted[quoting]))
    rows = counted[quoting]
    headed = not _is_a_row(rows)
    names = rows[0] if headed else [f"column_{number}" for number in range(1, len(rows[0]) + 1)]
    return _Like(encoding, separator, quoting, tuple(dict.fromkeys(names)), headed, bad)


def _separator(text: str, name: str) -> str:
    """What the first line has most of; where it has none, what the file's name says."""
    first = text.lstrip().split("\n", 1)[0]
    usual = "\t" if name.endswith(".tsv") else ","
    return max(usual + _SEPARATORS, key=first.count) if any(map(first.count, _SEPARATORS)) else usual


def _try(lines: Sequence[str], separator: str, quoting: _Quoting) -> Iterator[list[str]]:
    reader = csv.reader(lines, delimiter=separator, quoting=quoting)
    try:
        yield from filter(None, reader)
    except csv.Error:
        yield []


def _is_a_row(rows: Sequence[list[str]]) -> bool:
    """Whether the first row is one like the others: a field of it is a sentence, or stands in its column again."""
    first = rows[0]
    again = {(at, value) for row in rows[1:] for at, value in enumerate(row)}
    return any(len(name) >= _WORDY or name.count(" ") > 4 or (at, name) in again for at, name in enumerate(first))


def _not_utf8(file: Path) -> tuple[int, int] | None:
    """The line and the offset of the first byte of the file that is not UTF-8."""
    with open_bytes(file) as opened:
        return _bad_byte(iter(lambda: opened.read(1 << 22), b""), final=True)


def _bad_byte(blocks: Iterable[bytes], *, final: bool = False) -> tuple[int, int] | None:
    """The line and the offset of the first byte that is not UTF-8; `final`: the last character must be whole."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line, at = 1, 0
    for block in chain(blocks, [b""] if final else []):
        kept = len(decoder.getstate()[0])
        try:
            decoder.decode(block, final=final and not block)
        except UnicodeDecodeError as error:
            return line + error.object[: error.start].count(b"\n"), at - kept + error.start
        line, at = line + block.count(b"\n"), at + len(block)
    return None
