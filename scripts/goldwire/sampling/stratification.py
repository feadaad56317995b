"""Parts of a corpus by source, date and length, and how many articles of each a batch takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from goldwire.records import Article
from goldwire.sampling.annotator_assignment import draw

__all__ = ["KEYS", "allocate", "stratify"]

KEYS = ("source", "year", "month", "length")
"""What articles can be parted by."""


def stratify(articles: Iterable[Article], keys: Sequence[str]) -> dict[str, str]:
    """The stratum of each article, by id: its values of `keys` in words, such as `harbour-post 2021 short`.

    Length is told by thirds of these very articles, in characters: equal lengths are in one third.
    """
    articles = list(articles)
    lengths = sorted(len(article.text) for article in articles)
    ends = [lengths[len(lengths) * third // 3] for third in (1, 2)] if lengths else [0, 0]
    read: dict[str, Callable[[Article], str]] = {
        "source": lambda article: article.source,
        "year": lambda article: (article.published or "undated")[:7].partition("-")[0],
        "month": lambda article: (article.published or "undated")[:7],
        "length": lambda article: ("short", "medium", "long")[sum(len(article.text) >= end for end in ends)],
    }
    return {article.id: " ".join(read[key](article) for key in keys) for article in articles}


def allocate(strata: Iterable[str], total: int, key: str) -> dict[str, int]:
    """How many of `total` fall to each stratum, in proportion to how often it occurs: by largest remainders.

    Of equal remainders those drawn first by `key` are rounded up (Hare's quota; never more than there are).
    """
    sizes: Mapping[str, int] = Counter(strata)
    whole = sum(sizes.values())
    total = min(total, whole)
    shares = {name: divmod(total * size, whole) for name, size in sizes.items()}
    left = total - sum(share for share, _ in shares.values())
    place = {name: number for number, name in enumerate(draw(sizes, key))}
    up = sorted(shares, key=lambda name: (-shares[name][1], place[name]))[:left]
    return {name: share + (name in up) for name, (share, _) in sorted(shares.items())}
