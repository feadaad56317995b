"""One text in several renditions: the same fingerprint, and spans with the same characters."""

from __future__ import annotations

import random
import unicodedata

import pytest

from goldwire.formats.document import Document, Labels, Relation, Span
from goldwire.formats.text_matching import fingerprint, move_labels
from goldwire.text.tokenization import tokens
from support.random_documents import random_documents


def characters(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).replace("\ufeff", " ").split())


def rendition(text: str, rng: random.Random) -> str:
    """The text with other white space and, at random, decomposed characters."""
    spaced = "".join(rng.choice((" ", "\r\n", "\t", "")) if c.isspace() else c for c in text)
    changed = rng.choice(("\ufeff", " ", "")) + spaced + rng.choice((" \n", ""))
    return unicodedata.normalize(rng.choice(("NFC", "NFD")), changed)


def spans_of_words(document: Document) -> Document:
    """The document without spans that divide a word, or that are a byte order mark alone."""
    starts, ends = (set(offsets) for offsets in zip(*tokens(document.text), strict=True))
    chosen = [
        Labels(
            annotator=labels.annotator,
            spans=tuple(
                span
                for span in labels.spans
                if span.start in starts and span.end in ends and characters(document.text[span.start : span.end])
            ),
        )
        for labels in document.labels
    ]
    return Document(id=document.id, text=document.text, labels=tuple(chosen))


@pytest.mark.parametrize("seed", range(3))
def test_spans_have_the_same_characters_in_another_rendition(seed: int) -> None:
    rng = random.Random(seed)
    moved_spans = 0
    for document in map(spans_of_words, random_documents(300, seed)):
        text = rendition(document.text, rng)
        if characters(text) != characters(document.text):  # white space between a letter and a mark was left out
            continue
        assert fingerprint(text) == fingerprint(document.text)
        moved = move_labels(document, text)
        for before, after in zip(document.labels, moved.labels, strict=True):
            for old, new in zip(before.spans, after.spans, strict=True):
                surface = document.text[old.start : old.end]
                assert characters(text[new.start : new.end]) == characters(surface), (document.text, text, old, new)
                moved_spans += 1
    assert moved_spans > 1000


def test_a_span_of_white_space_is_left_out_with_its_relations() -> None:
    spans = (Span(start=0, end=3, label="PER"), Span(start=3, end=5, label="X"), Span(start=5, end=8, label="PER"))
    relations = (Relation(label="supports", holder=0, target=1), Relation(label="opposes", holder=0, target=2))
    labels = Labels(annotator="A1", spans=spans, relations=relations)
    (moved,) = move_labels(Document(id="d", text="Ada  Ben", labels=(labels,)), "Ada\nBen").labels
    assert [(span.start, span.end) for span in moved.spans] == [(0, 3), (4, 7)]
    assert moved.relations == (Relation(label="opposes", holder=0, target=1),)


def test_other_words_are_another_text() -> None:
    assert fingerprint("Ada met Ben.") != fingerprint("Ada met Bea.")
    assert fingerprint("Ada met Ben.") != fingerprint("ada met ben.")
