"""Settle a batch's layers into gold; what could not be settled is listed, never guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from goldwire import agreement
from goldwire.adjudication import crowd
from goldwire.adjudication.aggregation import Rule, Settled, aggregate
from goldwire.adjudication.voting import Judge, majority
from goldwire.adjudication.voting import expert as by_expert
from goldwire.alignment.mentions import fault
from goldwire.doccano import contests
from goldwire.doccano.contests import Pulled, Pushed
from goldwire.errors import ConfigError, DataError, MissingFileError
from goldwire.records import AnnotationLayer, Article, Decision, is_expert
from goldwire.workspace import jsonl, loading
from goldwire.workspace.layout import Workspace

__all__ = ["METHODS", "AdjudicateReport", "Method", "pull", "push", "run"]

Method = Literal["majority", "dawid-skene", "mace", "expert"]
METHODS: tuple[Method, ...] = get_args(Method)


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
    unplaced: dict[str, tuple[str, ...]]  # article -> what the expert gave reasons for, and is not there
    gold: str
    decisions: str
    pushed: Pushed | None = None
    pulled: Pulled | None = None

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.articles} articles, {self.spans} spans and {self.stances} stances settled by {self.method}"
        if self.single:
            yield f"{self.single} articles have one annotator only, whose word stands"
        if self.unsettled:
            reasons = ", ".join(f"{count} by {reason}" for reason, count in self.unsettled.items())
            yield f"{sum(self.unsettled.values())} units not settled ({reasons}): listed in {self.decisions}"
        if self.unconfirmed or self.waiting:
            yield f"{self.unconfirmed} layers not confirmed yet did not vote; {self.waiting} articles wait for a vote"
        for article, names in self.unplaced.items():
            yield f"{article}: the expert's reasons for {', '.join(names)} name nothing there is"
        yield f"gold: {self.gold}"
        for moved in (self.pulled, self.pushed):
            if moved is not None:
                yield moved.to_text()


def run(
    workspace: Workspace,
    *,
    batch: str,
    method: Method = "majority",
    min_votes: int | None = None,
    min_posterior: float = 0.8,
    expert: str | None = None,
) -> AdjudicateReport:
    """Settle the confirmed layers of `batch` by `method`, each unit by at least `min_votes` annotators
    (without, as many as the workspace sets).

    `dawid-skene` and `mace` settle what they hold at least `min_posterior` likely. `expert` takes the word of the
    annotator of that name, and the majority's where that one did not have the article; an expert proper (`E1`) has no
    vote besides, and their comments `T4: reason` or `[120, 126): reason` go into the decisions.
    """
    rule = Rule(method=method, min_votes=_at_least_one(min_votes, workspace), expert=expert)
    judge = _judge(rule, min_posterior)
    with workspace.lock():
        report, _ = _adjudicate(workspace, batch, rule, judge)
    return report


def push(
    workspace: Workspace,
    *,
    batch: str,
    expert: str = "E1",
    method: Method = "majority",
    min_votes: int | None = None,
    min_posterior: float = 0.8,
) -> AdjudicateReport:
    """Adjudicate `batch` by `method`, and upload what it leaves disputed to the project of `expert` on the server."""
    if method == "expert":
        raise ConfigError("the method expert leaves nothing for the expert to decide", hint="choose another --method")
    name = contests.asked(expert)
    rule = Rule(method=method, min_votes=_at_least_one(min_votes, workspace), expert=None)
    judge = _judge(rule, min_posterior)
    with workspace.lock():
        report, settled = _adjudicate(workspace, batch, rule, judge)
        pushed = contests.push(workspace, batch, name, settled)
    return msgspec.structs.replace(report, pushed=pushed)


def pull(workspace: Workspace, *, batch: str, expert: str = "E1", min_votes: int | None = None) -> AdjudicateReport:
    """Download the decisions of `expert` from the server, and adjudicate `batch` with them."""
    name = contests.asked(expert)
    rule = Rule(method="expert", min_votes=_at_least_one(min_votes, workspace), expert=name)
    judge = _judge(rule, min_posterior=0.8)
    with workspace.lock():
        pulled = contests.pull(workspace, batch, name)
        report, _ = _adjudicate(workspace, batch, rule, judge)
    return msgspec.structs.replace(report, pulled=pulled)


def _adjudicate(
    workspace: Workspace, batch: str, rule: Rule, judge: Judge
) -> tuple[AdjudicateReport, tuple[Settled, ...]]:
    articles = loading.articles(workspace)
    layers = loading.layers(workspace, batch)
    if rule.expert is not None:
        layers += loading.expert_layers(workspace, batch, rule.expert)
    known = {layer.annotator for layer in layers} | {path.stem for path in (workspace.layers / batch).glob("*.jsonl")}
    if rule.expert is not None and rule.expert not in known:
        raise MissingFileError(f"no layers of {rule.expert!r}", location=workspace.layers / batch, hint="name another")
    for layer in layers:
        _refuse_broken(layer, articles, workspace.layers / batch / f"{layer.annotator}.jsonl")
    _refuse_repeats(layers, workspace.layers / batch)
    if not any(layer.confirmed for layer in layers):
        problem, hint = f"none of its {len(layers)} layers is ticked done", f"tick, then `goldwire pull {batch}`"
        raise DataError(problem, location=workspace.layers / batch, hint=hint)
    settled = aggregate(articles, [layer for layer in layers if layer.confirmed], judge, rule=rule)
    gold, decisions = workspace.gold / f"{batch}.jsonl", workspace.gold / f"{batch}.decisions.jsonl"
    jsonl.write(decisions, [decision for one in settled for decision in one.decisions])
    jsonl.write(gold, [one.gold for one in settled])
    report = AdjudicateReport(
        batch=batch,
        method=rule.method,
        **_counts(settled, layers),
        unplaced={one.gold.article_id: one.unplaced for one in settled if one.unplaced},
        gold=workspace.relative(gold),
        decisions=workspace.relative(decisions),
    )
    return report, settled


def _counts(settled: Sequence[Settled], layers: Sequence[AnnotationLayer]) -> dict[str, Any]:
    made = [decision for one in settled for decision in one.decisions]
    voting = {layer.article_id for layer in layers if layer.confirmed}
    by_experts = {layer.article_id for layer in layers if layer.confirmed and is_expert(layer.annotator)}
    return {
        "articles": len(settled),
        "single": sum(one.voters == 1 and one.gold.article_id not in by_experts for one in settled),
        "spans": sum(len(one.gold.spans) for one in settled),
        "stances": sum(len(one.gold.stances) for one in settled),
        "left_out": sum(decision.settled and decision.unit is None for decision in made),
        "unsettled": dict(sorted(Counter(_word(decision) for decision in made if not decision.settled).items())),
        "unconfirmed": sum(not layer.confirmed for layer in layers),
        "waiting": len({layer.article_id for layer in layers} - voting),
    }


def _word(decision: Decision) -> str:
    return decision.reason.partition(":")[0]


def _judge(rule: Rule, min_posterior: float) -> Judge:
    if rule.method not in METHODS:
        raise ConfigError(f"no method {rule.method!r}", hint=f"choose one of {', '.join(METHODS)}")
    if (rule.method == "expert") != (rule.expert is not None):
        raise ConfigError(
            "--method expert needs --expert, and only it does", hint="for example --method expert --expert E1"
        )
    if rule.method in ("majority", "expert"):
        by_count = majority(rule.min_votes)
        return by_count if rule.expert is None else by_expert(rule.expert, by_count, votes=not is_expert(rule.expert))
    model = agreement.dawid_skene if rule.method == "dawid-skene" else agreement.mace
    return crowd.model_judge(model, min_posterior=min_posterior, min_votes=rule.min_votes)


def _at_least_one(min_votes: int | None, workspace: Workspace) -> int:
    least = workspace.settings.min_votes if min_votes is None else min_votes
    if least < 1:
        raise ConfigError(f"min_votes {least}", hint="give 1 or more")
    return least


def _refuse_broken(layer: AnnotationLayer, articles: Mapping[str, Article], place: Path) -> None:
    found = fault(layer, articles)
    if found is not None:
        raise DataError(f"{layer.article_id}: {found}", location=place, hint="see `goldwire check`; pull it again")


def _refuse_repeats(layers: tuple[AnnotationLayer, ...], folder: Path) -> None:
    for (name, article), count in Counter((layer.annotator, layer.article_id) for layer in layers).items():
        if count > 1:
            raise DataError(f"{count} layers of {name} on {article}", location=folder, hint="pull the batch again")
