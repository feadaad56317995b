"""Tokens: properties of any text, and single cases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.text.tokenization import tokens

TEXT = st.text(
    st.one_of(
        st.sampled_from(list("aB.'’-! \n“”5中ก่า\u0301\u200d🚀\ufe0f。")), st.characters(exclude_categories=("Cs",))
    )
)


@given(TEXT)
def test_tokens_cover_all_but_white_space(text: str) -> None:
    end = 0
    for start, stop in tokens(text):
        assert end <= start < stop
        assert not text[end:start].strip()
        assert not any(character.isspace() for character in text[start:stop])
        end = stop
    assert not text[end:].strip()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Roe’s plan", "Roe|’s|plan"),
        ("Roe 's plan", "Roe|'s|plan"),
        ("They don't.", "They|do|n't|."),
        ("O'Hara’s 20-year-old", "O'Hara|’s|20-year-old"),
        ("the U.S. said", "the|U.S.|said"),
        ("at 5 p.m. on", "at|5|p.m.|on"),
        ("Mr. J. Roe", "Mr.|J.|Roe"),
        ("$1,200.50 (3.5%)", "$|1,200.50|(|3.5|%|)"),
        ("see https://a.example/b.", "see|https://a.example/b|."),
        ("“No…”", "“|No|…|”"),
        ("👩\u200d🚀 flew", "👩\u200d🚀|flew"),
        ("नमस्ते दुनिया", "नमस्ते|दुनिया"),
        ("渡し船は", "渡|し|船|は"),
        ("นายสมชายเดินทางไปเชียงใหม่", "นาย|สมชาย|เดิน|ทาง|ไป|เชียงใหม่"),
        ("ຂ້ອຍຮັກເຈົ້າ", "ຂ້ອຍ|ຮັກ|ເຈົ້າ"),
        ("ខ្ញុំស្រលាញ់អ្នក", "ខ្ញុំ|ស្រលាញ់|អ្នក"),
        ("ကျွန်တော်မင်းကို", "ကျွန်တော်|မင်း|ကို"),
        ("#สวัสดีครับ https://a.example/สวัสดีครับ", "#สวัสดีครับ|https://a.example/สวัสดีครับ"),
        ('צה"ל הודיע', 'צה"ל|הודיע'),
        ("قال الوزير.", "قال|الوزير|."),
    ],
)
def test_token_boundaries(text: str, expected: str) -> None:
    assert "|".join(text[start:end] for start, end in tokens(text)) == expected
