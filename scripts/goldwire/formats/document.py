"""Documents with labels of any number of annotators, as all formats exchange them, and what a format can hold."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from goldwire.errors import DataError
from goldwire.quantities import quantity
from goldwire.records import AnnotationLayer, SpanLabel, StanceLabel, number_layer, text_digest
from goldwire.text.tokenization import tokens

__all__ = [
    "ANONYMOUS",
    "Document",
    "Labels",
    "Relation",
    "Span",
    "WordOffsets",
    "document_label",
    "documents_of",
    "label_values",
    "latest_labels",
    "layers_of",
    "merge_annotators",
    "require_label_types",
    "require_spans_within",
    "tokens_of",
]

ANONYMOUS = "anonymous"
"""The annotator of a file that names none. It is no pseudonym: `import` replaces it by one."""

# Nothing here is part of a cycle (gc=False): to walk through all labels again and again, looking for garbage, took half
# of the time of reading 15,000 of them from JSON.


class Span(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A labelled span.

    `start` and `end` are code points of the document's text, half-open. `attributes` and `note` are what some tools
    store with a span.
    """

    start: int
    end: int
    label: str
    attributes: dict[str, str] = {}
    note: str | None = None


class Relation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A labelled relation from a holder to a target.

    `holder` and `target` are positions in `Labels.spans`. No holder stands for the text's own voice. Of `target` and
    `target_name` (a target that is named without a span) exactly one is set.
    """

    label: str
    holder: int | None = None
    target: int | None = None
    target_name: str | None = None
    note: str | None = None


class Labels(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """All labels of one annotator for one document. `complete` is False if the annotator has not finished."""

    annotator: str
    spans: tuple[Span, ...] = ()
    relations: tuple[Relation, ...] = ()
    comments: tuple[str, ...] = ()
    complete: bool = True


class WordOffsets(msgspec.Struct, frozen=True, gc=False):
    """The offsets of the words of a text in two arrays. Pairs are made when it is iterated: few readers need them."""

    starts: array[int]
    ends: array[int]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(self.starts, self.ends, strict=True)


class Document(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A text with the labels of its annotators.

    `tokens` has the offsets of the words, where the format stores words. `metadata` has further values of the tool.
    """

    id: str
    text: str
    labels: tuple[Labels, ...] = ()
    tokens: tuple[tuple[int, int], ...] | WordOffsets | None = None
    metadata: dict[str, str] = {}


def document_label(question: str, values: Iterable[object]) -> Relation:
    """Return an answer about the whole document: a relation to the question. Several values are one answer.

    Examples
    --------
    >>> document_label("topic", ["port", "law"]).label
    'law, port'
    """
    return Relation(label=", ".join(sorted(map(str, values))), target_name=question)


def label_values(relation: Relation) -> list[str]:
    """Return the values of an answer about the whole document: the inverse of `document_label`.

    Examples
    --------
    >>> label_values(document_label("topic", ["port", "law"]))
    ['law', 'port']
    """
    return relation.label.split(", ")


def tokens_of(document: Document) -> tuple[tuple[int, int], ...]:
    """Return the offsets of the document's words: its own, or those of `goldwire.text.tokenization`."""
    return tuple(tokens(document.text) if document.tokens is None else document.tokens)


def merge_annotators(parts: Iterable[tuple[Document, object]]) -> Iterator[Document]:
    """Yield one document per id, with the labels of all parts that have the id, in their order.

    Parameters
    ----------
    parts
        Documents, each with the location of its labels, for errors.

    Raises
    ------
    DataError
        If an id stands for two texts: offsets of one would be read in the other.

    Examples
    --------
    >>> ada, ben = (Document(id="d", text="Yes.", labels=(Labels(annotator=name),)) for name in ("ada", "ben"))
    >>> [len(document.labels) for document in merge_annotators([(ada, "ada.jsonl"), (ben, "ben.jsonl")])]
    [2]
    """
    merged: dict[str, Document] = {}
    for document, location in parts:
        other = merged.get(document.id)
        if other is None:
            merged[document.id] = document
        elif other.text == document.text:
            merged[document.id] = msgspec.structs.replace(other, labels=other.labels + document.labels)
        else:
            hint = "give each text an id of its own, or repair the text that was changed"
            raise DataError(f"document {document.id} has another text here than before", location=location, hint=hint)
    yield from merged.values()


def require_label_types(document: Document, location: object) -> None:
    """Raise DataError for a name that is no string, an offset that is no whole number, or a relation of no span.

    Examples
    --------
    >>> labels = Labels(annotator="ada", spans=(Span(start=0, end="3", label="PER"),))
    >>> require_label_types(Document(id="d", text="Ada.", labels=(labels,)), "a.jsonl")
    Traceback (most recent call last):
    goldwire.errors.DataError: a.jsonl: document d, ada: a span from 0 to '3' with the label 'PER'...
    """
    for labels in document.labels:
        where = f"document {document.id}, {labels.annotator}"
        problem = "" if isinstance(labels.annotator, str) else "the name of the annotator is no string"
        for span in labels.spans:
            if not (type(span.start) is type(span.end) is int and isinstance(span.label, str)):
                problem = f"a span from {span.start!r} to {span.end!r} with the label {span.label!r}"
        for relation in labels.relations:
            ends = [end for end in (relation.holder, relation.target) if end is not None]
            if not (isinstance(relation.label, str) and all(end in range(len(labels.spans)) for end in ends)):
                problem = f"a relation {relation.label!r} of the spans {', '.join(map(str, ends))}"
        if problem:
            hint = "names are strings, offsets are whole numbers, and relations are of spans of the document"
            raise DataError(f"{where}: {problem}", location=str(location), hint=hint)


def require_spans_within(document: Document, location: object) -> None:
    """Raise DataError for a span outside the text of its document, or without a character.

    Examples
    --------
    >>> labels = Labels(annotator="ada", spans=(Span(start=0, end=9, label="PER"),))
    >>> require_spans_within(Document(id="d", text="Ada.", labels=(labels,)), "a.jsonl")
    Traceback (most recent call last):
    goldwire.errors.DataError: a.jsonl: document d, ada: the span [0, 9) is outside its 4 characters...
    """
    length = len(document.text)
    for labels in document.labels:
        for span in labels.spans:
            if not 0 <= span.start < span.end or (length and span.end > length):
                where = f"document {document.id}, {labels.annotator}"
                problem = f"{where}: the span [{span.start}, {span.end}) is outside its {quantity(length, 'character')}"
                hint = "check that its offsets belong to this text"
                raise DataError(problem, location=str(location), hint=hint)


def latest_labels(document: Document) -> Document:
    """Return the document with the last labels of each annotator: those before were replaced by them.

    Examples
    --------
    >>> first, second = Labels(annotator="A1", comments=("unsure",)), Labels(annotator="A1")
    >>> latest_labels(Document(id="d", text="Yes.", labels=(first, second))).labels == (second,)
    True
    """
    latest = {labels.annotator: labels for labels in document.labels}
    return msgspec.structs.replace(document, labels=tuple(latest.values()))


def documents_of(texts: Mapping[str, str], layers: Iterable[AnnotationLayer]) -> list[Document]:
    """Return one document per article, with the labels of its layers in the order of the annotators.

    Parameters
    ----------
    texts
        The text of each article by its id.
    layers
        Layers of these articles.
    """
    by_article: dict[str, list[Labels]] = {}
    for layer in sorted(layers, key=lambda layer: (layer.article_id, layer.annotator)):
        by_article.setdefault(layer.article_id, []).append(_labels_of(layer))
    return [Document(id=name, text=texts[name], labels=tuple(found)) for name, found in sorted(by_article.items())]


def _labels_of(layer: AnnotationLayer) -> Labels:
    positions = {span.id: number for number, span in enumerate(layer.spans)}
    return Labels(
        annotator=layer.annotator,
        spans=tuple(Span(start=span.start, end=span.end, label=span.label) for span in layer.spans),
        relations=tuple(
            Relation(
                label=stance.stance,
                holder=None if stance.holder is None else positions[stance.holder],
                target=None if stance.target is None else positions[stance.target],
                target_name=stance.target_name,
            )
            for stance in layer.stances
        ),
        comments=layer.comments,
        complete=layer.confirmed,
    )


def layers_of(
    documents: Iterable[Document], *, batch: str, guidelines_version: str = "", schema_version: str = ""
) -> Iterator[AnnotationLayer]:
    """Yield one layer per document and annotator.

    Notes of spans and relations become comments; attributes are not stored in layers.
    """
    for document in documents:
        for labels in document.labels:
            spans = [
                SpanLabel(
                    id=f"S{number}",
                    start=span.start,
                    end=span.end,
                    label=span.label,
                    text=document.text[span.start : span.end],
                )
                for number, span in enumerate(labels.spans)
            ]
            stances = [
                StanceLabel(
                    id="R0",
                    holder=None if relation.holder is None else f"S{relation.holder}",
                    target=None if relation.target is None else f"S{relation.target}",
                    target_name=relation.target_name,
                    stance=relation.label,
                )
                for relation in labels.relations
            ]
            numbered_spans, numbered_stances = number_layer(spans, stances)
            notes = [f"{document.text[s.start : s.end]}: {s.note}" for s in labels.spans if s.note is not None]
            yield AnnotationLayer(
                article_id=document.id,
                text_sha256=text_digest(document.text),
                batch=batch,
                annotator=labels.annotator,
                guidelines_version=guidelines_version,
                schema_version=schema_version,
                confirmed=labels.complete,
                spans=numbered_spans,
                stances=numbered_stances,
                comments=(*labels.comments, *notes),
            )
