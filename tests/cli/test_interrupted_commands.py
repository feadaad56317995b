"""Every command is killed before one of its changes to a file, or runs out of disk space, and is then repeated.

Every file is the old or the new one at any moment, and the repeated command ends as if nothing had happened. Two seeded
moments per command run by default; `GOLDWIRE_CHAOS=200` tries up to 200, which is all of most commands.
"""

from __future__ import annotations

import os
import random
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
import typer

from goldwire.cli.application import app
from goldwire.doccano import credentials
from goldwire.doccano.server import state as states
from goldwire.doccano.server.encryption import decrypt_folder
from goldwire.workspace import private_files
from support import answering_machine
from support.factories import copy_tiny_repo
from support.fake_hub import TOKEN, HubDouble, serving
from support.forked_commands import CommandResult, ForkedCommands
from support.paths import REPOSITORY
from support.server_files import write_database

SEED = 9
MOMENTS = int(os.environ.get("GOLDWIRE_CHAOS", "2"))
PASSPHRASE = "correct horse battery staple"
ARTICLE = "wire-68382fc9fbf0"  # nobody annotates it after `unannotated`
PRELABEL = (
    *("prelabel", "b01", "--with"),
    f"cmd:{shlex.join((sys.executable, answering_machine.__file__, 'annotations/layers/b01/A1.jsonl'))}",
)
Prepare = Callable[[Path], None]
Files = dict[str, bytes]


def without(path: str) -> Prepare:
    """Remove the output of a stage, so that it has work to do."""

    def prepare(root: Path) -> None:
        shutil.rmtree(root / path) if (root / path).is_dir() else (root / path).unlink()

    return prepare


def nothing(root: Path) -> None:
    """Leave the workspace as it is."""


def unannotated(root: Path) -> None:
    for name in ("annotations/layers", "annotations/gold", "annotations/agreement", "annotations/tasks", "splits"):
        shutil.rmtree(root / name)
    (root / "text.txt").write_text((root / "corpus/raw/wire/snow.txt").read_text() + "\nThe carts stayed below.\n")


def served(root: Path) -> None:
    """Write the files of a server, as `goldwire server start` and `stop` leave them."""
    home = private_files.private_dir(root / ".goldwire/server")
    write_database(home / "db.sqlite3", rows=40)
    (home / states.FILE).write_bytes(msgspec.json.encode(states.ServerState(secret_key="k" * 64)))
    write_password(root, "A1")
    (root / ".goldwire/ledger").mkdir()
    (root / ".goldwire/ledger/b01.json").write_text("{}")


def with_own_accounts(root: Path) -> None:
    """Write accounts that a restore must not lose."""
    write_password(root, "Z9")


def write_password(root: Path, annotator: str) -> None:
    folder = private_files.private_dir(root / ".goldwire")
    (folder / credentials.FILE).write_text(f'{{"admin": "", "annotators": {{"{annotator}": "tide-lamp-oar"}}}}')


CASES: dict[str, tuple[Prepare, tuple[str, ...]]] = {
    "init": (nothing, ("init", "new")),
    "show": (nothing, ("show", ARTICLE, "--html", "pages/article.html")),
    "exclude": (unannotated, ("exclude", ARTICLE, "--reason", "a list")),
    "correct": (unannotated, ("correct", ARTICLE, "--text", "text.txt", "--reason", "a line was missing")),
    "ingest": (without("corpus/articles"), ("ingest", "--reextract")),
    "dedup": (without("corpus/duplicates.jsonl"), ("dedup",)),
    "sample": (nothing, ("sample", "b09", "--max-articles", "2", "--annotators", "A1,A2")),
    "prelabel": (without("annotations/layers/b01/M1.jsonl"), PRELABEL),
    "agree": (without("annotations/agreement"), ("agree", "b01", "--tables", "tables")),
    "adjudicate run": (without("annotations/gold"), ("adjudicate", "b01")),
    "adjudicate run of files": (nothing, ("adjudicate", "given/brat", "--out", "out/gold", "--to", "brat")),
    "check": (nothing, ("check", "--fix")),
    "certify": (nothing, ("certify", "b01", "--latex", "tables/certificate.tex")),
    "split": (without("splits/assignment.tsv"), ("split",)),
    "release": (nothing, ("release", "0.1.0")),
    "hydrate": (nothing, ("hydrate", "given/v0.1.0", "--texts", "corpus/articles", "--out", "out/hydrated")),
    "import": (nothing, ("import", "given/brat", "--batch", "b07")),
    "export": (nothing, ("export", "b01", "out/export", "--to", "brat")),
    "export to a file": (nothing, ("export", "b01", "out/export.json", "--to", "label-studio")),
    "backup": (served, ("backup", "out.tar")),
    "restore": (with_own_accounts, ("restore", "given/labels.tar")),
}
"""What is removed or written before, and the command line."""

READ_ONLY: dict[str, tuple[str, ...]] = {
    "doctor": ("doctor",),
    "stats": ("stats",),
    "status": ("status",),
    "estimate": ("estimate",),
    "plan": ("plan", "b01"),
    "diff": ("diff", "0.0.1", "0.0.1"),
    "baseline": ("baseline", "0.0.1"),
    "formats": ("formats",),
    "audit run": ("audit", "splits/v0.0.1"),
    "audit labels": ("audit", "labels", "given/brat"),
}

ELSEWHERE = {
    "publish": "tests/cli/test_interrupted_commands.py",
    "demo": "tests/stages/test_demo.py",
    "push": "tests/doccano/test_killed_processes.py",
    "pull": "tests/doccano/test_killed_processes.py",
    "adjudicate push": "tests/doccano/test_killed_processes.py",
    "adjudicate pull": "tests/doccano/test_killed_processes.py",
    "people run": "tests/stages/test_people.py",
    "people reset": "tests/stages/test_people.py",
    "server start": "tests/doccano/server/test_lifecycle.py",
    "server stop": "tests/doccano/server/test_lifecycle.py",
    "server status": "tests/doccano/server/test_lifecycle.py",
}
"""Commands that need a server, and where they are interrupted."""

WHOLE_FOLDERS = ("out/gold", "out/export", "out/hydrated", "splits/v0.1.0")
"""They appear with all of their files or not at all."""


def test_every_command_is_interrupted_or_only_reads() -> None:
    def leaves(group: object, names: tuple[str, ...] = ()) -> Iterator[str]:
        for name, command in group.commands.items():  # type: ignore[attr-defined]
            if hasattr(command, "commands"):
                yield from leaves(command, (*names, name))
            else:
                yield " ".join((*names, name))

    have = {name.split(" of ")[0].split(" to ")[0] for name in CASES} | READ_ONLY.keys() | ELSEWHERE.keys()
    assert have == set(leaves(typer.main.get_command(app)))
    for name, file in ELSEWHERE.items():
        text = (REPOSITORY / file).read_text()
        assert name.split()[-1] in text, (name, file)
        assert "kill" in text, (name, file)


@pytest.fixture(scope="module")
def clean(commands: ForkedCommands, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a machine's layers, and in `given/` an export, a stand-off version and a backup."""
    root = tmp_path_factory.mktemp("clean") / "w"
    copy_tiny_repo(root)
    assert commands.run(PRELABEL, folder=root).exit_code == 0
    other = root.with_name("other")
    shutil.copytree(root, other)
    served(other)
    for command in (
        ("export", "b01", "given/brat", "--to", "brat"),
        ("release", "0.1.0", "--standoff", "--no-baselines"),
        ("backup", "given/labels.tar"),
    ):
        done = commands.run(command, folder=other, GOLDWIRE_PASSPHRASE=PASSPHRASE)
        assert done.exit_code == 0, done
    shutil.copytree(other / "given", root / "given")
    shutil.copytree(other / "splits/v0.1.0", root / "given/v0.1.0")
    return root


@pytest.fixture
def copies(clean: Path, tmp_path: Path) -> Iterator[Callable[[Prepare], Path]]:
    """A function that copies the workspace and prepares it."""
    numbers = iter(range(10_000))

    def copy(prepare: Prepare) -> Path:
        root = tmp_path / f"{next(numbers)}" / "w"
        shutil.copytree(clean, root)
        prepare(root)
        return root

    yield copy
    shutil.rmtree(tmp_path)


def run(commands: ForkedCommands, arguments: tuple[str, ...], root: Path, **limits: int) -> CommandResult:
    return commands.run(arguments, folder=root, timeout=100, GOLDWIRE_PASSPHRASE=PASSPHRASE, **limits)  # type: ignore[arg-type]


def files_of(root: Path) -> Files:
    """All files with their content but temporary ones, locks and goldwire's caches; of a backup, what is in it."""
    paths = {path.relative_to(root): path for path in root.rglob("*") if path.is_file()}
    return {
        name.as_posix(): decrypted(path) if path.name == "out.tar" else path.read_bytes()
        for name, path in paths.items()
        if not any(part.endswith(".tmp") for part in name.parts)
        and not ("lock" in name.name or name.parts[:2] == (".goldwire", "cache"))
    }


def decrypted(path: Path) -> bytes:
    """The names and digests of what is in a backup, without the time at which it was made."""
    return content_of_backup(path.read_bytes())


@cache  # a passphrase takes a second by design
def content_of_backup(data: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "out.tar"
        path.write_bytes(data)
        folder = Path(scratch) / "content"
        folder.mkdir()
        decrypt_folder(path, folder, PASSPHRASE)
        files = sorted(file for file in folder.rglob("*") if file.is_file() and file.name != "manifest.json")
        return repr([(f.relative_to(folder), sha256(f.read_bytes()).hexdigest()) for f in files]).encode()


def assert_old_or_new(found: Files, before: Files, after: Files) -> None:
    for name, content in found.items():
        former = name.removesuffix(".before-restore")
        assert content in (before.get(name), after.get(name), before.get(former)), f"{name} is neither old nor new"
    assert before.keys() & after.keys() <= found.keys()
    for folder in WHOLE_FOLDERS:
        there = {name for name in found if name.startswith(f"{folder}/")}
        assert not there or there == {name for name in after if name.startswith(f"{folder}/")}, f"{folder} is torn"


def assert_ends_undisturbed(commands: ForkedCommands, name: str, root: Path, after: Files) -> None:
    """Repeat a command. It may refuse to do what is done already, in one line."""
    is_done = files_of(root) == after
    again = run(commands, CASES[name][1], root)
    if again.exit_code != 0:
        assert is_done, again
        assert_one_line(again)
    assert files_of(root) == after
    assert not list(root.rglob("*.tmp"))


def assert_one_line(result: CommandResult) -> None:
    assert result.exit_code == 2, result
    (line,) = result.stderr.splitlines()
    assert line.startswith("goldwire: ")
    assert "internal error" not in line


@pytest.mark.parametrize("name", CASES)
def test_a_killed_command_is_repeated(name: str, commands: ForkedCommands, copies: Callable[[Prepare], Path]) -> None:
    prepare, arguments = CASES[name]
    undisturbed = copies(prepare)
    before = files_of(undisturbed)
    done = run(commands, arguments, undisturbed)
    assert done.exit_code == 0, done
    after = files_of(undisturbed)
    assert after != before or name == "check"
    assert not list(undisturbed.rglob("*.tmp"))
    rng = random.Random(f"{SEED} {name}")
    for moment in rng.sample(range(1, done.changes + 1), min(MOMENTS, done.changes)):
        root = copies(prepare)
        killed = run(commands, arguments, root, kill_at_change=moment)
        assert killed.exit_code == -9 or (killed.exit_code == 0 and killed.changes < moment), (moment, killed)
        assert_old_or_new(files_of(root), before, after)
        assert_ends_undisturbed(commands, name, root, after)
        shutil.rmtree(root.parent)
    root = copies(prepare)
    limited = run(commands, arguments, root, max_file_bytes=rng.choice((500, 1000, 3000)))  # of what it prints, too
    if limited.exit_code != 0:
        assert_one_line(limited)
    assert_old_or_new(files_of(root), before, after)
    assert_ends_undisturbed(commands, name, root, after)


@pytest.mark.parametrize("name", ["ingest", "agree", "adjudicate run", "release", "export to a file", "restore"])
def test_a_full_disk_is_one_line_that_names_a_file(
    name: str, commands: ForkedCommands, copies: Callable[[Prepare], Path]
) -> None:
    prepare, arguments = CASES[name]
    result = run(commands, arguments, copies(prepare), max_file_bytes=400)  # the line itself has 250
    assert_one_line(result)
    assert re.match(r"goldwire: \S+: file too large; hint: ", result.stderr), result.stderr


@pytest.mark.parametrize("name", READ_ONLY)
def test_a_command_that_only_reads_changes_no_file(
    name: str, commands: ForkedCommands, copies: Callable[[Prepare], Path]
) -> None:
    root = copies(nothing)
    before = files_of(root)
    done = run(commands, READ_ONLY[name], root)
    assert done.exit_code in (0, 1), done
    assert files_of(root) == before


@pytest.fixture
def hub() -> Iterator[HubDouble]:
    with serving() as double:
        yield double


def test_a_killed_publication_is_repeated(
    hub: HubDouble, commands: ForkedCommands, copies: Callable[[Prepare], Path]
) -> None:
    root = copies(nothing)
    variables = {"HF_ENDPOINT": hub.url, "HF_TOKEN": TOKEN, "HF_HUB_DISABLE_XET": "1"}

    def publish(repository: str, timeout: float = 100) -> CommandResult:
        arguments = ("publish", "0.0.1", "--repo-id", f"lab/{repository}")
        return commands.run(arguments, folder=root, timeout=timeout, **variables)

    before = files_of(root)
    assert publish("undisturbed").exit_code == 0
    undisturbed = hub.repos["lab/undisturbed"]
    requests = len(hub.log)
    rng = random.Random(SEED)
    for number in rng.sample(range(requests), min(MOMENTS, requests)):
        name = f"killed-{number}"
        hub.large.clear()  # else a part of the version is there already
        hub.stall_at(number, answered=rng.random() < 0.5)
        assert publish(name, timeout=6).exit_code == 124
        hub.resume()
        assert publish(name).exit_code == 0
        repository = hub.repos[f"lab/{name}"]
        assert sorted(repository.trees[repository.tags["v0.0.1"]]) == sorted(undisturbed.trees[undisturbed.main])
        assert repository.tags == {"v0.0.1": repository.main}
        assert repository.messages == undisturbed.messages
    assert files_of(root) == before
    assert not list(root.rglob("*.tmp"))
