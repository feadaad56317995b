"""From the annotators' layers to gold, with a decision for every mention and every stance.

A part of gold is resolved where more than half of the article's annotators agree on it. Start and end of a mention are
voted on separately: two majorities of the same voters have a voter in common, so that at least one annotator marked the
start and the end that win together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from goldwire.adjudication.decisions import (
    ArticleVotes,
    BoundaryPolicy,
    GoldSpan,
    decide_span,
    decide_stance,
    drop_duplicate,
)
from goldwire.adjudication.expert_comments import mention_references, pair_references, parse_reasons, reasons_for
from goldwire.adjudication.voting import AggregatedLabel, Aggregator
from goldwire.alignment.mentions import AlignedMention, StancePair, align_mentions, align_stances
from goldwire.alignment.span_matching import Span
from goldwire.records import GOLD, AnnotationLayer, Article, Decision, SpanLabel, StanceLabel, number_layer
from goldwire.version_order import highest_version

__all__ = ["AdjudicatedArticle", "aggregate"]


class AdjudicatedArticle(msgspec.Struct, frozen=True):
    """The gold layer of an article and how it was decided.

    Parameters
    ----------
    gold : AnnotationLayer
    n_voters : int
        How many annotators voted; experts do not.
    mentions, pairs
        The aligned mentions and stance pairs of the layers.
    span_decisions, stance_decisions : tuple of Decision
        One for each of `mentions` and of `pairs`.
    unmatched_reasons : tuple of str
        References in the expert's comments that match no mention and no stance.
    """

    gold: AnnotationLayer
    n_voters: int
    mentions: tuple[AlignedMention, ...]
    pairs: tuple[StancePair, ...]
    span_decisions: tuple[Decision, ...]
    stance_decisions: tuple[Decision, ...]
    unmatched_reasons: tuple[str, ...] = ()

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """All decisions: of the mentions, then of the stances."""
        return self.span_decisions + self.stance_decisions


def aggregate(
    articles: Mapping[str, Article],
    layers: Iterable[AnnotationLayer],
    aggregator: Aggregator,
    *,
    policy: BoundaryPolicy | None = None,
) -> tuple[AdjudicatedArticle, ...]:
    """Aggregate confirmed layers into gold, by article id.

    Parameters
    ----------
    articles : mapping of str to Article
    layers : iterable of AnnotationLayer
        Confirmed layers, at most one per annotator and article, each valid (`alignment.mentions.require_valid_layer`).
    aggregator : Aggregator
        Decides labels and stances.
    policy : BoundaryPolicy, optional
        Decides boundaries. Default: by majority.

    Notes
    -----
    1. Align the layers of each article.
    2. Decide the labels of all mentions and the stances of all pairs, over all articles at once.
    3. In each article decide boundaries and write the gold spans, then the stances between them.
    """
    votes = _align(articles, layers)
    labels = iter(
        aggregator([article_votes.of_mention(mention) for article_votes in votes for mention in article_votes.mentions])
    )
    stances = iter(aggregator([article_votes.of_pair(pair) for article_votes in votes for pair in article_votes.pairs]))
    return tuple(
        _adjudicate(
            article_votes,
            [next(labels) for _ in article_votes.mentions],
            [next(stances) for _ in article_votes.pairs],
            policy or BoundaryPolicy(),
        )
        for article_votes in votes
    )


def _align(articles: Mapping[str, Article], layers: Iterable[AnnotationLayer]) -> list[ArticleVotes]:
    by_article: dict[str, list[AnnotationLayer]] = defaultdict(list)
    for layer in layers:
        by_article[layer.article_id].append(layer)
    votes = []
    for article, of_article in sorted(by_article.items()):
        ordered = tuple(sorted(of_article, key=lambda layer: layer.annotator))
        mentions = align_mentions(ordered)
        votes.append(ArticleVotes(articles[article], ordered, mentions, align_stances(ordered, mentions)))
    return votes


def _adjudicate(
    votes: ArticleVotes,
    labels: Sequence[AggregatedLabel],
    stances: Sequence[AggregatedLabel],
    policy: BoundaryPolicy,
) -> AdjudicatedArticle:
    """Return the gold of one article from the aggregated labels of its mentions and stances of its pairs."""
    comments = _expert_comments(votes, policy.expert)
    gold_spans: list[GoldSpan] = []
    for mention, label, comment in zip(votes.mentions, labels, comments.of_mentions, strict=True):
        gold_spans.append(drop_duplicate(decide_span(votes, mention, label, policy, comment), gold_spans))
    stance_decisions = [
        decide_stance(votes, pair, stance, policy, gold_spans, comment)
        for pair, stance, comment in zip(votes.pairs, stances, comments.of_pairs, strict=True)
    ]
    span_ids = _span_ids(gold_spans)
    drawn = _drawn_stances(votes.pairs, stance_decisions, gold_spans, span_ids)
    numbered_spans, numbered_stances = number_layer(_spans_of(votes.article, span_ids), drawn.values())
    stance_ids = {(stance.holder, stance.target, stance.target_name): stance.id for stance in numbered_stances}
    ids_of_pairs = {
        number: stance_ids[stance.holder, stance.target, stance.target_name] for number, stance in drawn.items()
    }
    return AdjudicatedArticle(
        gold=_gold_layer(votes, numbered_spans, numbered_stances),
        n_voters=len(votes.annotators),
        mentions=votes.mentions,
        pairs=votes.pairs,
        span_decisions=tuple(
            msgspec.structs.replace(span.decision, gold_id=span_ids[span.extent]) if span.extent else span.decision
            for span in gold_spans
        ),
        stance_decisions=tuple(
            msgspec.structs.replace(decision, gold_id=ids_of_pairs.get(number))
            for number, decision in enumerate(stance_decisions)
        ),
        unmatched_reasons=comments.unmatched,
    )


def _span_ids(gold_spans: Sequence[GoldSpan]) -> dict[Span, str]:
    """Return the ids of gold spans as `number_layer` numbers them: in text order."""
    extents = sorted(span.extent for span in gold_spans if span.extent is not None)
    return {extent: f"T{number}" for number, extent in enumerate(extents, 1)}


def _spans_of(article: Article, span_ids: Mapping[Span, str]) -> list[SpanLabel]:
    """Return the gold spans with their ids."""
    return [
        SpanLabel(
            id=id,
            start=extent.start,
            end=extent.end,
            label=extent.label,
            text=article.text[extent.start : extent.end],
        )
        for extent, id in span_ids.items()
    ]


def _drawn_stances(
    pairs: Sequence[StancePair],
    decisions: Sequence[Decision],
    gold_spans: Sequence[GoldSpan],
    span_ids: Mapping[Span, str],
) -> dict[int, StanceLabel]:
    """Return the gold stances by the position of their pair, before they are numbered."""
    return {
        number: StanceLabel(
            id=str(number),
            holder=_gold_id(pair.holder, gold_spans, span_ids),
            target=_gold_id(pair.target, gold_spans, span_ids),
            target_name=pair.target_name,
            stance=decision.label,
        )
        for number, (pair, decision) in enumerate(zip(pairs, decisions, strict=True))
        if decision.label is not None
    }


def _gold_id(
    mention: AlignedMention | None, gold_spans: Sequence[GoldSpan], span_ids: Mapping[Span, str]
) -> str | None:
    extent = None if mention is None else gold_spans[mention.index].extent
    return None if extent is None else span_ids[extent]


class _ExpertComments(msgspec.Struct, frozen=True):
    """The expert's reason for each mention and pair, if any, and the references that match none of them."""

    of_mentions: tuple[str | None, ...]
    of_pairs: tuple[str | None, ...]
    unmatched: tuple[str, ...]


def _expert_comments(votes: ArticleVotes, expert: str | None) -> _ExpertComments:
    expert_layer = next((layer for layer in votes.layers if layer.annotator == expert), None)
    reasons = parse_reasons(() if expert_layer is None else expert_layer.comments)
    references = [mention_references(mention, expert) for mention in votes.mentions]
    references += [pair_references(pair, expert_layer) for pair in votes.pairs]
    matched = [reasons_for(item_references, reasons) for item_references in references]
    comments = tuple(comment or None for _, comment in matched)
    n_mentions = len(votes.mentions)
    unmatched = reasons.keys() - {reference for used, _ in matched for reference in used}
    return _ExpertComments(comments[:n_mentions], comments[n_mentions:], tuple(sorted(unmatched)))


def _gold_layer(votes: ArticleVotes, spans: tuple[SpanLabel, ...], stances: tuple[StanceLabel, ...]) -> AnnotationLayer:
    return AnnotationLayer(
        article_id=votes.article.id,
        text_sha256=votes.article.text_sha256,
        batch=votes.layers[0].batch,
        annotator=GOLD,
        guidelines_version=highest_version(layer.guidelines_version for layer in votes.layers),
        schema_version=highest_version(layer.schema_version for layer in votes.layers),
        confirmed=True,
        spans=spans,
        stances=stances,
    )
