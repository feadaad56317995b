"""The capabilities of formats, and the losses of a document that is written in one of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from goldwire.formats.document import Document, Labels, Relation, Span, tokens_of

__all__ = ["Capabilities", "Format", "document_losses", "losses", "split_losses", "without_losses"]

_SPACE = re.compile(r"\s")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0, production 2 (Char)


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """The capabilities of a format. Everything else is a loss, which `losses` counts before anything is written."""

    imports: bool = True  # whether goldwire reads it
    exports: bool = True  # whether goldwire writes it
    text: bool = True  # the exact text with its white space
    nested_spans: bool = True  # a span within another, or two of the same extent
    crossing_spans: bool = True
    empty_documents: bool = True  # documents without a word
    token_boundaries: bool = False  # spans must start and end at the borders of tokens
    relations: bool = True
    parallel_relations: bool = True  # several from one holder to one target
    voice: bool = True  # relations without a holder
    named_targets: bool = True
    question: str | None = None  # the question about the whole text whose answers it holds, if it holds no others
    several_annotators: bool = True
    attributes: bool = False
    notes: bool = False
    comments: bool = True
    unrelated: bool = True  # documents without a relation
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
        lost.update(document_losses(document, capabilities) or split_losses(document, capabilities)[1])
    return lost


def document_losses(document: Document, capabilities: Capabilities) -> Counter[str]:
    """Count a document that a format cannot hold at all, and its labels; nothing for any other document.

    Examples
    --------
    >>> document = Document(id="d", text=" ", labels=(Labels(annotator="A1"),))
    >>> document_losses(document, Capabilities(empty_documents=False))
    Counter({'documents without a word': 1})
    """
    labels = document.labels
    if not capabilities.empty_documents and not tokens_of(document):
        reason = "documents without a word"
    elif not capabilities.unrelated and not any(own.relations for own in labels):
        reason = "documents without a relation"
    else:
        return Counter()
    n_spans, n_relations = sum(len(own.spans) for own in labels), sum(len(own.relations) for own in labels)
    return +Counter({reason: 1, f"spans of {reason}": n_spans, f"relations of {reason}": n_relations})


def without_losses(document: Document, capabilities: Capabilities) -> Document:
    """Return the document without what a format cannot hold."""
    return split_losses(document, capabilities)[0]


def split_losses(document: Document, capabilities: Capabilities) -> tuple[Document, Counter[str]]:
    """Return the document without what a format cannot hold, and the number of losses by kind in words.

    For a format whose spans are words, the result has the words, so that they are computed once.
    """
    lost: Counter[str] = Counter()
    words = tokens_of(document) if capabilities.token_boundaries else None
    text = document.text if capabilities.control_characters else _CONTROL.sub("\ufffd", document.text)
    if text is not document.text:
        lost["control characters of texts"] = sum(map(str.__ne__, text, document.text))
    chosen = document.labels if capabilities.several_annotators else document.labels[:1]
    lost["annotators after the first"] = len(document.labels) - len(chosen)
    labels = tuple(_split_label_losses(own, words or (), capabilities, lost) for own in chosen)
    tokens = document.tokens if words is None else words
    return msgspec.structs.replace(document, text=text, tokens=tokens, labels=labels), +lost


def _split_label_losses(
    labels: Labels, words: Sequence[tuple[int, int]], capabilities: Capabilities, lost: Counter[str]
) -> Labels:
    """Return what the format can hold of one annotator's labels; the rest is counted in `lost`."""
    retained = _retained_spans(labels.spans, words, capabilities)
    lost.update(retained.dropped)
    spans = [_fitted_span(labels.spans[number], capabilities, lost) for number in retained.positions]
    relations = []
    given = labels.relations if capabilities.parallel_relations else _last_of_each_pair(labels)
    lost["relations before another one from the same holder to the same target"] += len(labels.relations) - len(given)
    for relation in given:
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


def _last_of_each_pair(labels: Labels) -> tuple[Relation, ...]:
    spans = labels.spans
    by_ends: dict[tuple[object, ...], Relation] = {}
    for relation in labels.relations:
        ends = (None if end is None else spans[end] for end in (relation.holder, relation.target))
        places = (None if span is None else (span.start, span.end, span.label) for span in ends)
        by_ends[(*places, relation.target_name)] = relation
    return tuple(by_ends.values())


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
    is_answer = relation.holder is None and relation.target is None
    if is_answer and capabilities.question is not None and relation.target_name == capabilities.question:
        return None
    if not capabilities.relations:
        return "relations"
    if relation.holder is None and not capabilities.voice:
        return "relations without a holder"
    if relation.target_name is not None and not capabilities.named_targets:
        return "relations to a named target"
    ends = [end for end in (relation.holder, relation.target) if end is not None]
    return None if all(end in positions for end in ends) else "relations of a span that cannot be carried"
