"""Sketches: a text has the same sketch alone and in a batch."""

from __future__ import annotations

from goldwire.dedup.sketches import sketch
from goldwire.text.batches import InMemoryTexts
from support.stories import story


def test_texts_in_a_batch_have_the_same_sketches_as_alone() -> None:
    texts = [" ".join(story(seed, 3 + 40 * (seed % 5))) for seed in range(60)] + ["", "“é”", "\0", "end\0"]
    store = InMemoryTexts(texts)
    batch = sketch(*store.slice(0, len(texts)))
    alone = [sketch(*store.slice(number, number + 1)) for number in range(len(texts))]
    assert batch.digests.tolist() == [int(one.digests[0]) for one in alone]
    assert batch.counts.tolist() == [len(one.hashes) for one in alone]
    assert batch.hashes.tolist() == [value for one in alone for value in one.hashes.tolist()]
