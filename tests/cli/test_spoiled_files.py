"""Every kind of file, spoiled in every way, and every command that may read it: one line per error, never a traceback.

A seeded sample in which every file, way and command occurs runs by default; `GOLDWIRE_SPOILED=1000` runs that number
of all combinations.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from goldwire.formats.registry import known_formats
from support.factories import copy_tiny_repo
from support.forked_commands import CommandResult, ForkedCommands
from support.spoiled_files import COMMANDS, FILES, SPOILERS, add_exchange_files, add_missing_kinds, spoil

SEED = 17
NO_SERVER = {
    **{"GOLDWIRE_DOCCANO_URL": "http://127.0.0.1:9", "GOLDWIRE_DOCCANO_TOKEN": "none"},
    **{"HF_ENDPOINT": "http://127.0.0.1:9", "HF_TOKEN": "none", "GOLDWIRE_PASSPHRASE": "correct horse battery staple"},
}
NESTED = "[" * 20_000 + "]" * 20_000  # Python 3.13 reads 3,000

Case = tuple[str, str, str]
"""File, way of spoiling, command."""


def cases() -> list[Case]:
    """All combinations in random order, or the first ones that together have every file, way and command."""
    combinations = [(file, how, command) for file in FILES for how in SPOILERS for command in COMMANDS]
    random.Random(SEED).shuffle(combinations)
    count = int(os.environ.get("GOLDWIRE_SPOILED", "0"))
    if count:
        return combinations[:count]
    seen: set[str] = set()
    chosen = []
    for case in combinations:
        if not seen.issuperset(case):
            seen.update(case)
            chosen.append(case)
    return chosen


@pytest.fixture(scope="module")
def clean(commands: ForkedCommands, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a file of each kind, in which every stage has run."""
    root = tmp_path_factory.mktemp("clean") / "w"
    copy_tiny_repo(root)
    add_missing_kinds(root)
    for stage in (("ingest", "--reextract"), ("dedup",)):
        assert commands.run(stage, folder=root).exit_code == 0
    return root


@pytest.fixture(scope="module")
def exchange(clean: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with its labels in every format that can be read and written."""
    root = tmp_path_factory.mktemp("exchange") / "w"
    shutil.copytree(clean, root)
    add_exchange_files(root)
    return root


@pytest.fixture
def root(clean: Path, tmp_path: Path) -> Iterator[Path]:
    copy = tmp_path / "w"
    shutil.copytree(clean, copy)
    yield copy
    shutil.rmtree(os.fsencode(copy))  # pytest cannot remove file names that are not UTF-8


def one_error(result: CommandResult) -> str:
    assert result.exit_code == 2, result
    (line,) = (line for line in result.stderr.splitlines() if line.startswith("goldwire: "))
    assert "Traceback" not in result.stderr
    assert "internal error" not in line
    return line


@pytest.mark.parametrize("case", cases(), ids=" | ".join)
def test_no_command_ends_in_a_traceback(case: Case, root: Path, commands: ForkedCommands) -> None:
    file, how, command = case
    spoil(root / file, how, random.Random(" ".join(case)))
    result = commands.run(COMMANDS[command], folder=root, timeout=100, unprivileged=how == "no permission", **NO_SERVER)
    if result.exit_code not in (0, 1):
        one_error(result)
    assert result.stderr == "" or result.exit_code == 2 or "Traceback" not in result.stderr
    assert not list(root.rglob("*.tmp"))


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in (folder, *folder.rglob("*")) if path.is_file())


@pytest.mark.parametrize(
    "name", [name for name, one in known_formats().items() if one.capabilities.imports and one.capabilities.exports]
)
def test_no_import_ends_in_a_traceback(name: str, exchange: Path, tmp_path: Path, commands: ForkedCommands) -> None:
    rng = random.Random(f"{SEED} {name}")
    options = (("--from", name), ())
    for number in range(int(os.environ.get("GOLDWIRE_SPOILED", "40")) // 20):
        root = tmp_path / f"{number}"
        shutil.copytree(exchange, root)
        file, how = rng.choice(files_of(root / "given" / name)), rng.choice(list(SPOILERS))
        spoil(file, how, rng)
        arguments = ("import", f"given/{name}", "--batch", "b07", "--skip-unknown", *options[number % 2])
        result = commands.run(arguments, folder=root, timeout=100, unprivileged=how == "no permission")
        if result.exit_code != 0:
            one_error(result)
        assert not list(root.rglob("*.tmp"))
        shutil.rmtree(os.fsencode(root))


@pytest.mark.parametrize("line", [NESTED, f'{{"body": {NESTED}}}'], ids=["list", "value"])
def test_one_nested_line_does_not_stop_the_others(line: str, root: Path, commands: ForkedCommands) -> None:
    path = root / "corpus/raw/herald/march.jsonl"
    articles = root / "corpus/articles/herald.jsonl"
    before = articles.read_bytes()
    path.write_text(path.read_text() + line + "\n")
    result = commands.run(["ingest", "--reextract"], folder=root)
    assert result.exit_code == 1
    assert "march.jsonl:3: bad-json (nested too deeply)" in result.stdout
    assert articles.read_bytes() == before
    assert commands.run(["check"], folder=root).exit_code == 0


def test_a_file_name_that_is_not_utf8_is_rejected_and_the_others_are_read(root: Path, commands: ForkedCommands) -> None:
    spoil(root / "corpus/raw/wire/ferry.txt", "name not UTF-8", random.Random(0))
    articles = root / "corpus/articles/wire.jsonl"
    before = articles.read_bytes()
    result = commands.run(["ingest", "--json"], folder=root)
    assert result.exit_code == 1
    assert r"corpus/raw/wire/\\xff\\xfe.txt: bad-file-name" in result.stdout
    assert articles.read_bytes() == before
    checked = commands.run(["check", "--json"], folder=root)
    assert "file-unreadable" in checked.stdout


@pytest.mark.parametrize(
    ("file", "content", "command", "location"),
    [
        ("splits/assignment.tsv", b"article_id\t\xff\n", "split", "splits/assignment.tsv:1"),
        ("splits/assignment.tsv", b"article_id\t\xff\n", "release", "splits/assignment.tsv:1"),
        ("splits/v0.0.1/manifest.json", NESTED.encode(), "diff", "splits/v0.0.1/manifest.json"),
        ("splits/v0.0.1/manifest.json", b'{"a": "\xff"}', "baseline", "splits/v0.0.1/manifest.json"),
        ("annotations/agreement/b01.json", NESTED.encode(), "release", "annotations/agreement/b01.json"),
        ("annotations/schema.toml", f"a = {NESTED}".encode(), "agree", "annotations/schema.toml"),
        ("corpus/sources.toml", f"a = {NESTED}".encode(), "ingest", "corpus/sources.toml"),
        ("pyproject.toml", b"[tool.goldwire]\nname = 'a'\ntrain = nan\n", "stats", "pyproject.toml"),
    ],
)
def test_an_unreadable_file_is_one_error_with_its_location(
    file: str, content: bytes, command: str, location: str, root: Path, commands: ForkedCommands
) -> None:
    (root / file).write_bytes(content)
    assert location in one_error(commands.run(COMMANDS[command], folder=root))


@pytest.mark.parametrize(
    "arguments",
    [
        ("adjudicate", "b01", "--min-posterior", "nan"),
        ("dedup", "--threshold", "nan"),
        ("dedup", "--threshold", "inf"),
        ("pull", "b01", "--watch", "--every", "inf"),
        ("agree", "b01", "--fail-under", "span_f1_exact=nan"),
    ],
    ids=" ".join,
)
def test_a_number_that_is_not_finite_is_a_usage_error(
    arguments: tuple[str, ...], root: Path, commands: ForkedCommands
) -> None:
    line = one_error(commands.run(arguments, folder=root, **NO_SERVER))
    assert "nan" in line or "inf" in line
