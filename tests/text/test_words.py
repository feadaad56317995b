"""Words of any script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.text.words import count_words, dictionary_words, estimate_words, has_unspaced, word_pieces


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("The ferry opens on Monday.", 5),
        ("Паром откроют в понедельник.", 4),
        ("האוניה תצא מחר.", 3),
        ("ستفتح العبارة يوم الاثنين.", 4),
        ("नौका सोमवार को खुलेगी।", 4),
        ("나룻배는 월요일에 다시 열린다.", 4),
        ("渡し船は月曜日に再開する。", 6),
        ("市议会星期一投票决定重新开放旧渡轮。", 8),
        ("เรือข้ามฟากจะเปิดวันจันทร์", 6),
        ("iPhoneを販売した 2018年", 6),
        ("😀 渡し船 \ud800", 2),
    ],
)
def test_words_are_counted(text: str, expected: int) -> None:
    assert count_words(text) == pytest.approx(expected, abs=1 if any(map(has_unspaced, text)) else 0)


@pytest.mark.parametrize(
    "text",
    [
        "The ferry opens on Monday.",
        "市议会星期一投票决定重新开放旧渡轮。",
        "เรือข้ามฟากจะเปิดวันจันทร์",
        "渡し船は月曜日に再開する。",
    ],
)
def test_estimated_words_are_close(text: str) -> None:
    assert estimate_words(text) == pytest.approx(count_words(text), rel=0.4)
    assert "".join(word_pieces(text)) == "".join(text.split()).rstrip(".。")


@given(st.text(st.sampled_from(list("กานี้ 1a.😀\ud800\u0e33"))))
def test_dictionary_words_cover_the_run(text: str) -> None:
    words = list(dictionary_words(f"ab{text}", 2, 2 + len(text)))
    assert [start for start, _ in words] + [2 + len(text)] == [2, *(end for _, end in words)] or not text


@pytest.mark.parametrize(("letter", "expected"), [("a", False), ("я", False), ("ก", True), ("中", True), ("한", False)])
def test_scripts_without_spaces(letter: str, expected: bool) -> None:
    assert has_unspaced(letter) is expected
