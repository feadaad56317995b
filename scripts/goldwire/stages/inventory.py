"""Counts of a workspace: its articles by source, the near-duplicates among them, and how much is annotated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from statistics import median
from typing import TypeVar

import msgspec

from goldwire.quantities import quantity
from goldwire.records import HELD_OUT, Article, Rejected
from goldwire.splitting.assignment import SPLITS
from goldwire.text.words import count_words
from goldwire.text_table import align_columns
from goldwire.workspace import jsonl, loading
from goldwire.workspace.layout import Workspace

__all__ = ["AnnotationCounts", "CorpusReport", "DuplicateCounts", "SourceStats", "run"]

T = TypeVar("T", int, str)

_HEAD = ("source", "articles", "files", "words", "median", "published")


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
        yield (
            f"{quantity(sum(source.articles for source in self.sources), 'article')} from "
            f"{quantity(len(self.sources), 'source')}"
        )
        if self.sources:
            yield from align_columns([_HEAD, *map(_cells, self.sources)], numbers={1, 4})
        for source in self.sources:
            if source.rejected:
                yield f"rejected from {source.source}: {_list_counts(source.rejected)}"
        sizes = ", ".join(f"{count} of {size}" for size, count in self.duplicates.clusters.items())
        clusters = sum(self.duplicates.clusters.values())
        yield (
            f"{quantity(clusters, 'cluster')} of near-duplicates with {quantity(self.duplicates.articles, 'article')}"
            + (f": {sizes}" if sizes else "")
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


def _cells(source: SourceStats) -> tuple[str, ...]:
    """Return the row of a source in the table for the terminal, which has 80 columns: dates are months there."""
    words = ("", "") if source.words is None else (_range(source.words[0], source.words[2]), f"{source.words[1]:g}")
    dates = "" if source.first is None or source.last is None else _range(source.first[:7], source.last[:7])
    return (source.source, f"{source.articles:,}", ", ".join(source.formats), *words, dates)


def _range(first: object, last: object) -> str:
    return f"{first}" if first == last else f"{first} to {last}"


def _annotation_lines(counts: AnnotationCounts) -> Iterator[str]:
    by_annotators = ", ".join(
        f"{count} to {people}" for people, count in reversed(counts.articles_by_annotators.items())
    )
    batches = f" in {', '.join(counts.batches)}: {by_annotators}" if counts.batches else ""
    yield f"{quantity(counts.articles, 'article')} assigned to annotators{batches}"
    yield f"{counts.gold} with gold: {quantity(counts.spans, 'span')}, {quantity(counts.stances, 'stance')}"
    if counts.splits:
        names = sorted(counts.splits, key=(*SPLITS, HELD_OUT).index)
        yield f"splits: {', '.join(f'{name} {counts.splits[name]}' for name in names)}"


def _list_counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())
