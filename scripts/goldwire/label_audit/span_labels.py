"""Labels of spans that a classifier which did not see their articles contradicts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from goldwire.label_audit.confident_learning import contradicted_labels, is_learnable
from goldwire.label_audit.folds import FoldedGold
from goldwire.label_audit.suspects import LabelSuspect, span_suspect
from goldwire.records import SpanLabel
from goldwire.text.tokenization import tokens

__all__ = ["span_label_suspects"]

_WINDOW = 3  # words on either side of a span
_NEAR = 80  # characters that hold these words
_N_FEATURES = 2**16
_MOST_FEATURES = 30_000  # spans: more are trained by stochastic gradient descent, 300,000 in a minute


def span_label_suspects(gold: FoldedGold) -> Iterator[LabelSuspect]:
    """Yield the spans whose label is less probable than another."""
    spans = [(layer.article_id, span) for layer in gold.layers for span in layer.spans]
    labels = [span.label for _, span in spans]
    folds = [gold.folds[name] for name, _ in spans]
    if not is_learnable(labels, folds):
        return
    from sklearn.feature_extraction.text import HashingVectorizer

    vectorizer = HashingVectorizer(analyzer=list, n_features=_N_FEATURES, norm="l2", alternate_sign=False)
    matrix = vectorizer.transform([_features(gold.articles[name].text, span) for name, span in spans])
    for doubtful in contradicted_labels(matrix, labels, folds, _fit):
        name, span = spans[doubtful.index]
        yield span_suspect(name, span, "span-label", doubtful.score, doubtful.reason, suggestion=doubtful.suggestion)


def _fit(matrix: Any, labels: Any) -> Any:
    from sklearn.linear_model import LogisticRegression, SGDClassifier

    if len(labels) > _MOST_FEATURES:
        model = SGDClassifier(loss="log_loss", alpha=1e-6, average=True, max_iter=10, tol=None, random_state=0)
    else:
        model = LogisticRegression(C=10.0, max_iter=300)
    return model.fit(matrix, labels)


def _features(text: str, span: SpanLabel) -> list[str]:
    words = [
        text[start + span.start : end + span.start].casefold() for start, end in tokens(text[span.start : span.end])
    ]
    words = words or [span.text.casefold()]
    before = _words(text[max(0, span.start - _NEAR) : span.start])[-_WINDOW:]
    after = _words(text[span.end : span.end + _NEAR])[:_WINDOW]
    surface = " ".join(words)
    return [
        *(f"all={surface}",) * 2,
        f"last={words[-1]}",
        f"first={words[0]}",
        *(f"word={word}" for word in words),
        *(f"end={words[-1][-n:]}" for n in (2, 3, 4)),
        f"start={words[0][:3]}",
        f"length={min(len(words), 4)}",
        f"capitals={''.join('A' if word[:1].isupper() else 'a' for word in span.text.split()[:4])}",
        *(f"before{len(before) - n}={word}" for n, word in enumerate(before)),
        *(f"after{n}={word}" for n, word in enumerate(after)),
        *(f"near={word}" for word in before + after),
    ]


def _words(text: str) -> list[str]:
    return [text[start:end].casefold() for start, end in tokens(text)]
