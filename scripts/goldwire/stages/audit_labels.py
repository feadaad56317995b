"""Audit labels: those of gold or of another tool's files that are likely wrong, for a person to review."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from goldwire.adjudication.disputes import DISPUTED, Dispute, Disputes
from goldwire.adjudication.expert_comments import offsets_reference
from goldwire.adjudication.merging import merge_gold
from goldwire.adjudication.methods import adjudicate
from goldwire.doccano.adjudication import AdjudicationBatch, disputed_rows, push_disputes
from goldwire.errors import ConfigError, DataError
from goldwire.formats.file_sets import articles_of, read_file_set
from goldwire.label_audit.label_audit import AuditedLabels, audit_labels
from goldwire.label_audit.suspects import LabelSuspect
from goldwire.quantities import quantity
from goldwire.records import (
    GOLD,
    Adjudication,
    AnnotationLayer,
    Article,
    SpanLabel,
    StanceLabel,
    Task,
    is_expert,
    number_layer,
)
from goldwire.stages.expert_project import expert_batch
from goldwire.workspace import jsonl, loading
from goldwire.workspace.layout import Workspace

__all__ = ["LabelAuditReport", "ReviewPush", "push", "run", "run_files"]

_WORDS: Mapping[str, tuple[str, str]] = {
    "span-label": ("label of a span", "labels of spans"),
    "span-missing": ("missing span", "missing spans"),
    "span-doubtful": ("span that marks nothing", "spans that mark nothing"),
    "stance": ("stance", "stances"),
    "annotator": ("habit of an annotator", "habits of annotators"),
}


class ReviewPush(msgspec.Struct, frozen=True, kw_only=True):
    """Upload of labels in doubt for a reviewer.

    `suspects` is the number of labels that are marked on the server, `added` that of the articles which are new there,
    and `present` that of the articles which the reviewer has already, whose marks were not changed.
    """

    batch: str
    expert: str
    suspects: int
    added: int
    present: int
    address: str | None

    def to_text(self) -> str:
        """Return the report for people."""
        if self.address is None:
            return f"nothing to review in {self.batch}"
        text = f"{quantity(self.added, 'article')} for {self.expert} to review at {self.address}"
        if self.present:
            text += f"; {self.present} more are there from an earlier push and were not changed"
        return f"{text}\nthen run `goldwire adjudicate pull {self.batch} --expert {self.expert}`"


class LabelAuditReport(msgspec.Struct, frozen=True, kw_only=True):
    """Labels that are likely wrong, the most likely first.

    Parameters
    ----------
    name : str
        What was audited: `gold`, or the names of the files.
    articles, spans, stances : int
        How much was audited.
    suspects : tuple of LabelSuspect
        The first ones.
    counts : dict of str to int
        Number of all suspects by kind.
    notes : tuple of str
        Sentences on what was left out.
    push : ReviewPush or None
        What was uploaded for a reviewer.
    """

    name: str
    articles: int
    spans: int
    stances: int
    suspects: tuple[LabelSuspect, ...]
    counts: dict[str, int]
    notes: tuple[str, ...] = ()
    push: ReviewPush | None = None

    def to_text(self) -> str:
        """Return the report for people: a line for each suspect."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield (
            f"{self.name}: {quantity(self.articles, 'article')}, {quantity(self.spans, 'span')}, "
            f"{quantity(self.stances, 'stance')}"
        )
        for suspect in self.suspects:
            yield f"{suspect.score:.2f}  {_place(suspect)}: {_problem(suspect)}"
            yield from (f"      {reason}" for reason in suspect.reasons)
        if self.counts:
            listed = ", ".join(quantity(count, *_WORDS[kind]) for kind, count in self.counts.items())
            yield f"in doubt: {listed}; listed: the most doubtful {len(self.suspects):,}"
        else:
            yield "nothing is in doubt"
        yield from self.notes
        if self.push is not None:
            yield self.push.to_text()


def _place(suspect: LabelSuspect) -> str:
    offsets = "" if suspect.start is None or suspect.end is None else offsets_reference(suspect.start, suspect.end)
    return " ".join(part for part in (suspect.article_id, suspect.item, offsets) if part)


def _problem(suspect: LabelSuspect) -> str:
    text = " ".join(suspect.text.split())
    if suspect.kind == "annotator":
        return f"{text!r} is an example of a habit"
    if suspect.kind == "span-missing":
        return f"{text!r} is not marked, likely {suspect.suggestion}"
    if suspect.kind == "span-doubtful":
        return f"{text!r} is {suspect.label}, likely nothing"
    return f"{text!r} is {suspect.label or 'without a stance'}, likely {suspect.suggestion}"


def run(workspace: Workspace, *, only: AuditedLabels | None = None, top: int = 50) -> LabelAuditReport:
    """Audit the gold labels of a workspace that no expert has decided or confirmed; nothing is written.

    Parameters
    ----------
    workspace : Workspace
    only : {"spans", "stances"}, optional
        The labels to audit. Default: both.
    top : int, default 50
        How many suspects to list.

    Raises
    ------
    DataError
        If there is no gold.
    """
    articles, gold = _gold(workspace)
    suspects, notes = _without_decided(workspace, gold, audit_labels(articles, gold, _layers(workspace), only=only))
    return msgspec.structs.replace(_report("gold", gold, suspects, top), notes=notes)


def run_files(
    paths: Sequence[Path],
    *,
    source_format: str | None = None,
    only: AuditedLabels | None = None,
    top: int = 50,
) -> LabelAuditReport:
    """Audit the labels in files of any tool; gold where they have it, else those of most annotators.

    Parameters
    ----------
    paths : sequence of Path
        Files or folders.
    source_format : str or None
        The name of the format of all files. Default: what each looks like.
    only : {"spans", "stances"}, optional
        The labels to audit. Default: both.
    top : int, default 50
        How many suspects to list.

    Raises
    ------
    DataError
        If a file cannot be read, or has no texts.
    """
    files = read_file_set(paths, source_format)
    documents = [document for document in files.documents if document.text]
    if not documents:
        raise DataError("no texts: labels are audited in their texts", location=files.name)
    articles = articles_of(documents, files.name)
    layers = [layer for layer in files.layers() if layer.article_id in articles]
    gold = _combine(articles, layers, files.name)
    report = _report(files.name, gold, audit_labels(articles, gold, layers, only=only), top)
    return msgspec.structs.replace(report, notes=files.notes)


def _combine(articles: Mapping[str, Article], layers: Sequence[AnnotationLayer], name: str) -> list[AnnotationLayer]:
    """Return one layer per article: its gold, else its only layer, else the labels of most annotators."""
    by_article: dict[str, list[AnnotationLayer]] = defaultdict(list)
    for layer in layers:
        by_article[layer.article_id].append(layer)
    chosen: list[AnnotationLayer] = []
    several: list[AnnotationLayer] = []
    for same in by_article.values():
        final = [layer for layer in same if layer.annotator == GOLD] or same
        if len(final) == 1:
            chosen += final
        else:
            several += final
    majority = Adjudication(batch=name, method="majority")
    return [*chosen, *(article.gold for article in adjudicate(articles, several, majority))]


def push(
    workspace: Workspace, *, batch: str, expert: str = "E1", only: AuditedLabels | None = None, top: int = 50
) -> LabelAuditReport:
    """Audit the gold labels, and upload the first suspects of one batch to an expert's project for review.

    `goldwire adjudicate pull` downloads the decisions, and adjudicates the batch with them.

    Parameters
    ----------
    workspace : Workspace
    batch : str
    expert : str, default "E1"
        The reviewer: the expert of the batch, if it has one.
    only : {"spans", "stances"}, optional
        The labels to audit. Default: both.
    top : int, default 50
        How many suspects of the batch to upload.

    Raises
    ------
    ConfigError
        If `expert` is not an expert's name, or another expert has decided gold labels of the batch.
    """
    if not is_expert(expert):
        raise ConfigError(f"{expert!r} is not an expert's name", hint="use E1, E2, ...")
    method = jsonl.read_document(workspace.adjudication_file(batch), Adjudication)
    if method.expert not in (None, expert):
        problem = f"{method.expert} has decided gold labels of {batch}, which decisions of {expert} would replace"
        raise ConfigError(problem, hint=f"use --expert {method.expert}")
    articles, gold = _gold(workspace)
    suspects, notes = _without_decided(workspace, gold, audit_labels(articles, gold, _layers(workspace), only=only))
    by_article = {layer.article_id: layer for layer in gold}
    with workspace.lock():
        review = _push(expert_batch(workspace, batch, expert), by_article, suspects, top)
    return msgspec.structs.replace(_report("gold", gold, suspects, top), push=review, notes=notes)


def _gold(workspace: Workspace) -> tuple[dict[str, Article], list[AnnotationLayer]]:
    gold = loading.gold(workspace)
    if not gold:
        raise DataError("no gold labels", location=workspace.gold, hint="run `goldwire adjudicate` first")
    articles = loading.articles(workspace)
    missing = next((layer.article_id for layer in gold if layer.article_id not in articles), None)
    if missing is not None:
        raise DataError(f"article {missing} is not in the corpus", location=workspace.articles)
    return articles, [combined.layer for combined in merge_gold(gold).values()]


def _without_decided(
    workspace: Workspace, gold: Sequence[AnnotationLayer], suspects: Sequence[LabelSuspect]
) -> tuple[list[LabelSuspect], tuple[str, ...]]:
    """Return the suspects that no expert has decided or confirmed, and a sentence on the others."""
    decided: set[tuple[object, ...]] = set()
    for own in loading.decisions(workspace):
        if own.provenance == "expert":
            is_span = own.kind == "span"
            decided.add((own.article_id, own.start, own.end) if is_span else (own.article_id, own.gold_id))
    reviewed = frozenset(_reviewed(workspace))
    by_article = {layer.article_id: layer for layer in gold}

    def is_open(suspect: LabelSuspect) -> bool:
        if suspect.kind == "annotator":
            return True
        if {(suspect.article_id, suspect.item), (suspect.article_id, suspect.start, suspect.end)} & decided:
            return False
        dispute = _dispute(suspect, by_article[suspect.article_id], id="")
        return dispute is None or (suspect.article_id, dispute.reference) not in reviewed

    open_suspects = [suspect for suspect in suspects if is_open(suspect)]
    n_decided = len(suspects) - len(open_suspects)
    labels = quantity(n_decided, "label in doubt was", "labels in doubt were")
    note = f"{labels} decided or confirmed by an expert and not listed"
    return open_suspects, (note,) if n_decided else ()


def _reviewed(workspace: Workspace) -> Iterator[tuple[str, str]]:
    """Yield article and reference of each mark in an article that the expert has finished.

    A label that the expert leaves as it is has no decision of the expert: the annotators' votes decide it already.
    """
    for batch in loading.batches(workspace):
        file = workspace.adjudication_file(batch)
        expert = jsonl.read_document(file, Adjudication).expert if file.exists() else None
        export = workspace.export_file(batch, expert or "")
        if expert is None or not export.exists():
            continue
        layers = loading.expert_layers(workspace, batch, expert)
        finished = {layer.article_id for layer in layers if layer.confirmed}
        for row in disputed_rows(export.read_bytes()):
            if row.gw_article_id in finished:
                yield from ((row.gw_article_id, dispute.reference) for dispute in row.gw_disputes or ())


def _layers(workspace: Workspace) -> list[AnnotationLayer]:
    batches = (name for name in loading.batches(workspace) if (workspace.layers / name).is_dir())
    return [layer for name in batches for layer in loading.layers(workspace, name)]


def _report(name: str, gold: Sequence[AnnotationLayer], suspects: Sequence[LabelSuspect], top: int) -> LabelAuditReport:
    counts: dict[str, int] = {}
    for kind in _WORDS:
        count = sum(suspect.kind == kind for suspect in suspects)
        counts |= {kind: count} if count else {}
    return LabelAuditReport(
        name=name,
        articles=len(gold),
        spans=sum(len(layer.spans) for layer in gold),
        stances=sum(len(layer.stances) for layer in gold),
        suspects=tuple(suspects[:top]),
        counts=counts,
    )


def _push(
    batch: AdjudicationBatch, gold: Mapping[str, AnnotationLayer], suspects: Sequence[LabelSuspect], top: int
) -> ReviewPush:
    """Upload the first suspects of a batch, marked in their articles."""
    tasks = {task.article_id: task for task in batch.expert_tasks if task.target is None}
    chosen: dict[str, list[LabelSuspect]] = defaultdict(list)
    for suspect in suspects:
        is_here = suspect.article_id in tasks and suspect.kind != "annotator"
        if is_here and suspect.article_id in gold and sum(map(len, chosen.values())) < top:
            chosen[suspect.article_id].append(suspect)
    reviews = {
        tasks[name].id: _review(batch.articles[name], gold[name], tasks[name], found) for name, found in chosen.items()
    }
    n_suspects = sum(map(len, chosen.values()))
    if not reviews:
        return ReviewPush(batch=batch.batch, expert=batch.expert, suspects=0, added=0, present=0, address=None)
    pushed = push_disputes(batch, reviews)
    return ReviewPush(
        batch=batch.batch,
        expert=batch.expert,
        suspects=n_suspects,
        added=pushed.n_added,
        present=len(reviews) - pushed.n_added,
        address=pushed.address,
    )


def _review(article: Article, layer: AnnotationLayer, task: Task, suspects: Sequence[LabelSuspect]) -> Disputes:
    """Return the gold of an article with a mark beside each label in doubt, and a sentence on each."""
    drawn = {stance.id: stance for stance in layer.stances if stance.target_name is None}
    marks: list[SpanLabel] = []
    stances: list[StanceLabel] = list(drawn.values())
    disputes: list[Dispute] = []
    descriptions: dict[str, str] = {}
    for number, suspect in enumerate(suspects, 1):
        dispute = _dispute(suspect, layer, id=f"D{number}")
        if dispute is None:
            continue
        if dispute.span is not None:
            start, end = dispute.span
            text = article.text[start:end]
            marks.append(SpanLabel(id=f"mark-{number}", start=start, end=end, label=DISPUTED, text=text))
        else:
            stances.append(msgspec.structs.replace(drawn[suspect.item or ""], id=f"mark-{number}", stance=DISPUTED))
        disputes.append(dispute)
        descriptions[dispute.id] = f"{_problem(suspect)}; {'; '.join(suspect.reasons)} {dispute.reference}"
    numbered = number_layer([*layer.spans, *marks], stances)
    return Disputes(
        layer=msgspec.structs.replace(layer, batch=task.batch, confirmed=False, spans=numbered[0], stances=numbered[1]),
        disputes=tuple(disputes),
        descriptions=descriptions,
    )


def _dispute(suspect: LabelSuspect, layer: AnnotationLayer, *, id: str) -> Dispute | None:
    """Return a suspect as what a reviewer is asked; None for the article's stance towards a named target."""
    stance = next((own for own in layer.stances if own.id == suspect.item), None)
    if stance is not None and stance.target_name is None:
        spans = {span.id: (span.start, span.end) for span in layer.spans}
        return Dispute(
            id=id, kind="stance", holder=spans.get(stance.holder or ""), target=spans.get(stance.target or "")
        )
    if suspect.start is not None and suspect.end is not None:
        return Dispute(id=id, kind="span", span=(suspect.start, suspect.end))
    return None
