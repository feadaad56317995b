"""Settle the annotators' layers of articles into gold, and say of every unit how it was decided.

A part of gold is settled where more than half of the article's annotators said it. Boundaries vote for themselves:
two majorities over the same voters share a voter, so that the start and the end they settle on were marked together
by somebody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from goldwire.adjudication.expert_comments import pair_names, read_reasons, reasons_of, span_names
from goldwire.adjudication.voting import NOTHING, Ballot, Judge, Verdict, needed
from goldwire.alignment.mentions import Pair, SpanUnit, match_spans, match_stances
from goldwire.records import GOLD, AnnotationLayer, Article, Decision, SpanLabel, StanceLabel, is_expert, number_layer

__all__ = ["Rule", "Settled", "aggregate"]


class Settled(msgspec.Struct, frozen=True):
    """The gold layer of an article, how many annotators voted, and how each of its units was decided.

    `unplaced` are the reasons of the expert's that name nothing there is.
    """

    gold: AnnotationLayer
    voters: int
    decisions: tuple[Decision, ...]
    unplaced: tuple[str, ...] = ()


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """How boundaries are decided: by the expert's, or else by the majority with at least `min_votes`."""

    method: str = "majority"
    min_votes: int = 1
    expert: str | None = None

    def boundary(self, unit: SpanUnit, voters: int, *, end: bool) -> tuple[int | None, int]:
        """The start or end of a unit and its votes; None where it is disputed.

        A model that knows better than to count heads is not outvoted by those who did not mark the unit: of
        boundaries it has no opinion, so that those who marked it decide.
        """
        ends = {name: span.end if end else span.start for name, span in unit.spans.items()}
        counts = Counter(end for name, end in ends.items() if not is_expert(name))
        if self.expert in ends:
            return ends[self.expert], counts[ends[self.expert]]
        place, votes = min(counts.items(), key=lambda item: (-item[1], item[0]))
        of = voters if self.method in ("majority", "expert") else len(ends)
        return (place if votes >= needed(of, self.min_votes) else None), votes

    def reason(self, verdict: Verdict, votes: int, of: int) -> str:
        """In a word, why a unit is in gold."""
        if verdict.by_expert:
            return "expert"
        if of == 1:
            return "single"
        return "unanimous" if votes == of else "majority" if self.method == "expert" else self.method


class _Case(msgspec.Struct, frozen=True):
    article: Article
    layers: tuple[AnnotationLayer, ...]
    units: tuple[SpanUnit, ...]
    pairs: tuple[Pair, ...]

    @property
    def asked(self) -> tuple[str, ...]:
        """Everybody whose word counts, an expert's too."""
        return tuple(layer.annotator for layer in self.layers)

    @property
    def annotators(self) -> tuple[str, ...]:
        """Those who vote."""
        return tuple(name for name in self.asked if not is_expert(name))

    def layer_of(self, name: str | None) -> AnnotationLayer | None:
        return next((layer for layer in self.layers if layer.annotator == name), None)


def aggregate(
    articles: Mapping[str, Article],
    layers: Iterable[AnnotationLayer],
    judge: Judge,
    *,
    rule: Rule | None = None,
) -> tuple[Settled, ...]:
    """Settle confirmed layers (at most one an annotator and article, sound by `units.fault`) into gold, by article id.

    `judge` decides labels and stances, `rule` boundaries.
    """
    cases = _cases(articles, layers)
    spans = [Ballot(case.article.id, _said(case, unit)) for case in cases for unit in case.units]
    stances = [Ballot(case.article.id, _drawn(case, pair)) for case in cases for pair in case.pairs]
    span_verdicts, stance_verdicts = iter(judge(spans)), iter(judge(stances))
    settled = []
    for case in cases:
        labels = [next(span_verdicts) for _ in case.units]
        drawn = [next(stance_verdicts) for _ in case.pairs]
        settled.append(_settle(case, labels, drawn, rule or Rule()))
    return tuple(settled)


def _cases(articles: Mapping[str, Article], layers: Iterable[AnnotationLayer]) -> list[_Case]:
    grouped: dict[str, list[AnnotationLayer]] = {}
    for layer in layers:
        grouped.setdefault(layer.article_id, []).append(layer)
    cases = []
    for article, said in sorted(grouped.items()):
        ordered = tuple(sorted(said, key=lambda layer: layer.annotator))
        units = match_spans(ordered)
        cases.append(_Case(articles[article], ordered, units, match_stances(ordered, units)))
    return cases


def _said(case: _Case, unit: SpanUnit) -> dict[str, str | None]:
    return {name: unit.spans[name].label if name in unit.spans else NOTHING for name in case.asked}


def _drawn(case: _Case, pair: Pair) -> dict[str, str | None]:
    # An expert is only asked about the targets by name that are in dispute: of the others silence is no word.
    unasked = is_expert if pair.target_name is not None else (lambda _: False)
    said = {name: pair.stances.get(name, () if unasked(name) else (NOTHING,)) for name in case.asked}
    return {name: stances[0] if len(stances) == 1 else None for name, stances in said.items()}


def _settle(case: _Case, labels: Sequence[Verdict], drawn: Sequence[Verdict], rule: Rule) -> Settled:
    outcomes: list[_Outcome] = []
    for unit, verdict in zip(case.units, labels, strict=True):
        outcomes.append(_once(_settle_span(case, unit, verdict, rule), outcomes))
    spans = [
        SpanLabel(id=f"u{n}", start=one.place[0], end=one.place[1], label=one.place[2], text=_surface(case, one.place))
        for n, one in enumerate(outcomes)
        if one.place is not None
    ]
    settled = [_settle_stance(case, p, verdict, rule, outcomes) for p, verdict in zip(case.pairs, drawn, strict=True)]
    stances = [
        StanceLabel(
            id=f"p{n}",
            holder=None if pair.holder is None else f"u{pair.holder}",
            target=None if pair.target is None else f"u{pair.target}",
            target_name=pair.target_name,
            stance=stance,
        )
        for n, (pair, (stance, _)) in enumerate(zip(case.pairs, settled, strict=True))
        if stance is not None
    ]
    names = _final_names(spans, stances)
    decisions = [msgspec.structs.replace(one.decision, unit=names.get(f"u{n}")) for n, one in enumerate(outcomes)]
    decisions += [msgspec.structs.replace(made, unit=names.get(f"p{n}")) for n, (_, made) in enumerate(settled)]
    explained, unplaced = _explained(case, decisions, rule.expert)
    return Settled(_gold_layer(case, *number_layer(spans, stances)), len(case.annotators), explained, unplaced)


def _explained(
    case: _Case, decisions: Sequence[Decision], expert: str | None
) -> tuple[tuple[Decision, ...], tuple[str, ...]]:
    """The decisions with the expert's reasons, and the names of those that fit none."""
    own = case.layer_of(expert)
    given = read_reasons(() if own is None else own.comments)
    names = [span_names(unit, expert) for unit in case.units]
    names += [pair_names(pair, case.units, own) for pair in case.pairs]
    found = [reasons_of(each, given) for each in names]
    explained = tuple(
        msgspec.structs.replace(made, reason=f"{made.reason}: {why}") if why else made
        for made, (_, why) in zip(decisions, found, strict=True)
    )
    return explained, tuple(sorted(given.keys() - {name for used, _ in found for name in used}))


class _Outcome(msgspec.Struct, frozen=True):
    """Where gold has a span unit, as (start, end, label), or None; and how that came about."""

    place: tuple[int, int, str] | None
    decision: Decision


def _once(outcome: _Outcome, earlier: Sequence[_Outcome]) -> _Outcome:
    """Leave a unit out that settles on the very span of an earlier one."""
    if outcome.place is None or all(one.place != outcome.place for one in earlier):
        return outcome
    return _Outcome(None, msgspec.structs.replace(outcome.decision, reason="left-out"))


def _final_names(spans: Sequence[SpanLabel], stances: Sequence[StanceLabel]) -> dict[str, str]:
    """Each working id with the id that `number_layer` gives it, recognised by where it is."""
    numbered, related = number_layer(spans, stances)
    places = {(span.start, span.end, span.label): span.id for span in numbered}
    names = {span.id: places[span.start, span.end, span.label] for span in spans}
    ends = {(stance.holder, stance.target, stance.target_name): stance.id for stance in related}
    drawn = {
        stance.id: ends[names.get(stance.holder or ""), names.get(stance.target or ""), stance.target_name]
        for stance in stances
    }
    return names | drawn


def _gold_layer(case: _Case, spans: tuple[SpanLabel, ...], stances: tuple[StanceLabel, ...]) -> AnnotationLayer:
    return AnnotationLayer(
        article_id=case.article.id,
        text_sha256=case.article.text_sha256,
        batch=case.layers[0].batch,
        annotator=GOLD,
        guidelines_version=max(layer.guidelines_version for layer in case.layers),
        schema_version=max(layer.schema_version for layer in case.layers),
        confirmed=True,
        spans=spans,
        stances=stances,
    )


def _settle_span(case: _Case, unit: SpanUnit, verdict: Verdict, rule: Rule) -> _Outcome:
    of = len(case.annotators)
    start, starts = rule.boundary(unit, of, end=False)
    end, ends = rule.boundary(unit, of, end=True)
    place, votes, settled = None, verdict.votes, verdict.answer is not None
    if verdict.answer == NOTHING:
        reason = "left-out"
    elif verdict.answer is None:
        marked = sum(name in unit.spans for name in case.annotators)
        reason = "existence" if 2 * marked <= of else "label"
    elif start is None or end is None or start >= end:
        reason, votes, settled = "boundary", min(starts, ends), False
    else:
        place, votes = (start, end, verdict.answer), min(votes, starts, ends)
        reason = rule.reason(verdict, votes, of)
    said = {name: _in_words(unit.spans.get(name)) for name in case.annotators}
    what = f"{_mention(case, place or unit.place)} {(place or unit.place)[2]}"
    made = Decision(
        article_id=case.article.id,
        kind="span",
        unit=None,
        what=what,
        votes=votes,
        of=of,
        settled=settled,
        method=rule.method,
        reason=reason,
        options=_options({name: (one,) for name, one in said.items()}),
        posterior=verdict.posterior,
    )
    return _Outcome(place, made)


def _settle_stance(
    case: _Case, pair: Pair, verdict: Verdict, rule: Rule, outcomes: Sequence[_Outcome]
) -> tuple[str | None, Decision]:
    missing = [outcomes[end] for end in (pair.holder, pair.target) if end is not None and outcomes[end].place is None]
    stance, settled = None, True
    if verdict.answer == NOTHING or any(one.decision.settled for one in missing):
        # What the majority did not mark cannot hold a stance or be the target of one.
        reason = "left-out"
    elif missing or verdict.answer is None:
        reason, settled = ("span" if missing else "stance"), False
    else:
        stance, reason = verdict.answer, rule.reason(verdict, verdict.votes, len(case.annotators))
    ends = [
        other if end is None else _mention(case, outcomes[end].place or case.units[end].place)
        for end, other in ((pair.holder, "the article"), (pair.target, repr(pair.target_name)))
    ]
    return stance, Decision(
        article_id=case.article.id,
        kind="stance",
        unit=None,
        what=f"{ends[0]} {stance or 'to'} {ends[1]}",
        votes=verdict.votes,
        of=len(case.annotators),
        settled=settled,
        method=rule.method,
        reason=reason,
        options=_options({name: pair.stances.get(name, (NOTHING,)) for name in case.annotators}),
        posterior=verdict.posterior,
    )


def _options(said: Mapping[str, Sequence[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What was said and by whom, the commonest first."""
    answers = sorted({answer for answers in said.values() for answer in answers})
    by_answer = [(answer, tuple(name for name, answers in said.items() if answer in answers)) for answer in answers]
    return tuple(sorted(by_answer, key=lambda option: -len(option[1])))


def _in_words(span: SpanLabel | None) -> str:
    return NOTHING if span is None else f"[{span.start}, {span.end}) {span.label}"


def _surface(case: _Case, place: tuple[int, int, str]) -> str:
    return case.article.text[place[0] : place[1]]


def _mention(case: _Case, place: tuple[int, int, str]) -> str:
    return f"{_surface(case, place)} [{place[0]}, {place[1]})"
