"""Raw files below a URL to Parquet parts of articles and rejections, one part per raw file.

Single pages (`.html`, `.txt`) share a part: a file per page would be slow to list and to read.
"""

from __future__ import annotations

import hashlib
import sys
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

import goldwire
from goldwire.bulk.article_table import article_schema, rejection_schema, to_row, to_table
from goldwire.bulk.parts import ROWS_PER_GROUP, read_counts, read_table, write_local, write_part
from goldwire.bulk.runner import Result, Task, key_of
from goldwire.bulk.store import FileInfo, Store, each_file, open_store
from goldwire.errors import ConfigError
from goldwire.extraction.site_boilerplate import SiteBoilerplate
from goldwire.ingestion import readers
from goldwire.ingestion.conversion import BatchItem, ConvertedArticle, RejectedRecord, convert_batch, read_problem_row
from goldwire.ingestion.raw_record import RawRecord
from goldwire.ingestion.site_learning import learn_site_boilerplate, may_hold_text
from goldwire.parallel.processes import ProcessPool
from goldwire.records import Article, Rejected
from goldwire.workspace.sources import Source, table_hint
from goldwire.workspace.temporary import temporary_folder

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "ARTICLES",
    "REJECTED",
    "SOURCES",
    "Converter",
    "convert",
    "learn",
    "learning_tasks",
    "local_copies",
    "raw_files_by_source",
]

ARTICLES, REJECTED, BOILERPLATE = "articles", "rejected", "boilerplate"
"""Folders of a corpus."""

SOURCES = "sources.json"
"""The sources of a corpus, with their licences."""

_BATCH_BYTES, _BATCH_RECORDS = 1 << 19, 96
_LEARNING_BYTES = 256 << 20  # of text pages that the lines of a source are learned from
_GROUP_BYTES = 64 << 20  # of single pages in a part, at most
_GROUP_PAGES = 1024  # in a part, on average


class PagesOfSource(msgspec.Struct, frozen=True):
    """The argument of `learn`: raw files of a source that represent it."""

    raw: str
    out: str
    name: str
    source: Source
    files: tuple[str, ...]


def raw_files_by_source(raw: Store, sources: dict[str, Source]) -> dict[str, list[FileInfo]]:
    """Return the raw files by the source whose folder they are in, without hidden files and those beside the folders.

    A README, or the pictures of a saved page, are left out as `raw_files` does.

    Raises
    ------
    ConfigError
        If a folder is not a source of `sources`.
    """
    by_source: dict[str, list[FileInfo]] = {}
    files = {file.path: file for file in raw.files()}
    for path in readers.without_companions(files.keys()):
        folder, _, rest = path.partition("/")
        if rest and not any(part.startswith(".") for part in path.split("/")):
            by_source.setdefault(folder, []).append(files[path])
    if missing := [name for name in by_source if name not in sources]:
        tables = ", ".join(f"[{name}]" for name in missing)
        raise ConfigError(f"no source {tables} in sources.toml", location=raw.url, hint=table_hint(missing))
    return by_source


def learning_tasks(raw: Store, out: Store, name: str, source: Source, files: list[FileInfo]) -> list[Task]:
    """Return the task that learns which lines recur on a source's text pages, or none if it has no text pages.

    Lines are learned again when the text pages have doubled, up to 256 MB, and not for each new page, which would
    change all articles.
    """
    chosen: list[str] = []
    size = 0
    texts = [file for file in files if may_hold_text(Path(file.path))]
    for file in sorted(texts, key=lambda file: zlib.crc32(file.path.encode())):
        if not chosen or size + file.size <= _LEARNING_BYTES:
            chosen.append(file.path)
            size += file.size
    paths = tuple(sorted(chosen))
    argument = PagesOfSource(raw.url, out.url, name, source, paths)
    doublings = min(sum(file.size for file in texts), _LEARNING_BYTES).bit_length()
    return [Task(key_of(name, source, doublings), argument)] if paths else []


def learn(pages: PagesOfSource) -> Result:
    """Learn the lines that recur on a source's text pages, and store them."""
    import pyarrow as pa

    store = open_store(pages.raw)
    with temporary_folder() as folder, ProcessPool(sys.maxsize) as this_process:
        paths = local_copies(store, pages.files, folder)
        learned = learn_site_boilerplate(paths, pages.source, this_process)
    if learned is None:
        return Result()
    table = pa.table({"fingerprint": learned.fingerprints, "page_share": learned.page_shares})
    name = f"{BOILERPLATE}/{key_of(pages.name, learned.fingerprints.tolist(), learned.n_pages)}.parquet"
    write_part(open_store(pages.out), name, table.schema, [table], {"pages": learned.n_pages})
    return Result((name,), {"lines": len(table)})


class Converter(msgspec.Struct, frozen=True):
    """The URLs of raw files and corpus, and whether to convert finished parts again."""

    raw: str
    out: str
    repeat: bool = False

    def tasks(self, name: str, source: Source, boilerplate: str | None, files: list[FileInfo]) -> Iterator[Task]:
        """Yield a task for each raw file of many records, and one for each group of single pages."""
        for group in _groups(files):
            paths = tuple(file.path for file in group)
            versions = [(file.path, file.size, file.version) for file in group]
            argument = PagesOfPart(self, name, source, boilerplate, paths)
            yield Task(key_of(name, source, boilerplate, versions), argument, paths)


class PagesOfPart(msgspec.Struct, frozen=True):
    """The argument of `convert`: raw files of a source that become one part."""

    converter: Converter
    name: str
    source: Source
    boilerplate: str | None
    files: tuple[str, ...]


def _groups(files: list[FileInfo]) -> Iterator[list[FileInfo]]:
    """Yield files that become one part: a file of many records alone, single pages of a folder together.

    Where a group ends depends on the name of its last page, so that a new page changes one group, not all that follow.
    """
    group: list[FileInfo] = []
    size, folder = 0, ""
    for file in files:
        is_single = readers.is_single_record(Path(file.path))
        if not is_single:
            yield [file]
            continue
        if group and (file.path.rpartition("/")[0] != folder or size + file.size > _GROUP_BYTES):
            yield group
            group, size = [], 0
        group.append(file)
        size, folder = size + file.size, file.path.rpartition("/")[0]
        if not zlib.crc32(file.path.encode()) % _GROUP_PAGES:
            yield group
            group, size = [], 0
    if group:
        yield group


def convert(pages: PagesOfPart) -> Result:
    """Convert raw files to a part of articles and a part of rejections.

    Their names are a digest of all that decides their content, so that files that are only newer are not extracted
    again, and a killed task that is repeated writes the same files.
    """
    raw, out = open_store(pages.converter.raw), open_store(pages.converter.out)
    with temporary_folder() as folder:
        paths = local_copies(raw, pages.files, folder)
        digests = [(name, _file_digest(path)) for name, path in zip(pages.files, paths, strict=True)]
        # Another version of goldwire may extract other text. It does so only if asked to, or if the files change.
        key = key_of(goldwire.__version__, pages.name, pages.source, pages.boilerplate, digests)
        names = f"{ARTICLES}/{key}.parquet", f"{REJECTED}/{key}.parquet"
        if not pages.converter.repeat and out.exists(names[0]):  # it is written last
            return Result(names, read_counts(out, names[0]))
        counts, rejected = Counter[str](), list[Rejected]()
        articles = folder / "articles.parquet"
        tables = _article_tables(pages, _read_boilerplate(out, pages), paths, rejected, counts)
        write_local(articles, article_schema(), tables, counts)
        rejections = to_table([to_row(row) for row in rejected], rejection_schema())
        write_part(out, names[1], rejection_schema(), [rejections])
        out.put(names[0], articles)
    return Result(names, dict(counts))


def local_copies(raw: Store, names: Sequence[str], folder: Path) -> list[Path]:
    """Return the paths of files of a store: those of a local one, or copies with the same names in a folder."""
    if "://" not in raw.url:
        return [Path(raw.url, name) for name in names]

    def download(name: str) -> Path:
        copy = folder / hashlib.sha256(name.encode()).hexdigest()[:16] / name.rpartition("/")[2]
        copy.parent.mkdir(exist_ok=True)
        raw.download(name, copy)
        return copy

    return each_file(raw, download, names)


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_boilerplate(out: Store, pages: PagesOfPart) -> SiteBoilerplate | None:
    if pages.boilerplate is None:
        return None
    table = read_table(out, pages.boilerplate)
    fingerprints, shares = (table[name].to_numpy() for name in ("fingerprint", "page_share"))
    return SiteBoilerplate(
        fingerprints, shares.astype(np.float32, copy=False), read_counts(out, pages.boilerplate)["pages"]
    )


def _article_tables(
    pages: PagesOfPart,
    boilerplate: SiteBoilerplate | None,
    paths: list[Path],
    rejected: list[Rejected],
    counts: Counter[str],
) -> Iterator[pa.Table]:
    """Yield the articles of raw files in tables of one row group, and collect the rejections and counts."""
    rows = []
    known: dict[str, ConvertedArticle] = {}
    for batch in _batches(pages, paths, rejected):
        for result in convert_batch(pages.name, pages.source, boilerplate, batch):
            first = known.get(result.id or "")
            if first is not None:
                rejected.append(_duplicate(pages.name, result, first))
            elif isinstance(result, RejectedRecord):
                rejected.append(result.rejection)
            else:
                known[result.id] = msgspec.structs.replace(result, line=b"")
                rows.append(to_row(msgspec.json.decode(result.line, type=Article)))
            if len(rows) == ROWS_PER_GROUP:
                yield to_table(rows, article_schema())
                rows = []
    if rows:
        yield to_table(rows, article_schema())
    counts["articles"] = len(known)
    counts["rejected"] = len(rejected)
    counts.update(f"rejected {row.reason}" for row in rejected)


def _batches(pages: PagesOfPart, paths: list[Path], rejected: list[Rejected]) -> Iterator[list[BatchItem]]:
    """Yield the records of raw files in batches of limited size, and reject those that cannot be read."""
    batch: list[BatchItem] = []
    size = 0
    for name, path in zip(pages.files, paths, strict=True):
        for record in readers.read_records(path, pages.source.fields, pages.source.encoding):
            if not isinstance(record, RawRecord):
                rejected.append(read_problem_row(pages.name, name, record))
                continue
            batch.append((name, record))
            size += len(record.data)
            if size >= _BATCH_BYTES or len(batch) == _BATCH_RECORDS:
                yield batch
                batch, size = [], 0
    if batch:
        yield batch


def _duplicate(name: str, result: ConvertedArticle | RejectedRecord, first: ConvertedArticle) -> Rejected:
    """Return the rejection of a record whose article is in this part already."""
    record = result.rejection if isinstance(result, RejectedRecord) else result
    location = first.file if first.row is None else f"{first.file}:{first.row}"
    same = "the same text as" if record.sha256 == first.sha256 else f"the same address {first.url}, another text, as"
    return Rejected(
        source=name,
        file=record.file,
        row=record.row,
        reason="duplicate",
        detail=f"{same} {location}",
        sha256=record.sha256,
        duplicate_of=first.id,
    )
