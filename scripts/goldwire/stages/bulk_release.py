"""The last stages over a corpus in Parquet at a URL: `check` and `release`; `goldwire.stages.bulk` has the others."""

from __future__ import annotations

import re

import msgspec

from goldwire.bulk.articles import ARTICLES, SOURCES
from goldwire.bulk.checks import CheckTask, LeakTask, check_part, find_leaks, read_findings
from goldwire.bulk.parts import part_files, part_key
from goldwire.bulk.placement import CLUSTERS
from goldwire.bulk.runner import Finished, Task, key_of, make_task, run_step
from goldwire.bulk.segments import segment_ranges
from goldwire.bulk.shards import ShardTask, write_shards
from goldwire.bulk.split_steps import clustered_parts, scan_parts
from goldwire.bulk.splits import ASSIGNED
from goldwire.bulk.store import Store, open_store
from goldwire.bulk.version_files import write_version
from goldwire.checks.registry import sort_key
from goldwire.checks.report import CheckReport, Options, report
from goldwire.errors import DECODE_ERRORS, ConfigError, DataError, MissingFileError, decode_problem
from goldwire.parallel.tasks import TaskPool
from goldwire.quantities import quantity
from goldwire.workspace.sources import Source

__all__ = ["BulkReleaseReport", "check", "release"]


def check(corpus_url: str, *, pool: TaskPool, options: Options | None = None) -> CheckReport:
    """Check a corpus in Parquet: each article, and that no cluster is in two splits.

    Parameters
    ----------
    corpus_url : str
        Folder of the corpus.
    pool : TaskPool
        Runs the tasks.
    options : Options, optional
        What to report, and how.

    Raises
    ------
    MissingFileError
        There are no articles.
    """
    store = open_store(corpus_url)
    parts = part_files(store, ARTICLES)
    if not parts:
        raise MissingFileError("no articles", location=store.url, hint="run `goldwire ingest` first")
    files = {file.path: file for file in store.files(f"{ARTICLES}/")}
    tasks = []
    for part in parts:
        tasks.append(Task(key_of(part, files[part].version), CheckTask(store.url, part), size=files[part].size))
    finished, _ = run_step(store, "check/parts", tasks, check_part, pool)
    clustered = set(map(part_key, part_files(store, CLUSTERS)))
    scans = scan_parts(store, [part for part in parts if part_key(part) in clustered], pool)
    leaks = [
        make_task("leaks", LeakTask(store.url, segments, scans)) for segments in segment_ranges(-(-len(parts) // 256))
    ]
    finished += run_step(store, "check/leaks", leaks, find_leaks, pool)[0]
    n_unclustered = sum(part_key(part) not in clustered for part in parts)
    notes = (
        [f"{quantity(n_unclustered, 'part has', 'parts have')} no clusters: run `goldwire dedup`"]
        if n_unclustered
        else []
    )
    return _check_report(store, finished, options or Options(), notes)


def _check_report(store: Store, finished: list[Finished], options: Options, notes: list[str]) -> CheckReport:
    """Return the report of stored findings, and note those that are counted but not stored."""
    findings = [finding for entry in finished for name in entry.files for finding in read_findings(store, name)]
    n_found = sum(sum(entry.counts.values()) for entry in finished)
    if n_found > len(findings):
        notes.append(f"{quantity(n_found, 'finding')} in all: of each code, the first 100 of a part are listed")
    return report(sorted(findings, key=sort_key), options, notes=tuple(notes))


class BulkReleaseReport(msgspec.Struct, frozen=True, kw_only=True):
    """The number of articles in each split of a version, of its shards, and of shards that this run wrote."""

    version: str
    splits: dict[str, int]
    shards: int
    written: int

    def to_text(self) -> str:
        """Return the report for people."""
        counts = ", ".join(f"{split} {count}" for split, count in self.splits.items())
        return (
            f"{self.version}: {counts}, in {quantity(self.shards, 'shard')}; {quantity(self.written, 'part')} "
            "written now"
        )


def _sources(store: Store) -> dict[str, Source]:
    """Read the sources that `ingest` has written."""
    try:
        return msgspec.json.decode(store.read(SOURCES), type=dict[str, Source])
    except DECODE_ERRORS as error:
        problem = f"the file is damaged ({decode_problem(error)})"
        raise DataError(problem, location=f"{store.url}/{SOURCES}", hint="run `goldwire ingest` again") from None


def release(corpus_url: str, version: str, *, pool: TaskPool) -> BulkReleaseReport:
    """Write a version of a corpus in Parquet: shards per split, and the list of the shards that it consists of.

    Parameters
    ----------
    corpus_url : str
        Folder of the corpus.
    version : str
        X.Y.Z.
    pool : TaskPool
        Runs the tasks.

    Raises
    ------
    ConfigError
        The version is not X.Y.Z.
    ConflictError
        The version exists and has other shards.
    MissingFileError
        There are no articles, or articles without a split.
    """
    store = open_store(corpus_url)
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise ConfigError(f"not a version: {version!r}", hint="write X.Y.Z, as 1.0.0")
    parts = clustered_parts(store)
    files = {file.path: file for folder in (ARTICLES, ASSIGNED) for file in store.files(f"{folder}/")}
    sources = _sources(store)
    without_text = tuple(sorted(name for name, source in sources.items() if not source.redistribute))
    tasks = []
    for part in parts:
        assigned = f"{ASSIGNED}/{part_key(part)}.parquet"
        if assigned not in files:
            hint = f"run `goldwire split --corpus {store.url}` first"
            raise MissingFileError("articles without a split", location=f"{store.url}/{part}", hint=hint)
        key = key_of(part, files[part].version, files[assigned].version, without_text)
        tasks.append(Task(key, ShardTask(store.url, part, without_text), size=files[part].size))
    finished, n_run = run_step(store, "release", tasks, write_shards, pool)
    described = write_version(store, version, finished, sources)
    shards = sum(len(entry.files) for entry in finished)
    return BulkReleaseReport(version=version, splits=described.rows, shards=shards, written=n_run)
