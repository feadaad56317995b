"""Disputes of the annotators, prepared for an expert: agreed labels in place, disputed ones marked and listed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import msgspec

from goldwire.adjudication.aggregation import AdjudicatedArticle
from goldwire.adjudication.expert_comments import ARTICLE_VOICE, offsets_reference, target_reference
from goldwire.alignment.mentions import AlignedMention, StancePair
from goldwire.records import AnnotationLayer, Article, Decision, SpanLabel, StanceLabel, number_layer

__all__ = ["DISPUTED", "Dispute", "Disputes", "find_disputes", "find_target_dispute"]

DISPUTED = "DISPUTED"
"""The label of a span, and the stance between two, that an expert has to resolve; it is in no layer."""

Offsets = tuple[int, int]

_QUESTIONS = {"label": "which label?", "boundary": "where does it begin and end?", "existence": "is it to be marked?"}
_CONTEXT_WORDS = 4  # on either side


class Dispute(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The span or stance that the number of a dispute (`D1`) refers to.

    A disputed mention has `span`, the offsets of its extent. A disputed stance has `holder` (None for the article's own
    voice) and `target`, or `target_name`.
    """

    id: str
    kind: Literal["span", "stance"]
    span: Offsets | None = None
    holder: Offsets | None = None
    target: Offsets | None = None
    target_name: str | None = None

    @property
    def reference(self) -> str:
        """The reference to it in comments (`goldwire.adjudication.expert_comments`)."""
        if self.span is not None:
            return offsets_reference(*self.span)
        if self.target_name is not None:
            return target_reference(self.target_name)
        holder = ARTICLE_VOICE if self.holder is None else offsets_reference(*self.holder)
        return f"{holder} to {offsets_reference(*(self.target or (0, 0)))}"


class Disputes(msgspec.Struct, frozen=True):
    """A task with disputes for an expert.

    The expert starts from `layer`; `disputes` lists the disputed items. `descriptions` has a sentence for each
    dispute by its id: what is disputed, and what each annotator answered.
    """

    layer: AnnotationLayer
    disputes: tuple[Dispute, ...]
    descriptions: dict[str, str]


def find_disputes(article: Article, adjudicated: AdjudicatedArticle) -> Disputes | None:
    """Return the disputes of an article that was adjudicated without an expert, or None if it has none.

    The layer has the gold spans and stances, a `DISPUTED` span over all marked spans of each disputed mention,
    and a `DISPUTED` stance for each disputed pair.
    """
    if all(decision.is_resolved for decision in adjudicated.decisions):
        return None
    mentions = list(zip(adjudicated.mentions, adjudicated.span_decisions, strict=True))
    pairs = list(zip(adjudicated.pairs, adjudicated.stance_decisions, strict=True))
    ids = [decision.gold_id if decision.is_resolved else _mark_id(mention) for mention, decision in mentions]
    marks = [_marked_span(article, mention) for mention, decision in mentions if not decision.is_resolved]
    drawn = [_marked_stance(pair, ids, n) for n, (pair, decision) in enumerate(pairs) if not decision.is_resolved]
    spans, stances = number_layer([*adjudicated.gold.spans, *marks], [*adjudicated.gold.stances, *drawn])
    unresolved = [
        *((_span_dispute(mention), decision) for mention, decision in mentions if not decision.is_resolved),
        *((_stance_dispute(pair), decision) for pair, decision in pairs if not decision.is_resolved),
    ]
    numbered = [
        (msgspec.structs.replace(dispute, id=f"D{number}"), decision)
        for number, (dispute, decision) in enumerate(unresolved, 1)
    ]
    return Disputes(
        layer=msgspec.structs.replace(adjudicated.gold, confirmed=False, spans=spans, stances=stances),
        disputes=tuple(dispute for dispute, _ in numbered),
        descriptions={dispute.id: _describe(article, dispute, decision) for dispute, decision in numbered},
    )


def find_target_dispute(article: Article, adjudicated: AdjudicatedArticle, target: str) -> Disputes | None:
    """Return the dispute about an article's own stance towards a named target, or None; the layer is empty."""
    for pair, decision in zip(adjudicated.pairs, adjudicated.stance_decisions, strict=True):
        if pair.target_name == target and not decision.is_resolved:
            dispute = Dispute(id="D1", kind="stance", target_name=target)
            return Disputes(
                layer=msgspec.structs.replace(adjudicated.gold, confirmed=False, spans=(), stances=()),
                disputes=(dispute,),
                descriptions={dispute.id: _describe(article, dispute, decision)},
            )
    return None


def _mark_id(mention: AlignedMention) -> str:
    return f"mention-{mention.index}"


def _marked_span(article: Article, mention: AlignedMention) -> SpanLabel:
    """Return a mark over all marked spans of a mention."""
    start = min(span.start for span in mention.spans.values())
    end = max(span.end for span in mention.spans.values())
    return SpanLabel(id=_mark_id(mention), start=start, end=end, label=DISPUTED, text=article.text[start:end])


def _marked_stance(pair: StancePair, ids: Sequence[str | None], number: int) -> StanceLabel:
    return StanceLabel(
        id=f"pair-{number}",
        holder=None if pair.holder is None else ids[pair.holder.index],
        target=None if pair.target is None else ids[pair.target.index],
        target_name=pair.target_name,
        stance=DISPUTED,
    )


def _span_dispute(mention: AlignedMention) -> Dispute:
    return Dispute(id="", kind="span", span=_offsets(mention))


def _stance_dispute(pair: StancePair) -> Dispute:
    return Dispute(
        id="",
        kind="stance",
        holder=None if pair.holder is None else _offsets(pair.holder),
        target=None if pair.target is None else _offsets(pair.target),
        target_name=pair.target_name,
    )


def _offsets(mention: AlignedMention) -> Offsets:
    extent = mention.extent
    return extent.start, extent.end


def _describe(article: Article, dispute: Dispute, decision: Decision) -> str:
    """Describe a dispute in words: what it is about, and what each annotator answered.

    `“Bo Lund”: which label? A1 says PER; A2 says ORG`.
    """
    if dispute.span is not None:
        subject, question = _in_context(article, dispute.span), _QUESTIONS.get(decision.dispute or "", "which label?")
    else:
        holder = ARTICLE_VOICE if dispute.holder is None else _in_context(article, dispute.holder)
        named = f"“{dispute.target_name}”"
        target = named if dispute.target is None else _in_context(article, dispute.target)
        subject, question = f"{holder} towards {target}", "which stance?"
    answers = []
    for answer in decision.answers:
        words = answer.label or "nothing"
        if answer.start is not None and answer.end is not None and (answer.start, answer.end) != dispute.span:
            words += f" on “{_one_line(article.text[answer.start : answer.end])}”"
        answers += [f"{annotator} says {words}" for annotator in answer.annotators]
    return f"{subject}: {question} {'; '.join(answers)}"


def _in_context(article: Article, offsets: Offsets) -> str:
    """Return the words of a mention; where the article has them several times, with their neighbours."""
    start, end = offsets
    words = article.text[start:end]
    quoted = f"“{_one_line(words)}”"
    if article.text.count(words) == 1:
        return quoted
    before = re.findall(r"\S+\s*", article.text[:start].rpartition("\n")[2])[-_CONTEXT_WORDS:]
    after = re.findall(r"\s*\S+", article.text[end:].partition("\n")[0])[:_CONTEXT_WORDS]
    return f"{quoted} in “{_one_line(''.join((*before, words, *after)))}”"


def _one_line(text: str) -> str:
    return " ".join(text.split())
