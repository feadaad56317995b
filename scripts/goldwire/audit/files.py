"""Data files of every format as lazy tables, numbered by row."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from lzma import LZMAError
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from goldwire.audit import delimited, json_lines
from goldwire.audit.data_file import Opened, one_line, plain_name
from goldwire.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["SUFFIXES", "data_files", "label_names", "names_of", "open_file", "refuse_broken"]

_COLUMNS = (".parquet", ".arrow")
_JSON = (".jsonl", ".ndjson", ".json")
_TABLES = (".csv", ".tsv")
SUFFIXES = (
    *_COLUMNS,
    *_JSON,
    *_TABLES,
    *(f"{suffix}.{packed}" for suffix in (".jsonl", ".csv") for packed in ("gz", "zst")),
)
_BROKEN = (OSError, ValueError, EOFError, zlib.error, LZMAError)
_WAY_OUT = "mend it or take it away"


def data_files(path: Path) -> Iterator[Path]:
    """The data files at `path`: itself, or those in the folder that are not hidden."""
    if path.is_file():
        yield path
        return
    for file in sorted(path.rglob("*")):
        hidden = any(part.startswith((".", "_")) for part in file.relative_to(path).parts)
        if not file.is_file() or hidden or not plain_name(file).endswith((*_COLUMNS, *_JSON, *_TABLES)):
            continue
        # A .json file may be anything: settings, a manifest, a table.
        if not plain_name(file).endswith(".json") or json_lines.holds_rows(file):
            yield file


def names_of(file: Path) -> list[str]:
    """Names of the file's columns; none where it is empty."""
    import polars as pl

    name = plain_name(file)
    try:
        if file.stat().st_size == 0:
            return []
        if name.endswith(".parquet"):
            return list(pl.read_parquet_schema(file))
        if name.endswith(".arrow"):
            return list(_arrow(file).schema.names)
        return json_lines.json_names(file) if name.endswith(_JSON) else delimited.csv_names(file)
    except (pl.exceptions.PolarsError, *_BROKEN) as error:
        raise DataError(one_line(error), location=file, hint=_WAY_OUT) from None


def open_file(file: Path, names: Sequence[str], folder: Path, *, rows: int | None = None) -> Opened:
    """Open the named columns of the file, or of its first `rows`; a file that cannot be read is a GoldwireError.

    Files of lines are put into columns in `folder`.
    """
    import polars as pl

    name = plain_name(file)
    if name.endswith(".parquet"):
        options: dict[str, Any] = {"row_index_name": "row", "row_index_offset": 1, "n_rows": rows}
        return Opened(pl.scan_parquet(file, **options).select("row", *names))
    try:
        if name.endswith(".arrow"):
            table = pl.DataFrame(pl.from_arrow(_arrow(file).select(list(names)).slice(0, rows)))
            return Opened(table.with_row_index("row", offset=1).lazy())
        opened = json_lines.open_json if name.endswith(_JSON) else delimited.open_csv
        return opened(file, names, folder, rows)
    except (pl.exceptions.PolarsError, *_BROKEN) as error:
        raise DataError(one_line(error), location=file, hint=_WAY_OUT) from None


def refuse_broken(files: Sequence[Path]) -> None:
    """Raise a GoldwireError that names the first Parquet file whose pages cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    for file in files:
        if plain_name(file).endswith(".parquet"):
            try:
                with pq.ParquetFile(file) as opened:
                    for batch in opened.iter_batches(10_000):
                        batch.validate(full=True)
            except (pa.ArrowException, *_BROKEN) as error:
                raise DataError(one_line(error), location=file, hint=_WAY_OUT) from None


def _arrow(file: Path) -> pa.Table:
    """A file of a `datasets` folder: an Arrow stream, or else an Arrow file."""
    import pyarrow as pa

    with pa.memory_map(str(file)) as source:
        try:
            return pa.ipc.open_stream(source).read_all()
        except pa.ArrowInvalid:
            return pa.ipc.open_file(source).read_all()


def label_names(file: Path) -> dict[str, tuple[str, ...]]:
    """Names of the labels of each column that `datasets` wrote as numbers.

    Those of spans are under `<column>.label`, those of lists of numbers under `<column>.`.
    """
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
        if isinstance(inner, dict) and inner.get("_type") == "ClassLabel":
            yield f"{column}.", tuple(inner["names"])
        elif isinstance(inner, dict):
            yield from ((f"{column}.{field}", names) for field, names in _named(inner) if "." not in field)
        elif isinstance(kind, dict) and kind.get("_type") == "ClassLabel":
            yield column, tuple(kind["names"])
