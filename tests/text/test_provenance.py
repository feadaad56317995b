"""Traced text: slicing, joining and composing keep the origin of every character."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.text.normalization import normalize
from goldwire.text.provenance import TracedText, compose, join, join_wrapped_lines, untraced

RAW = st.lists(st.sampled_from(list("ab é’\u200b\xa0\r\n\t中🚀e\u0301")), max_size=40).map("".join)
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "gb18030", "cp1252", "shift_jis", "iso2022_jp")


@given(RAW)
def test_a_str_is_traced_like_its_utf8_bytes(raw: str) -> None:
    assert normalize(raw).runs() == normalize(raw.encode()).runs()


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(st.data())
def test_runs_are_in_bytes_of_any_encoding(encoding: str, data: st.DataObject) -> None:
    text = data.draw(st.lists(st.sampled_from(list("ab\n中日🚀é€")), max_size=12).map("".join))
    raw = text.encode(encoding, "ignore")
    page = normalize(raw, encoding)
    for run in page.runs():
        if encoding == "iso2022_jp":  # which has shift states: only ASCII can be decoded alone
            assert 0 <= run.raw_start < run.raw_end <= len(raw)
        else:
            assert raw[run.raw_start : run.raw_end].decode(encoding) == page.text[run.start : run.end]


@given(RAW, st.integers(0, 40), st.integers(0, 40))
def test_a_slice_covers_the_same_offsets_as_the_page(raw: str, one: int, other: int) -> None:
    page = normalize(raw)
    start, end = sorted((min(one, len(page.text)), min(other, len(page.text))))
    part = page.slice(start, end)
    assert part.text == page.text[start:end]
    assert covered(part) == {offset - start for offset in covered(page) if start <= offset < end}


def covered(page: TracedText) -> set[int]:
    return {offset for a, b, *_ in page.pieces for offset in range(a, b)}


@given(RAW, st.lists(st.integers(0, 40), max_size=5))
def test_joined_slices_are_the_page(raw: str, drawn: list[int]) -> None:
    page = normalize(raw)
    ends = sorted({min(offset, len(page.text)) for offset in drawn} | {0, len(page.text)})
    parts = [page.slice(start, end) for start, end in pairwise(ends)]
    whole = join(parts, "")
    assert whole.text == page.text
    assert whole.runs() == page.runs()


@given(RAW, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=5), st.booleans())
def test_slices_are_the_same_as_joined_single_slices(raw: str, drawn: list[tuple[int, int]], one_piece: bool) -> None:
    page = (
        TracedText(raw, ((0, len(raw), 3, len(raw) + 3, True),), f"’é\n{raw}") if one_piece and raw else normalize(raw)
    )
    ranges = [sorted((min(a, len(page.text)), min(b, len(page.text)))) for a, b in drawn]
    ranges = [(start, end) for start, end in ranges if start < end]
    slices = page.slices(ranges, "\n\n")
    expected = join([page.slice(start, end) for start, end in ranges], "\n\n")
    assert (slices.text, slices.pieces, slices.runs()) == (expected.text, expected.pieces, expected.runs())


@given(RAW)
def test_composing_with_an_unchanged_text_changes_nothing(raw: str) -> None:
    page = normalize(raw)
    again = compose(normalize(page.text), page)
    assert (again.text, again.runs()) == (page.text, page.runs())


def test_two_changes_are_composed() -> None:
    inner = normalize("a\xa0\xa0b  c")
    outer = TracedText("A-c", ((0, 1, 0, 1, False), (1, 2, 1, 3, False), (2, 3, 4, 5, True)), inner.text)
    composed = compose(outer, inner)
    assert [(run.start, run.end, run.raw_start, run.raw_end) for run in composed.runs()] == [
        (0, 1, 0, 1),
        (1, 2, 1, 6),
        (2, 3, 8, 9),
    ]


def test_a_word_broken_at_its_hyphen_is_joined_without_a_space() -> None:
    page = normalize("the well-\nknown ferry\n- a dash")
    first, second, third = (page.slice(*ends) for ends in ((0, 9), (10, 21), (22, 30)))
    assert join_wrapped_lines([first, second, third]).text == "the well-known ferry - a dash"


def test_untraced_text_has_no_run() -> None:
    assert join([untraced("head"), normalize("body")], "\n\n").runs()[0].start == 6
    assert untraced("head").runs() == ()
