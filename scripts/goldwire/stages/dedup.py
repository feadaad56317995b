"""Find near-duplicates among the articles by their bodies: two outlets have different headlines for one wire story."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from goldwire.errors import DECODE_ERRORS, ConfigError, MissingFileError
from goldwire.quantities import quantity
from goldwire.records import Article, DuplicatePair, Duplicates
from goldwire.workspace import jsonl
from goldwire.workspace.layout import Workspace

if TYPE_CHECKING:
    from goldwire.dedup.engines import Engine
    from goldwire.dedup.near_duplicates import DedupResult
    from goldwire.dedup.text_store import OnDiskTexts

__all__ = ["DedupReport", "body", "run"]

_BLOCK = 1 << 22  # bytes of JSON Lines decoded at a time


class DedupReport(msgspec.Struct, frozen=True, kw_only=True):
    """The near-duplicates in a corpus.

    Attributes
    ----------
    articles : int
        Number of articles compared.
    clusters : int
        Number of clusters of two or more articles.
    clustered : int
        Number of articles in these clusters.
    largest : int
        Number of articles in the largest cluster, 0 if there are no clusters.
    """

    articles: int
    clusters: int
    clustered: int
    largest: int

    def to_text(self) -> str:
        """Return the report for people."""
        if not self.clusters:
            return f"no near-duplicates among {quantity(self.articles, 'article')}"
        return (
            f"{self.clustered} of {quantity(self.articles, 'article')} are near-duplicates, "
            f"in {quantity(self.clusters, 'cluster')} of at most {self.largest}"
        )


class _Story(msgspec.Struct, frozen=True):
    """The fields of an Article that `dedup` reads."""

    id: str
    title: str
    text: str


def run(
    workspace: Workspace,
    *,
    threshold: float = 0.5,
    containment: float = 0.75,
    engine: Engine = "local",
    ray_address: str | None = None,
) -> DedupReport:
    """Cluster the near-duplicates among all articles and write corpus/duplicates.jsonl.

    The texts are on disk meanwhile: memory holds half a kilobyte per article.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    threshold : float, default: 0.5
        Jaccard index of word 5-grams from which two bodies are near-duplicates; above 0 and at most 1.
    containment : float, default: 0.75
        Share of the shorter body's 5-grams in the longer one from which it is a truncated copy; above 0 and at most 1.
    engine : {"local", "daft", "ray"}, default: "local"
        Runs the comparison (see `goldwire.dedup.engines`); all engines find the same.
    ray_address : str, optional
        Address of the Ray cluster. Default: start one on this machine.

    Raises
    ------
    ConfigError
        If an option is not valid.
    MissingFileError
        If there are no articles.
    """
    from goldwire.dedup.engines import get_executor
    from goldwire.dedup.near_duplicates import cluster_texts
    from goldwire.dedup.text_store import temporary_texts

    if not 0 < threshold <= 1:
        raise ConfigError(f"threshold {threshold} is not above 0 and at most 1", hint="0.5 suits news")
    if not 0 < containment <= 1:
        raise ConfigError(f"containment {containment} is not above 0 and at most 1", hint="0.75 suits news")
    executor = get_executor(engine, ray_address)
    workspace.private.mkdir(mode=0o700, exist_ok=True)
    with temporary_texts(workspace.private) as texts:
        ids = _read_bodies(workspace, texts)
        if not ids:
            raise MissingFileError("no articles", location=workspace.articles, hint="run `goldwire ingest` first")
        rows = _rows(ids, cluster_texts(texts, threshold, containment, executor), threshold)
    with workspace.lock():
        jsonl.write(workspace.duplicates, rows, key=lambda row: row.cluster)
    sizes = [len(row.article_ids) for row in rows]
    return DedupReport(articles=len(ids), clusters=len(rows), clustered=sum(sizes), largest=max(sizes, default=0))


def body(article: Article) -> str:
    """Return an article's text without its headline."""
    return _body(article)


def _body(story: Article | _Story) -> str:
    """Return the text without its headline."""
    return story.text.removeprefix(story.title).lstrip("\n")


def _read_bodies(workspace: Workspace, texts: OnDiskTexts) -> list[str]:
    """Store the bodies of all articles in `texts`, in the order of their ids, and return the ids."""
    import numpy as np

    decode = msgspec.json.Decoder(_Story).decode_lines
    position: dict[str, int] = {}
    count = 0
    for path in sorted(workspace.articles.glob("*.jsonl")):
        with path.open("rb") as file:
            while lines := file.readlines(_BLOCK):
                try:
                    stories = decode(b"".join(lines))
                except DECODE_ERRORS:
                    for _ in jsonl.read(path, Article):  # raises the error with the line's number
                        pass
                    raise
                position.update(zip((story.id for story in stories), range(count, count + len(stories)), strict=True))
                bodies = [_body(story).encode("utf-8", "surrogatepass") for story in stories]
                texts.add(b"".join(bodies), np.fromiter(map(len, bodies), np.int64, len(bodies)))
                count += len(stories)
    ids = sorted(position)
    texts.finish(np.fromiter(map(position.__getitem__, ids), np.int64, len(ids)))
    return ids


def _rows(ids: list[str], result: DedupResult, threshold: float) -> list[Duplicates]:
    """Return the clusters of two or more articles, with the verified pairs in each."""
    import numpy as np

    clusters, pairs = result.clusters, result.pairs
    members, pair_rows = defaultdict(list), defaultdict(list)
    clustered = np.flatnonzero(np.bincount(clusters)[clusters] > 1)
    for number, cluster in zip(clustered.tolist(), clusters[clustered].tolist(), strict=True):
        members[cluster].append(ids[number])
    inside = np.flatnonzero(clusters[pairs.left] == clusters[pairs.right])
    columns = (pairs.left[inside], pairs.right[inside], pairs.jaccard[inside], pairs.containment[inside])
    for left, right, jaccard, containment in zip(*(column.tolist() for column in columns), strict=True):
        pair = DuplicatePair(
            left=ids[left],
            right=ids[right],
            jaccard=round(jaccard, 4),
            containment=round(containment, 4),
            measure="jaccard" if jaccard >= threshold else "containment",
        )
        pair_rows[clusters[left]].append(pair)
    return [
        Duplicates(cluster=article_ids[0], article_ids=tuple(article_ids), pairs=tuple(pair_rows[cluster]))
        for cluster, article_ids in members.items()
    ]
