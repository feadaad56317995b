"""L0: which files are there, and whether they are what was made."""

from __future__ import annotations

from collections.abc import Iterator

from goldwire.checks.places import is_expected
from goldwire.checks.snapshot import Snapshot
from goldwire.records import Finding

__all__ = ["CHECKS"]


def missing(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each file that what is there rests on."""
    have = frozenset(snapshot.files)
    labelled = any(file.startswith(("annotations/tasks/", "annotations/layers/")) for file in have)
    texts = any(file.startswith(("corpus/raw/", "corpus/articles/")) for file in have)
    for needed, file, why in (
        (labelled, "annotations/schema.toml", "tasks and layers use its labels"),
        (labelled, "annotations/GUIDELINES.md", "annotators were asked to follow it"),
        (texts, "corpus/sources.toml", "articles name their source"),
    ):
        if needed and file not in have:
            yield Finding(code="file-missing", file=file, line=None, where=None, message=f"not there, but {why}")


def unexpected(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each file that no stage and no person should have put there."""
    for file in snapshot.files:
        if not is_expected(file):
            message = "no stage writes or reads a file of this name"
            yield Finding(code="file-unexpected", file=file, line=None, where=None, message=message)


def raw(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each article whose raw file is gone or is another one than the article was made from."""
    for entry in snapshot.articles:
        origin = entry.record.origin
        there = snapshot.raw.get(origin.file)
        if there is None:
            source = (snapshot.sources or {}).get(entry.record.source)
            if source and source.redistribute and origin.file not in snapshot.files:
                message = f"{origin.file} is not there"
                yield Finding(code="raw-missing", file=entry.file, line=entry.line, where=entry.key, message=message)
        elif there.sha256 != origin.sha256:
            message = f"{origin.file} has SHA-256 {there.sha256[:12]}..., the article was made from {origin.sha256[:12]}..."
            yield Finding(code="raw-changed", file=entry.file, line=entry.line, where=entry.key, message=message)


CHECKS = (missing, unexpected, raw)
