"""Send a released version to the Hugging Face Hub as it is, and tag it there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import msgspec

from goldwire.errors import ConfigError, DataError, GoldwireError
from goldwire.release import hub, reader
from goldwire.release.reader import Released
from goldwire.workspace.layout import Workspace

__all__ = ["PublishReport", "run"]


class PublishReport(msgspec.Struct, frozen=True, kw_only=True):
    """Where the version is; `state` is `published`, `tagged` (what was sent before got its tag) or `there already`."""

    repo_id: str
    tag: str
    state: str
    commit: str
    url: str
    files: int

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.tag} {self.state}: {self.url} (commit {self.commit[:8]}, {self.files} files)"
        yield f'load_dataset("{self.repo_id}", "stance", revision="{self.tag}")'


def run(workspace: Workspace, *, version: str, repo_id: str | None = None, private: bool = False) -> PublishReport:
    """Publish a released version to the dataset repo `repo_id` (default: the workspace's `repo_id`).

    Refused where `check` finds errors, where the folder is not what was released, where it holds text that may not
    be given away, and where the tag is there with other content. Safe to repeat.
    """
    target = repo_id or workspace.settings.repo_id
    if target is None or target.count("/") != 1:
        hint = "give --repo-id ORG/NAME or set repo_id in [tool.goldwire]"
        raise ConfigError(f"no repo to publish to: {target!r}", location=workspace.root / "pyproject.toml", hint=hint)
    release = reader.open_release(workspace, version)
    _refuse_changed(release)
    _refuse_withheld(workspace, release)
    _refuse_findings(workspace)
    connection = hub.connect()
    found = connection.publish(release.folder, target, f"v{release.manifest.version}", private=private)
    return PublishReport(
        repo_id=target,
        tag=f"v{release.manifest.version}",
        state=found.state,
        commit=found.commit,
        url=found.url,
        files=len(release.manifest.files) + 1,
    )


def _refuse_changed(release: Released) -> None:
    """What is published is what was released, to the byte."""
    said = {file.path: file.sha256 for file in release.manifest.files}
    there = {
        path.relative_to(release.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(release.folder.rglob("*"))
        if path.is_file() and path != release.folder / "manifest.json"
    }
    changed = sorted(path for path in {*said, *there} if said.get(path) != there.get(path))
    if changed:
        raise DataError(
            "not as it was released", location=release.folder / changed[0], hint="take the folder back from git"
        )


def _refuse_withheld(workspace: Workspace, release: Released) -> None:
    if release.manifest.withheld and not release.manifest.standoff:
        names = ", ".join(release.manifest.withheld)
        hint = "publish a version without the text: `goldwire release --standoff`"
        raise GoldwireError(f"the text of {names} may not be given away", location=workspace.sources, hint=hint)


def _refuse_findings(workspace: Workspace) -> None:
    from goldwire.stages import check

    found = check.run(workspace)
    if found.errors:
        message = f"{found.errors} error{'s' if found.errors > 1 else ''} found by check"
        raise DataError(message, location=workspace.root, hint="`goldwire check` lists them")
