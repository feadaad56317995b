"""L2: what a record refers to is there, and is what it was when the record was made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from goldwire.checks.snapshot import Snapshot
from goldwire.records import Duplicates, Finding

__all__ = ["CHECKS"]


def articles(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each record about an article that is not there, or about another text of it."""
    known = snapshot.articles.known()
    digests = {entry.record.id: entry.record.text_sha256 for entry in snapshot.articles}
    for name in ("tasks", "layers", "gold", "decisions", "assignment"):
        for entry in getattr(snapshot, name):
            id = entry.record.article_id
            if known is not None and id not in known:
                yield entry.finding("article-unknown", id, f"no article {id!r} in corpus/articles/")
            made_on = getattr(entry.record, "text_sha256", None)
            if made_on is not None and digests.get(id, made_on) != made_on:
                message = f"made on text {made_on[:12]!r}..., the article's is {digests[id][:12]!r}..."
                yield entry.finding("text-stale", id, message)


def clusters(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield what is wrong with near-duplicate clusters: who is in them, what they are called, their pairs."""
    known = snapshot.articles.known()
    home: dict[str, str] = {}
    for entry in snapshot.duplicates:
        for code, message in _cluster_faults(entry.record):
            yield entry.finding(code, entry.record.cluster, message)
        for id in entry.record.articles:
            if known is not None and id not in known:
                yield entry.finding("article-unknown", id, f"no article {id!r} in corpus/articles/")
            other = home.setdefault(id, entry.record.cluster)
            if other != entry.record.cluster:
                yield entry.finding("cluster-overlaps", id, f"{id} is in the cluster {other} already")


def _cluster_faults(cluster: Duplicates) -> Iterator[tuple[str, str]]:
    members = cluster.articles
    if len(set(members)) < 2 or list(members) != sorted(set(members)):
        yield "cluster-malformed", f"{len(members)} articles, expected two or more, each once, in order"
    elif cluster.cluster != members[0]:
        yield "cluster-malformed", f"is called {cluster.cluster!r}, expected its first article {members[0]!r}"
    for one, other, jaccard in cluster.pairs:
        if one not in members or other not in members or not 0 <= jaccard <= 1:
            yield "cluster-malformed", f"pair {one}, {other}, {jaccard:g} is not of two of its articles and a Jaccard"


def sources(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding at the first article of each source that corpus/sources.toml does not describe."""
    if snapshot.sources is None:
        return
    counts = Counter(entry.record.source for entry in snapshot.articles)
    for entry in snapshot.articles:
        source = entry.record.source
        if source not in snapshot.sources and source in counts:
            message = f"no [{source}] in corpus/sources.toml, and {counts.pop(source)} articles of it"
            yield entry.finding("source-unknown", entry.record.id, message)


def origins(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each article whose map to its raw bytes is out of order or out of bounds."""
    for entry in snapshot.articles:
        article = entry.record
        raw = snapshot.raw.get((article.origin.file, article.origin.row))
        end = 0
        for run in article.origin.runs:
            within = run.end <= len(article.text) and (raw is None or run.raw_end <= raw.bytes)
            if not (end <= run.start < run.end and 0 <= run.raw_start < run.raw_end and within):
                message = f"the run {[run.start, run.end, run.raw_start, run.raw_end]} is out of order or out of bounds"
                yield entry.finding("origin-broken", article.id, message)
                break
            end = run.end


CHECKS = (articles, clusters, sources, origins)
