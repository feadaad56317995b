"""A text that knows its raw bytes: cutting, joining and tracing through lose no character's place."""

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
def test_a_str_is_traced_as_its_bytes_are(raw: str) -> None:
    assert normalize(raw).runs() == normalize(raw.encode()).runs()


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(st.data())
def test_runs_count_bytes_of_any_encoding(encoding: str, data: st.DataObject) -> None:
    text = data.draw(st.lists(st.sampled_from(list("ab\n中日🚀é€")), max_size=12).map("".join))
    raw = text.encode(encoding, "ignore")
    page = normalize(raw, encoding)
    for run in page.runs():
        if encoding == "iso2022_jp":  # which changes its state in between: only what is ASCII stands alone
            assert 0 <= run.raw_start < run.raw_end <= len(raw)
        else:
            assert raw[run.raw_start : run.raw_end].decode(encoding) == page.text[run.start : run.end]


@given(RAW, st.integers(0, 40), st.integers(0, 40))
def test_a_part_has_the_places_of_the_whole(raw: str, one: int, other: int) -> None:
    page = normalize(raw)
    start, end = sorted((min(one, len(page.text)), min(other, len(page.text))))
    part = page.slice(start, end)
    assert part.text == page.text[start:end]
    assert covered(part) == {place - start for place in covered(page) if start <= place < end}


def covered(page: TracedText) -> set[int]:
    return {place for a, b, *_ in page.pieces for place in range(a, b)}


@given(RAW, st.lists(st.integers(0, 40), max_size=5))
def test_parts_joined_again_are_the_whole(raw: str, at: list[int]) -> None:
    page = normalize(raw)
    ends = sorted({min(place, len(page.text)) for place in at} | {0, len(page.text)})
    parts = [page.slice(start, end) for start, end in pairwise(ends)]
    whole = join(parts, "")
    assert whole.text == page.text
    assert whole.runs() == page.runs()


@given(RAW, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=5), st.booleans())
def test_slices_are_the_same_as_joined_single_slices(raw: str, drawn: list[tuple[int, int]], one_piece: bool) -> None:
    page = (
        TracedText(raw, ((0, len(raw), 3, len(raw) + 3, True),), f"’é\n{raw}") if one_piece and raw else normalize(raw)
    )
    stretches = [sorted((min(a, len(page.text)), min(b, len(page.text)))) for a, b in drawn]
    stretches = [(start, end) for start, end in stretches if start < end]
    found = page.slices(stretches, "\n\n")
    wanted = join([page.slice(start, end) for start, end in stretches], "\n\n")
    assert (found.text, found.pieces, found.runs()) == (wanted.text, wanted.pieces, wanted.runs())


@given(RAW)
def test_tracing_through_a_text_that_is_as_it_was_changes_nothing(raw: str) -> None:
    page = normalize(raw)
    again = compose(normalize(page.text), page)
    assert (again.text, again.runs()) == (page.text, page.runs())


def test_through_two_changes() -> None:
    inner = normalize("a\xa0\xa0b  c")
    outer = TracedText("A-c", ((0, 1, 0, 1, False), (1, 2, 1, 3, False), (2, 3, 4, 5, True)), inner.text)
    found = compose(outer, inner)
    assert [(run.start, run.end, run.raw_start, run.raw_end) for run in found.runs()] == [
        (0, 1, 0, 1),
        (1, 2, 1, 6),
        (2, 3, 8, 9),
    ]


def test_a_word_broken_at_its_hyphen_has_nothing_between() -> None:
    page = normalize("the well-\nknown ferry\n- a dash")
    first, second, third = (page.slice(*ends) for ends in ((0, 9), (10, 21), (22, 30)))
    assert join_wrapped_lines([first, second, third]).text == "the well-known ferry - a dash"


def test_what_is_not_in_the_raw_bytes_has_no_run() -> None:
    assert join([untraced("told"), normalize("body")], "\n\n").runs()[0].start == 6
    assert untraced("told").runs() == ()
