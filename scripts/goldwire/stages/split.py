"""Assign gold articles to train, validation and test; `splits/assignment.tsv` only ever grows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from goldwire.adjudication.merging import merge
from goldwire.errors import ConfigError, MissingFileError
from goldwire.records import AnnotationLayer, Article, Duplicates, Split, SplitAssignment
from goldwire.splitting.assignment import SPLITS, Item, Strategy, group_articles, place
from goldwire.splitting.strategies import by_date, by_outlet, stratified
from goldwire.workspace import atomic, jsonl, loading, versions
from goldwire.workspace.layout import Settings, Workspace

__all__ = ["SplitReport", "run"]

_HEADER = "\t".join(SplitAssignment.__struct_fields__)


class SplitReport(msgspec.Struct, frozen=True, kw_only=True):
    """How many articles joined and are there, by split; and the new ones kept out, each with the splits it joins."""

    since: str
    joined: dict[str, int]
    total: dict[str, int]
    quarantined: dict[str, tuple[Split, ...]]
    assignment: str

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{sum(self.joined.values())} articles join in {self.since}: {_in_words(self.joined)}"
        yield f"{sum(self.total.values())} articles in all: {_in_words(self.total)}"
        for article, homes in self.quarantined.items():
            yield f"kept out: {article} is a near-duplicate of articles in {' and '.join(homes)}"


def run(
    workspace: Workspace,
    *,
    version: str | None = None,
    seed: int | None = None,
    ratios: Mapping[Split, float] | None = None,
    story_groups: Path | None = None,
) -> SplitReport:
    """Place the gold articles that have no split yet; they join in `version` (default: the next).

    `ratios` (by split, of any sum) and `seed` default to the workspace's settings, which also say what to split by.
    `story_groups` names a file as corpus/duplicates.jsonl that groups articles of one story: those stay together, too.
    """
    with workspace.lock():
        return _split(workspace, version, story_groups, strategy=_strategy(workspace.settings, ratios, seed))


def _split(workspace: Workspace, version: str | None, story_groups: Path | None, *, strategy: Strategy) -> SplitReport:
    earlier = loading.assignment(workspace)
    since = _joining_version(workspace, earlier, version)
    known, gold = loading.duplicates(workspace), tuple(one.layer for one in merge(loading.gold(workspace)).values())
    if not gold:
        raise MissingFileError("no gold to split", location=workspace.gold, hint="`goldwire adjudicate BATCH` makes it")
    stories = () if story_groups is None else tuple(jsonl.read(story_groups, Duplicates))
    groups = group_articles((one.articles for one in known), (one.articles for one in stories))
    placement = place(
        _items(loading.articles(workspace), gold, groups, earlier),
        {row.article_id: row.split for row in earlier},
        strategy,
    )
    clusters = {name: one.cluster for one in known for name in one.articles}
    joining = [
        SplitAssignment(article_id=name, cluster=clusters.get(name, name), split=split, since=since)
        for name, split in placement.placed.items()
    ]
    if joining or not workspace.assignment.exists():
        atomic.write_bytes(workspace.assignment, _before(workspace) + _rows(joining))
    return SplitReport(
        since=since,
        joined=_by_split(joining),
        total=_by_split([*earlier, *joining]),
        quarantined=placement.quarantined,
        assignment=workspace.relative(workspace.assignment),
    )


def _strategy(settings: Settings, ratios: Mapping[Split, float] | None, seed: int | None) -> Strategy:
    given = ratios or {split: getattr(settings, split) for split in SPLITS}
    shares: dict[Split, float] = {split: float(given.get(split, 0)) for split in SPLITS}
    if min(shares.values()) < 0 or sum(shares.values()) <= 0:
        said = ", ".join(f"{split} {share:g}" for split, share in shares.items())
        raise ConfigError(f"no ratios to split by: {said}", hint="give shares of at least 0, one above 0")
    luck = settings.seed if seed is None else seed
    if settings.split_by == "date":
        return by_date(shares)
    if settings.split_by == "outlet":
        if not settings.held_out:
            raise ConfigError("split_by = 'outlet' holds no outlet out", hint="name some in held_out")
        return by_outlet(settings.held_out, shares, luck)
    return stratified(shares, luck)


def _joining_version(workspace: Workspace, earlier: tuple[SplitAssignment, ...], version: str | None) -> str:
    """The version that new articles join: one that waits to be released, or else the one after the latest."""
    released = versions.latest(loading.releases(workspace))
    if version is None:
        waiting = versions.latest(row.since for row in earlier)
        is_open = waiting is not None and (released is None or versions.parse(waiting) > versions.parse(released))
        return waiting if is_open and waiting is not None else versions.bump(released, "minor")
    version = versions.plain(version)
    if released is not None and versions.parse(version) <= versions.parse(released):
        raise ConfigError(f"nothing can join {version}: {released} is released", hint="name a later version")
    return version


def _items(
    articles: Mapping[str, Article],
    gold: tuple[AnnotationLayer, ...],
    groups: Mapping[str, str],
    earlier: tuple[SplitAssignment, ...],
) -> Iterator[Item]:
    layers = {layer.article_id: layer for layer in gold}
    # An article that lost its gold since still holds its group in its split.
    for name in sorted({*layers, *(row.article_id for row in earlier)}):
        features, article = Counter[str](), articles.get(name)
        if article is not None:
            features[f"outlet:{article.source}"] = 1
        if name in layers:
            features.update(f"entity:{span.label}" for span in layers[name].spans)
            features.update(f"stance:{stance.stance}" for stance in layers[name].stances)
        outlet, published = ("", "") if article is None else (article.source, article.published or "")
        yield Item(name, groups.get(name, name), features, outlet, published)


def _before(workspace: Workspace) -> bytes:
    """What is there already, to the byte."""
    try:
        before = workspace.assignment.read_bytes()
    except FileNotFoundError:
        return f"{_HEADER}\n".encode()
    return before if before.endswith(b"\n") else before + b"\n"


def _rows(rows: list[SplitAssignment]) -> bytes:
    return "".join("\t".join(msgspec.structs.astuple(row)) + "\n" for row in rows).encode()


def _by_split(rows: list[SplitAssignment]) -> dict[str, int]:
    return {split: sum(row.split == split for row in rows) for split in SPLITS}


def _in_words(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{split} {count}" for split, count in counts.items())
