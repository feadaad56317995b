"""Who sees what."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.sampling import annotator_assignment

PLANS = st.integers(1, 7).flatmap(
    lambda people: st.tuples(st.just(people), st.integers(1, people), st.integers(0, 60), st.text(max_size=5))
)


def plan(people: int, overlap: int, items: int, key: str) -> tuple[tuple[str, ...], ...]:
    return annotator_assignment.assign_annotators(
        [f"n{i}" for i in range(items)], [f"A{i}" for i in range(people)], overlap, key
    )


@given(PLANS)
def test_every_item_is_assigned_to_exactly_overlap_annotators(case: tuple[int, int, int, str]) -> None:
    people, overlap, items, key = case
    assigned = plan(people, overlap, items, key)
    assert len(assigned) == items
    assert all(len(set(names)) == len(names) == overlap for names in assigned)


@given(PLANS)
def test_loads_are_within_one_of_each_other(case: tuple[int, int, int, str]) -> None:
    people, overlap, items, key = case
    loads = Counter({f"A{i}": 0 for i in range(people)})
    for names in plan(people, overlap, items, key):
        loads.update(names)
        assert max(loads.values()) - min(loads.values()) <= 1


@given(PLANS)
def test_the_plan_does_not_depend_on_the_order_of_annotators(case: tuple[int, int, int, str]) -> None:
    people, overlap, items, key = case
    backwards = annotator_assignment.assign_annotators(
        [f"n{i}" for i in range(items)], [f"A{i}" for i in reversed(range(people))], overlap, key
    )
    assert plan(people, overlap, items, key) == backwards


def test_another_seed_plans_otherwise() -> None:
    assert plan(5, 2, 40, "1") != plan(5, 2, 40, "2")


def test_every_pair_of_people_meets() -> None:
    met = Counter(pair for names in plan(5, 2, 40, "s") for pair in combinations(names, 2))
    assert len(met) == 10
    assert max(met.values()) - min(met.values()) <= 1


@pytest.mark.parametrize("overlap", [0, 4])
def test_an_overlap_that_cannot_be_met_is_refused(overlap: int) -> None:
    with pytest.raises(ValueError, match="overlap"):
        plan(3, overlap, 5, "s")


@given(st.sets(st.text(max_size=3), max_size=20), st.text(max_size=3), st.text(max_size=3))
def test_the_random_order_of_two_items_does_not_depend_on_other_items(items: set[str], one: str, other: str) -> None:
    drawn = annotator_assignment.random_order(items | {one, other}, "s")
    assert sorted(drawn) == sorted(items | {one, other})
    assert [item for item in drawn if item in {one, other}] == list(
        annotator_assignment.random_order({one, other}, "s")
    )


GROUPS = (
    st.sets(st.integers(0, 40))
    .map(sorted)
    .flatmap(
        lambda items: st.lists(st.integers(1, 4), min_size=len(items), max_size=len(items)).map(
            lambda sizes: [tuple(f"{item}-{i}" for i in range(size)) for item, size in zip(items, sizes, strict=True)]
        )
    )
)


@given(GROUPS, st.one_of(st.none(), st.integers(1, 30)))
def test_one_of_each_group_is_chosen_up_to_the_limit(groups: list[tuple[str, ...]], limit: int | None) -> None:
    chosen = annotator_assignment.pick_articles(groups, "s", limit=limit)
    assert len(chosen) == (len(groups) if limit is None else min(limit, len(groups)))
    assert len({name.split("-")[0] for name in chosen}) == len(chosen)


@given(GROUPS, st.integers(1, 30))
def test_groups_are_chosen_completely_or_not_at_all(groups: list[tuple[str, ...]], limit: int) -> None:
    chosen = set(annotator_assignment.pick_articles(groups, "s", limit=limit, whole=True))
    assert len(chosen) <= limit
    assert all(chosen.isdisjoint(group) or chosen.issuperset(group) for group in groups)


@given(GROUPS, st.integers(1, 10))
def test_a_smaller_batch_is_the_head_of_a_bigger_one(groups: list[tuple[str, ...]], limit: int) -> None:
    assert annotator_assignment.pick_articles(groups, "s", limit=limit + 3)[
        :limit
    ] == annotator_assignment.pick_articles(groups, "s", limit=limit)


LIMITED = st.integers(1, 5).flatmap(
    lambda people: st.tuples(
        st.integers(1, people),
        st.integers(0, 14),
        st.lists(st.integers(0, 16), min_size=people, max_size=people),
        st.integers(0, 3),
    )
)


@given(LIMITED)
def test_a_plan_within_the_limits_is_found_if_one_exists(case: tuple[int, int, list[int], int]) -> None:
    overlap, items, rooms, n_calibration = case
    n_calibration = min(n_calibration, items)
    limits = {f"A{i}": room for i, room in enumerate(rooms)}
    left, after = items - n_calibration, [room - n_calibration for room in rooms]
    # Gale and Ryser: k different people for each of m items are there exactly where the rooms, cut at m, hold k*m.
    possible = min(after) >= 0 and sum(min(room, left) for room in after) >= overlap * left
    bounds = annotator_assignment.Workload(limits=limits, n_calibration=n_calibration)
    try:
        plan = annotator_assignment.assign_annotators(
            [f"n{i}" for i in range(items)], list(limits), overlap, "s", bounds
        )
    except ValueError:
        assert not possible
        return
    assert possible
    assert [len(names) for names in plan] == [len(limits)] * n_calibration + [overlap] * left
    loads = Counter(name for names in plan for name in names)
    assert all(loads[name] <= room for name, room in limits.items())


@given(st.lists(st.integers(1, 6), max_size=40))
def test_heavy_items_are_spread(weights: list[int]) -> None:
    weigh = {f"n{i}": weight for i, weight in enumerate(weights)}
    plan = annotator_assignment.assign_annotators(
        list(weigh), ["A1", "A2", "A3"], 2, "s", annotator_assignment.Workload(weights=weigh)
    )
    loads = {name: sum(weigh[f"n{i}"] for i, names in enumerate(plan) if name in names) for name in ("A1", "A2", "A3")}
    assert max(loads.values()) - min(loads.values()) <= max(weights, default=0)


def test_items_are_chosen_in_the_order_that_is_given() -> None:
    groups = [("a", "b"), ("c",), ("d", "e")]
    order = ["e", "c", "b", "a", "d"]
    assert annotator_assignment.pick_articles(groups, "s", order=order) == ("e", "c", "b")
    assert annotator_assignment.pick_articles(groups, "s", order=order, whole=True, limit=4) == ("e", "d", "c")
