"""Split strategies: even shares, the newest articles in test, held-out outlets only in test."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.errors import GoldwireError
from goldwire.splitting.assignment import SPLITS, SplitItem, assign
from goldwire.splitting.strategies import DateStrategy, OutletStrategy, StratifiedStrategy

RATIOS = {"train": 0.7, "validation": 0.15, "test": 0.15}
MEAN_COUNTS = {"entity:PER": 8, "entity:ORG": 5, "entity:ISSUE": 1, "stance:a": 2, "stance:b": 1}


def dated_items(days: str) -> list[SplitItem]:
    return [SplitItem(f"a{n}", f"a{n}", published=f"2021-03-{day:0>2}") for n, day in enumerate(days.split())]


def test_a_split_with_ratio_0_stays_empty():
    items = [SplitItem(f"a{n}", f"a{n}", {"entity:PER": 1}) for n in range(9)]
    splits = assign(items, {}, StratifiedStrategy({"train": 0.8, "validation": 0, "test": 0.2}, 1)).splits
    assert set(splits.values()) == {"train", "test"}


def test_different_seeds_assign_different_splits():
    items = [SplitItem(f"a{n}", f"a{n}", {"entity:PER": 1}) for n in range(60)]
    plans = {tuple(assign(items, {}, StratifiedStrategy(RATIOS, seed)).splits.items()) for seed in range(4)}
    assert len(plans) == 4


def skewed_corpus(n_articles: int) -> list[SplitItem]:
    """Return articles of unequal length from unequal outlets, some of them with two near-duplicates."""
    luck = random.Random(7)
    items: list[SplitItem] = []
    while len(items) < n_articles:
        group, length = f"g{len(items)}", luck.random() + 0.3
        for _ in range(1 if luck.random() < 0.9 else 3):
            counts = {f"outlet:{luck.choice('aaaabbbccd')}": 1}
            for name, mean in MEAN_COUNTS.items():
                counts[name] = int(luck.expovariate(1 / mean) * length)
            items.append(SplitItem(f"a{len(items):04d}", group, counts))
    return items


def shares_within_kind(counts: Counter[str]) -> dict[str, float]:
    """Return the share of each feature among the features of its kind."""
    kind_totals = Counter[str]()
    for name, count in counts.items():
        kind_totals[name.partition(":")[0]] += count
    return {name: count / kind_totals[name.partition(":")[0]] for name, count in counts.items()}


@pytest.mark.parametrize("steps", [1, 10])
def test_shares_are_within_two_points_on_a_thousand_articles(steps):
    items = skewed_corpus(1000)
    splits: dict[str, str] = {}
    for step in range(1, steps + 1):
        splits |= assign(items[: len(items) * step // steps], splits, StratifiedStrategy(RATIOS, 13)).splits
    counts = {split: Counter[str]() for split in SPLITS}
    for item in items:
        counts[splits[item.article_id]].update(item.features)
    overall = shares_within_kind(sum(counts.values(), Counter[str]()))
    for split in SPLITS:
        shares = shares_within_kind(counts[split])
        for name, share in overall.items():
            assert abs(shares[name] - share) < 0.02, (split, name)
        n_articles = sum(assigned == split for assigned in splits.values())
        assert abs(n_articles / len(items) - RATIOS[split]) < 0.02


def test_by_date_the_newest_articles_are_in_test():
    items = dated_items("1 2 3 4 5 6 7 8 9 10")
    splits = assign(items, {}, DateStrategy({"train": 0.6, "validation": 0.2, "test": 0.2})).splits
    assert "".join(split[0] for split in splits.values()) == "ttttttvvtt"
    assert [article_id for article_id, split in splits.items() if split == "test"] == ["a8", "a9"]


def test_by_date_a_day_is_not_divided_and_later_days_join_test():
    items = dated_items("1 1 1 1 2 2 3 3")
    splits = assign(items, {}, DateStrategy(RATIOS)).splits
    assert [splits[f"a{n}"] for n in (3, 4, 5, 6, 7)] == ["train", "validation", "validation", "test", "test"]
    more = [
        *items,
        SplitItem("old", "old", published="2020-01-01"),
        SplitItem("new", "new", published="2022-01-01"),
    ]
    assert assign(more, splits, DateStrategy(RATIOS)).splits == {"new": "test", "old": "train"}


@given(st.lists(st.integers(1, 28), max_size=30), st.integers(0, 30))
def test_by_date_every_train_article_is_older_than_every_test_article(days, n_first):
    items = dated_items(" ".join(map(str, days)))
    splits = assign(items[:n_first], {}, DateStrategy(RATIOS)).splits
    splits |= assign(items, splits, DateStrategy(RATIOS)).splits
    dates = {split: [item.published for item in items if splits[item.article_id] == split] for split in SPLITS}
    assert max(dates["train"], default="") < min(dates["validation"] + dates["test"], default="x")
    assert max(dates["validation"], default="") < min(dates["test"], default="x")


def test_by_date_after_another_strategy_is_refused():
    with pytest.raises(GoldwireError):
        assign(dated_items("1 2"), {"a0": "test", "a1": "train"}, DateStrategy(RATIOS))


def test_held_out_outlets_are_only_in_test():
    items = [SplitItem(f"a{n}", f"g{n // 2}", {f"outlet:{n % 3}": 1}, outlet=str(n % 3)) for n in range(30)]
    splits = assign(items, {}, OutletStrategy({"1"}, RATIOS, 13)).splits
    assert {splits[item.article_id] for item in items if item.outlet == "1"} == {"test"}
    assert {splits[f"a{n}"] for n in range(30) if n // 2 % 3 == 1} == {"train", "validation"}
    with pytest.raises(GoldwireError):
        assign(items, {"a0": "train"}, OutletStrategy({"0"}, RATIOS, 13))


def test_by_date_a_late_copy_of_an_article_in_train_is_held_out_and_the_next_run_works():
    items = dated_items(" ".join(map(str, range(1, 21))))
    splits = assign(items, {}, DateStrategy(RATIOS)).splits
    assert (splits["a0"], splits["a17"]) == ("train", "test")
    late = SplitItem("late", "a0", published="2021-12-01")
    early = SplitItem("early", "a0", published="2021-03-02")
    plan = assign([*items, late, early], splits, DateStrategy(RATIOS))
    assert plan.splits == {"early": "train"}
    reason = "near-duplicate of a0 in train; it was published on 2021-12-01, and test begins on 2021-03-18"
    assert plan.held_out == {"late": reason}
    new = SplitItem("new", "new", published="2021-12-02")
    again = assign([*items, late, early, new], splits | plan.splits, DateStrategy(RATIOS), held_out=plan.held_out)
    assert (again.splits, again.held_out) == ({"new": "test"}, {})


def test_a_copy_by_a_held_out_outlet_does_not_join_train():
    strategy = OutletStrategy({"1"}, RATIOS, 13)
    items = [SplitItem(f"a{n}", f"a{n}", outlet=str(n % 2)) for n in range(20)]
    splits = assign(items, {}, strategy).splits
    assert splits["a0"] != "test"
    copies = [SplitItem("same", "a0", outlet="0"), SplitItem("wire", "a0", outlet="1")]
    plan = assign([*items, *copies], splits, strategy)
    assert plan.splits == {"same": splits["a0"]}
    assert plan.held_out == {"wire": f"near-duplicate of a0 in {splits['a0']}; articles of 1 are only in test"}
    assert assign([*items, *copies], splits | plan.splits, strategy, held_out=plan.held_out).held_out == {}
