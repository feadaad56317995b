"""Audit a dataset in any layout (JSON Lines, JSON, Parquet, CSV, a `datasets` folder) with the checks of goldwire."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from goldwire.audit import AuditOptions, Columns, audit_dataset
from goldwire.audit.loading import open_datasets
from goldwire.checks.report import CheckReport, Options, path_prefix, report

__all__ = ["CheckReport", "run"]


def run(
    path: Path,
    *,
    text_column: str | None = None,
    label_column: str | None = None,
    spans_column: str | None = None,
    group_column: str | None = None,
    allowed_labels: Sequence[str] = (),
    near_duplicates: bool | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    format: str = "text",
    strict: bool = False,
    max_per_code: int = 20,
) -> CheckReport:
    """Check a dataset that goldwire did not make.

    Parameters
    ----------
    path
        A file, or a folder of files; each set of columns in a folder is a dataset of its own.
    text_column, label_column, spans_column, group_column
        Columns with the text, the label, the spans, and the group that no two splits may share.
        Default: guessed from names and values.
    allowed_labels
        The labels that rows may have. Default: those that the files declare, or else any.
    near_duplicates
        Whether to compare the texts of different splits. Default: only up to 200,000 rows.
    select, ignore
        Codes, prefixes of codes (`span`) or levels (`L2`) to report, and not to report.
    format
        `text`, `json`, `junit`, `sarif` or `github`.
    strict
        Whether warnings count for the exit code.
    max_per_code
        Number of findings listed per code; further ones are only counted.

    Raises
    ------
    GoldwireError
        There is no data at `path`, a file cannot be read, no column holds texts, or an option has an unknown value.
    """
    options = Options(select=select, ignore=ignore, format=format, strict=strict, max_per_code=max_per_code)
    limits = AuditOptions(
        max_per_code=max_per_code,
        labels=tuple(allowed_labels),
        near_duplicates=near_duplicates,
        codes=options.selected_codes(),
    )
    columns = Columns(text=text_column, label=label_column, spans=spans_column, group=group_column)
    with open_datasets(path, columns) as datasets:
        results = [audit_dataset(dataset, limits) for dataset in datasets]
    unlisted: Counter[str] = Counter()
    for result in results:
        unlisted.update(result.unlisted)
    folder = path if path.is_dir() else path.parent
    return report(
        (finding for result in results for finding in result.findings),
        options,
        unlisted=unlisted,
        notes=tuple(note for result in results for note in result.notes),
        base=path_prefix(folder.resolve(), Path.cwd().resolve()),
    )
