"""What a workspace holds: its articles by source, the copies among them, and how far they are annotated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from statistics import median
from typing import TypeVar

import msgspec

from goldwire.ingestion import evaluation
from goldwire.records import Article, Rejected
from goldwire.workspace import jsonl, loading
from goldwire.workspace.layout import Workspace

__all__ = ["Annotated", "Copies", "CorpusReport", "SourceHoldings", "Stories", "run"]

T = TypeVar("T", int, str)


class SourceHoldings(msgspec.Struct, frozen=True, kw_only=True):
    """One source's articles; `words` are those of the paragraphs: fewest, median, most."""

    source: str
    articles: int
    words: tuple[int, float, int] | None  # None of a source without articles
    first: str | None  # ISO dates of the earliest and the latest that say one
    last: str | None
    formats: dict[str, int]  # articles by the raw file's suffix
    rejected: dict[str, int]  # raw records by reason


class Copies(msgspec.Struct, frozen=True, kw_only=True):
    """Clusters of near-duplicates: how many, by their number of articles, and the articles in them."""

    clusters: dict[int, int]
    articles: int


class Stories(msgspec.Struct, frozen=True, kw_only=True):
    """What the corpus' author says it holds, and how right the cleaner is about it."""

    stories: int
    wires: int  # wire stories carried by two outlets or more
    events: int  # events that two articles or more report in words of their own
    residue: dict[str, int]  # raw records by kind of residue or damage
    cleaner: evaluation.Score


class Annotated(msgspec.Struct, frozen=True, kw_only=True):
    """How far the corpus is annotated. `shared` counts articles by how many annotators were asked anything of them."""

    batches: tuple[str, ...]
    articles: int
    shared: dict[int, int]
    gold: int
    spans: int
    stances: int
    splits: dict[str, int]


class CorpusReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a workspace holds."""

    sources: tuple[SourceHoldings, ...]
    copies: Copies
    annotated: Annotated
    stories: Stories | None  # None where no author says anything in corpus/truth/

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{sum(one.articles for one in self.sources)} articles of {len(self.sources)} sources"
        for one in self.sources:
            yield _source_line(one)
        sizes = ", ".join(f"{count} of {size}" for size, count in self.copies.clusters.items())
        found = f"{sum(self.copies.clusters.values())} clusters of near-duplicates with {self.copies.articles} articles"
        yield found + (f": {sizes}" if sizes else "")
        if self.stories is not None:
            yield from _story_lines(self.stories)
        yield from _annotated_lines(self.annotated)


def run(workspace: Workspace) -> CorpusReport:
    """Count what is there. Nothing is written."""
    articles = tuple(loading.articles(workspace).values())
    clusters = loading.duplicates(workspace)
    rows = evaluation.read_truth(workspace.corpus / "truth")
    return CorpusReport(
        sources=tuple(_sources(articles, _rejected(workspace))),
        copies=Copies(
            clusters=_counted(len(c.article_ids) for c in clusters), articles=sum(len(c.article_ids) for c in clusters)
        ),
        annotated=_annotated(workspace),
        stories=_stories(rows, evaluation.read_stories(workspace.corpus / "truth"), articles) if rows else None,
    )


def _rejected(workspace: Workspace) -> tuple[Rejected, ...]:
    return tuple(row for path in sorted(workspace.rejected.glob("*.jsonl")) for row in jsonl.read(path, Rejected))


def _sources(articles: Sequence[Article], rejected: Sequence[Rejected]) -> Iterator[SourceHoldings]:
    for name in sorted({one.source for one in articles} | {row.source for row in rejected}):
        own = [article for article in articles if article.source == name]
        words = [len(article.text.partition("\n\n")[2].split()) for article in own]
        dates = sorted(article.published[:10] for article in own if article.published)
        yield SourceHoldings(
            source=name,
            articles=len(own),
            words=(min(words), median(words), max(words)) if words else None,
            first=dates[0] if dates else None,
            last=dates[-1] if dates else None,
            formats=_counted(PurePosixPath(article.origin.file).suffix for article in own),
            rejected=_counted(row.reason for row in rejected if row.source == name),
        )


def _stories(
    rows: Sequence[evaluation.Truth], stories: Sequence[evaluation.Story], articles: Sequence[Article]
) -> Stories:
    told = [row for row in stories if row.kind == "article"]
    outlets: dict[str, set[str]] = {}
    for row in told:
        if row.wire_group:
            outlets.setdefault(row.wire_group, set()).add(PurePosixPath(row.file).parent.name)
    return Stories(
        stories=len({row.story for row in told}),
        wires=sum(len(names) > 1 for names in outlets.values()),
        events=sum(count > 1 for count in Counter(row.same_event for row in told if row.same_event).values()),
        residue=_counted(kind for row in rows for kind in row.kinds),
        cleaner=evaluation.score(rows, articles),
    )


def _annotated(workspace: Workspace) -> Annotated:
    batches = loading.batches(workspace)
    tasks = [task for batch in batches for task in loading.tasks(workspace, batch)]
    people: dict[str, set[str]] = {}
    for task in tasks:
        people.setdefault(task.article_id, set()).update(task.annotators)
    gold = loading.gold(workspace)
    return Annotated(
        batches=batches,
        articles=len(people),
        shared=_counted(map(len, people.values())),
        gold=len({layer.article_id for layer in gold}),
        spans=sum(len(layer.spans) for layer in gold),
        stances=sum(len(layer.stances) for layer in gold),
        splits=_counted(row.split for row in loading.assignment(workspace)),
    )


def _counted(values: Iterable[T]) -> dict[T, int]:
    return dict(sorted(Counter(values).items()))


def _source_line(one: SourceHoldings) -> str:
    words = "" if one.words is None else f", {one.words[0]} to {one.words[2]} words (median {one.words[1]:g})"
    dates = "" if one.first is None else f", {one.first} to {one.last}"
    formats = f" ({_listed(one.formats)})" if one.formats else ""
    rejected = f"; rejected: {_listed(one.rejected)}" if one.rejected else ""
    return f"  {one.source}: {one.articles} articles{formats}{words}{dates}{rejected}"


def _story_lines(told: Stories) -> Iterator[str]:
    yield f"corpus/truth/ has {told.stories} running stories"
    yield f"  {told.wires} wire stories that several outlets carry, {told.events} events with several own reports"
    yield f"  {len(told.residue)} kinds of residue: {_listed(told.residue)}"
    score = told.cleaner
    right = f"{score.right} of {score.lines} lines, all of them in {score.whole} of {score.records} records"
    yield f"  the cleaner is right about {right}"


def _annotated_lines(done: Annotated) -> Iterator[str]:
    shared = ", ".join(f"{count} by {people}" for people, count in reversed(done.shared.items()))
    asked = f" in {', '.join(done.batches)}: {shared}" if done.batches else ""
    yield f"{done.articles} articles given to annotators{asked}"
    yield f"{done.gold} with gold: {done.spans} spans, {done.stances} stances"
    if done.splits:
        yield f"splits: {_listed(done.splits)}"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())
