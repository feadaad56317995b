"""Assign gold articles to train, validation and test; `splits/assignment.tsv` only ever grows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import msgspec

from goldwire import atomic, load, versions
from goldwire.errors import GoldwireError
from goldwire.layout import Workspace
from goldwire.records import AnnotationLayer, Article, Split, SplitAssignment
from goldwire.splits import SPLITS, Item, place

__all__ = ["SplitReport", "run"]

_HEADER = "\t".join(SplitAssignment.__struct_fields__)


class SplitReport(msgspec.Struct, frozen=True, kw_only=True):
    """How many articles joined and are there, by split; and the new ones kept out, each with the splits it joins."""

    since: str
    joined: dict[str, int]
    total: dict[str, int]
    quarantined: dict[str, tuple[str, ...]]
    assignment: str

    def lines(self) -> Iterator[str]:
        """Say it for a person."""
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
) -> SplitReport:
    """Place the gold articles that have no split yet; they join in `version` (default: the next).

    `ratios` (by split, of any sum) and `seed` default to the workspace's settings.
    """
    with workspace.lock():
        earlier = load.assignment(workspace)
        since = _joining_version(workspace, earlier, version)
        clusters = {name: found.cluster for found in load.duplicates(workspace) for name in found.articles}
        articles, gold = load.articles(workspace), load.gold(workspace)
        settings = workspace.settings
        placement = place(
            _items(articles, gold, clusters, earlier),
            {row.article_id: row.split for row in earlier},
            ratios=_shares(ratios or {split: getattr(settings, split) for split in SPLITS}),
            seed=settings.seed if seed is None else seed,
        )
        joining = [
            SplitAssignment(article_id=name, cluster=clusters.get(name, name), split=split, since=since)
            for name, split in sorted(placement.placed.items())
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


def _joining_version(workspace: Workspace, earlier: tuple[SplitAssignment, ...], version: str | None) -> str:
    """The version that new articles join: one that waits to be released, or else the one after the latest."""
    released = versions.latest(load.releases(workspace))
    if version is None:
        waiting = versions.latest(row.since for row in earlier)
        is_open = waiting is not None and (released is None or versions.parse(waiting) > versions.parse(released))
        return waiting if is_open and waiting is not None else versions.bump(released, "minor")
    version = versions.plain(version)
    if released is not None and versions.parse(version) <= versions.parse(released):
        raise GoldwireError(f"nothing can join {version}: {released} is released", way_out="name a later version")
    return version


def _items(
    articles: Mapping[str, Article],
    gold: tuple[AnnotationLayer, ...],
    clusters: Mapping[str, str],
    earlier: tuple[SplitAssignment, ...],
) -> Iterator[Item]:
    layers = {layer.article_id: layer for layer in gold}
    # An article that lost its gold since still holds its cluster in its split.
    for name in sorted({*layers, *(row.article_id for row in earlier)}):
        features = Counter[str]()
        if name in articles:
            features[f"outlet:{articles[name].source}"] = 1
        if name in layers:
            features.update(f"entity:{span.label}" for span in layers[name].spans)
            features.update(f"stance:{stance.stance}" for stance in layers[name].stances)
        yield Item(name, clusters.get(name, name), features)


def _shares(ratios: Mapping[Split, float]) -> dict[Split, float]:
    shares = {split: float(ratios.get(split, 0)) for split in SPLITS}
    if min(shares.values()) < 0 or sum(shares.values()) <= 0:
        said = ", ".join(f"{split} {share:g}" for split, share in shares.items())
        raise GoldwireError(f"no ratios to split by: {said}", way_out="give shares of at least 0, one above 0")
    return shares


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
