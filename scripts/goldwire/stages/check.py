"""Validate a whole workspace, and fix what can be fixed automatically."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

import goldwire
from goldwire.checks.fixes import FixReport, apply_fixes, plan_fixes
from goldwire.checks.git_baseline import introduced_findings
from goldwire.checks.registry import RULES, explain
from goldwire.checks.report import CheckReport, Options, path_prefix, report
from goldwire.checks.rules.stored_agreement import batches_with_gamma
from goldwire.checks.runner import check_snapshot
from goldwire.checks.snapshot import RebuiltVersion, Snapshot
from goldwire.checks.snapshot_reader import read_snapshot
from goldwire.checks.venues import Venue, VenueReport, assess
from goldwire.checks.waivers import apply_waivers, read_waivers
from goldwire.checks.workspace_files import batch_of
from goldwire.errors import GoldwireError, MissingFileError
from goldwire.records import Finding
from goldwire.release.documents import read_documents
from goldwire.release.reader import open_release
from goldwire.stages import reproduction
from goldwire.workspace import loading, versions
from goldwire.workspace.layout import Workspace, find_workspace

if TYPE_CHECKING:
    from goldwire.baselines.scores import Baseline

__all__ = ["CheckReport", "FixReport", "VenueReport", "check", "explain", "run", "run_fix", "run_venue"]

_MAX_ROUNDS = 4  # a byte order mark hides a CRLF, which hides a wrong order, which hides a wrong number


def check(root: Path | str) -> Iterator[Finding]:
    """Yield the findings of a workspace, except those that its waivers accept.

    Parameters
    ----------
    root
        The folder of the workspace.

    Raises
    ------
    GoldwireError
        The folder is not a workspace.

    Examples
    --------
    In goldwire's own repository, whose tests have a workspace without a problem:

    >>> from goldwire import check
    >>> [finding.code for finding in check("tests/tiny_repo")]
    []
    """
    yield from _findings(find_workspace(Path(root), explicit=True))


def run(
    workspace: Workspace,
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    format: str = "text",
    strict: bool = False,
    max_per_code: int | None = None,
    changed_since: str | None = None,
    deep: bool = False,
) -> CheckReport:
    """Check a workspace.

    Parameters
    ----------
    workspace
        The workspace.
    select, ignore, format, strict, max_per_code
        See `goldwire.checks.report.Options`.
    changed_since
        A git revision: report only findings that are new since then. Default: report all.
    deep
        Whether to repeat what takes long: gamma of large batches, the extraction of all raw files, the latest version
        if this goldwire made it, and the models of `baseline.json` for versions that it made. Default: the report notes
        which gamma and models are left out.

    Raises
    ------
    GoldwireError
        An option names an unknown code, level, format or revision.
    """
    options = Options(select=select, ignore=ignore, format=format, strict=strict, max_per_code=max_per_code)
    options.selected_codes()  # refuses unknown codes before the work and not after it
    notes: list[str] = []
    find = partial(_findings, deep=deep, notes=notes)
    # All findings before the notes, which are known once the workspace has been read.
    findings = tuple(find(workspace) if changed_since is None else introduced_findings(workspace, changed_since, find))
    base = path_prefix(workspace.root.resolve(), Path.cwd().resolve())
    return report(findings, options, notes=tuple(dict.fromkeys(notes)), base=base)


def run_fix(
    workspace: Workspace, *, select: Sequence[str] = (), ignore: Sequence[str] = (), write: bool = False
) -> FixReport:
    """Fix what can be fixed automatically.

    Parameters
    ----------
    workspace
        The workspace.
    select, ignore
        Codes, prefixes of codes (`span`) or levels (`L2`) to fix, and not to fix.
    write
        Whether to write the files. Default: only return the diff.

    Notes
    -----
    A fix can reveal a further problem, so that fixing is repeated until nothing is left to fix.
    """
    codes = Options(select=select, ignore=ignore).selected_codes()
    diff: list[str] = []
    files: set[str] = set()
    findings: list[Finding] = []
    with workspace.lock():
        for _ in range(_MAX_ROUNDS if write else 1):
            snapshot = read_snapshot(workspace)
            findings = [finding for finding in check_snapshot(snapshot) if finding.code in codes]
            fixes = plan_fixes(workspace, snapshot, findings)
            diff += [line for fix in fixes for line in fix.diff()]
            files |= {fix.file for fix in fixes}
            if not fixes:
                break
            if write:
                apply_fixes(workspace, fixes)
    left = sum(not RULES[finding.code].fixable for finding in findings)
    return FixReport(files=tuple(sorted(files)), diff=tuple(diff), written=write, left=left)


def run_venue(workspace: Workspace, venue: Venue, *, version: str | None = None) -> VenueReport:
    """Compare a released version with what a venue asks of a dataset.

    Parameters
    ----------
    workspace
        The workspace.
    venue
        "neurips", "hub" or "zenodo".
    version
        `X.Y.Z`; default: the latest release.

    Raises
    ------
    MissingFileError
        There is no such release.
    """
    chosen = version or versions.latest(loading.releases(workspace))
    if chosen is None:
        raise MissingFileError("no release", location=workspace.splits, hint="run `goldwire release`")
    release = open_release(workspace, versions.plain(chosen))
    return assess(venue, read_documents(release, repo_id=workspace.settings.repo_id))


def _findings(workspace: Workspace, *, deep: bool = False, notes: list[str] | None = None) -> Iterator[Finding]:
    """Yield the findings of a workspace that no waiver accepts, and those about the waivers; add to `notes`."""
    snapshot = msgspec.structs.replace(read_snapshot(workspace), is_deep=deep)
    if deep:
        baselines = {folder: _baseline(workspace, version) for folder, version in _trained_versions(snapshot)}
        snapshot = msgspec.structs.replace(
            snapshot,
            baselines=baselines,
            rebuilt=_rebuilt_versions(workspace, snapshot),
            extraction=reproduction.extract_again(workspace),
        )
    if notes is not None:
        notes += _notes(snapshot)
    findings = check_snapshot(snapshot)
    try:
        text = workspace.waivers.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):  # no waivers, or a file that has a separate finding
        yield from findings
        return
    waivers, waiver_findings = read_waivers(text, RULES)
    yield from waiver_findings
    yield from apply_waivers(findings, waivers, date.today())


def _notes(snapshot: Snapshot) -> Iterator[str]:
    """Yield what was not checked, and how to check it."""
    skipped = {batch_of(file) for file in snapshot.agreement} - batches_with_gamma(snapshot)
    if skipped:
        yield f"gamma of {', '.join(sorted(skipped))} was not computed again: `goldwire check --deep` does it"
    untrained = ["v" + version for _, version in _trained_versions(snapshot) if not snapshot.is_deep]
    if untrained:
        yield f"the models of {', '.join(untrained)} were not trained again: `goldwire check --deep` does it"
    latest = _latest_version(snapshot) if snapshot.is_deep else None
    if latest is not None and latest[0] not in snapshot.rebuilt:
        yield f"v{latest[1]} was not built again: the workspace has other labels than it (`goldwire diff`), or errors"


def _trained_versions(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Return the folder and the version of each release with text whose models this goldwire trained.

    Another goldwire trains other models: their scores are compared with those in the card alone.
    """
    return [
        (release.folder, release.manifest.version)
        for release in snapshot.releases
        if release.manifest is not None
        and release.manifest.goldwire_version == goldwire.__version__
        and _trained_like_today(release.documents.get("baseline.json"))
        and not release.manifest.standoff
    ]


def _trained_like_today(document: str | None) -> bool:
    """Whether the models of a `baseline.json` were chosen as they are now: those without leads were not."""
    from goldwire.baselines.scores import Baseline

    try:
        baseline = None if document is None else msgspec.json.decode(document, type=Baseline)
    except msgspec.DecodeError:  # a finding of its own
        return False
    return baseline is not None and bool(baseline.stance_leads or not baseline.stance)


def _latest_version(snapshot: Snapshot) -> tuple[str, str] | None:
    """Return the folder and the version of the latest release, if this goldwire made it: another writes other texts."""
    manifests = {r.folder: r.manifest for r in snapshot.releases if r.manifest is not None}
    latest = versions.latest(manifest.version for manifest in manifests.values())
    for folder, manifest in manifests.items():
        if manifest.version == latest and manifest.goldwire_version == goldwire.__version__:
            return folder, manifest.version
    return None


def _rebuilt_versions(workspace: Workspace, snapshot: Snapshot) -> dict[str, RebuiltVersion]:
    """Return the latest version by its folder, built again, if the workspace still has its labels."""
    latest = _latest_version(snapshot)
    rebuilt = None if latest is None else reproduction.rebuild(workspace, latest[1])
    return {} if latest is None or rebuilt is None else {latest[0]: rebuilt}


def _baseline(workspace: Workspace, version: str) -> Baseline | None:
    """Return the scores of the models of a version, trained again; None where it cannot be read."""
    from goldwire.stages import baseline  # scikit-learn takes 1 s to import

    try:
        return baseline.run(workspace, version=version).baseline
    except GoldwireError:  # what is wrong with the version is a finding
        return None
