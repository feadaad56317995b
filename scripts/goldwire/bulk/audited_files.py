"""Audit of the Parquet files of a dataset, one by one, and the part of texts that each becomes for what follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import msgspec

import goldwire
from goldwire.audit import AuditOptions, Columns, Dataset, audit_dataset
from goldwire.audit.loading import open_datasets
from goldwire.bulk.articles import ARTICLES, local_copies
from goldwire.bulk.overlaps import text_digest
from goldwire.bulk.parts import ROWS_PER_GROUP, write_local
from goldwire.bulk.runner import Result, Task, key_of
from goldwire.bulk.store import open_store
from goldwire.checks.registry import RULES
from goldwire.errors import DataError
from goldwire.records import Finding
from goldwire.workspace.temporary import temporary_folder

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ACROSS_FILES", "AuditTask", "FileAudit", "audit_file", "audit_tasks"]

ACROSS_FILES = frozenset((
    "text-across-splits", "near-text-across-splits", "group-across-splits", "row-repeated", "text-two-labels",
    "id-repeated", "split-empty", "class-imbalance", "split-lacks-label",
))  # fmt: skip
"""Codes that one file cannot show: they are looked for in all files together."""

_ROWS = 20_000  # read at a time: 60 MB of articles of 3 kB


class AuditTask(msgspec.Struct, frozen=True):
    """The argument of `audit_file`: a file of the dataset at the URL `data`, and what decides its audit.

    `split` is that of all rows; None: the column of splits has it.
    """

    data: str
    out: str
    key: str
    file: str
    columns: Columns
    split: str | None
    limits: AuditOptions


class FileAudit(msgspec.Struct, frozen=True):
    """The findings of a file, and its numbers of rows by split and label."""

    findings: tuple[Finding, ...] = ()
    unlisted: dict[str, int] = {}
    notes: tuple[str, ...] = ()
    classes: tuple[tuple[str, str | None, int], ...] = ()


def audit_tasks(arguments: list[AuditTask], versions: dict[str, str]) -> list[Task]:
    """Return a task for each file; its key changes with the version of the file and all that decides the audit."""
    import polars as pl

    tasks = []
    for argument in arguments:
        limits = msgspec.structs.replace(argument.limits, codes=None)
        codes = sorted(_codes(argument.limits))
        values = argument.data, argument.file, versions[argument.file], argument.columns, argument.split
        key = key_of(
            "audit", goldwire.__version__, pl.__version__, *values, limits, codes
        )  # its hashes differ by version
        tasks.append(Task(key, msgspec.structs.replace(argument, key=key), (argument.file,)))
    return tasks


def audit_file(task: AuditTask) -> Result:
    """Audit the rows of a file, store what was found, and write a part with its texts; counts are rows by split."""
    out = open_store(task.out)
    found = f"audit/files/{task.key}.json"
    with temporary_folder() as folder:
        (path,) = local_copies(open_store(task.data), (task.file,), folder)
        try:
            with open_datasets(path, _present(task.columns, path)) as datasets:
                dataset = _with_split(datasets[0], task.split)
                audited = _audit(dataset, task)
                part = folder / "part.parquet"
                counts = Counter[str]()
                write_local(part, _schema(), _tables(dataset, task.key, counts))
        except DataError as error:  # as BrokenFilesError
            broken = Finding(code="data-file-unreadable", file=task.file, line=None, item=None, message=error.message)
            out.put(found, msgspec.json.encode(FileAudit((broken,))))
            return Result((found,))
        out.put(found, msgspec.json.encode(audited))
        if not counts.total():
            return Result((found,))
        name = f"{ARTICLES}/{task.key}.parquet"
        out.put(name, part)
    return Result((found, name), dict(counts))


def _present(columns: Columns, path: Path) -> Columns:
    """Return the columns that a file has: files of test splits often lack the labels."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        names = set(pq.read_schema(path).names)
    except (pa.ArrowInvalid, OSError) as error:
        problem = str(error).splitlines()[0]
        raise DataError(problem, location=PurePosixPath(path.name), hint="fix or remove the file") from None
    roles = [role for role in Columns.__struct_fields__ if role != "about"]
    absent = {role: None for role in roles if getattr(columns, role) not in names}
    return msgspec.structs.replace(columns, about=(), **absent)


def _with_split(dataset: Dataset, split: str | None) -> Dataset:
    import polars as pl

    if split is None:
        return dataset
    return msgspec.structs.replace(dataset, frame=dataset.frame.with_columns(pl.lit(split).alias("split")))


def _audit(dataset: Dataset, task: AuditTask) -> FileAudit:
    """Audit the rows, and count the labels."""
    limits = msgspec.structs.replace(task.limits, codes=_codes(task.limits), near_duplicates=False)
    result = audit_dataset(dataset, limits)
    findings = tuple(msgspec.structs.replace(finding, file=task.file) for finding in result.findings)
    classes: tuple[tuple[str, str | None, int], ...] = ()
    if dataset.columns.label is not None:
        counted = dataset.frame.group_by("split", "label").len().collect(engine="streaming")
        classes = tuple(sorted(counted.iter_rows(), key=str)) if counted.height <= _ROWS else ()
    # The first note describes the columns, which are those of the whole dataset.
    return FileAudit(findings, result.unlisted, result.notes[1:], classes)


def _codes(limits: AuditOptions) -> frozenset[str]:
    """Return the codes that are looked for in each file by itself."""
    return (frozenset(RULES) if limits.codes is None else limits.codes) - ACROSS_FILES


def _schema() -> pa.Schema:
    import pyarrow as pa

    text = {name: pa.string() for name in ("id", "title", "text", "split", "label", "group", "item")}
    return pa.schema({**text, "row": pa.uint32(), "digest": pa.uint64(), "whole": pa.uint64()})


def _tables(dataset: Dataset, key: str, counts: Counter[str]) -> Iterator[pa.Table]:
    """Yield the rows that have a text in tables of one row group, and count them by split.

    `digest` is that of the text, `whole` that of the text and the question about it; `item` is the id of the row.
    """
    import polars as pl

    columns = dataset.columns
    names = {"label": columns.label, "group": columns.group, "item": columns.id}
    values = [
        pl.col("id" if name == "item" else name).cast(pl.String).alias(name)
        if column is not None
        else pl.lit(None, pl.String).alias(name)
        for name, column in names.items()
    ]
    about = pl.col("about") if columns.about else pl.lit(0, pl.UInt64).alias("about")
    first = 0
    while True:
        rows = dataset.frame.slice(first, _ROWS).select("row", "split", "text", *values, about).collect()
        if not rows.height:
            return
        first += rows.height
        rows = rows.filter(pl.col("text").is_not_null())
        counts.update(dict(rows.group_by("split").len().iter_rows()))
        rows = rows.with_columns(
            # Ids of their own: those of the dataset may repeat.
            id=pl.lit(f"{key}:") + pl.col("row").cast(pl.String),
            title=pl.lit(""),
            digest=pl.Series(map(text_digest, rows["text"].to_list()), dtype=pl.UInt64),
        ).with_columns(whole=pl.col("digest") ^ pl.col("about"))
        table = rows.select(_schema().names).to_arrow().cast(_schema())
        for start in range(0, table.num_rows, ROWS_PER_GROUP):
            yield table.slice(start, ROWS_PER_GROUP)
