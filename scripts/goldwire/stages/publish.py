"""Upload a released version to the Hugging Face Hub and tag it there."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

import msgspec

from goldwire.checks.registry import is_error
from goldwire.checks.report import finding_line
from goldwire.errors import ConfigError, DataError, GoldwireError, MissingFileError
from goldwire.quantities import quantity
from goldwire.release import hub, reader
from goldwire.release.publication import published_files
from goldwire.release.reader import ReleasedVersion
from goldwire.stages import check
from goldwire.workspace import loading, versions
from goldwire.workspace.layout import Workspace

__all__ = ["PublishReport", "run"]

_VERSION_FILE = re.compile(r"splits/v[^/]+/")


class PublishReport(msgspec.Struct, frozen=True, kw_only=True):
    """The published version.

    Attributes
    ----------
    repo_id, tag, commit, url
        The dataset repository, and the version's tag, commit and address in it.
    state
        `published`; `tagged`, if an earlier run had uploaded it without its tag; or `already-published`.
    files
        Number of files.
    config
        A config that has rows.
    """

    repo_id: str
    tag: str
    state: hub.PublishState
    commit: str
    url: str
    files: int
    config: str

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.tag} {self.state}: {self.url} (commit {self.commit[:8]}, {quantity(self.files, 'file')})"
        yield f'load_dataset("{self.repo_id}", "{self.config}", revision="{self.tag}")'


def run(
    workspace: Workspace, *, version: str | None = None, repo_id: str | None = None, private: bool = False
) -> PublishReport:
    """Publish a released version; safe to repeat and to interrupt. Other versions of the workspace do not matter.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    version : str, optional
        `X.Y.Z`; default: the latest release.
    repo_id : str, optional
        The dataset repository `ORG/NAME`; default: `repo_id` of the workspace's settings.
    private : bool, default=False
        Whether a repository that is created is private.

    Raises
    ------
    MissingFileError
        If there is no such release.
    GoldwireError
        If `check` finds errors outside other versions, if the version's folder was changed after the release, if it
        contains text that may not be redistributed, or if the tag exists with other content.
    """
    target = repo_id or workspace.settings.repo_id
    if target is None or target.count("/") != 1:
        hint = "use --repo-id ORG/NAME or set repo_id in [tool.goldwire]"
        message = "no repository to publish to" if target is None else f"{target!r} is not a repository ORG/NAME"
        raise ConfigError(message, location=workspace.root / "pyproject.toml", hint=hint)
    chosen = version or versions.latest(loading.releases(workspace))
    if chosen is None:
        raise MissingFileError("no release", location=workspace.splits, hint="run `goldwire release`")
    release = reader.open_release(workspace, versions.plain(chosen))
    tag = f"v{release.manifest.version}"
    _refuse_changed(release)
    _refuse_withheld_text(release)
    _refuse_findings(workspace, release)
    with published_files(release, target) as folder:
        result = hub.connect().publish(folder, target, tag, private=private)
    return PublishReport(
        repo_id=target,
        tag=tag,
        state=result.state,
        commit=result.commit,
        url=result.url,
        files=len(release.manifest.files) + 1,
        config="stance" if release.splits("stance") else "entities",
    )


def _refuse_changed(release: ReleasedVersion) -> None:
    """Raise unless every file is byte for byte as it was released."""
    released = {file.path: file.sha256 for file in release.manifest.files}
    on_disk = {
        path.relative_to(release.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(release.folder.rglob("*"))
        if path.is_file() and path != release.folder / "manifest.json"
    }
    changed = sorted(path for path in {*released, *on_disk} if released.get(path) != on_disk.get(path))
    if changed:
        location = release.folder / changed[0]
        raise DataError("changed after the release", location=location, hint="restore the folder from git")


def _refuse_withheld_text(release: ReleasedVersion) -> None:
    """Raise if the version contains text that may not be redistributed."""
    if release.manifest.withheld_sources and not release.manifest.standoff:
        names = ", ".join(release.manifest.withheld_sources)
        hint = "`goldwire release` writes a version without the text; publish that one"
        raise GoldwireError(f"the text of {names} may not be redistributed", location=release.folder, hint=hint)


def _refuse_findings(workspace: Workspace, release: ReleasedVersion) -> None:
    """Raise if `check` finds errors, except in the folders of other versions."""
    own = f"{workspace.relative(release.folder)}/"
    errors = [
        finding
        for finding in check.check(workspace.root)
        if is_error(finding) and (finding.file.startswith(own) or not _VERSION_FILE.match(finding.file))
    ]
    if errors:
        message = f"check found {quantity(len(errors), 'error')}, such as {finding_line(errors[0])}"
        raise DataError(message, location=workspace.root, hint="run `goldwire check`")
