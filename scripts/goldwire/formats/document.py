"""Documents with labels of any number of annotators, as all formats exchange them, and what a format can hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from goldwire.errors import DataError
from goldwire.records import AnnotationLayer, SpanLabel, StanceLabel, number_layer, text_digest
from goldwire.text.tokenization import tokens

__all__ = [
    "ANONYMOUS",
    "Capabilities",
    "Document",
    "Format",
    "Labels",
    "Relation",
    "Span",
    "document_label",
    "documents_of",
    "latest_labels",
    "layers_of",
    "losses",
    "merge_annotators",
    "split_losses",
    "tokens_of",
    "without_losses",
]

_SPACE = re.compile(r"\s")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0, production 2 (Char)

ANONYMOUS = "anonymous"
"""The annotator of a file that names none. It is no pseudonym: `import` replaces it by one."""


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A labelled span.

    `start` and `end` are code points of the document's text, half-open. `attributes` and `note` are what some tools
    store with a span.
    """

    start: int
    end: int
    label: str
    attributes: dict[str, str] = {}
    note: str | None = None


class Relation(msgspec.Struct, frozen=True, kw_only=True):
    """A labelled relation from a holder to a target.

    `holder` and `target` are positions in `Labels.spans`. No holder stands for the text's own voice. Of `target` and
    `target_name` (a target that is named without a span) exactly one is set.
    """

    label: str
    holder: int | None = None
    target: int | None = None
    target_name: str | None = None
    note: str | None = None


class Labels(msgspec.Struct, frozen=True, kw_only=True):
    """All labels of one annotator for one document. `complete` is False if the annotator has not finished."""

    annotator: str
    spans: tuple[Span, ...] = ()
    relations: tuple[Relation, ...] = ()
    comments: tuple[str, ...] = ()
    complete: bool = True


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A text with the labels of its annotators.

    `tokens` has the offsets of the words, where the format stores words. `metadata` has further values of the tool.
    """

    id: str
    text: str
    labels: tuple[Labels, ...] = ()
    tokens: tuple[tuple[int, int], ...] | None = None
    metadata: dict[str, str] = {}


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """The capabilities of a format. Everything else is a loss, which `losses` counts before anything is written."""

    imports: bool = True  # whether goldwire reads it
    exports: bool = True  # whether goldwire writes it
    text: bool = True  # the exact text with its white space
    nested_spans: bool = True  # a span within another, or two of the same extent
    crossing_spans: bool = True
    token_boundaries: bool = False  # spans must start and end at the borders of tokens
    relations: bool = True
    voice: bool = True  # relations without a holder
    named_targets: bool = True
    several_annotators: bool = True
    attributes: bool = False
    notes: bool = False
    comments: bool = True
    completeness: bool = True  # whether an annotator has finished a document
    spaced_names: bool = True  # names of labels with white space
    control_characters: bool = True  # characters that XML does not allow


class Format(Protocol):
    """A format: one object per module.

    Attributes
    ----------
    name : str
        The name on the command line, such as `brat`.
    title : str
        The name in prose, such as `brat stand-off`.
    capabilities : Capabilities
        What it can hold.
    package : str or None
        The package that it needs, if any.
    """

    name: str
    title: str
    capabilities: Capabilities
    package: str | None

    def matches(self, path: Path) -> bool:
        """Whether the file or folder looks like this format."""
        ...

    def read(self, path: Path) -> Iterator[Document]:
        """Yield the documents of a file or folder. Raises DataError with the location of what cannot be read."""
        ...

    def write(self, documents: Iterable[Document], path: Path) -> None:
        """Write documents that have no losses to a new file or folder."""
        ...


def document_label(question: str, values: Iterable[object]) -> Relation:
    """Return an answer about the whole document: a relation to the question. Several values are one answer.

    Examples
    --------
    >>> document_label("topic", ["port", "law"]).label
    'law, port'
    """
    return Relation(label=", ".join(sorted(map(str, values))), target_name=question)


def losses(documents: Iterable[Document], capabilities: Capabilities) -> Counter[str]:
    """Count what a format cannot hold, by kind in words.

    Examples
    --------
    >>> labels = Labels(annotator="A1", relations=(Relation(label="supports", target_name="Peace"),))
    >>> document = Document(id="d", text="Yes.", labels=(labels,))
    >>> losses([document], Capabilities(named_targets=False, voice=True))
    Counter({'relations to a named target': 1})
    """
    lost: Counter[str] = Counter()
    for document in documents:
        lost.update(split_losses(document, capabilities)[1])
    return lost


def without_losses(document: Document, capabilities: Capabilities) -> Document:
    """Return the document without what a format cannot hold."""
    return split_losses(document, capabilities)[0]


def split_losses(document: Document, capabilities: Capabilities) -> tuple[Document, Counter[str]]:
    """Return the document without what a format cannot hold, and the number of losses by kind in words.

    For a format whose spans are words, the result has the words, so that they are computed once.
    """
    lost: Counter[str] = Counter()
    words = tokens_of(document) if capabilities.token_boundaries else document.tokens
    text = document.text if capabilities.control_characters else _CONTROL.sub("\ufffd", document.text)
    if text is not document.text:
        lost["control characters of texts"] = sum(map(str.__ne__, text, document.text))
    chosen = document.labels if capabilities.several_annotators else document.labels[:1]
    lost["annotators after the first"] = len(document.labels) - len(chosen)
    labels = tuple(_split_label_losses(own, words or (), capabilities, lost) for own in chosen)
    return msgspec.structs.replace(document, text=text, tokens=words, labels=labels), +lost


def _split_label_losses(
    labels: Labels, words: Sequence[tuple[int, int]], capabilities: Capabilities, lost: Counter[str]
) -> Labels:
    """Return what the format can hold of one annotator's labels; the rest is counted in `lost`."""
    retained = _retained_spans(labels.spans, words, capabilities)
    lost.update(retained.dropped)
    spans = [_fitted_span(labels.spans[number], capabilities, lost) for number in retained.positions]
    relations = []
    for relation in labels.relations:
        reason = _relation_loss(relation, retained.positions, capabilities)
        if reason is None:
            relations.append(_fitted_relation(relation, retained.positions, capabilities, lost))
        else:
            lost[reason] += 1
            lost["notes"] += relation.note is not None and not capabilities.notes
    if not capabilities.notes:
        lost["notes"] += sum(span.note is not None for span in labels.spans)
    if not capabilities.attributes:
        lost["attributes of spans"] += sum(len(span.attributes) for span in labels.spans)
    if not capabilities.comments:
        lost["comments"] += len(labels.comments)
    if not capabilities.completeness and not labels.complete:
        lost["marks that a document is unfinished"] += 1
    return Labels(
        annotator=labels.annotator,
        spans=tuple(spans),
        relations=tuple(relations),
        comments=labels.comments if capabilities.comments else (),
        complete=labels.complete or not capabilities.completeness,
    )


def _fitted_span(span: Span, capabilities: Capabilities, lost: Counter[str]) -> Span:
    label = _fitted_name(span.label, capabilities, lost)
    has_attributes = bool(span.attributes) and not capabilities.attributes
    has_note = span.note is not None and not capabilities.notes
    if label == span.label and not has_attributes and not has_note:
        return span
    return Span(
        start=span.start,
        end=span.end,
        label=label,
        attributes={} if has_attributes else span.attributes,
        note=None if has_note else span.note,
    )


def _fitted_relation(
    relation: Relation, positions: Mapping[int, int], capabilities: Capabilities, lost: Counter[str]
) -> Relation:
    if relation.note is not None and not capabilities.notes:
        lost["notes"] += 1
    return Relation(
        label=_fitted_name(relation.label, capabilities, lost),
        holder=None if relation.holder is None else positions[relation.holder],
        target=None if relation.target is None else positions[relation.target],
        target_name=relation.target_name,
        note=relation.note if capabilities.notes else None,
    )


def _fitted_name(label: str, capabilities: Capabilities, lost: Counter[str]) -> str:
    if capabilities.spaced_names or not _SPACE.search(label):
        return label
    lost["blanks in the names of labels (written as _)"] += 1
    return _SPACE.sub("_", label)


class _Retained(msgspec.Struct):
    """The spans that a format can hold (old position: new position), and the reason for each other one."""

    positions: dict[int, int]
    dropped: list[str]


def _retained_spans(spans: Sequence[Span], words: Sequence[tuple[int, int]], capabilities: Capabilities) -> _Retained:
    """Choose spans in the order of their start, the longer one first, so that the outermost span is retained."""
    if capabilities.nested_spans and capabilities.crossing_spans and not capabilities.token_boundaries:
        return _Retained({number: number for number in range(len(spans))}, [])
    chosen: list[int] = []
    dropped: list[str] = []
    starts, ends = {start for start, _ in words}, {end for _, end in words}
    order = sorted(range(len(spans)), key=lambda number: _outermost_first(spans[number]))
    open_spans: list[Span] = []
    for number in order:
        span = spans[number]
        open_spans = [other for other in open_spans if other.end > span.start]
        if capabilities.token_boundaries and not (span.start in starts and span.end in ends):
            dropped.append("spans that start or end within a token")
        elif not capabilities.crossing_spans and any(span.end > other.end for other in open_spans):
            dropped.append("spans that cross another span")
        elif not capabilities.nested_spans and any(span.end <= other.end for other in open_spans):
            dropped.append("spans within another span")
        else:
            chosen.append(number)
            open_spans.append(span)
    chosen.sort()
    return _Retained({old: new for new, old in enumerate(chosen)}, dropped)


def _outermost_first(span: Span) -> tuple[int, int, str]:
    return span.start, -span.end, span.label


def _relation_loss(relation: Relation, positions: Mapping[int, int], capabilities: Capabilities) -> str | None:
    if not capabilities.relations:
        return "relations"
    if relation.holder is None and not capabilities.voice:
        return "relations without a holder"
    if relation.target_name is not None and not capabilities.named_targets:
        return "relations to a named target"
    ends = [end for end in (relation.holder, relation.target) if end is not None]
    return None if all(end in positions for end in ends) else "relations of a span that cannot be carried"


def tokens_of(document: Document) -> tuple[tuple[int, int], ...]:
    """Return the offsets of the document's words: its own, or those of `goldwire.text.tokenization`."""
    return document.tokens if document.tokens is not None else tuple(tokens(document.text))


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
