"""BIO tags: each token has one tag, and the longest of overlapping spans wins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.records import SpanLabel
from goldwire.text.bio_tags import bio_tags, count_misaligned_spans, count_untagged_spans
from goldwire.text.tokenization import tokens

TEXT = "Ada Ito met Bo Lund of Northmoor"


def span(start: int, end: int, label: str = "PER") -> SpanLabel:
    return SpanLabel(id=f"T{start}", start=start, end=end, label=label, text=TEXT[start:end])


@pytest.mark.parametrize(
    ("spans", "tags"),
    [
        ([], "O O O O O O O"),
        ([span(0, 7)], "B-PER I-PER O O O O O"),
        ([span(0, 7), span(12, 19)], "B-PER I-PER O B-PER I-PER O O"),
        ([span(12, 19), span(12, 32, "ORG")], "O O O B-ORG I-ORG I-ORG I-ORG"),
        ([span(0, 11, "ORG"), span(4, 14)], "B-ORG I-ORG I-ORG O O O O"),
        ([span(1, 5)], "B-PER I-PER O O O O O"),
        ([span(3, 4)], "O O O O O O O"),
    ],
)
def test_tags_of_spans(spans: list[SpanLabel], tags: str) -> None:
    found = bio_tags(tokens(TEXT), spans)
    assert " ".join(found) == tags
    assert count_untagged_spans(len(spans), found) == len(spans) - tags.count("B-")


@given(st.lists(st.tuples(st.integers(0, 31), st.integers(1, 12), st.sampled_from(["PER", "ORG"])), max_size=8))
def test_every_tagged_token_is_in_a_span_and_the_longest_span_wins(drawn: list[tuple[int, int, str]]) -> None:
    text_tokens = tokens(TEXT)
    spans = [span(start, min(start + length, 32), label) for start, length, label in drawn]
    tags = bio_tags(text_tokens, spans)
    longest = max(spans, key=lambda one: (one.end - one.start, -one.start), default=None)
    for number, tag in enumerate(tags):
        before = tags[number - 1] if number else "O"
        assert not tag.startswith("I-") or before[2:] == tag[2:]
        start, end = text_tokens[number]
        if tag != "O":
            assert any(span.start < end and span.end > start and span.label == tag[2:] for span in spans)
    if longest is not None:
        inside = [tags[i] for i, (start, end) in enumerate(text_tokens) if longest.start < end and longest.end > start]
        assert "O" not in inside


def test_spans_that_begin_or_end_inside_a_token_are_counted() -> None:
    text = "นายสมชายเดินทางไปเชียงใหม่"
    text_tokens = tokens(text)
    assert [text[start:end] for start, end in text_tokens[:2]] == ["นาย", "สมชาย"]
    assert count_misaligned_spans([(0, 8), (3, 8)], text_tokens) == 0
    assert count_misaligned_spans([(0, 8), (0, 5), (5, 8)], text_tokens) == 2
