"""Assignment to splits: groups stay together, no article moves, the order of the articles does not matter."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from goldwire.splitting.assignment import SPLITS, NearCopy, SplitItem, SplitPlan, assign, group_articles
from goldwire.splitting.strategies import StratifiedStrategy

RATIOS = {"train": 0.7, "validation": 0.15, "test": 0.15}

features = st.dictionaries(
    st.sampled_from(["entity:PER", "entity:ORG", "stance:opposes", "outlet:a", "outlet:b"]), st.integers(1, 9)
)
corpora = st.lists(st.tuples(st.integers(0, 12), features), max_size=40).map(
    lambda rows: [SplitItem(f"a{n:03d}", f"g{group}", counts) for n, (group, counts) in enumerate(rows)]
)


def assign_stratified(items, existing=None, near_copies=(), *, seed: int = 13, held_out=()) -> SplitPlan:
    return assign(items, existing or {}, StratifiedStrategy(RATIOS, seed), near_copies, held_out)


def singles(*ids: str) -> list[SplitItem]:
    """Articles that are each in a group of their own."""
    return [SplitItem(article_id, article_id) for article_id in ids]


def near(left: str, right: str, jaccard: float = 0.5, containment: float = 1.0) -> NearCopy:
    return NearCopy(left, right, jaccard, containment)


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
    assert second.held_out == {}
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


def test_an_article_whose_group_is_in_two_splits_is_held_out():
    items = [
        SplitItem("a", "g", {}),
        SplitItem("b", "g", {}),
        SplitItem("bridge", "g", {}),
        SplitItem("other", "h", {}),
    ]
    plan = assign_stratified(items, {"a": "test", "b": "train"})
    assert plan.held_out == {"bridge": "near-duplicate of b in train and of a in test"}
    assert plan.splits.keys() == {"other"}


def test_a_near_copy_of_articles_in_two_splits_is_held_out_although_its_cluster_was_cut():
    items = [*singles("a"), SplitItem("b", "b"), SplitItem("bridge", "b")]
    pairs = [near("a", "bridge", 0.51, 1.0), near("b", "bridge", 0.43, 0.976)]
    plan = assign_stratified(items, {"a": "train", "b": "test"}, pairs)
    assert plan.held_out == {
        "bridge": "near-duplicate of a in train (Jaccard 0.51, containment 1.00) and of b in test "
        "(Jaccard 0.43, containment 0.98)"
    }
    assert plan.splits == {}


def test_a_near_copy_of_one_split_joins_it_and_so_do_its_own_near_copies():
    items = singles("old", "new", "newer", "newest")
    pairs = [near("old", "newest"), near("newest", "new"), near("new", "newer")]
    plan = assign_stratified(items, {"old": "validation"}, pairs)
    assert (set(plan.splits.values()), plan.held_out) == ({"validation"}, {})


def test_of_a_chain_of_new_articles_between_two_splits_one_is_held_out():
    pairs = [near("a", "m"), near("m", "n"), near("n", "z")]
    plan = assign_stratified(singles("a", "m", "n", "z"), {"a": "train", "z": "test"}, pairs)
    assert plan.splits == {"m": "train"}
    assert set(plan.held_out) == {"n"}


def test_new_near_copies_of_different_clusters_get_one_split():
    items = singles(*(f"a{n:02d}" for n in range(40)))
    pairs = [near(f"a{n:02d}", f"a{n + 1:02d}") for n in range(0, 40, 2)]
    plan = assign_stratified(items, None, pairs)
    assert all(plan.splits[pair.left] == plan.splits[pair.right] for pair in pairs)
    assert set(plan.splits.values()) == set(SPLITS)


def test_an_article_that_was_held_out_stays_so_and_connects_nothing():
    items = singles("a", "bridge", "late", "z")
    pairs = [near("a", "bridge"), near("bridge", "z"), near("bridge", "late")]
    splits = {"a": "train", "z": "test"}
    plan = assign_stratified(items, splits, pairs, held_out=["bridge"])
    assert (plan.splits.keys(), plan.held_out) == ({"late"}, {})


@given(corpora, st.lists(st.tuples(st.integers(0, 39), st.integers(0, 39)), max_size=30), st.integers(0, 40))
def test_no_near_copy_is_ever_in_another_split(items, pairs, n_first):
    ids = [item.article_id for item in items]
    copies = [near(ids[a], ids[b]) for a, b in pairs if a != b and max(a, b) < len(ids)]
    first = assign_stratified(items[:n_first], None, copies)
    second = assign_stratified(items, first.splits, copies, held_out=first.held_out)
    splits = first.splits | second.splits
    assert splits.keys() | first.held_out.keys() | second.held_out.keys() == set(ids)
    assert first.held_out == {}
    for pair in copies:
        assert len({splits[name] for name in (pair.left, pair.right) if name in splits}) < 2


def test_overlapping_groups_are_joined():
    assert group_articles([("a", "b"), ("x", "y")], [("b", "c")]) == {
        **dict.fromkeys("abc", "a"),
        **dict.fromkeys("xy", "x"),
    }


def test_a_group_that_joins_two_groups_joins_all_their_members():
    assert set(group_articles([("c", "d"), ("a", "b"), ("b", "c")]).values()) == {"a"}
