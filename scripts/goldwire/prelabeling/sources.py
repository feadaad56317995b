"""`push --prelabel`: what annotators are given to start from, decided once for each article of a batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path

import msgspec

from goldwire.adjudication.merging import by_name, merge
from goldwire.doccano import conversion
from goldwire.errors import ConfigError, ConflictError, MissingFileError
from goldwire.prelabeling import gazetteer
from goldwire.prelabeling.layers import clipped, fitting, marked
from goldwire.records import GOLD, AnnotationLayer, Article, Task
from goldwire.workspace import jsonl, loading
from goldwire.workspace.indexed_jsonl import RecordLookup
from goldwire.workspace.label_schema import Schema
from goldwire.workspace.layout import Workspace

__all__ = ["Given", "Told", "decide", "outgoing", "path", "read", "told"]

GAZETTEER, MODEL, LAYER = "gazetteer", "model", "layer"
_WAYS = "choose gazetteer, model, model:NAME, layer:ANNOTATOR or layer:BATCH/ANNOTATOR"


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """A batch whose annotators are to be given something: its tasks, their articles, the labels, both versions."""

    workspace: Workspace
    batch: str
    tasks: tuple[Task, ...]
    articles: RecordLookup[Article]
    schema: Schema
    versions: tuple[str, str]  # of guidelines and schema


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """How much is suggested in a batch, and by what; `left` counts tasks that were there before, and begin bare."""

    by: str
    labels: int
    articles: int  # with any
    planned: int
    left: int = 0

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.by} suggests {self.labels} labels in {self.articles} of {self.planned} articles"
        if self.left:
            yield (
                f"{self.left} tasks that were on the server before stay without them; delete there, in the browser,"
                " what nobody has worked on, and push again"
            )


def told(suggested: Mapping[str, AnnotationLayer], tasks: Iterable[Task], begun: Sequence[Set[str]]) -> Told | None:
    """How much is suggested; None where nothing ever was.

    `begun` are, of each annotator, the ids of the tasks that began with it on the server.
    """
    if not suggested:
        return None
    asked, anywhere, labels = 0, set().union(*begun), Counter[str]()
    for task in tasks:
        asked += len(task.annotators)
        if task.id in anywhere:
            part = clipped(suggested[task.article_id], task)
            labels[task.article_id] += len(part.spans) + len(part.stances)
    return Told(
        by=next(iter(suggested.values())).annotator,
        labels=labels.total(),
        articles=sum(map(bool, labels.values())),
        planned=len(suggested),
        left=asked - sum(map(len, begun)),
    )


def decide(given: Given, source: str | None) -> dict[str, AnnotationLayer]:
    """What is suggested, by article id; empty where nothing ever was and no `source` is named.

    The file that says so is as much a part of the plan as the tasks are: what it says of an article stays, so that a
    push that is repeated suggests the same, whatever the gold has grown to be. Articles that came later get theirs.
    """
    known = read(given.workspace, given.batch)
    other = next((layer.annotator for layer in known.values()), None)
    full = other if source is None else _named(given, source)
    if full is None:
        return {}
    by = _public(full)
    if other not in (None, by):
        raise ConflictError(
            f"{given.batch} is pre-labelled by {other} already",
            location=path(given.workspace, given.batch),
            hint=f"leave it at that, or remove the file: what is on the server keeps what {other} suggested",
        )
    wanted = {task.article_id: given.articles[task.article_id] for task in given.tasks if task.kind == "entities"}
    if not wanted:
        raise ConfigError(f"{given.batch} asks for no entities", hint="only these can be pre-labelled")
    missing = [article for key, article in sorted(wanted.items()) if key not in known]
    if missing:
        found = {layer.article_id: layer for layer in _SOURCES[_kind(full)](given, full, missing)}
        # Where nothing was found, that is what was suggested: it must not change once the task is on the server.
        made = [found.get(article.id) or _marked(given, by, article, ()) for article in missing]
        made = [msgspec.structs.replace(layer, annotator=by) for layer in made]
        known |= {layer.article_id: fitting(layer, given.schema) for layer in made}
        jsonl.write(path(given.workspace, given.batch), known.values(), key=lambda layer: layer.article_id)
    return known


def path(workspace: Workspace, batch: str) -> Path:
    """Where a batch's pre-labels are."""
    return workspace.prelabels / f"{batch}.jsonl"


def read(workspace: Workspace, batch: str) -> dict[str, AnnotationLayer]:
    """What the annotators of a batch were given, by article id."""
    file = path(workspace, batch)
    return {layer.article_id: layer for layer in jsonl.read(file, AnnotationLayer)} if file.exists() else {}


def outgoing(
    suggested: Mapping[str, AnnotationLayer], tasks: Iterable[Task], articles: RecordLookup[Article], voice: str
) -> dict[str, conversion.Outgoing]:
    """The labels that each task starts with, by task id; nothing where nothing was ever suggested."""
    return {
        task.id: conversion.outgoing(clipped(suggested[task.article_id], task), task, articles[task.article_id], voice)
        for task in tasks
        if task.kind == "entities" and task.article_id in suggested
    }


def _kind(by: str) -> str:
    return by.partition(":")[0]


def _public(by: str) -> str:
    """A source as git may have it: of a model in a folder its own name, not where it lies on somebody's machine."""
    kind, colon, name = by.partition(":")
    return f"{kind}{colon}{Path(name).resolve().name}" if kind == MODEL else by


def _named(given: Given, source: str) -> str:
    """`source` in full."""
    kind, _, name = source.partition(":")
    if kind not in _SOURCES or (kind == GAZETTEER and name) or (kind == LAYER and not name):
        raise ConfigError(f"no source of pre-labels {source!r}", hint=_WAYS)
    if kind == MODEL and not name:
        name = given.workspace.settings.prelabel_model or ""
        if not name:
            raise ConfigError("no model is named", hint="write model:NAME, or set prelabel_model under [tool.goldwire]")
    return f"{kind}:{name}" if name else kind


def _by_gazetteer(given: Given, by: str, articles: list[Article]) -> list[AnnotationLayer]:
    """From the gold of all articles but the batch's own, whose answers it would give away.

    Of an article that was only asked about its stance to targets nobody knows which names are entities.
    """
    asked = {task.article_id for task in given.tasks}
    gold = [one.layer for key, one in merge(loading.gold(given.workspace)).items() if one.marked and key not in asked]
    texts = {key: article.text for key, article in loading.articles(given.workspace).items()}
    names = gazetteer.build(gold, texts)
    if not names.labels:
        raise MissingFileError(
            "no gold to make a gazetteer of",
            location=given.workspace.gold,
            hint="`goldwire adjudicate` makes gold; the batch's own articles do not count",
        )
    return [_marked(given, by, article, names.find(article.text)) for article in articles]


def _by_model(given: Given, by: str, articles: list[Article]) -> list[AnnotationLayer]:
    from goldwire.prelabeling import ner_models

    entity = given.schema.entity
    recognize = ner_models.load(
        by.removeprefix(f"{MODEL}:"), given.schema.entity_labels, tuple(label.description for label in entity)
    )
    found = recognize(article.text for article in articles)
    return [_marked(given, by, article, spans) for article, spans in zip(articles, found, strict=True)]


def _by_layer(given: Given, by: str, articles: list[Article]) -> list[AnnotationLayer]:
    """What an annotator, an expert or `gold` confirmed of the same text: in this batch, else in the last by name."""
    batch, _, name = by.removeprefix(f"{LAYER}:").rpartition("/")
    if name == GOLD:
        layers = [layer for layer in loading.gold(given.workspace) if batch in ("", layer.batch)]
    else:
        files = sorted(given.workspace.layers.glob(f"{batch or '*'}/{name}.jsonl"))
        layers = [layer for file in files for layer in jsonl.read(file, AnnotationLayer) if layer.confirmed]
    named = by_name(layers)  # a batch that asks so has nothing to mark
    layers = [layer for layer in layers if layer.batch not in named]
    layers.sort(key=lambda layer: (layer.batch == given.batch, layer.batch))
    texts = {article.id: article.text_sha256 for article in articles}
    found = {layer.article_id: layer for layer in layers if texts.get(layer.article_id) == layer.text_sha256}
    if not found:
        raise MissingFileError(
            f"{name} has confirmed nothing of these articles",
            location=given.workspace.layers,
            hint="name who has, or the batch too, as layer:b00/A1",
        )
    suggested = {"annotator": by, "batch": given.batch, "confirmed": False, "comments": (), "prelabels": msgspec.UNSET}
    return [msgspec.structs.replace(layer, **suggested) for layer in found.values()]


def _marked(given: Given, by: str, article: Article, spans: Iterable[tuple[int, int, str]]) -> AnnotationLayer:
    return marked(article, spans, by=by, batch=given.batch, versions=given.versions)


_SOURCES: dict[str, Callable[[Given, str, list[Article]], list[AnnotationLayer]]] = {
    GAZETTEER: _by_gazetteer,
    MODEL: _by_model,
    LAYER: _by_layer,
}
