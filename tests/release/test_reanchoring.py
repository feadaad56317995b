"""Annotations found again in edited copies of an article, and never in the wrong place."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.release.reanchoring import fingerprint_windows, marks, reanchor

Edit = tuple[int, int, str]  # replace text[start:end] by the string
Place = tuple[int, int]

NAMES = ("Ada Ito", "Bo Lund", "Northmoor", "the Ulmark Union", "Ines d’Aro", "Per-Erik Sund", "GRT Inc.", "Ito")
_LINES = (
    "report river vote market council bridge harbour winter price school minister claim plan budget storm court",
    "farmers pledge border paper letter signal island station under after against toward before said asked told",
    "warned opened closed rose fell won lost signed and or but with without from over into several seven new old",
)
WORDS = tuple(" ".join(_LINES).split())


def article(seed: int) -> tuple[str, list[Place]]:
    """Invented news: words, names that recur, quotes; and where the names are."""
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


def residue_added(text: str, luck: random.Random) -> list[Edit]:
    headline = text.split("\n")[0]
    at = luck.choice([found.start() for found in re.finditer("\n", text)])
    return [
        (0, 0, f"Home | News\n{headline}\n"),
        (at, at, "\nSign up for our letter\n"),
        (len(text), len(text), "\nRelated"),
    ]


def paragraph_inserted(text: str, luck: random.Random) -> list[Edit]:
    at = luck.choice([0, *(found.end() for found in re.finditer("\n\n", text))])
    return [(at, at, " ".join(luck.choices(WORDS + NAMES, k=40)) + "\n\n")]


def quotes_straightened(text: str, luck: random.Random) -> list[Edit]:
    plain = {"’": "'", "“": '"'}
    return [(at, at + 1, plain[sign]) for at, sign in enumerate(text) if sign in plain]


def white_space_changed(text: str, luck: random.Random) -> list[Edit]:
    return [(m.start(), m.end(), luck.choice(["  ", "\n", "\t", " "])) for m in re.finditer(r"\s+", text)]


def name_corrected(text: str, luck: random.Random) -> list[Edit]:
    return [(m.start(), m.end(), "Bodil Lunde") for m in re.finditer("Bo Lund", text)]


def half_gone(text: str, luck: random.Random) -> list[Edit]:
    paragraphs = [found.start() for found in re.finditer("\n\n", text)]
    middle = paragraphs[len(paragraphs) // 2]
    return [luck.choice([(0, middle, ""), (middle, len(text), "")])]


EDITS = (
    untouched,
    residue_added,
    paragraph_inserted,
    quotes_straightened,
    white_space_changed,
    name_corrected,
    half_gone,
)


def edited(text: str, edits: list[Edit]) -> str:
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def moved(place: Place, edits: list[Edit], *, within: bool) -> Place | None:
    """Where a place is after the edits; None where one of them took it (`within`: edits inside it do not count)."""
    start, end = place
    shift = grown = 0
    for first, last, new in sorted(edits):
        if last <= start and (last < start or first < last or first == start):
            shift += len(new) - (last - first)
        elif first < end and last > start:
            if not within:
                return None
            grown += len(new) - (last - first)
    return start + shift, end + shift + grown


def counts(
    texts: list[tuple[str, list[Place]]], edit: Callable[[str, random.Random], list[Edit]]
) -> tuple[int, int, int]:
    """How many annotations are there after the edit, how many were found, how many were put into a wrong place."""
    there = right = wrong = 0
    for number, (text, places) in enumerate(texts):
        edits = edit(text, random.Random(number))
        copy, salt = edited(text, edits), f"a{number}"
        found = reanchor(fingerprint_windows(text, salt), marks(text, places, salt), copy, salt).places
        for place, now in zip(places, found, strict=True):
            truth = moved(place, edits, within=edit in (quotes_straightened, white_space_changed))
            there += truth is not None
            right += truth is not None and now == truth
            wrong += now is not None and now != truth
    return there, right, wrong


@pytest.mark.parametrize("edit", EDITS)
def test_it_finds_them_again_and_none_in_a_wrong_place(edit):
    there, right, wrong = counts([article(seed) for seed in range(80)], edit)
    assert wrong == 0
    assert right / there >= (0.99 if edit is untouched else 0.95)
    assert there > 500


@given(st.text(max_size=400), st.integers(0, 399), st.integers(1, 30))
def test_any_text_gives_back_its_own_places(text, start, length):
    start = min(start, len(text))
    end = min(start + length, len(text))
    if re.search(r"\w", text[start:end]) is None:
        return
    found = reanchor(fingerprint_windows(text, "a"), marks(text, [(start, end)], "a"), text, "a").places[0]
    # Words that recur in so short a text may leave it undecided; a wrong place it is never.
    assert found in ((start, end), None)


@given(st.text(max_size=300), st.text(max_size=300))
def test_another_text_is_no_home(text, other):
    whole = [(m.start(), m.end()) for m in re.finditer(r"\w+", text)]
    found = reanchor(fingerprint_windows(text, "a"), marks(text, whole, "a"), other, "a")
    for (start, end), place in zip(whole, found.places, strict=True):
        assert place is None or other[slice(*place)] == text[start:end]


def test_a_doubled_headline_is_not_the_headline():
    text = (
        "Ada Ito wins the vote in the city of Northmoor by a wide margin today\n\nShe told farmers so at the harbour."
    )
    copy = text.split("\n")[0] + "\n" + text
    found = reanchor(fingerprint_windows(text, "a"), marks(text, [(0, 7)], "a"), copy, "a")
    shift = len(copy) - len(text)
    assert found.places in ([(shift, 7 + shift)], [None])


def test_a_line_put_in_among_its_twins_is_never_taken_for_one_of_them():
    paragraphs = [" ".join(WORDS[n : n + 9]) for n in range(0, 45, 9)]
    text = "\n".join([*paragraphs[:3], "Advertisement", "Advertisement", *paragraphs[3:]])
    places = [m.span() for m in re.finditer(r"Advertisement|winter|claim|island|warned", text)]
    breaks = [found.start() for found in re.finditer("\n", text)]
    there = right = wrong = 0
    for twin in breaks:
        for other in breaks:
            edits = [(twin, twin, "\nAdvertisement"), (other, other, "\nSign up for our letter")]
            copy = edited(text, edits if twin <= other else edits[::-1])
            found = reanchor(fingerprint_windows(text, "a"), marks(text, places, "a"), copy, "a").places
            truths = [moved(place, edits, within=False) for place in places]
            there += len(places)
            right += sum(now == truth for now, truth in zip(found, truths, strict=True))
            wrong += sum(now is not None and now != truth for now, truth in zip(found, truths, strict=True))
    assert wrong == 0
    assert right / there > 0.7


def test_what_is_kept_shows_no_word():
    text, places = article(3)
    kept = "".join(fingerprint_windows(text, "a"))
    kept += "".join(mark.surface + mark.before + mark.after for mark in marks(text, places, "a"))
    assert set(kept) <= set("0123456789abcdef")


def test_the_same_words_in_two_articles_do_not_show():
    text, places = article(3)
    assert not set(fingerprint_windows(text, "a")) & set(fingerprint_windows(text, "b"))
    assert marks(text, places, "a")[0].surface != marks(text, places, "b")[0].surface
