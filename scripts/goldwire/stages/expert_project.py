"""The expert's project of a batch: upload what is disputed, download what the expert decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from goldwire.adjudication.aggregation import AdjudicatedArticle
from goldwire.adjudication.disputes import Disputes, find_disputes, find_target_dispute
from goldwire.checks.rules.server import SERVER_ANNOTATOR_UNKNOWN
from goldwire.checks.rules.server_losses import find_label_types, find_lost_layers
from goldwire.doccano import credentials
from goldwire.doccano.accounts import describe_several
from goldwire.doccano.adjudication import AdjudicationBatch, PulledDecisions, pull_decisions, push_disputes, save_export
from goldwire.quantities import quantity
from goldwire.records import Finding, Task
from goldwire.workspace import guidelines, jsonl, label_schema, loading
from goldwire.workspace.layout import Workspace

__all__ = ["DecisionPull", "DisputePush", "download_decisions", "expert_batch", "upload_disputes"]


class DisputePush(msgspec.Struct, frozen=True, kw_only=True):
    """Upload of disputes for the expert.

    `articles` is the number of articles with disputes, `targets` that of the disputed named targets (None if the batch
    asks for entities), and `added` that of the tasks that are new on the server. `password_file` has the password of a
    new account.
    """

    batch: str
    expert: str
    articles: int
    targets: int | None = None
    added: int
    address: str | None
    password_file: str | None

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        if self.address is None:
            yield f"nothing is disputed, so there is nothing for {self.expert} to decide"
            return
        disputed = (
            quantity(self.articles, "disputed article")
            if self.targets is None
            else quantity(self.targets, "disputed target")
        )
        yield f"{disputed} ({self.added} new) for {self.expert} at {self.address}"
        if self.password_file:
            yield f"`goldwire people {self.batch}` prints the address and the password of {self.expert}"


class DecisionPull(msgspec.Struct, frozen=True, kw_only=True):
    """Download of the expert's decisions.

    `open_articles` are not marked as done, or still have a mark of dispute. `findings` are about decisions that the
    server has lost, and about accounts of others.
    """

    expert: str
    decided_articles: int
    open_articles: tuple[str, ...]
    problems: tuple[str, ...]
    findings: tuple[Finding, ...] = ()

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield (
            f"{self.expert} has decided {quantity(self.decided_articles, 'article')}; {len(self.open_articles)} "
            "are open"
        )
        yield from self.problems
        for finding in self.findings:
            yield f"{finding.file} {finding.item}: [{finding.code}] {finding.message}"


def expert_batch(workspace: Workspace, batch: str, expert: str) -> AdjudicationBatch:
    """Return a batch with its expert, and all that the expert's project needs."""
    return AdjudicationBatch(
        workspace=workspace,
        batch=batch,
        expert=expert,
        tasks=loading.tasks(workspace, batch),
        articles=loading.articles(workspace),
        schema=label_schema.read_schema(workspace.schema),
        guide=guidelines.read_guidelines(workspace.guidelines),
    )


def upload_disputes(batch: AdjudicationBatch, adjudicated: Sequence[AdjudicatedArticle]) -> DisputePush:
    """Upload the disputes of adjudicated articles."""
    by_article = {article.gold.article_id: article for article in adjudicated}
    disputes = {
        task.id: of_task
        for task in batch.expert_tasks
        if task.article_id in by_article and (of_task := _disputes(batch, task, by_article[task.article_id]))
    }
    if not disputes:
        return DisputePush(
            batch=batch.batch, expert=batch.expert, articles=0, added=0, address=None, password_file=None
        )
    pushed = push_disputes(batch, disputes)
    passwords = batch.workspace.relative(batch.workspace.private / credentials.FILE)
    return DisputePush(
        batch=batch.batch,
        expert=batch.expert,
        articles=len({task_disputes.layer.article_id for task_disputes in disputes.values()}),
        targets=len(disputes) if batch.kind == "stance" else None,
        added=pushed.n_added,
        address=pushed.address,
        password_file=passwords if pushed.is_new_account else None,
    )


def _disputes(batch: AdjudicationBatch, task: Task, adjudicated: AdjudicatedArticle) -> Disputes | None:
    article = batch.articles[task.article_id]
    if task.target is not None:
        return find_target_dispute(article, adjudicated, task.target)
    return find_disputes(article, adjudicated)


def download_decisions(batch: AdjudicationBatch, *, accept_loss: bool) -> DecisionPull:
    """Download the expert's decisions and write them as layers beside the annotators'."""
    former = loading.expert_layers(batch.workspace, batch.batch, batch.expert)
    pulled = pull_decisions(batch, {layer.article_id: layer for layer in former}, accept_loss=accept_loss)
    save_export(batch, pulled)
    jsonl.write(batch.files.layers, pulled.layers)
    pulled.store_receipt()
    file = batch.workspace.relative(batch.files.export)
    findings = (
        *_account_findings(batch, pulled, file),
        *find_lost_layers(pulled.losses, file=file, annotator=batch.expert, address=pulled.address),
        *find_label_types((), pulled.losses, file=file, address=pulled.address),
    )
    return DecisionPull(
        expert=batch.expert,
        decided_articles=sum(layer.confirmed for layer in pulled.layers),
        open_articles=pulled.open_articles,
        problems=tuple(f"{problem.item}: {problem.problem.message}" for problem in pulled.problems),
        findings=findings,
    )


def _account_findings(batch: AdjudicationBatch, pulled: PulledDecisions, file: str) -> Iterator[Finding]:
    if len(pulled.accounts) > 1:
        message = describe_several(pulled.accounts, batch.expert, f"{pulled.address}/members")
        yield SERVER_ANNOTATOR_UNKNOWN.finding(file, message, item=batch.expert)
