"""Datasets (JSON Lines, JSON, Parquet, CSV or a `datasets` folder) as lazy tables with known columns."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from goldwire.audit import Columns, Dataset
from goldwire.audit.columns import guess_columns
from goldwire.audit.data_file import one_line
from goldwire.audit.files import (
    SUFFIXES,
    column_names,
    data_files,
    label_names,
    open_file,
    raise_for_broken_parquet,
    split_names,
)
from goldwire.audit.span_formats import span_expression, text_expression
from goldwire.errors import ConfigError, DataError, MissingFileError
from goldwire.records import Finding

if TYPE_CHECKING:
    import polars as pl

__all__ = ["open_datasets"]

_SAMPLE_ROWS = 500  # whose values decide the roles of columns


@contextmanager
def open_datasets(path: Path, named: Columns | None = None) -> Iterator[tuple[Dataset, ...]]:
    """Open the dataset at `path`, a file or a folder; files with different columns are separate datasets.

    `named` has the columns by role that are not to be guessed. JSON Lines and CSV are first converted to temporary
    Parquet files, chunk by chunk, so that memory does not grow with their size.

    Raises
    ------
    MissingFileError
        There are no data files.
    DataError
        A file cannot be read.
    ConfigError
        No column holds texts.
    """
    import polars as pl

    if not path.exists():
        raise MissingFileError("no such file or folder", location=path)
    files = tuple(data_files(path))
    if not files:
        raise MissingFileError("no data files", location=path, hint=f"supported: {' '.join(SUFFIXES)}")
    groups: dict[tuple[str, ...], list[Path]] = {}
    for file in files:
        groups.setdefault(tuple(sorted(column_names(file))), []).append(file)
    root = path if path.is_dir() else path.parent
    empty = [
        Finding(code="split-empty", file=file.relative_to(root).as_posix(), line=None, item=None, message="no rows")
        for file in groups.pop((), ())
    ]
    try:
        with tempfile.TemporaryDirectory(prefix="goldwire-") as folder:
            opened = [_open(root, group, named or Columns(), Path(folder)) for group in groups.values()]
            datasets = [dataset for dataset in opened if dataset is not None]
            if not datasets:
                have = ", ".join(sorted({name for names in groups for name in names}))
                raise ConfigError(
                    "no column of texts", location=path, hint=f"name one with --text-column (there: {have})"
                )
            datasets[0] = msgspec.structs.replace(datasets[0], problems=(*empty, *datasets[0].problems))
            yield tuple(datasets)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        # Columns are read while they are checked: a broken page of a file is only noticed now.
        raise_for_broken_parquet(files)
        if isinstance(error, pl.exceptions.PolarsError):
            raise
        raise DataError(f"polars failed: {one_line(error)}", location=path) from None


def _open(root: Path, files: Sequence[Path], named: Columns, folder: Path) -> Dataset | None:
    import polars as pl

    names = column_names(files[0])
    samples = (open_file(file, names, folder, rows=_SAMPLE_ROWS).frame.collect() for file in files)
    sample = next((sample for sample in samples if sample.height), pl.DataFrame(schema=dict.fromkeys(names, pl.String)))
    columns = guess_columns(sample, named, root)
    if columns.text is None:
        return None
    column_subset = list(dict.fromkeys(columns.present()))
    opened = [open_file(file, column_subset, folder) for file in files]
    relative_paths = [file.relative_to(root).as_posix() for file in files]
    splits = split_names([Path(name) for name in relative_paths])
    frames = [
        _normal(number, opened_file.frame, columns, (splits[number], label_names(files[number])))
        for number, opened_file in enumerate(opened)
    ]
    problems = [
        Finding(code=code, file=name, line=line, item=None, message=message)
        for name, opened_file in zip(relative_paths, opened, strict=True)
        for code, line, message in opened_file.problems
    ]
    labels_by_column = label_names(files[0])
    return Dataset(
        files=tuple(relative_paths),
        frame=pl.concat(frames, how="vertical_relaxed"),
        columns=columns,
        labels=labels_by_column.get(columns.label or "", ()),
        span_labels=labels_by_column.get(f"{columns.spans}.label", ()),
        problems=tuple(problems),
    )


def _normal(
    number: int, frame: pl.LazyFrame, columns: Columns, declared: tuple[str, dict[str, tuple[str, ...]]]
) -> pl.LazyFrame:
    """Return the file's rows with the column names of `Dataset`; `declared` is its split and the label names."""
    import polars as pl

    schema = frame.collect_schema()
    split, names = declared
    exprs = [pl.lit(number, pl.UInt32).alias("file"), pl.col("row").cast(pl.UInt32)]
    exprs.append(pl.lit(split).alias("split") if columns.split is None else _string(columns.split, "split"))
    if columns.text is not None:
        exprs.append(text_expression(columns.text, schema[columns.text]).alias("text"))
    exprs += [
        _string(name, role) for role in ("id", "group", "surface") if (name := getattr(columns, role)) is not None
    ]
    for role in ("start", "end"):
        if (name := getattr(columns, role)) is not None:
            exprs.append(pl.col(name).cast(pl.Int64, strict=False).alias(role))
    if columns.label is not None:
        exprs.append(_label_names(pl.col(columns.label), names.get(columns.label, ())).alias("label"))
    if columns.spans is not None:
        exprs.append(span_expression(columns.spans, schema[columns.spans], names.get(f"{columns.spans}.label", ())))
    if columns.tags is not None:
        tag = _label_names(pl.element(), names.get(f"{columns.tags}.", ()))
        exprs.append(pl.col(columns.tags).list.eval(tag).alias("tags"))
        exprs.append(pl.col(columns.text or "").list.len().alias("tokens"))
    if columns.about:
        exprs.append(pl.struct(columns.about).hash().alias("about"))
    return frame.select(exprs)


def _string(name: str, role: str) -> pl.Expr:
    import polars as pl

    return pl.col(name).cast(pl.String).alias(role)


def _label_names(value: pl.Expr, names: Sequence[str]) -> pl.Expr:
    """Replace integer labels by their names; other values are unchanged."""
    import polars as pl

    if not names:
        return value.cast(pl.String)
    return value.replace_strict(
        list(range(len(names))), list(names), default=value.cast(pl.String), return_dtype=pl.String
    )
