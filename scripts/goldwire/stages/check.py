"""Find what is wrong anywhere in a workspace; exit 1 on errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from goldwire.checks import check_snapshot
from goldwire.errors import GoldwireError
from goldwire.findings import RULES, explain, is_error
from goldwire.findings.render import FORMATS
from goldwire.findings.report import CheckReport
from goldwire.findings.waive import read_waivers, waive
from goldwire.layout import Workspace, find_workspace
from goldwire.records import Finding
from goldwire.survey import survey

__all__ = ["CheckReport", "check", "explain", "run"]


def check(root: Path | str) -> Iterator[Finding]:
    """Yield what is wrong in the workspace at `root`, less what its waivers accept."""
    yield from _found(find_workspace(Path(root)), date.today())


def run(
    workspace: Workspace,
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    format: str = "text",
    strict: bool = False,
    max_per_code: int | None = None,
) -> CheckReport:
    """Check the workspace.

    `select` and `ignore` name codes, beginnings of codes (`span`) or levels (`L2`); `strict` makes warnings count for
    the exit code; `max_per_code` lists that many findings of a code and counts the rest.
    """
    if format not in FORMATS:
        raise GoldwireError(f"no format {format!r}", way_out=f"choose one of {', '.join(FORMATS)}")
    wanted = _codes(select) if select else frozenset(RULES)
    wanted -= _codes(ignore)
    found = [finding for finding in _found(workspace, date.today()) if finding.code in wanted]
    errors = sum(map(is_error, found))
    shown, counts = [], Counter[str]()
    for finding in found:
        counts[finding.code] += 1
        if max_per_code is None or counts[finding.code] <= max_per_code:
            shown.append(finding)
    unshown = {} if max_per_code is None else {c: n - max_per_code for c, n in counts.items() if n > max_per_code}
    return CheckReport(
        findings=tuple(shown),
        errors=errors,
        warnings=len(found) - errors,
        unshown=unshown,
        strict=strict,
        format=format,
    )


def _found(workspace: Workspace, today: date) -> Iterator[Finding]:
    findings = check_snapshot(survey(workspace))
    try:
        text = workspace.waivers.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, UnicodeDecodeError, OSError):  # the last two are findings of their own
        yield from findings
        return
    waivers, wrong = read_waivers(text)
    yield from wrong
    yield from waive(findings, waivers, today)


def _codes(names: Sequence[str]) -> frozenset[str]:
    """The codes that names stand for; a name that stands for none is a usage error."""
    found: set[str] = set()
    for name in names:
        codes = {c for c, rule in RULES.items() if name in (c, f"L{rule.level}") or c.startswith(f"{name}-")}
        if not codes:
            explain(name)  # raises, with the codes that are near
        found |= codes
    return frozenset(found)
