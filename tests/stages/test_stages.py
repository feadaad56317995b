"""The order of the stages: one writer per path, and nothing is read before it is written."""

from __future__ import annotations

from importlib import import_module

import pytest

from goldwire.stages import BY_HAND, STAGES
from support.paths import REPOSITORY


def flow_table() -> str:
    """Return the stages as the Markdown table of docs/architecture.md."""
    rows = ["| stage | what it does | reads | writes |", "|---|---|---|---|"]
    for stage in STAGES:
        reads, writes = (
            ", ".join(f"`{p}`" if "/" in p or "." in p else p for p in ps) for ps in (stage.reads, stage.writes)
        )
        rows.append(f"| `{stage.name}` | {stage.summary} | {reads} | {writes or 'nothing'} |")
    return "\n".join(rows)


def test_each_path_has_one_writer():
    written = [path for stage in STAGES for path in stage.writes]
    assert len(written) == len(set(written))


def test_every_input_is_written_by_an_earlier_stage_or_a_person():
    known = set(BY_HAND) | {"everything"}
    for stage in STAGES:
        assert set(stage.reads) <= known, stage.name
        known |= set(stage.writes)


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_each_stage_is_a_module_with_run(stage):
    assert callable(import_module(f"goldwire.stages.{stage.name}").run)


def test_the_architecture_page_has_the_current_table():
    assert flow_table() in (REPOSITORY / "docs/architecture.md").read_text(encoding="utf-8")
