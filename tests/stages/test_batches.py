"""The list of batches counts what the files of the workspace hold."""

from pathlib import Path

import pytest

from goldwire.stages import adjudicate, batches
from goldwire.workspace import jsonl
from goldwire.workspace.layout import Workspace
from support import factories


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    workspace = factories.workspace(tmp_path / "w")
    articles = [
        factories.article(f"Ada Novak met {name}.", id=f"wire-{n:012d}") for n, name in enumerate(("Ben", "Cleo"))
    ]
    factories.write_articles(workspace, articles)
    factories.write_tasks(workspace, "b01", articles, ("A1", "A2"))
    factories.write_tasks(workspace, "b02", articles[:1], ("A1",))
    for name in ("A1", "A2"):
        layers = [factories.layer(article, [(0, 9, "PER")], annotator=name) for article in articles]
        jsonl.write(workspace.layers / "b01" / f"{name}.jsonl", layers)
    return workspace


def test_every_batch_is_listed_with_its_counts(space: Workspace) -> None:
    adjudicate.run(space, batch="b01")
    assert batches.run(space).batches == (
        batches.BatchSummary(
            batch="b01",
            kind="entities",
            articles=2,
            tasks=4,
            annotators=("A1", "A2"),
            pulled_layers=4,
            confirmed_layers=4,
            has_gold=True,
        ),
        batches.BatchSummary(
            batch="b02",
            kind="entities",
            articles=1,
            tasks=1,
            annotators=("A1",),
            pulled_layers=0,
            confirmed_layers=0,
            has_gold=False,
        ),
    )


def test_an_empty_workspace_says_how_to_plan_a_batch(tmp_path: Path) -> None:
    workspace = factories.workspace(tmp_path / "w")
    assert batches.run(workspace).to_text() == "no batches yet: `goldwire sample BATCH --annotators A1,A2` plans one"
