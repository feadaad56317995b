"""JSON Lines of any size, converted to columns chunk by chunk on all cores, and JSON files that hold a table."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from goldwire.audit.data_file import OpenedFile, ParquetBuffer, Problem, one_line, open_bytes, uncompressed_name
from goldwire.audit.json_tables import tabulate
from goldwire.audit.span_formats import parse_spans
from goldwire.audit.tool_rows import as_columns
from goldwire.errors import DECODE_ERRORS, decode_problem
from goldwire.parallel.threads import map_in_threads

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

__all__ = ["columns_of", "holds_rows", "json_names", "open_json", "read_object", "read_value"]

_SNIFFED = 200  # lines whose keys are the columns of the file
_BLOCK = 4 << 20  # bytes parsed at a time per core; larger ones are not faster and take more memory
_BOM = b"\xef\xbb\xbf"
_MAX_DEPTH = 64  # of brackets: pyarrow and polars crash or fail somewhere beyond 500, real rows have less than 10
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
Row = dict[str, Any]


def holds_rows(file: Path) -> bool:
    """Whether a .json file is a table: a list of objects, alone or in an object, or one object per line."""
    return bool(_sniff(file))


def json_names(file: Path) -> list[str]:
    """Return the column names from the first lines; raise ValueError if none of them is an object."""
    objects = _sniff(file)
    if not objects:
        with open_bytes(file) as opened:
            if opened.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
                raise ValueError("UTF-16; JSON is UTF-8")
        with open_bytes(file) as opened:
            for line in opened:
                if line.strip():
                    objects = [_row(line)]
                    break
    return list(dict.fromkeys(key for row in objects for key in row))


def open_json(file: Path, names: Sequence[str], folder: Path, rows: int | None) -> OpenedFile:
    """Open the named columns of the file, or of its first `rows`."""

    if not _by_line(file):
        objects = [{name: row.get(name) for name in names} for row in _whole(file)[:rows]]
        return OpenedFile(columns_of(objects, names).with_row_index("row", offset=1).lazy())
    rows_of_file = _sniff(file)
    sample = columns_of(rows_of_file, names)
    if rows is not None:
        return OpenedFile(sample.head(rows).with_row_index("row", offset=1).lazy())
    are_plain = rows_of_file == _first_objects(file)
    return _Conversion(names, sample.schema, ParquetBuffer(folder), are_plain=are_plain).run(file)


def _by_line(file: Path) -> bool:
    if not uncompressed_name(file).endswith(".json"):
        return True
    with open_bytes(file) as opened:
        first = opened.readline().removeprefix(_BOM)
        more = opened.readline().strip()
    with suppress(ValueError):
        return isinstance(_decode(first), dict) and more.startswith(b"{")
    return False


def read_object(file: Path) -> Row | None:
    """Return the object that a JSON file holds; None if it holds another value. Raises ValueError if it is broken."""
    value = read_value(file)
    return value if isinstance(value, dict) else None


def read_value(file: Path) -> Any:
    """Return the value that a JSON file holds. Raises ValueError if it is broken or nested too deeply."""
    with open_bytes(file) as opened:
        return _decode(opened.read())


def _whole(file: Path) -> list[Row]:
    """Return the rows of a file that is one JSON value; none if it is not a table."""
    with open_bytes(file) as opened:
        return list(tabulate(_decode(opened.read())))


def _decode(data: bytes) -> Any:
    try:
        value = msgspec.json.decode(data.removeprefix(_BOM))
    except DECODE_ERRORS as error:
        raise ValueError(decode_problem(error)) from None
    if _is_nested_deeply(data) and _depth(value) > _MAX_DEPTH:
        raise ValueError("nested too deeply")
    return value


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        inner = (part.values() if isinstance(part, dict) else part for part in level if isinstance(part, dict | list))
        level = [part for parts in inner for part in parts]
    return depth


def _is_nested_deeply(data: bytes) -> bool:
    """Whether JSON may be nested more than `_MAX_DEPTH` deep: brackets in texts count, too."""
    brackets = data.translate(None, _NOT_BRACKETS)
    for _ in range(_MAX_DEPTH):
        size = len(brackets)
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
        if len(brackets) == size:
            break
    return len(brackets) > _MAX_DEPTH


def _sniff(file: Path) -> list[Row]:
    """Return the first rows."""
    if not _by_line(file):
        with suppress(ValueError):
            return _whole(file)[:_SNIFFED]
        return []
    return list(as_columns(_first_objects(file)))


def _first_objects(file: Path) -> list[Row]:
    objects = []
    with open_bytes(file) as opened:
        for line in islice(opened, _SNIFFED):
            with suppress(ValueError):
                objects.append(_row(line))
    return objects


def _row(line: bytes) -> Row:
    row = _decode(line)
    if not isinstance(row, dict):
        raise ValueError("not an object")
    return row


def columns_of(rows: Sequence[Row], names: Sequence[str]) -> pl.DataFrame:
    """Return the named columns with a common type each; spans as `[start, end, label]` become objects."""
    import polars as pl

    series = {}
    for name in names:
        values = [row.get(name) for row in rows]
        if any(isinstance(value, list) and value and isinstance(value[0], list) for value in values):
            spans = [parse_spans(value) for value in values]
            are_spans = all(spans[n] is not None or not value for n, value in enumerate(values))
            values = spans if are_spans and any(map(_has_offsets, spans)) else values
        series[name] = pl.Series(name, values, strict=False)
        if series[name].dtype == pl.Object:  # numbers beside lists: polars can do nothing with them
            series[name] = pl.Series(name, [None if value is None else _as_text(value) for value in values])
    return pl.DataFrame(series)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _has_offsets(spans: Sequence[Row] | None) -> bool:
    return any(span["start"] is not None and span["end"] is not None for span in spans or ())


def _for_json(kind: pa.DataType) -> pa.DataType:
    """Return the type for pyarrow's JSON reader: no large lists, and text if the first lines are all null."""
    import pyarrow as pa

    if pa.types.is_large_list(kind):
        return pa.list_(_for_json(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_for_json(field.type)) for field in kind])
    return pa.string() if pa.types.is_null(kind) or pa.types.is_large_string(kind) else kind


class _Conversion:
    """Conversion of one file: a block that pyarrow cannot read as one row per line is read line by line."""

    def __init__(self, names: Sequence[str], types: pl.Schema, spill: ParquetBuffer, *, are_plain: bool) -> None:
        import polars as pl
        import pyarrow as pa

        self.names, self.spill, self.are_plain = names, spill, are_plain
        # The types are inferred by polars: pyarrow would read a date as a timestamp.
        arrow = pl.DataFrame(schema=types).to_arrow(compat_level=pl.CompatLevel.oldest()).schema
        self.schema = pa.schema([field.with_type(_for_json(field.type)) for field in arrow])
        self.problems: list[Problem] = []

    def run(self, file: Path) -> OpenedFile:
        import pyarrow as pa

        first = 1
        # `empty_table` would import pandas, as `pa.array` would.
        self.spill.put(self._with_line_numbers(pa.Table.from_batches([], self.schema), first))
        for block, parsed in map_in_threads(lambda block: (block, self._parse(block)), _blocks(file), ahead=2):
            count = block.count(b"\n") + (not block.endswith(b"\n"))
            plain = parsed is not None and parsed.num_rows == count and b"\n\n" not in block
            self.spill.put(self._with_line_numbers(parsed, first) if plain else self._line_by_line(block, first))
            first += count
        return OpenedFile(self.spill.frame(), tuple(self.problems))

    def _parse(self, block: bytes) -> pa.Table | None:
        if not self.are_plain or _is_nested_deeply(block):
            return None  # pyarrow would overflow the stack
        import pyarrow as pa
        import pyarrow.json

        options = pyarrow.json.ReadOptions(use_threads=False, block_size=len(block))
        parse = pyarrow.json.ParseOptions(explicit_schema=self.schema, unexpected_field_behavior="ignore")
        try:
            table = pyarrow.json.read_json(pa.BufferReader(block), options, parse)
            table.validate(full=True)  # checks that texts are UTF-8, which read_json does not
        except pa.ArrowInvalid:
            return None
        return table

    def _with_line_numbers(self, table: pa.Table, first: int) -> pa.Table:
        import numpy as np
        import pyarrow as pa

        numbers = np.arange(first, first + table.num_rows, dtype=np.uint32)
        # `pa.array` would import pandas, which takes longer than to parse 100,000 rows.
        rows = pa.Array.from_buffers(pa.uint32(), len(numbers), [None, pa.py_buffer(numbers)])
        return table.add_column(0, "row", rows)

    def _line_by_line(self, block: bytes, first: int) -> pa.Table:
        import polars as pl

        rows: list[Row] = []
        numbers: list[int] = []
        for number, line in enumerate(block.split(b"\n"), first):
            if line.strip():
                try:
                    rows.append(_row(line))
                    numbers.append(number)
                except ValueError as error:
                    self.problems.append(Problem("json-broken", number, one_line(error)))
        frame = columns_of(rows if self.are_plain else list(as_columns(rows)), self.names)
        table = frame.insert_column(0, pl.Series("row", numbers, pl.UInt32))
        return table.to_arrow(compat_level=pl.CompatLevel.oldest())


def _blocks(file: Path) -> Iterator[bytes]:
    """Yield the file in chunks of complete lines."""
    pending: list[bytes] = []
    with open_bytes(file) as opened:
        start = opened.read(len(_BOM)).removeprefix(_BOM)
        pending.append(start)
        while block := opened.read(_BLOCK):
            end = block.rfind(b"\n") + 1
            if end:
                yield b"".join((*pending, block[:end]))
                pending = []
            pending.append(block[end:])
    if last := b"".join(pending):
        yield last
