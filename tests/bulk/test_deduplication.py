"""Near-duplicates of a corpus in Parquet: those of the workspace, whole or part by part, and with small tasks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

pytest.importorskip("obstore", reason="obstore is not installed (the extra `scale`)")

from goldwire.bulk.article_table import article_schema, to_row, to_table
from goldwire.bulk.deduplication import Deduplication, deduplicate
from goldwire.bulk.parts import part_files, part_key, read_table, write_part
from goldwire.bulk.runner import key_of, read_manifest
from goldwire.bulk.store import Store, open_store
from goldwire.dedup.jaccard import Thresholds
from goldwire.dedup.near_duplicates import near_duplicates
from goldwire.parallel.tasks import ProcessTasks
from support import factories
from support.stories import edited, story

POOL = ProcessTasks(1)
THRESHOLDS = Thresholds(0.5, 0.75)
TEXTS = [
    *(" ".join(story(seed)) for seed in range(60)),
    *(" ".join(edited(story(seed), 0.01 + 0.1 * seed / 60, seed + 500)) for seed in range(30)),
    *(" ".join(story(seed)) for seed in range(10)),  # copies
    *(" ".join(story(seed, 600)[:150]) for seed in range(100, 105)),
    *(" ".join(story(seed, 600)) for seed in range(100, 105)),
]
"""Stories, edited and exact copies, and stories beside their beginnings."""


def add_part(store: Store, texts: Sequence[str], first: int) -> None:
    """Write texts as a part of articles that are numbered from `first`."""
    articles = [
        factories.article(f"Headline {number}\n\n{text}", id=f"wire-{number:012d}", source="wire")
        for number, text in enumerate(texts, first)
    ]
    path = f"articles/{key_of(first, *texts)}.parquet"
    write_part(store, path, article_schema(), [to_table(map(to_row, articles), article_schema())])


def store_of(folder: Path, bounds: Sequence[int]) -> Store:
    store = open_store(folder)
    for start, end in pairwise(bounds):
        add_part(store, TEXTS[start:end], start)
    return store


def clusters(store: Store) -> set[frozenset[str]]:
    """The ids of the articles in each cluster of two or more."""
    members = defaultdict(set)
    for path in part_files(store, "articles"):
        rows = read_table(store, f"clusters/{part_key(path)}.parquet")
        assert rows["id"].to_pylist() == read_table(store, path, ["id"])["id"].to_pylist()
        for name, cluster in zip(rows["id"].to_pylist(), rows["cluster"].to_pylist(), strict=True):
            if cluster is not None:
                members[cluster].add(name)
    assert all(len(names) > 1 for names in members.values())
    return {frozenset(names) for names in members.values()}


def expected() -> set[frozenset[str]]:
    members = defaultdict(set)
    for number, cluster in enumerate(near_duplicates(TEXTS)):
        members[cluster].add(f"wire-{number:012d}")
    return {frozenset(names) for names in members.values() if len(names) > 1}


def test_clusters_are_those_of_one_machine(tmp_path: Path) -> None:
    store = store_of(tmp_path, (0, 7, 50, 51, 100, len(TEXTS)))
    report = deduplicate(store, THRESHOLDS, POOL)
    assert clusters(store) == expected()
    clustered = sum(map(len, expected()))
    assert report == Deduplication(
        articles=len(TEXTS), clusters=len(expected()), clustered=clustered, repeats=0, new_parts=5
    )


def test_a_repeated_run_does_nothing(tmp_path: Path) -> None:
    store = store_of(tmp_path, (0, 50, len(TEXTS)))
    first = deduplicate(store, THRESHOLDS, POOL)
    before = store.files()
    second = deduplicate(store, THRESHOLDS, POOL)
    assert second.new_parts == 0
    assert (second.articles, second.clusters, second.clustered) == (first.articles, first.clusters, first.clustered)
    assert store.files() == before


def test_parts_that_are_added_later_give_the_same_clusters(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for start, end in ((0, 55), (55, 80), (80, 81), (81, len(TEXTS))):
        add_part(store, TEXTS[start:end], start)
        deduplicate(store, THRESHOLDS, POOL)
    assert clusters(store) == expected()


def test_a_part_that_is_gone_leaves_no_trace(tmp_path: Path) -> None:
    store = store_of(tmp_path, (0, 50, 80, len(TEXTS)))
    add_part(store, ["another story " + text for text in TEXTS], 1000)
    deduplicate(store, THRESHOLDS, POOL)
    assert clusters(store) != expected()
    store.delete([f"articles/{key_of(1000, *('another story ' + text for text in TEXTS))}.parquet"])
    deduplicate(store, THRESHOLDS, POOL)
    assert clusters(store) == expected()
    assert len(part_files(store, "clusters")) == 3


def test_clusters_that_are_the_same_are_not_written_again_unless_they_are_gone(tmp_path: Path) -> None:
    store = store_of(tmp_path, (0, 20, 40))
    deduplicate(store, THRESHOLDS, POOL)
    before = {file.path: file for file in store.files("clusters/")}
    gone, same = sorted(before)
    store.delete([gone])
    add_part(store, [" ".join(story(seed)) for seed in range(900, 910)], 900)  # like none of the others
    deduplicate(store, THRESHOLDS, POOL)
    after = {file.path: file for file in store.files("clusters/")}
    assert after[same] == before[same]
    assert gone in after
    assert len(after) == 3


def test_the_record_of_runs_does_not_depend_on_the_order_of_sets(tmp_path: Path) -> None:
    store = store_of(tmp_path, (0, 20, 40, 60))
    deduplicate(store, THRESHOLDS, POOL)
    state = msgspec.json.decode(store.read("dedup/state.json"))
    assert [list(state[name]) for name in ("counts", "written")] == [
        sorted(state[name]) for name in ("counts", "written")
    ]


def test_files_of_another_layout_are_not_read(tmp_path: Path) -> None:
    store = store_of(tmp_path, (0, 50, len(TEXTS)))
    deduplicate(store, THRESHOLDS, POOL)
    state = msgspec.json.decode(store.read("dedup/state.json"))
    del state["layout"]  # as version 0.5.0 wrote it
    store.put("dedup/state.json", msgspec.json.encode(state))
    assert deduplicate(store, THRESHOLDS, POOL).new_parts == 2
    assert clusters(store) == expected()


@pytest.mark.parametrize("folder", ["digests", "ids", "merged", "pairs", "labels"])
def test_files_of_earlier_runs_that_are_gone_are_made_again(tmp_path: Path, folder: str) -> None:
    store = store_of(tmp_path, (0, 20, 60))
    deduplicate(store, THRESHOLDS, POOL)
    store.delete([store.files(f"dedup/{folder}/")[0].path])
    add_part(store, TEXTS[60:], 60)
    deduplicate(store, THRESHOLDS, POOL)
    assert clusters(store) == expected()


def test_components_in_rounds_are_those_of_one_task(tmp_path: Path) -> None:
    store = store_of(tmp_path, (0, 50, len(TEXTS)))
    deduplicate(store, THRESHOLDS, POOL, max_pairs=0)
    assert clusters(store) == expected()


def test_candidates_that_are_not_near_duplicates_join_no_components(tmp_path: Path) -> None:
    frame = story(700, 300)
    texts = [" ".join([*frame, *story(seed, 300)]) for seed in range(701, 721)]  # of each pair, a half is the same
    store = open_store(tmp_path)
    add_part(store, [*texts[:-1], *TEXTS[:1], *TEXTS[60:61]], 0)
    deduplicate(store, THRESHOLDS, POOL)
    assert counted(store, "candidates")["candidates"] > 60
    assert counted(store, "pairs")["pairs"] == 1
    assert counted(store, "clusters")["texts"] == 0  # the pair is complete
    assert clusters(store) == {frozenset(("wire-000000000019", "wire-000000000020"))}
    before = read_manifest(store, "dedup/candidate texts").keys()
    add_part(store, texts[-1:], 100)
    deduplicate(store, THRESHOLDS, POOL)
    added = read_manifest(store, "dedup/candidate texts")
    assert sum(entry.counts["texts"] for key, entry in added.items() if key not in before) <= len(texts)
    assert clusters(store) == {frozenset(("wire-000000000019", "wire-000000000020"))}


def counted(store: Store, step: str) -> Counter[str]:
    """What the tasks of a step counted."""
    counts = Counter[str]()
    for entry in read_manifest(store, f"dedup/{step}").values():
        counts.update(entry.counts)
    return counts


def test_an_id_that_occurs_twice_is_marked_in_the_later_run(tmp_path: Path) -> None:
    store = store_of(tmp_path, (0, 20))
    deduplicate(store, THRESHOLDS, POOL)
    add_part(store, [*TEXTS[30:33], " ".join(story(999))], 19)
    assert deduplicate(store, THRESHOLDS, POOL).repeats == 1
    repeats = [
        (name, path)
        for path in part_files(store, "clusters")
        for name, repeat in zip(*(read_table(store, path)[key].to_pylist() for key in ("id", "is_repeat")), strict=True)
        if repeat
    ]
    assert repeats == [("wire-000000000019", f"clusters/{key_of(19, *TEXTS[30:33], ' '.join(story(999)))}.parquet")]


def test_thresholds_apply(tmp_path: Path) -> None:
    store = store_of(tmp_path, (0, len(TEXTS)))
    deduplicate(store, Thresholds(0.9, 1.0), POOL)
    strict = clusters(store)
    deduplicate(store, THRESHOLDS, POOL)
    assert len(strict) < len(clusters(store))
