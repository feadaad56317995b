"""Find near-duplicates among the articles by their bodies: two outlets have different headlines for one wire story."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from goldwire.errors import DECODE_ERRORS, ConfigError, MissingFileError
from goldwire.quantities import quantity
from goldwire.records import Article, DuplicatePair, Duplicates
from goldwire.workspace import jsonl
from goldwire.workspace.layout import Workspace

if TYPE_CHECKING:
    from goldwire.dedup.embeddings import SimilarPairs
    from goldwire.dedup.engines import Engine
    from goldwire.dedup.near_duplicates import DedupResult
    from goldwire.dedup.text_store import OnDiskTexts

__all__ = ["DedupReport", "SimilarPair", "body", "run"]

_BLOCK = 1 << 22  # bytes of JSON Lines decoded at a time
_LISTED = 20  # similar pairs in the report for people


class SimilarPair(msgspec.Struct, frozen=True, kw_only=True):
    """Two articles in different clusters, and the cosine of their vectors."""

    left: str
    right: str
    similarity: float


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
    similar : tuple of SimilarPair or None
        Pairs in different clusters with similar vectors, the most similar first, at most 1,000; None without vectors.
    without_vector : int
        Number of articles without a vector.
    """

    articles: int
    clusters: int
    clustered: int
    largest: int
    similar: tuple[SimilarPair, ...] | None = None
    without_vector: int = 0

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join([self._clusters(), *self._similar()])

    def _clusters(self) -> str:
        if not self.clusters:
            return f"no near-duplicates among {quantity(self.articles, 'article')}"
        return (
            f"{self.clustered} of {quantity(self.articles, 'article')} are near-duplicates, "
            f"in {quantity(self.clusters, 'cluster')} of at most {self.largest}"
        )

    def _similar(self) -> Iterator[str]:
        """Yield a line for each similar pair, the first of them."""
        if self.similar is None:
            return
        if self.without_vector:
            yield f"{quantity(self.without_vector, 'article has', 'articles have')} no vector"
        yield f"{quantity(len(self.similar), 'pair')} in different clusters with similar vectors"
        for pair in self.similar[:_LISTED]:
            yield f"  {pair.similarity:.3f}  {pair.left}  {pair.right}"
        if len(self.similar) > _LISTED:
            yield f"  and {len(self.similar) - _LISTED:,} more; --json lists them"


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
    embeddings: Path | None = None,
    min_similarity: float = 0.9,
) -> DedupReport:
    """Cluster the near-duplicates among all articles and write corpus/duplicates.jsonl.

    The texts are on disk meanwhile: memory holds half a kilobyte per article. With `embeddings`, pairs in different
    clusters whose vectors are similar are listed; no cluster changes.

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
    embeddings : Path, optional
        Vectors of the articles as a `.npy` file beside a `.txt` of their ids, or the folder of a static embedding
        model.
    min_similarity : float, default: 0.9
        Least cosine of a pair that is listed; above 0 and at most 1.

    Raises
    ------
    ConfigError
        If an option is not valid.
    DataError
        If `embeddings` is not a table of vectors.
    MissingFileError
        If there are no articles, or no embeddings at the path.
    """
    from goldwire.dedup.engines import get_executor
    from goldwire.dedup.near_duplicates import cluster_texts
    from goldwire.dedup.text_store import temporary_texts

    for name, value, usual in (
        ("threshold", threshold, 0.5), ("containment", containment, 0.75), ("minimum similarity", min_similarity, 0.9)
    ):  # fmt: skip
        if not 0 < value <= 1:
            raise ConfigError(f"{name} {value} is not above 0 and at most 1", hint=f"{usual} suits news")
    if embeddings is not None and not embeddings.exists():
        raise MissingFileError("no such file or folder", location=embeddings)
    executor = get_executor(engine, ray_address)
    workspace.private.mkdir(mode=0o700, exist_ok=True)
    with temporary_texts(workspace.private) as texts:
        ids = _read_bodies(workspace, texts)
        if not ids:
            raise MissingFileError("no articles", location=workspace.articles, hint="run `goldwire ingest` first")
        result = cluster_texts(texts, threshold, containment, executor)
        similar, without_vector = _second_look(embeddings, ids, texts, result, min_similarity)
    rows = _rows(ids, result, threshold)
    with workspace.lock():
        jsonl.write(workspace.duplicates, rows, key=lambda row: row.cluster)
    sizes = [len(row.article_ids) for row in rows]
    return DedupReport(
        articles=len(ids),
        clusters=len(rows),
        clustered=sum(sizes),
        largest=max(sizes, default=0),
        similar=similar,
        without_vector=without_vector,
    )


def _second_look(
    embeddings: Path | None, ids: list[str], texts: OnDiskTexts, result: DedupResult, min_similarity: float
) -> tuple[tuple[SimilarPair, ...] | None, int]:
    """Return the pairs in different clusters with similar vectors, and the number of articles without a vector."""
    if embeddings is None:
        return None, 0
    from goldwire.dedup.embeddings import similar_pairs
    from goldwire.workspace.embeddings import embed_texts, read_vectors

    vectors = embed_texts(embeddings, _batches(texts)) if embeddings.is_dir() else read_vectors(embeddings, ids)
    pairs: SimilarPairs = similar_pairs(vectors, result.clusters, min_similarity)
    columns = (column.tolist() for column in (pairs.left, pairs.right, pairs.similarity))
    similar = tuple(
        SimilarPair(left=ids[left], right=ids[right], similarity=round(similarity, 4))
        for left, right, similarity in zip(*columns, strict=True)
    )
    return similar, len(ids) - int(vectors.any(axis=1).sum())


def _batches(texts: OnDiskTexts) -> Iterator[list[str]]:
    """Yield the texts in batches."""
    from goldwire.text.batches import batch_ranges

    for bounds in batch_ranges(texts.lengths()):
        data, offsets = texts.slice(*bounds)
        whole = data.tobytes()
        yield [
            whole[start:end].decode("utf-8", "replace")
            for start, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)
        ]


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
