"""Strata of a corpus by source, date and length, and the number of articles that a batch takes from each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from goldwire.records import Article
from goldwire.sampling.annotator_assignment import random_order

__all__ = ["KEYS", "allocate", "stratify"]

KEYS = ("source", "year", "month", "length")
"""The keys by which a corpus can be stratified."""


def stratify(articles: Iterable[Article], keys: Sequence[str]) -> dict[str, str]:
    """Return the stratum of each article, by id: its values of `keys`, such as `harbour-post 2021 short`.

    Length is `short`, `medium` or `long` by thirds of these articles, in characters; equal lengths are in one third.
    """
    articles = list(articles)
    lengths = sorted(len(article.text) for article in articles)
    bounds = [lengths[len(lengths) * third // 3] for third in (1, 2)] if lengths else [0, 0]
    read: dict[str, Callable[[Article], str]] = {
        "source": lambda article: article.source,
        "year": lambda article: (article.published or "undated")[:7].partition("-")[0],
        "month": lambda article: (article.published or "undated")[:7],
        "length": lambda article: ("short", "medium", "long")[sum(len(article.text) >= bound for bound in bounds)],
    }
    return {article.id: " ".join(read[key](article) for key in keys) for article in articles}


def allocate(strata: Iterable[str], total: int, key: str) -> dict[str, int]:
    """Return how many of `total` each stratum gets, proportional to its size, by largest remainders (Hare quota).

    Of equal remainders, those first in the random order of `key` are rounded up. No stratum gets more than its size.
    """
    sizes: Mapping[str, int] = Counter(strata)
    size = sum(sizes.values())
    total = min(total, size)
    shares = {name: divmod(total * count, size) for name, count in sizes.items()}
    remaining = total - sum(share for share, _ in shares.values())
    rank = {name: number for number, name in enumerate(random_order(sizes, key))}
    rounded_up = sorted(shares, key=lambda name: (-shares[name][1], rank[name]))[:remaining]
    return {name: share + (name in rounded_up) for name, (share, _) in sorted(shares.items())}
