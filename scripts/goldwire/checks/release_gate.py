"""The errors in what a version is made from, which `goldwire release` refuses unless they are accepted. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

import msgspec

from goldwire.checks.registry import CHECKS, RULES, is_error
from goldwire.checks.rules.release import ASSIGNMENT_CHANGED
from goldwire.checks.snapshot import Location, Snapshot
from goldwire.checks.waivers import Waiver
from goldwire.checks.workspace_files import batch_of
from goldwire.records import AcceptedFindings, Finding

__all__ = ["GateResult", "findings_about", "pass_gate"]

_SOURCES = ("corpus/articles/", "corpus/duplicates.jsonl", "corpus/sources.toml", "splits/assignment.tsv")
_ANNOTATIONS = ("annotations/layers/", "annotations/gold/", "annotations/agreement/")
_DEFINITIONS = ("annotations/schema.toml", "annotations/GUIDELINES.md", "annotations/waivers.toml")
_PLAN_CODES = frozenset({"layer-unassigned"})  # about the plan of a batch, of which a version contains nothing


class GateResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of the checks of a version that is not written yet.

    Attributes
    ----------
    errors
        Errors that nobody has accepted: the version must not be written.
    accepted
        The accepted errors by code, with the reason.
    verified
        The codes of the checks that saw everything and found nothing. After an accepted error, codes of higher levels
        are not among them: the record with the error was hidden from those checks.
    """

    errors: tuple[Finding, ...]
    accepted: tuple[AcceptedFindings, ...]
    verified: frozenset[str]


def findings_about(
    snapshot: Snapshot, findings: Iterable[Finding], articles: Collection[str], batches: Collection[str]
) -> Iterator[Finding]:
    """Yield the findings in what a version is made from.

    Parameters
    ----------
    snapshot : Snapshot
        The workspace.
    findings : iterable of Finding
        All its findings.
    articles, batches : collection of str
        The articles of the version, and the batches that its labels come from.
    """
    articles_at = _articles_by_location(snapshot)
    for finding in findings:
        if finding.code == ASSIGNMENT_CHANGED.code:  # in the file of an earlier version, about this one
            about: Collection[str] = (finding.item or "",)
        else:
            about = articles_at.get((finding.file, finding.line), ())
            in_batch = not finding.file.startswith(_ANNOTATIONS) or batch_of(finding.file) in batches
            if not finding.file.startswith(_SOURCES + _ANNOTATIONS + _DEFINITIONS) or not in_batch:
                continue
        if finding.code not in _PLAN_CODES and (not about or any(article in articles for article in about)):
            yield finding


def _articles_by_location(snapshot: Snapshot) -> dict[Location, Collection[str]]:
    """Return the articles that the record on each line is about."""
    one_article = (snapshot.layers, snapshot.gold, snapshot.decisions, snapshot.assignment)
    return {
        **{(entry.file, entry.line): (entry.record.id,) for entry in snapshot.articles},
        **{(entry.file, entry.line): entry.record.article_ids for entry in snapshot.duplicates},
        **{(entry.file, entry.line): (entry.record.article_id,) for table in one_article for entry in table},
    }


def pass_gate(
    findings: Iterable[Finding], waivers: Sequence[Waiver], accepted_codes: Mapping[str, str], today: date
) -> GateResult:
    """Sort the findings about a version into errors and accepted ones.

    Parameters
    ----------
    findings : iterable of Finding
        The findings about the version.
    waivers : sequence of Waiver
        The workspace's waivers; a current one accepts the findings that it covers.
    accepted_codes : mapping of str to str
        The reason for each code that is accepted for this version.
    today : date
        The day on which waivers have to be valid.
    """
    errors, found = [], set()
    counts = Counter[tuple[str, str]]()
    for finding in findings:
        found.add(finding.code)
        waiver = next((waiver for waiver in waivers if waiver.covers(finding) and waiver.until >= today), None)
        reason = accepted_codes.get(finding.code) if waiver is None else waiver.reason
        if not is_error(finding):
            continue
        if reason is None:
            errors.append(finding)
        else:
            counts[finding.code, reason] += 1
    highest = min((RULES[code].level for code, _ in counts), default=len(CHECKS))
    return GateResult(
        errors=tuple(errors),
        accepted=tuple(
            AcceptedFindings(code=code, summary=RULES[code].summary, reason=reason, n_findings=n)
            for (code, reason), n in sorted(counts.items())
        ),
        verified=frozenset(
            rule.code
            for level, checks in enumerate(CHECKS)
            for check in checks
            for rule in check.rules
            if level <= highest and rule.code not in found
        ),
    )
