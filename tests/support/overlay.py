"""Make a workspace of tests/tiny_repo with the one fault that a `case.toml` describes."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tomllib
from pathlib import Path

import msgspec

from goldwire.records import Finding
from goldwire.stages import audit, check
from goldwire.workspace.layout import find_workspace

HERE = Path(__file__).parents[1]
TINY = HERE / "tiny_repo"
CASES = HERE / "cases"
_AUTHOR = ("-c", "user.name=nobody", "-c", "user.email=nobody@nowhere.example", "-c", "commit.gpgsign=false")


class Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Replace `old`, which the file has exactly `times` times, by `new`. `hex` gives `new` as bytes."""

    file: str
    old: str
    new: str = ""
    hex: str = ""
    times: int = 1


class Write(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Write (or, with `append`, lengthen) a file by a text or, in `hex`, bytes."""

    file: str
    text: str = ""
    hex: str = ""
    append: bool = False


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A finding, but for its message."""

    file: str
    code: str
    line: int | None = None
    item: str | None = None


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change in the clean workspace, and all that `check` finds then."""

    expect: tuple[Expected, ...] = ()
    edit: tuple[Edit, ...] = ()
    write: tuple[Write, ...] = ()
    copy: dict[str, str] = {}  # to -> from
    put: dict[str, str] = {}  # to -> from, which is beside case.toml
    link: dict[str, str] = {}  # to -> what the link says
    delete: tuple[str, ...] = ()
    rehash: tuple[str, ...] = ()  # files of the release whose new digest goes into its manifest
    dataset: str | None = None  # a dataset of others, beside case.toml, to check instead
    since: bool = False  # whether to compare with the clean workspace, committed to git
    shown_by: str | None = None  # the test that shows it, for what only a stage at work can find


def found(code: str, case: Case, folder: Path) -> tuple[Finding, ...]:
    """What `check` finds in the case; `folder` is an empty one to work in."""
    if case.dataset is not None:
        return audit.run(CASES / code / case.dataset).findings
    root = folder / "workspace"
    shutil.copytree(TINY, root)
    if case.since:
        for arguments in (("init", "-q"), ("add", "."), (*_AUTHOR, "commit", "-q", "-m", "clean")):
            subprocess.run(("git", *arguments), cwd=root, check=True, capture_output=True)
    lay(code, case, root)
    return check.run(find_workspace(root, explicit=True), changed_since="HEAD" if case.since else None).findings


def read_case(code: str) -> Case:
    """Read tests/cases/<code>/case.toml."""
    return msgspec.convert(tomllib.loads((CASES / code / "case.toml").read_text()), Case)


def lay(code: str, case: Case, root: Path) -> None:
    """Put the case's fault into the workspace at `root`."""
    for to, origin in case.put.items():
        (root / to).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(CASES / code / origin, root / to)
    release = root / "splits" / "v0.0.1"
    before = {file: digest(TINY / "splits" / "v0.0.1" / file) for file in case.rehash}
    for edit in case.edit:
        path = root / edit.file
        data, old = path.read_bytes(), edit.old.encode()
        if data.count(old) != edit.times:
            raise ValueError(f"{edit.file} has {edit.old!r} {data.count(old)} times, not {edit.times}")
        path.write_bytes(data.replace(old, bytes.fromhex(edit.hex) if edit.hex else edit.new.encode()))
    for to, origin in case.copy.items():
        (root / to).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / origin, root / to)
    for write in case.write:
        path = root / write.file
        path.parent.mkdir(parents=True, exist_ok=True)
        data = bytes.fromhex(write.hex) if write.hex else write.text.encode()
        path.write_bytes((path.read_bytes() if write.append else b"") + data)
    for to, says in case.link.items():
        (root / to).parent.mkdir(parents=True, exist_ok=True)
        (root / to).symlink_to(says)
    for file in case.delete:
        (root / file).unlink()
    for file, old in before.items():
        manifest = release / "manifest.json"
        manifest.write_text(manifest.read_text().replace(old, digest(release / file)))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
