"""One text in several renditions, which differ in white space, line ends and composed characters: labels move along.

Tools change white space: CoNLL stores words, browsers trim lines and Windows adds carriage returns. Everything else of
a text is compared exactly.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

import msgspec

from goldwire.formats.document import Document, Labels, Span
from goldwire.records import text_digest

__all__ = ["fingerprint", "move_labels"]

_MARK = "\ufeff"  # a byte order mark is no part of a text


def fingerprint(text: str) -> str:
    """Return a digest that is equal for all renditions of a text.

    Examples
    --------
    >>> fingerprint("Ada met\\r\\nBen .") == fingerprint(" Ada met Ben.")
    True
    """
    return text_digest("".join(unicodedata.normalize("NFC", text).replace(_MARK, " ").split()))


def move_labels(document: Document, text: str) -> Document:
    r"""Return the document with another rendition of its text, and the offsets of its spans there.

    A span starts and ends at a character that is no white space. Spans of white space alone are left out, as are the
    relations of these.

    Parameters
    ----------
    document : Document
    text : str
        A text with the fingerprint of the document's.

    Examples
    --------
    >>> labels = Labels(annotator="A1", spans=(Span(start=5, end=8, label="PER"),))
    >>> document = Document(id="d", text="Ada\r\nBen .", labels=(labels,))
    >>> move_labels(document, "Ada Ben.").labels[0].spans[0].start
    4
    """
    old, new = _Characters(document.text), _Characters(text)
    return msgspec.structs.replace(
        document, text=text, tokens=None, labels=tuple(_move_labels(own, old, new) for own in document.labels)
    )


class _Characters:
    """The characters of a text that are no white space, composed, each with its offsets in the text."""

    def __init__(self, text: str) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []
        for start, end, count in _clusters(text):
            self.starts += [start] * count
            self.ends += [end] * count

    def range_of(self, span: Span) -> tuple[int, int]:
        """Return the numbers of the first character of a span and of the one after its last."""
        return bisect_right(self.ends, span.start), bisect_left(self.starts, span.end)


def _clusters(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield (start, end, number of composed characters) of the pieces of a text that compose independently."""
    if unicodedata.is_normalized("NFC", text):
        yield from ((offset, offset + 1, 1) for offset, character in enumerate(text) if not _is_space(character))
        return
    start, composed = 0, ""
    for offset, character in enumerate(text):
        own = unicodedata.normalize("NFC", character)
        joined = unicodedata.normalize("NFC", composed + character)
        if offset and joined == composed + own:
            yield from _without_space(start, offset, composed)
            start, composed = offset, own
        else:
            composed = joined
    yield from _without_space(start, len(text), composed)


def _without_space(start: int, end: int, composed: str) -> Iterator[tuple[int, int, int]]:
    count = sum(not _is_space(character) for character in composed)
    if count:
        yield start, end, count


def _is_space(character: str) -> bool:
    return character.isspace() or character == _MARK


def _move_labels(labels: Labels, old: _Characters, new: _Characters) -> Labels:
    spans: list[Span] = []
    positions: dict[int, int] = {}
    for number, span in enumerate(labels.spans):
        first, end = old.range_of(span)
        if first < end:
            positions[number] = len(spans)
            spans.append(msgspec.structs.replace(span, start=new.starts[first], end=new.ends[end - 1]))
    relations = tuple(
        msgspec.structs.replace(
            relation,
            holder=None if relation.holder is None else positions[relation.holder],
            target=None if relation.target is None else positions[relation.target],
        )
        for relation in labels.relations
        if all(end is None or end in positions for end in (relation.holder, relation.target))
    )
    return msgspec.structs.replace(labels, spans=tuple(spans), relations=relations)
