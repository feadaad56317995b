"""Per-annotator report: agreement with the others and with gold, drift, estimated accuracy, and a short summary."""

from __future__ import annotations

import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from math import isnan
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.annotations import layers_by_article
from goldwire.agreement.annotator_models import ConvergenceWarning, dawid_skene, mace
from goldwire.agreement.estimates import IntervalOptions
from goldwire.agreement.intervals import measure
from goldwire.agreement.span_comparisons import SpanComparisons, compare_spans
from goldwire.agreement.span_f1 import MatchCounts, count_column, count_matches_by_label, f1_estimate, sum_counts
from goldwire.agreement.stance import stance_pairs
from goldwire.agreement.stance_f1 import count_triples
from goldwire.alignment.mentions import align_mentions
from goldwire.alignment.span_matching import Span, read_spans
from goldwire.quantities import quantity
from goldwire.records import Agreement, AgreementUnit, AnnotationLayer, Record

__all__ = ["AnnotatorReport", "ConfusionCell", "annotator_reports"]

NOTHING = "-"
_JACKKNIFE = IntervalOptions()
_DRIFT = 15  # articles: with fewer, a third of them is too few to speak of drift
_MIN_ARTICLES = 10  # shared articles: with fewer, a person should not be compared with others
_MIN_ITEMS = 30  # spans or stances compared with those of others, likewise
_MIN_CASES = 5  # of one kind: fewer are not a habit worth naming
_MACE = (
    20_000  # answers: beyond, only Dawid and Skene's estimate is computed, because MACE's restarts would take minutes
)


class ConfusionCell(Record, frozen=True, kw_only=True):
    """A cell of an annotator's confusion matrix; the label `-` is nothing marked or drawn.

    `count` items have the label `given_label` by the annotator and `true_label` by the Dawid-Skene model of all
    annotators; `rate` is their share of all items with that true label.
    """

    true_label: str
    given_label: str
    rate: float
    count: int


class AnnotatorReport(Record, frozen=True, kw_only=True):
    """Comparison of one annotator with the others.

    Parameters
    ----------
    annotator : str
    articles, spans, stances : int
        How many the annotator confirmed, marked and drew.
    with_others : Agreement
        Exact F1 with the other annotators: of spans or, if there are none, of stances.
    among_others : Agreement
        The same among the other annotators, without this one.
    first_third, last_third : Agreement
        The same over the first and the last third of the articles; nan with fewer than 15 articles.
    with_gold : Agreement
        The same with the gold layers, where there are some.
    dawid_skene_accuracy : float
        Probability of a right answer about a mention or stance; nan unless three annotators confirmed an article.
    mace_competence : float
        Probability of not guessing; nan like `dawid_skene_accuracy`, and in large batches.
    n_model_answers : int
        Number of this annotator's answers that both models are estimated from.
    dawid_skene_converged : bool
        Whether the estimate of the Dawid-Skene model has converged.
    confusion : tuple of ConfusionCell
        The most frequent cells first.
    summary : str
        One or two sentences: only what the intervals support.

    References
    ----------
    Dawid, A. P. and Skene, A. M. (1979). Maximum likelihood estimation of observer error-rates using the EM algorithm.
    Hovy, D. et al. (2013). Learning whom to trust with MACE.
    """

    annotator: str
    articles: int
    spans: int
    stances: int
    with_others: Agreement
    among_others: Agreement
    first_third: Agreement
    last_third: Agreement
    with_gold: Agreement
    dawid_skene_accuracy: float
    mace_competence: float
    n_model_answers: int
    dawid_skene_converged: bool
    confusion: tuple[ConfusionCell, ...]
    summary: str


def annotator_reports(
    layers: Sequence[AnnotationLayer],
    *,
    order: Sequence[str] = (),
    gold: Sequence[AnnotationLayer] = (),
    interval: IntervalOptions = _JACKKNIFE,
    comparisons: SpanComparisons | None = None,
) -> tuple[AnnotatorReport, ...]:
    """Report on every annotator of confirmed layers.

    Parameters
    ----------
    layers : sequence of AnnotationLayer
    order : sequence of str
        Article ids in the order in which they were annotated, for drift.
    gold : sequence of AnnotationLayer
        Gold layers, at most one per article.
    interval : IntervalOptions
        How the intervals over articles are computed.
    comparisons : mapping, optional
        What `compare_spans` returns of the layers, where it is known.
    """
    articles = _in_order(layers, order)
    annotators = sorted({name for by_annotator in articles.values() for name in by_annotator})
    has_spans = any(layer.spans for by_annotator in articles.values() for layer in by_annotator.values())
    comparison = _SPANS if has_spans else _STANCES
    views = {
        article: {name: comparison.view(layer) for name, layer in by_annotator.items()}
        for article, by_annotator in articles.items()
    }
    gold_views = {layer.article_id: comparison.view(layer) for layer in gold}
    models = _model_estimates(articles, annotators)
    moved = dict.fromkeys(annotators, _Boundaries())
    if has_spans:
        compared = compare_spans(layers) if comparisons is None else comparisons
        moved = _moved_boundaries(compared, annotators)
        counts_of = [
            _article_counts({pair: of_pair.exact() for pair, of_pair in compared[article].items()}) for article in views
        ]
    else:
        counts_of = [_article_counts(comparison.compare_pairs(by_annotator)) for by_annotator in views.values()]
    totals = count_column(counts.total for counts in counts_of)
    reports = []
    for column, name in enumerate(annotators):
        values = comparison.values(views, counts_of, name, gold_views, interval)
        others = totals.copy()
        own = [article for article, counts in enumerate(counts_of) if name in counts.with_others]
        others[own] -= count_column(counts_of[article].with_others[name] for article in own)
        other_f1 = comparison.f1_of_column(others[others[:, 2] > 0], interval)
        shared = sum(name in by_annotator and len(by_annotator) > 1 for by_annotator in views.values())
        own_layers = [by_annotator[name] for by_annotator in articles.values() if name in by_annotator]
        reports.append(
            AnnotatorReport(
                annotator=name,
                articles=len(own_layers),
                spans=sum(len(layer.spans) for layer in own_layers),
                stances=sum(len(layer.stances) for layer in own_layers),
                among_others=other_f1,
                dawid_skene_accuracy=models.accuracy[column],
                mace_competence=models.competence[column],
                n_model_answers=models.n_answers[column],
                dawid_skene_converged=models.converged,
                confusion=models.confusion[name],
                summary=_summary(
                    name, values, other_f1, shared, _most_frequent_error(models.confusion[name], moved[name])
                ),
                **values,
            )
        )
    return tuple(reports)


def _in_order(layers: Sequence[AnnotationLayer], order: Sequence[str]) -> dict[str, dict[str, AnnotationLayer]]:
    """Return the confirmed layers by article, in `order`, and annotator."""
    by_article = layers_by_article(layers)
    rank = {article: number for number, article in enumerate(order)}
    return {key: by_article[key] for key in sorted(by_article, key=lambda key: (rank.get(key, len(rank)), key))}


class _ArticleCounts(NamedTuple):
    """The agreement of all pairs of annotators of an article, and of each annotator with the others."""

    total: MatchCounts
    with_others: dict[str, MatchCounts]


def _article_counts(counts: Mapping[tuple[str, str], MatchCounts]) -> _ArticleCounts:
    """Sum the counts of the pairs of an article, over all and for each annotator.

    Comparing pairs again for each annotator took 330 of 406 profiled seconds, with a crowd of 81.
    """
    of_annotator: dict[str, list[MatchCounts]] = defaultdict(list)
    for pair, count in counts.items():
        for name in pair:
            of_annotator[name].append(count)
    return _ArticleCounts(sum_counts(counts.values()), {name: sum_counts(own) for name, own in of_annotator.items()})


class _Comparison(NamedTuple):
    """A way to compare two layers of an article: `view` reads a layer, `compare` counts the agreement of two views."""

    coefficient: str
    unit: AgreementUnit
    view: Callable[[AnnotationLayer], Any]
    compare: Callable[[Any, Any], MatchCounts]

    def values(
        self,
        views: Mapping[str, Mapping[str, Any]],
        counts_of: Sequence[_ArticleCounts],
        name: str,
        gold: Mapping[str, Any],
        options: IntervalOptions,
    ) -> dict[str, Agreement]:
        """Return one annotator's F1 with the others, in the first and last third of the articles, and with gold."""
        counts = [own.with_others[name] for own in counts_of if name in own.with_others]
        third = len(counts) // 3 if len(counts) >= _DRIFT else 0
        with_gold = [self.compare(by[name], gold[key]) for key, by in views.items() if name in by and key in gold]
        return {
            "with_others": self.f1(counts, options),
            "first_third": self.f1(counts[:third], options),
            "last_third": self.f1(counts[-third:] if third else [], options),
            "with_gold": self.f1(with_gold, options),
        }

    def compare_pairs(self, views: Mapping[str, Any]) -> dict[tuple[str, str], MatchCounts]:
        """Compare each pair of annotators of an article."""
        return {(a, b): self.compare(views[a], views[b]) for a, b in combinations(views, 2)}

    def f1(self, counts: Sequence[MatchCounts], options: IntervalOptions) -> Agreement:
        """Return F1 over articles."""
        return self.f1_of_column(count_column(counts), options)

    def f1_of_column(self, column: NDArray[np.float64], options: IntervalOptions) -> Agreement:
        """Return F1 over articles whose counts are an array."""
        return measure(f1_estimate(self.coefficient, column, 2, unit=self.unit), options)


def _count_exact_spans(a: Sequence[Span], b: Sequence[Span]) -> MatchCounts:
    return sum_counts(count_matches_by_label(a, b)["exact"].values())


_SPANS = _Comparison("span_f1_exact", "span", read_spans, _count_exact_spans)
_STANCES = _Comparison("stance_f1_exact", "stance", lambda layer: layer, lambda a, b: count_triples(a, b, "exact"))


class _ModelEstimates(NamedTuple):
    """Estimates of the annotator models: by column of annotator, and each annotator's confusion matrix."""

    accuracy: Sequence[float]
    competence: Sequence[float]
    n_answers: Sequence[int]
    converged: bool
    confusion: Mapping[str, tuple[ConfusionCell, ...]]


def _model_estimates(
    articles: Mapping[str, Mapping[str, AnnotationLayer]], annotators: Sequence[str]
) -> _ModelEstimates:
    """Fit Dawid-Skene and MACE to each annotator's answer to each mention and each holder-target pair."""
    # Of two answers that differ nothing shows which is right: the models need three annotators.
    rows = [row for by in articles.values() if len(by) > 2 for row in _answer_rows(by)]
    undefined = [float("nan")] * len(annotators)
    labels = sorted({answer for row in rows for answer in row.values()})
    if len(labels) < 2:
        return _ModelEstimates(undefined, undefined, [0] * len(annotators), True, dict.fromkeys(annotators, ()))
    # Numbers and NaN, not lists of labels: in a crowd of 81, five were asked about an item.
    code_of, column_of = {label: code for code, label in enumerate(labels)}, {n: c for c, n in enumerate(annotators)}
    codes = np.full((len(rows), len(annotators)), np.nan)
    for position, row in enumerate(rows):
        for name, answer in row.items():
            codes[position, column_of[name]] = code_of[answer]
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
        model = dawid_skene(codes, n_iter=1000, tol=1e-9, smoothing=1.0)
    best = [labels[int(code)] for code in model.most_likely_labels()]
    answers: dict[str, list[tuple[str, str]]] = {name: [] for name in annotators}
    for row, true in zip(rows, best, strict=True):
        for name, answer in row.items():
            answers[name].append((true, answer))
    confusion = {name: _confusion_cells(given) for name, given in answers.items()}
    n_answers = [len(given) for given in answers.values()]
    competence = mace(codes).competence.tolist() if sum(n_answers) <= _MACE else undefined
    return _ModelEstimates(model.competence.tolist(), competence, n_answers, model.converged, confusion)


def _confusion_cells(answers: Sequence[tuple[str, str]]) -> tuple[ConfusionCell, ...]:
    """Count (true label, given label) pairs."""
    counts = Counter(answers)
    totals: Counter[str] = Counter()
    for (true, _), count in counts.items():
        totals[true] += count
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        ConfusionCell(true_label=true, given_label=answer, rate=count / totals[true], count=count)
        for (true, answer), count in ordered
    )


def _answer_rows(layers: Mapping[str, AnnotationLayer]) -> list[dict[str, str]]:
    """Return the answers to each item of an article by who confirmed it: a label, or `-` for nothing."""
    items: list[Mapping[str, str]] = [
        {name: span.label for name, span in mention.spans.items()} for mention in align_mentions([*layers.values()])
    ]
    items += [pair.answers for pair in stance_pairs(layers.values())]
    return [{name: item.get(name, NOTHING) for name in layers} for item in items]


class _Boundaries(NamedTuple):
    """Mentions that an annotator marks with the label of another annotator, and how many have other offsets there.

    `elsewhere` is the share of such mentions among the other annotators.
    """

    mentions: int = 0
    moved: int = 0
    elsewhere: float = 0.0


def _moved_boundaries(comparisons: SpanComparisons, annotators: Sequence[str]) -> dict[str, _Boundaries]:
    """Count each annotator's mentions with other offsets than those of the others, as a mean over the others."""
    totals: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])  # of a pair: mentions, moved ones
    for of_article in comparisons.values():
        for pair, compared in of_article.items():
            totals[pair][0] += compared.n_mentions
            totals[pair][1] += compared.n_moved
    boundaries = {}
    for name in annotators:
        own = [pair for names, pair in totals.items() if name in names]
        rest = [pair for names, pair in totals.items() if name not in names]
        n_rest = sum(mentions for mentions, _ in rest)
        boundaries[name] = _Boundaries(
            mentions=round(sum(mentions for mentions, _ in own) / max(len(own), 1)),
            moved=round(sum(moved for _, moved in own) / max(len(own), 1)),
            elsewhere=sum(moved for _, moved in rest) / n_rest if n_rest else 1.0,
        )
    return boundaries


def _summary(name: str, values: Mapping[str, Agreement], others: Agreement, shared: int, example: str) -> str:
    """Return one or two sentences: only what enough articles and the intervals support."""
    f1 = values["with_others"]
    if isnan(f1.value):
        if shared:
            return f"{name} shares {quantity(shared, 'confirmed article')}, without labels."
        return f"{name} shares no confirmed article with another annotator yet."
    if shared < _MIN_ARTICLES or f1.n_items < _MIN_ITEMS:
        return (
            f"{name} shares only {quantity(shared, 'confirmed article')} ({quantity(f1.n_items, 'label')}): too "
            "few to compare annotators."
        )
    sentences = []
    if f1.high < others.low:  # both intervals, not nan
        sentences.append(
            f"{name} agrees less with the others (F1 {f1.value:.2f}) than they do among themselves "
            f"({others.value:.2f}). It may help to review some of these cases together{example}."
        )
    first, last = values["first_third"], values["last_third"]
    if last.high < first.low or first.high < last.low:
        direction = "fallen" if last.value < first.value else "risen"
        sentences.append(
            f"Agreement of {name} with the others has {direction} since the start "
            f"(from {first.value:.2f} to {last.value:.2f})."
        )
    return " ".join(sentences) or f"{name} agrees with the others about as much as they agree with each other."


def _most_frequent_error(confusion: Sequence[ConfusionCell], boundaries: _Boundaries) -> str:
    """Return the annotator's most frequent difference from the others, as the end of a sentence, if it is frequent."""
    errors = [cell for cell in confusion if cell.given_label != cell.true_label and cell.count >= _MIN_CASES]
    share = boundaries.moved / max(boundaries.mentions, 1)
    is_habit = boundaries.moved >= _MIN_CASES and share > 2 * boundaries.elsewhere
    if is_habit and boundaries.moved > max((cell.count for cell in errors), default=0):
        return f": most often a mention begins or ends elsewhere ({share:.0%} of {boundaries.mentions} cases)"
    if not errors:
        return ""
    cell = max(errors, key=lambda cell: (cell.count, cell.true_label, cell.given_label))
    cases = f"{cell.rate:.0%} of {round(cell.count / cell.rate)} cases"
    if cell.given_label == NOTHING:
        return f": most often nothing is marked where the others mark {cell.true_label} ({cases})"
    if cell.true_label == NOTHING:
        return f": most often {cell.given_label} is marked where the others mark nothing ({cell.count} cases)"
    return f": most often {cell.given_label} is chosen where the others choose {cell.true_label} ({cases})"
