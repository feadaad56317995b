"""Labels of spans that a classifier which did not see their articles contradicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from goldwire.label_audit.confident_learning import doubtful_labels, out_of_fold
from goldwire.label_audit.suspects import LabelSuspect
from goldwire.records import AnnotationLayer, Article, SpanLabel
from goldwire.text.tokenization import tokens

__all__ = ["span_label_suspects"]

_WINDOW = 3  # words on either side of a span
_NEAR = 80  # characters that hold these words
_N_FEATURES = 2**16
_MOST_FEATURES = 30_000  # spans: more are trained by stochastic gradient descent, 300,000 in a minute


def span_label_suspects(
    articles: Mapping[str, Article], layers: Sequence[AnnotationLayer], folds: Mapping[str, int]
) -> Iterator[LabelSuspect]:
    """Yield the spans whose label is less probable than another.

    Parameters
    ----------
    articles : mapping of str to Article
    layers : sequence of AnnotationLayer
        One layer per article.
    folds : mapping of str to int
        The fold of each article.
    """
    spans = [(layer.article_id, span) for layer in layers for span in layer.spans]
    if len({span.label for _, span in spans}) < 2 or len({folds[name] for name, _ in spans}) < 2:
        return
    from sklearn.feature_extraction.text import HashingVectorizer

    vectorizer = HashingVectorizer(analyzer=list, n_features=_N_FEATURES, norm="l2", alternate_sign=False)
    matrix = vectorizer.transform([_features(articles[name].text, span) for name, span in spans])
    labels = [span.label for _, span in spans]
    names, probabilities = out_of_fold(matrix, labels, [folds[name] for name, _ in spans], _fit)
    for doubtful in doubtful_labels(labels, names, probabilities):
        name, span = spans[doubtful.index]
        share = probabilities[doubtful.index].max()
        reason = f"a classifier trained on other articles says {doubtful.suggestion} with a probability of {share:.2f}"
        if doubtful.is_issue:
            reason += "; confident learning counts it among the errors"
        yield LabelSuspect(
            article_id=name,
            kind="span-label",
            start=span.start,
            end=span.end,
            text=span.text,
            label=span.label,
            suggestion=doubtful.suggestion,
            item=span.id,
            score=round(doubtful.score, 4),
            reasons=(reason,),
        )


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
