"""Texts in batches of UTF-8."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from goldwire.dedup.text_store import temporary_texts
from goldwire.text.batches import InMemoryTexts, batch_ranges


@given(st.lists(st.integers(0, 50), max_size=30), st.integers(1, 60))
def test_ranges_cover_all_texts_in_order(lengths: list[int], size: int) -> None:
    ranges = list(batch_ranges(np.array(lengths, np.int64), size))
    assert [number for first, last in ranges for number in range(first, last)] == list(range(len(lengths)))
    assert all(last == first + 1 or sum(lengths[first:last]) <= size for first, last in ranges)


def test_texts_are_returned_by_number_and_by_range() -> None:
    texts = InMemoryTexts(["a", "é", "", "nul\0", "end"])
    data, offsets = texts.take(np.array([4, 1]))
    assert [data[a:b].tobytes().decode() for a, b in itertools.pairwise(offsets)] == ["end\0", "é\0"]
    data, offsets = texts.slice(2, 4)
    assert [data[a:b].tobytes().decode() for a, b in itertools.pairwise(offsets)] == ["\0", "nul \0"]
    assert texts.take(np.zeros(0, np.int64))[1].tolist() == [0]


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=5), min_size=1, max_size=8), st.randoms())
def test_texts_on_disk_are_the_same_as_in_memory(contents: list[str], rng) -> None:  # type: ignore[no-untyped-def]
    data = [text.encode() for text in contents]
    order = rng.sample(range(len(data)), len(data))
    with temporary_texts() as texts:
        texts.add(b"".join(data), np.array([len(text) for text in data], np.int64))
        texts.finish(np.array(order))
        assert texts.lengths().tolist() == [len(data[number]) for number in order]
        joined, offsets = texts.slice(0, len(data))
        slices = [joined[a:b].tobytes() for a, b in itertools.pairwise(offsets)]
        assert slices == [data[number] for number in order]
        numbers = np.array([len(data) - 1, 0])
        assert texts.take(numbers)[0].tobytes() == data[order[-1]] + data[order[0]]
