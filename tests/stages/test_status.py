"""The status of a batch on the real server, as text and as a page."""

from __future__ import annotations

import threading
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

import pytest

from goldwire.errors import GoldwireError
from goldwire.report import dashboard
from goldwire.stages import agree, check, pull, push, status
from support import annotation_round, factories
from support.annotation_round import AnnotationRound

TEXTS = [f"Headline {i}\n\nAda Novak met the Rail Union." for i in range(4)]


@pytest.fixture
def half_done(connected, tmp_path: Path) -> AnnotationRound:
    """Two annotators: one has done two tasks and started a third, the other has done one; they disagree on a label."""
    trial = annotation_round.plan(tmp_path, TEXTS, people=2)
    one, other = trial.people
    articles = [trial.articles[task.article_id] for task in trial.tasks]
    layers = [
        factories.layer(articles[0], [(12, 21, "PER"), (30, 40, "ORG")], annotator=one),
        factories.layer(articles[1], [(12, 21, "PER")], annotator=one),
        factories.layer(articles[2], [(12, 21, "PER")], annotator=one, confirmed=False),
        factories.layer(articles[0], [(12, 21, "PER"), (30, 40, "PER")], annotator=other),
    ]
    annotation_round.submit(trial, push.run(trial.workspace, batch="b01"), layers)
    return trial


def test_status_counts_the_current_rows_of_the_server(half_done: AnnotationRound) -> None:
    report = status.run(half_done.workspace, batch="b01")
    assert [(annotator.done, annotator.started, annotator.left) for annotator in report.annotators] == [
        (2, 1, 2),
        (1, 0, 3),
    ]
    assert (report.done, report.tasks) == (3, 8)
    # No estimate from the first minute of work.
    assert [(annotator.per_day, annotator.days_left) for annotator in report.annotators] == [(None, None)] * 2
    assert [annotator.work.hours_left for annotator in report.annotators] == [None, None]
    assert report.annotators[0].work.minutes is not None
    assert report.annotators[1].work.minutes is None
    assert any("goldwire pull b01" in step for step in report.steps)
    assert report.annotators[0].address is not None
    assert report.annotators[0].address.endswith("page=3")
    assert not report.agreement
    assert not report.top_disagreements


def test_agreement_and_disagreements_are_those_of_the_last_pull(half_done: AnnotationRound) -> None:
    pull.run(half_done.workspace, batch="b01")
    before = sorted(path for path in half_done.workspace.root.rglob("*") if path.name != "lock")
    report = status.run(half_done.workspace, batch="b01")
    (exact,) = [value for value in report.agreement if value.coefficient == "span_f1_exact"]
    assert (exact.value, exact.n_raters) == (0.5, 2)
    assert {disagreement.label for disagreement in report.top_disagreements} == {"ORG", "PER"}
    assert all(disagreement.address is not None for disagreement in report.top_disagreements)
    assert {disagreement.title for disagreement in report.top_disagreements} == {"Headline 0"}
    assert report.annotators[0].minutes_per_label is not None
    assert report.pulled == report.done
    assert sorted(path for path in half_done.workspace.root.rglob("*") if path.name != "lock") == before


def test_agree_reports_the_pace_of_the_last_pull(half_done: AnnotationRound) -> None:
    pull.run(half_done.workspace, batch="b01")
    report = agree.run(half_done.workspace, batch="b01")
    one, other = half_done.people
    assert report.pace == {one: 2.0, other: 1.0}
    assert f"tasks per working day: {one} 2, {other} 1" in report.to_text().splitlines()
    assert report.html is not None
    page = (half_done.workspace.root / report.html).read_text(encoding="utf-8")
    assert "2 tasks per working day" in page
    assert "1 task per working day" in page
    assert not any(annotator.changed for annotator in pull.run(half_done.workspace, batch="b01").annotators)
    assert agree.run(half_done.workspace, batch="b01").pace == report.pace
    # One tick has no tick before it, so that only the annotator of two has a time.
    assert report.minutes_per_task.keys() == report.minutes_per_label.keys() == {one}
    assert "minutes per task and" in page
    # On another machine the times stay: they are in the file, and `check` accepts them.
    copy = factories.copy_workspace(half_done.workspace, half_done.workspace.root.parent / "copy")
    again = agree.run(copy, batch="b01")
    assert again.minutes_per_task == report.minutes_per_task
    assert again.pace == {}
    assert "agreement-stale" not in {finding.code for finding in check.run(copy).findings}


def test_a_batch_that_was_never_pushed_is_an_error(connected, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, TEXTS)
    with pytest.raises(GoldwireError):
        status.run(trial.workspace, batch="b01")


def ask(address: str, **headers: str) -> str:
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=10) as answer:
        return answer.read().decode()


def test_the_page_shows_the_status_and_answers_to_its_own_host_name_only(half_done: AnnotationRound) -> None:
    shown = dashboard.open_board(lambda: status.run(half_done.workspace, batch="b01"))
    threading.Thread(target=shown.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{shown.server_port}/"
    try:
        page = ask(address)
        assert f">{half_done.people[0]}</a>" in page
        assert "3 of 8" in page
        assert "data-refresh" in page
        for path, host in (("", "elsewhere.example"), ("other", f"127.0.0.1:{shown.server_port}")):
            with pytest.raises(HTTPError):
                ask(address + path, Host=host)
    finally:
        shown.shutdown()
        shown.server_close()


def test_values_from_the_server_are_escaped_on_the_page() -> None:
    one = status.AnnotatorStatus(
        annotator="<b>A1</b>",
        tasks=1,
        done=0,
        started=0,
        left=1,
        per_day=None,
        days_left=None,
        last_done=None,
        address="javascript:alert(1)",
    )
    report = status.StatusReport(
        batch="b01", server="http://x", done=0, tasks=1, annotators=(one,), agreement=(), top_disagreements=()
    )
    page = dashboard.render(report)
    assert "<b>" not in page
    assert "javascript" not in page
