"""Examine the installation, the workspace and the server, and say how to fix what is wrong.

Nothing is written, and only the annotation server is asked. What a command needs that is not there is a problem if the
command would fail; what can be added at any time (an extra, a server that is not started) is a note.
"""

from __future__ import annotations

import difflib
import os
import platform
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from importlib import metadata
from pathlib import Path
from typing import Literal

import msgspec
from packaging.requirements import Requirement

import goldwire
from goldwire.errors import GoldwireError, MissingFileError, explain
from goldwire.quantities import quantity
from goldwire.records import Release
from goldwire.workspace import loading, versions
from goldwire.workspace.guidelines import read_guidelines
from goldwire.workspace.jsonl import read_document
from goldwire.workspace.label_schema import read_schema
from goldwire.workspace.layout import Workspace, find_workspace
from goldwire.workspace.sources import read_sources, table_hint

__all__ = ["DoctorReport", "Examination", "run"]

State = Literal["ok", "note", "problem"]

_EXTRAS = {
    "doccano": "push, pull, status, people, server, backup and demo",
    "report": "the pages of agree and of status --serve",
    "publish": "publish",
    "scale": "dedup --engine daft or ray",
    "audit": "some checks of audit",
    "embeddings": "dedup --embeddings with a model",
    "formats": "import and export of UIMA CAS",
}
"""The extras, and the commands that need each."""

_VARIABLES = (
    *("CACHE", "DATABASE", "DOCCANO_CA", "DOCCANO_ENV", "DOCCANO_INSECURE", "DOCCANO_PASSWORD", "DOCCANO_TOKEN"),
    *("DOCCANO_URL", "DOCCANO_USERNAME", "PASSPHRASE", "QUIET", "ROOT", "TRACEBACK", "CHROMIUM"),
)
_PREFIX = "GOLDWIRE_"

_ENVIRONMENT_SIZE = 525_000_000  # bytes of Doccano's own environment
_LITTLE_SPACE = 1_000_000_000  # bytes: below, a pull or a release may fill the disk
_CLOCK_SKEW = 60  # seconds: above, ticks of today may count as those of tomorrow, and tokens may be refused


class Examination(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was examined: its state, details in words, and how to fix it."""

    name: str
    state: State
    detail: str
    fix: str | None = None


class DoctorReport(msgspec.Struct, frozen=True, kw_only=True):
    """All examinations, in the order of what needs what."""

    version: str
    examinations: tuple[Examination, ...]

    @property
    def exit_code(self) -> int:
        """1 if there is a problem."""
        return int(any(one.state == "problem" for one in self.examinations))

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        marks = {"ok": "ok      ", "note": "note    ", "problem": "PROBLEM "}
        for one in self.examinations:
            yield f"{marks[one.state]}{one.name}: {one.detail}"
            if one.fix:
                yield f"        fix: {one.fix}"
        n_problems = sum(one.state == "problem" for one in self.examinations)
        yield "no problems" if not n_problems else quantity(n_problems, "problem")


def run(start: Path, *, explicit: bool = False) -> DoctorReport:
    """Examine the installation, and the workspace at `start`, or the nearest enclosing one unless `explicit`."""
    examinations = [*_python(), *_packages(), *_variables(), *_git(start)]
    workspace = None
    try:
        workspace = find_workspace(start, explicit=explicit)
    except MissingFileError as error:
        examinations.append(_from_error("workspace", error, state="note"))
    except GoldwireError as error:
        examinations.append(_from_error("workspace settings", error))
    examinations += _disk(start if workspace is None else workspace.root)
    if workspace is not None:
        examinations += [*_workspace_files(workspace), *_releases(workspace)]
    examinations += _server_side(workspace)
    return DoctorReport(version=goldwire.__version__, examinations=tuple(examinations))


def _from_error(name: str, error: GoldwireError, *, state: State = "problem") -> Examination:
    detail, _, hint = str(error).partition("; hint: ")
    return Examination(name=name, state=state, detail=detail, fix=hint or None)


def _python() -> Iterator[Examination]:
    supported, version = _supported_python(), platform.python_version()
    detail = f"{version} at {sys.executable}"
    if Requirement(f"python{supported}").specifier.contains(version, prereleases=True):
        yield Examination(name="Python", state="ok", detail=detail)
    else:
        fix = f"create the environment with a Python {supported}: `uv venv --python 3.12`"
        yield Examination(name="Python", state="problem", detail=f"{detail}; goldwire needs {supported}", fix=fix)


def _supported_python() -> str:
    try:
        return metadata.metadata("goldwire")["Requires-Python"]
    except metadata.PackageNotFoundError:
        return ">=3.11"


def _packages() -> Iterator[Examination]:
    """Compare the installed packages with what this version of goldwire requires, by extra."""
    try:
        requirements = [Requirement(text) for text in metadata.requires("goldwire") or ()]
    except metadata.PackageNotFoundError:
        detail = f"{goldwire.__version__} runs from its source, not installed: dependencies are unknown"
        yield Examination(name="goldwire", state="note", detail=detail, fix="install it: `pip install -e .`")
        return
    yield Examination(name="goldwire", state="ok", detail=goldwire.__version__)
    groups: dict[str | None, list[Requirement]] = defaultdict(list)
    for requirement in requirements:
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            groups[None].append(requirement)
        for extra in _EXTRAS if requirement.marker is not None else ():
            if requirement.marker is not None and requirement.marker.evaluate({"extra": extra}):
                groups[extra].append(requirement)
    yield _package_group("dependencies", groups.pop(None, []), None)
    for extra in _EXTRAS:
        yield _package_group(f"extra `{extra}`", groups[extra], extra)


def _package_group(name: str, requirements: list[Requirement], extra: str | None) -> Examination:
    """Return whether the packages of one extra (None: those that are always needed) are there and recent enough."""
    missing, outdated = [], []
    for requirement in requirements:
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            missing.append(requirement.name)
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            outdated.append(f"{requirement.name} {version} (needs {requirement.specifier})")
    fix = f"pip install --upgrade 'goldwire{'' if extra is None else f'[{extra}]'}'"
    if outdated or (missing and extra is None):
        parts = [", ".join(outdated), f"missing: {', '.join(missing)}" if missing else ""]
        return Examination(name=name, state="problem", detail="; ".join(filter(None, parts)), fix=fix)
    if missing:
        detail = f"missing {', '.join(missing)}, for {_EXTRAS[extra or '']}"
        return Examination(name=name, state="note", detail=detail, fix=fix)
    return Examination(name=name, state="ok", detail=f"{quantity(len(requirements), 'package')}")


def _variables() -> Iterator[Examination]:
    """Report environment variables that look like ours and that nothing reads."""
    for name in sorted(name.removeprefix(_PREFIX) for name in os.environ if name.startswith(_PREFIX)):
        if name not in _VARIABLES:
            close = difflib.get_close_matches(name, _VARIABLES, 1)
            fix = f"did you mean {_PREFIX}{close[0]}?" if close else None
            detail = f"nothing reads {_PREFIX}{name}"
            yield Examination(name="environment variable", state="note", detail=detail, fix=fix)


def _git(start: Path) -> Iterator[Examination]:
    program = shutil.which("git")
    if program is None:
        fix = "install git: `check` compares with earlier commits, and labels belong under version control"
        yield Examination(name="git", state="note", detail="not installed", fix=fix)
        return
    inside = subprocess.run([program, "-C", str(start), "rev-parse", "--show-toplevel"], capture_output=True, text=True)
    version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout.split()[2:3]
    if inside.returncode:
        fix = "`git init`: `check` then finds changes of released data, and labels have a history"
        yield Examination(name="git", state="note", detail=f"{''.join(version)}, but no repository here", fix=fix)
    else:
        yield Examination(name="git", state="ok", detail=f"{''.join(version)}, repository {inside.stdout.strip()}")


def _disk(folder: Path) -> Iterator[Examination]:
    existing = next((path for path in (folder, *folder.parents) if path.is_dir()), folder)
    try:
        free = shutil.disk_usage(existing).free
    except OSError as error:
        yield Examination(name="disk", state="problem", detail=explain(error) or str(error))
        return
    detail = f"{free / 1e9:.1f} GB free at {existing}"
    if free < _LITTLE_SPACE:
        fix = "free some space: a pull, a release or Doccano's environment may not fit"
        yield Examination(name="disk", state="problem", detail=detail, fix=fix)
    else:
        yield Examination(name="disk", state="ok", detail=detail)


def _workspace_files(workspace: Workspace) -> Iterator[Examination]:
    """Read each file that people write, and look at who can read the secrets."""
    detail = f"{workspace.settings.name!r} at {workspace.root}"
    if os.access(workspace.root, os.W_OK):
        yield Examination(name="workspace", state="ok", detail=detail)
    else:
        fix = "change the folder's owner or mode"
        yield Examination(name="workspace", state="problem", detail=f"{detail} cannot be written", fix=fix)
    readers: tuple[tuple[str, Path, Callable[[Path], object]], ...] = (
        ("sources", workspace.sources, read_sources),
        ("label schema", workspace.schema, read_schema),
        ("guidelines", workspace.guidelines, read_guidelines),
    )
    for name, path, read in readers:
        try:
            read(path)
        except GoldwireError as error:
            yield _from_error(name, error)
        except OSError as error:
            yield Examination(name=name, state="problem", detail=explain(error) or str(error))
        else:
            yield Examination(name=name, state="ok", detail=workspace.relative(path))
    yield from _raw_folders(workspace)
    yield from _secrets(workspace)


def _raw_folders(workspace: Workspace) -> Iterator[Examination]:
    """Report folders of raw files that sources.toml has no table for: `ingest` would refuse them."""
    try:
        known = read_sources(workspace.sources)
        folders = sorted(path.name for path in workspace.raw.iterdir() if path.is_dir() and path.name[0] != ".")
    except (GoldwireError, OSError):  # sources.toml is reported already; a workspace without raw files is one, too
        return
    missing = [name for name in folders if name not in known]
    if missing:
        file, tables = workspace.relative(workspace.sources), ", ".join(f"[{name}]" for name in missing)
        detail = f"{workspace.relative(workspace.raw)} has folders that {file} has no table for: {tables}"
        yield Examination(name="raw files", state="problem", detail=detail, fix=table_hint(missing))


def _secrets(workspace: Workspace) -> Iterator[Examination]:
    """Report files with passwords that other users of the machine can read."""
    if os.name != "posix":
        return
    for path in (workspace.private / "passwords.json", workspace.private / "server" / "server.json"):
        if path.exists() and path.stat().st_mode & 0o077:
            detail, fix = f"others can read {workspace.relative(path)}", f"chmod 600 '{path}'"
            yield Examination(name="secrets", state="problem", detail=detail, fix=fix)


def _releases(workspace: Workspace) -> Iterator[Examination]:
    """Report a version that a newer goldwire wrote."""
    latest = versions.latest(loading.releases(workspace))
    if latest is None:
        return
    try:
        writer = read_document(workspace.release(latest) / "manifest.json", Release).goldwire_version
        is_newer = versions.parse(writer) > versions.parse(goldwire.__version__)
    except GoldwireError as error:
        yield _from_error("releases", error)
        return
    if is_newer:
        detail = f"v{latest} was written by goldwire {writer}, and this is {goldwire.__version__}"
        fix = "pip install --upgrade goldwire"
        yield Examination(name="releases", state="problem", detail=detail, fix=fix)
    else:
        yield Examination(name="releases", state="ok", detail=f"v{latest}, written by goldwire {writer}")


def _server_side(workspace: Workspace | None) -> Iterator[Examination]:
    """Examine what runs or reaches a server, if the extra is installed that all of it needs."""
    try:
        from goldwire.doccano.client import package, session
        from goldwire.doccano.server import environment
    except ImportError:  # the extra is missing, which is reported already
        return
    yield _client(package.is_available, package.cache_folder, package.VERSION)
    is_named = bool(os.environ.get(session.URL, "").strip())
    if workspace is not None and not is_named:
        yield _doccano_environment(environment.default_folder(workspace.private), environment.is_ready)
    if workspace is not None:
        yield from _server(workspace, is_named=is_named)


def _client(is_available: Callable[[], bool], cache_folder: Callable[[], Path], version: str) -> Examination:
    name = "doccano-client"
    try:
        if is_available():
            return Examination(name=name, state="ok", detail=version)
        folder = cache_folder()
    except ImportError:
        return Examination(name=name, state="note", detail="needs the extra `doccano`")
    detail = f"{version} is not in {folder} yet: the first command that needs it downloads 0.1 MB"
    return Examination(name=name, state="note", detail=detail)


def _doccano_environment(folder: Path, is_ready: Callable[[Path], bool | None]) -> Examination:
    name, ready = "Doccano's environment", is_ready(folder)
    if ready:
        return Examination(name=name, state="ok", detail=str(folder))
    size = f"{_ENVIRONMENT_SIZE / 1e6:.0f} MB"
    if ready is None:
        return Examination(
            name=name, state="note", detail=f"not there yet: `goldwire server start` downloads it ({size})"
        )
    detail = f"{folder} is incomplete, or for another version of goldwire or Python"
    return Examination(name=name, state="note", detail=detail, fix=f"`goldwire server start` creates it again ({size})")


def _server(workspace: Workspace, *, is_named: bool) -> Iterator[Examination]:
    """Sign in, and compare the clocks."""
    from goldwire.doccano.client import session
    from goldwire.doccano.server import lifecycle

    if not is_named:
        own = lifecycle.status(workspace.private / "server")
        if own is None:
            fix = f"`goldwire server start`, or name another server in {session.URL}"
            yield Examination(name="server", state="note", detail="not running", fix=fix)
            return
        if own.problem:
            yield Examination(name="server", state="problem", detail=own.url, fix=own.problem)
            return
    try:
        signed_in = session.connect(workspace)
        asked = time.time()
        answer = signed_in.http.send("GET", "me")
        clock = (asked + time.time()) / 2
    except GoldwireError as error:
        yield _from_error("server", error)
        return
    yield Examination(name="server", state="ok", detail=f"{signed_in.url}, signed in as {signed_in.username!r}")
    skew = _skew(answer.headers.get("Date"), clock)
    if skew is None:
        return
    if abs(skew) > _CLOCK_SKEW:
        direction = "ahead of" if skew > 0 else "behind"
        detail = f"the server's clock is {abs(skew):.0f} s {direction} this machine's"
        fix = "synchronize both with NTP (`timedatectl set-ntp true`): the times of labels are the server's"
        yield Examination(name="clocks", state="problem", detail=detail, fix=fix)
    else:
        yield Examination(name="clocks", state="ok", detail=f"within {_CLOCK_SKEW} s of the server's")


def _skew(date: str | None, clock: float) -> float | None:
    """Return by how many seconds the server's clock is ahead, by the header `Date` of an answer; None without one."""
    try:
        return None if date is None else parsedate_to_datetime(date).timestamp() - clock
    except ValueError:
        return None
