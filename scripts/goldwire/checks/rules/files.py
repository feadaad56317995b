"""L0: which files are there, and whether they are what was made."""

from __future__ import annotations

from collections.abc import Iterator

from goldwire.checks.snapshot import Snapshot
from goldwire.checks.workspace_files import batch_of, is_expected, kind_of
from goldwire.records import Article, Finding

__all__ = ["CHECKS"]


def missing(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each file that what is there rests on."""
    have = frozenset(snapshot.files)
    needed: dict[str, str] = {}
    for file in snapshot.files:
        if file.startswith(("corpus/raw/", "corpus/articles/")):
            needed["corpus/sources.toml"] = "articles name their source"
        elif file.startswith(("annotations/tasks/", "annotations/layers/")):
            needed["annotations/schema.toml"] = "tasks and layers use its labels"
            needed["annotations/GUIDELINES.md"] = "annotators were asked to follow it"
        if file.startswith(("annotations/layers/", "annotations/gold/")) and kind_of(file):
            needed[f"annotations/tasks/{batch_of(file)}.jsonl"] = "there are layers of this batch"
    for file, why in sorted(needed.items()):
        if file not in have:
            yield Finding(code="file-missing", file=file, line=None, item=None, message=f"is not there, but {why}")


def unexpected(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each file that no stage and no person should have put there."""
    for file in snapshot.files:
        if not is_expected(file):
            message = "no stage writes or reads a file of this name"
            yield Finding(code="file-unexpected", file=file, line=None, item=None, message=message)


def raw(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each article whose raw file is gone or is another one than the article was made from."""
    for entry in snapshot.articles:
        origin = entry.record.origin
        there = snapshot.raw.get((origin.file, origin.row))
        if there is not None and there.sha256 != origin.sha256:
            message = f"{origin.file} has SHA-256 {there.sha256[:12]}..., the article is of {origin.sha256[:12]}..."
            yield entry.finding("raw-changed", entry.record.id, message)
        elif there is None and origin.file in snapshot.files and _has_records(snapshot, entry.record):
            yield entry.finding("raw-changed", entry.record.id, f"{origin.file} has no record {origin.row} any more")
        elif there is None and origin.file not in snapshot.files:
            source = (snapshot.sources or {}).get(entry.record.source)
            if source and source.redistribute:
                yield entry.finding("raw-missing", entry.record.id, f"{origin.file} is not there")


def _has_records(snapshot: Snapshot, article: Article) -> bool:
    """Whether the article is one of many in its raw file, and it is known how to read them."""
    return article.origin.row is not None and article.source in (snapshot.sources or {})


CHECKS = (missing, unexpected, raw)
