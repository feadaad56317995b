"""Datasets in any layout (tables, tagged words, documents, a `datasets` folder) as lazy tables with known columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from goldwire.audit.columns import guess_columns
from goldwire.audit.data_file import OpenedFile, Problem, one_line
from goldwire.audit.declared_files import missing_files
from goldwire.audit.documents import document_names, is_structured, open_documents
from goldwire.audit.files import SUFFIXES, DataFile, broken_parquet, data_files, label_names, open_file
from goldwire.audit.folds import fold_of_each
from goldwire.audit.joined_texts import JoinedTexts, find_key
from goldwire.audit.span_formats import mean_words, polars_span_type, span_expression, text_expression
from goldwire.audit.split_lists import SplitLists, find_lists, lists_in_table, with_lists
from goldwire.audit.splits import (
    SplitColumn,
    name_without_split,
    split_candidates,
    split_column,
    split_kind,
    split_names,
)
from goldwire.audit.table import Columns, Dataset
from goldwire.errors import ConfigError, DataError, MissingFileError
from goldwire.records import Finding
from goldwire.text.encodings import printable_path
from goldwire.workspace.temporary import temporary_folder

if TYPE_CHECKING:
    import polars as pl

__all__ = ["BrokenFilesError", "open_datasets"]

_SAMPLE_ROWS = 500  # whose values decide the roles of columns
_SAMPLE_FILES = 4
_MIN_WORDS = 2  # of a line, on average
_MIN_COMMON = 0.5  # of the columns of two files: with fewer they are different tables


class BrokenFilesError(DataError):
    """Files turned out to be broken while they were read; `problems` has them."""

    def __init__(self, problems: Mapping[Path, Problem]) -> None:
        path, problem = next(iter(problems.items()))
        super().__init__(problem.message, location=path, hint="fix or remove the file")
        self.problems = dict(problems)


class _Table(msgspec.Struct):
    """Files with the same columns, or columns that the wider ones have, too."""

    files: list[DataFile]
    names: tuple[str, ...]
    sample: pl.DataFrame
    columns: Columns
    is_group_given: bool = False
    texts: JoinedTexts | None = None  # of another table

    @property
    def are_documents(self) -> bool:
        """Whether each file is one row."""
        return self.files[0].format == "document"


@contextmanager
def open_datasets(
    path: Path, named: Columns | None = None, broken: Mapping[Path, Problem] | None = None
) -> Iterator[tuple[Dataset, ...]]:
    """Open the dataset at `path`, a file or a folder; files with different columns are separate datasets.

    `named` has the columns by role that are not to be guessed, `broken` the files that are not to be read. Texts are
    first converted to temporary Parquet files, chunk by chunk, so that memory does not grow with their size.

    Raises
    ------
    MissingFileError
        There are no data files.
    DataError
        No file can be read.
    ConfigError
        No column holds texts.
    BrokenFilesError
        Files turned out to be broken while they were read.
    """
    import polars as pl

    if not path.exists():
        raise MissingFileError("no such file or folder", location=path)
    if path.suffix.lower() in {".xlsx", ".xls", ".ods"}:
        raise DataError("spreadsheets are not read", location=path, hint="save the sheet as CSV")
    broken = broken or {}
    root = path if path.is_dir() else path.parent
    lists, list_files = find_lists(root) if path.is_dir() else ([], frozenset())
    files, problems = data_files(path, list_files)
    files = [file for file in files if file.path not in broken]
    problems += [*broken.items(), *(missing_files(root, [file.path for file in files]) if path.is_dir() else ())]
    if not files:
        raise _no_data(path, problems)
    try:
        with temporary_folder() as folder:
            tables, others = _tables(root, files, named or Columns(), folder)
            if not tables:
                have = ", ".join(sorted({name for other in others for name in other.names}))
                raise ConfigError(
                    "no column of texts", location=path, hint=f"name one with --text-column (there: {have})"
                )
            lists += [one for other in others for one in _lists_in_table(other, folder)]
            datasets = [one for table in tables for one in _open(root, table, folder, lists)]
            findings = tuple(_finding(root, file, problem) for file, problem in problems)
            datasets[0] = msgspec.structs.replace(datasets[0], problems=(*findings, *datasets[0].problems))
            yield tuple(datasets)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        # Columns are read while they are checked: a broken page of a file is only noticed now.
        found = {**dict(broken_parquet(files))}
        if found:
            raise BrokenFilesError(found) from None
        raise DataError(f"polars failed: {one_line(error)}", location=path) from None


def _lists_in_table(table: _Table, folder: Path) -> Iterator[SplitLists]:
    import polars as pl

    opened = [open_file(file, file.names, folder) for file in table.files]
    column = _split_column(opened, table.columns, split_candidates(table.sample))
    if column is not None:
        rows = pl.concat([one.frame for one in opened], how="diagonal_relaxed")
        files = [file.path for file in table.files]
        yield from lists_in_table(files, rows.with_columns(column.expression().alias(column.name)), column.name)


def _no_data(path: Path, problems: Sequence[tuple[Path, Problem]]) -> DataError | MissingFileError:
    unreadable = [(file, problem) for file, problem in problems if problem.code == "data-file-unreadable"]
    if unreadable:
        file, problem = unreadable[0]
        return DataError(problem.message, location=file, hint="fix or remove the file")
    if problems:
        return DataError("no rows", location=problems[0][0], hint="fix or remove the file")
    return MissingFileError("no data files", location=path, hint=f"supported: {' '.join(SUFFIXES)}")


def _finding(root: Path, file: Path, problem: Problem) -> Finding:
    name = _relative(root, file)
    return Finding(code=problem.code, file=name, line=problem.line, item=None, message=problem.message)


def _relative(root: Path, file: Path) -> str:
    return printable_path(file.relative_to(root).as_posix())


def _tables(root: Path, files: Sequence[DataFile], named: Columns, folder: Path) -> tuple[list[_Table], list[_Table]]:
    """Return the tables that have texts or name those of another table, and the others."""
    tables: list[_Table] = []
    others: list[_Table] = []
    for group in _groups(root, files):
        names = group[0].names
        if group[0].format == "document":
            paths = [file.path for file in group]
            names = tuple(document_names(paths, [path.relative_to(root) for path in paths]))
        further = next((table for table in tables if _belongs(root, table, group, names)), None)
        if further is not None:
            further.files += group
            continue
        sample = _sample(root, group, names, folder)
        columns = guess_columns(sample, named, root)
        words = mean_words(sample[columns.text]) if columns.text is not None else 0.0
        # Lines of one word are the labels of the lines of another file.
        has_texts = columns.text is not None and (group[0].format != "lines" or (words or 0) >= _MIN_WORDS)
        table = _Table(list(group), names, sample, columns, named.group is not None)
        (tables if has_texts else others).append(table)
    rest: list[_Table] = []
    joined: list[_Table] = []
    for other in others:
        with_texts = _with_texts(other, tables, named, root, folder) if named.text is None else None
        if with_texts is None:
            rest.append(other)
        else:
            joined.append(with_texts)
    return [*tables, *joined], rest


def _with_texts(other: _Table, tables: Sequence[_Table], named: Columns, root: Path, folder: Path) -> _Table | None:
    """Return a table without texts with those of the table whose ids it names; None if there is no such table."""
    import polars as pl

    if other.columns.label is None and other.columns.start is None:
        return None
    for table in tables:
        if table.are_documents or table.columns.text is None:
            continue
        ids = [name for name in (table.columns.id, table.columns.group) if name is not None and name in table.names]
        wanted = list(dict.fromkeys([*ids, table.columns.text]))
        opened = [open_file(file, [n for n in wanted if n in file.names], folder).frame for file in table.files]
        rows = pl.concat(opened, how="diagonal_relaxed")
        texts = find_key(rows, ids, table.columns.text, table.sample[table.columns.text], other.sample)
        if texts is not None:
            sample = texts.join(other.sample.lazy()).collect()
            given = msgspec.structs.replace(named, text=texts.name)
            columns = guess_columns(sample, given, root)
            return _Table(other.files, other.names, sample, columns, other.is_group_given, texts)
    return None


def _groups(root: Path, files: Sequence[DataFile]) -> list[list[DataFile]]:
    """Return the files with the same columns and format, those with most columns first.

    Folders that have several splits each are configurations, and datasets of their own; a folder may also be a split.
    """
    folders = {file.path: _folder_of(root, file) for file in files}
    kinds: dict[tuple[str, ...], set[str | None]] = {}
    for file, split in zip(files, split_names([file.path.relative_to(root) for file in files]), strict=True):
        kinds.setdefault(folders[file.path], set()).add(split_kind(split))
    are_configurations = len(kinds) > 1 and all(len(found) > 1 for found in kinds.values())
    groups: dict[tuple[object, ...], list[DataFile]] = {}
    folds = fold_of_each([file.path for file in files], root)
    for file in files:
        folder = folders[file.path] if are_configurations and file.format != "document" else ()
        folder = (folds[file.path],) if folds else folder
        columns: tuple[object, ...] = (
            (is_structured(file.path),) if file.format == "document" else tuple(sorted(file.names))
        )
        columns += name_without_split(file.path) if file.format == "lines" else ()
        groups.setdefault((folder, file.format, columns), []).append(file)
    return sorted(groups.values(), key=lambda group: -len(group[0].names))


def _folder_of(root: Path, file: DataFile) -> tuple[str, ...]:
    """Return the folder of a file, without the parts that name a split."""
    return tuple(part for part in file.path.relative_to(root).parts[:-1] if split_kind(part) is None)


def _belongs(root: Path, table: _Table, group: Sequence[DataFile], names: Sequence[str]) -> bool:
    """Whether files are further splits of a table: test files often lack the labels."""
    if group[0].format != table.files[0].format or table.columns.text not in names or table.are_documents:
        return False
    common = len({*names}.intersection(table.names))
    if common < len(names) and common < _MIN_COMMON * max(len(names), len(table.names)):
        return False
    paths = [[file.path.relative_to(root) for file in some] for some in (table.files, group)]
    here, there = ({split_kind(split) for split in split_names([*some, Path("train")])[:-1]} for some in paths)
    return None not in there and here.isdisjoint(there)


def _sample(root: Path, files: Sequence[DataFile], names: Sequence[str], folder: Path) -> pl.DataFrame:
    """Return the first rows of the first files that have some."""
    import polars as pl

    if files[0].format == "document":
        return _open_documents(root, files, names, folder, rows=_SAMPLE_ROWS).frame.collect()
    samples: list[pl.DataFrame] = []
    for file in files:
        sample = open_file(file, names, folder, rows=_SAMPLE_ROWS).frame.collect()
        samples += [sample] if sample.height else []
        if len(samples) == _SAMPLE_FILES or sum(sample.height for sample in samples) >= _SAMPLE_ROWS:
            break
    if not samples:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    with suppress(pl.exceptions.SchemaError, pl.exceptions.ShapeError, pl.exceptions.InvalidOperationError):
        return pl.concat([sample.select("row", *names) for sample in samples], how="vertical_relaxed")
    return samples[0]


def _open_documents(
    root: Path, files: Sequence[DataFile], names: Sequence[str], folder: Path, *, rows: int | None = None
) -> OpenedFile:
    paths = [file.path for file in files]
    return open_documents(paths, [path.relative_to(root) for path in paths], names, folder, rows)


def _open(root: Path, table: _Table, folder: Path, lists: Sequence[SplitLists]) -> list[Dataset]:
    """Return the dataset of a table, once for each of the lists that divide it."""
    import polars as pl

    files, columns = table.files, table.columns
    relative = [file.path.relative_to(root) for file in files]
    splits = split_names(relative, by_folder=table.are_documents)
    candidates = [] if len({split_kind(split) for split in splits}) > 1 else split_candidates(table.sample)
    wanted = list(dict.fromkeys([*columns.present(), *candidates, *([table.texts.key] if table.texts else [])]))
    if table.are_documents:
        opened = [_open_documents(root, files, [name for name in wanted if name in table.names], folder)]
    else:
        opened = [open_file(file, [name for name in wanted if name in file.names], folder) for file in files]
        if table.texts is not None:
            join = table.texts.join
            opened = [msgspec.structs.replace(one, frame=join(one.frame)) for one in opened]
    by_column = _split_column(opened, columns, candidates)
    columns = columns if by_column is None else msgspec.structs.replace(columns, split=by_column.name)
    frames = []
    for number, one in enumerate(opened):
        numbered = one.frame if table.are_documents else one.frame.with_columns(pl.lit(number, pl.UInt32).alias("file"))
        split = _file_split(splits, number, table) if by_column is None else by_column.expression()
        frames.append(_normal(numbered, columns, table.sample, split, label_names(files[number])))
    problems = tuple(
        _finding(root, files[number + problem.file].path, problem)
        for number, one in enumerate(opened)
        for problem in one.problems
    )
    labels_by_column = label_names(files[0])
    dataset = Dataset(
        files=tuple(printable_path(path.as_posix()) for path in relative),
        frame=pl.concat(frames, how="vertical_relaxed"),
        columns=columns,
        labels=labels_by_column.get(columns.label or "", ()),
        span_labels=labels_by_column.get(f"{columns.spans}.label", ()),
        problems=problems,
        is_group_given=table.is_group_given,
        has_joined_texts=table.texts is not None,
    )
    has_splits = by_column is not None or len(set(splits)) > 1
    return [dataset] if has_splits else with_lists(dataset, lists, root)


def _file_split(splits: Sequence[str], number: int, table: _Table) -> pl.Expr:
    """Return the split of the rows of one file, or of those of documents by their number."""
    import polars as pl

    if not table.are_documents:
        return pl.lit(splits[number])
    return pl.col("file").replace_strict(range(len(splits)), splits, return_dtype=pl.String)


def _split_column(opened: Sequence[OpenedFile], columns: Columns, candidates: Sequence[str]) -> SplitColumn | None:
    """Return the column that has the split of each row, by all of its values."""
    import polars as pl

    if columns.split is not None:
        return SplitColumn(columns.split)
    values: dict[str, list[object]] = {name: [] for name in candidates}
    for one in opened:
        present = [name for name in candidates if name in one.frame.collect_schema().names()]
        distinct = [one.frame.select(pl.col(name).cast(pl.String).unique()) for name in present]
        for name, frame in zip(present, pl.collect_all(distinct, engine="streaming"), strict=True):
            values[name] += frame.to_series().to_list()
    return split_column(values)


def _normal(
    frame: pl.LazyFrame, columns: Columns, sample: pl.DataFrame, split: pl.Expr, names: Mapping[str, tuple[str, ...]]
) -> pl.LazyFrame:
    """Return rows with the column names of `Dataset`; `names` are those of integer labels, by column."""
    import polars as pl

    schema = frame.collect_schema()
    exprs = [pl.col("file").cast(pl.UInt32), pl.col("row").cast(pl.UInt32), split.alias("split")]
    if columns.text is not None:
        exprs.append(text_expression(columns.text, sample[columns.text]).alias("text"))
    for role in ("id", "group", "surface"):
        if (name := getattr(columns, role)) is not None:
            exprs.append(_present(schema, name, pl.String).cast(pl.String).alias(role))
    for role in ("start", "end"):
        if (name := getattr(columns, role)) is not None:
            exprs.append(_present(schema, name, pl.Int64).cast(pl.Int64, strict=False).alias(role))
    if columns.label is not None:
        label = _present(schema, columns.label, pl.String)
        exprs.append(_label_names(label, names.get(columns.label, ())).alias("label"))
        exprs.append(pl.lit(columns.label in schema).alias("has_label"))
    if columns.spans is not None:
        labels = names.get(f"{columns.spans}.label", ())
        kind = schema.get(columns.spans)
        spans = pl.lit(None, polars_span_type()) if kind is None else span_expression(columns.spans, kind, labels)
        exprs.append(spans.alias("spans"))
    if columns.tags is not None:
        exprs += _tags(schema, columns.tags, columns.text or "", names.get(f"{columns.tags}.", ()))
    if columns.about:
        exprs.append(
            pl.struct(_present(schema, name, pl.String).cast(pl.String) for name in columns.about).hash().alias("about")
        )
    return frame.select(exprs)


def _present(schema: Mapping[str, pl.DataType], name: str, kind: pl.DataType | type[pl.DataType]) -> pl.Expr:
    """Return a column, or nulls for a file that lacks it."""
    import polars as pl

    return pl.col(name) if name in schema else pl.lit(None, kind).alias(name)


def _tags(schema: Mapping[str, pl.DataType], tags: str, text: str, labels: Sequence[str]) -> tuple[pl.Expr, pl.Expr]:
    import polars as pl

    if tags not in schema:
        return pl.lit(None, pl.List(pl.String)).alias("tags"), pl.lit(None, pl.UInt32).alias("tokens")
    values = pl.col(tags).list.eval(_label_names(pl.element(), labels))
    return values.alias("tags"), pl.col(text).list.len().alias("tokens")


def _label_names(value: pl.Expr, names: Sequence[str]) -> pl.Expr:
    """Replace integer labels by their names; other values are unchanged."""
    import polars as pl

    if not names:
        return value.cast(pl.String)
    numbers = [-1, *range(len(names))]  # -1: no label, as in test sets of `datasets`
    return value.replace_strict(numbers, [None, *names], default=value.cast(pl.String), return_dtype=pl.String)
