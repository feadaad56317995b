"""Sources of pre-labels: a gazetteer, a model or an earlier layer; suggestions are made once per article."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Literal

import msgspec

from goldwire.adjudication.merging import merge_gold, target_batches
from goldwire.errors import ConfigError, ConflictError, MissingFileError
from goldwire.prelabeling.gazetteer import Gazetteer, build_gazetteer
from goldwire.prelabeling.layers import clip_to_window, restrict_to_schema, suggestion_layer
from goldwire.quantities import quantity
from goldwire.records import GOLD, AnnotationLayer, Article, Task, is_machine
from goldwire.workspace import jsonl, loading
from goldwire.workspace.indexed_jsonl import RecordLookup
from goldwire.workspace.label_schema import Schema
from goldwire.workspace.layout import Workspace

__all__ = [
    "PrelabelRequest",
    "PrelabelSource",
    "PrelabelSummary",
    "gazetteer_of_gold",
    "holdout_articles",
    "parse_source",
    "read_prelabels",
    "suggest_labels",
    "summarize",
    "without_holdout",
]

SourceKind = Literal["gazetteer", "model", "layer"]


class PrelabelSource(msgspec.Struct, frozen=True, kw_only=True):
    """Source of suggested labels: a gazetteer, a model by name or folder, or the layer of an annotator.

    `str()` is the form of the command line and of the files: `gazetteer`, `model:NAME`, `layer:[BATCH/]ANNOTATOR`.
    """

    kind: SourceKind
    name: str = ""
    batch: str = ""

    def __str__(self) -> str:
        path = f"{self.batch}/{self.name}" if self.batch else self.name
        return f"{self.kind}:{path}" if path else self.kind

    def public(self) -> PrelabelSource:
        """Return the source as files in git name it: a model in a folder without the path on this machine."""
        if self.kind != "model":
            return self
        return msgspec.structs.replace(self, name=Path(self.name).resolve().name)


def parse_source(text: str, default_model: str | None = None) -> PrelabelSource:
    """Return the source that `text` names; raise ConfigError if it names none.

    `default_model` is the model of plain `model`.
    """
    kind, _, name = text.partition(":")
    if kind == "gazetteer" and not name:
        return PrelabelSource(kind="gazetteer")
    if kind == "model":
        if not (name or default_model):
            hint = "write model:NAME, or set prelabel_model under [tool.goldwire]"
            raise ConfigError("no model is named", hint=hint)
        return PrelabelSource(kind="model", name=name or default_model or "")
    if is_machine(text):
        return PrelabelSource(kind="layer", name=text)
    if kind == "layer" and name:
        batch, _, annotator = name.rpartition("/")
        return PrelabelSource(kind="layer", name=annotator, batch=batch)
    raise ConfigError(
        f"unknown source of pre-labels {text!r}",
        hint="choose gazetteer, model, model:NAME, M1, layer:ANNOTATOR or layer:BATCH/ANNOTATOR",
    )


class PrelabelRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A batch that needs suggestions: its tasks, their articles, the labels, the versions of guidelines and schema."""

    workspace: Workspace
    batch: str
    tasks: tuple[Task, ...]
    articles: RecordLookup[Article]
    schema: Schema
    versions: tuple[str, str]


class PrelabelSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Number of suggested labels of a batch, and their source.

    `articles` have at least one suggestion, of `planned`; `without` counts tasks that were on the server before and
    start without suggestions; `holdout` counts articles that start without any on purpose.
    """

    source: str
    labels: int
    articles: int
    planned: int
    without: int = 0
    holdout: int = 0

    def to_text(self) -> str:
        """Return the summary for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield (
            f"{self.source} suggests {quantity(self.labels, 'label')} in {self.articles} of "
            f"{quantity(self.planned, 'article')}"
        )
        if self.holdout:
            blank = quantity(self.holdout, "article starts", "articles start")
            yield f"holdout: {blank} blank, and `goldwire agree` compares"
        if self.without:
            yield (
                f"no suggestions for {quantity(self.without, 'task')} on the server before: to add them, delete "
                "untouched tasks in the browser, and push again"
            )


def summarize(
    suggested: Mapping[str, AnnotationLayer], tasks: Iterable[Task], started: Sequence[Set[str]]
) -> PrelabelSummary | None:
    """Return the number of suggestions, or None if nothing was ever suggested.

    `started` has, per annotator, the ids of the tasks that started with suggestions on the server.
    """
    if not suggested:
        return None
    assignments, anywhere, labels = 0, set().union(*started), Counter[str]()
    shown = without_holdout(suggested)
    for task in tasks:
        assignments += len(task.annotators) if task.article_id in shown else 0
        if task.id in anywhere:
            clipped = clip_to_window(suggested[task.article_id], task)
            labels[task.article_id] += len(clipped.spans) + len(clipped.stances)
    return PrelabelSummary(
        source=next(iter(suggested.values())).annotator,
        labels=labels.total(),
        articles=sum(map(bool, labels.values())),
        planned=len(shown),
        without=assignments - sum(map(len, started)),
        holdout=len(suggested) - len(shown),
    )


def without_holdout(suggested: Mapping[str, AnnotationLayer]) -> dict[str, AnnotationLayer]:
    """Return the suggestions that annotators see."""
    return {key: layer for key, layer in suggested.items() if layer.holdout is msgspec.UNSET}


def suggest_labels(
    request: PrelabelRequest, source: str | None, holdout: float | None = None
) -> dict[str, AnnotationLayer]:
    """Return the suggested layers by article id; empty if nothing was ever suggested and `source` is None.

    A random share `holdout` of the articles is marked: their annotators start without suggestions. Default: none, or
    what is marked already.

    The file of suggestions is as much a part of the plan as the tasks: its articles keep their suggestions, so that a
    repeated push suggests the same even if the gold layers have grown. New articles get suggestions of the same source.
    """
    known = read_prelabels(request.workspace, request.batch)
    text = source if source is not None else next((layer.annotator for layer in known.values()), None)
    if text is None:
        if holdout is not None:
            raise ConfigError("--holdout without pre-labels", hint="add --prelabel SOURCE")
        return {}
    parsed = parse_source(text, request.workspace.settings.prelabel_model)
    name = str(parsed.public())
    _refuse_other_source(request, known, name)
    wanted = {task.article_id: request.articles[task.article_id] for task in request.tasks if task.kind == "entities"}
    if not wanted:
        raise ConfigError(f"batch {request.batch!r} has no entity tasks", hint="only these can be pre-labelled")
    held_out = _holdout(request, known, wanted, holdout)
    missing = [article for key, article in sorted(wanted.items()) if key not in known]
    if missing:
        suggested = {layer.article_id: layer for layer in _SUGGESTERS[parsed.kind](request, parsed, missing)}
        for article in missing:
            # An article without suggestions is stored too: this must not change once its task is on the server.
            layer = suggested.get(article.id) or _layer(request, name, article, ())
            layer = msgspec.structs.replace(layer, annotator=name)
            marked = msgspec.structs.replace(layer, holdout=True) if article.id in held_out else layer
            known[article.id] = restrict_to_schema(marked, request.schema)
        path = request.workspace.prelabels_file(request.batch)
        jsonl.write(path, known.values(), key=lambda layer: layer.article_id)
    return known


def _holdout(
    request: PrelabelRequest, known: Mapping[str, AnnotationLayer], wanted: Iterable[str], share: float | None
) -> Set[str]:
    """Return the articles of the holdout; raise ConflictError if the batch has another one already."""
    marked = known.keys() - without_holdout(known).keys()
    if share is None:
        return marked
    if not 0 <= share < 1:
        raise ConfigError(f"the holdout is {share}", hint="use a share from 0 to below 1, as 0.2")
    drawn = holdout_articles(wanted, share, f"{request.workspace.settings.seed}\0{request.batch}")
    if known and marked != drawn & known.keys():
        raise ConflictError(
            f"batch {request.batch!r} is already pre-labelled with {quantity(len(marked), 'article')} in the holdout",
            location=request.workspace.prelabels_file(request.batch),
            hint="leave out --holdout: what annotators have seen cannot be drawn again",
        )
    return drawn


def holdout_articles(articles: Iterable[str], share: float, key: str) -> frozenset[str]:
    """Return a random share of the articles, rounded, and at least one unless it is 0; `key` is the seed.

    Examples
    --------
    >>> from goldwire.prelabeling.sources import holdout_articles
    >>> sorted(holdout_articles([f"wire-{number}" for number in range(10)], 0.2, "13"))
    ['wire-6', 'wire-8']
    """
    ordered = sorted(articles, key=lambda name: hashlib.sha256(f"{key}\0holdout\0{name}".encode()).digest())
    return frozenset(ordered[: max(round(share * len(ordered)), 1) if share else 0])


def _refuse_other_source(request: PrelabelRequest, known: Mapping[str, AnnotationLayer], name: str) -> None:
    other = next((layer.annotator for layer in known.values()), name)
    if other != name:
        raise ConflictError(
            f"batch {request.batch!r} is already pre-labelled by {other}",
            location=request.workspace.prelabels_file(request.batch),
            hint=f"keep it, or delete the file: tasks on the server keep what {other} suggested",
        )


def read_prelabels(workspace: Workspace, batch: str) -> dict[str, AnnotationLayer]:
    """Return the suggested layers of a batch, by article id."""
    path = workspace.prelabels_file(batch)
    return {layer.article_id: layer for layer in jsonl.read(path, AnnotationLayer)} if path.exists() else {}


def _suggest_by_gazetteer(
    request: PrelabelRequest, source: PrelabelSource, articles: list[Article]
) -> list[AnnotationLayer]:
    """Suggest names of the gold layers of all other articles; those of the batch would reveal its own answers.

    Articles that were only asked about stance are left out, because their names were not annotated.
    """
    gazetteer = gazetteer_of_gold(request.workspace, {task.article_id for task in request.tasks})
    return [_layer(request, str(source), article, gazetteer.find(article.text)) for article in articles]


def gazetteer_of_gold(workspace: Workspace, excluded: Set[str]) -> Gazetteer:
    """Return the names in the gold of all articles but `excluded`; raise MissingFileError if there are none."""
    gold = [
        combined.layer
        for key, combined in merge_gold(loading.gold(workspace)).items()
        if combined.has_entities and key not in excluded
    ]
    gazetteer = build_gazetteer(gold, {key: article.text for key, article in loading.articles(workspace).items()})
    if not gazetteer.labels:
        raise MissingFileError(
            "no gold layers to build a gazetteer from",
            location=workspace.gold,
            hint="run `goldwire adjudicate` on another batch first; the batch's own articles do not count",
        )
    return gazetteer


def _suggest_by_model(
    request: PrelabelRequest, source: PrelabelSource, articles: list[Article]
) -> list[AnnotationLayer]:
    from goldwire.prelabeling import ner_models

    recognize = ner_models.load_recognizer(
        source.name, request.schema.entity_labels, tuple(label.description for label in request.schema.entity)
    )
    entities = recognize(article.text for article in articles)
    return [
        _layer(request, str(source), article, [span[:3] for span in spans])
        for article, spans in zip(articles, entities, strict=True)
    ]


def _suggest_by_layer(
    request: PrelabelRequest, source: PrelabelSource, articles: list[Article]
) -> list[AnnotationLayer]:
    """Suggest what an annotator, an expert or `gold` confirmed for the same text: in this batch, else in the last."""
    if source.name == GOLD:
        layers = [layer for layer in loading.gold(request.workspace) if source.batch in ("", layer.batch)]
    else:
        files = sorted(request.workspace.layers.glob(f"{source.batch or '*'}/{source.name}.jsonl"))
        layers = [layer for file in files for layer in jsonl.read(file, AnnotationLayer) if layer.confirmed]
    stance_batches = target_batches(layers)  # batches of stance tasks have no spans
    layers = [layer for layer in layers if layer.batch not in stance_batches]
    layers.sort(key=lambda layer: (layer.batch == request.batch, layer.batch))
    texts = {article.id: article.text_sha256 for article in articles}
    suggested = {layer.article_id: layer for layer in layers if texts.get(layer.article_id) == layer.text_sha256}
    if not suggested:
        raise MissingFileError(
            f"{source.name} has no confirmed layer of these articles",
            location=request.workspace.layers,
            hint="name another annotator, or the batch too, as layer:b00/A1",
        )
    changes = {
        "annotator": str(source),
        "batch": request.batch,
        "confirmed": False,
        "comments": (),
        "prelabels": msgspec.UNSET,
        "machine": msgspec.UNSET,
        "inclusion_probability": msgspec.UNSET,
    }
    return [msgspec.structs.replace(layer, **changes) for layer in suggested.values()]


def _layer(
    request: PrelabelRequest, source: str, article: Article, spans: Iterable[tuple[int, int, str]]
) -> AnnotationLayer:
    return suggestion_layer(article, spans, by=source, batch=request.batch, versions=request.versions)


Suggester = Callable[[PrelabelRequest, PrelabelSource, list[Article]], list[AnnotationLayer]]
_SUGGESTERS: dict[SourceKind, Suggester] = {
    "gazetteer": _suggest_by_gazetteer,
    "model": _suggest_by_model,
    "layer": _suggest_by_layer,
}
