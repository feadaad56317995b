"""Words and n-grams of UTF-8 bytes: lower case, boundaries, and hashes of runs of five words."""

from __future__ import annotations

import numpy as np

from goldwire.text.batches import InMemoryTexts
from goldwire.text.ngrams import hash_ngrams, hash_words, lowercase_utf8, ngram_counts, text_ngrams, word_spans


def test_letters_become_lower_case_and_bytes_stay_in_place() -> None:
    text = "ÉCOLE Œuvre ΣΟΦΟΣ σοφος Привет ẞ İ Ấn ＡＢ 中 😀"
    data = np.frombuffer(text.encode(), np.uint8)
    assert lowercase_utf8(data).tobytes().decode() == "école œuvre σοφοσ σοφοσ привет ẞ İ ấn ａｂ 中 😀"


def lower_case(letter: str) -> str:
    """Return a letter's lower case if it has as many bytes, else the letter."""
    lower = "σ" if letter == "ς" else letter.lower()
    return lower if len(lower.encode()) == len(letter.encode()) and len(lower) == 1 else letter


def test_every_letter_with_two_cases_becomes_lower_case() -> None:
    letters = "".join(chr(code) for code in range(0x20, 0x10000) if not 0xD800 <= code < 0xE000)
    for text in (letters, letters[::-1], "É", "aÉ", "Ấ", "aẤ"):
        lower = lowercase_utf8(np.frombuffer(text.encode(), np.uint8)).tobytes().decode()
        assert lower == "".join(map(lower_case, text))


def test_words_end_at_the_end_of_their_text_and_ideographs_are_words() -> None:
    texts = ["one", "two three", "", "中文x中", "", "中ア!", "é", "文"]
    data = np.frombuffer("".join(texts).encode(), np.uint8)
    offsets = np.cumsum([0, *(len(text.encode()) for text in texts)])
    start, end = word_spans(data, offsets)
    words = [data[first:last].tobytes().decode() for first, last in zip(start, end, strict=True)]
    assert words == ["one", "two", "three", "中", "文", "x", "中", "中", "ア", "é", "文"]
    assert np.diff(hash_words(data, offsets)[1]).tolist() == [1, 2, 0, 4, 0, 2, 1, 1]


def test_an_n_gram_is_five_words_or_all_words_of_a_shorter_text() -> None:
    texts = InMemoryTexts(["one two three four five six", "One two", "", "two three four five six"])
    data, offsets = texts.slice(0, 4)
    hashes, bounds = hash_words(data, offsets)
    grams = [part[part != 0].tolist() for part in np.split(hash_ngrams(hashes, bounds), bounds[1:-1])]
    assert [len(part) for part in grams] == [2, 1, 0, 1]
    assert ngram_counts(bounds).tolist() == [2, 1, 0, 1]
    assert grams[0][1] == grams[3][0]


def test_n_grams_of_texts_ignore_case() -> None:
    data, offsets = InMemoryTexts(["One TWO three four five", "one two three four five"]).slice(0, 2)
    grams, bounds = text_ngrams(data, offsets)
    assert bounds.tolist() == [0, 5, 10]
    assert grams[0] == grams[5] != 0
