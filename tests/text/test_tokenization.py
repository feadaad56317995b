"""Tokens and sentences: properties of any text, and single cases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.text.tokenization import sentences, tokens

TEXT = st.text(
    st.one_of(st.sampled_from(list("aB.'’-! \n“”5中\u0301\u200d🚀\ufe0f。")), st.characters(exclude_categories=("Cs",)))
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


@given(TEXT)
def test_sentences_cover_all_but_white_space(text: str) -> None:
    end = 0
    for start, stop in sentences(text):
        assert end <= start < stop
        assert not text[end:start].strip()
        assert text[start:stop] == text[start:stop].strip()
        assert "\n" not in text[start:stop]
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
    ],
)
def test_token_boundaries(text: str, expected: str) -> None:
    assert "|".join(text[start:end] for start, end in tokens(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He left. She stayed.", "He left.|She stayed."),
        ("Mr. Roe met Gen. Doe.", "Mr. Roe met Gen. Doe."),
        ("J. R. Roe spoke. “Why?” she asked.", "J. R. Roe spoke.|“Why?” she asked."),
        ("It rose 1.5 percent. Then it fell.", "It rose 1.5 percent.|Then it fell."),
        ("In the U.S. Senate.", "In the U.S. Senate."),
        ("He moved to the U.S. The end.", "He moved to the U.S.|The end."),
        ("At 5 p.m. He left.", "At 5 p.m.|He left."),
        ("“Stop!” He ran.", "“Stop!”|He ran."),
        ("Headline\n\nFirst. second", "Headline|First. second"),
        ("一。二。", "一。|二。"),
    ],
)
def test_sentence_boundaries(text: str, expected: str) -> None:
    assert "|".join(text[start:end] for start, end in sentences(text)) == expected
