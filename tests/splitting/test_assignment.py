"""Assignment to splits: groups stay together, no article moves, the order of the articles does not matter."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from goldwire.splitting.assignment import SPLITS, SplitItem, SplitPlan, assign, group_articles
from goldwire.splitting.strategies import stratified

RATIOS = {"train": 0.7, "validation": 0.15, "test": 0.15}

features = st.dictionaries(
    st.sampled_from(["entity:PER", "entity:ORG", "stance:opposes", "outlet:a", "outlet:b"]), st.integers(1, 9)
)
corpora = st.lists(st.tuples(st.integers(0, 12), features), max_size=40).map(
    lambda rows: [SplitItem(f"a{n:03d}", f"g{group}", counts) for n, (group, counts) in enumerate(rows)]
)


def assign_stratified(items, existing=None, seed: int = 13) -> SplitPlan:
    return assign(items, existing or {}, stratified(RATIOS, seed))


@given(corpora)
def test_no_group_is_in_two_splits(items):
    splits = assign_stratified(items).splits
    assert splits.keys() == {item.article_id for item in items}
    splits_of_group: dict[str, set[str]] = {}
    for item in items:
        splits_of_group.setdefault(item.group, set()).add(splits[item.article_id])
    assert all(len(group_splits) == 1 for group_splits in splits_of_group.values())


@given(corpora, st.integers(0, 40), st.integers(0, 3))
def test_adding_articles_moves_no_article(items, n_first, seed):
    first = assign_stratified(items[:n_first], seed=seed).splits
    second = assign_stratified(items, first, seed=seed)
    assert not second.splits.keys() & first.keys()
    assert second.quarantined == {}
    assert assign_stratified(items, first | second.splits, seed=seed).splits == {}


@given(corpora, st.randoms(use_true_random=False))
def test_the_order_of_the_articles_does_not_matter(items, random):
    shuffled = list(items)
    random.shuffle(shuffled)
    assert assign_stratified(shuffled) == assign_stratified(items)


@given(corpora)
def test_every_split_gets_a_group_if_there_are_enough(items):
    groups = {item.group for item in items}
    filled = set(assign_stratified(items).splits.values())
    assert len(filled) == min(len(groups), len(SPLITS)) or (len(groups) == 2 and len(filled) == 2)


def test_a_new_article_follows_its_near_duplicate():
    items = [SplitItem("old", "g", {}), SplitItem("new", "g", {})]
    assert assign_stratified(items, {"old": "test"}).splits == {"new": "test"}


def test_an_article_that_joins_two_splits_is_quarantined():
    items = [
        SplitItem("a", "g", {}),
        SplitItem("b", "g", {}),
        SplitItem("bridge", "g", {}),
        SplitItem("other", "h", {}),
    ]
    plan = assign_stratified(items, {"a": "test", "b": "train"})
    assert plan.quarantined == {"bridge": ("train", "test")}
    assert plan.splits.keys() == {"other"}


def test_overlapping_groups_are_joined():
    assert group_articles([("a", "b"), ("x", "y")], [("b", "c")]) == {
        **dict.fromkeys("abc", "a"),
        **dict.fromkeys("xy", "x"),
    }


def test_a_group_that_joins_two_groups_joins_all_their_members():
    assert set(group_articles([("c", "d"), ("a", "b"), ("b", "c")]).values()) == {"a"}
