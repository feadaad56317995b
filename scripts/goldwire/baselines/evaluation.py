"""Simple models of a release's labels, beside the majority class and the probes that show annotation artefacts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from goldwire.baselines import tagger
from goldwire.baselines.scores import Baseline, Model, Score, f1_score, warnings_of
from goldwire.baselines.stance_context import Context, context

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["measure"]

Rows = Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]]
"""Rows by config and split, labels as names."""

Matrix = Callable[[Sequence[Context], Sequence[Context]], "tuple[csr_matrix, csr_matrix]"]
"""From the contexts of train and of another split to the features of each."""

_MOST = 2_000  # articles of train: a tagger's features of more do not fit beside the rest in 4 GB
_SPLITS = ("validation", "test")
_WORD = r"\w+|[^\w\s]"  # "I" and signs, too: a text of nothing else would leave no vocabulary


def measure(rows: Rows) -> Baseline:
    """Train on train, score on validation and test. `rows` need their texts; equal rows give equal scores."""
    articles = {s: sorted(made, key=lambda row: row["article_id"]) for s, made in rows["entities"].items()}
    stances = {s: sorted(made, key=lambda row: (row["article_id"], row["id"])) for s, made in rows["stance"].items()}
    train = articles.get("train", [])[:_MOST]
    known = {row["article_id"] for row in train}
    learned = [row for row in stances.get("train", []) if row["article_id"] in known]
    skipped = {}
    if len({row["label"] for row in learned}) < 2:
        skipped["stance"] = "train has fewer than two labels"
    if not any(row["spans"] for row in train):
        skipped["entities"] = "train has no span"
    stance = () if "stance" in skipped else _stance(learned, stances)
    entities = () if "entities" in skipped else _entities(train, articles)
    warned = (*warnings_of("stance", stance), *warnings_of("entities", entities))
    return Baseline(articles=len(train), stance=stance, entities=entities, warnings=warned, skipped=skipped)


def _stance(train: Sequence[Mapping[str, Any]], rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[Model, ...]:
    asked = {split: list(rows.get(split, ())) for split in _SPLITS}
    seen = [context(row) for row in train]
    answers = [row["label"] for row in train]
    contexts = {split: [context(row) for row in made] for split, made in asked.items()}
    commonest = min(Counter(answers).items(), key=lambda item: (-item[1], item[0]))[0]
    guesses = {("majority class", "majority"): {split: [commonest] * len(made) for split, made in asked.items()}}
    for name, role, matrix in _MODELS:
        guesses[name, role] = {s: _classify(matrix, seen, answers, asking) for s, asking in contexts.items()}
    return tuple(
        Model(name=name, role=role, scores=_known({s: _score(asked[s], said) for s, said in by_split.items()}))
        for (name, role), by_split in guesses.items()
    )


def _classify(matrix: Matrix, seen: Sequence[Context], answers: Sequence[str], asking: Sequence[Context]) -> list[str]:
    if not asking:
        return []
    from sklearn.linear_model import LogisticRegression

    learned, asked = matrix(seen, asking)
    # Balanced: macro-F1 counts a rare stance as much as a common one. One strength for all, so that none is favoured.
    model = LogisticRegression(C=10.0, class_weight="balanced", max_iter=2_000)
    return [str(label) for label in model.fit(learned, answers).predict(asked)]


def _full(seen: Sequence[Context], asking: Sequence[Context]) -> tuple[csr_matrix, csr_matrix]:
    from scipy.sparse import hstack

    parts = (
        _words(lambda one: one.marked, seen, asking, longest=3),
        _words(lambda one: one.between, seen, asking, longest=2),
        _words(lambda one: f"{one.holder} | {one.target}", seen, asking, longest=1),
    )
    learned, asked = zip(*parts, strict=True)
    return hstack(learned).tocsr(), hstack(asked).tocsr()


def _words(
    read: Callable[[Context], str], seen: Sequence[Context], asking: Sequence[Context], *, longest: int
) -> tuple[csr_matrix, csr_matrix]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(ngram_range=(1, longest), sublinear_tf=True, token_pattern=_WORD)
    texts = [read(one) for one in seen]
    # One word more, the same everywhere: what sets no two apart, and an empty text is one.
    learned = vectors.fit_transform([f"{text} goldwire" for text in texts])
    return learned, vectors.transform([f"{read(one)} goldwire" for one in asking])


def _target(seen: Sequence[Context], asking: Sequence[Context]) -> tuple[csr_matrix, csr_matrix]:
    return _words(lambda one: one.target, seen, asking, longest=2)


def _unaware(seen: Sequence[Context], asking: Sequence[Context]) -> tuple[csr_matrix, csr_matrix]:
    return _words(lambda one: one.unaware, seen, asking, longest=3)


def _lengths(seen: Sequence[Context], asking: Sequence[Context]) -> tuple[csr_matrix, csr_matrix]:
    from scipy.sparse import csr_matrix

    given = np.array([one.lengths for one in seen])
    scale = np.maximum(given.std(axis=0), 1e-9)
    others = np.array([one.lengths for one in asking])
    return csr_matrix((given - given.mean(axis=0)) / scale), csr_matrix((others - given.mean(axis=0)) / scale)


_MODELS: tuple[tuple[str, str, Matrix], ...] = (
    ("TF-IDF and logistic regression", "full", _full),
    ("target's name only", "probe", _target),
    ("target masked", "probe", _unaware),
    ("lengths only", "probe", _lengths),
)


def _score(rows: Sequence[Mapping[str, Any]], said: Sequence[str]) -> Score | None:
    """Macro-F1 over the labels that these rows hold."""
    labels, articles = (sorted({row[name] for row in rows}) for name in ("label", "article_id"))
    column = {label: i for i, label in enumerate(labels)}
    line = {article: i for i, article in enumerate(articles)}
    hits, wrong, missed = np.zeros((3, len(articles), len(labels)), dtype=int)
    for row, answer in zip(rows, said, strict=True):
        at = line[row["article_id"]]
        if answer == row["label"]:
            hits[at, column[answer]] += 1
            continue
        missed[at, column[row["label"]]] += 1
        if answer in column:
            wrong[at, column[answer]] += 1
    return f1_score(hits, wrong, missed)


def _known(scores: Mapping[str, Score | None]) -> dict[str, Score]:
    return {split: score for split, score in scores.items() if score is not None}


def _entities(train: Sequence[Mapping[str, Any]], rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[Model, ...]:
    asked = [(split, row) for split in _SPLITS for row in rows.get(split, ())]
    names = tagger.learn_names(train)
    guesses = {
        ("majority class", "majority"): [set[tagger.Span]() for _ in asked],
        ("linear tagger", "full"): tagger.tag(train, [row for _, row in asked]),
        ("names seen in train", "probe"): [tagger.look_up(names, row["tokens"]) for _, row in asked],
    }
    return tuple(
        Model(name=name, role=role, scores=_known({split: _span_score(split, asked, said) for split in _SPLITS}))
        for (name, role), said in guesses.items()
    )


def _span_score(
    split: str, asked: Sequence[tuple[str, Mapping[str, Any]]], said: Sequence[set[tagger.Span]]
) -> Score | None:
    pairs = [(tagger.spans_of(row["ner_tags"]), g) for (home, row), g in zip(asked, said, strict=True) if home == split]
    hits, wrong, missed = (
        np.array([len(part(gold, guess)) for gold, guess in pairs], dtype=int).reshape(-1, 1) for part in _PARTS
    )
    return f1_score(hits, wrong, missed)


_PARTS: tuple[Callable[[set[tagger.Span], set[tagger.Span]], set[tagger.Span]], ...] = (
    lambda gold, guess: gold & guess,
    lambda gold, guess: guess - gold,
    lambda gold, guess: gold - guess,
)
