"""Sketches, pairs and clusters held against the sets that they stand for."""

from __future__ import annotations

import random

import numpy as np
import pytest

from goldwire.dedup.candidates import candidates
from goldwire.dedup.jaccard import likeness
from goldwire.dedup.near_duplicates import near_duplicates, pairs
from goldwire.dedup.sketches import distinct, in_segments, sketch
from goldwire.parallel.threads import map_in_threads
from goldwire.text.batches import InMemoryTexts, batch_ranges
from goldwire.text.ngrams import hash_ngrams, hash_words, lowercase_utf8, word_spans

SYLLABLES = ("ba", "ker", "lan", "mor", "ti", "son", "vi", "dal", "ro", "es", "qu", "an", "fe", "lin", "ha", "rad")


def story(seed: int, size: int = 200) -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choices(SYLLABLES, k=rng.randint(1, 5))) for _ in range(size)]


def edited(words: list[str], share: float, seed: int) -> list[str]:
    rng = random.Random(seed)
    return [f"new{rng.randrange(9999)}" if rng.random() < share else word for word in words]


def fives(text: list[str]) -> set[tuple[str, ...]]:
    return {tuple(text[i : i + 5]) for i in range(max(len(text) - 4, 1))}


def jaccard(one: list[str], other: list[str]) -> float:
    return len(fives(one) & fives(other)) / len(fives(one) | fives(other))


@pytest.mark.parametrize("size", [12, 40, 120, 700])
def test_pairs_of_half_their_grams_are_candidates_whatever_their_length(size: int) -> None:
    """Recall of at least .98 where the Jaccard is .5 or more, for texts of a line as for those of two pages."""
    texts = []
    for seed in range(400):
        base = story(seed, size)
        texts += [base, edited(base, 0.07, seed + 5000)]
    bodies = InMemoryTexts([" ".join(text) for text in texts])
    sketches = [sketch(*bodies.slice(first, last)) for first, last in batch_ranges(bodies.lengths())]
    numbered = distinct(sketches)
    left, right, _ = candidates(numbered, in_segments(sketches), 0.45, map_in_threads)
    found = set(zip(numbered.first[left].tolist(), numbered.first[right].tolist(), strict=True))
    found |= {(right, left) for left, right in found}
    real = [i for i in range(0, len(texts), 2) if 0.5 <= jaccard(texts[i], texts[i + 1]) < 1]
    assert len(real) >= 40
    assert sum((i, i + 1) in found for i in real) >= 0.98 * len(real)


def test_likeness_is_that_of_the_sets() -> None:
    texts = [story(1, 300), edited(story(1, 300), 0.1, 2), story(1, 80), story(3, 4), story(3, 3), ["one"], []]
    bodies = InMemoryTexts([" ".join(text) for text in texts])
    left, right = np.triu_indices(6, 1)
    found = likeness(*bodies.slice(0, 7), left, right)
    for at, (one, other) in enumerate(zip(left, right, strict=True)):
        both = len(fives(texts[one]) & fives(texts[other]))
        fewest = min(len(fives(texts[one])), len(fives(texts[other])))
        assert found.jaccard[at] == pytest.approx(jaccard(texts[one], texts[other]))
        assert found.containment[at] == pytest.approx(both / fewest)
        assert found.smaller[at] == fewest


def test_texts_that_come_in_batches_have_the_sketches_of_each_alone() -> None:
    texts = [" ".join(story(seed, 3 + 40 * (seed % 5))) for seed in range(60)] + ["", "“é”", "\0", "end\0"]
    bodies = InMemoryTexts(texts)
    whole = sketch(*bodies.slice(0, len(texts)))
    each = [sketch(*bodies.slice(number, number + 1)) for number in range(len(texts))]
    assert whole.digests.tolist() == [int(one.digests[0]) for one in each]
    assert whole.counts.tolist() == [len(one.kept) for one in each]
    assert whole.kept.tolist() == [value for one in each for value in one.kept.tolist()]


def test_letters_of_two_cases_are_folded_and_bytes_stay_where_they_are() -> None:
    text = "ÉCOLE Œuvre ΣΟΦΟΣ σοφος Привет ẞ İ Ấn ＡＢ 中 😀"
    data = np.frombuffer(text.encode(), np.uint8)
    assert lowercase_utf8(data).tobytes().decode() == "école œuvre σοφοσ σοφοσ привет ẞ İ ấn ａｂ 中 😀"


def small(letter: str) -> str:
    """A letter's small form, where that takes as many bytes."""
    form = "σ" if letter == "ς" else letter.lower()
    return form if len(form.encode()) == len(letter.encode()) and len(form) == 1 else letter


def test_every_letter_of_two_cases_is_folded() -> None:
    letters = "".join(chr(code) for code in range(0x20, 0x10000) if not 0xD800 <= code < 0xE000)
    for text in (letters, letters[::-1], "É", "aÉ", "Ấ", "aẤ"):
        found = lowercase_utf8(np.frombuffer(text.encode(), np.uint8)).tobytes().decode()
        assert found == "".join(map(small, text))


def test_words_end_where_their_text_does_and_ideographs_are_words() -> None:
    texts = ["one", "two three", "", "中文x中", "", "中ア!", "é", "文"]
    data = np.frombuffer("".join(texts).encode(), np.uint8)
    offsets = np.cumsum([0, *(len(text.encode()) for text in texts)])
    start, end = word_spans(data, offsets)
    found = [data[first:last].tobytes().decode() for first, last in zip(start, end, strict=True)]
    assert found == ["one", "two", "three", "中", "文", "x", "中", "中", "ア", "é", "文"]
    assert np.diff(hash_words(data, offsets)[1]).tolist() == [1, 2, 0, 4, 0, 2, 1, 1]


def test_a_gram_is_a_run_of_five_words_or_all_of_a_shorter_text() -> None:
    bodies = InMemoryTexts(["one two three four five six", "one two", "", "two three four five six"])
    data, offsets = bodies.slice(0, 4)
    hashes, bounds = hash_words(data, offsets)
    found = [part[part != 0].tolist() for part in np.split(hash_ngrams(hashes, bounds), bounds[1:-1])]
    assert [len(part) for part in found] == [2, 1, 0, 1]
    assert found[0][1] == found[3][0]


def test_a_wire_story_in_hundreds_of_papers_is_one_cluster_and_a_chain_of_them_is_cut() -> None:
    """Components of more than 64 texts are parted by their sketches, of more than 2,000 around centres."""
    for number in (150, 2100):
        one, other = story(1, 60), story(2, 60)
        texts = [" ".join(edited(one, 0.02, seed)) for seed in range(number)]
        texts += [" ".join(edited(other, 0.02, seed + 9000)) for seed in range(100)]
        bridge = " ".join(one + other)
        labels = near_duplicates([*texts, bridge])
        assert len(set(labels[:number])) == 1
        assert len(set(labels[number:-1])) == 1
        assert labels[0] != labels[number]


def test_an_outlets_boilerplate_joins_nothing_and_costs_no_more_than_its_texts() -> None:
    frame = " ".join(story(7, 60))
    texts = [f"{' '.join(story(seed + 100, 150))} {frame}" for seed in range(1500)]
    assert len(set(near_duplicates(texts))) == len(texts)
    assert len(pairs(texts, 0.2).left) <= 8 * len(texts)


def test_clusters_of_many_texts_do_not_depend_on_their_order() -> None:
    rng = random.Random(3)
    texts = [" ".join(edited(story(seed // 4, 90), 0.03 * (seed % 4), seed)) for seed in range(1000)]
    order = rng.sample(range(1000), 1000)
    straight, mixed = near_duplicates(texts), near_duplicates([texts[place] for place in order])
    assert (
        len({(mixed[at], straight[place]) for at, place in enumerate(order)}) == len(set(straight)) == len(set(mixed))
    )


def test_texts_without_words_are_alike_where_they_are_the_same() -> None:
    assert near_duplicates(["…", "", "…", "!", "", "word"]) == [0, 1, 0, 2, 1, 3]
