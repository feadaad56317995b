"""The certificate of a machine as a page of plain text, and as a LaTeX table."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan
from typing import NamedTuple

from goldwire.agreement.descriptions import bounds
from goldwire.certification.agreement_comparison import AgreementComparison
from goldwire.certification.certificate import MIN_ARTICLES, AltTestOfItems, Certificate, UnitCertificate
from goldwire.quantities import quantity
from goldwire.records import Agreement
from goldwire.report.tables import escape_latex
from goldwire.text_table import align_named_rows, wrap_line

__all__ = ["latex", "text"]

_TITLES = {"span": "Spans", "stance": "Stances"}
_ITEMS = {"span": "exact spans", "span-label": "labels of mentions", "stance": "stances of holder-target pairs"}


def text(certificate: Certificate) -> str:
    """Return the page that `goldwire certify` prints."""
    return "\n".join(_lines(certificate))


def _lines(certificate: Certificate) -> Iterator[str]:
    people = ", ".join(certificate.people)
    n_articles = certificate.n_articles
    yield from wrap_line(
        f"{certificate.machine} beside {people} in {quantity(n_articles, 'article')} that it and two of them confirmed"
    )
    for unit in certificate.units:
        yield ""
        yield from _unit_lines(unit, certificate.machine)
    yield ""
    for sentence in (*certificate.verdict, *(f"Caution: {warning}." for warning in certificate.warnings)):
        yield from wrap_line(sentence)


def _unit_lines(unit: UnitCertificate, machine: str) -> Iterator[str]:
    shown = [part for part in unit.parts if part.part.kind != "source" or _is_large(part)]
    rows = [_row(comparison) for comparison in (unit.comparison, *shown)]
    yield f"{_TITLES[unit.unit]}, exact F1 with 95% intervals"
    head = ("", "among people", f"{machine} with people", "change", "conclusion")
    # The interval of the change is in the verdict, in --json and in --latex: here, lines would be too long.
    yield from align_named_rows([head, *(row._replace(difference=row.difference.split(" [")[0]) for row in rows)])
    if len(shown) < len(unit.parts):
        yield (
            f"{quantity(len(unit.parts) - len(shown), 'source')} with fewer than {MIN_ARTICLES} articles: in "
            "--json only"
        )
    for test in unit.alt_tests:
        yield from wrap_line(_alt_test_line(test, machine, has_few_articles=not _is_large(unit.comparison)))
    if unit.risk is not None:
        risk, promise = unit.risk, f"at most {unit.risk.max_error:.0%} wrong with probability {1 - unit.risk.delta:.0%}"
        if risk.threshold is None:
            yield from wrap_line(
                f"selective risk: no confidence above which labels are {promise}, of {quantity(risk.n_labels, 'label')}"
            )
        else:
            yield from wrap_line(
                f"selective risk: labels of confidence {risk.threshold:.3g} or more are {promise} "
                f"({risk.n_accepted:,} of {quantity(risk.n_labels, 'label')}, {risk.n_wrong:,} of them wrong)"
            )


class _Row(NamedTuple):
    """A comparison as the cells of a table."""

    name: str
    people: str
    machine: str
    difference: str
    conclusion: str


def _row(comparison: AgreementComparison) -> _Row:
    part, equivalence = comparison.part, comparison.equivalence
    name = "all" if part.kind == "whole" else part.name if part.kind == "label" else f"{part.kind} {part.name}"
    difference = "n/a"
    if not isnan(equivalence.difference):
        difference = f"{equivalence.difference:+.3f}"
        if not isnan(equivalence.low):
            difference += f" [{equivalence.low:.3f}, {equivalence.high:.3f}]"
    conclusion = equivalence.conclusion if _is_large(comparison) else quantity(equivalence.n_groups, "article")
    return _Row(name, _figure(comparison.people), _figure(comparison.machine), difference, conclusion)


def _is_large(comparison: AgreementComparison) -> bool:
    return comparison.equivalence.n_groups >= MIN_ARTICLES


def _figure(value: Agreement) -> str:
    if isnan(value.value):
        return "n/a"
    interval = bounds(value)
    return f"{value.value:.3f}" + (f" [{interval[0]}, {interval[1]}]" if interval else "")


def _alt_test_line(test: AltTestOfItems, machine: str, *, has_few_articles: bool) -> str:
    line = f"alternative annotator test of {_ITEMS[test.items]}: "
    if isnan(test.winning_rate):
        return line + f"not possible, nobody labelled 30 of the {test.n_items:,} items"
    line += "too few articles" if has_few_articles else "passed" if test.passed else "not passed"
    line += f", winning rate {test.winning_rate:.2f}, advantage probability {test.advantage_probability:.2f}, "
    line += f"{test.n_items:,} items, epsilon {test.epsilon:g}"
    if test.lost and not has_few_articles:
        line += f"; {machine} does not win against {', '.join(test.lost)}"
    return line


def latex(certificate: Certificate) -> str:
    """Return a table environment for a paper; it needs the package booktabs."""
    body = [row for unit in certificate.units for row in _latex_rows(unit)]
    machine = escape_latex(certificate.machine)
    warnings = (f"Caution: {warning}." for warning in certificate.warnings)
    caption = escape_latex(" ".join([*certificate.verdict, *warnings]))
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering",
            r"\begin{tabular}{llllll}",
            r"\toprule",
            rf"& Among people & {machine} with people & Difference (90\%) & $\omega$ & $\rho$ \\",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
            rf"\caption{{{caption} F1 of exact matches with 95\% intervals over articles; $\omega$, $\rho$: "
            r"winning rate and advantage probability of the alternative annotator test.}",
            r"\end{table}",
            "",
        ]
    )


def _latex_rows(unit: UnitCertificate) -> Iterator[str]:
    yield r"\midrule"
    for comparison in (unit.comparison, *filter(_is_large, unit.parts)):
        row = _row(comparison)
        is_whole = comparison.part.kind == "whole"
        test = unit.alt_tests[0]
        rates = (f"{test.winning_rate:.2f}", f"{test.advantage_probability:.2f}") if is_whole else ("", "")
        title = _TITLES[unit.unit] if is_whole else rf"\quad {escape_latex(row.name)}"
        yield " & ".join((title, row.people, row.machine, row.difference.replace("-", "$-$"), *rates)) + r" \\"
