"""Turn raw files into articles; what gives none is written down with its reason, and nothing disappears.

`published` is what the record or the page says, else the ISO date that begins the file's name
(`2022-10-17-slug.txt`), else None. Ids do not depend on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import msgspec

from goldwire.errors import ConfigError, DataError, MissingFileError
from goldwire.ingestion import readers
from goldwire.ingestion.article_store import Entry, Shelf
from goldwire.ingestion.conversion import Item, Made, Refused, early_id, fault_row, outcomes
from goldwire.ingestion.site_learning import learn
from goldwire.ingestion.summary import FAULTS, IngestReport, SourceCount, faults_of, row_order
from goldwire.parallel.processes import ProcessPool
from goldwire.progress import track
from goldwire.records import Article, Rejected
from goldwire.text import language_id, urls
from goldwire.workspace import atomic, jsonl
from goldwire.workspace.layout import Workspace
from goldwire.workspace.sources import Source, read_sources

__all__ = ["FAULTS", "IngestReport", "SourceCount", "run"]

_BATCH = 1 << 18  # bytes: what a worker gets at a time
_BATCH_RECORDS = 64
_FEW = 16  # so many articles for each copy
_ALONE = 2  # batches, of 45 ms each: workers take 25 ms to start
_STAND = ("all-residue", "too-short", "listing", "video")
"""Reasons that hold as long as the record's bytes do."""


_Place = tuple[str, int | None]
"""A raw record: its file and its number in it."""


class _Work(msgspec.Struct):
    """One source at work: what was there, by raw record, and what there is now."""

    workspace: Workspace
    name: str
    source: Source
    shelf: Shelf
    workers: ProcessPool
    before: dict[_Place, Entry] = {}
    refused: dict[_Place, Rejected] = {}
    entries: dict[str, Entry] = {}  # by id
    settled: set[_Place] = set()
    rejected: dict[_Place, Rejected] = {}
    copies: int = 0
    mended: int = 0
    recoded: int = 0

    def told(self, path: Path) -> str:
        """Name a raw file as a person reads it: as `Workspace.relative`, in a twelfth of its 12 us."""
        return str(path).removeprefix(f"{self.workspace.root}/")


def run(workspace: Workspace, *, sources: tuple[str, ...] = (), reextract: bool = False) -> IngestReport:
    """Ingest all raw files, or those of the named sources. `reextract` extracts existing articles again.

    Raises GoldwireError where sources.toml is broken or says nothing of a folder in corpus/raw/.
    """
    known = read_sources(workspace.sources)
    counts, faults = [], []
    with workspace.lock(), ProcessPool(_ALONE) as workers:
        atomic.remove_temporary_files(workspace.articles)
        atomic.remove_temporary_files(workspace.rejected)
        for name in _chosen(workspace, known, sources):
            shelf = Shelf(workspace.articles / f"{name}.jsonl", workspace.private)
            try:
                work = _Work(workspace, name, known[name], shelf, workers)
                if not reextract:
                    _look_back(work)
                counts.append(_ingest(work))
            finally:
                shelf.close()
            faults += faults_of(sorted(work.rejected.values(), key=row_order))
    return IngestReport(sources=tuple(counts), failed=len(faults), faults=tuple(faults))


def _chosen(workspace: Workspace, known: dict[str, Source], wanted: tuple[str, ...]) -> list[str]:
    if not workspace.raw.is_dir():
        raise MissingFileError(
            "no such folder", location=workspace.raw, hint="put raw articles in corpus/raw/<source>/"
        )
    found = []
    for path in sorted(workspace.raw.iterdir()):
        if path.is_dir() and not path.name.startswith("."):
            found.append(path.name)
        elif path.is_file() and readers.kind_of(path) in readers.RAW_SUFFIXES:
            raise DataError("a raw file of no source", location=path, hint="move it into corpus/raw/<source>/")
    for name in (*found, *wanted):
        if name not in known:
            raise ConfigError(f"no source [{name}]", location=workspace.sources, hint="add its table")
    for name in wanted:
        if name not in found:
            raise MissingFileError("no such folder", location=workspace.raw / name, hint="put its raw articles there")
    return [name for name in found if not wanted or name in wanted]


def _look_back(work: _Work) -> None:
    """See what an earlier run made of this source."""
    work.before.update(((entry.file, entry.record), entry) for entry in work.shelf.there())
    rejected = work.workspace.rejected / f"{work.name}.jsonl"
    for row in jsonl.read(rejected, Rejected) if rejected.exists() else ():
        if row.sha256 is not msgspec.UNSET and (row.reason in _STAND or _is_foreign(row, work.source)):
            work.refused[row.file, row.record] = row


def _is_foreign(row: Rejected, source: Source) -> bool:
    reason, _, code = row.reason.partition(":")
    return reason == "other-language" and language_id.is_unwanted_language(
        (code, 1.0), source.languages or (source.language,)
    )


def _ingest(work: _Work) -> SourceCount:
    paths = list(readers.files(work.workspace.raw / work.name))
    # First what was there and has not changed, so that its id stays whatever comes beside it.
    todo = [path for path in paths if _has_new(work, path)] if work.before or work.refused else paths
    kept = len(work.entries)
    batches = _batches(work, todo)
    recurring = learn(paths, work.source, work.workers) if todo else None
    for answers in work.workers.map(partial(outcomes, work.name, work.source, recurring), batches):
        for answer in answers:
            _settle(work, answer)
    made = len(work.entries)
    gone = _keep_gone(work)
    _write(work)
    reasons = Counter(row.reason.partition(":")[0] for row in work.rejected.values())
    return SourceCount(
        source=work.name,
        raw=made + len(work.rejected),
        articles=made,
        kept=kept,
        gone=gone,
        rejected=dict(sorted(reasons.items())),
        mended=work.mended,
        recoded=work.recoded,
    )


def _has_new(work: _Work, path: Path) -> bool:
    """Settle the records of a file of which all is known already; tell whether there are others."""
    new = False
    for record in readers.records(path, work.source.fields, work.source.encoding):
        place = work.told(path), record.record
        if isinstance(record, readers.Fault):
            work.rejected[place] = fault_row(work.name, place[0], record)
        elif not (_keep(work, place, record) or _refuse(work, place, record)):
            new = True
    return new


def _keep(work: _Work, place: _Place, record: readers.RawRecord) -> bool:
    """Keep the article that this record gave before, where its bytes and what was said beside them are the same."""
    entry = work.before.get(place)
    if entry is None or entry.id in work.entries or entry.sha256 != readers.digest(record.data):
        return False
    if record.kind != "html" and entry.url != urls.canonical_url(record.url):
        return False
    if not work.source.is_multilingual and entry.language != work.source.language:
        article = jsonl.decode_line(work.shelf.read(entry), Article)
        article = msgspec.structs.replace(article, language=work.source.language)
        entry = work.shelf.put(article, jsonl.dump((article,)))
    work.entries[entry.id] = entry
    work.settled.add(place)
    return True


def _refuse(work: _Work, place: _Place, record: readers.RawRecord) -> bool:
    row = work.refused.get(place)
    if row is None or row.sha256 != readers.digest(record.data):
        return False
    work.rejected[place] = row
    work.settled.add(place)
    return True


def _batches(work: _Work, paths: list[Path]) -> Iterator[list[Item]]:
    """Give what is left to do, so much at a time; what is settled without work on the way is settled."""
    batch: list[Item] = []
    size = 0
    for path in track(paths, f"ingest {work.name}", len(paths)):
        for item, length in _items(work, path):
            batch.append((work.told(path), item))
            size += length
            if size >= _BATCH or len(batch) == _BATCH_RECORDS:
                yield batch
                batch, size = [], 0
    if batch:
        yield batch


def _items(work: _Work, path: Path) -> Iterator[tuple[readers.RawRecord | readers.Span, int]]:
    """Give what is left to do of a file, and its bytes: spans of it where they can be read apart, else its records.

    Where something is settled, or many records are copies, all are read here: a copy is worked on for nothing.
    """
    span = None
    for span in readers.spans(path, _BATCH, numbered=True) if not work.settled else ():
        if work.copies * _FEW <= len(work.entries):
            yield span, span.size
        else:
            yield from _left(work, path, readers.records_within(span, work.source.fields, work.source.encoding))
    if span is None:
        yield from _left(work, path, readers.records(path, work.source.fields, work.source.encoding))


def _left(
    work: _Work, path: Path, records: Iterable[readers.RawRecord | readers.Fault]
) -> Iterator[tuple[readers.RawRecord, int]]:
    """Settle what can be settled of a file's records without work; gives the others."""
    for record in records:
        place = work.told(path), record.record
        if place in work.settled:
            continue
        if isinstance(record, readers.Fault):
            work.rejected[place] = fault_row(work.name, place[0], record)
        elif not _is_copy(work, place, early_id(work.name, record), record):
            yield record, len(record.data)


def _is_copy(work: _Work, place: _Place, found: str | None, record: readers.RawRecord) -> bool:
    """Reject a record whose article is there already: the same text, or another of the same address."""
    entry = work.entries.get(found or "")
    if entry is None:
        return False
    _reject_copy(work, place, entry, readers.digest(record.data))
    return True


def _reject_copy(work: _Work, place: _Place, entry: Entry, sha256: str) -> None:
    what = "the same text" if entry.sha256 == sha256 else f"the same address {entry.url}, another text,"
    file, record = place
    reason, detail = f"same-as:{entry.id}", f"{what} as {entry.where}"
    row = Rejected(source=work.name, file=file, record=record, reason=reason, detail=detail, sha256=sha256)
    work.rejected[place] = row
    work.copies += 1


def _settle(work: _Work, answer: Made | Refused) -> None:
    """Take what a worker made of a record."""
    if isinstance(answer, Refused):
        place, found, sha256 = (answer.row.file, answer.row.record), answer.id, answer.row.sha256
    else:
        place, found, sha256 = (answer.file, answer.record), answer.id, answer.sha256
    entry = work.entries.get(found or "")
    if entry is not None and isinstance(answer, Made) and entry.key != answer.key:
        hint = "rename the source"
        raise DataError(f"two different articles have the id {entry.id}", location=place[0], hint=hint)
    if entry is not None:
        _reject_copy(work, place, entry, str(sha256))
    elif isinstance(answer, Refused):
        work.rejected[place] = answer.row
    else:
        work.entries[answer.id] = work.shelf.put_made(answer)
        work.mended += answer.mended
        work.recoded += answer.recoded


def _keep_gone(work: _Work) -> int:
    """Keep articles whose raw file is gone: what was annotated must not vanish with a scraper's folder."""
    gone = 0
    there: dict[str, bool] = {}
    for (file, _), entry in work.before.items():
        if entry.id in work.entries:
            continue
        if file not in there:
            there[file] = (work.workspace.root / file).exists()
        if not there[file]:
            work.entries[entry.id] = entry
            gone += 1
    return gone


def _write(work: _Work) -> None:
    work.shelf.write(work.entries[found] for found in sorted(work.entries))
    rejected = work.workspace.rejected / f"{work.name}.jsonl"
    if work.rejected:
        jsonl.write(rejected, work.rejected.values(), key=row_order)
    else:
        rejected.unlink(missing_ok=True)
