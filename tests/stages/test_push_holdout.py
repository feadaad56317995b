"""A holdout of pre-labels on the real server: some tasks start blank, and `agree` reports what the pre-labels do."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldwire.agreement.prelabel_effect import EFFECT_ON_AGREEMENT, EFFECT_ON_LABELS
from goldwire.doccano.client import session
from goldwire.doccano.client.download import count_rows, download
from goldwire.doccano.export_rows import parse_export
from goldwire.doccano.ledger import read_pulls
from goldwire.errors import ConfigError, ConflictError
from goldwire.prelabeling.sources import read_prelabels
from goldwire.stages import agree, check, pull, push
from goldwire.workspace import jsonl, loading
from support import annotation_round, factories

TEXTS = [f"Head {number}\n\nAda Novak met the Rail Union." for number in range(10)]
NAMES = [(8, 17, "PER"), (26, 36, "ORG")]
FULL = [*NAMES, (0, 4, "ORG")]


def test_a_random_share_starts_blank_and_the_effect_is_reported(connected, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, TEXTS, people=2)
    space = trial.workspace
    with pytest.raises(ConfigError, match="without pre-labels"):
        push.run(space, batch="b01", holdout=0.3)
    gold = factories.article("Gold\n\nAda Novak and the Rail Union.", id="gold-000000000001", source="gold")
    factories.write_articles(space, [gold])
    jsonl.write(
        space.gold / "b00.jsonl",
        [factories.layer(gold, [(6, 15, "PER"), (24, 34, "ORG")], annotator="gold", batch="b00")],
    )
    report = push.run(space, batch="b01", prelabel="gazetteer", holdout=0.3)
    assert report.prelabels is not None
    assert (report.prelabels.planned, report.prelabels.holdout, report.prelabels.without) == (7, 3, 0)
    blank = {key for key, layer in read_prelabels(space, "b01").items() if layer.holdout}
    signed_in = session.connect(space)
    for annotator in report.annotators:
        project = annotator.project
        rows, _ = parse_export(download(signed_in, project, rows=count_rows(signed_in, project)))
        assert [row.gw_task_id for row in rows] == [task.id for task in trial.tasks]  # the order of the plan
        assert {row.gw_article_id for row in rows if not row.entities and row.gw_prelabels is None} == blank
        assert not any(row.worked_on for row in rows)
    again = push.run(space, batch="b01")
    assert not any(one.changed or one.added for one in again.annotators)
    assert again.prelabels == report.prelabels
    with pytest.raises(ConflictError, match="already pre-labelled with 3 articles in the holdout"):
        push.run(space, batch="b01", holdout=0.5)

    first, second = trial.people
    articles = [article for key, article in trial.articles.items() if key.startswith("wire")]
    layers = [factories.layer(article, NAMES, annotator=first) for article in articles]
    layers += [factories.layer(a, FULL if a.id in blank else NAMES, annotator=second) for a in articles]
    annotation_round.submit(trial, report, layers)
    assert not pull.run(space, batch="b01").findings
    pulled = loading.layers(space, "b01")
    assert {layer.article_id for layer in pulled if not layer.prelabels} == blank
    ticks = read_pulls(space, "b01", report.server)[first].ticked_at
    assert ticks.keys() == {task.id for task in trial.tasks}
    measured = agree.run(space, batch="b01", html=False)
    values = {value.name: value for value in measured.values}
    labels, agreement = values[EFFECT_ON_LABELS], values[EFFECT_ON_AGREEMENT]
    assert labels.value == pytest.approx(1 - 24 / 27)  # the holdout: 2 of 2 spans of the first, 2 of 3 of the second
    assert agreement.value == pytest.approx(1 - 12 / 15)
    assert labels.low < labels.value < labels.high
    assert agreement.low < agreement.value < agreement.high
    assert measured.prelabel_time is not None
    assert "time with pre-labels unknown" in measured.to_text()  # 3 tasks of the holdout are too few
    assert EFFECT_ON_AGREEMENT in measured.to_text()
    assert [
        finding.code for finding in check.run(space).findings if finding.code in ("agreement-stale", "prelabels-stale")
    ] == []
