"""Decisions on single mentions and stances: what is in gold, who decided it, and what remains in dispute."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import msgspec

from goldwire.adjudication.expert_comments import ARTICLE_VOICE, offsets_reference
from goldwire.adjudication.voting import NOTHING, AggregatedLabel, ItemVotes, majority_threshold
from goldwire.alignment.mentions import AlignedMention, StancePair
from goldwire.alignment.span_matching import Span
from goldwire.records import AnnotationLayer, Article, Decision, DecisionAnswer, DisputeCause, Provenance, is_expert

__all__ = ["ArticleVotes", "BoundaryPolicy", "GoldSpan", "decide_span", "decide_stance", "drop_duplicate"]


class BoundaryPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Rule for the boundaries of a mention: the expert's, else those of a majority with at least `min_votes`.

    `method` is how annotators decide where no expert does: by majority, or by a model.
    """

    method: str = "majority"
    min_votes: int = 1
    expert: str | None = None

    def boundary(self, mention: AlignedMention, n_voters: int, *, end: bool) -> tuple[int | None, int]:
        """Return the start or end of a mention (None: disputed) and its votes."""
        if self.expert is None or self.expert not in mention.spans:
            return self.voted_boundary(mention, n_voters, end=end)
        span = mention.spans[self.expert]
        offset = span.end if end else span.start
        return offset, _boundary_votes(mention, end=end)[offset]

    def voted_boundary(self, mention: AlignedMention, n_voters: int, *, end: bool) -> tuple[int | None, int]:
        """Return the start or end of a mention by votes alone (None: disputed) and its votes.

        A model of the annotators may decide that a mention exists although most did not mark it. It knows nothing of
        boundaries, so then those who marked the mention decide.
        """
        counts = _boundary_votes(mention, end=end)
        offset, votes = min(counts.items(), key=lambda item: (-item[1], item[0]), default=(None, 0))
        voters = n_voters if self.method == "majority" else counts.total()
        return (offset if votes >= majority_threshold(voters, self.min_votes) else None), votes

    def provenance(self, votes: int, n_voters: int) -> Provenance:
        """Return who decided an item that no expert decided and that `votes` annotators answered like this."""
        if votes == n_voters:
            return "single" if n_voters == 1 else "unanimous"
        return "majority" if self.method == "majority" else "model"


def _boundary_votes(mention: AlignedMention, *, end: bool) -> Counter[int]:
    """Return how many annotators marked the mention with each start or end; experts do not count."""
    return Counter(span.end if end else span.start for name, span in mention.spans.items() if not is_expert(name))


class ArticleVotes(msgspec.Struct, frozen=True):
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

    def describe(self, extent: Span) -> str:
        """Return the words of an extent and its offsets."""
        return f"{self.article.text[extent.start : extent.end]} {offsets_reference(extent.start, extent.end)}"


class GoldSpan(msgspec.Struct, frozen=True):
    """The extent that a mention has in gold, None where it is not in gold, and the decision."""

    extent: Span | None
    decision: Decision


def decide_span(
    votes: ArticleVotes,
    mention: AlignedMention,
    label: AggregatedLabel,
    policy: BoundaryPolicy,
    comment: str | None,
) -> GoldSpan:
    """Decide whether a mention is in gold, with which label and boundaries; `comment` is the expert's reason."""
    n_voters = len(votes.annotators)
    start, start_votes = policy.boundary(mention, n_voters, end=False)
    end, end_votes = policy.boundary(mention, n_voters, end=True)
    extent: Span | None = None
    dispute: DisputeCause | None = None
    n_votes = label.n_votes
    if label.answer is None:
        marked = sum(name in mention.spans for name in votes.annotators)
        dispute = "existence" if 2 * marked <= n_voters else "label"
    elif label.answer != NOTHING and (start is None or end is None or start >= end):
        dispute, n_votes = "boundary", min(start_votes, end_votes)
    elif label.answer != NOTHING and start is not None and end is not None:
        extent, n_votes = Span(start, end, label.answer), min(n_votes, start_votes, end_votes)
    voted = [policy.voted_boundary(mention, n_voters, end=is_end)[0] for is_end in (False, True)]
    changed = label.by_votes != label.answer or (extent is not None and voted != [start, end])
    by_expert = label.by_expert and (comment is not None or changed)
    shown = extent or mention.extent
    decision = Decision(
        article_id=votes.article.id,
        kind="span",
        gold_id=None,
        description=f"{votes.describe(shown)} {shown.label}",
        label=None if extent is None else extent.label,
        start=shown.start,
        end=shown.end,
        n_votes=n_votes,
        n_voters=n_voters,
        provenance=_provenance(policy, n_votes, n_voters, dispute, by_expert=by_expert),
        dispute=dispute,
        comment=comment,
        answers=_span_answers(votes, mention),
        posterior=label.posterior,
    )
    return GoldSpan(extent, decision)


def _provenance(
    policy: BoundaryPolicy, n_votes: int, n_voters: int, dispute: DisputeCause | None, *, by_expert: bool
) -> Provenance | None:
    if dispute is not None:
        return None
    return "expert" if by_expert else policy.provenance(n_votes, n_voters)


def drop_duplicate(span: GoldSpan, earlier: Sequence[GoldSpan]) -> GoldSpan:
    """Leave a mention out of gold if it is decided on the very extent of an earlier one."""
    if span.extent is None or all(other.extent != span.extent for other in earlier):
        return span
    return GoldSpan(None, msgspec.structs.replace(span.decision, label=None))


def decide_stance(
    votes: ArticleVotes,
    pair: StancePair,
    aggregated: AggregatedLabel,
    policy: BoundaryPolicy,
    gold_spans: Sequence[GoldSpan],
    comment: str | None,
) -> Decision:
    """Decide the stance of a pair; `comment` is the expert's reason."""
    n_voters = len(votes.annotators)
    ends = [gold_spans[end.index] for end in (pair.holder, pair.target) if end is not None]
    missing = [end.decision for end in ends if end.extent is None]
    # A mention that is not in gold cannot hold a stance or be the target of one.
    left_out = next((end for end in missing if end.is_resolved), None)
    stance: str | None = None
    dispute: DisputeCause | None = None
    by_expert = aggregated.by_expert and (comment is not None or aggregated.by_votes != aggregated.answer)
    if aggregated.answer != NOTHING and left_out is None:
        if missing or aggregated.answer is None:
            dispute = "span" if missing else "stance"
        else:
            stance = aggregated.answer
    provenance = _provenance(policy, aggregated.n_votes, n_voters, dispute, by_expert=by_expert)
    if aggregated.answer != NOTHING and left_out is not None and not by_expert:
        provenance = left_out.provenance
    holder, target = (
        None if end is None else gold_spans[end.index].extent or end.extent for end in (pair.holder, pair.target)
    )
    ends_in_words = (
        ARTICLE_VOICE if holder is None else votes.describe(holder),
        repr(pair.target_name) if target is None else votes.describe(target),
    )
    return Decision(
        article_id=votes.article.id,
        kind="stance",
        gold_id=None,
        description=f" {stance or 'to'} ".join(ends_in_words),
        label=stance,
        holder=None if holder is None else (holder.start, holder.end),
        target=None if target is None else (target.start, target.end),
        target_name=pair.target_name,
        n_votes=aggregated.n_votes,
        n_voters=n_voters,
        provenance=provenance,
        dispute=dispute,
        comment=comment,
        answers=_stance_answers(votes, pair),
        posterior=aggregated.posterior,
    )


def _span_answers(votes: ArticleVotes, mention: AlignedMention) -> tuple[DecisionAnswer, ...]:
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


def _stance_answers(votes: ArticleVotes, pair: StancePair) -> tuple[DecisionAnswer, ...]:
    """Return the annotators' stances of a pair, the most frequent first; who drew two has both."""
    names: dict[str | None, list[str]] = defaultdict(list)
    for name in votes.annotators:
        for stance in pair.stances.get(name, (None,)):
            names[stance].append(name)
    ordered = sorted(names.items(), key=lambda item: (-len(item[1]), item[0] is not None, item[0] or ""))
    return tuple(DecisionAnswer(label=stance, annotators=tuple(who)) for stance, who in ordered)
