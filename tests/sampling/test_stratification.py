"""Parts of a corpus in proportion."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from goldwire.sampling import stratification
from support import factories


def test_strata_follow_the_keys() -> None:
    articles = [
        factories.article("x" * length, id=f"{source}-{length}", source=source, published=published)
        for source, length, published in [("a", 10, "2021-03-04T10:00:00Z"), ("b", 20, "2022-01-01"), ("a", 30, None)]
    ]
    assert stratification.stratify(articles, ("source", "year", "length")) == {
        "a-10": "a 2021 short",
        "b-20": "b 2022 medium",
        "a-30": "a undated long",
    }
    assert set(stratification.stratify(articles, ("month",)).values()) == {"2021-03", "2022-01", "undated"}


@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=60), st.integers(1, 70), st.text(max_size=3))
def test_each_part_has_its_share_to_within_one_and_the_total_is_exact(names: list[str], total: int, key: str) -> None:
    quotas, sizes = stratification.allocate(names, total, key), Counter(names)
    assert sum(quotas.values()) == min(total, len(names))
    for name, quota in quotas.items():
        assert quota <= sizes[name]
        assert abs(quota - min(total, len(names)) * sizes[name] / len(names)) < 1


def test_largest_remainders() -> None:
    assert stratification.allocate("a" * 5 + "b" * 3 + "c" * 2, 4, "s") == {"a": 2, "b": 1, "c": 1}
    assert {tuple(stratification.allocate("ab", 1, str(seed)).values()) for seed in range(20)} == {(0, 1), (1, 0)}
