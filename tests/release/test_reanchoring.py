"""Annotations are match again in edited copies of an article, and never in the wrong place."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.release.reanchoring import ReanchoredSpans, fingerprint_spans, fingerprint_windows, reanchor

Edit = tuple[int, int, str]  # replace text[start:end] by the string
Offsets = tuple[int, int]

NAMES = ("Ada Ito", "Bo Lund", "Northmoor", "the Ulmark Union", "Ines d’Aro", "Per-Erik Sund", "GRT Inc.", "Ito")
_LINES = (
    "report river vote market council bridge harbour winter price school minister claim plan budget storm court",
    "farmers pledge border paper letter signal island station under after against toward before said asked told",
    "warned opened closed rose fell won lost signed and or but with without from over into several seven new old",
)
WORDS = tuple(" ".join(_LINES).split())


def article(seed: int) -> tuple[str, list[Offsets]]:
    """Return invented news (words, recurring names, quotes) and the offsets of the names."""
    luck = random.Random(seed)
    text, places = "", []
    for paragraph in range(luck.randint(3, 14)):
        text += "\n\n" if paragraph else ""
        for word in range(luck.randint(12, 60)):
            text += " " if word else ""
            if luck.random() < 0.12:
                name = luck.choice(NAMES)
                places.append((len(text), len(text) + len(name)))
                text += name
            else:
                text += luck.choice(WORDS) + luck.choice(["", "", "", "", ",", "’s", " “"])
    return text, places


def untouched(text: str, luck: random.Random) -> list[Edit]:
    return []


def boilerplate_added(text: str, luck: random.Random) -> list[Edit]:
    headline = text.split("\n")[0]
    at = luck.choice([match.start() for match in re.finditer("\n", text)])
    return [
        (0, 0, f"Home | News\n{headline}\n"),
        (at, at, "\nSign up for our letter\n"),
        (len(text), len(text), "\nRelated"),
    ]


def paragraph_inserted(text: str, luck: random.Random) -> list[Edit]:
    at = luck.choice([0, *(match.end() for match in re.finditer("\n\n", text))])
    return [(at, at, " ".join(luck.choices(WORDS + NAMES, k=40)) + "\n\n")]


def quotes_straightened(text: str, luck: random.Random) -> list[Edit]:
    plain = {"’": "'", "“": '"'}
    return [(at, at + 1, plain[sign]) for at, sign in enumerate(text) if sign in plain]


def white_space_changed(text: str, luck: random.Random) -> list[Edit]:
    return [(m.start(), m.end(), luck.choice(["  ", "\n", "\t", " "])) for m in re.finditer(r"\s+", text)]


def name_corrected(text: str, luck: random.Random) -> list[Edit]:
    return [(m.start(), m.end(), "Bodil Lunde") for m in re.finditer("Bo Lund", text)]


def half_removed(text: str, luck: random.Random) -> list[Edit]:
    paragraphs = [match.start() for match in re.finditer("\n\n", text)]
    middle = paragraphs[len(paragraphs) // 2]
    return [luck.choice([(0, middle, ""), (middle, len(text), "")])]


EDITS = (
    untouched,
    boilerplate_added,
    paragraph_inserted,
    quotes_straightened,
    white_space_changed,
    name_corrected,
    half_removed,
)


def edited(text: str, edits: list[Edit]) -> str:
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def moved(offsets: Offsets, edits: list[Edit], *, within: bool) -> Offsets | None:
    """Return the offsets after the edits; None if an edit overlaps them, unless `within`."""
    start, end = offsets
    shift = grown = 0
    for first, last, new in sorted(edits):
        if last <= start and (last < start or first < last or first == start):
            shift += len(new) - (last - first)
        elif first < end and last > start:
            if not within:
                return None
            grown += len(new) - (last - first)
    return start + shift, end + shift + grown


def find_again(text: str, spans: list[Offsets], copy: str, salt: str = "a") -> ReanchoredSpans:
    """Fingerprint the spans of a text and find them in a copy."""
    return reanchor(fingerprint_windows(text, salt), fingerprint_spans(text, spans, salt), copy, salt)


def count_found(
    texts: list[tuple[str, list[Offsets]]], edit: Callable[[str, random.Random], list[Edit]]
) -> tuple[int, int, int]:
    """Return how many annotations survive the edit, how many are found, and how many of those in a wrong place."""
    surviving = right = wrong = 0
    for number, (text, spans) in enumerate(texts):
        edits = edit(text, random.Random(number))
        offsets = find_again(text, spans, edited(text, edits), f"a{number}").offsets
        for span, result in zip(spans, offsets, strict=True):
            expected = moved(span, edits, within=edit in (quotes_straightened, white_space_changed))
            surviving += expected is not None
            right += expected is not None and result == expected
            wrong += result is not None and result != expected
    return surviving, right, wrong


@pytest.mark.parametrize("edit", EDITS)
def test_annotations_are_found_again_and_never_in_a_wrong_place(edit):
    surviving, right, wrong = count_found([article(seed) for seed in range(80)], edit)
    assert wrong == 0
    assert right / surviving >= (0.99 if edit is untouched else 0.95)
    assert surviving > 500


@given(st.text(max_size=400), st.integers(0, 399), st.integers(1, 30))
def test_an_unchanged_text_has_unchanged_offsets(text, start, length):
    start = min(start, len(text))
    end = min(start + length, len(text))
    if re.search(r"\w", text[start:end]) is None:
        return
    # Recurring words in so short a text may leave it undecided, but the place is never wrong.
    assert find_again(text, [(start, end)], text).offsets[0] in ((start, end), None)


@given(st.text(max_size=300), st.text(max_size=300))
def test_spans_found_in_a_different_text_have_the_same_surface(text, other):
    words = [match.span() for match in re.finditer(r"\w+", text)]
    for (start, end), result in zip(words, find_again(text, words, other).offsets, strict=True):
        assert result is None or other[slice(*result)] == text[start:end]


def test_the_second_copy_of_a_headline_is_not_confused_with_the_first():
    text = (
        "Ada Ito wins the vote in the city of Northmoor by a wide margin today\n\nShe told farmers so at the harbour."
    )
    copy = text.split("\n")[0] + "\n" + text
    shift = len(copy) - len(text)
    assert find_again(text, [(0, 7)], copy).offsets in ([(shift, 7 + shift)], [None])


def test_an_inserted_line_is_not_confused_with_an_identical_line():
    paragraphs = [" ".join(WORDS[n : n + 9]) for n in range(0, 45, 9)]
    text = "\n".join([*paragraphs[:3], "Advertisement", "Advertisement", *paragraphs[3:]])
    spans = [match.span() for match in re.finditer(r"Advertisement|winter|claim|island|warned", text)]
    breaks = [match.start() for match in re.finditer("\n", text)]
    n_spans = right = wrong = 0
    for first in breaks:
        for second in breaks:
            edits = [(first, first, "\nAdvertisement"), (second, second, "\nSign up for our letter")]
            copy = edited(text, edits if first <= second else edits[::-1])
            expected = [moved(span, edits, within=False) for span in spans]
            pairs = list(zip(find_again(text, spans, copy).offsets, expected, strict=True))
            n_spans += len(spans)
            right += sum(result == true for result, true in pairs)
            wrong += sum(result is not None and result != true for result, true in pairs)
    assert wrong == 0
    assert right / n_spans > 0.7


def digests(text: str, spans: list[Offsets], salt: str) -> list[str]:
    """Return all digests that a stand-off release has of a text."""
    anchors = fingerprint_spans(text, spans, salt)
    of_anchors = [d for anchor in anchors for d in (anchor.surface_digest, anchor.before_digest, anchor.after_digest)]
    return [*fingerprint_windows(text, salt), *of_anchors]


def test_fingerprints_contain_no_words():
    text, spans = article(3)
    assert set("".join(digests(text, spans, "a"))) <= set("0123456789abcdef")


def test_the_same_words_in_two_articles_have_different_digests():
    text, spans = article(3)
    assert not set(fingerprint_windows(text, "a")) & set(fingerprint_windows(text, "b"))
    first, second = (fingerprint_spans(text, spans, salt)[0] for salt in ("a", "b"))
    assert first.surface_digest != second.surface_digest
