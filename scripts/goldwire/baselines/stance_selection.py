"""The choice of the full model of stances, by cross-validation on train alone.

The probes are candidates, too: a model that is worse than one of them would not be a baseline. On a thousand pairs,
candidates differ by less than what the choice of the folds changes, which is why folds are drawn several times.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from goldwire.baselines.label_f1 import macro_f1, macro_f1_difference
from goldwire.baselines.scores import Candidate
from goldwire.baselines.stance_models import PROBES, TEXT_MODELS, Contexts, StanceModel, probabilities
from goldwire.union_find import UnionFind

__all__ = ["Selection", "choose_model"]

_CANDIDATES = (*TEXT_MODELS, *PROBES)  # of equal scores, the first is chosen
_N_FOLDS = 5
_N_REPEATS = 3  # in the sample, macro-F1 has a standard deviation of .01 between draws of the folds
_SHARED_SENTENCE = 50  # characters, from which two articles do not have the same sentence by chance


class Selection(msgspec.Struct, frozen=True):
    """The full model, and the cross-validated score of every candidate."""

    model: StanceModel
    candidates: tuple[Candidate, ...]


def choose_model(contexts: Contexts, labels: Sequence[str], articles: Sequence[str]) -> Selection:
    """Choose the model with the highest macro-F1 in repeated cross-validation over the articles of train.

    Articles that share a sentence are in one fold: a copy of a story would be tested on what the story taught.
    With copies in different folds, the sample's scores were .61 to .64 where they are .42 to .43.

    Parameters
    ----------
    contexts : sequence of StanceContext
        The pairs of train.
    labels, articles : sequence of str
        The stance and the article of each.

    Returns
    -------
    Selection
        With a single article nothing can be compared, and the first candidate is taken.
    """
    groups = _article_groups(articles, contexts)
    partitions = [list(_folds(groups, repeat)) for repeat in range(_N_REPEATS)]
    if not partitions[0]:
        return Selection(TEXT_MODELS[0], ())
    predicted = _predictions(contexts, labels, partitions)
    # Each pair counts once for each draw: the score is that of all draws together.
    rows = [{"article_id": group, "label": label} for group, label in zip(groups, labels, strict=True)] * _N_REPEATS
    scored = [(macro_f1(rows, predicted[model.name]), model) for model in _CANDIDATES]
    best = max(((score.value, model) for score, model in scored if score is not None), key=lambda pair: pair[0])[1]
    candidates = tuple(
        Candidate(
            features=model.name,
            score=score.value,
            low=score.low,
            high=score.high,
            chosen=model is best,
            lead=macro_f1_difference(rows, predicted[best.name], predicted[model.name]),
        )
        for score, model in scored
        if score is not None
    )
    return Selection(best, candidates)


def _predictions(
    contexts: Contexts, labels: Sequence[str], partitions: Sequence[Sequence[frozenset[int]]]
) -> dict[str, list[str]]:
    """Return the labels of all pairs that each model predicts when their fold is left out, one draw after the other."""
    classes = sorted(set(labels))
    found = {}
    for features in {features.name: features for model in _CANDIDATES for features in model.features}.values():
        matrix, _ = features.matrices(contexts, contexts[:1])  # of all texts of train; no label is in it
        table = np.zeros((len(partitions), len(contexts), len(classes)))
        for repeat, folds in enumerate(partitions):
            for fold in folds:
                held, rest = sorted(fold), [i for i in range(len(contexts)) if i not in fold]
                table[repeat, held] = probabilities(matrix[rest], [labels[i] for i in rest], matrix[held], classes)
        found[features.name] = table.reshape(-1, len(classes))
    return {
        model.name: [
            classes[best] for best in np.mean([found[one.name] for one in model.features], axis=0).argmax(axis=1)
        ]
        for model in _CANDIDATES
    }


def _article_groups(articles: Sequence[str], contexts: Contexts) -> list[str]:
    """Return a group for each pair: articles that share a long sentence are in one group."""
    sets, first = UnionFind[str](), dict[str, str]()
    for article, context in zip(articles, contexts, strict=True):
        if len(context.holder_sentence) >= _SHARED_SENTENCE:
            sets.union(article, first.setdefault(context.holder_sentence, article))
    return [sets.find(article) for article in articles]


def _folds(groups: Sequence[str], seed: int) -> Iterator[frozenset[int]]:
    """Yield the pairs of each fold; all pairs of a group are in one fold."""
    names = sorted(set(groups))
    n_folds = min(_N_FOLDS, len(names))
    if n_folds < 2:
        return
    order = np.random.default_rng(seed).permutation(len(names))
    fold_of = {name: int(place) % n_folds for name, place in zip(names, order, strict=True)}
    for fold in range(n_folds):
        yield frozenset(i for i, group in enumerate(groups) if fold_of[group] == fold)
