"""Validate a whole workspace; exit 1 on errors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from goldwire.checks.fixes import FixReport, apply, plan
from goldwire.checks.git_baseline import new_since
from goldwire.checks.registry import RULES, explain
from goldwire.checks.report import CheckReport, Options, path_prefix, report
from goldwire.checks.runner import check_snapshot
from goldwire.checks.snapshot_reader import survey
from goldwire.checks.waive import read_waivers, waive
from goldwire.records import Finding
from goldwire.workspace.layout import Workspace, find_workspace

__all__ = ["CheckReport", "check", "explain", "run", "run_fix"]

_ROUNDS = 4  # a mark hides a bad line end, which hides a wrong order, which hides a number


def check(root: Path | str) -> Iterator[Finding]:
    """Yield what is wrong in the workspace at `root`, less what its waivers accept."""
    yield from _found(find_workspace(Path(root), explicit=True))


def run(
    workspace: Workspace,
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    format: str = "text",
    strict: bool = False,
    max_per_code: int | None = None,
    changed_since: str | None = None,
) -> CheckReport:
    """Check the workspace; `Options` says what the options mean.

    `changed_since` (a git revision) keeps only what is wrong in files that differ from it, and what was not wrong then.
    """
    options = Options(select=select, ignore=ignore, format=format, strict=strict, max_per_code=max_per_code)
    options.selected_codes()  # refuse what is no code before the work, not after it
    found = _found(workspace) if changed_since is None else new_since(workspace, changed_since, _found)
    return report(found, options, base=path_prefix(workspace.root.resolve(), Path.cwd().resolve()))


def run_fix(
    workspace: Workspace, *, select: Sequence[str] = (), ignore: Sequence[str] = (), write: bool = False
) -> FixReport:
    """Say what can be mended safely, as a diff, and with `write` mend it.

    Mending may bring what could not be seen before: it is repeated until nothing is left to mend.
    """
    wanted = Options(select=select, ignore=ignore).selected_codes()
    diff: list[str] = []
    files: set[str] = set()
    with workspace.lock():
        for _ in range(_ROUNDS if write else 1):
            snapshot = survey(workspace)
            found = [finding for finding in check_snapshot(snapshot) if finding.code in wanted]
            fixes = plan(workspace, snapshot, found)
            diff += [line for fix in fixes for line in fix.diff()]
            files |= {fix.file for fix in fixes}
            if not fixes:
                break
            if write:
                apply(workspace, fixes)
    left = sum(not RULES[finding.code].mended for finding in found)
    return FixReport(files=tuple(sorted(files)), diff=tuple(diff), written=write, left=left)


def _found(workspace: Workspace) -> Iterator[Finding]:
    findings = check_snapshot(survey(workspace))
    try:
        text = workspace.waivers.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):  # none, or else a finding of its own
        yield from findings
        return
    waivers, wrong = read_waivers(text)
    yield from wrong
    yield from waive(findings, waivers, date.today())
