"""L2: near-duplicate clusters, sources, origins and corrections of articles are as goldwire writes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from goldwire.checks.check import check
from goldwire.checks.rule import Rule
from goldwire.checks.rules.references import ARTICLE_UNKNOWN
from goldwire.checks.snapshot import Snapshot
from goldwire.ingestion.corrections import extracted_text
from goldwire.quantities import quantity
from goldwire.records import Duplicates, Finding, text_digest

__all__ = ["broken_corrections", "broken_origins", "malformed_clusters", "undescribed_sources"]

CLUSTER_MALFORMED = Rule(
    code="cluster-malformed",
    level=2,
    severity="error",
    summary="a near-duplicate cluster is not as `goldwire dedup` writes it",
    why="Splits keep clusters whole by their names and articles: a wrong cluster leaks.",
    fix="Run `goldwire dedup` again.",
    example=(
        "corpus/duplicates.jsonl:1 wire-dcd79e4eb66e: L2 span error [cluster-malformed] the cluster is named "
        "'wire-dcd79e4eb66e', expected its first article 'herald-d4f13fee6ac3'"
    ),
)
CLUSTER_OVERLAPS = Rule(
    code="cluster-overlaps",
    level=2,
    severity="error",
    summary="an article is in two near-duplicate clusters",
    why="A cluster goes to one split as a whole, but this article would belong to two splits.",
    fix="Run `goldwire dedup` again.",
    example=(
        "corpus/duplicates.jsonl:2 wire-dcd79e4eb66e: L2 span error [cluster-overlaps] wire-dcd79e4eb66e is "
        "already in the cluster herald-d4f13fee6ac3"
    ),
)


@check(CLUSTER_MALFORMED, CLUSTER_OVERLAPS, ARTICLE_UNKNOWN)
def malformed_clusters(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield findings about near-duplicate clusters: their articles, names and pairs."""
    known = snapshot.articles.keys()
    cluster_of: dict[str, str] = {}
    for entry in snapshot.duplicates:
        for message in _cluster_problems(entry.record):
            yield entry.finding(CLUSTER_MALFORMED, entry.record.cluster, message)
        for id in entry.record.article_ids:
            if known is not None and id not in known:
                yield entry.finding(ARTICLE_UNKNOWN, id, f"no article {id!r} in corpus/articles/")
            first = cluster_of.setdefault(id, entry.record.cluster)
            if first != entry.record.cluster:
                yield entry.finding(CLUSTER_OVERLAPS, id, f"{id} is already in the cluster {first}")


def _cluster_problems(cluster: Duplicates) -> Iterator[str]:
    members = cluster.article_ids
    if len(set(members)) < 2 or list(members) != sorted(set(members)):
        yield f"{quantity(len(members), 'article')}, expected two or more different ones, sorted"
    elif cluster.cluster != members[0]:
        yield f"the cluster is named {cluster.cluster!r}, expected its first article {members[0]!r}"
    for pair in cluster.pairs:
        if pair.left not in members or pair.right not in members or not 0 <= pair.jaccard <= 1:
            yield f"the pair {pair.left}, {pair.right} ({pair.jaccard:g}) is not two articles of the cluster"


SOURCE_UNKNOWN = Rule(
    code="source-unknown",
    level=2,
    severity="error",
    summary="the source of an article is not in corpus/sources.toml",
    why="Its licence is unknown, and with it whether its text may be released.",
    fix="Describe the source in corpus/sources.toml.",
    example=(
        "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L2 span error [source-unknown] corpus/sources.toml has "
        "no [wire], the source of 3 articles"
    ),
)


@check(SOURCE_UNKNOWN)
def undescribed_sources(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding at the first article of each source that corpus/sources.toml does not describe."""
    if snapshot.sources is None:
        return
    counts = Counter(entry.record.source for entry in snapshot.articles)
    for entry in snapshot.articles:
        source = entry.record.source
        if source not in snapshot.sources and source in counts:
            message = f"corpus/sources.toml has no [{source}], the source of {quantity(counts.pop(source), 'article')}"
            yield entry.finding(SOURCE_UNKNOWN, entry.record.id, message)


ORIGIN_BROKEN = Rule(
    code="origin-broken",
    level=2,
    severity="error",
    summary="the map from the text of an article to its raw bytes is out of order or out of bounds",
    why="Nobody can trace a sentence back to its place in the raw page.",
    fix="Run `goldwire ingest` again.",
    example=(
        "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L2 span error [origin-broken] the run [34, 229, 34, "
        "228] is out of order or out of bounds"
    ),
)


@check(ORIGIN_BROKEN)
def broken_origins(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding at the first wrong run of each article."""
    for entry in snapshot.articles:
        article = entry.record
        raw = snapshot.raw.get((article.origin.file, article.origin.row))
        end = 0
        for run in article.origin.runs:
            in_bounds = run.end <= len(article.text) and (raw is None or run.raw_end <= raw.bytes)
            if not (end <= run.start < run.end and 0 <= run.raw_start < run.raw_end and in_bounds):
                message = f"the run {[run.start, run.end, run.raw_start, run.raw_end]} is out of order or out of bounds"
                yield entry.finding(ORIGIN_BROKEN, article.id, message)
                break
            end = run.end


CORRECTION_BROKEN = Rule(
    code="correction-broken",
    level=2,
    severity="error",
    summary="the stored edits of a corrected article do not lead back to the extracted text",
    why="Nobody can see any more what a person has changed in the text.",
    fix="Restore the line from git, or correct the article again with `goldwire correct`.",
    example=(
        "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L2 span error [correction-broken] undoing its edits gives a "
        "text with SHA-256 9aeb6b97c28c..., the extracted one has 000000000000..."
    ),
)


@check(CORRECTION_BROKEN)
def broken_corrections(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each corrected article without a reason, or whose edits cannot be undone."""
    for entry in snapshot.articles:
        correction = entry.record.correction
        if isinstance(correction, msgspec.UnsetType):
            continue
        digest = text_digest(extracted_text(entry.record))
        if not correction.reason.strip():
            yield entry.finding(CORRECTION_BROKEN, entry.record.id, "it has no reason")
        elif digest != correction.extracted_sha256:
            message = (
                f"undoing its edits gives a text with SHA-256 {digest[:12]}..., the extracted one has "
                f"{correction.extracted_sha256[:12]}..."
            )
            yield entry.finding(CORRECTION_BROKEN, entry.record.id, message)
