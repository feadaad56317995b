"""Data files of every format as lazy tables, numbered by row."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from goldwire.errors import GoldwireError

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

__all__ = ["frame_of", "label_names", "names_of"]

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


def frame_of(file: Path, names: Sequence[str], *, rows: int | None = None) -> pl.LazyFrame:
    """The named columns of the file (only its first `rows`), with `row`: the line or row, from 1."""
    import polars as pl

    options: dict[str, Any] = {"row_index_name": "row", "row_index_offset": 1, "n_rows": rows}
    if file.name.endswith(".parquet"):
        return pl.scan_parquet(file, **options).select("row", *names)
    if file.name.endswith(".arrow") or _is_json(file):
        try:
            table = _arrow(file).slice(0, rows) if file.name.endswith(".arrow") else _json(file, names, rows)
        except (OSError, ValueError) as error:
            raise GoldwireError(_one_line(error), place=file, way_out="mend it or take it away") from None
        frame = pl.from_arrow(table.select([name for name in names if name in table.column_names]))
        return pl.DataFrame(frame).with_row_index("row", offset=1).lazy()
    # A CSV row may be several lines long: the row of the header is 1.
    options["row_index_offset"] = 2
    return pl.scan_csv(file, separator=_separator(file), infer_schema_length=10_000, **options).select("row", *names)


def _is_json(file: Path) -> bool:
    return file.name.removesuffix(".gz").endswith((".jsonl", ".ndjson"))


def _separator(file: Path) -> str:
    return "\t" if file.name.removesuffix(".gz").endswith(".tsv") else ","


def _opened(file: Path) -> BinaryIO | gzip.GzipFile:
    return gzip.open(file) if file.name.endswith(".gz") else file.open("rb")


def _sniff(file: Path) -> list[dict[str, Any]]:
    with _opened(file) as opened:
        rows = [msgspec.json.decode(line) for line in islice(opened, _SNIFFED) if line.strip()]
    return [row for row in rows if isinstance(row, dict)]


def _json(file: Path, names: Sequence[str], rows: int | None) -> pa.Table:
    """Parse only the named columns, as what the first lines hold: pyarrow would take a date for a time."""
    import polars as pl
    import pyarrow as pa
    import pyarrow.json

    # polars says what the lines hold: pyarrow would import pandas for it, which costs 0.6 s.
    sniffed = [{name: row.get(name) for name in names} for row in _sniff(file)]
    sample = pl.DataFrame(sniffed, infer_schema_length=None, strict=False).to_arrow(
        compat_level=pl.CompatLevel.oldest()
    )
    if rows is not None:
        return sample.slice(0, rows)
    kinds = [field if field.type != pa.null() else field.with_type(pa.string()) for field in sample.schema]
    parse = pyarrow.json.ParseOptions(explicit_schema=pa.schema(kinds), unexpected_field_behavior="ignore")
    with _opened(file) as opened:
        return pyarrow.json.read_json(opened, pyarrow.json.ReadOptions(block_size=_BLOCK), parse)


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
