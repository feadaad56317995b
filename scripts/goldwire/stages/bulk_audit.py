"""Audit a dataset of Parquet files at a URL in tasks: each file by itself, then what their splits share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from goldwire.audit import AuditOptions, AuditResult, Columns, Dataset
from goldwire.audit.conclusion import conclusion
from goldwire.audit.leakage import RepeatCounts, are_row_ids, are_several_answers, unbalanced_classes
from goldwire.audit.loading import open_datasets
from goldwire.audit.splits import NO_SPLIT, split_names
from goldwire.audit.table import Leak
from goldwire.bulk.articles import ARTICLES
from goldwire.bulk.audited_files import AuditTask, FileAudit, audit_file, audit_tasks
from goldwire.bulk.deduplication import deduplicate
from goldwire.bulk.overlaps import (
    KINDS,
    REPEATED,
    KeyTask,
    Kind,
    Overlap,
    Overlaps,
    OverlapTask,
    Place,
    Repeats,
    RepeatTask,
    find_overlaps,
    find_repeats,
    write_keys,
)
from goldwire.bulk.parts import first_rows, part_files, part_key
from goldwire.bulk.placement import CLUSTERS
from goldwire.bulk.runner import Finished, key_of, make_task, run_step, total
from goldwire.bulk.segments import Segments, segment_ranges
from goldwire.bulk.store import FileInfo, Store, open_store
from goldwire.checks.registry import leaks_first
from goldwire.checks.report import CheckReport, Options, report
from goldwire.dedup.jaccard import Thresholds
from goldwire.dedup.near_duplicates import DEFAULT_CONTAINMENT
from goldwire.errors import DataError, MissingFileError
from goldwire.parallel.tasks import TaskPool
from goldwire.parallel.threads import thread_pool
from goldwire.quantities import quantity
from goldwire.records import Finding
from goldwire.workspace.temporary import temporary_folder

__all__ = ["run"]

_SUFFIXES = (".parquet", ".parq")
_SAMPLED_FILES, _SAMPLED_ROWS = 64, 200  # from which the columns are guessed
_ROWS_PER_TASK = 262_144  # whose digests are in memory together, 50 MB
_READERS = 16  # files opened at once
_NEAR = "near-text-across-splits"
_MIN_JACCARD = 0.7  # as `goldwire.audit.cross_split_similarity`


def run(
    url: str,
    *,
    pool: TaskPool,
    out: str | None = None,
    columns: Columns | None = None,
    allowed_labels: Sequence[str] = (),
    near_duplicates: bool = True,
    options: Options | None = None,
) -> CheckReport:
    """Audit the Parquet files below a URL.

    Parameters
    ----------
    url : str
        Folder of the files. The split of a file is that of its name or folders, or of a column.
    pool : TaskPool
        Runs the tasks.
    out : str, optional
        Folder for the tasks' files, which every worker can reach; with it a repeated run does only what is new.
        Default: a temporary folder of this machine.
    columns : Columns, optional
        The columns by role that are not to be guessed.
    allowed_labels : sequence of str
        The labels that rows may have. Default: those that the files declare, or else any.
    near_duplicates : bool, default: True
        Whether to look for near-duplicates in different splits.
    options : Options, optional
        What to report, and how. Default: three findings per code.

    Raises
    ------
    MissingFileError
        There are no Parquet files.
    ConfigError
        No column holds texts, or a column that was named does not exist.
    ServerError
        A store cannot be reached, or denies access.
    """
    options = options or Options(max_per_code=3)
    limits = AuditOptions(
        max_per_code=options.max_per_code or AuditOptions().max_per_code,
        labels=tuple(allowed_labels),
        codes=options.selected_codes() - (frozenset() if near_duplicates else {_NEAR}),
    )
    store = open_store(url)
    files = {file.path: file for file in store.files() if _is_data(file.path)}
    if not files:
        raise MissingFileError("no Parquet files", location=store.url, hint="`goldwire audit PATH` reads other formats")
    with temporary_folder() as folder:
        broken, notes, datasets = _datasets(store, list(files), columns or Columns(), folder / "samples")
        results = [AuditResult(broken, notes=notes)]
        n_alike = Counter[Columns]()
        for dataset in datasets:
            # Not by the files: those that are added later belong to the same dataset.
            names = key_of(store.url, dataset.columns, n_alike[dataset.columns])
            n_alike[dataset.columns] += 1
            working = open_store(f"{out}/{names}" if out is not None else folder / names)
            audit = _DatasetAudit(store, working, pool, dataset, limits)
            results.append(audit.run(files))
    unlisted = Counter[str]()
    for result in results:
        unlisted.update(result.unlisted)
    return report(
        sorted((finding for result in results for finding in result.findings), key=leaks_first),
        options,
        unlisted=unlisted,
        notes=tuple(note for result in results for note in result.notes),
        base=f"{store.url}/",
        conclusion=conclusion(results),
    )


def _is_data(path: str) -> bool:
    return path.endswith(_SUFFIXES) and not any(part.startswith((".", "_")) for part in path.split("/"))


def _datasets(
    store: Store, names: list[str], columns: Columns, folder: Path
) -> tuple[tuple[Finding, ...], tuple[str, ...], tuple[Dataset, ...]]:
    """Return the findings of broken files, notes, and the datasets: the files with the same columns, and their roles.

    They are decided as for local files, on copies of the first rows of the first files, and of the columns of others.
    """

    def copy(number: int, name: str) -> Finding | None:
        try:
            first_rows(store, name, folder / name, _SAMPLED_ROWS if number < _SAMPLED_FILES else 0)
        except DataError as error:
            return Finding(code="data-file-unreadable", file=name, line=None, item=None, message=error.message)
        return None

    with thread_pool(_READERS) as threads:
        broken = tuple(filter(None, threads.map(copy, range(len(names)), names)))
    if len(broken) == len(names):
        raise DataError(broken[0].message, location=f"{store.url}/{broken[0].file}", hint="fix or remove the file")
    with open_datasets(folder, columns) as opened:
        joined = [name for dataset in opened if dataset.has_joined_texts for name in dataset.files]
        notes = (f"{quantity(len(joined), 'file')} were left out: their texts are in other files",) if joined else ()
        return broken, notes, tuple(dataset for dataset in opened if not dataset.has_joined_texts)


class _DatasetAudit:
    """The audit of the files with the same columns."""

    def __init__(self, data: Store, out: Store, pool: TaskPool, dataset: Dataset, limits: AuditOptions) -> None:
        self._data, self._out, self._pool = data, out, pool
        self._dataset = dataset
        self._numbers: tuple[int, ...] = ()  # of the files of keys
        self._ranges: tuple[Segments, ...] = ()  # of digests, of one task each
        self._limits = msgspec.structs.replace(
            limits, labels=limits.labels or dataset.labels, span_labels=limits.span_labels or dataset.span_labels
        )

    def run(self, files: dict[str, FileInfo]) -> AuditResult:
        """Audit the files.

        1. Audit each file, and write its texts.
        2. Cluster near-duplicates.
        3. Find what two splits share, and what repeats.
        """
        finished = self._audit_files(files)
        parts = {entry.files[1]: number for number, entry in enumerate(finished) if len(entry.files) > 1}
        self._out.delete([name for name in part_files(self._out, ARTICLES) if name not in parts])
        result = self._result([msgspec.json.decode(self._out.read(e.files[0]), type=FileAudit) for e in finished])
        if not parts:
            return result
        splits = tuple(sorted({split for entry in finished for split in entry.counts}))
        if self._limits.wants(_NEAR):
            deduplicate(self._out, Thresholds(_MIN_JACCARD, DEFAULT_CONTAINMENT), self._pool)
        keys = self._keys(parts, splits)
        leaks = list(self._leaks(self._overlaps(keys, splits)))
        repeated = self._repeated_rows(self._repeats("row", keys)), self._repeated_ids(self._repeats("id", keys))
        unlisted = Counter(result.unlisted)
        for found in repeated:
            unlisted.update(found.unlisted)
        return AuditResult(
            (*result.findings, *(finding for finding, _ in leaks), *(f for found in repeated for f in found.findings)),
            dict(unlisted),
            (*result.notes, *(note for found in repeated for note in found.notes)),
            tuple(split for split in splits if split != NO_SPLIT),
            tuple(leak for _, leak in leaks),
        )

    def _audit_files(self, files: dict[str, FileInfo]) -> list[Finished]:
        columns = self._dataset.columns
        splits: Sequence[str | None] = split_names([Path(name) for name in self._dataset.files])
        if columns.split is not None:
            splits = [None] * len(splits)
        arguments = [
            AuditTask(self._data.url, self._out.url, "", name, columns, split, self._limits)
            for name, split in zip(self._dataset.files, splits, strict=True)
        ]
        tasks = audit_tasks(arguments, {name: files[name].version for name in self._dataset.files})
        return run_step(self._out, "audit/files", tasks, audit_file, self._pool)[0]

    def _result(self, audits: list[FileAudit]) -> AuditResult:
        """Return what the files by themselves show, and the balance of classes in all of them."""
        import polars as pl

        unlisted = Counter[str]()
        for audit in audits:
            unlisted.update(audit.unlisted)
        findings = [finding for audit in audits for finding in audit.findings]
        schema = {"split": pl.String, "label": pl.String, "len": pl.Int64}
        rows = [row for audit in audits for row in audit.classes]
        counts = pl.DataFrame(rows, schema=schema, orient="row").group_by("split", "label").agg(pl.col("len").sum())
        findings += [
            Finding(code=code, file=self._dataset.files[0], line=None, item=item, message=message)
            for code, item, message in unbalanced_classes(counts)
            if self._limits.wants(code)
        ]
        notes = dict.fromkeys(note for audit in audits for note in audit.notes)
        return AuditResult(tuple(findings), dict(unlisted), (self._dataset.describe(), *notes))

    def _keys(self, parts: dict[str, int], splits: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        """Write what may be shared or repeat, and return the files of each kind."""
        out = self._out
        versions = {part_key(file.path): file.version for file in out.files(f"{CLUSTERS}/")}
        tasks = [
            make_task("keys", KeyTask(out.url, "", part, splits, versions.get(part_key(part), ""))) for part in parts
        ]
        written, _ = run_step(out, "audit/keys", tasks, write_keys, self._pool)
        self._numbers = tuple(parts.values())
        self._ranges = tuple(segment_ranges(-(-total(written, "rows") // _ROWS_PER_TASK)))
        return dict(zip((*KINDS, *REPEATED), zip(*(entry.files for entry in written), strict=True), strict=True))

    def _overlaps(self, keys: dict[str, tuple[str, ...]], splits: tuple[str, ...]) -> dict[Kind, list[Overlaps]]:
        """Return what splits share, by kind."""
        found: dict[Kind, list[Overlaps]] = {}
        for kind in KINDS:
            tasks = [
                make_task("overlaps", OverlapTask(self._out.url, "", kind, segments, keys[kind], self._numbers, splits))
                for segments in self._ranges
            ]
            finished, _ = run_step(self._out, "audit/overlaps", tasks, find_overlaps, self._pool)
            found[kind] = [msgspec.json.decode(self._out.read(entry.files[0]), type=Overlaps) for entry in finished]
        return found

    def _leaks(self, found: dict[Kind, list[Overlaps]]) -> Iterator[tuple[Finding, Leak]]:
        """Yield a finding for each pair of splits that share texts, near-duplicates or groups."""
        sizes = {kind: _sizes(overlaps) for kind, overlaps in found.items()}
        for kind, parts in found.items():
            if not self._limits.wants(f"{kind}-across-splits"):
                continue
            pairs: dict[tuple[str, str], list[Overlap]] = {}
            for overlap in (overlap for part in parts for overlap in part.overlaps):
                pairs.setdefault((overlap.earlier, overlap.later), []).append(overlap)
            for (earlier, later), overlaps in sorted(pairs.items()):
                size = sizes["group" if kind == "group" else "text"][later]
                yield self._leak(kind, (earlier, later), overlaps, size)

    def _leak(self, kind: str, pair: tuple[str, str], overlaps: list[Overlap], size: int) -> tuple[Finding, Leak]:
        """Return the finding of what two splits share, at its first row in the later one."""
        earlier, later = pair
        count = sum(overlap.count for overlap in overlaps)
        at, origin = min((overlap.at, overlap.origin) for overlap in overlaps)
        noun = f"values of {self._dataset.columns.group!r}" if kind == "group" else "texts"
        message = f"{count:,} of its {size:,} {noun} are in {earlier} too; this one at {self._location(origin)}"
        if kind == "near-text":
            where = self._location(origin)
            message = (
                f"{count:,} of its texts have a near-duplicate in {earlier}; this one is in a cluster with {where}"
            )
        finding = self._finding(f"{kind}-across-splits", at, message, f"{earlier} {later}")
        return finding, Leak(earlier, later, noun, count, size, nearly=kind == "near-text")

    def _repeats(self, kind: Literal["row", "id"], keys: dict[str, tuple[str, ...]]) -> list[Repeats]:
        """Return what repeats."""
        tasks = [
            make_task("repeats", RepeatTask(self._out.url, "", kind, segments, keys[kind], self._numbers))
            for segments in self._ranges
        ]
        finished, _ = run_step(self._out, "audit/repeats", tasks, find_repeats, self._pool)
        return [msgspec.json.decode(self._out.read(entry.files[0]), type=Repeats) for entry in finished]

    def _repeated_rows(self, found: list[Repeats]) -> AuditResult:
        """Return findings of rows that repeat a text, and of texts with two labels."""
        counts, label = _total(found), self._dataset.columns.label
        if label is not None and are_several_answers(counts):
            note = (
                f"{counts.with_two_labels:,} of {quantity(counts.repeated, 'text')} of several rows have several "
                "values of "
                f"{label!r}: rows are taken for answers of several annotators"
            )
            return AuditResult(notes=(note,))
        repeated = self._listed(
            "row-repeated", "the same text as {}", sum(part.n_repeated for part in found), [p.repeated for p in found]
        )
        mixed = self._listed(
            "text-two-labels",
            "another label at {}, for the same text",
            sum(part.n_mixed for part in found),
            [part.mixed for part in found],
        )
        return AuditResult((*repeated.findings, *mixed.findings), {**repeated.unlisted, **mixed.unlisted})

    def _repeated_ids(self, found: list[Repeats]) -> AuditResult:
        """Return findings of ids that repeat, or a note if the column does not identify rows."""
        counts, name = _total(found), self._dataset.columns.id
        if not self._limits.wants("id-repeated") or not counts.in_one_split:
            return AuditResult()
        if not are_row_ids(counts):
            repeated = f"{counts.in_one_split:,} of {quantity(counts.total, 'row')}"
            note = f"column {name!r} does not identify rows: {repeated} repeat a value with another text"
            return AuditResult(notes=(note,))
        n_repeated = sum(part.n_repeated for part in found)
        return self._listed("id-repeated", f"the same {name} as {{}}", n_repeated, [part.repeated for part in found])

    def _listed(
        self, code: str, message: str, count: int, places: list[tuple[tuple[Place, Place], ...]]
    ) -> AuditResult:
        """Return the first findings of a code, and the number of further ones."""
        if not self._limits.wants(code):
            return AuditResult()
        first = sorted(place for part in places for place in part)[: self._limits.max_per_code]
        findings = tuple(self._finding(code, at, message.format(self._location(origin)), None) for at, origin in first)
        return AuditResult(findings, {code: count - len(findings)} if count > len(findings) else {})

    def _finding(self, code: str, at: Place, message: str, item: str | None) -> Finding:
        return Finding(code=code, file=self._dataset.files[at[0]], line=at[1], item=item, message=message)

    def _location(self, place: Place) -> str:
        return f"{self._dataset.files[place[0]]}:{place[1]}"


def _sizes(found: list[Overlaps]) -> dict[str, int]:
    """Return the number of distinct texts or groups in each split."""
    sizes = Counter[str]()
    for overlaps in found:
        sizes.update(overlaps.sizes)
    return dict(sizes)


def _total(found: list[Repeats]) -> RepeatCounts:
    """Return the sum of the counts of segments."""
    totals = Counter[str]()
    for part in found:
        totals.update(msgspec.structs.asdict(part.counts))
    return RepeatCounts(**totals)
