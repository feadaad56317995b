"""Properties of normalised text, and which characters normalisation keeps and removes."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from goldwire.text import normalization as module
from goldwire.text.normalization import normalize
from goldwire.text.provenance import join, join_wrapped_lines
from goldwire.text.scan import scan

# The hard characters of raw pages: line ends, spaces, invisible characters, marks that compose, joiners.
CHARACTERS = st.one_of(
    st.sampled_from(list("ae <=\t\r\n\u0301\u0338\u0327\u200b\u200c\u200d\ufeff\xad\xa0\u2009\u2028\u202e\x00’“—")),
    st.sampled_from(list("\u1100\u1161\u11a8\uac00\u0958\u212b\u09c7\u09be\u0627\u0653👩🚀\ufe0f🏽中")),
    st.characters(exclude_categories=("Cs",)),
)
RAW = st.lists(CHARACTERS, max_size=40).map("".join).map(str.encode)


@settings(max_examples=500, deadline=None)
@given(RAW)
def test_runs_show_the_text_in_the_raw_bytes(raw: bytes) -> None:
    page = normalize(raw)
    covered, end, raw_end = 0, 0, 0
    for run in page.runs():
        assert end <= run.start < run.end <= len(page.text)
        assert raw_end <= run.raw_start < run.raw_end <= len(raw)
        end, raw_end, covered = run.end, run.raw_end, covered + run.end - run.start
        source, text = raw[run.raw_start : run.raw_end].decode(), page.text[run.start : run.end]
        # Verbatim, or a range that normalisation turned into this text: composed, or white space between letters.
        alone = normalize(f"x{source}x").text.replace("\n", " ") == f"x{text}x".replace("\n", " ")
        assert source == text or unicodedata.normalize("NFC", source) == text or alone
    assert covered == len(page.text)


@settings(max_examples=500, deadline=None)
@given(RAW)
@example("\u1100\u200c\u1100\u1161".encode())
def test_normalised_text_is_nfc_and_normalising_it_again_changes_nothing(raw: bytes) -> None:
    text = normalize(raw).text
    assert unicodedata.is_normalized("NFC", text)
    assert normalize(text).text == text
    for unwanted in ("\r", "\t", "\xa0", "\u200b", "\ufeff", "\xad", "  ", " \n", "\n "):
        assert unwanted not in text


@settings(max_examples=300, deadline=None)
@given(RAW, st.data())
def test_any_part_of_a_verbatim_run_maps_exactly(raw: bytes, data: st.DataObject) -> None:
    page = normalize(raw)
    for run in page.runs():
        source = raw[run.raw_start : run.raw_end].decode()
        if source == page.text[run.start : run.end]:
            start = data.draw(st.integers(run.start, run.end - 1))
            offset = run.raw_start + len(page.text[run.start : start].encode())
            assert raw[offset:].decode()[0] == page.text[start]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("\ufeffOne\r\nTwo\rThree", "One\nTwo\nThree"),
        ("a\xa0 \u2009b \n c\t", "a b\nc"),
        ("co\xadop\u200berate", "cooperate"),
        ("Jose\u0301", "José"),
        ("e\u200b\u0301", "é"),
        ("“It’s — here”", "“It’s — here”"),
        ("👩\u200d🚀 می\u200cخواهم", "👩\u200d🚀 می\u200cخواهم"),
        ("wor\u200cd a\u200d b", "word a b"),
        ("\u202dleft\u202c", "left"),
    ],
)
def test_normalised_text(raw: str, text: str) -> None:
    assert normalize(raw).text == text


@pytest.mark.parametrize(("kind", "between"), [("space", " "), ("break", "\n"), ("invisible", ""), ("joiner", "")])
def test_every_special_character_is_normalised(kind: str, between: str) -> None:
    for character in (character for character, its_kind in module._KINDS.items() if its_kind == kind):
        for word in ("ab", "é’", "中文"):
            assert normalize(f"{word}{character}{word}").text == f"{word}{between}{word}"


def test_common_characters_need_no_normalisation() -> None:
    characters = [chr(code) for code in range(0x80, sys.maxunicode + 1)]
    parts = [parts for parts in map(str.split, map(unicodedata.decomposition, characters)) if len(parts) == 2]
    second = {chr(int(last, 16)) for first, last in parts if not first.startswith("<")}
    unstable = {c for c in characters if unicodedata.combining(c) or not unicodedata.is_normalized("NFC", c)}
    # Only these are scanned: to scan all 1.1 million took 11 s.
    assert len(unstable) > 900
    common = {c for c in second | unstable | module._KINDS.keys() if not scan(c).has_uncommon}
    assert not {c for c in common if c > "\x7f"}
    assert not scan("".join(map(chr, range(0x4E00, 0xA000)))).has_uncommon  # 20,992 ideographs


@given(st.text(max_size=60))
def test_a_scanned_text_is_normalised_like_the_text_itself(text: str) -> None:
    scanned = scan(text)
    assert scanned.data == text.encode("utf-8", "surrogatepass")
    assert normalize(scanned).runs() == normalize(text).runs()


@pytest.mark.parametrize("raw", ["one\ntwo\n", "one’s\n\ntwo", "é", "a b"])
def test_a_page_that_needs_no_change_is_one_piece(raw: str) -> None:
    assert normalize(raw).pieces == ((0, len(raw), 0, len(raw), True),)


def test_bytes_that_are_not_utf8_raise_an_error() -> None:
    with pytest.raises(UnicodeDecodeError):
        normalize(b"caf\xe9")


def test_a_lone_surrogate_is_removed() -> None:
    assert normalize("a\ud83db").text == "ab"


def test_a_separator_has_no_run() -> None:
    page = normalize("one\ntwo")
    joined = join([page.slice(0, 3), page.slice(4, 7)], "\n\n")
    assert joined.text == "one\n\ntwo"
    assert [(run.start, run.end, run.raw_start, run.raw_end) for run in joined.runs()] == [(0, 3, 0, 3), (5, 8, 4, 7)]


def test_a_joined_line_break_maps_as_a_whole() -> None:
    page = normalize("one\r\ntwo")
    joined = join_wrapped_lines([page.slice(0, 3), page.slice(4, 7)])
    assert joined.text == "one two"
    assert [(run.start, run.end, run.raw_start, run.raw_end) for run in joined.runs()] == [
        (0, 3, 0, 3),
        (3, 4, 3, 5),
        (4, 7, 5, 8),
    ]
