"""A simple tagger of entities: a linear model over each token and its neighbours, and a list of names as its probe.

Logistic regression by averaged stochastic gradient: one pass is a few seconds where a structured perceptron in Python
is minutes, and a baseline is no more than that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = ["Span", "learn_names", "look_up", "spans_of", "tag", "token_entropy"]

Span = tuple[int, int, str]  # in tokens, half-open
Row = Mapping[str, Any]

_LONGEST = 8  # tokens of a name that is looked up


def spans_of(tags: Sequence[str]) -> set[Span]:
    """The spans that BIO tags mark; an `I-` that continues nothing begins a span."""
    found, start = set(), 0
    for i, tag in enumerate([*tags, "O"]):
        before = tags[i - 1] if i else "O"
        if before != "O" and not (tag.startswith("I-") and tag[2:] == before[2:]):
            found.add((start, i, before[2:]))
        if tag != "O" and not (tag.startswith("I-") and before[2:] == tag[2:]):
            start = i
    return found


def tag(train: Sequence[Row], rows: Sequence[Row]) -> list[set[Span]]:
    """Learn from the tags of `train` and give the spans of each of `rows`."""
    model = _learn(train)
    if model is None:
        return [set() for _ in rows]
    guessed = (model.predict(_hashed([row])) if row["tokens"] else () for row in rows)
    return [spans_of([str(one) for one in tags]) for tags in guessed]


def token_entropy(train: Sequence[Row], rows: Iterable[Row]) -> list[float]:
    """Learn from the tags of `train`; the mean entropy (nats) of what that says of the tokens of each of `rows`.

    nan where there is nothing to learn from, 0 where there is no token.
    """
    import numpy as np

    model = _learn(train)
    found = []
    for row in rows:
        said = model.predict_proba(_hashed([row])) if model is not None and row["tokens"] else np.ones((1, 1))
        found.append(float(-(said * np.log(said + 1e-12)).sum(axis=1).mean()) if model is not None else float("nan"))
    return found


def _learn(train: Sequence[Row]) -> Any:
    """A model of the tags; None where all are one."""
    import numpy as np
    from sklearn.linear_model import SGDClassifier

    tags = np.array([tag for row in train for tag in row["ner_tags"]])
    if len(set(tags)) < 2:
        return None
    model = SGDClassifier(loss="log_loss", alpha=1e-6, average=True, max_iter=5, tol=None, random_state=0)
    return model.fit(_hashed(train), tags)


def _hashed(rows: Iterable[Row]) -> Any:
    from sklearn.feature_extraction.text import HashingVectorizer

    hashing = HashingVectorizer(analyzer=list, n_features=2**18, norm=None, alternate_sign=False)
    return hashing.transform(_features(rows))


def learn_names(train: Iterable[Row]) -> dict[tuple[str, ...], str]:
    """Each name marked in `train` with its commonest label."""
    seen: dict[tuple[str, ...], Counter[str]] = {}
    for row in train:
        for start, end, label in spans_of(row["ner_tags"]):
            seen.setdefault(tuple(row["tokens"][start:end]), Counter())[label] += 1
    return {name: min(counts, key=lambda label: (-counts[label], label)) for name, counts in seen.items()}


def look_up(names: Mapping[tuple[str, ...], str], tokens: Sequence[str]) -> set[Span]:
    """The spans of known names, the longest first from the left."""
    found, at = set(), 0
    while at < len(tokens):
        ends = range(min(len(tokens), at + _LONGEST), at, -1)
        end = next((end for end in ends if tuple(tokens[at:end]) in names), None)
        if end is not None:
            found.add((at, end, names[tuple(tokens[at:end])]))
        at = at + 1 if end is None else end
    return found


def _features(rows: Iterable[Row]) -> Iterable[list[str]]:
    for row in rows:
        words = ["<s>", "<s>", *row["tokens"], "</s>", "</s>"]
        shapes = [_shape(word) for word in words]
        capital = {word for word in row["tokens"] if word[:1].isupper()}
        for i in range(2, len(words) - 2):
            word, low = words[i], words[i].lower()
            yield [
                "bias",
                f"w={word}",
                f"l={low}",
                f"p={low[:3]}",
                *(f"s{n}={low[-n:]}" for n in (2, 3, 4)),
                f"sh={shapes[i]}",
                *(f"w{n}={words[i + n].lower()}" for n in (-2, -1, 1, 2)),
                *(f"sh{n}={shapes[i + n]}" for n in (-1, 1)),
                f"w-1w={words[i - 1].lower()} {low}",
                f"ww+1={low} {words[i + 1].lower()}",
                f"shapes={shapes[i - 1]} {shapes[i]} {shapes[i + 1]}",
                f"capital={word.capitalize() in capital}",
            ]


def _shape(word: str) -> str:
    kinds = ["A" if c.isupper() else "a" if c.islower() else "0" if c.isdigit() else c for c in word[:12]]
    return "".join(kind for i, kind in enumerate(kinds) if i == 0 or kind != kinds[i - 1])
