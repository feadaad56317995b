"""Excluded articles are planned in no batch, and annotated ones cannot be excluded."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldwire.errors import ConfigError, ConflictError
from goldwire.sampling.options import SamplingOptions
from goldwire.stages import check, exclude, sample
from goldwire.workspace import loading
from support import factories


def test_an_excluded_article_is_left_out_until_that_is_taken_back(tmp_path: Path) -> None:
    workspace = factories.workspace(tmp_path / "w")
    made = [factories.article(f"Story {n}\n\nThe ferry of {n} is late again.", id=f"wire-{n:012x}") for n in range(3)]
    factories.write_articles(workspace, made)
    first = made[0].id
    for _ in range(2):
        report = exclude.run(workspace, article_id=first, reason="a  list")
    assert report.excluded == {first: "a list"}
    assert not [finding for finding in check.run(workspace).findings if "excluded" in finding.file]
    with pytest.raises(ConfigError, match="excluded"):
        sample.run(workspace, batch="b00", annotators=("A1",), options=SamplingOptions(overlap=1, articles=(first,)))
    planned = sample.run(workspace, batch="b01", annotators=("A1",), options=SamplingOptions(overlap=1))
    assert (planned.articles, planned.skipped) == (2, {"excluded": 1})
    with pytest.raises(ConflictError):
        exclude.run(workspace, article_id=made[1].id, reason="late")
    assert exclude.run(workspace, article_id=first, undo=True).excluded == {}
    assert not workspace.exclusions.exists()
    sample.run(workspace, batch="b02", annotators=("A1",), options=SamplingOptions(overlap=1, articles=(first,)))
    assert [task.article_id for task in loading.tasks(workspace, "b02")] == [first]


@pytest.mark.parametrize("options", [{"reason": "x", "article_id": "nosuch"}, {"undo": True}, {"reason": " "}])
def test_mistakes_change_nothing(tmp_path: Path, options: dict[str, object]) -> None:
    workspace = factories.workspace(tmp_path / "w")
    article = factories.article("Story\n\nThe ferry is late.", id="wire-000000000001")
    factories.write_articles(workspace, [article])
    with pytest.raises(ConfigError):
        exclude.run(workspace, **{"article_id": article.id, **options})
    assert not workspace.exclusions.exists()
