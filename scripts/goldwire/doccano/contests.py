"""`adjudicate push` and `adjudicate pull`: an expert decides on the Doccano server what annotators dispute."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from goldwire.adjudication.aggregation import Settled
from goldwire.adjudication.disputes import Contested, contested, contested_target
from goldwire.doccano import adjudication
from goldwire.doccano import credentials as passwords
from goldwire.errors import ConfigError
from goldwire.records import AnnotationLayer, Task, is_expert
from goldwire.workspace import guidelines, jsonl, label_schema, loading
from goldwire.workspace.layout import Workspace

__all__ = ["Pulled", "Pushed", "asked", "pull", "push"]


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """How many articles wait for the expert, or targets by name in so many, how many are new there, and where."""

    expert: str
    articles: int
    targets: int | None = None  # None where articles are asked about as a whole
    added: int
    address: str | None
    passwords: str | None  # where the password of a new account is

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        if self.address is None:
            yield f"nothing is disputed: nothing for {self.expert} to settle"
            return
        what = "articles" if self.targets is None else "targets"
        number = self.articles if self.targets is None else self.targets
        yield f"{number} disputed {what} ({self.added} new) wait for {self.expert} at {self.address}"
        if self.passwords:
            yield f"the password of {self.expert} is in {self.passwords}"


class Pulled(msgspec.Struct, frozen=True, kw_only=True):
    """How many articles the expert has settled; `open` are not ticked done, or still hold a mark of dispute."""

    expert: str
    settled: int
    open: tuple[str, ...]
    troubles: tuple[str, ...]

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.expert}: {self.settled} articles settled, {len(self.open)} open"
        yield from self.troubles


def asked(expert: str | None) -> str:
    """The expert who is asked, E1 where none is named."""
    name = expert or "E1"
    if not is_expert(name):
        raise ConfigError(f"{name!r} is no expert's name", hint="name one E1, E2, ...: an annotator's has a vote")
    return name


def push(workspace: Workspace, batch: str, expert: str, settled: Sequence[Settled]) -> Pushed:
    """Bring the disputes among `settled` to the server that the environment names, or to the workspace's own."""
    made, by_article = _contest(workspace, batch, expert), {one.gold.article_id: one for one in settled}
    said: dict[str, list[AnnotationLayer]] = defaultdict(list)
    for layer in loading.layers(workspace, batch):
        if layer.confirmed:
            said[layer.article_id].append(layer)
    disputes = {
        task.id: found
        for task in made.asked
        if task.article_id in by_article
        and (found := _dispute(made, task, by_article[task.article_id], said[task.article_id]))
    }
    if not disputes:
        return Pushed(expert=expert, articles=0, added=0, address=None, passwords=None)
    brought = adjudication.bring(made, disputes)
    return Pushed(
        expert=expert,
        articles=len({dispute.layer.article_id for dispute in disputes.values()}),
        targets=len(disputes) if made.kind == "stance" else None,
        added=brought.added,
        address=brought.address,
        passwords=workspace.relative(workspace.private / passwords.FILE) if brought.created else None,
    )


def _dispute(
    made: adjudication.Contest, task: Task, settled: Settled, said: Sequence[AnnotationLayer]
) -> Contested | None:
    if task.target is not None:
        return contested_target(task.target, settled, said)
    return contested(made.articles[task.article_id], settled, said)


def pull(workspace: Workspace, batch: str, expert: str) -> Pulled:
    """Bring the expert's layers, to lie beside the annotators'."""
    made = _contest(workspace, batch, expert)
    former = {layer.article_id: layer for layer in loading.expert_layers(workspace, batch, expert)}
    found = adjudication.fetch(made, former)
    adjudication.keep(made, found)
    jsonl.write(workspace.layers / batch / f"{expert}.jsonl", found.layers)
    return Pulled(
        expert=expert,
        settled=sum(layer.confirmed for layer in found.layers),
        open=found.open,
        troubles=tuple(f"{trouble.item}: {trouble.problem.message}" for trouble in found.troubles),
    )


def _contest(workspace: Workspace, batch: str, expert: str) -> adjudication.Contest:
    return adjudication.Contest(
        workspace=workspace,
        batch=batch,
        expert=expert,
        tasks=loading.tasks(workspace, batch),
        articles=loading.articles(workspace),
        schema=label_schema.read_schema(workspace.schema),
        guide=guidelines.read_guidelines(workspace.guidelines),
    )
