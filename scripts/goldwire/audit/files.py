"""Data files of every format as lazy tables with row numbers, and the split of each by its name."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from lzma import LZMAError
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from goldwire.audit import delimited, json_lines
from goldwire.audit.data_file import OpenedFile, one_line, uncompressed_name
from goldwire.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "SUFFIXES",
    "column_names",
    "data_files",
    "label_names",
    "open_file",
    "raise_for_broken_parquet",
    "split_names",
]

_COLUMNS = (".parquet", ".arrow")
_JSON = (".jsonl", ".ndjson", ".json")
_TABLES = (".csv", ".tsv")
SUFFIXES = (
    *_COLUMNS,
    *_JSON,
    *_TABLES,
    *(f"{suffix}.{packed}" for suffix in (".jsonl", ".csv") for packed in ("gz", "zst")),
)
_READ_ERRORS = (OSError, ValueError, EOFError, zlib.error, LZMAError)
_HINT = "fix or remove the file"

_SPLIT_WORDS = r"train(ing)?|dev(el)?|val(id(ation)?)?|test(ing)?|eval(uation)?|holdout|unseen"
_SPLIT_WORD = re.compile(_SPLIT_WORDS, re.IGNORECASE)
_SPLIT_PREFIX = re.compile(rf"({_SPLIT_WORDS})", re.IGNORECASE)
_SHARD_SUFFIX = re.compile(r"([-_.](\d{5}-of-\d{5}|part[-_]?\d+|v?\d+))+$", re.IGNORECASE)


def data_files(path: Path) -> Iterator[Path]:
    """Yield the data files at `path`: the file, or the files in the folder that are not hidden."""
    if path.is_file():
        yield path
        return
    for file in sorted(path.rglob("*")):
        hidden = any(part.startswith((".", "_")) for part in file.relative_to(path).parts)
        if not file.is_file() or hidden or not uncompressed_name(file).endswith((*_COLUMNS, *_JSON, *_TABLES)):
            continue
        # A .json file may be anything: settings, a manifest, a table.
        if not uncompressed_name(file).endswith(".json") or json_lines.holds_rows(file):
            yield file


def column_names(file: Path) -> list[str]:
    """Return the column names of the file; none if it is empty."""
    import polars as pl

    name = uncompressed_name(file)
    try:
        if file.stat().st_size == 0:
            return []
        if name.endswith(".parquet"):
            return list(pl.read_parquet_schema(file))
        if name.endswith(".arrow"):
            return list(_arrow(file).schema.names)
        return json_lines.json_names(file) if name.endswith(_JSON) else delimited.csv_names(file)
    except (pl.exceptions.PolarsError, *_READ_ERRORS) as error:
        raise DataError(one_line(error), location=file, hint=_HINT) from None


def open_file(file: Path, names: Sequence[str], folder: Path, *, rows: int | None = None) -> OpenedFile:
    """Open the named columns of the file, or of its first `rows`; raise DataError if it cannot be read.

    Text formats are converted to Parquet in `folder`.
    """
    import polars as pl

    name = uncompressed_name(file)
    if name.endswith(".parquet"):
        options: dict[str, Any] = {"row_index_name": "row", "row_index_offset": 1, "n_rows": rows}
        return OpenedFile(pl.scan_parquet(file, **options).select("row", *names))
    try:
        if name.endswith(".arrow"):
            table = pl.DataFrame(pl.from_arrow(_arrow(file).select(list(names)).slice(0, rows)))
            return OpenedFile(table.with_row_index("row", offset=1).lazy())
        opened = json_lines.open_json if name.endswith(_JSON) else delimited.open_csv
        return opened(file, names, folder, rows)
    except (pl.exceptions.PolarsError, *_READ_ERRORS) as error:
        raise DataError(one_line(error), location=file, hint=_HINT) from None


def raise_for_broken_parquet(files: Sequence[Path]) -> None:
    """Raise DataError for the first Parquet file whose pages cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    for file in files:
        if uncompressed_name(file).endswith(".parquet"):
            try:
                with pq.ParquetFile(file) as opened:
                    for batch in opened.iter_batches(10_000):
                        batch.validate(full=True)
            except (pa.ArrowException, *_READ_ERRORS) as error:
                raise DataError(one_line(error), location=file, hint=_HINT) from None


def _arrow(file: Path) -> pa.Table:
    """Return a file of a `datasets` folder: an Arrow stream, or else an Arrow file."""
    import pyarrow as pa

    with pa.memory_map(str(file)) as source:
        try:
            return pa.ipc.open_stream(source).read_all()
        except pa.ArrowInvalid:
            return pa.ipc.open_file(source).read_all()


def label_names(file: Path) -> dict[str, tuple[str, ...]]:
    """Return the label names of each column that `datasets` stored as integers.

    Labels of spans are under `<column>.label`, those of lists of integers under `<column>.`.
    """
    import polars as pl

    metadata: Any = None
    try:
        if file.name.endswith(".parquet"):
            metadata = pl.read_parquet_metadata(file).get("huggingface")
        elif file.name.endswith(".arrow"):
            metadata = (_arrow(file).schema.metadata or {}).get(b"huggingface")
        return {} if metadata is None else dict(_class_labels(msgspec.json.decode(metadata)["info"]["features"]))
    except (KeyError, TypeError, AttributeError, ValueError, OSError, pl.exceptions.PolarsError):
        return {}


def _class_labels(features: dict[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for column, kind in features.items():
        inner = kind.get("feature") if isinstance(kind, dict) and kind.get("_type") in ("List", "Sequence") else None
        inner = kind[0] if isinstance(kind, list) and kind else inner
        if isinstance(inner, dict) and inner.get("_type") == "ClassLabel":
            yield f"{column}.", tuple(inner["names"])
        elif isinstance(inner, dict):
            yield from ((f"{column}.{field}", names) for field, names in _class_labels(inner) if "." not in field)
        elif isinstance(kind, dict) and kind.get("_type") == "ClassLabel":
            yield column, tuple(kind["names"])


def split_names(files: Sequence[Path]) -> list[str]:
    """Return the split of each file by its name; if no name has one, all are `train`, as in `load_dataset`."""
    names = [_split(file) for file in files]
    if all(name is None for name in names):
        return ["train"] * len(files)
    return [file.name.split(".")[0] if name is None else name for name, file in zip(names, files, strict=True)]


def _split(file: Path) -> str | None:
    """Return `train` for `data/train-00000-of-00002.parquet`, `news_train_v2.csv` and `en/train/0000.jsonl`."""
    name = _SHARD_SUFFIX.sub("", file.name.split(".")[0])
    parts = re.split(r"[-_ ]", name)
    # `validation_matched` and `validation_mismatched` are two splits, `en_train` and `de_train` one.
    if _SPLIT_PREFIX.match(parts[0]):
        return name
    for part in reversed(parts):
        if _SPLIT_WORD.fullmatch(part):
            return part
    return next((part for part in reversed(file.parts[:-1]) if _SPLIT_WORD.fullmatch(part)), None)
