"""Reports of adjudicating a batch: gold, disputes that were uploaded, decisions that were downloaded."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from goldwire.records import Finding

__all__ = ["AdjudicateReport", "DecisionPull", "DisputePush"]


class DisputePush(msgspec.Struct, frozen=True, kw_only=True):
    """Upload of disputes for the expert.

    `articles` is the number of articles with disputes, `targets` that of the disputed named targets (None if the batch
    asks for entities), and `added` that of the tasks that are new on the server. `password_file` has the password of a
    new account.
    """

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
        noun = "articles" if self.targets is None else "targets"
        number = self.articles if self.targets is None else self.targets
        yield f"{number} disputed {noun} ({self.added} new) for {self.expert} at {self.address}"
        if self.password_file:
            yield f"`goldwire people` prints the address and the password of {self.expert}"


class DecisionPull(msgspec.Struct, frozen=True, kw_only=True):
    """Download of the expert's decisions.

    `open_articles` are not marked as done, or still have a mark of dispute. `findings` are about decisions that the
    server has lost.
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
        yield f"{self.expert} has decided {self.decided_articles} articles; {len(self.open_articles)} are open"
        yield from self.problems
        for finding in self.findings:
            yield f"{finding.file} {finding.item}: [{finding.code}] {finding.message}"


class AdjudicateReport(msgspec.Struct, frozen=True, kw_only=True):
    """Result of adjudicating a batch.

    Parameters
    ----------
    batch, method : str
    articles : int
        Articles with gold.
    single_annotator : int
        Number of these articles that have one annotator only.
    spans, stances : int
        Number of spans and of stances in gold.
    left_out : int
        Mentions and stances that were resolved as not in gold.
    resolved : dict of str to int
        Number of decisions by who decided: `unanimous`, `majority`, `single`, `expert` or `model`.
    unresolved : dict of str to int
        Number of open decisions by what is in dispute.
    unconfirmed : int
        Layers that are not confirmed and did not vote.
    without_votes : int
        Articles without a confirmed layer.
    unmatched_reasons : dict of str to tuple of str
        By article, references in the expert's comments that match no mention and no stance.
    gold, decisions, adjudication : str
        The files, relative to the workspace.
    push, pull
        What was uploaded and downloaded.
    notes : tuple of str
        What was left out, for files of another tool.
    """

    batch: str
    method: str
    articles: int
    single_annotator: int
    spans: int
    stances: int
    left_out: int
    resolved: dict[str, int]
    unresolved: dict[str, int]
    unconfirmed: int
    without_votes: int
    unmatched_reasons: dict[str, tuple[str, ...]]
    gold: str
    decisions: str
    adjudication: str
    push: DisputePush | None = None
    pull: DecisionPull | None = None
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """1 if the server has lost decisions of the expert."""
        return int(self.pull is not None and bool(self.pull.findings))

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.articles} articles: {self.spans} spans and {self.stances} stances in gold"
        if self.resolved:
            yield f"decisions by who decided: {_listed(self.resolved)}; {self.left_out} of them left out of gold"
        if self.single_annotator:
            yield f"{self.single_annotator} articles have only one annotator, whose labels become gold"
        if self.unresolved:
            number = sum(self.unresolved.values())
            yield f"{number} decisions unresolved ({_listed(self.unresolved)}): see {self.decisions}"
        if self.unconfirmed or self.without_votes:
            yield (
                f"{self.unconfirmed} unconfirmed layers did not vote; "
                f"{self.without_votes} articles have no confirmed layer"
            )
        for article, references in self.unmatched_reasons.items():
            yield f"{article}: the expert's comments on {', '.join(references)} match no mention or stance"
        yield f"gold: {self.gold}"
        yield from self.notes
        for part in (self.pull, self.push):
            if part is not None:
                yield part.to_text()


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in counts.items())
