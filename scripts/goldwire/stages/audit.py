"""Audit a dataset in any layout: tables, JSON, tagged words, documents in files, a `datasets` folder."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from goldwire.audit import AuditOptions, AuditResult, Columns, audit_dataset
from goldwire.audit.annotation_files import annotation_tables
from goldwire.audit.archives import archive_folder, unread_archives
from goldwire.audit.conclusion import conclusion
from goldwire.audit.data_file import Problem
from goldwire.audit.loading import BrokenFilesError, open_datasets
from goldwire.checks.registry import leaks_first
from goldwire.checks.report import CheckReport, Options, report
from goldwire.errors import ConfigError, GoldwireError, MissingFileError

__all__ = ["MAX_PER_CODE", "CheckReport", "run"]

MAX_PER_CODE = 3
"""Findings listed per code, where the options do not say how many: other datasets often have thousands of one kind."""


def run(
    path: Path,
    *,
    columns: Columns = Columns(),  # noqa: B008 - a frozen record
    allowed_labels: Sequence[str] = (),
    near_duplicates: bool | None = None,
    options: Options = Options(max_per_code=MAX_PER_CODE),  # noqa: B008 - a frozen record
) -> CheckReport:
    """Check a dataset that goldwire did not make.

    Parameters
    ----------
    path
        A file, or a folder of files; each set of columns in a folder is a dataset of its own. Files of annotation
        tools are read as `import` reads them, with one row per text.
    columns
        Columns with the text, the label, the spans, the group that no two splits may share, and the split. Those that
        are None are guessed from names and values; the split also from the names of files and folders.
    allowed_labels
        The labels that rows may have. Default: those that the files declare, or else any.
    near_duplicates
        Whether to compare the texts of different splits. Default: only up to 200,000 rows.
    options
        What to report, and how. Default: three findings per code.

    Raises
    ------
    GoldwireError
        There is no data at `path`, a file cannot be read, no column holds texts, or an option has an unknown value.
    """
    limits = AuditOptions(
        max_per_code=options.max_per_code or MAX_PER_CODE,
        labels=tuple(allowed_labels),
        near_duplicates=near_duplicates,
        codes=options.selected_codes(),
    )
    unread = ", ".join(file.name for file in unread_archives(path))
    with archive_folder(path) as folder, annotation_tables(folder) as table:
        try:
            results = _audit(table, columns, limits)
        except GoldwireError as error:
            if table != path and error.location is not None:
                error.location = str(error.location).replace(str(table), str(path))
            if unread and isinstance(error, ConfigError | MissingFileError):
                error.hint = f"unpack {unread}, which may have the texts"
            raise
    notes = [note for result in results for note in result.notes]
    if unread:
        notes.append(f"{unread} is not read beside data files: unpack it, or audit it by itself")
    unlisted: Counter[str] = Counter()
    for result in results:
        unlisted.update(result.unlisted)
    findings = sorted((finding for result in results for finding in result.findings), key=leaks_first)
    # Through links, as the user names it; files of an archive are below its name.
    prefix = os.path.relpath(path if path.is_dir() or folder != path else path.parent)
    return report(
        findings,
        options,
        unlisted=unlisted,
        notes=tuple(notes),
        base="" if prefix == "." else f"{prefix}/",
        conclusion=conclusion(results),
    )


def _audit(path: Path, columns: Columns, limits: AuditOptions) -> list[AuditResult]:
    """Audit the datasets at a path; a file that turns out to be broken becomes a finding, if there are others."""
    broken: dict[Path, Problem] = {}
    while True:
        try:
            with open_datasets(path, columns, broken) as datasets:
                return [audit_dataset(dataset, limits) for dataset in datasets]
        except BrokenFilesError as error:
            if not error.problems.keys() - broken.keys():
                raise
            broken |= error.problems
