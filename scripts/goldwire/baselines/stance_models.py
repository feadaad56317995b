"""Simple models of the stance of a given holder-target pair, and probes that see too little to solve the task.

`stance_selection` chooses the full model among them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.baselines.stance_context import StanceContext

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = [
    "FULL_MODEL",
    "PROBES",
    "TEXT_MODELS",
    "Contexts",
    "FeatureSet",
    "StanceModel",
    "classify",
    "predict_distributions",
    "probabilities",
]

FULL_MODEL = "TF-IDF and logistic regression"

Contexts = Sequence[StanceContext]
Floats = NDArray[np.float64]

_WORD = r"\w+|[^\w\s]"  # also "I" and punctuation: a text of nothing else would leave no vocabulary


class TextBlock(msgspec.Struct, frozen=True):
    """A text of the context, and the longest n-gram that is taken from it."""

    text_of: Callable[[StanceContext], str]
    max_ngram: int


class FeatureSet(msgspec.Struct, frozen=True):
    """The features of a pair that a model sees: texts, or the lengths alone."""

    name: str
    blocks: tuple[TextBlock, ...] = ()

    def matrices(self, train: Contexts, contexts: Contexts) -> tuple[csr_matrix, csr_matrix]:
        """Return the feature matrix of train and of other contexts."""
        from scipy.sparse import hstack

        if not self.blocks:
            return _length_features(train, contexts)
        pairs = [_tfidf(block, train, contexts) for block in self.blocks]
        train_blocks, other_blocks = zip(*pairs, strict=True)
        return hstack(train_blocks).tocsr(), hstack(other_blocks).tocsr()


def _names(context: StanceContext) -> str:
    return f"{context.holder} | {context.target}"


_VIEWS = (
    FeatureSet(
        "the holder's sentence, the words around both mentions, and both names",
        (
            TextBlock(lambda context: context.holder_sentence, 2),
            TextBlock(lambda context: context.windows, 1),
            TextBlock(_names, 1),
        ),
    ),
    FeatureSet(
        "the sentences around the pair, the words between, and both names",
        (
            TextBlock(lambda context: context.marked, 3),
            TextBlock(lambda context: context.between, 2),
            TextBlock(_names, 1),
        ),
    ),
    FeatureSet("the holder's sentence", (TextBlock(lambda context: context.holder_sentence, 1),)),
)


class StanceModel(msgspec.Struct, frozen=True):
    """A logistic regression for each set of features; the mean of their probabilities is the model's.

    All have the default strength of regularization of scikit-learn, so that no model or probe is favoured.
    """

    name: str
    features: tuple[FeatureSet, ...]


TEXT_MODELS = (
    StanceModel("mean of the three models of text below", _VIEWS),
    *(StanceModel(view.name, (view,)) for view in _VIEWS),
)

PROBES = tuple(
    StanceModel(features.name, (features,))
    for features in (
        FeatureSet("target's name only", (TextBlock(lambda context: context.target, 2),)),
        FeatureSet("holder's name only", (TextBlock(lambda context: context.holder, 2),)),
        FeatureSet("both names only", (TextBlock(_names, 2),)),
        FeatureSet("target masked", (TextBlock(lambda context: context.masked, 3),)),
        FeatureSet("lengths only"),
    )
)


def classify(model: StanceModel, train: Contexts, labels: Sequence[str], contexts: Contexts) -> list[str]:
    """Train a model and return the predicted label of each context."""
    if not contexts:
        return []
    classes = sorted(set(labels))
    pairs = [features.matrices(train, contexts) for features in model.features]
    mean = np.mean([probabilities(train_matrix, labels, matrix, classes) for train_matrix, matrix in pairs], axis=0)
    return [classes[best] for best in mean.argmax(axis=1)]


def probabilities(
    train_matrix: csr_matrix, labels: Sequence[str], matrix: csr_matrix, classes: Sequence[str]
) -> Floats:
    """Train a logistic regression and return the probability of each of `classes` for each row of `matrix`."""
    found = np.zeros((matrix.shape[0], len(classes)))
    known = sorted(set(labels))
    columns = [classes.index(label) for label in known]
    if len(known) == 1:
        found[:, columns] = 1
        return found
    from sklearn.linear_model import LogisticRegression

    # Balanced: macro-F1 counts a rare stance as much as a common one. On a thousand pairs with 36,172 columns,
    # newton-cg takes a quarter of the time of lbfgs.
    model = LogisticRegression(class_weight="balanced", solver="newton-cg")
    found[:, columns] = model.fit(train_matrix, labels).predict_proba(matrix)
    return found


def predict_distributions(model: StanceModel, train: Contexts, shares: Floats, contexts: Contexts) -> Floats:
    """Train a model on distributions of labels and return the predicted ones.

    Each pair of train is there once per label, with the label's share as its weight.
    """
    rows, labels = np.nonzero(shares)
    predicted = np.zeros((len(contexts), shares.shape[1]))
    if len(set(labels.tolist())) == 1:
        predicted[:, labels[0]] = 1
        return predicted
    from sklearn.linear_model import LogisticRegression

    for features in model.features:
        train_matrix, matrix = features.matrices(train, contexts)
        # Not balanced, unlike `probabilities`: the distribution is to be right, not each label found.
        regression = LogisticRegression(solver="newton-cg")
        regression.fit(train_matrix[rows], labels, sample_weight=shares[rows, labels])
        predicted[:, regression.classes_] += regression.predict_proba(matrix) / len(model.features)
    return predicted


def _length_features(train: Contexts, contexts: Contexts) -> tuple[csr_matrix, csr_matrix]:
    from scipy.sparse import csr_matrix

    lengths = np.array([context.lengths for context in train])
    mean, scale = lengths.mean(axis=0), np.maximum(lengths.std(axis=0), 1e-9)
    others = np.array([context.lengths for context in contexts])
    return csr_matrix((lengths - mean) / scale), csr_matrix((others - mean) / scale)


def _tfidf(block: TextBlock, train: Contexts, contexts: Contexts) -> tuple[csr_matrix, csr_matrix]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(ngram_range=(1, block.max_ngram), sublinear_tf=True, token_pattern=_WORD)
    # One more word, the same everywhere: it separates no two texts, and makes an empty text valid.
    train_matrix = vectorizer.fit_transform([f"{block.text_of(context)} goldwire" for context in train])
    return train_matrix, vectorizer.transform([f"{block.text_of(context)} goldwire" for context in contexts])
