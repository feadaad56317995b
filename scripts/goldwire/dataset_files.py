"""Data files of every format as lazy tables, numbered by row."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from goldwire.errors import GoldwireError

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

__all__ = ["Opened", "label_names", "names_of", "open_file"]

_SNIFFED = 200  # lines of JSON whose keys are the file's columns
_BLOCK = 8 << 20  # bytes of JSON parsed at a time on each core


def names_of(file: Path) -> list[str]:
    """Names of the file's columns."""
    import polars as pl

    try:
        if file.name.endswith(".parquet"):
            return list(pl.read_parquet_schema(file))
        if file.name.endswith(".arrow"):
            return list(_arrow(file).schema.names)
        if _is_json(file):
            return list(dict.fromkeys(key for row in _sniff(file) for key in row))
        return pl.scan_csv(file, separator=_separator(file), infer_schema=False).collect_schema().names()
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise GoldwireError(_one_line(error), place=file, way_out="mend it or take it away") from None


class Opened(msgspec.Struct, frozen=True):
    """The rows of a file, numbered by `row` (the line, from 1), and what is wrong with the lines that are none."""

    frame: pl.LazyFrame
    broken: tuple[tuple[int, str], ...] = ()


def open_file(file: Path, names: Sequence[str], *, rows: int | None = None) -> Opened:
    """Open the named columns of the file, or of its first `rows`; a file that cannot be read is a GoldwireError."""
    import polars as pl

    options: dict[str, Any] = {"row_index_name": "row", "row_index_offset": 1, "n_rows": rows}
    if file.name.endswith(".parquet"):
        return Opened(pl.scan_parquet(file, **options).select("row", *names))
    try:
        if _is_json(file):
            return _json(file, names, rows)
        if file.name.endswith(".arrow"):
            return Opened(_numbered(_arrow(file).select(list(names)).slice(0, rows)))
    except (OSError, ValueError) as error:
        raise GoldwireError(_one_line(error), place=file, way_out="mend it or take it away") from None
    # A CSV row may be several lines long: the row of the header is 1.
    options["row_index_offset"] = 2
    frame = pl.scan_csv(file, separator=_separator(file), infer_schema_length=10_000, **options)
    return Opened(frame.select("row", *names))


def _numbered(table: pa.Table) -> pl.LazyFrame:
    import polars as pl

    return pl.DataFrame(pl.from_arrow(table)).with_row_index("row", offset=1).lazy()


def _is_json(file: Path) -> bool:
    return file.name.removesuffix(".gz").endswith((".jsonl", ".ndjson"))


def _separator(file: Path) -> str:
    return "\t" if file.name.removesuffix(".gz").endswith(".tsv") else ","


def _opened(file: Path) -> BinaryIO | gzip.GzipFile:
    return gzip.open(file) if file.name.endswith(".gz") else file.open("rb")


def _sniff(file: Path) -> list[dict[str, Any]]:
    """The first lines that are JSON objects."""
    found = []
    with _opened(file) as opened:
        for line in islice(opened, _SNIFFED):
            with suppress(msgspec.MsgspecError, UnicodeDecodeError):
                row = msgspec.json.decode(line)
                found += [row] if isinstance(row, dict) else []
    return found


def _json(file: Path, names: Sequence[str], rows: int | None) -> Opened:
    """Parse only the named columns, as what the first lines hold: pyarrow would take a date for a time."""
    import polars as pl
    import pyarrow as pa
    import pyarrow.json

    # polars says what the lines hold: pyarrow would import pandas for it, which costs 0.6 s.
    sniffed = [{name: row.get(name) for name in names} for row in _sniff(file)]
    sample = pl.DataFrame(sniffed, infer_schema_length=None, strict=False)
    if rows is not None:
        return Opened(sample.head(rows).with_row_index("row", offset=1).lazy())
    kinds = sample.to_arrow(compat_level=pl.CompatLevel.oldest()).schema
    wanted = pa.schema([kind.with_type(_for_json(kind.type)) for kind in kinds])
    parse = pyarrow.json.ParseOptions(explicit_schema=wanted, unexpected_field_behavior="ignore")
    try:
        with _opened(file) as opened:
            table = pyarrow.json.read_json(opened, pyarrow.json.ReadOptions(block_size=_BLOCK), parse)
    except pa.ArrowInvalid:
        return _json_by_line(file, names, sample.schema)
    return Opened(_numbered(table))


def _for_json(kind: pa.DataType) -> pa.DataType:
    """The type as pyarrow's JSON reader takes it: no large lists, and text where the first lines have only null."""
    import pyarrow as pa

    if pa.types.is_large_list(kind):
        return pa.list_(_for_json(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_for_json(field.type)) for field in kind])
    return pa.string() if pa.types.is_null(kind) else kind


def _json_by_line(file: Path, names: Sequence[str], schema: pl.Schema) -> Opened:
    """Parse a file in which some line is no row; a value of another type than the first lines have becomes null."""
    import polars as pl

    found: list[dict[str, Any]] = []
    broken: list[tuple[int, str]] = []
    with _opened(file) as opened:
        for number, line in enumerate(opened, 1):
            try:
                row = msgspec.json.decode(line) if line.strip() else None
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                broken.append((number, _one_line(error)))
                continue
            if isinstance(row, dict):
                found.append({"row": number} | {name: row.get(name) for name in names})
            elif line.strip():
                broken.append((number, "not an object"))
    types = {"row": pl.UInt32} | {name: kind if kind != pl.Null else pl.String for name, kind in schema.items()}
    return Opened(pl.DataFrame(found, schema=types, strict=False).lazy(), tuple(broken))


def _arrow(file: Path) -> pa.Table:
    """A file of a `datasets` folder: an Arrow stream, or else an Arrow file."""
    import pyarrow as pa

    with pa.memory_map(str(file)) as source:
        try:
            return pa.ipc.open_stream(source).read_all()
        except pa.ArrowInvalid:
            return pa.ipc.open_file(source).read_all()


def label_names(file: Path) -> dict[str, tuple[str, ...]]:
    """Names of the labels of each column that `datasets` wrote as numbers; of spans, under `<column>.label`."""
    import polars as pl

    said: Any = None
    try:
        if file.name.endswith(".parquet"):
            said = pl.read_parquet_metadata(file).get("huggingface")
        elif file.name.endswith(".arrow"):
            said = (_arrow(file).schema.metadata or {}).get(b"huggingface")
        return {} if said is None else dict(_named(msgspec.json.decode(said)["info"]["features"]))
    except (KeyError, TypeError, AttributeError, ValueError, OSError, pl.exceptions.PolarsError):
        return {}


def _named(features: dict[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for column, kind in features.items():
        inner = kind.get("feature") if isinstance(kind, dict) and kind.get("_type") in ("List", "Sequence") else None
        inner = kind[0] if isinstance(kind, list) and kind else inner
        if isinstance(inner, dict):
            yield from ((f"{column}.{field}", names) for field, names in _named(inner) if "." not in field)
        elif isinstance(kind, dict) and kind.get("_type") == "ClassLabel":
            yield column, tuple(kind["names"])


def _one_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
