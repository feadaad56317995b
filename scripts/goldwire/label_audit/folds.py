"""Folds of articles for out-of-fold predictions: copies of a story are in one fold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from goldwire.records import AnnotationLayer, Article
from goldwire.text.sentences import sentences
from goldwire.union_find import UnionFind

__all__ = ["N_FOLDS", "FoldedGold", "article_folds"]

N_FOLDS = 5
_SHARED_SENTENCE = 50  # characters, from which two articles do not have the same sentence by chance


class FoldedGold(msgspec.Struct, frozen=True):
    """The labels to audit, in folds: a model of the other folds judges each of them.

    Parameters
    ----------
    articles : mapping of str to Article
    layers : sequence of AnnotationLayer
        One layer per article.
    folds : mapping of str to int
        The fold of each article.
    """

    articles: Mapping[str, Article]
    layers: Sequence[AnnotationLayer]
    folds: Mapping[str, int]


def article_folds(articles: Mapping[str, Article], n_folds: int = N_FOLDS) -> dict[str, int]:
    """Return the fold of each article; the folds have about equal numbers of characters.

    Articles that share a sentence of 50 characters are in one fold: a model that saw the copy has seen the label.

    Parameters
    ----------
    articles : mapping of str to Article
    n_folds : int, default 5

    Examples
    --------
    >>> article_folds({})
    {}
    """
    sets, first = UnionFind[str](), dict[str, str]()
    for name, article in articles.items():
        sets.find(name)
        for start, end in sentences(article.text, article.language):
            if end - start > _SHARED_SENTENCE:
                sets.union(name, first.setdefault(article.text[start:end], name))
    sizes: Counter[int] = Counter(dict.fromkeys(range(n_folds), 0))
    folds: dict[str, int] = {}
    groups = ((sum(len(articles[name].text) + 1 for name in group), group) for group in sets.groups())
    for size, group in sorted(groups, key=lambda item: (-item[0], item[1])):
        fold = min(sizes, key=lambda number: (sizes[number], number))
        sizes[fold] += size
        folds |= dict.fromkeys(group, fold)
    return folds
