"""Extract the articles of raw files; everything else is stored with the reason of its rejection.

`published` is what the record or the page states, else the ISO date at the start of the file name
(`2022-10-17-slug.txt`), else None. Ids do not depend on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from goldwire.errors import ConfigError, DataError, MissingFileError
from goldwire.ingestion import readers
from goldwire.ingestion.conversion import BatchItem, convert_batch
from goldwire.ingestion.raw_record import FileSpan, RawRecord, ReadProblem
from goldwire.ingestion.run_state import SourceRun
from goldwire.ingestion.site_learning import learn_site_boilerplate
from goldwire.ingestion.summary import READ_PROBLEMS, IngestReport, SourceCount, read_problem_lines
from goldwire.parallel.processes import ProcessPool
from goldwire.progress import track
from goldwire.workspace import atomic
from goldwire.workspace.layout import Workspace
from goldwire.workspace.scaffold import has_example
from goldwire.workspace.sources import Source, read_sources, table_hint

__all__ = ["READ_PROBLEMS", "IngestReport", "SourceCount", "run"]

_BATCH_BYTES = 1 << 19  # per worker at a time: as many as are extracted together
_BATCH_RECORDS = 96
_ARTICLES_PER_DUPLICATE = 16  # with more duplicates than that, records are read here: see `_items`
_BATCHES_WITHOUT_WORKERS = 1  # of 80 ms: workers take 25 ms to start


def run(
    workspace: Workspace, *, sources: tuple[str, ...] = (), reextract: bool = False, prune: bool = False
) -> IngestReport:
    """Ingest all raw files, or those of the named sources. `reextract` extracts existing articles again.

    An article that no raw record gives any more is kept if its raw file is missing or if a task, a layer, gold, a split
    or a release refers to it. `prune` drops these articles and names them in the report.

    Raises
    ------
    ConfigError
        sources.toml is invalid, or does not describe a folder of corpus/raw/.
    MissingFileError
        The folder of raw files, or that of a named source, does not exist.
    DataError
        A raw file is outside the folders of sources.
    """
    known = read_sources(workspace.sources)
    counts: list[SourceCount] = []
    problems: list[str] = []
    with workspace.lock(), ProcessPool(_BATCHES_WITHOUT_WORKERS) as workers:
        atomic.remove_temporary_files(workspace.articles)
        atomic.remove_temporary_files(workspace.rejected)
        for name in _selected_sources(workspace, known, sources):
            with (
                atomic.name_disk_errors(workspace.articles / f"{name}.jsonl"),
                closing(SourceRun(workspace, name, known[name])) as source_run,
            ):
                source_run.load_previous(reuse=not reextract)
                counts.append(_ingest(source_run, workers, prune))
            problems += read_problem_lines(source_run.rejections())
    example = any(count.source != "example" for count in counts) and has_example(workspace.root)
    return IngestReport(sources=tuple(counts), failed=len(problems), problems=tuple(problems), has_example=example)


def _selected_sources(workspace: Workspace, known: dict[str, Source], requested: tuple[str, ...]) -> list[str]:
    """Return the names of the sources to ingest: all folders of raw files, or the requested ones."""
    if not workspace.raw.is_dir():
        raise MissingFileError(
            "no such folder", location=workspace.raw, hint="put raw articles in corpus/raw/<source>/"
        )
    folders = []
    for path in sorted(workspace.raw.iterdir()):
        if path.is_dir() and not path.name.startswith("."):
            folders.append(path.name)
        elif path.is_file() and readers.file_format(path) in readers.RAW_SUFFIXES:
            raise DataError("a raw file without a source", location=path, hint="move it into corpus/raw/<source>/")
    if missing := [name for name in dict.fromkeys((*folders, *requested)) if name not in known]:
        tables = ", ".join(f"[{name}]" for name in missing)
        raise ConfigError(f"no source {tables}", location=workspace.sources, hint=table_hint(missing))
    for name in requested:
        if name not in folders:
            raise MissingFileError("no such folder", location=workspace.raw / name, hint="put its raw articles there")
    return [name for name in folders if not requested or name in requested]


def _ingest(source_run: SourceRun, workers: ProcessPool, prune: bool) -> SourceCount:
    """Ingest one source.

    1. Carry over unchanged records first, so that their ids do not depend on new records.
    2. Learn which lines recur over the source's pages.
    3. Extract the other records in worker processes.
    4. Keep articles that have no raw record any more, and write.
    """
    name, source = source_run.name, source_run.source
    paths = list(readers.raw_files(source_run.workspace.raw / name))
    changed = [path for path in paths if _has_new_records(source_run, path)] if source_run.has_previous else paths
    unchanged = len(source_run.articles)
    batches = _batches(source_run, changed)
    boilerplate = learn_site_boilerplate(paths, source, workers) if changed else None
    for results in workers.map(partial(convert_batch, name, source, boilerplate), batches):
        for result in results:
            source_run.add(result)
    extracted = len(source_run.articles)
    kept, pruned = source_run.keep_without_source(prune=prune)
    source_run.write()
    return source_run.count(articles=extracted, unchanged=unchanged, kept=kept, pruned=pruned)


def _has_new_records(source_run: SourceRun, path: Path) -> bool:
    """Resolve the unchanged records of a file; return whether it has others."""
    file = source_run.relative(path)
    records = readers.read_records(path, source_run.source.fields, source_run.source.encoding)
    unresolved = [None for record in records if not source_run.resolve_unchanged(file, record)]
    return bool(unresolved)


def _batches(source_run: SourceRun, paths: list[Path]) -> Iterator[list[BatchItem]]:
    """Yield the unresolved records in batches of limited size, resolving others on the way."""
    batch: list[BatchItem] = []
    size = 0
    for path in track(paths, f"ingest {source_run.name}", len(paths)):
        for item, length in _items(source_run, path):
            batch.append((source_run.relative(path), item))
            size += length
            if size >= _BATCH_BYTES or len(batch) == _BATCH_RECORDS:
                yield batch
                batch, size = [], 0
    if batch:
        yield batch


def _items(source_run: SourceRun, path: Path) -> Iterator[tuple[RawRecord | FileSpan, int]]:
    """Yield what is to be extracted from a file, with its bytes: spans that workers read, or else records.

    Records are read here if some of the source are resolved, or if many are duplicates, which workers would extract
    for nothing.
    """
    fields, encoding = source_run.source.fields, source_run.source.encoding
    span = None
    for span in readers.file_spans(path, _BATCH_BYTES, numbered=True) if not source_run.resolved else ():
        if source_run.duplicates * _ARTICLES_PER_DUPLICATE <= len(source_run.articles):
            yield span, span.size
        else:
            yield from _unresolved_records(source_run, path, readers.read_span(span, fields, encoding))
    if span is None:
        yield from _unresolved_records(source_run, path, readers.read_records(path, fields, encoding))


def _unresolved_records(
    source_run: SourceRun, path: Path, records: Iterable[RawRecord | ReadProblem]
) -> Iterator[tuple[RawRecord, int]]:
    """Yield the records of a file that need extraction, with their bytes."""
    file = source_run.relative(path)
    for record in records:
        if not source_run.resolve_new(file, record) and isinstance(record, RawRecord):
            yield record, len(record.data)
