"""Systematic slips: one way in which an annotator often differs from all others, who agree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from goldwire.alignment.mentions import align_mentions
from goldwire.label_audit.suspects import LabelSuspect
from goldwire.quantities import quantity
from goldwire.records import AnnotationLayer, SpanLabel, is_expert

__all__ = ["annotator_suspects"]

_LEAST = 5  # times: fewer may be chance
_RATE = 0.1  # of the mentions that the others label so: a slip may concern a few names only
_TIMES_OTHERS = 3  # as often as the other annotators do it, on average

Slip = tuple[str, str | None]
"""The others' label, and the annotator's own (None: not marked)."""


class _Example(msgspec.Struct, frozen=True):
    article_id: str
    span: SpanLabel  # as the others marked it


def annotator_suspects(layers: Sequence[AnnotationLayer]) -> Iterator[LabelSuspect]:
    """Yield an example for each slip that an annotator makes often and others seldom.

    Parameters
    ----------
    layers : sequence of AnnotationLayer
        Layers of all annotators; experts and unconfirmed layers are left out. A mention counts where two others or
        more marked it with one label, or, of two annotators, where the other one did.
    """
    used = [layer for layer in layers if layer.confirmed and not is_expert(layer.annotator)]
    by_article: dict[str, list[AnnotationLayer]] = defaultdict(list)
    for layer in used:
        by_article[layer.article_id].append(layer)
    totals: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, Slip], list[_Example]] = defaultdict(list)
    for article_layers in by_article.values():
        names = [layer.annotator for layer in article_layers]
        if len(names) < 3:  # of two who differ, nothing says who slips
            continue
        for mention in align_mentions(article_layers):
            for name in names:
                others = [mention.spans.get(other) for other in names if other != name]
                labels = {None if span is None else span.label for span in others}
                label = labels.pop()
                if labels or label is None:
                    continue
                totals[name, label] += 1
                own = mention.spans.get(name)
                answer = None if own is None else own.label
                if answer != label and others[0] is not None:
                    examples[name, (label, answer)].append(_Example(article_layers[0].article_id, others[0]))
    yield from _frequent(totals, examples, sorted({layer.annotator for layer in used}))


def _frequent(
    totals: Counter[tuple[str, str]], examples: dict[tuple[str, Slip], list[_Example]], names: Sequence[str]
) -> Iterator[LabelSuspect]:
    for (name, (label, answer)), places in sorted(examples.items(), key=repr):
        count, total = len(places), totals[name, label]
        others = [len(examples.get((other, (label, answer)), ())) for other in names if other != name]
        other_total = sum(totals[other, label] for other in names if other != name)
        other_rate = sum(others) / other_total if other_total else 0.0
        if count < _LEAST or count < _RATE * total or count < _TIMES_OTHERS * other_rate * total:
            continue
        does = "leaves out" if answer is None else f"marks as {answer}"
        reason = (
            f"{name} {does} {count} of {quantity(total, 'mention')} that all others mark as {label}; "
            f"the others do so in {sum(others)} of {other_total}"
        )
        example = places[0]
        yield LabelSuspect(
            article_id=example.article_id,
            kind="annotator",
            start=example.span.start,
            end=example.span.end,
            text=example.span.text,
            label=answer,
            suggestion=label,
            annotator=f"{name} {label} {answer or ''}".strip(),
            score=round(count / total * count / (count + _LEAST), 4),
            reasons=(reason,),
        )
