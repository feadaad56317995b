"""Whatever users may rely on changes only on purpose: it is compared with the snapshots in tests/snapshots/.

They hold every public Python name with its signature, the help of every command, every key that `--json` prints,
every field of a record or settings file, and every Parquet column. After an intended change, write them anew, read
the difference, and describe it in CHANGELOG.md:

    PYTHONPATH=scripts:tests .venv/bin/python -m support.snapshots
    git diff tests/snapshots
"""

from __future__ import annotations

import re
from difflib import unified_diff

import pytest

import goldwire
from support import snapshots

RENDERED = snapshots.render()


@pytest.mark.parametrize("name", RENDERED)
def test_public_names_are_those_of_the_snapshot(name: str) -> None:
    recorded = (snapshots.FOLDER / name).read_text(encoding="utf-8").splitlines()
    difference = list(
        unified_diff(recorded, RENDERED[name].splitlines(), f"tests/snapshots/{name}", "now", lineterm="")
    )
    assert not difference, "\n".join([*difference, "", f"if this is intended: {snapshots.REGENERATE}"])


def test_every_snapshot_is_compared() -> None:
    assert {path.name for path in snapshots.FOLDER.iterdir()} == RENDERED.keys()


def test_the_snapshot_has_every_public_name() -> None:
    for name in goldwire.__all__:
        assert f"goldwire.{name}" in RENDERED["python_names.txt"]


def test_no_public_function_takes_undeclared_options() -> None:
    for line in RENDERED["python_names.txt"].splitlines():
        assert "**" not in line, line


def test_the_keys_of_every_command_with_json_are_in_the_snapshot() -> None:
    pages = RENDERED["command_line.txt"].split("$ goldwire ")[1:]
    printing = {page.partition(" --help")[0].removesuffix(" run") for page in pages if "--json" in page}
    described = set(re.findall(r"(?m)^\$ goldwire ([a-z ]+?)(?: [A-Z]+| --.*)? --json$", RENDERED["json_keys.txt"]))
    assert printing == described


def test_the_help_of_every_command_is_in_the_snapshot() -> None:
    for command in ("adjudicate push", "audit", "sample", "server start", "stats"):
        assert f"$ goldwire {command} --help" in RENDERED["command_line.txt"]
