"""L5: no article, cluster or text in more than one split."""

from __future__ import annotations

from collections.abc import Iterator

from goldwire.checks.snapshot import Snapshot
from goldwire.records import Finding

__all__ = ["CHECKS"]


def articles(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each row that gives an article a second split."""
    first: dict[str, str] = {}
    for entry in snapshot.assignment:
        row = entry.record
        split = first.setdefault(row.article_id, row.split)
        if split != row.split:
            message = f"in {split} already, here in {row.split}"
            yield Finding(
                code="article-in-two-splits", file=entry.file, line=entry.line, where=row.article_id, message=message
            )


def clusters(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each article that is in another split than an earlier near-duplicate of it."""
    cluster_of = {id: entry.record.cluster for entry in snapshot.duplicates for id in entry.record.articles}
    first: dict[str, tuple[str, str]] = {}
    for entry in snapshot.assignment:
        row = entry.record
        for cluster in sorted({row.cluster, cluster_of.get(row.article_id, row.cluster)}):
            split, id = first.setdefault(cluster, (row.split, row.article_id))
            if split != row.split and id != row.article_id:
                message = f"in {row.split}, its near-duplicate {id} in {split}"
                yield Finding(
                    code="cluster-across-splits",
                    file=entry.file,
                    line=entry.line,
                    where=row.article_id,
                    message=message,
                )
                break


CHECKS = (articles, clusters)
