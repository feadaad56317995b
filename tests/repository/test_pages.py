"""Every command and example of the README, the tutorial and the guides runs, the tutorial on a real Doccano server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from goldwire.doccano.server import lifecycle
from support.console_blocks import blocks, commands, run_page
from support.guide_files import ACTIONS
from support.paths import REPOSITORY
from support.tutorial_annotators import annotate

DOCS = REPOSITORY / "docs"
TUTORIAL = DOCS / "tutorial.md"
PAGES = sorted(
    path
    for path in DOCS.rglob("*.md")
    if path != TUTORIAL
    and "reference" not in path.parts
    and any(block.language == "console" and commands(block) for block in blocks(path.read_text(encoding="utf-8")))
)
"""The pages that show a prompt: their commands are run. Other blocks of commands are parsed: test_site.py."""

OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
TOOLS = ("doccano", "brat", "label-studio", "prodigy", "inception", "argilla")


def test_the_tutorial_ends_in_a_dataset_that_loads(
    tmp_path: Path, doccano_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = OFFLINE | {"GOLDWIRE_DOCCANO_ENV": str(doccano_environment), "HF_HOME": str(tmp_path / "hub")}
    monkeypatch.setenv("GOLDWIRE_DOCCANO_ENV", str(doccano_environment))
    try:
        # In this process, as .ci/tutorial.py starts each command as a reader does.
        count = run_page(TUTORIAL, tmp_path, actions={"annotate": annotate}, environment=environment, in_process=True)
    finally:
        lifecycle.stop(tmp_path / "my-news" / ".goldwire" / "server")
    assert count > 15


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_of_a_page_run(page: Path, tmp_path: Path) -> None:
    environment = OFFLINE | {"HF_HOME": str(tmp_path / "hub")}
    folder = tmp_path / "reader"
    folder.mkdir()
    count = run_page(page, folder, actions=ACTIONS, environment=environment, in_process=True)
    assert count >= (10 if page.stem.startswith("from-") else 1)


def test_each_tool_has_a_guide_that_runs() -> None:
    assert {page.stem for page in PAGES} >= {f"from-{tool}" for tool in TOOLS}


@pytest.mark.parametrize("name", ["README.md", "docs/guides/using-a-version.md"])
def test_python_examples_run_in_the_repository(name: str, tmp_path: Path) -> None:
    page = (REPOSITORY / name).read_text(encoding="utf-8")
    examples = [block.text for block in blocks(page) if block.language == "python" and block.title is None]
    assert examples
    inputs = 'raw_page, texts, ratings, articles = "The harbour closes.", ["a", "b"], [[1, 1], [1, 2]], [0, 1]'
    done = subprocess.run(
        [sys.executable, "-c", f"{inputs}\n" + "\n".join(examples)],
        cwd=REPOSITORY,
        env=os.environ | OFFLINE | {"HF_HOME": str(tmp_path), "PYTHONPATH": str(REPOSITORY / "scripts")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_command_that_fails_or_prints_something_else_fails_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ mkdir -p a/b && cd a\n$ ls\nb\n```\n")
    assert run_page(page, tmp_path) == 2
    page.write_text("```console\n$ printf 'one\\ntwo  three\\n'\none\n...\ntwo thr...\n```\n")
    assert run_page(page, tmp_path) == 1
    for text in ("$ false", "$ printf 'one\\ntwo\\n'\ntwo\none", "$ echo one\ntwo", "$ goldwire sample"):
        page.write_text(f"```console\n{text}\n```\n")
        with pytest.raises(AssertionError, match=r"page\.md:1"):
            run_page(page, tmp_path, in_process=True)
    page.write_text("<!-- test: exit 3 -->\n```console\n$ exit 3\n```\n")
    assert run_page(page, tmp_path) == 1
