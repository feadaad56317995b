"""L2: what a record refers to is there, and is what it was when the record was made."""

from __future__ import annotations

from collections.abc import Iterator

from goldwire.checks.snapshot import Snapshot
from goldwire.records import Finding

__all__ = ["CHECKS"]


def articles(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each record about an article that is not there, or about another text of it."""
    known = snapshot.articles.known()
    digests = {entry.record.id: entry.record.text_sha256 for entry in snapshot.articles}
    for name in ("tasks", "layers", "gold", "decisions", "assignment"):
        for entry in getattr(snapshot, name):
            id = entry.record.article_id
            if known is not None and id not in known:
                message = f"no article {id!r} in corpus/articles/"
                yield Finding(code="article-unknown", file=entry.file, line=entry.line, where=id, message=message)
            made_on = getattr(entry.record, "text_sha256", None)
            if made_on is not None and digests.get(id, made_on) != made_on:
                message = f"made on text {made_on[:12]!r}..., the article's is {digests[id][:12]!r}..."
                yield Finding(code="text-stale", file=entry.file, line=entry.line, where=id, message=message)


def clusters(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each article of a near-duplicate cluster that is not there."""
    known = snapshot.articles.known()
    for entry in snapshot.duplicates if known is not None else ():
        for id in entry.record.articles:
            if id not in (known or ()):
                message = f"no article {id!r} in corpus/articles/"
                yield Finding(code="article-unknown", file=entry.file, line=entry.line, where=id, message=message)


CHECKS = (articles, clusters)
