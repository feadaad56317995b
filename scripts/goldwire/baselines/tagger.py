"""A simple entity tagger: a linear model over each token and its neighbours, and a list of names as its probe.

Logistic regression by averaged stochastic gradient descent: a pass takes a few seconds where a structured perceptron
in Python takes minutes, which is enough for a baseline.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["TokenSpan", "collect_names", "find_names", "spans_of_tags", "tag", "tag_probabilities", "token_entropy"]

TokenSpan = tuple[int, int, str]
"""First token, end token (exclusive) and label."""

Row = Mapping[str, Any]
"""A row with `tokens`, and with `ner_tags` if a model is trained on it."""

_MAX_NAME_LENGTH = 8  # tokens of a name that is looked up


def spans_of_tags(tags: Sequence[str]) -> set[TokenSpan]:
    """Return the spans that BIO tags mark; an `I-` tag that continues nothing begins a span."""
    spans, start = set(), 0
    for i, tag in enumerate([*tags, "O"]):
        previous = tags[i - 1] if i else "O"
        if previous != "O" and not (tag.startswith("I-") and tag[2:] == previous[2:]):
            spans.add((start, i, previous[2:]))
        if tag != "O" and not (tag.startswith("I-") and previous[2:] == tag[2:]):
            start = i
    return spans


def tag(train: Sequence[Row], rows: Sequence[Row]) -> list[set[TokenSpan]]:
    """Train on the tags of `train` and return the predicted spans of each row in `rows`."""
    model = _fit(train)
    if model is None:
        return [set() for _ in rows]
    predictions = (model.predict(_feature_matrix([row])) if row["tokens"] else () for row in rows)
    return [spans_of_tags([str(tag) for tag in tags]) for tags in predictions]


def token_entropy(train: Sequence[Row], rows: Iterable[Row]) -> list[float]:
    """Train on the tags of `train` and return the mean entropy of the predictions for the tokens of each of `rows`.

    Returns
    -------
    list of float
        In nats; nan if `train` has fewer than two tags, 0 for a row without tokens.
    """
    model = _fit(train)
    entropies = []
    for row in rows:
        if model is None:
            entropies.append(float("nan"))
            continue
        probabilities = model.predict_proba(_feature_matrix([row])) if row["tokens"] else np.ones((1, 1))
        entropies.append(float(-(probabilities * np.log(probabilities + 1e-12)).sum(axis=1).mean()))
    return entropies


def tag_probabilities(train: Sequence[Row], rows: Iterable[Row]) -> tuple[tuple[str, ...], list[NDArray[np.float64]]]:
    """Train on the tags of `train` and return the probability of each label for each token of `rows`.

    Returns
    -------
    tuple of str
        The labels, sorted; the empty one stands for tokens outside all spans. Empty if `train` has fewer than two tags.
    list of ndarray of shape (n_tokens, n_labels)
        The probabilities of each row: those of `B-PER` and `I-PER` together are those of `PER`.
    """
    model = _fit(train)
    if model is None:
        return (), [np.empty((len(row["tokens"]), 0)) for row in rows]
    labels = tuple(sorted({str(tag)[2:] for tag in model.classes_}))
    is_label = np.array([[str(tag)[2:] == label for label in labels] for tag in model.classes_], dtype=np.float64)
    found = []
    for row in rows:
        empty = np.empty((0, len(labels)))
        found.append(model.predict_proba(_feature_matrix([row])) @ is_label if row["tokens"] else empty)
    return labels, found


def collect_names(train: Iterable[Row]) -> dict[tuple[str, ...], str]:
    """Return each name marked in `train` with its most frequent label."""
    counts: dict[tuple[str, ...], Counter[str]] = {}
    for row in train:
        for start, end, label in spans_of_tags(row["ner_tags"]):
            counts.setdefault(tuple(row["tokens"][start:end]), Counter())[label] += 1
    return {name: min(labels, key=lambda label: (-labels[label], label)) for name, labels in counts.items()}


def find_names(names: Mapping[tuple[str, ...], str], tokens: Sequence[str]) -> set[TokenSpan]:
    """Return the spans of known names, the longest first from the left."""
    spans, start = set(), 0
    while start < len(tokens):
        ends = range(min(len(tokens), start + _MAX_NAME_LENGTH), start, -1)
        end = next((end for end in ends if tuple(tokens[start:end]) in names), None)
        if end is not None:
            spans.add((start, end, names[tuple(tokens[start:end])]))
        start = start + 1 if end is None else end
    return spans


def _fit(train: Sequence[Row]) -> Any:
    """Return a model of the tags; None if all tags are the same."""
    from sklearn.linear_model import SGDClassifier

    tags = np.array([tag for row in train for tag in row["ner_tags"]])
    if len(set(tags)) < 2:
        return None
    model = SGDClassifier(loss="log_loss", alpha=1e-6, average=True, max_iter=5, tol=None, random_state=0)
    return model.fit(_feature_matrix(train), tags)


def _feature_matrix(rows: Iterable[Row]) -> Any:
    from sklearn.feature_extraction.text import HashingVectorizer

    vectorizer = HashingVectorizer(analyzer=list, n_features=2**18, norm=None, alternate_sign=False)
    return vectorizer.transform(_token_features(rows))


def _token_features(rows: Iterable[Row]) -> Iterable[list[str]]:
    """Yield the features of each token: the token, its affixes and shape, its neighbours."""
    for row in rows:
        words = ["<s>", "<s>", *row["tokens"], "</s>", "</s>"]
        shapes = [_shape(word) for word in words]
        capitalized = {word for word in row["tokens"] if word[:1].isupper()}
        for i in range(2, len(words) - 2):
            word, lower = words[i], words[i].lower()
            yield [
                "bias",
                f"w={word}",
                f"l={lower}",
                f"p={lower[:3]}",
                *(f"s{n}={lower[-n:]}" for n in (2, 3, 4)),
                f"sh={shapes[i]}",
                *(f"w{n}={words[i + n].lower()}" for n in (-2, -1, 1, 2)),
                *(f"sh{n}={shapes[i + n]}" for n in (-1, 1)),
                f"w-1w={words[i - 1].lower()} {lower}",
                f"ww+1={lower} {words[i + 1].lower()}",
                f"shapes={shapes[i - 1]} {shapes[i]} {shapes[i + 1]}",
                f"capital={word.capitalize() in capitalized}",
            ]


def _shape(word: str) -> str:
    """The word's shape with runs collapsed: `McDonald` gives `AaAa`, `2021` gives `0`."""
    kinds = ["A" if c.isupper() else "a" if c.islower() else "0" if c.isdigit() else c for c in word[:12]]
    return "".join(kind for i, kind in enumerate(kinds) if i == 0 or kind != kinds[i - 1])
