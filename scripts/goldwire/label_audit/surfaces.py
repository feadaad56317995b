"""Surfaces that are labelled one way many times and another way a few times, and those that are left unmarked once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from goldwire.label_audit.suspects import LabelSuspect, span_suspect
from goldwire.records import AnnotationLayer, Article, SpanLabel
from goldwire.text.tokenization import tokens

__all__ = ["surface_suspects", "unmarked_surfaces"]

_LEAST = 4  # times that the usual label has to occur
_RARE = 0.2  # of the occurrences: a label that is more frequent is not rare
_MARKED_SHARE = 0.8  # of a surface's occurrences, from which one without a mark is in doubt
_MAX_WORDS = 8


def surface_suspects(layers: Sequence[AnnotationLayer]) -> Iterator[LabelSuspect]:
    """Yield the spans with a label that is rare for their surface.

    The score is n / (N + 2), of n occurrences with the usual label and N in all: 40 to 2 is .91, 4 to 1 is .57.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for layer in layers:
        for span in layer.spans:
            counts[_key(span)][span.label] += 1
    for layer in layers:
        for span in layer.spans:
            labels = counts[_key(span)]
            usual, n_usual = min(labels.items(), key=lambda item: (-item[1], item[0]))
            total = labels.total()
            if span.label == usual or n_usual < _LEAST or labels[span.label] > _RARE * total:
                continue
            reason = f"{span.text!r} is {usual} {n_usual} times and {span.label} {_times(labels[span.label])}"
            score = n_usual / (total + 2)
            yield span_suspect(layer.article_id, span, "span-label", score, reason, suggestion=usual)


def unmarked_surfaces(articles: Mapping[str, Article], layers: Sequence[AnnotationLayer]) -> Iterator[LabelSuspect]:
    """Yield the places where a surface is not marked that is marked nearly everywhere else."""
    marked: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for layer in layers:
        for span in layer.spans:
            marked[_words(span.text)][span.label] += 1
    frequent = {words: labels for words, labels in marked.items() if labels.total() >= _LEAST and words}
    unmarked: dict[tuple[str, ...], list[tuple[str, int, int]]] = defaultdict(list)
    for layer in layers:
        text = articles[layer.article_id].text
        for words, start, end in _occurrences(text, frequent):
            if all(span.end <= start or end <= span.start for span in layer.spans):
                unmarked[words].append((layer.article_id, start, end))
    for words, places in unmarked.items():
        n_marked = frequent[words].total()
        if n_marked < _MARKED_SHARE * (n_marked + len(places)):
            continue
        label = frequent[words].most_common(1)[0][0]
        for name, start, end in places:
            surface = articles[name].text[start:end]
            yield LabelSuspect(
                article_id=name,
                kind="span-missing",
                start=start,
                end=end,
                text=surface,
                suggestion=label,
                score=round(0.8 * n_marked / (n_marked + len(places) + 2), 4),
                reasons=(f"{surface!r} is marked {n_marked} times and left out {_times(len(places))}",),
            )


def _occurrences(text: str, frequent: Mapping[tuple[str, ...], object]) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """Yield the longest frequent surfaces from the left, with their offsets."""
    cut = tokens(text)
    words = [text[start:end] for start, end in cut]
    first_words = {surface[0] for surface in frequent}
    number = 0
    while number < len(words):
        ends = range(min(len(words), number + _MAX_WORDS), number, -1) if words[number] in first_words else ()
        end = next((end for end in ends if tuple(words[number:end]) in frequent), None)
        if end is not None:
            yield tuple(words[number:end]), cut[number][0], cut[end - 1][1]
        number = number + 1 if end is None else end


def _words(text: str) -> tuple[str, ...]:
    return tuple(text[start:end] for start, end in tokens(text))


def _key(span: SpanLabel) -> str:
    return " ".join(span.text.casefold().split())


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
