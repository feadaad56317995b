"""L3: the stored similarity of near-duplicates is that of their texts."""

from __future__ import annotations

from collections.abc import Iterator

from goldwire.checks.check import check
from goldwire.checks.rule import Rule
from goldwire.checks.snapshot import Snapshot
from goldwire.records import Article, Finding

__all__ = ["wrong_similarities"]

_TOLERANCE = 6e-5  # `goldwire dedup` rounds to four decimals

CLUSTER_SIMILARITY_WRONG = Rule(
    code="cluster-similarity-wrong",
    level=3,
    severity="error",
    summary="the stored similarity of two near-duplicates is not that of their texts",
    why="Whether two articles may be in different splits is decided by it.",
    fix="Run `goldwire dedup` again.",
    example=(
        "corpus/duplicates.jsonl:1 herald-d4f13fee6ac3: L3 content error [cluster-similarity-wrong] jaccard with "
        "wire-dcd79e4eb66e is stored as 0.4, the texts have 0.8209"
    ),
)


@check(CLUSTER_SIMILARITY_WRONG)
def wrong_similarities(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each pair of a cluster whose similarity differs from that of the texts."""
    # Without its headline, which `title-mismatch` reports, the compared text of an article is unknown.
    articles = {e.record.id: e.record for e in snapshot.articles if e.record.text.startswith(e.record.title)}
    ids = sorted({id for entry in snapshot.duplicates for id in entry.record.article_ids if id in articles})
    if not ids:
        return
    # scipy and polars take 0.3 s to import: they are needed only if there are clusters.
    from goldwire.dedup.near_duplicates import near_duplicate_pairs

    found = near_duplicate_pairs([_body(articles[id]) for id in ids])
    columns = (found.left, found.right, found.jaccard, found.containment)
    computed = {
        (ids[left], ids[right]): {"jaccard": float(jaccard), "containment": float(containment)}
        for left, right, jaccard, containment in zip(*columns, strict=True)
    }
    for entry in snapshot.duplicates:
        for pair in entry.record.pairs:
            # A pair that is missing here is below the default thresholds: `dedup` had others.
            for name, value in computed.get((pair.left, pair.right), {}).items():
                stored = getattr(pair, name)
                if stored is not None and abs(stored - value) > _TOLERANCE:
                    message = f"{name} with {pair.right} is stored as {stored:g}, the texts have {value:.4f}"
                    yield entry.finding(CLUSTER_SIMILARITY_WRONG, pair.left, message)
                    break


def _body(article: Article) -> str:
    """Return the text without its headline, which `goldwire dedup` compares."""
    return article.text.removeprefix(article.title).lstrip("\n")
