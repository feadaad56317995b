"""`adjudicate --push` and `--pull`: what annotators dispute goes to an expert on the Doccano server, and comes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from goldwire import guidelines, jsonl, load, schema
from goldwire.aggregate import Settled
from goldwire.contested import contested
from goldwire.doccano import contest, passwords
from goldwire.errors import GoldwireError
from goldwire.experts import is_expert
from goldwire.layout import Workspace

__all__ = ["Pulled", "Pushed", "asked", "pull", "push"]


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """How many articles wait for the expert, how many of them are new on the server, and where."""

    expert: str
    articles: int
    added: int
    address: str | None
    passwords: str | None  # where the password of a new account is

    def lines(self) -> Iterator[str]:
        """Say it for a person."""
        if self.address is None:
            yield f"nothing is disputed: nothing for {self.expert} to settle"
            return
        yield f"{self.articles} disputed articles ({self.added} new) wait for {self.expert} at {self.address}"
        if self.passwords:
            yield f"the password of {self.expert} is in {self.passwords}"


class Pulled(msgspec.Struct, frozen=True, kw_only=True):
    """How many articles the expert has settled; `open` are not ticked done, or still hold a mark of dispute."""

    expert: str
    settled: int
    open: tuple[str, ...]
    troubles: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """Say it for a person."""
        yield f"{self.expert}: {self.settled} articles settled, {len(self.open)} open"
        yield from self.troubles


def asked(expert: str | None) -> str:
    """The expert who is asked, E1 where none is named."""
    name = expert or "E1"
    if not is_expert(name):
        raise GoldwireError(f"{name!r} is no expert's name", way_out="name one E1, E2, ...: an annotator's has a vote")
    return name


def push(workspace: Workspace, batch: str, expert: str, settled: Sequence[Settled]) -> Pushed:
    """Bring the disputes among `settled` to the server that the environment names, or to the workspace's own."""
    made, layers = _contest(workspace, batch, expert), load.layers(workspace, batch)
    disputes = {}
    for one in settled:
        name = one.gold.article_id
        said = [layer for layer in layers if layer.article_id == name and layer.confirmed]
        found = contested(made.articles[name], one, said)
        if found is not None:
            disputes[name] = found
    if not disputes:
        return Pushed(expert=expert, articles=0, added=0, address=None, passwords=None)
    brought = contest.bring(made, disputes)
    return Pushed(
        expert=expert,
        articles=len(disputes),
        added=brought.added,
        address=brought.address,
        passwords=workspace.relative(workspace.private / passwords.FILE) if brought.created else None,
    )


def pull(workspace: Workspace, batch: str, expert: str) -> Pulled:
    """Bring the expert's layers, to lie beside the annotators'."""
    made = _contest(workspace, batch, expert)
    former = {layer.article_id: layer for layer in load.expert_layers(workspace, batch, expert)}
    found = contest.fetch(made, former)
    contest.keep(made, found)
    jsonl.write(workspace.layers / batch / f"{expert}.jsonl", found.layers)
    return Pulled(
        expert=expert,
        settled=sum(layer.confirmed for layer in found.layers),
        open=found.open,
        troubles=tuple(f"{trouble.task}: {trouble.problem.message}" for trouble in found.troubles),
    )


def _contest(workspace: Workspace, batch: str, expert: str) -> contest.Contest:
    tasks = load.tasks(workspace, batch)
    if any(task.kind == "stance" for task in tasks):
        raise GoldwireError(
            f"{batch} asks about targets by name, whose disputes are not settled on the server",
            place=workspace.tasks / f"{batch}.jsonl",
            way_out="settle them without --push and --pull, by majority or a model",
        )
    return contest.Contest(
        workspace=workspace,
        batch=batch,
        expert=expert,
        tasks=tasks,
        articles=load.articles(workspace),
        schema=schema.read_schema(workspace.schema),
        guide=guidelines.read_guidelines(workspace.guidelines),
    )
