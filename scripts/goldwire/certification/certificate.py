"""The certificate of a machine: every test of it against the people of a batch, and a verdict in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import isnan

import msgspec

from goldwire.alignment.mentions import align_mentions, align_stances
from goldwire.alignment.span_matching import Span
from goldwire.certification.agreement_comparison import AgreementComparison, Unit, compare_agreement, compare_parts
from goldwire.certification.alternative_annotator import AltTestResult, alt_test
from goldwire.certification.layer_labels import LabelKind, SharedArticle, item_labels, shared_articles
from goldwire.certification.selective_risk import SelectiveRisk, selective_risk
from goldwire.errors import DataError
from goldwire.quantities import quantity
from goldwire.records import AnnotationLayer, Record

__all__ = ["MIN_ARTICLES", "AltTestOfItems", "Certificate", "CertificateOptions", "UnitCertificate", "certify"]

MIN_ARTICLES = 8
"""Of fewer articles, a test over articles says too little for a verdict: see docs/certification.md."""

_ALT_TESTS: dict[Unit, tuple[LabelKind, ...]] = {"span": ("span", "span-label"), "stance": ("stance",)}


class CertificateOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of the tests.

    Parameters
    ----------
    epsilon : float
        Of the alternative annotator test: .2 beside experts, .15 beside trained annotators, .1 beside crowd workers.
    margin : float
        Difference of F1 that would matter.
    max_error, delta : float
        At most `max_error` of accepted labels may be wrong, with probability 1 - `delta`.
    """

    epsilon: float = 0.15
    margin: float = 0.05
    max_error: float = 0.05
    delta: float = 0.05


class AltTestOfItems(Record, frozen=True, kw_only=True):
    """The alternative annotator test of one kind of items, with articles as clusters."""

    items: LabelKind
    winning_rate: float
    advantage_probability: float
    passed: bool
    n_items: int
    epsilon: float
    won: tuple[str, ...]
    lost: tuple[str, ...]
    skipped: tuple[str, ...]


class UnitCertificate(Record, frozen=True, kw_only=True):
    """All tests of the spans, or of the stances, of a machine.

    Parameters
    ----------
    unit : {"span", "stance"}
    alt_tests : tuple of AltTestOfItems
        Of exact spans and of labels only; of stances.
    comparison : AgreementComparison
        Exact F1 of the machine with people beside F1 among people.
    parts : tuple of AgreementComparison
        The same for each label, source and third by length.
    risk : SelectiveRisk or None
        The confidence from which on labels may be accepted; None where the machine states none. A label is wrong if
        fewer than half of the article's people gave it, exactly.
    is_certified : bool
        Whether it passed the alternative annotator test, on exact spans, and is equivalent or better.
    """

    unit: Unit
    alt_tests: tuple[AltTestOfItems, ...]
    comparison: AgreementComparison
    parts: tuple[AgreementComparison, ...]
    risk: SelectiveRisk | None
    is_certified: bool


class Certificate(Record, frozen=True, kw_only=True):
    """May this machine stand in for a person here?

    Parameters
    ----------
    machine : str
    people : tuple of str
    n_articles : int
        Articles that the machine and two or more people confirmed.
    units : tuple of UnitCertificate
        Spans and stances, as far as people and the machine marked any.
    verdict : tuple of str
        What the tests say, and what they do not.
    warnings : tuple of str
        What makes the verdict doubtful.
    """

    machine: str
    people: tuple[str, ...]
    n_articles: int
    units: tuple[UnitCertificate, ...]
    verdict: tuple[str, ...]
    warnings: tuple[str, ...]


def certify(
    layers: Iterable[AnnotationLayer],
    machine: str,
    *,
    confidences: Mapping[tuple[str, str], float] | None = None,
    sources: Mapping[str, str] | None = None,
    lengths: Mapping[str, int] | None = None,
    options: CertificateOptions = CertificateOptions(),  # noqa: B008 - a frozen record
) -> Certificate:
    """Test whether a machine may stand in for a person.

    Parameters
    ----------
    layers : iterable of AnnotationLayer
        The layers of people and of the machine, of any tool.
    machine : str
        The machine's name among the annotators. Other machines (`M2`), experts (`E1`) and gold are not people.
    confidences : mapping of (str, str) to float, optional
        The machine's confidence by article id and id of the span or stance in its layer.
    sources, lengths : mapping, optional
        Source, and length of the text, by article id: for figures by source and by length.
    options : CertificateOptions

    Returns
    -------
    Certificate

    Raises
    ------
    DataError
        If there is no article that the machine and two people confirmed.

    Examples
    --------
    >>> from goldwire.certification import certify
    >>> from goldwire.records import AnnotationLayer, SpanLabel
    >>> def layer(article, annotator, end):
    ...     span = SpanLabel(id="T1", start=0, end=end, label="PER", text="")
    ...     return AnnotationLayer(
    ...         article_id=f"wire-{article}", text_sha256="", batch="b01", annotator=annotator, confirmed=True,
    ...         guidelines_version="1", schema_version="1", spans=(span,), stances=(),
    ...     )
    >>> layers = [layer(n, name, 9) for n in range(400) for name in ("A1", "A2", "A3", "M1")]
    >>> print(certify(layers, "M1").verdict[0])
    M1 may stand in for a person who marks spans: it passes the alternative annotator test (winning rate 1.00 at \
epsilon 0.15), and its F1 with people differs by +0.000 from theirs with each other, 90% interval [-0.001, 0.001], \
which is within the margin of 0.05.
    """
    articles = shared_articles(layers, machine)
    if not articles:
        raise DataError(
            f"no article that {machine} and two people confirmed", hint="the tests compare it with people on articles"
        )
    by_people: list[Unit] = [unit for unit in _ALT_TESTS if any(_marked_by_people(a, unit) for a in articles)]
    units = tuple(
        _certify_unit(unit, articles, confidences, (sources or {}, lengths or {}), options)
        for unit in by_people
        if any(_marked_items(article.machine, unit) for article in articles)
    )
    untested = [unit for unit in by_people if unit not in {each.unit for each in units}]
    return Certificate(
        machine=machine,
        people=tuple(sorted({name for article in articles for name in article.people})),
        n_articles=len(articles),
        units=units,
        verdict=tuple(_verdict(machine, units, untested, len(articles))),
        warnings=tuple(_warnings(machine, articles)),
    )


def _marked_items(layer: AnnotationLayer, unit: Unit) -> Sequence[object]:
    return layer.spans if unit == "span" else layer.stances


def _marked_by_people(article: SharedArticle, unit: Unit) -> bool:
    return any(_marked_items(layer, unit) for layer in article.people.values())


def _certify_unit(
    unit: Unit,
    articles: Sequence[SharedArticle],
    confidences: Mapping[tuple[str, str], float] | None,
    names: tuple[Mapping[str, str], Mapping[str, int]],
    options: CertificateOptions,
) -> UnitCertificate:
    alt_tests = tuple(_alt_test(articles, kind, options.epsilon) for kind in _ALT_TESTS[unit])
    comparison = compare_agreement(articles, unit, margin=options.margin)
    labels = sorted({label for article in articles for layer in article.layers for label in _labels(layer, unit)})
    parts = compare_parts(articles, unit, labels=labels, sources=names[0], lengths=names[1], margin=options.margin)
    return UnitCertificate(
        unit=unit,
        alt_tests=alt_tests,
        comparison=comparison,
        parts=tuple(parts),
        risk=_risk(articles, unit, confidences, options) if confidences else None,
        is_certified=len(articles) >= MIN_ARTICLES
        and alt_tests[0].passed
        and comparison.equivalence.conclusion in ("equivalent", "better"),
    )


def _labels(layer: AnnotationLayer, unit: Unit) -> set[str]:
    return {span.label for span in layer.spans} if unit == "span" else {stance.stance for stance in layer.stances}


def _alt_test(articles: Sequence[SharedArticle], kind: LabelKind, epsilon: float) -> AltTestOfItems:
    items = item_labels(articles, kind)
    result: AltTestResult = alt_test(items.humans, items.machine, epsilon=epsilon, groups=items.articles)
    return AltTestOfItems(
        items=kind,
        winning_rate=result.winning_rate,
        advantage_probability=result.advantage_probability,
        passed=result.passed,
        n_items=result.n_items,
        epsilon=epsilon,
        won=tuple(row.annotator for row in result.comparisons if row.model_wins),
        lost=tuple(row.annotator for row in result.comparisons if not row.model_wins),
        skipped=result.skipped,
    )


def _risk(
    articles: Sequence[SharedArticle],
    unit: Unit,
    confidences: Mapping[tuple[str, str], float],
    options: CertificateOptions,
) -> SelectiveRisk | None:
    """Return the selective risk of the labels that have a confidence; None if none has."""
    rows = [
        (confidences[article.article_id, key], is_wrong, article.article_id)
        for article in articles
        for key, is_wrong in (_wrong_spans(article) if unit == "span" else _wrong_stances(article)).items()
        if (article.article_id, key) in confidences
    ]
    if not rows:
        return None
    values, wrong, groups = (list(column) for column in zip(*rows, strict=True))
    return selective_risk(values, wrong, max_error=options.max_error, delta=options.delta, groups=groups)


def _wrong_spans(article: SharedArticle) -> dict[str, bool]:
    """Return for each span of the machine whether fewer than half of the people marked it."""
    marked = [{Span(s.start, s.end, s.label) for s in layer.spans} for layer in article.people.values()]
    return {
        span.id: 2 * sum(Span(span.start, span.end, span.label) in spans for spans in marked) < len(marked)
        for span in article.machine.spans
    }


def _wrong_stances(article: SharedArticle) -> dict[str, bool]:
    """Return for each stance of the machine whether fewer than half of the people drew it between the same mentions."""
    machine = article.machine
    mentions = align_mentions(article.layers)
    index = {span.id: mention.index for mention in mentions for span in (mention.spans.get(machine.annotator),) if span}
    votes: Counter[tuple[object, ...]] = Counter()
    for pair in align_stances(article.layers, mentions):
        ends = (pair.holder and pair.holder.index, pair.target and pair.target.index, pair.target_name)
        for name, drawn in pair.stances.items():
            if name != machine.annotator:
                votes.update((*ends, stance) for stance in drawn)
    wrong = {}
    for label in machine.stances:
        holder, target = (None if end is None else index.get(end) for end in (label.holder, label.target))
        wrong[label.id] = 2 * votes[holder, target, label.target_name, label.stance] < len(article.people)
    return wrong


_VERBS: dict[Unit, str] = {"span": "marks spans", "stance": "draws stances"}
_NOTHING: dict[Unit, str] = {"span": "marked no spans", "stance": "drew no stances"}


def _verdict(machine: str, units: Sequence[UnitCertificate], untested: Sequence[Unit], n_articles: int) -> list[str]:
    """Return a sentence for each unit, then one on its limits."""
    sentences = [_sentence(machine, unit, n_articles) for unit in units]
    these = "this one" if n_articles == 1 else f"these {n_articles}"
    return [
        *sentences,
        *(f"{machine} {_NOTHING[unit]}, and people did: it cannot stand in for them there." for unit in untested),
        f"This does not say that {machine} is right, only how it compares with these people on articles like "
        f"{these}: where people are wrong together, a machine that agrees with them is wrong, too. It does not "
        "hold for other outlets, languages, guidelines or versions of the model, and not for parts with few articles.",
    ]


def _sentence(machine: str, unit: UnitCertificate, n_articles: int) -> str:
    test, equivalence = unit.alt_tests[0], unit.comparison.equivalence
    may = f"{machine} may stand in for a person who {_VERBS[unit.unit]}"
    if isnan(test.winning_rate) or isnan(equivalence.p_value) or n_articles < MIN_ARTICLES:
        few = (
            equivalence.reason
            or f"too few for a verdict: {quantity(n_articles, 'article')}, or no person with 30 labelled items"
        )
        return f"Whether {may} cannot be decided: {few}."
    passes = "passes" if test.passed else "does not pass"
    figure = (
        f"it {passes} the alternative annotator test (winning rate {test.winning_rate:.2f} at epsilon "
        f"{test.epsilon:g}), and its F1 with people differs by {equivalence.difference:+.3f} from theirs with each "
        f"other, 90% interval [{equivalence.low:.3f}, {equivalence.high:.3f}], "
    )
    margin = f"the margin of {equivalence.margin:g}"
    figure += {
        "equivalent": f"which is within {margin}",
        "better": "which is above 0",
        "not-inferior": f"which is not below {margin}, but may be above it",
        "inferior": f"which is beyond {margin}",
        "inconclusive": f"which does not decide whether it is within {margin}",
    }[equivalence.conclusion]
    return f"{may if unit.is_certified else f'It is not shown that {may}'}: {figure}."


def _warnings(machine: str, articles: Sequence[SharedArticle]) -> list[str]:
    """Return what makes a verdict doubtful: people who saw suggestions, and few articles or people."""
    warnings = []
    n_prelabelled = sum(
        any(layer.prelabels is not msgspec.UNSET for layer in article.people.values()) for article in articles
    )
    if n_prelabelled:
        warnings.append(
            f"people started from pre-labels in {n_prelabelled} of {quantity(len(articles), 'article')}: if these "
            "came from "
            f"{machine} or a model like it, they agree with it because of them"
        )
    names = {name for article in articles for name in article.people}
    warnings += [
        f"the labels of {machine} and {name} are the same in all articles that both labelled: one may be a copy"
        for name in sorted(names)
        if all(_same_labels(article.machine, article.people[name]) for article in articles if name in article.people)
    ]
    n_people = len(names)
    if n_people < 3:
        warnings.append(
            f"only {quantity(n_people, 'person')}: the alternative annotator test then compares {machine} with "
            "one person by the "
            "other's labels, and its authors advise three or more"
        )
    return warnings


def _same_labels(a: AnnotationLayer, b: AnnotationLayer) -> bool:
    return (a.spans, a.stances) == (b.spans, b.stances)
