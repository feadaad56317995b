"""Every command of the tutorial and the guides runs, on real files and a real Doccano server."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldwire.doccano.server import lifecycle
from support.console_blocks import Action, blocks, commands, run_page
from support.paths import REPOSITORY
from support.tutorial_annotators import annotate

DOCS = REPOSITORY / "docs"
GUIDES = sorted((DOCS / "guides").glob("*.md"))
OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}


def test_the_tutorial_ends_in_a_dataset_that_loads(
    tmp_path: Path, doccano_environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = OFFLINE | {"GOLDWIRE_DOCCANO_ENV": str(doccano_environment), "HF_HOME": str(tmp_path / "hub")}
    monkeypatch.setenv("GOLDWIRE_DOCCANO_ENV", str(doccano_environment))
    try:
        count = run_page(DOCS / "tutorial.md", tmp_path, actions={"annotate": annotate}, environment=environment)
    finally:
        lifecycle.stop(tmp_path / "my-news" / ".goldwire" / "server")
    assert count > 15


ACTIONS: dict[str, Action] = {}
"""What a person does between the commands of a guide."""


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_the_commands_of_a_guide_run(page: Path, tmp_path: Path) -> None:
    environment = OFFLINE | {"HF_HOME": str(tmp_path / "hub")}
    folder = tmp_path / "guide"
    folder.mkdir()
    assert run_page(page, folder, actions=ACTIONS, environment=environment) >= 3


def test_a_command_that_fails_or_prints_something_else_fails_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ mkdir -p a/b && cd a\n$ ls\nb\n```\n")
    assert run_page(page, tmp_path) == 2
    page.write_text("```console\n$ printf 'one\\ntwo  three\\n'\none\n...\ntwo thr...\n```\n")
    assert run_page(page, tmp_path) == 1
    for text in ("$ false", "$ printf 'one\\ntwo\\n'\ntwo\none", "$ echo one\ntwo"):
        page.write_text(f"```console\n{text}\n```\n")
        with pytest.raises(AssertionError, match=r"page\.md:1"):
            run_page(page, tmp_path)
    page.write_text("<!-- test: exit 3 -->\n```console\n$ exit 3\n```\n")
    assert run_page(page, tmp_path) == 1


def test_every_console_block_of_the_site_is_run() -> None:
    """A page that shows a prompt is one that a test runs; other pages have plain blocks."""
    run = {DOCS / "tutorial.md", *GUIDES}
    prompting = {
        path
        for path in DOCS.rglob("*.md")
        if "reference" not in path.parts
        and any(block.language == "console" and commands(block) for block in blocks(path.read_text(encoding="utf-8")))
    }
    assert prompting <= run
