"""Adjudicate a batch's layers into gold. Disputes are listed, never guessed; an expert decides them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from goldwire.adjudication.aggregation import AdjudicatedArticle
from goldwire.adjudication.methods import METHODS, MODELS, adjudicate, require_valid_method
from goldwire.alignment.mentions import require_valid_layer
from goldwire.errors import ConfigError, DataError, MissingFileError
from goldwire.formats.document import documents_of
from goldwire.formats.file_sets import articles_of, read_file_set
from goldwire.formats.output import fit_documents, require_new, write_documents
from goldwire.formats.registry import find_format
from goldwire.quantities import quantity
from goldwire.records import Adjudication, AdjudicationMethod, AnnotationLayer, is_expert
from goldwire.stages.expert_project import DecisionPull, DisputePush, download_decisions, expert_batch, upload_disputes
from goldwire.text_table import wrap_line
from goldwire.workspace import atomic, jsonl, loading
from goldwire.workspace.layout import Workspace

__all__ = ["METHODS", "AdjudicateReport", "DecisionPull", "DisputePush", "Method", "pull", "push", "run", "run_files"]

Method = AdjudicationMethod


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
        """1 if the server has lost decisions of the expert, or if others have labelled in the expert's project."""
        return int(self.pull is not None and bool(self.pull.findings))

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield (
            f"{quantity(self.articles, 'article')}: {quantity(self.spans, 'span')} and "
            f"{quantity(self.stances, 'stance')} in gold"
        )
        if self.resolved:
            left_out = f"; {self.left_out} of them left out of gold" if self.left_out else ""
            yield f"decisions by who decided: {_list_counts(self.resolved)}{left_out}"
        if self.single_annotator:
            yield (
                f"{quantity(self.single_annotator, 'article has', 'articles have')} only one annotator, whose "
                "labels become gold"
            )
        if self.unresolved:
            number = sum(self.unresolved.values())
            unresolved = f"{quantity(number, 'decision')} unresolved ({_list_counts(self.unresolved)})"
            yield from wrap_line(f"{unresolved}: see {self.decisions}")
        if self.unconfirmed or self.without_votes:
            yield (
                f"{quantity(self.unconfirmed, 'unconfirmed layer')} did not vote; "
                f"{quantity(self.without_votes, 'article has', 'articles have')} no confirmed layer"
            )
        for article, references in self.unmatched_reasons.items():
            yield f"{article}: the expert's comments on {', '.join(references)} match no mention or stance"
        yield f"gold: {self.gold}"
        for note in self.notes:
            yield from wrap_line(note)
        for part in (self.pull, self.push):
            if part is not None:
                yield part.to_text()


def run(
    workspace: Workspace,
    *,
    batch: str,
    method: Method = "majority",
    min_votes: int | None = None,
    min_posterior: float = 0.8,
    expert: str | None = None,
) -> AdjudicateReport:
    """Aggregate the confirmed layers of a batch into gold and write it with all decisions.

    Parameters
    ----------
    workspace : Workspace
    batch : str
    method : {"majority", "dawid-skene", "mace", "expert"}
        How labels and stances are decided. `expert` takes the labels of one annotator, and the majority's where that
        annotator did not have the article. An expert (`E1`) has no vote, and the expert's comments
        (`T4: reason`, `[120, 126): reason`) go into the decisions.
    min_votes : int, optional
        The least number of votes for each item. Default: the workspace's setting.
    min_posterior : float
        The least probability, from 0 to 1, at which `dawid-skene` and `mace` decide.
    expert : str, optional
        Whose labels decide, with the method `expert`.
    """
    adjudication = _adjudication(workspace, batch, method, min_votes, min_posterior, expert)
    with workspace.lock():
        report, _ = _adjudicate(workspace, adjudication)
    return report


def run_files(
    paths: Sequence[Path],
    *,
    out: Path,
    to: str | None = None,
    source_format: str | None = None,
    method: Method = "majority",
    min_votes: int = 1,
    min_posterior: float = 0.8,
    expert: str | None = None,
    accept_loss: bool = False,
) -> AdjudicateReport:
    """Aggregate the labels in files of any tool into gold, and write it in the format of any tool.

    Parameters
    ----------
    paths : sequence of Path
        Files or folders. A file that names no annotator is of one annotator, who gets its name.
    out : Path
        The new file or folder with the gold. Its decisions are written to `<out>.decisions.jsonl`.
    to : str or None
        The name of the format of `out`. Default: the one of the files.
    source_format : str or None
        The name of the format of all files. Default: what each looks like.
    method, min_votes, min_posterior, expert
        As those of `run`; any annotator can be the expert.
    accept_loss : bool
        Whether to leave out of `out` what its format cannot hold.

    Raises
    ------
    ConflictError
        A file would be replaced.
    DataError
        A file cannot be read, or the format of `out` cannot hold some labels; nothing was written.
    """
    adjudication = Adjudication(
        batch=out.name,
        method=method,
        min_votes=min_votes,
        min_posterior=min_posterior if method in MODELS else None,
        expert=expert,
    )
    require_valid_method(adjudication)
    decisions, rule = (out.with_name(out.name + end) for end in (".decisions.jsonl", ".adjudication.json"))
    require_new(out)
    files = read_file_set(paths, source_format)
    layers = files.layers()
    if expert is not None and expert not in {layer.annotator for layer in layers}:
        names = ", ".join(sorted({layer.annotator for layer in layers}))
        raise ConfigError(f"no annotator {expert!r}", location=files.name, hint=f"available: {names}")
    adjudicated = adjudicate(articles_of(files.documents, files.name), layers, adjudication)
    if not adjudicated:
        raise DataError("no document that an annotator finished", location=files.name)
    gold = documents_of({document.id: document.text for document in files.documents}, [a.gold for a in adjudicated])
    chosen = find_format(to or files.formats[0])
    output = fit_documents(gold, chosen, out, accept_loss=accept_loss)
    contents = {
        decisions: jsonl.dump(decision for article in adjudicated for decision in article.decisions),
        rule: jsonl.dump_document(adjudication),
    }
    for path, content in contents.items():
        if path.exists() and path.read_bytes() != content:  # equal: of a run that was killed
            require_new(path)
    for path, content in contents.items():
        atomic.write_bytes(path, content)
    write_documents(gold, chosen, out, accept_loss=accept_loss)  # last: without `out`, the run can be repeated
    report = _report(adjudication, adjudicated, layers, (str(out), str(decisions), str(rule)))
    left_out = (f"left out of {out.name}: {what} ({count:,})" for what, count in output.losses.items())
    return msgspec.structs.replace(report, notes=(*files.notes, *left_out))


def push(
    workspace: Workspace,
    *,
    batch: str,
    expert: str = "E1",
    method: Method = "majority",
    min_votes: int | None = None,
    min_posterior: float = 0.8,
) -> AdjudicateReport:
    """Adjudicate a batch, and upload what remains disputed to the expert's project on the Doccano server.

    Parameters are those of `run`; `expert` is the name of an expert, such as `E1`.
    """
    if method == "expert":
        raise ConfigError("the method expert leaves nothing for the expert to decide", hint="choose another --method")
    _require_expert(expert)
    adjudication = _adjudication(workspace, batch, method, min_votes, min_posterior, None)
    with workspace.lock():
        report, adjudicated = _adjudicate(workspace, adjudication)
        return msgspec.structs.replace(
            report, push=upload_disputes(expert_batch(workspace, batch, expert), adjudicated)
        )


def pull(
    workspace: Workspace,
    *,
    batch: str,
    expert: str = "E1",
    min_votes: int | None = None,
    accept_loss: bool = False,
) -> AdjudicateReport:
    """Download the decisions of `expert` from the server, and adjudicate the batch with them.

    Where the expert decided nothing, the method of the push decides, with its options unless `min_votes` is given.
    Decisions that the server has lost stay as last pulled, unless `accept_loss`.
    """
    _require_expert(expert)
    adjudication = _with_expert(workspace, batch, expert, min_votes)
    with workspace.lock():
        pulled = download_decisions(expert_batch(workspace, batch, expert), accept_loss=accept_loss)
        report, _ = _adjudicate(workspace, adjudication)
    return msgspec.structs.replace(report, pull=pulled)


def _with_expert(workspace: Workspace, batch: str, expert: str, min_votes: int | None) -> Adjudication:
    """Return the stored method of the batch with `expert` on top of it."""
    path = workspace.adjudication_file(batch)
    stored = jsonl.read_document(path, Adjudication) if path.exists() else None
    if stored is None:
        return _adjudication(workspace, batch, "expert", min_votes, None, expert)
    adjudication = msgspec.structs.replace(
        stored,
        method="expert",
        expert=expert,
        fallback=stored.fallback if stored.method == "expert" else stored.method,
        min_votes=stored.min_votes if min_votes is None else min_votes,
    )
    require_valid_method(adjudication)
    return adjudication


def _require_expert(name: str) -> None:
    if not is_expert(name):
        raise ConfigError(f"{name!r} is not an expert's name", hint="use E1, E2, ...; annotators have a vote already")


def _adjudicate(
    workspace: Workspace, adjudication: Adjudication
) -> tuple[AdjudicateReport, tuple[AdjudicatedArticle, ...]]:
    """Read the layers, adjudicate them, and write gold, decisions and method."""
    batch = adjudication.batch
    articles = loading.articles(workspace)
    layers = _layers(workspace, batch, adjudication.expert)
    for layer in layers:
        require_valid_layer(layer, articles, workspace.layers_file(batch, layer.annotator))
    adjudicated = adjudicate(articles, layers, adjudication, tasks=loading.planned_tasks(workspace, batch))
    gold, decisions = workspace.gold_file(batch), workspace.decisions_file(batch)
    method = workspace.adjudication_file(batch)
    jsonl.write_document(method, adjudication)
    jsonl.write(decisions, [decision for article in adjudicated for decision in article.decisions])
    jsonl.write(gold, [article.gold for article in adjudicated])
    written = workspace.relative(gold), workspace.relative(decisions), workspace.relative(method)
    return _report(adjudication, adjudicated, layers, written), adjudicated


def _report(
    adjudication: Adjudication,
    adjudicated: Sequence[AdjudicatedArticle],
    layers: Sequence[AnnotationLayer],
    files: tuple[str, str, str],
) -> AdjudicateReport:
    """Return the report on gold, decisions and method that were written to these files."""
    gold, decisions, method = files
    return AdjudicateReport(
        batch=adjudication.batch,
        method=adjudication.method,
        **_counts(adjudicated, layers),
        unmatched_reasons={
            article.gold.article_id: article.unmatched_reasons for article in adjudicated if article.unmatched_reasons
        },
        gold=gold,
        decisions=decisions,
        adjudication=method,
    )


def _layers(workspace: Workspace, batch: str, expert: str | None) -> tuple[AnnotationLayer, ...]:
    """Return the batch's layers, with the expert's, if at least one is confirmed and there are no duplicates."""
    folder = workspace.layers / batch
    layers = loading.layers(workspace, batch)
    if expert is not None:
        layers += loading.expert_layers(workspace, batch, expert)
        annotators = {layer.annotator for layer in layers} | {path.stem for path in folder.glob("*.jsonl")}
        if expert not in annotators:
            raise MissingFileError(f"no layers of {expert!r}", location=folder, hint="choose another expert")
    for (name, article), count in Counter((layer.annotator, layer.article_id) for layer in layers).items():
        if count > 1:
            raise DataError(
                f"{quantity(count, 'layer')} of {name} on {article}", location=folder, hint="pull the batch again"
            )
    if not any(layer.confirmed for layer in layers):
        problem = "none of its layers is confirmed"
        hint = f"annotators mark tasks as done in Doccano; then run `goldwire pull {batch}`"
        raise DataError(problem, location=folder, hint=hint)
    return layers


def _counts(adjudicated: Sequence[AdjudicatedArticle], layers: Sequence[AnnotationLayer]) -> dict[str, Any]:
    decisions = [decision for article in adjudicated for decision in article.decisions]
    resolved = Counter(decision.provenance for decision in decisions if decision.provenance is not None)
    unresolved = Counter(decision.dispute for decision in decisions if decision.dispute is not None)
    voted = {layer.article_id for layer in layers if layer.confirmed}
    by_experts = {layer.article_id for layer in layers if layer.confirmed and is_expert(layer.annotator)}
    single_annotator = [
        article for article in adjudicated if article.n_voters == 1 and article.gold.article_id not in by_experts
    ]
    return {
        "articles": len(adjudicated),
        "single_annotator": len(single_annotator),
        "spans": sum(len(article.gold.spans) for article in adjudicated),
        "stances": sum(len(article.gold.stances) for article in adjudicated),
        "left_out": sum(decision.is_left_out for decision in decisions),
        "resolved": dict(sorted(resolved.items())),
        "unresolved": dict(sorted(unresolved.items())),
        "unconfirmed": sum(not layer.confirmed for layer in layers),
        "without_votes": len({layer.article_id for layer in layers} - voted),
    }


def _adjudication(
    workspace: Workspace,
    batch: str,
    method: Method,
    min_votes: int | None,
    min_posterior: float | None,
    expert: str | None,
) -> Adjudication:
    """Return the method with its options, if they do not contradict each other."""
    adjudication = Adjudication(
        batch=batch,
        method=method,
        min_votes=workspace.settings.min_votes if min_votes is None else min_votes,
        min_posterior=min_posterior if method in MODELS else None,
        expert=expert,
    )
    require_valid_method(adjudication)
    return adjudication


def _list_counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in counts.items())
