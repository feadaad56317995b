"""Settle a batch's layers into gold; what could not be settled is listed, never guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from goldwire import jsonl, load
from goldwire.aggregate import aggregate, majority
from goldwire.errors import GoldwireError
from goldwire.layout import Workspace
from goldwire.records import AnnotationLayer, Article

__all__ = ["METHODS", "AdjudicateReport", "run"]

METHODS = ("majority",)


class AdjudicateReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became gold. `unconfirmed` counts the layers that did not vote, `waiting` the articles without a vote."""

    batch: str
    method: str
    articles: int
    single: int
    spans: int
    stances: int
    left_out: int
    unsettled: dict[str, int]  # reason -> how many units
    unconfirmed: int
    waiting: int
    gold: str
    decisions: str

    def lines(self) -> Iterator[str]:
        """Say it for a person."""
        yield f"{self.articles} articles, {self.spans} spans and {self.stances} stances settled by {self.method}"
        if self.single:
            yield f"{self.single} articles have one annotator only, whose word stands"
        if self.unsettled:
            reasons = ", ".join(f"{count} by {reason}" for reason, count in self.unsettled.items())
            yield f"{sum(self.unsettled.values())} units not settled ({reasons}): listed in {self.decisions}"
        if self.unconfirmed or self.waiting:
            yield f"{self.unconfirmed} layers not confirmed yet did not vote; {self.waiting} articles wait for a vote"
        yield f"gold: {self.gold}"


def run(
    workspace: Workspace, *, batch: str, method: str = "majority", min_votes: int | None = None
) -> AdjudicateReport:
    """Settle the confirmed layers of `batch` by `method`, each unit by at least `min_votes` annotators."""
    if method not in METHODS:
        raise GoldwireError(f"no method {method!r}", way_out=f"choose one of {', '.join(METHODS)}")
    least = _at_least_one(min_votes)
    articles = load.articles(workspace)
    layers = load.layers(workspace, batch)
    for layer in layers:
        _refuse_broken(layer, articles, workspace.layers / batch / f"{layer.annotator}.jsonl")
    _refuse_repeats(layers, workspace.layers / batch)
    voting = [layer for layer in layers if layer.confirmed]
    settled = aggregate(articles, voting, majority(least), method=method, min_votes=least)
    gold, decisions = workspace.gold / f"{batch}.jsonl", workspace.gold / f"{batch}.decisions.jsonl"
    with workspace.lock():
        jsonl.write(decisions, [decision for one in settled for decision in one.decisions])
        jsonl.write(gold, [one.gold for one in settled])
    waiting = {layer.article_id for layer in layers} - {layer.article_id for layer in voting}
    made = [decision for one in settled for decision in one.decisions]
    return AdjudicateReport(
        batch=batch,
        method=method,
        articles=len(settled),
        single=sum(one.voters == 1 for one in settled),
        spans=sum(len(one.gold.spans) for one in settled),
        stances=sum(len(one.gold.stances) for one in settled),
        left_out=sum(decision.settled and decision.unit is None for decision in made),
        unsettled=dict(sorted(Counter(decision.reason for decision in made if not decision.settled).items())),
        unconfirmed=len(layers) - len(voting),
        waiting=len(waiting),
        gold=workspace.relative(gold),
        decisions=workspace.relative(decisions),
    )


def _at_least_one(min_votes: int | None) -> int:
    if min_votes is not None and min_votes < 1:
        raise GoldwireError(f"--min-votes {min_votes}", way_out="give 1 or more")
    return min_votes or 1


def _refuse_broken(layer: AnnotationLayer, articles: Mapping[str, Article], place: Path) -> None:
    """A layer over another text, or whose parts do not hang together, cannot vote."""
    article = articles.get(layer.article_id)
    names = {span.id for span in layer.spans}
    if article is None:
        fault = "its article is not in the corpus"
    elif article.text_sha256 != layer.text_sha256:
        fault = "made over another version of the article's text"
    elif any(article.text[span.start : span.end] != span.text for span in layer.spans):
        fault = "a span's text is not what the article has there"
    elif any({stance.holder, stance.target} - names - {None} for stance in layer.stances):
        fault = "a stance joins a span that is not there"
    else:
        return
    raise GoldwireError(f"{layer.article_id}: {fault}", place=place, way_out="`goldwire check` says where; pull again")


def _refuse_repeats(layers: tuple[AnnotationLayer, ...], folder: Path) -> None:
    for (name, article), count in Counter((layer.annotator, layer.article_id) for layer in layers).items():
        if count > 1:
            raise GoldwireError(f"{count} layers of {name} on {article}", place=folder, way_out="pull the batch again")
