"""Assign gold articles to train, validation and test; `splits/assignment.tsv` is append-only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from goldwire.adjudication.merging import merge_gold
from goldwire.errors import ConfigError, MissingFileError
from goldwire.records import AnnotationLayer, Article, Duplicates, Split, SplitAssignment
from goldwire.splitting.assignment import SPLITS, SplitItem, Strategy, assign, group_articles
from goldwire.splitting.strategies import by_date, by_outlet, stratified
from goldwire.workspace import atomic, jsonl, loading, versions
from goldwire.workspace.layout import Settings, Workspace

__all__ = ["SplitReport", "run"]

_HEADER = "\t".join(SplitAssignment.__struct_fields__)


class SplitReport(msgspec.Struct, frozen=True, kw_only=True):
    """The new assignments.

    Attributes
    ----------
    since_version
        The version that new articles join.
    added, total
        Number of articles by split: new ones, and all.
    quarantined
        New articles without a split because they are near-duplicates of articles in two splits, with those splits.
    assignment
        The file, relative to the workspace.
    """

    since_version: str
    added: dict[str, int]
    total: dict[str, int]
    quarantined: dict[str, tuple[Split, ...]]
    assignment: str

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{sum(self.added.values())} articles added in {self.since_version}: {_format_counts(self.added)}"
        yield f"{sum(self.total.values())} articles in total: {_format_counts(self.total)}"
        for article_id, splits in self.quarantined.items():
            yield f"not assigned: {article_id} is a near-duplicate of articles in {' and '.join(splits)}"


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
    existing = loading.assignment(workspace)
    since_version = _joining_version(workspace, existing, version)
    clusters = loading.duplicates(workspace)
    gold = tuple(combined.layer for combined in merge_gold(loading.gold(workspace)).values())
    if not gold:
        raise MissingFileError("no gold to split", location=workspace.gold, hint="run `goldwire adjudicate BATCH`")
    stories = () if story_groups is None else tuple(jsonl.read(story_groups, Duplicates))
    groups = group_articles((cluster.article_ids for cluster in clusters), (story.article_ids for story in stories))
    items = _items(loading.articles(workspace), gold, groups, existing)
    plan = assign(items, {row.article_id: row.split for row in existing}, strategy)
    cluster_of = {article_id: cluster.cluster for cluster in clusters for article_id in cluster.article_ids}
    added = [
        SplitAssignment(
            article_id=article_id,
            cluster=cluster_of.get(article_id, article_id),
            split=split,
            since_version=since_version,
        )
        for article_id, split in plan.splits.items()
    ]
    if added or not workspace.assignment.exists():
        atomic.write_bytes(workspace.assignment, _existing_bytes(workspace) + _to_tsv(added))
    return SplitReport(
        since_version=since_version,
        added=_count_by_split(added),
        total=_count_by_split([*existing, *added]),
        quarantined=plan.quarantined,
        assignment=workspace.relative(workspace.assignment),
    )


def _strategy(settings: Settings, ratios: Mapping[Split, float] | None, seed: int | None) -> Strategy:
    configured = ratios or {split: getattr(settings, split) for split in SPLITS}
    shares: dict[Split, float] = {split: float(configured.get(split, 0)) for split in SPLITS}
    if min(shares.values()) < 0 or sum(shares.values()) <= 0:
        stated = ", ".join(f"{split} {share:g}" for split, share in shares.items())
        raise ConfigError(f"split ratios not valid: {stated}", hint="each must be 0 or more, and one above 0")
    if settings.split_by == "date":
        return by_date(shares)
    seed = settings.seed if seed is None else seed
    if settings.split_by == "outlet":
        if not settings.held_out:
            raise ConfigError("split_by = 'outlet' needs held-out outlets", hint="list them in held_out")
        return by_outlet(settings.held_out, shares, seed)
    return stratified(shares, seed)


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
    existing: Sequence[SplitAssignment],
) -> Iterator[SplitItem]:
    layers = {layer.article_id: layer for layer in gold}
    # An article that has lost its gold still holds its group in its split.
    for article_id in sorted({*layers, *(row.article_id for row in existing)}):
        features, article = Counter[str](), articles.get(article_id)
        if article is not None:
            features[f"outlet:{article.source}"] = 1
        if article_id in layers:
            features.update(f"entity:{span.label}" for span in layers[article_id].spans)
            features.update(f"stance:{stance.stance}" for stance in layers[article_id].stances)
        outlet, published = ("", "") if article is None else (article.source, article.published or "")
        yield SplitItem(article_id, groups.get(article_id, article_id), features, outlet, published)


def _existing_bytes(workspace: Workspace) -> bytes:
    """Return the text of the file, or the header of a new one."""
    try:
        data = workspace.assignment.read_bytes()
    except FileNotFoundError:
        return f"{_HEADER}\n".encode()
    return data if data.endswith(b"\n") else data + b"\n"


def _to_tsv(rows: Sequence[SplitAssignment]) -> bytes:
    return "".join("\t".join(msgspec.structs.astuple(row)) + "\n" for row in rows).encode()


def _count_by_split(rows: Sequence[SplitAssignment]) -> dict[str, int]:
    return {split: sum(row.split == split for row in rows) for split in SPLITS}


def _format_counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{split} {count}" for split, count in counts.items())
