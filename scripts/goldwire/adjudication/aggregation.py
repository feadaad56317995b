"""From the annotators' layers to gold, with a decision for every mention and every stance.

A part of gold is resolved where more than half of the article's annotators agree on it. Start and end of a mention are
voted on separately: two majorities of the same voters have a voter in common, so that at least one annotator marked the
start and the end that win together.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from goldwire.adjudication.expert_comments import (
    ARTICLE_VOICE,
    mention_references,
    offsets_reference,
    pair_references,
    parse_reasons,
    reasons_for,
)
from goldwire.adjudication.voting import NOTHING, AggregatedLabel, Aggregator, ItemVotes, majority_threshold
from goldwire.alignment.mentions import AlignedMention, StancePair, align_mentions, align_stances
from goldwire.alignment.span_matching import Span
from goldwire.records import (
    GOLD,
    AnnotationLayer,
    Article,
    Decision,
    DecisionAnswer,
    SpanLabel,
    StanceLabel,
    is_expert,
    number_layer,
)

__all__ = ["AdjudicatedArticle", "BoundaryPolicy", "aggregate"]


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


class BoundaryPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Rule for the boundaries of a mention: the expert's, else those of a majority with at least `min_votes`."""

    method: str = "majority"
    min_votes: int = 1
    expert: str | None = None

    def boundary(self, mention: AlignedMention, n_voters: int, *, end: bool) -> tuple[int | None, int]:
        """Return the start or end of a mention (None: disputed) and its votes.

        A model of the annotators may decide that a mention exists although most did not mark it. It knows nothing of
        boundaries, so then those who marked the mention decide.
        """
        offsets = {name: span.end if end else span.start for name, span in mention.spans.items()}
        counts = Counter(offset for name, offset in offsets.items() if not is_expert(name))
        if self.expert in offsets:
            return offsets[self.expert], counts[offsets[self.expert]]
        offset, votes = min(counts.items(), key=lambda item: (-item[1], item[0]))
        voters = n_voters if self.method in ("majority", "expert") else len(offsets)
        return (offset if votes >= majority_threshold(voters, self.min_votes) else None), votes

    def reason(self, label: AggregatedLabel, votes: int, n_voters: int) -> str:
        """Return the code for why an item is in gold."""
        if label.by_expert:
            return "expert"
        if n_voters == 1:
            return "single"
        return "unanimous" if votes == n_voters else "majority" if self.method == "expert" else self.method


class _ArticleVotes(msgspec.Struct, frozen=True):
    """The layers of one article, aligned."""

    article: Article
    layers: tuple[AnnotationLayer, ...]
    mentions: tuple[AlignedMention, ...]
    pairs: tuple[StancePair, ...]

    @property
    def annotators(self) -> tuple[str, ...]:
        """Those who vote; experts do not."""
        return tuple(layer.annotator for layer in self.layers if not is_expert(layer.annotator))

    def of_mention(self, mention: AlignedMention) -> ItemVotes:
        """Return each annotator's label of a mention, experts included."""
        names = [layer.annotator for layer in self.layers]
        labels: dict[str, str | None] = dict.fromkeys(names, NOTHING)
        labels |= {name: span.label for name, span in mention.spans.items()}
        return ItemVotes(self.article.id, labels)

    def of_pair(self, pair: StancePair) -> ItemVotes:
        """Return each annotator's stance of a pair, experts included; None where they contradict themselves."""
        answers: dict[str, str | None] = {}
        for name in (layer.annotator for layer in self.layers):
            # An expert is asked about disputed named targets only: a missing stance to another target is not an answer.
            is_asked = pair.target_name is None or not is_expert(name)
            stances = pair.stances.get(name, (NOTHING,) if is_asked else ())
            answers[name] = stances[0] if len(stances) == 1 else None
        return ItemVotes(self.article.id, answers)


class _GoldSpan(msgspec.Struct, frozen=True):
    """The extent that a mention has in gold, None where it is not in gold, and the decision."""

    extent: Span | None
    decision: Decision


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


def _align(articles: Mapping[str, Article], layers: Iterable[AnnotationLayer]) -> list[_ArticleVotes]:
    by_article: dict[str, list[AnnotationLayer]] = defaultdict(list)
    for layer in layers:
        by_article[layer.article_id].append(layer)
    votes = []
    for article, of_article in sorted(by_article.items()):
        ordered = tuple(sorted(of_article, key=lambda layer: layer.annotator))
        mentions = align_mentions(ordered)
        votes.append(_ArticleVotes(articles[article], ordered, mentions, align_stances(ordered, mentions)))
    return votes


def _adjudicate(
    votes: _ArticleVotes,
    labels: Sequence[AggregatedLabel],
    stances: Sequence[AggregatedLabel],
    policy: BoundaryPolicy,
) -> AdjudicatedArticle:
    """Return the gold of one article from the aggregated labels of its mentions and stances of its pairs."""
    gold_spans: list[_GoldSpan] = []
    for mention, label in zip(votes.mentions, labels, strict=True):
        gold_spans.append(_drop_duplicate(_decide_span(votes, mention, label, policy), gold_spans))
    span_ids = _span_ids(gold_spans)
    spans = [
        SpanLabel(
            id=span_ids[extent], start=extent.start, end=extent.end, label=extent.label, text=_surface(votes, extent)
        )
        for extent in span_ids
    ]
    decided = [
        _decide_stance(votes, pair, stance, policy, gold_spans)
        for pair, stance in zip(votes.pairs, stances, strict=True)
    ]
    related = [
        StanceLabel(
            id=str(number),
            holder=_gold_id(pair.holder, gold_spans, span_ids),
            target=_gold_id(pair.target, gold_spans, span_ids),
            target_name=pair.target_name,
            stance=stance,
        )
        for number, (pair, (stance, _)) in enumerate(zip(votes.pairs, decided, strict=True))
        if stance is not None
    ]
    numbered_spans, numbered_stances = number_layer(spans, related)
    stance_ids = {(stance.holder, stance.target, stance.target_name): stance.id for stance in numbered_stances}
    ids_of_pairs = {int(stance.id): stance_ids[stance.holder, stance.target, stance.target_name] for stance in related}
    decisions = [
        msgspec.structs.replace(span.decision, gold_id=span_ids[span.extent]) if span.extent else span.decision
        for span in gold_spans
    ]
    decisions += [
        msgspec.structs.replace(decision, gold_id=ids_of_pairs.get(number))
        for number, (_, decision) in enumerate(decided)
    ]
    explained, unmatched = _with_comments(votes, decisions, policy.expert)
    return AdjudicatedArticle(
        gold=_gold_layer(votes, numbered_spans, numbered_stances),
        n_voters=len(votes.annotators),
        mentions=votes.mentions,
        pairs=votes.pairs,
        span_decisions=explained[: len(votes.mentions)],
        stance_decisions=explained[len(votes.mentions) :],
        unmatched_reasons=unmatched,
    )


def _span_ids(gold_spans: Sequence[_GoldSpan]) -> dict[Span, str]:
    """Return the ids of gold spans as `number_layer` numbers them: in text order."""
    extents = sorted(span.extent for span in gold_spans if span.extent is not None)
    return {extent: f"T{number}" for number, extent in enumerate(extents, 1)}


def _gold_id(
    mention: AlignedMention | None, gold_spans: Sequence[_GoldSpan], span_ids: Mapping[Span, str]
) -> str | None:
    extent = None if mention is None else gold_spans[mention.index].extent
    return None if extent is None else span_ids[extent]


def _drop_duplicate(span: _GoldSpan, earlier: Sequence[_GoldSpan]) -> _GoldSpan:
    """Leave a mention out of gold if it is decided on the very extent of an earlier one."""
    if span.extent is None or all(other.extent != span.extent for other in earlier):
        return span
    return _GoldSpan(None, msgspec.structs.replace(span.decision, reason="left-out"))


def _decide_span(
    votes: _ArticleVotes, mention: AlignedMention, label: AggregatedLabel, policy: BoundaryPolicy
) -> _GoldSpan:
    """Decide whether a mention is in gold, with which label and boundaries."""
    n_voters = len(votes.annotators)
    start, start_votes = policy.boundary(mention, n_voters, end=False)
    end, end_votes = policy.boundary(mention, n_voters, end=True)
    extent, n_votes, is_resolved = None, label.n_votes, label.answer is not None
    if label.answer == NOTHING:
        reason = "left-out"
    elif label.answer is None:
        marked = sum(name in mention.spans for name in votes.annotators)
        reason = "existence" if 2 * marked <= n_voters else "label"
    elif start is None or end is None or start >= end:
        reason, n_votes, is_resolved = "boundary", min(start_votes, end_votes), False
    else:
        extent, n_votes = Span(start, end, label.answer), min(n_votes, start_votes, end_votes)
        reason = policy.reason(label, n_votes, n_voters)
    decision = Decision(
        article_id=votes.article.id,
        kind="span",
        gold_id=None,
        description=f"{_describe(votes, extent or mention.extent)} {(extent or mention.extent).label}",
        n_votes=n_votes,
        n_voters=n_voters,
        is_resolved=is_resolved,
        method=policy.method,
        reason=reason,
        answers=_span_answers(votes, mention),
        posterior=label.posterior,
    )
    return _GoldSpan(extent, decision)


def _decide_stance(
    votes: _ArticleVotes,
    pair: StancePair,
    aggregated: AggregatedLabel,
    policy: BoundaryPolicy,
    gold_spans: Sequence[_GoldSpan],
) -> tuple[str | None, Decision]:
    """Decide the stance of a pair, None where it is not in gold."""
    ends = [gold_spans[end.index] for end in (pair.holder, pair.target) if end is not None]
    missing = [end for end in ends if end.extent is None]
    stance, is_resolved = None, True
    if aggregated.answer == NOTHING or any(end.decision.is_resolved for end in missing):
        # A mention that is not in gold cannot hold a stance or be the target of one.
        reason = "left-out"
    elif missing or aggregated.answer is None:
        reason, is_resolved = ("span" if missing else "stance"), False
    else:
        stance = aggregated.answer
        reason = policy.reason(aggregated, aggregated.n_votes, len(votes.annotators))
    holder, target = (
        default if end is None else _describe(votes, gold_spans[end.index].extent or end.extent)
        for end, default in ((pair.holder, ARTICLE_VOICE), (pair.target, repr(pair.target_name)))
    )
    return stance, Decision(
        article_id=votes.article.id,
        kind="stance",
        gold_id=None,
        description=f"{holder} {stance or 'to'} {target}",
        n_votes=aggregated.n_votes,
        n_voters=len(votes.annotators),
        is_resolved=is_resolved,
        method=policy.method,
        reason=reason,
        answers=_stance_answers(votes, pair),
        posterior=aggregated.posterior,
    )


def _span_answers(votes: _ArticleVotes, mention: AlignedMention) -> tuple[DecisionAnswer, ...]:
    """Return the annotators' answers to a mention, the most frequent first, then in text order."""
    names: dict[Span | None, list[str]] = defaultdict(list)
    for name in votes.annotators:
        span = mention.spans.get(name)
        names[None if span is None else Span(span.start, span.end, span.label)].append(name)
    ordered = sorted(names.items(), key=lambda item: (-len(item[1]), item[0] is not None, item[0] or Span(0, 0, "")))
    return tuple(
        DecisionAnswer(label=None, annotators=tuple(who))
        if span is None
        else DecisionAnswer(label=span.label, start=span.start, end=span.end, annotators=tuple(who))
        for span, who in ordered
    )


def _stance_answers(votes: _ArticleVotes, pair: StancePair) -> tuple[DecisionAnswer, ...]:
    """Return the annotators' stances of a pair, the most frequent first; who drew two has both."""
    names: dict[str | None, list[str]] = defaultdict(list)
    for name in votes.annotators:
        for stance in pair.stances.get(name, (None,)):
            names[stance].append(name)
    ordered = sorted(names.items(), key=lambda item: (-len(item[1]), item[0] is not None, item[0] or ""))
    return tuple(DecisionAnswer(label=stance, annotators=tuple(who)) for stance, who in ordered)


def _with_comments(
    votes: _ArticleVotes, decisions: Sequence[Decision], expert: str | None
) -> tuple[tuple[Decision, ...], tuple[str, ...]]:
    """Return the decisions with the expert's comments, and the references in comments that match none of them."""
    expert_layer = next((layer for layer in votes.layers if layer.annotator == expert), None)
    reasons = parse_reasons(() if expert_layer is None else expert_layer.comments)
    references = [mention_references(mention, expert) for mention in votes.mentions]
    references += [pair_references(pair, expert_layer) for pair in votes.pairs]
    matched = [reasons_for(item_references, reasons) for item_references in references]
    explained = tuple(
        msgspec.structs.replace(decision, comment=comment) if comment else decision
        for decision, (_, comment) in zip(decisions, matched, strict=True)
    )
    return explained, tuple(sorted(reasons.keys() - {reference for used, _ in matched for reference in used}))


def _gold_layer(
    votes: _ArticleVotes, spans: tuple[SpanLabel, ...], stances: tuple[StanceLabel, ...]
) -> AnnotationLayer:
    return AnnotationLayer(
        article_id=votes.article.id,
        text_sha256=votes.article.text_sha256,
        batch=votes.layers[0].batch,
        annotator=GOLD,
        guidelines_version=max(layer.guidelines_version for layer in votes.layers),
        schema_version=max(layer.schema_version for layer in votes.layers),
        confirmed=True,
        spans=spans,
        stances=stances,
    )


def _surface(votes: _ArticleVotes, extent: Span) -> str:
    return votes.article.text[extent.start : extent.end]


def _describe(votes: _ArticleVotes, extent: Span) -> str:
    return f"{_surface(votes, extent)} {offsets_reference(extent.start, extent.end)}"
