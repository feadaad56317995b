"""Systematic slips: one way in which an annotator often differs from all others, who agree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from goldwire.agreement.stance import stance_pairs
from goldwire.alignment.mentions import AlignedMention, StancePair, align_mentions
from goldwire.label_audit.suspects import LabelSuspect
from goldwire.quantities import quantity
from goldwire.records import AnnotationLayer, SpanLabel, is_expert

__all__ = ["span_habits", "stance_habits"]

_LEAST = 5  # times: fewer may be chance
_RATE = 0.1  # of the places that the others label so: a slip may concern a few names only
_TIMES_OTHERS = 3  # as often as the other annotators do it, on average
_VOICE = "the article"

SlipKind = Literal["label", "start", "end", "extra", "stance", "extra-stance"]


class _Slip(msgspec.Struct, frozen=True):
    """The answer of all others, and that of the annotator instead; None is nothing.

    Of the kinds `start` and `end`, the answer is the direction in which the boundary is moved.
    """

    kind: SlipKind
    expected: str | None
    answer: str | None

    @property
    def chances(self) -> tuple[SlipKind, str | None]:
        """The key that chances to slip are counted by: the answer of the others, or else the annotator's own label."""
        return self.kind, self.answer if self.expected is None else self.expected


class _Example(msgspec.Struct, frozen=True):
    """A place of a slip: a span, or two ends of a stance."""

    article_id: str
    text: str
    span: SpanLabel | None = None


class _Tally:
    """Slips of all annotators, and how often each had the chance to slip so."""

    def __init__(self) -> None:
        self.chances: Counter[tuple[str, tuple[SlipKind, str | None]]] = Counter()
        self.examples: dict[tuple[str, _Slip], list[_Example]] = defaultdict(list)

    def add(self, name: str, slip: _Slip, example: _Example, *, is_slip: bool) -> None:
        """Count a chance, and the slip if it is one."""
        self.chances[name, slip.chances] += 1
        if is_slip:
            self.examples[name, slip].append(example)

    def frequent(self, names: Sequence[str]) -> Iterator[LabelSuspect]:
        """Yield an example for each slip that an annotator makes often and others seldom."""
        for (name, slip), places in sorted(self.examples.items(), key=repr):
            count, total = len(places), self.chances[name, slip.chances]
            others = sum(len(self.examples.get((other, slip), ())) for other in names if other != name)
            other_total = sum(self.chances[other, slip.chances] for other in names if other != name)
            other_rate = others / other_total if other_total else 0.0
            if count < _LEAST or count < _RATE * total or count < _TIMES_OTHERS * other_rate * total:
                continue
            reason = f"{name} {_sentence(slip, count, total)}; the others do so in {others:,} of {other_total:,}"
            example, span = places[0], places[0].span
            yield LabelSuspect(
                article_id=example.article_id,
                kind="annotator",
                start=None if span is None else span.start,
                end=None if span is None else span.end,
                text=example.text,
                label=slip.expected if slip.kind in ("start", "end") else slip.answer,
                suggestion=slip.expected,
                annotator=name,
                slip=f"{slip.kind}-{slip.answer}" if slip.kind in ("start", "end") else slip.kind,
                score=round(count / total * count / (count + _LEAST), 4),
                reasons=(reason,),
            )


def _sentence(slip: _Slip, count: int, total: int) -> str:
    mentions, pairs = quantity(total, "mention"), quantity(total, "pair")
    match slip.kind:
        case "label":
            does = "leaves out" if slip.answer is None else f"marks as {slip.answer}"
            return f"{does} {count:,} of {mentions} that all others mark as {slip.expected}"
        case "start" | "end":
            return f"{slip.kind}s {count:,} of {mentions} of {slip.expected} {slip.answer} than all others"
        case "extra":
            return f"marks {count:,} of {mentions} of {slip.answer} where all others mark nothing"
        case "stance":
            does = "draws nothing for" if slip.answer is None else f"draws {slip.answer} for"
            return f"{does} {count:,} of {pairs} of which all others draw {slip.expected}"
        case _:
            return f"draws {slip.answer} for {count:,} of {pairs} of which all others draw nothing"


def span_habits(layers: Sequence[AnnotationLayer]) -> Iterator[LabelSuspect]:
    """Yield an example for each slip with spans that an annotator makes often and others seldom.

    A slip is another label, a boundary moved in one direction, a mention left out, or one that nobody else marked.

    Parameters
    ----------
    layers : sequence of AnnotationLayer
        Layers of all annotators; experts and unconfirmed layers are left out. A mention counts in articles of three
        annotators or more, where all others agree: of two who differ, nothing says who slips.
    """
    tally = _Tally()
    by_article = _shared(layers)
    for of_article in by_article.values():
        names = [layer.annotator for layer in of_article]
        for mention in align_mentions(of_article):
            for name in names:
                _add_mention(tally, of_article[0].article_id, mention, name, [one for one in names if one != name])
    yield from tally.frequent(_names(by_article))


def _add_mention(tally: _Tally, article_id: str, mention: AlignedMention, name: str, others: Sequence[str]) -> None:
    """Count what an annotator does with a mention on which all others agree."""
    own, spans = mention.spans.get(name), [mention.spans.get(other) for other in others]
    labels = {None if span is None else span.label for span in spans}
    if len(labels) > 1:
        return
    (label,) = labels
    marked = next((span for span in spans if span is not None), own)
    if marked is None:
        return
    example = _Example(article_id, marked.text, marked)
    if label is None:
        if own is not None:
            tally.add(name, _Slip("extra", None, own.label), example, is_slip=True)
        return
    answer = None if own is None else own.label
    tally.add(name, _Slip("label", label, answer), example, is_slip=answer != label)
    if own is None or own.label != label:
        return
    tally.chances[name, ("extra", label)] += 1  # a mention of this label that is none of its own
    ends = {(span.start, span.end) for span in spans if span is not None}
    if len(ends) == 1:
        (start, end) = ends.pop()
        tally.add(name, _Slip("start", label, _direction(own.start, start)), example, is_slip=own.start != start)
        tally.add(name, _Slip("end", label, _direction(own.end, end)), example, is_slip=own.end != end)


def _direction(own: int, others: int) -> str:
    return "earlier" if own < others else "later"


def stance_habits(layers: Sequence[AnnotationLayer]) -> Iterator[LabelSuspect]:
    """Yield an example for each slip with stances that an annotator makes often and others seldom.

    A slip is another stance, one left out, or one that nobody else drew. Parameters are those of `span_habits`.
    """
    tally = _Tally()
    by_article = _shared(layers)
    readers = {key: [layer.annotator for layer in of_article] for key, of_article in by_article.items()}
    for pair in stance_pairs([layer for of_article in by_article.values() for layer in of_article]):
        names = readers[pair.article_id]
        for name in names:
            drawn = {pair.stances.get(other, ()) for other in names if other != name}
            if len(drawn) > 1:
                continue
            (expected,) = drawn
            own = pair.stances.get(name, ())
            if len(expected) > 1 or len(own) > 1:
                continue
            stance, answer = (one[0] if one else None for one in (expected, own))
            example = _Example(pair.article_id, _ends(pair))
            if stance is not None:
                tally.add(name, _Slip("stance", stance, answer), example, is_slip=answer != stance)
                if answer == stance:
                    tally.chances[name, ("extra-stance", answer)] += 1
            elif answer is not None:
                tally.add(name, _Slip("extra-stance", None, answer), example, is_slip=True)
    yield from tally.frequent(_names(by_article))


def _ends(pair: StancePair) -> str:
    holder = _VOICE if pair.holder is None else next(iter(pair.holder.spans.values())).text
    target = pair.target_name if pair.target is None else next(iter(pair.target.spans.values())).text
    return f"{holder} to {target}"


def _shared(layers: Sequence[AnnotationLayer]) -> dict[str, list[AnnotationLayer]]:
    """Return the confirmed layers of annotators by article, of articles with three or more."""
    by_article: dict[str, list[AnnotationLayer]] = defaultdict(list)
    for layer in layers:
        if layer.confirmed and not is_expert(layer.annotator):
            by_article[layer.article_id].append(layer)
    return {key: of_article for key, of_article in by_article.items() if len(of_article) > 2}


def _names(by_article: dict[str, list[AnnotationLayer]]) -> list[str]:
    return sorted({layer.annotator for of_article in by_article.values() for layer in of_article})
