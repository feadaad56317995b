"""Assign gold articles to train, validation and test; `splits/assignment.tsv` is append-only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from goldwire.adjudication.merging import merge_gold
from goldwire.errors import ConfigError, MissingFileError
from goldwire.quantities import quantity
from goldwire.records import HELD_OUT, AnnotationLayer, Article, Duplicates, Split, SplitAssignment
from goldwire.splitting.assignment import SPLITS, NearCopy, SplitItem, Strategy, assign, group_articles
from goldwire.splitting.strategies import DateStrategy, OutletStrategy, StratifiedStrategy
from goldwire.workspace import atomic, jsonl, loading, versions
from goldwire.workspace.assignment_table import append_rows
from goldwire.workspace.layout import Settings, Workspace

__all__ = ["SplitReport", "run"]


class SplitReport(msgspec.Struct, frozen=True, kw_only=True):
    """The new assignments.

    Attributes
    ----------
    since_version
        The version that new articles join.
    added, total
        Number of articles by split: new ones, and all.
    held_out
        New articles that would leak between splits, with the reason; they are in no release.
    total_held_out
        Number of all articles that are held out.
    assignment
        The file, relative to the workspace.
    """

    since_version: str
    added: dict[str, int]
    total: dict[str, int]
    held_out: dict[str, str]
    total_held_out: int
    assignment: str

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield (
            f"{quantity(sum(self.added.values()), 'article')} added in {self.since_version}: "
            f"{_format_counts(self.added)}"
        )
        for article_id, reason in self.held_out.items():
            yield f"held out: {article_id} would leak, {reason}"
        held_out = f"; {self.total_held_out} held out" if self.total_held_out else ""
        yield f"{quantity(sum(self.total.values()), 'article')} in total: {_format_counts(self.total)}{held_out}"


def run(
    workspace: Workspace,
    *,
    version: str | None = None,
    seed: int | None = None,
    ratios: Mapping[Split, float] | None = None,
    story_groups: Path | None = None,
) -> SplitReport:
    """Assign the gold articles that have no split yet.

    Parameters
    ----------
    workspace : Workspace
        The workspace; its settings have the split strategy.
    version : str, optional
        The version that they join; default: the next.
    seed : int, optional
        Random seed; default: the workspace's seed.
    ratios : mapping of str to float, optional
        Share of each split, of any sum; default: the workspace's ratios.
    story_groups : Path, optional
        A file in the format of corpus/duplicates.jsonl that groups articles of one story; articles of a group get the
        same split.

    Raises
    ------
    ConfigError
        If ratios or settings are not valid, or if `version` is already released.
    MissingFileError
        If there is no gold.
    """
    with workspace.lock():
        return _split(workspace, version, story_groups, strategy=_strategy(workspace.settings, ratios, seed))


def _split(workspace: Workspace, version: str | None, story_groups: Path | None, *, strategy: Strategy) -> SplitReport:
    rows = loading.assignment(workspace)
    since_version = _joining_version(workspace, rows, version)
    clusters = loading.duplicates(workspace)
    gold = tuple(combined.layer for combined in merge_gold(loading.gold(workspace)).values())
    if not gold:
        raise MissingFileError("no gold to split", location=workspace.gold, hint="run `goldwire adjudicate BATCH`")
    articles = loading.articles(workspace)
    copies = _near_copies([articles[name] for name in _names(gold, rows) if name in articles])
    stories = () if story_groups is None else tuple(jsonl.read(story_groups, Duplicates))
    groups = group_articles(
        *((group.article_ids for group in grouping) for grouping in (clusters, stories)),
        # An exact copy is paired with one text of its wording only, and has all near-copies of that text.
        ((pair.left, pair.right) for pair in copies if pair.jaccard == 1),
    )
    plan = assign(
        _items(articles, gold, groups, rows),
        {row.article_id: row.split for row in rows if row.split != HELD_OUT},
        strategy,
        copies,
        held_out=[row.article_id for row in rows if row.is_held_out],
    )
    cluster_of = {article_id: cluster.cluster for cluster in clusters for article_id in cluster.article_ids}
    added = [
        SplitAssignment(
            article_id=article_id,
            cluster=cluster_of.get(article_id, article_id),
            split=plan.splits.get(article_id, HELD_OUT),
            since_version=since_version,
            reason=plan.held_out.get(article_id),
        )
        for article_id in sorted({**plan.splits, **plan.held_out})
    ]
    if added or not workspace.assignment.exists():
        before = workspace.assignment.read_text(encoding="utf-8") if workspace.assignment.exists() else ""
        atomic.write_text(workspace.assignment, append_rows(before, added))
    return SplitReport(
        since_version=since_version,
        added=_count_by_split(added),
        total=_count_by_split([*rows, *added]),
        held_out=plan.held_out,
        total_held_out=sum(row.is_held_out for row in (*rows, *added)),
        assignment=workspace.relative(workspace.assignment),
    )


def _near_copies(articles: Sequence[Article]) -> list[NearCopy]:
    """Return the pairs of articles with nearly the same text, as `check` finds them."""
    # numpy and scipy take 0.3 s to import.
    from goldwire.dedup.near_duplicates import near_duplicate_pairs

    pairs = near_duplicate_pairs([article.text for article in articles])
    columns = (pairs.left, pairs.right, pairs.jaccard, pairs.containment)
    return [
        NearCopy(articles[left].id, articles[right].id, jaccard, containment)
        for left, right, jaccard, containment in zip(*(column.tolist() for column in columns), strict=True)
    ]


def _names(gold: Iterable[AnnotationLayer], rows: Iterable[SplitAssignment]) -> list[str]:
    """Return the ids of all articles with gold or with a row; one that has lost its gold still holds its group."""
    return sorted({*(layer.article_id for layer in gold), *(row.article_id for row in rows)})


def _strategy(settings: Settings, ratios: Mapping[Split, float] | None, seed: int | None) -> Strategy:
    configured = ratios or {split: getattr(settings, split) for split in SPLITS}
    shares: dict[Split, float] = {split: float(configured.get(split, 0)) for split in SPLITS}
    if min(shares.values()) < 0 or sum(shares.values()) <= 0:
        stated = ", ".join(f"{split} {share:g}" for split, share in shares.items())
        raise ConfigError(f"split ratios not valid: {stated}", hint="each must be 0 or more, and one above 0")
    if settings.split_by == "date":
        return DateStrategy(shares)
    seed = settings.seed if seed is None else seed
    if settings.split_by == "outlet":
        if not settings.held_out:
            raise ConfigError("split_by = 'outlet' needs held-out outlets", hint="list them in held_out")
        return OutletStrategy(settings.held_out, shares, seed)
    return StratifiedStrategy(shares, seed)


def _joining_version(workspace: Workspace, existing: Sequence[SplitAssignment], version: str | None) -> str:
    """The version that new articles join: one that is split but not released, or else the one after the latest."""
    released = versions.latest(loading.releases(workspace))
    if version is None:
        pending = versions.latest(row.since_version for row in existing)
        if pending is not None and (released is None or versions.parse(pending) > versions.parse(released)):
            return pending
        return versions.bump(released, "minor")
    version = versions.plain(version)
    if released is not None and versions.parse(version) <= versions.parse(released):
        message = f"articles cannot join {version}: {released} is already released"
        raise ConfigError(message, hint="choose a later version")
    return version


def _items(
    articles: Mapping[str, Article],
    gold: Sequence[AnnotationLayer],
    groups: Mapping[str, str],
    rows: Sequence[SplitAssignment],
) -> Iterator[SplitItem]:
    layers = {layer.article_id: layer for layer in gold}
    for article_id in _names(gold, rows):
        features, article = Counter[str](), articles.get(article_id)
        if article is not None:
            features[f"outlet:{article.source}"] = 1
        if article_id in layers:
            features.update(f"entity:{span.label}" for span in layers[article_id].spans)
            features.update(f"stance:{stance.stance}" for stance in layers[article_id].stances)
        outlet, published = ("", "") if article is None else (article.source, article.published or "")
        yield SplitItem(article_id, groups.get(article_id, article_id), features, outlet, published)


def _count_by_split(rows: Sequence[SplitAssignment]) -> dict[str, int]:
    return {split: sum(row.split == split for row in rows) for split in SPLITS}


def _format_counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{split} {count}" for split, count in counts.items())
