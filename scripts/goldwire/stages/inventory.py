"""Counts of a workspace: its articles by source, the near-duplicates among them, and how much is annotated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from statistics import median
from typing import TypeVar

import msgspec

from goldwire.records import Article, Rejected
from goldwire.text.words import count_words
from goldwire.workspace import jsonl, loading
from goldwire.workspace.layout import Workspace

__all__ = ["AnnotationCounts", "CorpusReport", "DuplicateCounts", "SourceStats", "run"]

T = TypeVar("T", int, str)


class SourceStats(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of one source; `words` are those after the title per article: minimum, median, maximum."""

    source: str
    articles: int
    words: tuple[int, float, int] | None  # None for a source without articles
    first: str | None  # ISO dates of the first and last article with a date
    last: str | None
    formats: dict[str, int]  # articles by suffix of the raw file
    rejected: dict[str, int]  # raw records by reason


class DuplicateCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Clusters of near-duplicates by size, and the articles in them."""

    clusters: dict[int, int]
    articles: int


class AnnotationCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Annotated articles, gold labels and splits; articles with tasks are also counted by number of annotators."""

    batches: tuple[str, ...]
    articles: int
    articles_by_annotators: dict[int, int]
    gold: int
    spans: int
    stances: int
    splits: dict[str, int]


class CorpusReport(msgspec.Struct, frozen=True, kw_only=True):
    """The counts of a workspace."""

    sources: tuple[SourceStats, ...]
    duplicates: DuplicateCounts
    annotation: AnnotationCounts

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{sum(source.articles for source in self.sources)} articles from {len(self.sources)} sources"
        for source in self.sources:
            yield _source_line(source)
        sizes = ", ".join(f"{count} of {size}" for size, count in self.duplicates.clusters.items())
        clusters = sum(self.duplicates.clusters.values())
        yield f"{clusters} clusters of near-duplicates with {self.duplicates.articles} articles" + (
            f": {sizes}" if sizes else ""
        )
        yield from _annotation_lines(self.annotation)


def run(workspace: Workspace) -> CorpusReport:
    """Count the articles, near-duplicates and annotations of a workspace. Nothing is written."""
    articles = tuple(loading.articles(workspace).values())
    sizes = [len(cluster.article_ids) for cluster in loading.duplicates(workspace)]
    return CorpusReport(
        sources=tuple(_source_stats(articles, _rejected_records(workspace))),
        duplicates=DuplicateCounts(clusters=_counts(sizes), articles=sum(sizes)),
        annotation=_annotation_counts(workspace),
    )


def _rejected_records(workspace: Workspace) -> tuple[Rejected, ...]:
    return tuple(row for path in sorted(workspace.rejected.glob("*.jsonl")) for row in jsonl.read(path, Rejected))


def _source_stats(articles: Sequence[Article], rejected: Sequence[Rejected]) -> Iterator[SourceStats]:
    for name in sorted({article.source for article in articles} | {row.source for row in rejected}):
        members = [article for article in articles if article.source == name]
        words = [count_words(article.text.removeprefix(article.title)) for article in members]
        dates = sorted(article.published[:10] for article in members if article.published)
        yield SourceStats(
            source=name,
            articles=len(members),
            words=(min(words), median(words), max(words)) if words else None,
            first=dates[0] if dates else None,
            last=dates[-1] if dates else None,
            formats=_counts(PurePosixPath(article.origin.file).suffix for article in members),
            rejected=_counts(row.reason for row in rejected if row.source == name),
        )


def _annotation_counts(workspace: Workspace) -> AnnotationCounts:
    batches = loading.batches(workspace)
    annotators: dict[str, set[str]] = {}
    for batch in batches:
        for task in loading.tasks(workspace, batch):
            annotators.setdefault(task.article_id, set()).update(task.annotators)
    gold = loading.gold(workspace)
    return AnnotationCounts(
        batches=batches,
        articles=len(annotators),
        articles_by_annotators=_counts(map(len, annotators.values())),
        gold=len({layer.article_id for layer in gold}),
        spans=sum(len(layer.spans) for layer in gold),
        stances=sum(len(layer.stances) for layer in gold),
        splits=_counts(row.split for row in loading.assignment(workspace)),
    )


def _counts(values: Iterable[T]) -> dict[T, int]:
    return dict(sorted(Counter(values).items()))


def _source_line(source: SourceStats) -> str:
    words = ""
    if source.words is not None:
        words = f", {source.words[0]} to {source.words[2]} words (median {source.words[1]:g})"
    dates = "" if source.first is None else f", {source.first} to {source.last}"
    formats = f" ({_list_counts(source.formats)})" if source.formats else ""
    rejected = f"; rejected: {_list_counts(source.rejected)}" if source.rejected else ""
    return f"  {source.source}: {source.articles} articles{formats}{words}{dates}{rejected}"


def _annotation_lines(counts: AnnotationCounts) -> Iterator[str]:
    by_annotators = ", ".join(
        f"{count} by {people}" for people, count in reversed(counts.articles_by_annotators.items())
    )
    batches = f" in {', '.join(counts.batches)}: {by_annotators}" if counts.batches else ""
    yield f"{counts.articles} articles assigned to annotators{batches}"
    yield f"{counts.gold} with gold: {counts.spans} spans, {counts.stances} stances"
    if counts.splits:
        yield f"splits: {_list_counts(counts.splits)}"


def _list_counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())
