"""The state of an ingest run for one source: what an earlier run stored, and what this run has so far."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from goldwire.errors import DataError
from goldwire.ingestion.article_store import ArticleStore, StoredArticle
from goldwire.ingestion.conversion import ConvertedArticle, RejectedRecord, id_before_extraction, read_problem_row
from goldwire.ingestion.raw_record import RawRecord, ReadProblem, digest
from goldwire.ingestion.references import referenced_articles
from goldwire.ingestion.row_fields import FieldRole
from goldwire.ingestion.summary import SourceCount, guessed_fields, row_order
from goldwire.records import Article, Rejected
from goldwire.text import language_id, urls
from goldwire.text.encodings import printable_path
from goldwire.workspace import jsonl
from goldwire.workspace.layout import Workspace
from goldwire.workspace.sources import Source

__all__ = ["SourceRun"]

_PERMANENT_REASONS = (
    *("no-article-text", "too-short", "listing", "video", "extraction-uncertain"),
    *("forum", "live-ticker", "product", "search-results", "tag-page"),
)
"""Reasons that hold as long as the bytes of the record and the source's `clean` do not change."""

RecordRef = tuple[str, int | None]
"""A raw record: its file and its row."""


class SourceRun:
    """An ingest run of one source.

    A raw record is *resolved* if its result is known without extraction: its bytes have not changed since an earlier
    run, it cannot be read, or its article is there already. Everything else is extracted and added.
    """

    def __init__(self, workspace: Workspace, name: str, source: Source) -> None:
        self.workspace = workspace
        self.name = name
        self.source = source
        self.store = ArticleStore(workspace.articles / f"{name}.jsonl", workspace.private)
        self.articles: dict[str, StoredArticle] = {}  # by id
        self.rejected: dict[RecordRef, Rejected] = {}
        self.resolved: set[RecordRef] = set()
        self.duplicates = 0
        self._stored: dict[RecordRef, StoredArticle] = {}  # all articles of the earlier run
        self._previous_articles: dict[RecordRef, StoredArticle] = {}  # those that are not extracted again
        self._previous_rejections: dict[RecordRef, Rejected] = {}
        self._cleaning = Counter[str]()
        self._kinds = Counter[str]()
        self._guessed = Counter[tuple[FieldRole, tuple[str, ...]]]()
        self._repaired = 0
        self._transcoded = 0
        self._unread_dates = 0

    @property
    def has_previous(self) -> bool:
        """Whether an earlier run left articles or lasting rejections."""
        return bool(self._previous_articles or self._previous_rejections)

    def load_previous(self, *, reuse: bool = True) -> None:
        """Read what an earlier run stored for this source.

        Without `reuse`, records are extracted again, but for those whose text a person has corrected.
        """
        for stored in self.store.stored_articles():
            self._stored[stored.file, stored.row] = stored
        if not reuse:
            corrected = {ref: stored for ref, stored in self._stored.items() if stored.is_corrected}
            self._previous_articles = corrected
            return
        self._previous_articles = self._stored
        path = self._rejected_path
        for row in jsonl.read(path, Rejected) if path.exists() else ():
            is_permanent = row.reason in _PERMANENT_REASONS or self._is_unwanted(row)
            if row.sha256 is not msgspec.UNSET and is_permanent and row.clean == (self.source.clean or msgspec.UNSET):
                self._previous_rejections[row.file, row.row] = row

    def _is_unwanted(self, row: Rejected) -> bool:
        if row.reason != "unwanted-language" or row.language is msgspec.UNSET:
            return False
        return not language_id.accepts_language(row.language, self.source.languages or (self.source.language,))

    @property
    def _rejected_path(self) -> Path:
        return self.workspace.rejected / f"{self.name}.jsonl"

    def relative(self, path: Path) -> str:
        """Return a raw file relative to the workspace; `Workspace.relative` takes twelve times as long."""
        name = str(path).removeprefix(f"{self.workspace.root}{os.sep}")
        return printable_path(name if os.sep == "/" else name.replace(os.sep, "/"))

    def resolve_unchanged(self, file: str, record: RawRecord | ReadProblem) -> bool:
        """Carry over the result of an earlier run, or store a read problem; False if the record needs extraction."""
        ref = file, record.row
        if isinstance(record, ReadProblem):
            self.rejected[ref] = read_problem_row(self.name, file, record)
            return True
        if self._carry_over(ref, record) or self._carry_over_rejection(ref, record):
            self.resolved.add(ref)
            return True
        return False

    def _carry_over(self, ref: RecordRef, record: RawRecord) -> bool:
        """Carry over the article of a record whose bytes and stated URL have not changed."""
        stored = self._previous_articles.get(ref)
        if stored is None or stored.id in self.articles or stored.sha256 != digest(record.data):
            return False
        is_new_guess = stored.url is None and any(role == "url" for role, _ in record.guessed)
        if record.kind != "html" and stored.url != urls.canonical_url(record.url) and not is_new_guess:
            return False
        if not self.source.is_multilingual and stored.language != self.source.language:
            article = jsonl.decode_line(self.store.read(stored), Article)
            article = msgspec.structs.replace(article, language=self.source.language)
            stored = self.store.add(article, jsonl.dump((article,)))
        self.articles[stored.id] = stored
        return True

    def _carry_over_rejection(self, ref: RecordRef, record: RawRecord) -> bool:
        row = self._previous_rejections.get(ref)
        if row is None or row.sha256 != digest(record.data):
            return False
        self.rejected[ref] = row
        return True

    def resolve_new(self, file: str, record: RawRecord | ReadProblem) -> bool:
        """Store a read problem or a known duplicate; False if the record needs extraction."""
        ref = file, record.row
        if ref in self.resolved:
            return True
        if isinstance(record, ReadProblem):
            self.rejected[ref] = read_problem_row(self.name, file, record)
            return True
        stored = self.articles.get(id_before_extraction(self.name, record) or "")
        if stored is None:
            return False
        self._reject_duplicate(ref, stored, digest(record.data))
        return True

    def add(self, result: ConvertedArticle | RejectedRecord) -> None:
        """Add what a worker made of a record."""
        if isinstance(result, RejectedRecord):
            rejection = result.rejection
            ref, sha256 = (rejection.file, rejection.row), str(rejection.sha256)
        else:
            result = self._with_earlier_id(result)
            ref, sha256 = (result.file, result.row), result.sha256
        stored = self.articles.get(result.id or "")
        if stored is not None and isinstance(result, ConvertedArticle) and stored.key != result.key:
            problem = f"two different articles have the id {stored.id}"
            raise DataError(problem, location=ref[0], hint="rename the source")
        if stored is not None:
            self._reject_duplicate(ref, stored, sha256)
        elif isinstance(result, RejectedRecord):
            self.rejected[ref] = result.rejection
        else:
            self.articles[result.id] = self.store.add_converted(result)
            self._cleaning[result.cleaning] += 1
            self._kinds[result.kind or "page"] += 1
            self._guessed.update(result.guessed)
            self._repaired += result.has_mojibake_repairs
            self._transcoded += result.is_transcoded
            self._unread_dates += result.has_unread_date

    def _with_earlier_id(self, result: ConvertedArticle) -> ConvertedArticle:
        """Return an article with the id that it had before goldwire could guess its URL."""
        earlier = self._stored.get((result.file, result.row)) if result.is_url_guessed else None
        if earlier is None or earlier.url is not None or earlier.sha256 != result.sha256:
            return result
        article = jsonl.decode_line(result.line, Article)
        article = msgspec.structs.replace(article, id=earlier.id, url=None)
        return msgspec.structs.replace(result, id=earlier.id, url=None, line=jsonl.dump((article,)))

    def _reject_duplicate(self, ref: RecordRef, stored: StoredArticle, sha256: str) -> None:
        same = "the same text as" if stored.sha256 == sha256 else f"the same address {stored.url}, another text, as"
        self.rejected[ref] = Rejected(
            source=self.name,
            file=ref[0],
            row=ref[1],
            reason="duplicate",
            detail=f"{same} {stored.location}",
            sha256=sha256,
            duplicate_of=stored.id,
        )
        self.duplicates += 1

    def keep_without_source(self, *, prune: bool = False) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Keep earlier articles that no raw record gives any more, because they may be annotated.

        Those whose raw file is there are kept only if something refers to them: their record was corrected or removed.
        With `prune` none is kept. Returns the ids of those kept, and of those dropped although a task, a layer, gold, a
        split or a release refers to them, or although their raw file is missing.
        """
        left = [(file, stored) for (file, _), stored in self._stored.items() if stored.id not in self.articles]
        if not left:
            return (), ()
        exists = {file: (self.workspace.root / file).exists() for file in {file for file, _ in left}}
        referenced = referenced_articles(self.workspace)
        worth_keeping = [stored for file, stored in left if not exists[file] or stored.id in referenced]
        names = tuple(sorted(stored.id for stored in worth_keeping))
        if prune:
            return (), names
        self.articles.update((stored.id, stored) for stored in worth_keeping)
        return names, ()

    def rejections(self) -> Iterator[Rejected]:
        """Yield the rejections by file and row."""
        yield from sorted(self.rejected.values(), key=row_order)

    def write(self) -> None:
        """Write the articles and the rejections."""
        self.store.write(self.articles[name] for name in sorted(self.articles))
        if self.rejected:
            jsonl.write(self._rejected_path, self.rejected.values(), key=row_order)
        else:
            self._rejected_path.unlink(missing_ok=True)

    def count(self, *, articles: int, unchanged: int, kept: tuple[str, ...], pruned: tuple[str, ...]) -> SourceCount:
        """Return the counts of the run; `articles` are those with a raw record."""
        return SourceCount(
            source=self.name,
            raw=articles + len(self.rejected),
            articles=articles,
            unchanged=unchanged,
            source_missing=len(kept),
            pruned=pruned,
            rejected=dict(sorted(Counter(row.reason for row in self.rejected.values()).items())),
            cleaning=dict(sorted(self._cleaning.items())),
            kinds=dict(sorted(self._kinds.items())),
            clean=self.source.clean,
            guessed_fields=guessed_fields(self._guessed),
            mojibake_repaired=self._repaired,
            transcoded=self._transcoded,
            unread_dates=self._unread_dates,
        )

    def close(self) -> None:
        """Close the files of the store."""
        self.store.close()
