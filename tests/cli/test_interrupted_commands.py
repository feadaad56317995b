"""Local commands that are killed at random moments, or that run out of disk space, and are then repeated.

Every file is the old or the new one at any moment, and the repeated command ends as if nothing had happened. A few
seeded trials run by default; `GOLDWIRE_CHAOS=200` runs that number of each kind.
"""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.forked_commands import ForkedCommands
from support.paths import TINY_REPO

SEED = 9
TRIALS = int(os.environ.get("GOLDWIRE_CHAOS", "8"))
STAGES = {
    "ingest": ("ingest", "--reextract"),
    "dedup": ("dedup",),
    "sample": ("sample", "b09", "--max-articles", "2", "--annotators", "A1,A2"),
    "agree": ("agree", "b01"),
    "adjudicate": ("adjudicate", "b01"),
    "split": ("split",),
    "check --fix": ("check", "--fix"),
    "release": ("release", "0.1.0"),
}
OUTPUTS = {
    "ingest": "corpus/articles",
    "dedup": "corpus/duplicates.jsonl",
    "agree": "annotations/agreement",
    "adjudicate": "annotations/gold",
    "split": "splits/assignment.tsv",
}
Files = dict[str, bytes]


def files_of(root: Path) -> Files:
    """All files that people see, with their content."""
    found = (path for path in root.rglob("*") if path.is_file())
    visible = ((path.relative_to(root), path) for path in found)
    return {
        name.as_posix(): path.read_bytes()
        for name, path in visible
        if not any(part.startswith(".") for part in name.parts)
    }


def trials() -> list[tuple[str, int]]:
    names = [*STAGES]
    return [(names[number % len(names)], number) for number in range(TRIALS)]


@pytest.fixture(scope="module")
def commands() -> Iterator[ForkedCommands]:
    with ForkedCommands() as running:
        yield running


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace in which the output of the stages is missing, so that each has work to do."""
    copy = tmp_path / "w"
    shutil.copytree(TINY_REPO, copy)
    return copy


def expected_files(command: str, root: Path, commands: ForkedCommands) -> tuple[Files, Files, float]:
    """The files before the command, after it, and how long it took."""
    output = OUTPUTS.get(command)
    if output is not None and (root / output).is_dir():
        shutil.rmtree(root / output)
    elif output is not None:
        (root / output).unlink()
    other = root.with_name("undisturbed")
    shutil.copytree(root, other)
    before = files_of(other)
    started = time.monotonic()
    assert commands.run(STAGES[command], folder=other).exit_code == 0
    return before, files_of(other), time.monotonic() - started


def assert_old_or_new(found: Files, before: Files, after: Files) -> None:
    for name, content in found.items():
        assert content in (before.get(name), after.get(name)), f"{name} is neither the old nor the new file"
    assert before.keys() & after.keys() <= found.keys()


@pytest.mark.parametrize(("command", "number"), trials())
def test_a_killed_command_is_repeated(command: str, number: int, root: Path, commands: ForkedCommands) -> None:
    before, after, duration = expected_files(command, root, commands)
    moment = random.Random(SEED + number).uniform(0.02, max(duration, 0.05))
    commands.run(STAGES[command], folder=root, timeout=moment)
    assert_old_or_new(files_of(root), before, after)
    assert commands.run(STAGES[command], folder=root).exit_code == 0
    assert files_of(root) == after


@pytest.mark.parametrize(("command", "number"), trials())
def test_a_command_without_disk_space_is_repeated(
    command: str, number: int, root: Path, commands: ForkedCommands
) -> None:
    before, after, _ = expected_files(command, root, commands)
    limit = random.Random(SEED + number).choice((500, 1000, 3000))  # what it prints is limited, too
    result = commands.run(STAGES[command], folder=root, max_file_bytes=limit)
    assert result.exit_code in (0, 2), result
    if result.exit_code == 2:
        (line,) = result.stderr.splitlines()
        assert line.startswith("goldwire: ")
        assert "internal error" not in line
    assert_old_or_new(files_of(root), before, after)
    assert commands.run(STAGES[command], folder=root).exit_code == 0
    assert files_of(root) == after
    assert not list(root.rglob("*.tmp"))
