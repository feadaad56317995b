"""A simple tagger of entities: a linear model over each token and its neighbours, and a list of names as its probe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = ["Span", "learn_names", "look_up", "spans_of", "tag"]

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
    """Learn from the tags of `train` and give the spans of each of `rows`.

    Logistic regression by averaged stochastic gradient: one pass is a few seconds where a structured perceptron in
    Python is minutes, and the baseline is no more than that.
    """
    import numpy as np
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import SGDClassifier

    hashing = HashingVectorizer(analyzer=list, n_features=2**18, norm=None, alternate_sign=False)
    tags = np.array([tag for row in train for tag in row["ner_tags"]])
    if len(set(tags)) < 2:
        return [set() for _ in rows]
    model = SGDClassifier(loss="log_loss", alpha=1e-6, average=True, max_iter=5, tol=None, random_state=0)
    model.fit(hashing.transform(_features(train)), tags)
    found = []
    for row in rows:
        guessed = model.predict(hashing.transform(_features([row]))) if row["tokens"] else ()
        found.append(spans_of([str(one) for one in guessed]))
    return found


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
