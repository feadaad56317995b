"""Stances that a classifier which did not see their articles contradicts, and those of one pair that contradict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from goldwire.baselines.stance_context import stance_context
from goldwire.label_audit.confident_learning import contradicted_labels, is_learnable
from goldwire.label_audit.folds import FoldedGold
from goldwire.label_audit.suspects import LabelSuspect
from goldwire.records import AnnotationLayer, Article, StanceLabel

__all__ = ["stance_suspects"]

_WORD = r"\w+|[^\w\s]"  # also punctuation, as the baselines have it
_VOICE = "the article"
_MAX_TEXT = 20_000  # characters of a text that is judged as a whole
_CONTRADICTION = 0.5  # one of two stances of the same pair is wrong


def stance_suspects(gold: FoldedGold) -> Iterator[LabelSuspect]:
    """Yield the stances that are less probable than another, and those that contradict another of the same pair."""
    yield from _contradictions(gold.layers)
    stances = [(layer, stance) for layer in gold.layers for stance in layer.stances]
    labels = [stance.stance for _, stance in stances]
    folds = [gold.folds[layer.article_id] for layer, _ in stances]
    if not is_learnable(labels, folds):
        return
    matrix = _matrix([_texts(gold.articles[layer.article_id], layer, stance) for layer, stance in stances])
    for doubtful in contradicted_labels(matrix, labels, folds, _fit):
        layer, stance = stances[doubtful.index]
        yield _suspect(layer, stance, doubtful.suggestion, doubtful.score, doubtful.reason)


def _suspect(
    layer: AnnotationLayer, stance: StanceLabel, suggestion: str | None, score: float, reason: str
) -> LabelSuspect:
    holder, target = _ends(layer, stance)
    return LabelSuspect(
        article_id=layer.article_id,
        kind="stance",
        text=f"{holder} to {target}",
        label=stance.stance,
        suggestion=suggestion,
        item=stance.id,
        score=round(score, 4),
        reasons=(reason,),
    )


def _ends(layer: AnnotationLayer, stance: StanceLabel) -> tuple[str, str]:
    texts = {span.id: span.text for span in layer.spans}
    holder = _VOICE if stance.holder is None else texts.get(stance.holder, _VOICE)
    return holder, stance.target_name or texts.get(stance.target or "", "")


def _contradictions(layers: Sequence[AnnotationLayer]) -> Iterator[LabelSuspect]:
    """Yield the stances of one holder towards one target of which the article has another one, too."""
    for layer in layers:
        by_pair: dict[tuple[str, str], list[StanceLabel]] = defaultdict(list)
        for stance in layer.stances:
            by_pair[_ends(layer, stance)].append(stance)
        for same in by_pair.values():
            counts = {name: sum(s.stance == name for s in same) for name in {s.stance for s in same}}
            for stance in same if len(counts) > 1 else ():
                other = min((name for name in counts if name != stance.stance), key=lambda name: (-counts[name], name))
                score = _CONTRADICTION * counts[other] / len(same)
                reason = f"the article also has {other!r} for the same holder and target"
                yield _suspect(layer, stance, other, score, reason)


def _texts(article: Article, layer: AnnotationLayer, stance: StanceLabel) -> tuple[str, str, str]:
    """Return what the model sees: the sentences with marks, the words around both ends, the names."""
    spans = {span.id: span for span in layer.spans}
    holder, target = spans.get(stance.holder or ""), spans.get(stance.target or "")
    name = stance.target_name or (target.text if target else "")
    if target is None and name.casefold() not in article.text.casefold():
        return article.text[:_MAX_TEXT], "", f"{_VOICE} | {name}"
    row = {
        "text": article.text,
        "holder": holder.text if holder else None,
        "target": name,
        "holder_start": holder.start if holder else None,
        "holder_end": holder.end if holder else None,
        "target_start": target.start if target else None,
        "target_end": target.end if target else None,
    }
    context = stance_context(row)
    return context.marked, f"{context.windows} {context.between}", f"{context.holder} | {context.target}"


def _matrix(texts: Sequence[tuple[str, str, str]]) -> Any:
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    blocks = []
    for number, longest in ((0, 2), (1, 1), (2, 1)):
        # One more word, the same everywhere: it separates no two texts, and makes an empty text valid.
        vectorizer = TfidfVectorizer(
            ngram_range=(1, longest), sublinear_tf=True, token_pattern=_WORD, min_df=2 if number == 0 else 1
        )
        blocks.append(vectorizer.fit_transform([f"{text[number]} goldwire" for text in texts]))
    return hstack(blocks).tocsr()


def _fit(matrix: Any, labels: Any) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=3.0, max_iter=500).fit(matrix, labels)
