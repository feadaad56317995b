"""Pre-labels on the real server: imported once, changed by annotators, and compared with the labels that come back."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from goldwire.doccano import conversion, export_rows, project, sync
from goldwire.doccano.client import project_reader, session
from goldwire.doccano.client.download import count_rows, download
from goldwire.doccano.client.upload import upload
from goldwire.errors import GoldwireError
from goldwire.prelabeling import gazetteer, ner_models, sources
from goldwire.records import AnnotationLayer, Article, Prelabels, StanceLabel
from goldwire.stages import pull, push, status
from goldwire.workspace import jsonl, label_schema, loading
from support import annotation_round, factories
from support.annotation_round import AnnotationRound

# Doccano counts UTF-16 units, so an emoji shifts its offsets.
TEXTS = [
    "Head \N{GRINNING FACE}\n\nAda Novak met the Rail Union.",
    "Second\n\nThe Rail Union wrote to Ada Novak.",
    "Third\n\nIt rained.",
]
GOLD = "Gold\n\nAda Novak and the Rail Union."


class PrelabelledBatch(NamedTuple):
    """A batch that was pushed with a gazetteer of one gold article."""

    trial: AnnotationRound
    report: push.PushReport
    signed_in: session.Session

    @property
    def where(self) -> int:
        return self.report.annotators[0].project

    def rows(self) -> dict[str, export_rows.Row]:
        """Return rows by the article's number."""
        data = download(self.signed_in, self.where, rows=count_rows(self.signed_in, self.where))
        return {str(row.gw_article_id)[-1]: row for row in export_rows.parse_export(data)[0]}

    def labels(self) -> dict[str, list[tuple[str, str]]]:
        return {
            key: sorted(
                (_slice(str(row.text), entity.start_offset, entity.end_offset), entity.label) for entity in row.entities
            )
            for key, row in self.rows().items()
        }

    def tick(self, number: str) -> None:
        self.signed_in.http.post(f"projects/{self.where}/examples/{self.rows()[number].id}/states")

    def push(self, **arguments: str) -> push.PushReport:
        return push.run(self.trial.workspace, batch="b01", **arguments)

    def pull(self) -> dict[str, AnnotationLayer]:
        assert not pull.run(self.trial.workspace, batch="b01").findings
        return {layer.article_id[-1]: layer for layer in loading.layers(self.trial.workspace, "b01")}

    def span(self, number: str, label: str) -> str:
        """Return the path of one of an article's spans."""
        row = self.rows()[number]
        return f"projects/{self.where}/examples/{row.id}/spans/{next(e.id for e in row.entities if e.label == label)}"


def _slice(text: str, start: int, end: int) -> str:
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


def planned(folder: Path, *, people: int = 1) -> AnnotationRound:
    """Plan a batch of three articles; there is gold for a fourth."""
    trial = annotation_round.plan(folder, TEXTS, people=people)
    article = factories.article(GOLD, id="gold-000000000001", source="gold")
    factories.write_articles(trial.workspace, [article])
    names = [(6, 15, "PER"), (24, 34, "ORG")]
    jsonl.write(trial.workspace.gold / "b00.jsonl", [factories.layer(article, names, annotator="gold", batch="b00")])
    return trial


@pytest.fixture
def prelabelled_batch(connected, tmp_path: Path) -> PrelabelledBatch:
    trial = planned(tmp_path)
    report = push.run(trial.workspace, batch="b01", prelabel="gazetteer")
    return PrelabelledBatch(trial, report, session.connect(trial.workspace))


NAMES = [("Ada Novak", "PER"), ("Rail Union", "ORG")]


def test_tasks_start_with_the_names_of_the_gazetteer(prelabelled_batch: PrelabelledBatch) -> None:
    assert prelabelled_batch.labels() == {"1": NAMES, "2": NAMES, "3": []}
    assert prelabelled_batch.report.to_text().splitlines()[0] == "gazetteer suggests 4 labels in 2 of 3 articles"
    assert prelabelled_batch.push().annotators[0].changed is False
    assert prelabelled_batch.labels() == {"1": NAMES, "2": NAMES, "3": []}


def decided(trial: AnnotationRound, source: str) -> dict[str, AnnotationLayer]:
    """Return the labels that `source` suggests, by the article's number."""
    space = trial.workspace
    found = sources.suggest_labels(
        sources.PrelabelRequest(
            workspace=space,
            batch="b01",
            tasks=trial.tasks,
            articles=trial.articles,
            schema=label_schema.read_schema(space.schema),
            versions=("1.0", "1.0"),
        ),
        source,
    )
    return {key[-1]: layer for key, layer in found.items()}


def by_name(article: Article, annotator: str) -> AnnotationLayer:
    """Return a layer of batch s01, which asks only for the stance to a target."""
    stance = StanceLabel(id="R1", holder=None, target_name="Ada Novak", stance="supports")
    return msgspec.structs.replace(factories.layer(article, annotator=annotator, batch="s01"), stances=(stance,))


def test_articles_with_gold_stances_only_do_not_count_as_unlabelled(tmp_path: Path) -> None:
    trial = planned(tmp_path)
    other = factories.article(
        "Other\n\nAda Novak, Ada Novak and the Rail Union.", id="other-000000000001", source="other"
    )
    factories.write_articles(trial.workspace, [other])
    jsonl.write(trial.workspace.gold / "s01.jsonl", [by_name(other, "gold")])
    assert {key: len(layer.spans) for key, layer in decided(trial, "gazetteer").items()} == {"1": 2, "2": 2, "3": 0}


@pytest.mark.parametrize("source", ["layer:gold", "layer:M1"])
def test_a_layer_with_stances_to_targets_does_not_hide_an_earlier_layer(tmp_path: Path, source: str) -> None:
    trial = planned(tmp_path)
    first, name = (
        next(article for article in trial.articles.values() if article.text == TEXTS[0]),
        source.removeprefix("layer:"),
    )
    start = first.text.index("Ada Novak")
    for batch, layer in (
        ("a01", factories.layer(first, [(start, start + 9, "PER")], annotator=name, batch="a01")),
        ("s01", by_name(first, name)),
    ):
        folder = trial.workspace.gold if name == "gold" else trial.workspace.layers / batch
        jsonl.write(folder / f"{batch if name == 'gold' else name}.jsonl", [layer])
    assert [span.text for span in decided(trial, source)[first.id[-1]].spans] == ["Ada Novak"]


def test_the_source_names_a_models_folder_without_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trial = planned(tmp_path)
    names = gazetteer.Gazetteer({"Ada Novak": "PER"}, {"Ada": (9,)})  # in place of a model
    monkeypatch.setattr(
        ner_models, "load_recognizer", lambda *_: lambda texts: (list(names.find(text)) for text in texts)
    )
    layers = decided(trial, f"model:{tmp_path / 'names'}")
    assert {layer.annotator for layer in layers.values()} == {"model:names"}
    assert {key: len(layer.spans) for key, layer in layers.items()} == {"1": 1, "2": 1, "3": 0}
    assert str(tmp_path) not in trial.workspace.prelabels_file("b01").read_text()
    assert decided(trial, f"model:{tmp_path / 'names'}") == layers


def test_prelabels_alone_are_not_a_layer_and_not_a_started_task(prelabelled_batch: PrelabelledBatch) -> None:
    report = pull.run(prelabelled_batch.trial.workspace, batch="b01")
    assert (report.annotators[0].done, report.annotators[0].started) == (0, 0)
    assert not report.findings
    assert loading.layers(prelabelled_batch.trial.workspace, "b01") == ()
    assert [
        (annotator.done, annotator.started)
        for annotator in status.run(prelabelled_batch.trial.workspace, batch="b01").annotators
    ] == [(0, 0)]


def test_a_layer_records_accepted_changed_and_dropped_prelabels(prelabelled_batch: PrelabelledBatch) -> None:
    annotator = annotation_round.sign_in(
        prelabelled_batch.trial, prelabelled_batch.trial.people[0], prelabelled_batch.report.server
    )
    annotator.http.delete(prelabelled_batch.span("1", "PER"))
    types = {label.text: label.id for label in annotator.client.list_label_types(prelabelled_batch.where, "span")}
    annotator.client.create_span(prelabelled_batch.where, prelabelled_batch.rows()["1"].id, 0, 4, types["PER"])
    annotator.http.patch(prelabelled_batch.span("2", "PER"), {"label": types["ORG"]})
    prelabelled_batch.tick("2")
    prelabelled_batch.tick("3")
    found = prelabelled_batch.pull()
    assert {key: (layer.confirmed, layer.prelabels) for key, layer in found.items()} == {
        "1": (False, Prelabels(source="gazetteer", accepted=("T2",), changed=(), dropped_spans=1, dropped_stances=0)),
        "2": (
            True,
            Prelabels(source="gazetteer", accepted=("T1",), changed=("T2",), dropped_spans=0, dropped_stances=0),
        ),
        "3": (True, Prelabels(source="gazetteer", accepted=(), changed=(), dropped_spans=0, dropped_stances=0)),
    }
    assert [
        (annotator.done, annotator.started)
        for annotator in status.run(prelabelled_batch.trial.workspace, batch="b01").annotators
    ] == [(2, 1)]


def test_prelabels_that_were_ticked_done_unchanged_are_all_accepted(prelabelled_batch: PrelabelledBatch) -> None:
    prelabelled_batch.tick("1")
    (layer,) = prelabelled_batch.pull().values()
    assert layer.confirmed
    assert layer.prelabels == Prelabels(
        source="gazetteer", accepted=("T1", "T2"), changed=(), dropped_spans=0, dropped_stances=0
    )


def test_a_deleted_prelabel_is_never_restored(prelabelled_batch: PrelabelledBatch) -> None:
    annotator = annotation_round.sign_in(
        prelabelled_batch.trial, prelabelled_batch.trial.people[0], prelabelled_batch.report.server
    )
    annotator.http.delete(prelabelled_batch.span("1", "PER"))
    annotator.http.delete(prelabelled_batch.span("2", "PER"))
    annotator.http.delete(prelabelled_batch.span("2", "ORG"))
    wanted = {"1": NAMES[1:], "2": [], "3": []}
    (prelabelled_batch.trial.workspace.guidelines).write_text(
        "# Guidelines\n\nVersion: 2.0\n"
    )  # so that the project is compared
    for source in ({}, {"prelabel": "gazetteer"}):
        prelabelled_batch.push(**source)
        assert prelabelled_batch.labels() == wanted
    shutil.rmtree(prelabelled_batch.trial.workspace.private / "ledger")
    prelabelled_batch.push()
    assert prelabelled_batch.labels() == wanted


def test_untouched_copies_are_removed_and_the_annotators_copy_stays(prelabelled_batch: PrelabelledBatch) -> None:
    annotator = annotation_round.sign_in(
        prelabelled_batch.trial, prelabelled_batch.trial.people[0], prelabelled_batch.report.server
    )
    annotator.http.delete(prelabelled_batch.span("1", "PER"))
    prelabelled_batch.tick("2")
    tasks, articles = prelabelled_batch.trial.tasks, prelabelled_batch.trial.articles
    prelabels = sources.read_prelabels(prelabelled_batch.trial.workspace, "b01")
    labels = conversion.prelabels_to_doccano(prelabels, tasks, articles, "VOICE")
    copies = [conversion.import_line(task, articles[task.article_id], labels[task.id]) for task in tasks]
    for _ in range(2):
        upload(prelabelled_batch.signed_in, prelabelled_batch.where, copies)
    report = prelabelled_batch.push()
    assert (report.annotators[0].removed, report.findings) == (6, ())
    assert prelabelled_batch.labels() == {"1": NAMES[1:], "2": NAMES, "3": []}
    assert set(prelabelled_batch.pull()) == {"1", "2"}


def test_push_to_a_server_without_a_state_page_has_the_same_result(
    prelabelled_batch: PrelabelledBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (project_reader, sync, push, pull):
        monkeypatch.setattr(module, "fetch_state", lambda *arguments, **options: None)
    assert not prelabelled_batch.push().annotators[0].changed
    annotator = annotation_round.sign_in(
        prelabelled_batch.trial, prelabelled_batch.trial.people[0], prelabelled_batch.report.server
    )
    annotator.http.delete(prelabelled_batch.span("1", "PER"))
    assert not prelabelled_batch.push().annotators[0].changed
    assert set(prelabelled_batch.pull()) == {"1"}
    assert prelabelled_batch.labels() == {"1": NAMES[1:], "2": NAMES, "3": []}


def test_prelabels_stay_the_same_when_gold_grows(prelabelled_batch: PrelabelledBatch) -> None:
    before = prelabelled_batch.trial.workspace.prelabels_file("b01").read_bytes()
    shutil.rmtree(prelabelled_batch.trial.workspace.gold)
    prelabelled_batch.signed_in.client.delete_example(prelabelled_batch.where, prelabelled_batch.rows()["2"].id)
    assert prelabelled_batch.push(prelabel="gazetteer").annotators[0].added == 1
    assert prelabelled_batch.labels() == {"1": NAMES, "2": NAMES, "3": []}
    assert prelabelled_batch.trial.workspace.prelabels_file("b01").read_bytes() == before


def test_another_source_is_refused(prelabelled_batch: PrelabelledBatch) -> None:
    with pytest.raises(GoldwireError, match="already pre-labelled by gazetteer"):
        prelabelled_batch.push(prelabel="layer:A9")


def test_existing_tasks_get_no_prelabels(connected, tmp_path: Path) -> None:
    trial = planned(tmp_path)
    push.run(trial.workspace, batch="b01")
    prelabelled_batch = PrelabelledBatch(
        trial, push.run(trial.workspace, batch="b01", prelabel="gazetteer"), session.connect(trial.workspace)
    )
    assert prelabelled_batch.labels() == {"1": [], "2": [], "3": []}
    prelabelled_batch.tick("1")
    assert b"prelabels" not in jsonl.dump(prelabelled_batch.pull().values())


def suggested(report: push.PushReport) -> tuple[int, int, int, int]:
    """Return the summary's counts: labels, articles with labels, planned articles, and tasks without prelabels."""
    assert report.prelabels is not None
    return report.prelabels.labels, report.prelabels.articles, report.prelabels.planned, report.prelabels.without


@pytest.mark.parametrize("has_state_page", [True, False])
def test_the_summary_counts_tasks_that_start_with_prelabels(
    connected, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_state_page: bool
) -> None:
    for module in () if has_state_page else (project_reader, sync, push, pull):
        monkeypatch.setattr(module, "fetch_state", lambda *arguments, **options: None)
    trial = planned(tmp_path, people=2)
    push.run(trial.workspace, batch="b01")
    prelabelled_batch = PrelabelledBatch(
        trial, push.run(trial.workspace, batch="b01", prelabel="gazetteer"), session.connect(trial.workspace)
    )
    assert suggested(prelabelled_batch.report) == (0, 0, 3, 6)
    assert any(
        "no suggestions for 6 tasks on the server before" in line
        for line in prelabelled_batch.report.to_text().splitlines()
    )
    assert suggested(prelabelled_batch.push()) == (0, 0, 3, 6)
    prelabelled_batch.signed_in.client.delete_example(
        prelabelled_batch.where, prelabelled_batch.rows()["1"].id
    )  # as its hint says
    for _ in range(2):
        assert suggested(prelabelled_batch.push()) == (2, 1, 3, 5)
    assert prelabelled_batch.labels() == {"1": NAMES, "2": [], "3": []}
    for one in prelabelled_batch.report.annotators:
        prelabelled_batch.signed_in.client.delete_project(one.project)
    for _ in range(2):
        again = prelabelled_batch.push()
        assert suggested(again) == (4, 2, 3, 0)
        assert not any("on the server before" in line for line in again.to_text().splitlines())


def test_unknown_prelabels_are_reported(prelabelled_batch: PrelabelledBatch) -> None:
    prelabelled_batch.tick("1")
    prelabelled_batch.trial.workspace.prelabels_file("b01").unlink()
    report = pull.run(prelabelled_batch.trial.workspace, batch="b01")
    assert [finding.code for finding in report.findings] == ["server-prelabels-unknown"]
    assert loading.layers(prelabelled_batch.trial.workspace, "b01") == ()


def test_a_layer_as_source_includes_its_stances(connected, tmp_path: Path) -> None:
    trial = planned(tmp_path)
    article = trial.articles["wire-000000000001"]
    names = [(8, 17, "PER"), (26, 36, "ORG")]
    former = factories.layer(article, names, [(0, 1, "supports"), (None, 0, "opposes")], annotator="A9", batch="b00")
    jsonl.write(trial.workspace.layers / "b00" / "A9.jsonl", [former])
    prelabelled_batch = PrelabelledBatch(
        trial, push.run(trial.workspace, batch="b01", prelabel="layer:A9"), session.connect(trial.workspace)
    )
    assert prelabelled_batch.labels()["1"] == [NAMES[0], ("Head", "VOICE"), NAMES[1]]
    assert sorted(relation.type for relation in prelabelled_batch.rows()["1"].relations) == ["opposes", "supports"]
    assert pull.run(trial.workspace, batch="b01").annotators[0].started == 0
    prelabelled_batch.tick("1")
    (layer,) = prelabelled_batch.pull().values()
    assert (layer.spans, layer.stances) == (former.spans, former.stances)
    assert layer.prelabels == Prelabels(
        source="layer:A9", accepted=("T1", "T2", "R1", "R2"), changed=(), dropped_spans=0, dropped_stances=0
    )


@pytest.mark.parametrize("source", ["", "crystal", "layer", "layer:A7", "model", "model:no_such_model", "gazetteer:x"])
def test_a_missing_source_is_a_one_line_error_and_nothing_is_pushed(connected, tmp_path: Path, source: str) -> None:
    trial = planned(tmp_path)
    with pytest.raises(GoldwireError):
        push.run(trial.workspace, batch="b01", prelabel=source)
    assert not trial.workspace.prelabels.exists()
    assert not project.find_projects(
        session.connect(trial.workspace), project.project_marker(trial.workspace.settings.name, "b01", trial.people[0])
    )


def test_the_gazetteer_ignores_gold_of_the_same_batch(connected, tmp_path: Path) -> None:
    trial = planned(tmp_path)
    own = factories.layer(trial.articles["wire-000000000001"], [(8, 17, "PER")], annotator="gold")
    jsonl.write(trial.workspace.gold / "b00.jsonl", [own])
    with pytest.raises(GoldwireError, match="no gold"):
        push.run(trial.workspace, batch="b01", prelabel="gazetteer")


def _push(trial: AnnotationRound) -> None:
    push.run(trial.workspace, batch=trial.batch, prelabel="gazetteer")


def test_an_import_that_broke_off_before_its_labels_is_repeated(
    connected, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "_UNDER_WAY", 0)
    trial = planned(tmp_path)
    prelabelled_batch = PrelabelledBatch(
        trial, push.run(trial.workspace, batch="b01", prelabel="gazetteer"), session.connect(trial.workspace)
    )
    turn_out(prelabelled_batch)
    for label in ("PER", "ORG"):
        prelabelled_batch.signed_in.http.delete(prelabelled_batch.span("1", label))
    prelabelled_batch.signed_in.http.delete(
        prelabelled_batch.span("2", "ORG")
    )  # by a person: an aborted import has all spans or none
    assert prelabelled_batch.push().annotators[0].removed == 1
    assert prelabelled_batch.labels() == {"1": NAMES, "2": NAMES[:1], "3": []}


def test_the_work_of_a_removed_member_is_kept(
    prelabelled_batch: PrelabelledBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "_UNDER_WAY", 0)
    annotator = annotation_round.sign_in(
        prelabelled_batch.trial, prelabelled_batch.trial.people[0], prelabelled_batch.report.server
    )
    types = {label.text: label.id for label in annotator.client.list_label_types(prelabelled_batch.where, "span")}
    for label in ("PER", "ORG"):
        annotator.http.delete(prelabelled_batch.span("1", label))
        annotator.http.delete(prelabelled_batch.span("2", label))
    annotator.client.create_span(prelabelled_batch.where, prelabelled_batch.rows()["1"].id, 0, 4, types["PER"])
    prelabelled_batch.tick("2")
    before = {key: row.id for key, row in prelabelled_batch.rows().items()}
    turn_out(prelabelled_batch)
    prelabelled_batch.push()
    assert prelabelled_batch.labels() == {"1": [("Head", "PER")], "2": [], "3": []}
    assert {key: row.id for key, row in prelabelled_batch.rows().items()} == before


def turn_out(trial: PrelabelledBatch) -> None:
    """Remove the annotator from the project, as before the last step of a push."""
    member = next(
        member for member in trial.signed_in.client.list_members(trial.where) if member.rolename == project.ROLE
    )
    trial.signed_in.client.delete_member(trial.where, member.id)


def test_a_killed_or_simultaneous_push_uploads_each_label_once(connected, tmp_path: Path) -> None:
    trial = planned(tmp_path, people=2)
    elsewhere = trial._replace(workspace=factories.copy_workspace(trial.workspace, tmp_path / "elsewhere"))
    fork = multiprocessing.get_context("fork")
    processes = [fork.Process(target=_push, args=(one,)) for one in (trial, elsewhere)]
    for process in processes:
        process.start()
    time.sleep(0.4)
    os.kill(processes[0].pid or 0, signal.SIGKILL)
    for process in processes:
        process.join()
    report = push.run(trial.workspace, batch="b01", prelabel="gazetteer")
    signed_in = session.connect(trial.workspace)
    for one in report.annotators:
        found, _ = export_rows.parse_export(download(signed_in, one.project, rows=count_rows(signed_in, one.project)))
        assert Counter(str(row.gw_article_id)[-1] for row in found) == {"1": 1, "2": 1, "3": 1}
        assert sorted(len(row.entities) for row in found) == [0, 2, 2]
        assert not any(row.worked_on for row in found)
