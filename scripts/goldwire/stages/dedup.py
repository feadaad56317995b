"""Find the near-duplicates among the articles, by their bodies: two outlets' headlines differ over one wire story."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from goldwire import jsonl, load
from goldwire.errors import GoldwireError
from goldwire.layout import Workspace
from goldwire.records import Article, Duplicates

__all__ = ["DedupReport", "body", "run"]


class DedupReport(msgspec.Struct, frozen=True, kw_only=True):
    """What `dedup` found: how many articles there are, clusters of two and more, and articles in those."""

    articles: int
    clusters: int
    clustered: int
    largest: int

    def lines(self) -> Iterator[str]:
        """Say it in a line."""
        if self.clusters:
            yield (
                f"{self.clustered} of {self.articles} articles are near-duplicates, "
                f"in {self.clusters} clusters of at most {self.largest}"
            )
        else:
            yield f"no near-duplicates among {self.articles} articles"


def run(workspace: Workspace, *, threshold: float = 0.5) -> DedupReport:
    """Cluster all articles. `threshold` is the Jaccard of word 5-grams from which two bodies are near-duplicates.

    Raises GoldwireError where there are no articles or the threshold is no share.
    """
    from goldwire.similarity import clusters_and_pairs

    if not 0 < threshold <= 1:
        raise GoldwireError(f"threshold {threshold} is not above 0 and at most 1", way_out="0.5 suits news")
    articles = load.articles(workspace)
    if not articles:
        raise GoldwireError("no articles", place=workspace.articles, way_out="run `goldwire ingest` first")
    ids = list(articles)
    numbers, pairs = clusters_and_pairs([body(article) for article in articles.values()], threshold)
    members, alike = defaultdict(list), defaultdict(list)
    for name, number in zip(ids, numbers, strict=True):
        members[number].append(name)
    for left, right, score in zip(pairs.left.tolist(), pairs.right.tolist(), pairs.jaccard.tolist(), strict=True):
        if numbers[left] == numbers[right]:
            alike[numbers[left]].append((ids[left], ids[right], round(score, 4)))
    found = [
        Duplicates(cluster=names[0], articles=tuple(names), pairs=tuple(alike[number]))
        for number, names in members.items()
        if len(names) > 1
    ]
    with workspace.lock():
        jsonl.write(workspace.duplicates, found, key=lambda row: row.cluster)
    sizes = [len(row.articles) for row in found]
    return DedupReport(articles=len(ids), clusters=len(found), clustered=sum(sizes), largest=max(sizes, default=0))


def body(article: Article) -> str:
    """Give an article's text without its headline."""
    return article.text.removeprefix(article.title).lstrip("\n")
