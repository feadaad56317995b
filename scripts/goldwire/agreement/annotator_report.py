"""Each annotator beside the others: how near, how able, steady or drifting, and whether a word is due."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from math import isnan
from typing import Any, NamedTuple

from goldwire.agreement.annotator_models import dawid_skene, mace
from goldwire.agreement.bootstrap import BootstrapOptions, measure
from goldwire.agreement.span_f1 import MatchCounts, count_matches_by_label, f1_estimate, sum_counts
from goldwire.agreement.stance import count_triples, group_mentions, stance_units
from goldwire.alignment.span_matching import Span, read_spans
from goldwire.records import Agreement, AnnotationLayer, Record

__all__ = ["AnnotatorPart", "Habit", "measure_people"]

NOTHING = "-"
_DRIFT = 15  # articles: with fewer, a third of them is too few to speak of drift
_MACE = 20_000  # answers: beyond, Dawid and Skene's estimate stands alone, MACE's restarts would take minutes


class Habit(Record, frozen=True, kw_only=True):
    """What an annotator said where the others together most probably mean `truth`; `-` is nothing marked or drawn."""

    truth: str
    said: str
    share: float  # of the items whose truth that is
    times: int


class AnnotatorPart(Record, frozen=True, kw_only=True):
    """One annotator. Agreement is exact F1 of spans, or where nobody marked any, of stances: with the others, in the
    first and in the last third of the articles, and with gold where there is some. `competence` is Dawid and Skene's
    probability of a right answer about a mention, `trust` MACE's of not guessing, from articles that three or more
    annotators confirmed; nan where there are none. `habits` are the confusion matrix of these, rarest last.
    """

    annotator: str
    articles: int
    spans: int
    stances: int
    with_rest: Agreement
    first_third: Agreement
    last_third: Agreement
    with_gold: Agreement
    competence: float
    trust: float
    habits: tuple[Habit, ...]
    word: str


def measure_people(
    layers: Sequence[AnnotationLayer],
    *,
    order: Sequence[str] = (),
    gold: Sequence[AnnotationLayer] = (),
    n_boot: int = 1000,
    seed: int = 0,
) -> tuple[AnnotatorPart, ...]:
    """Every annotator of confirmed layers. `order` gives article ids in the order in which they were annotated."""
    by_article: dict[str, dict[str, AnnotationLayer]] = defaultdict(dict)
    for layer in layers:
        if layer.confirmed:
            by_article[layer.article_id][layer.annotator] = layer
    place = {article: number for number, article in enumerate(order)}
    articles = {a: by_article[a] for a in sorted(by_article, key=lambda a: (place.get(a, len(place)), a))}
    names = sorted({name for by in articles.values() for name in by})
    way = _SPANS if any(layer.spans for by in articles.values() for layer in by.values()) else _STANCES
    views = {a: {name: way.view(layer) for name, layer in by.items()} for a, by in articles.items()}
    able, trust, habits = _answers(articles, names)
    options = BootstrapOptions(n_boot=n_boot, seed=seed)
    truth = {layer.article_id: way.view(layer) for layer in gold}
    parts = []
    for column, name in enumerate(names):
        found = way.compared(views, name, truth, options)
        others = way.f1([counts for by in views.values() if (counts := way.among(by, name)).n_compared], options)
        mine = [by[name] for by in articles.values() if name in by]
        parts.append(
            AnnotatorPart(
                annotator=name,
                articles=len(mine),
                spans=sum(len(layer.spans) for layer in mine),
                stances=sum(len(layer.stances) for layer in mine),
                competence=float(able[column]),
                trust=float(trust[column]),
                habits=habits[name],
                word=_word(name, found, others, habits[name], sum(name in by and len(by) > 1 for by in views.values())),
                **found,
            )
        )
    return tuple(parts)


class _Way(NamedTuple):
    """How two layers of an article are compared: what is looked at of each, and how agreement in that is counted."""

    coefficient: str
    view: Callable[[AnnotationLayer], Any]
    agree: Callable[[Any, Any], MatchCounts]

    def compared(
        self, views: Mapping[str, Mapping[str, Any]], name: str, truth: Mapping[str, Any], options: BootstrapOptions
    ) -> dict[str, Agreement]:
        """One annotator's F1 with the rest, over all articles and over the first and the last third, and with gold."""
        counts = [self.against(by, name) for by in views.values() if name in by and len(by) > 1]
        third = len(counts) // 3 if len(counts) >= _DRIFT else 0
        gold = [self.agree(by[name], truth[key]) for key, by in views.items() if name in by and key in truth]
        return {
            "with_rest": self.f1(counts, options),
            "first_third": self.f1(counts[:third], options),
            "last_third": self.f1(counts[-third:] if third else [], options),
            "with_gold": self.f1(gold, options),
        }

    def against(self, by: Mapping[str, Any], name: str) -> MatchCounts:
        return sum_counts(self.agree(by[name], view) for other, view in by.items() if other != name)

    def among(self, by: Mapping[str, Any], name: str) -> MatchCounts:
        return sum_counts(self.agree(by[a], by[b]) for a, b in combinations(by, 2) if name not in (a, b))

    def f1(self, counts: Sequence[MatchCounts], options: BootstrapOptions) -> Agreement:
        return measure(f1_estimate(self.coefficient, [[each] for each in counts], 2), options)


def _exact(a: Sequence[Span], b: Sequence[Span]) -> MatchCounts:
    return sum_counts(count_matches_by_label(a, b)["exact"].values())


_SPANS = _Way("span_f1_exact", read_spans, _exact)
_STANCES = _Way("stance_f1_exact", lambda layer: layer, lambda a, b: count_triples(a, b, "exact"))


Able = tuple[Sequence[float], Sequence[float], dict[str, tuple[Habit, ...]]]


def _answers(articles: Mapping[str, Mapping[str, AnnotationLayer]], names: Sequence[str]) -> Able:
    """Competence, trust and habits from one answer of each annotator to each mention and each holder-target pair."""
    # Of two answers that differ nothing tells which is right: the models need three.
    rows = [row for by in articles.values() if len(by) > 2 for row in _rows(by, names)]
    nothing = [float("nan")] * len(names)
    if not rows or len({answer for row in rows for answer in row} - {None}) < 2:
        return nothing, nothing, dict.fromkeys(names, ())
    found = dawid_skene(rows)
    habits = {}
    for column, name in enumerate(names):
        given: Counter[tuple[str, str]] = Counter()
        for row, truth in zip(rows, found.most_likely_labels(), strict=True):
            if (answer := row[column]) is not None:
                given[truth, answer] += 1
        total = Counter(truth for (truth, _), times in given.items() for _ in range(times))
        ordered = sorted(given.items(), key=lambda item: (-item[1], item[0]))
        habits[name] = tuple(
            Habit(truth=truth, said=said, share=times / total[truth], times=times) for (truth, said), times in ordered
        )
    answers = sum(answer is not None for row in rows for answer in row)
    trust = mace(rows).competence if answers <= _MACE else nothing
    return found.competence.tolist(), list(trust), habits


def _rows(by: Mapping[str, AnnotationLayer], names: Sequence[str]) -> list[list[str | None]]:
    rows: list[list[str | None]] = []
    labels = {(name, span.id): span.label for name, layer in by.items() for span in layer.spans}
    for mention in group_mentions(list(by.values())):
        said = {name: labels[name, span] for name, span in mention.spans}
        rows.append([said.get(name, NOTHING) if name in by else None for name in names])
    for unit in stance_units(by.values()):
        drawn = dict(unit.stances)
        rows.append([drawn.get(name, NOTHING) if name in by else None for name in names])
    return rows


def _word(name: str, found: Mapping[str, Agreement], others: Agreement, habits: Sequence[Habit], shared: int) -> str:
    """A plain sentence: only what the intervals bear out."""
    mine, first, last = (found[key] for key in ("with_rest", "first_third", "last_third"))
    if isnan(mine.value):
        if shared:
            return f"{name} shares {shared} confirmed articles, and nobody marked anything in them."
        return f"{name} shares no confirmed article with anybody yet."
    said = []
    if not isnan(others.value) and (mine.high if not isnan(mine.high) else mine.value) < others.value:
        worst = max((h for h in habits if h.said != h.truth), key=lambda h: (h.times, h.truth, h.said), default=None)
        about = "" if worst is None else f"; most often {_habit(worst)}"
        said.append(
            f"Have a word with {name}: F1 with the others is {mine.value:.2f}, theirs {others.value:.2f}{about}."
        )
    if not isnan(first.high) and not isnan(last.low):
        if last.high < first.low:
            said.append(
                f"{name} has drifted away from the others since the start ({first.value:.2f}, now {last.value:.2f})."
            )
        elif last.low > first.high:
            said.append(
                f"{name} has come nearer to the others since the start ({first.value:.2f}, now {last.value:.2f})."
            )
    return " ".join(said) or f"{name} is about as near to the others as they are to each other."


def _habit(habit: Habit) -> str:
    share = f"in {habit.share:.0%} of {round(habit.times / habit.share)} cases"
    if habit.said == NOTHING:
        return f"leaves out {habit.truth} {share}"
    if habit.truth == NOTHING:
        return f"marks {habit.said} where the others mark nothing ({habit.times} times)"
    return f"says {habit.said} where the others say {habit.truth} {share}"
