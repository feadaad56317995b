"""A batch of long articles in windows, on the real server."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from goldwire.doccano import project, sync
from goldwire.doccano.client import project_reader, session
from goldwire.doccano.export_rows import parse_export
from goldwire.doccano.task_view import render_task
from goldwire.records import AnnotationLayer, Article, text_digest
from goldwire.stages import adjudicate, agree, check, pull, push, status
from goldwire.workspace import loading
from support import annotation_round, factories
from support.annotation_round import AnnotationRound

TEXT = """\
Ferry row \N{GRINNING FACE}\N{GRINNING FACE} grows

Ada Lind praised the Quay Guild \N{PARTY POPPER} on Monday.

The Quay Guild shrugged.

Bo Marsk \N{PILE OF POO} attacked Ada Lind."""
LABELS = {"Ada Lind": "PER", "Bo Marsk": "PER", "Quay Guild": "ORG"}


def marked(article: Article, annotator: str) -> AnnotationLayer:
    """Every name marked; the first window has a stance, the second one and one of the article's own voice."""
    found = re.finditer("|".join(LABELS), article.text)
    spans = [(*match.span(), LABELS[match[0]]) for match in found]
    stances = [(0, 1, "supports"), (3, 4, "opposes"), (None, 4, "supports")] if len(spans) == 5 else []
    return factories.layer(article, spans, stances, annotator=annotator)


def planned(folder: Path) -> AnnotationRound:
    return annotation_round.plan(
        folder, [TEXT, "Short\n\nBo Marsk left."], people=2, window_unit="paragraphs", window_size=2, window_context=1
    )


def examples(of: AnnotationRound, where: int) -> dict[str, int]:
    rows = session.connect(of.workspace).http.pages(f"projects/{where}/examples")
    return {row["meta"]["gw_task_id"]: row["id"] for row in rows}


def test_labels_in_windows_come_back_as_one_layer_per_article(connected, tmp_path: Path) -> None:
    of = planned(tmp_path)
    parts = TEXT.split("\n\n")
    asked = {TEXT[slice(*task.window)]: task.context for task in of.tasks if task.article_id.endswith("1")}
    assert set(asked) == {"\n\n".join(parts[:2]), "\n\n".join(parts[2:])}
    assert {TEXT[slice(*(shown or ()))] for shown in asked.values()} == {"\n\n".join(parts[:3]), "\n\n".join(parts[1:])}
    assert [(task.window[0], task.context) for task in of.tasks if task.article_id.endswith("2")] == [(0, None)]
    report = push.run(of.workspace, batch="b01")
    assert (
        "▼ ▼ ▼ ▼ ▼" in session.connect(of.workspace).http.get(f"projects/{report.annotators[0].project}")["guideline"]
    )
    assert not push.run(of.workspace, batch="b01").annotators[0].changed
    wanted = [marked(article, name) for name in of.people for article in of.articles.values()]
    annotation_round.submit(of, report, wanted)
    pulled = pull.run(of.workspace, batch="b01")
    assert not pulled.findings
    assert [(annotator.tasks, annotator.done, annotator.started) for annotator in pulled.annotators] == [(3, 3, 0)] * 2
    assert list(loading.layers(of.workspace, "b01")) == wanted
    assert not any(annotator.changed for annotator in pull.run(of.workspace, batch="b01").annotators)
    assert agree.run(of.workspace, batch="b01", html=False).articles == 2
    shown = status.run(of.workspace, batch="b01")
    assert (shown.done, shown.pulled) == (6, 6)
    coverage = {"layer-missing", "overlap-uneven", "span-outside-window", "task-window", "span-text-mismatch"}
    assert not coverage & {finding.code for finding in check.run(of.workspace).findings}


def test_part_of_an_article_is_a_layer_that_is_not_confirmed(connected, tmp_path: Path) -> None:
    of = planned(tmp_path)
    report = push.run(of.workspace, batch="b01")
    where = report.annotators[0].project
    first = next(task for task in of.tasks if task.window[0] == 0 and task.context)
    signed_in = session.connect(of.workspace)
    signed_in.http.post(f"projects/{where}/examples/{examples(of, where)[first.id]}/states")
    one = pull.run(of.workspace, batch="b01").annotators[0]
    assert (one.tasks, one.done, one.started) == (3, 1, 0)
    (layer,) = loading.layers(of.workspace, "b01")
    assert (layer.article_id, layer.confirmed, layer.spans) == (first.article_id, False, ())
    assert status.run(of.workspace, batch="b01").pulled == 1


def test_a_label_in_the_context_is_a_finding_and_is_left_out(connected, tmp_path: Path) -> None:
    of = planned(tmp_path)
    report = push.run(of.workspace, batch="b01")
    where, signed_in = report.annotators[0].project, session.connect(of.workspace)
    second = next(task for task in of.tasks if task.window[0])
    label = signed_in.client.list_label_types(where, "span")[0].id
    example, text = examples(of, where)[second.id], render_task(second, of.articles[second.article_id]).text
    for name in ("Ada Lind praised", "Bo Marsk"):
        start = len(text[: text.index(name)].encode("utf-16-le")) // 2
        signed_in.client.create_span(where, example, start, start + 8, label)
    pulled = pull.run(of.workspace, batch="b01")
    assert [(finding.code, finding.item) for finding in pulled.findings] == [("server-span-in-context", second.id)]
    (layer,) = loading.layers(of.workspace, "b01")
    assert [span.text for span in layer.spans] == ["Bo Marsk"]


def test_an_expert_gets_the_whole_article(connected, tmp_path: Path) -> None:
    of = planned(tmp_path)
    report = push.run(of.workspace, batch="b01")
    one, two = (marked(of.articles["wire-000000000001"], name) for name in of.people)
    annotation_round.submit(of, report, [one, msgspec.structs.replace(two, stances=two.stances[1:])])
    pull.run(of.workspace, batch="b01")
    expert = f"E{int(text_digest(str(tmp_path))[:8], 16)}"
    pushed = adjudicate.push(of.workspace, batch="b01", expert=expert).push
    assert pushed is not None
    assert (pushed.articles, pushed.added) == (1, 1)
    signed_in = session.connect(of.workspace)
    (found,) = project.find_projects(signed_in, project.project_marker(of.workspace.settings.name, "b01", expert))
    (row,), _ = parse_export(project_reader.read_project(signed_in, found.id).data())
    assert (row.text, len(row.entities)) == (TEXT, 6)  # the article's own voice, too
    brought = adjudicate.pull(of.workspace, batch="b01", expert=expert).pull
    assert brought is not None
    assert (brought.decided_articles, brought.open_articles) == (0, ("wire-000000000001",))


def test_a_server_that_others_run_does_as_well(connected, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sync, project_reader, push, pull, status):
        monkeypatch.setattr(module, "fetch_state", lambda *given, **options: None)
    of = planned(tmp_path)
    report = push.run(of.workspace, batch="b01")
    assert [annotator.added for annotator in push.run(of.workspace, batch="b01").annotators] == [0, 0]
    wanted = marked(of.articles["wire-000000000001"], of.people[0])
    annotation_round.submit(of, report, [wanted])
    assert not pull.run(of.workspace, batch="b01").findings
    assert loading.layers(of.workspace, "b01") == (wanted,)
    assert status.run(of.workspace, batch="b01").done == 2
