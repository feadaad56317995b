"""Turn raw files into articles; what gives none is written down with its reason, and nothing disappears.

`published` is what the record or the page says, else the ISO date that begins the file's name
(`2022-10-17-slug.txt`), else None. Ids do not depend on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import PurePath

import msgspec

from goldwire import addresses, jsonl, raw
from goldwire.errors import GoldwireError
from goldwire.extraction import Extracted, extract
from goldwire.layout import Workspace
from goldwire.progress import track
from goldwire.records import Article, Origin, Rejected, article_id, text_digest
from goldwire.sources import Source, read_sources

__all__ = ["FAULTS", "IngestReport", "SourceCount", "run"]

FAULTS = frozenset(
    (
        *("unreadable", "unknown-format", "empty", "binary", "not-utf-8", "line-too-long", "file-too-large"),
        *("bad-json", "bad-csv", "bad-parquet", "bad-warc", "bad-xml", "bad-archive", "no-entries"),
    )
)
"""Reasons that mean a file or line is broken, rather than that it holds no article."""

_FEWEST_WORDS = 25  # a wire flash has about 30; what is shorter is a teaser or a picture's caption
_TEASER = 100  # characters: a headline in a list of them is no longer
_ENDS = frozenset(".!?…。！？।؟”\"’'»)")
_MOST_LINES = 20  # faults shown to a person; all are in corpus/rejected/


class SourceCount(msgspec.Struct, frozen=True, kw_only=True):
    """What one source's raw records came to: `raw` = `articles` + the sum of `rejected`.

    `kept` of the articles were there already; `gone` more were kept though their raw file is no longer there.
    """

    source: str
    raw: int
    articles: int
    kept: int
    gone: int
    rejected: dict[str, int]  # by reason


class IngestReport(msgspec.Struct, frozen=True, kw_only=True):
    """What `ingest` did. `failed` counts files and lines that could not be read; `faults` says one line of each."""

    sources: tuple[SourceCount, ...]
    failed: int
    faults: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """2 where a raw file or line is broken: everything else was ingested."""
        return 2 if self.failed else 0

    def lines(self) -> Iterator[str]:
        """Say it in a few lines."""
        for count in self.sources:
            reasons = ", ".join(f"{number} {reason}" for reason, number in count.rejected.items())
            gone = f", {count.gone} kept without their raw file" if count.gone else ""
            new = count.articles - count.kept
            line = f"{count.source}: {count.articles} articles ({new} new) of {count.raw} raw records{gone}"
            yield line + (f"; rejected: {reasons}" if reasons else "")
        yield from self.faults[:_MOST_LINES]
        if len(self.faults) > _MOST_LINES:
            yield f"and {len(self.faults) - _MOST_LINES} more that cannot be read: see corpus/rejected/"


class _Work(msgspec.Struct, frozen=True):
    """One source at work: what was there (by file and record), and what there is now."""

    workspace: Workspace
    name: str
    source: Source
    before: dict[tuple[str, int | None], Article]
    articles: dict[str, Article] = {}  # by id
    keys: dict[str, str] = {}  # what each id was made from
    rejected: list[Rejected] = []


def run(workspace: Workspace, *, sources: tuple[str, ...] = (), again: bool = False) -> IngestReport:
    """Ingest all raw files, or those of the named sources. `again` extracts anew what is there already.

    Raises GoldwireError where sources.toml is broken or says nothing of a folder in corpus/raw/.
    """
    known = read_sources(workspace.sources)
    counts, faults = [], []
    with workspace.lock():
        for name in _chosen(workspace, known, sources):
            work = _Work(workspace, name, known[name], {} if again else _before(workspace, name))
            counts.append(_ingest(work))
            faults += [_fault_line(row) for row in work.rejected if row.reason in FAULTS and not _is_blank_row(row)]
    return IngestReport(sources=tuple(counts), failed=len(faults), faults=tuple(faults))


def _is_blank_row(row: Rejected) -> bool:
    """Tell an empty text in a sound row, which is data, from an empty file, which is a fault."""
    return row.reason == "empty" and row.record is not None


def _fault_line(row: Rejected) -> str:
    place = row.file if row.record is None else f"{row.file}:{row.record + 1}"
    return f"{place}: {row.reason} ({row.detail}); mend it or take it out of corpus/raw/"


def _chosen(workspace: Workspace, known: dict[str, Source], wanted: tuple[str, ...]) -> list[str]:
    if not workspace.raw.is_dir():
        raise GoldwireError("no such folder", place=workspace.raw, way_out="put raw articles in corpus/raw/<source>/")
    found = []
    for path in sorted(workspace.raw.iterdir()):
        if path.is_dir() and not path.name.startswith("."):
            found.append(path.name)
        elif path.is_file() and raw.kind_of(path) in raw.RAW_SUFFIXES:
            raise GoldwireError("a raw file of no source", place=path, way_out="move it into corpus/raw/<source>/")
    for name in (*found, *wanted):
        if name not in known:
            raise GoldwireError(f"no source [{name}]", place=workspace.sources, way_out="add its table")
    for name in wanted:
        if name not in found:
            raise GoldwireError("no such folder", place=workspace.raw / name, way_out="put its raw articles there")
    return [name for name in found if not wanted or name in wanted]


def _before(workspace: Workspace, name: str) -> dict[tuple[str, int | None], Article]:
    path = workspace.articles / f"{name}.jsonl"
    there = jsonl.read(path, Article) if path.exists() else ()
    return {(article.origin.file, article.origin.record): article for article in there}


def _ingest(work: _Work) -> SourceCount:
    name = work.name
    paths = list(raw.files(work.workspace.raw / name))
    # First what was there and has not changed, so that its id stays whatever comes beside it.
    for path in paths if work.before else ():
        for record in raw.records(path, work.source.fields):
            if isinstance(record, raw.RawRecord):
                _keep(work, work.workspace.relative(path), record)
    kept = {(article.origin.file, article.origin.record) for article in work.articles.values()}
    total = 0
    for path in track(paths, f"ingest {name}", len(paths)):
        file = work.workspace.relative(path)
        for record in raw.records(path, work.source.fields):
            total += 1
            if isinstance(record, raw.Fault):
                _reject(work, file, record.record, record.reason, record.detail)
            elif (file, record.record) not in kept:
                _add(work, file, record)
    gone = _keep_gone(work)
    _write(work)
    reasons = Counter(row.reason.partition(":")[0] for row in work.rejected)
    return SourceCount(
        source=name,
        raw=total,
        articles=len(work.articles) - gone,
        kept=len(kept),
        gone=gone,
        rejected=dict(sorted(reasons.items())),
    )


def _write(work: _Work) -> None:
    articles = work.workspace.articles / f"{work.name}.jsonl"
    rejected = work.workspace.rejected / f"{work.name}.jsonl"
    jsonl.write(articles, work.articles.values(), key=lambda article: article.id)
    if work.rejected:
        jsonl.write(rejected, work.rejected, key=lambda row: (row.file, -1 if row.record is None else row.record))
    else:
        rejected.unlink(missing_ok=True)


def _reject(work: _Work, file: str, record: int | None, reason: str, detail: str) -> None:
    work.rejected.append(Rejected(source=work.name, file=file, record=record, reason=reason, detail=detail))


def _keep(work: _Work, file: str, record: raw.RawRecord) -> None:
    """Keep the article that this record gave before, where its bytes and what was said beside them are the same."""
    article = work.before.get((file, record.record))
    if article is None or article.id in work.articles or article.origin.sha256 != raw.digest(record.data):
        return
    if record.kind == "html" or article.url == addresses.canonical(record.url):
        work.articles[article.id] = msgspec.structs.replace(article, language=work.source.language)
        work.keys[article.id] = article.url or article.origin.sha256


def _add(work: _Work, file: str, record: raw.RawRecord) -> None:
    """Extract one record into an article, or reject it."""
    found = extract(record.data, record.kind, title=record.title)
    reason = _why_not(found)
    if reason is not None:
        _reject(work, file, record.record, *reason)
        return
    article = _article(work, file, record, found)
    key = article.url or article.origin.sha256
    if work.keys.setdefault(article.id, key) != key:
        raise GoldwireError(f"two different articles have the id {article.id}", place=file, way_out="rename the source")
    if article.id in work.articles:
        first = work.articles[article.id].origin
        place = first.file if first.record is None else f"{first.file}:{first.record + 1}"
        same = first.sha256 == article.origin.sha256
        what = "the same text" if same else f"the same address {article.url}, another text,"
        _reject(work, file, record.record, f"same-as:{article.id}", f"{what} as {place}")
    else:
        work.articles[article.id] = article


def _article(work: _Work, file: str, record: raw.RawRecord, found: Extracted) -> Article:
    url = addresses.canonical(record.url or found.url)
    digest = raw.digest(record.data)
    return Article(
        id=article_id(work.name, url or record.data),
        source=work.name,
        url=url,
        # A date that opens the file's name is a scraper's word: good where neither record nor page tells one.
        published=addresses.iso_date(record.published or found.published)
        or addresses.leading_date(PurePath(file).name),
        title=found.title,
        text=found.text,
        text_sha256=text_digest(found.text),
        captions=found.captions,
        language=work.source.language,
        origin=Origin(file=file, sha256=digest, record=record.record, field=record.field, runs=found.runs),
    )


def _why_not(found: Extracted) -> tuple[str, str] | None:
    """Say why a page is no article; None where it is one."""
    words = len(found.body.split())
    if not found.body:
        lines = len([line for line in found.page.split("\n") if line])
        return (
            ("empty", "nothing to read")
            if not lines and found.page == "" and not found.title
            else (
                "all-residue",
                f"{lines} lines, none of a body",
            )
        )
    if words < _FEWEST_WORDS:
        return "too-short", f"{words} words, at least {_FEWEST_WORDS}"
    paragraphs = found.body.split("\n\n")
    if all(len(paragraph) < _TEASER and paragraph[-1] not in _ENDS for paragraph in paragraphs):
        return "listing", f"{len(paragraphs)} lines, none of which ends a sentence"
    return None


def _keep_gone(work: _Work) -> int:
    """Keep articles whose raw file is gone: what was annotated must not vanish with a scraper's folder."""
    gone = 0
    for (file, _), article in work.before.items():
        if article.id not in work.articles and not (work.workspace.root / file).exists():
            work.articles[article.id] = article
            gone += 1
    return gone
