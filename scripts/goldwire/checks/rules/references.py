"""L2: records refer to existing articles with the same text."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from goldwire.checks.check import check
from goldwire.checks.rule import Rule
from goldwire.checks.snapshot import Snapshot
from goldwire.records import Finding

__all__ = ["unknown_articles"]

ARTICLE_UNKNOWN = Rule(
    code="article-unknown",
    level=2,
    severity="error",
    summary="a record refers to an article that is not in corpus/articles/",
    why="Labels cannot be shown, checked or released without their text.",
    fix="Restore the article, or remove the record.",
    example=(
        "annotations/layers/b01/A1.jsonl:3 wire-ffffffffffff: L2 span error [article-unknown] no article "
        "'wire-ffffffffffff' in corpus/articles/"
    ),
)
TEXT_STALE = Rule(
    code="text-stale",
    level=2,
    severity="error",
    summary="a record was made with another text of the article",
    why="The text has changed since: offsets may be wrong, even those that fit by chance.",
    fix="Restore the text that was annotated, or annotate the article again.",
    example=(
        "annotations/layers/b01/A1.jsonl:3 wire-dcd79e4eb66e: L2 span error [text-stale] made with the text "
        "3c0f7e6d86e4..., the article has 3c0f7e6d86e3..."
    ),
)


@check(ARTICLE_UNKNOWN, TEXT_STALE)
def unknown_articles(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each record whose article is missing or has another text."""
    known = snapshot.articles.keys()
    digests = {entry.record.id: entry.record.text_sha256 for entry in snapshot.articles}
    for row in snapshot.rejected:
        original = row.record.duplicate_of
        if known is not None and original is not msgspec.UNSET and original not in known:
            yield row.finding(ARTICLE_UNKNOWN, original, f"no article {original!r} in corpus/articles/")
    for table in ("tasks", "layers", "gold", "decisions", "assignment", "prelabels"):
        for entry in getattr(snapshot, table):
            id = entry.record.article_id
            if known is not None and id not in known:
                yield entry.finding(ARTICLE_UNKNOWN, id, f"no article {id!r} in corpus/articles/")
            digest = getattr(entry.record, "text_sha256", None)
            if digest is not None and digests.get(id, digest) != digest:
                message = f"made with the text {digest[:12]}..., the article has {digests[id][:12]}..."
                yield entry.finding(TEXT_STALE, id, message)
