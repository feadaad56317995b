"""Pulling from the real server: submitted labels come back, and problems are reported."""

from __future__ import annotations

import errno
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from unittest.mock import Mock

import msgspec
import pytest

from goldwire.doccano import project_pull, sync
from goldwire.doccano.client import download, jobs, project_reader, session
from goldwire.doccano.client.http import ConnectionLostError
from goldwire.errors import GoldwireError
from goldwire.records import AnnotationLayer, Article, text_digest
from goldwire.stages import pull, push
from goldwire.text import display_limits
from goldwire.workspace import jsonl, loading
from support import annotation_round, factories
from support.annotation_round import AnnotationRound

# Characters that browsers, JavaScript, JSON and databases count or draw differently, all before a name.
HARD = "Head \N{GRINNING FACE} 👩‍👩‍👧\n\nThe Cafe\u0301 said\r\nthat Ada Novak met the Rail Union \u200f\u202e<b>x</b>."


def spans_of(article: Article, *names: tuple[str, str]) -> list[tuple[int, int, str]]:
    return [(article.text.index(name), article.text.index(name) + len(name), label) for name, label in names]


class PulledBatch(NamedTuple):
    """Three articles: the first is labelled, the first two are ticked done, and all were pulled."""

    trial: AnnotationRound
    report: push.PushReport
    signed_in: session.Session

    @property
    def where(self) -> int:
        return self.report.annotators[0].project

    @property
    def layers(self) -> list[AnnotationLayer]:
        return list(loading.layers(self.trial.workspace, "b01"))

    def example(self, article: str) -> int:
        rows = self.signed_in.http.pages(f"projects/{self.where}/examples")
        return next(row["id"] for row in rows if row["meta"]["gw_article_id"] == article)


FIRST, SECOND = "wire-000000000001", "wire-000000000002"


def wanted_layers(trial: AnnotationRound) -> list[AnnotationLayer]:
    article, name = trial.articles[FIRST], trial.people[0]
    spans = spans_of(article, ("Ada Novak", "PER"), ("Rail Union", "ORG"), ("\N{GRINNING FACE} 👩‍👩‍👧", "ORG"))
    stances = [(0, 1, "supports"), (None, 1, "opposes"), (1, 0, "neutral")]
    return [
        factories.layer(article, spans, stances, annotator=name, comments=["Which union? \N{THINKING FACE}"]),
        factories.layer(trial.articles[SECOND], annotator=name),
    ]


@pytest.fixture
def pulled_batch(connected, tmp_path: Path) -> PulledBatch:
    trial = annotation_round.plan(tmp_path, [HARD, "Second\n\nBody.", "Third\n\nBody."])
    report = push.run(trial.workspace, batch="b01")
    annotation_round.submit(trial, report, wanted_layers(trial))
    pull.run(trial.workspace, batch="b01")
    return PulledBatch(trial, report, session.connect(trial.workspace))


def test_pull_returns_submitted_labels(pulled_batch: PulledBatch) -> None:
    assert pulled_batch.layers == wanted_layers(pulled_batch.trial)
    assert [span.text for span in pulled_batch.layers[0].spans] == [
        "\N{GRINNING FACE} 👩‍👩‍👧",
        "Ada Novak",
        "Rail Union",
    ]
    report = pull.run(pulled_batch.trial.workspace, batch="b01")
    assert not report.findings
    (one,) = report.annotators
    assert (one.tasks, one.done, one.started, one.carried_over) == (3, 2, 0, 0)


def test_submitting_twice_changes_nothing(pulled_batch: PulledBatch) -> None:
    annotation_round.submit(pulled_batch.trial, pulled_batch.report, wanted_layers(pulled_batch.trial))
    assert not pull.run(pulled_batch.trial.workspace, batch="b01").annotators[0].changed
    row = next(
        row
        for row in pulled_batch.signed_in.http.pages(f"projects/{pulled_batch.where}/examples")
        if row["is_confirmed"]
    )
    assert row["is_confirmed"]


def test_pulling_again_writes_nothing_and_pulling_from_scratch_writes_the_same(pulled_batch: PulledBatch) -> None:
    space = pulled_batch.trial.workspace
    files = [*space.layers.rglob("*.jsonl"), *space.exports.rglob("*.jsonl")]
    before = [(path, path.read_bytes(), path.stat().st_mtime_ns) for path in files]
    assert len(before) == 2
    assert not pull.run(space, batch="b01").annotators[0].changed
    assert [(path, path.read_bytes(), path.stat().st_mtime_ns) for path in files] == before
    shutil.rmtree(space.layers)
    shutil.rmtree(space.exports)
    assert pull.run(space, batch="b01").annotators[0].changed
    assert [(path, path.read_bytes()) for path in files] == [(path, data) for path, data, _ in before]


def test_a_new_order_of_rows_does_not_change_the_export(pulled_batch: PulledBatch) -> None:
    path = pulled_batch.trial.workspace.exports / "b01" / f"{pulled_batch.trial.people[0]}.jsonl"
    backwards = b"".join(line + b"\n" for line in reversed(path.read_bytes().splitlines()))
    path.write_bytes(backwards)
    assert not pull.run(pulled_batch.trial.workspace, batch="b01").annotators[0].changed
    assert path.read_bytes() == backwards


def test_started_tasks_are_pulled_unconfirmed_and_untouched_ones_are_not_pulled(connected, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, [HARD, "Second\n\nBody."])
    layer = factories.layer(trial.articles[FIRST], [(0, 4, "ORG")], annotator=trial.people[0], confirmed=False)
    annotation_round.submit(trial, push.run(trial.workspace, batch="b01"), [layer])
    (one,) = pull.run(trial.workspace, batch="b01").annotators
    assert (one.done, one.started) == (0, 1)
    assert loading.layers(trial.workspace, "b01") == (layer,)


def test_layers_keep_the_guidelines_version_that_they_were_made_under(pulled_batch: PulledBatch) -> None:
    trial = pulled_batch.trial
    trial.workspace.guidelines.write_text("# Guidelines\n\nVersion: 2.0\n")
    assert [layer.guidelines_version for layer in pulled_batch.layers] == ["1.0", "1.0"]
    pull.run(trial.workspace, batch="b01")  # the annotator still sees 1.0
    push.run(trial.workspace, batch="b01")
    later = factories.layer(trial.articles[SECOND], [(0, 6, "ORG")], annotator=trial.people[0])
    annotation_round.submit(trial, pulled_batch.report, [later])
    pull.run(trial.workspace, batch="b01")
    assert [layer.guidelines_version for layer in pulled_batch.layers] == ["1.0", "2.0"]


def edit_text(trial: PulledBatch) -> None:
    trial.signed_in.http.patch(f"projects/{trial.where}/examples/{trial.example(FIRST)}", {"text": "Another text."})


def span_beyond_the_text(trial: PulledBatch) -> None:
    label = trial.signed_in.client.list_label_types(trial.where, "span")[0].id
    trial.signed_in.client.create_span(trial.where, trial.example(FIRST), 2, 9_000, label)


def span_inside_an_emoji(trial: PulledBatch) -> None:
    label = trial.signed_in.client.list_label_types(trial.where, "span")[0].id
    trial.signed_in.client.create_span(trial.where, trial.example(FIRST), 0, 6, label)


def unknown_label(trial: PulledBatch) -> None:
    client = trial.signed_in.client
    # The ids of both kinds count by themselves: one that a relation type has would be a finding of its own.
    taken = {label.id for label in client.list_label_types(trial.where, "relation")}
    label = client.create_label_type(trial.where, "span", "DOG").id
    while label in taken:
        trial.signed_in.http.delete(f"projects/{trial.where}/span-types/{label}")
        label = client.create_label_type(trial.where, "span", "DOG").id
    trial.signed_in.client.create_span(trial.where, trial.example(FIRST), 0, 4, label)


def unknown_stance(trial: PulledBatch) -> None:
    label = trial.signed_in.client.create_label_type(trial.where, "relation", "likes").id
    one, other, *_ = trial.signed_in.client.list_spans(trial.where, trial.example(FIRST))
    trial.signed_in.client.create_relation(trial.where, trial.example(FIRST), one.id, other.id, label)


def stance_to_the_voice(trial: PulledBatch) -> None:
    types = {label.text: label.id for label in trial.signed_in.client.list_label_types(trial.where, "span")}
    stance = trial.signed_in.client.list_label_types(trial.where, "relation")[0].id
    spans = trial.signed_in.client.list_spans(trial.where, trial.example(FIRST))
    voice = next(span for span in spans if span.label == types["VOICE"])
    trial.signed_in.client.create_relation(trial.where, trial.example(FIRST), spans[0].id, voice.id, stance)


def delete_task(trial: PulledBatch) -> None:
    trial.signed_in.client.delete_example(trial.where, trial.example(FIRST))


def second_copy_with_work(trial: PulledBatch) -> None:
    meta = trial.signed_in.http.get(f"projects/{trial.where}/examples/{trial.example(FIRST)}")["meta"]
    copy = trial.signed_in.client.create_example(trial.where, HARD, meta=meta)
    trial.signed_in.http.post(f"projects/{trial.where}/examples/{copy.id}/states")


def garble_row(trial: PulledBatch) -> None:
    path = f"projects/{trial.where}/examples/{trial.example(FIRST)}"
    meta = trial.signed_in.http.get(path)["meta"]
    trial.signed_in.http.patch(path, {"meta": meta | {"id": "seven"}})


def test_a_row_whose_metadata_replaced_its_id_is_reported(
    pulled_batch: PulledBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    garble_row(pulled_batch)
    assert not pull.run(
        pulled_batch.trial.workspace, batch="b01"
    ).findings  # on goldwire's own server metadata cannot do that
    for module in (project_reader, pull):
        monkeypatch.setattr(module, "fetch_state", lambda *arguments, **options: None)
    report = pull.run(pulled_batch.trial.workspace, batch="b01")
    assert [finding.code for finding in report.findings] == ["server-row-unreadable", "server-task-missing"]
    assert pulled_batch.layers == wanted_layers(pulled_batch.trial)


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        (edit_text, ["server-text-edited"]),
        (span_beyond_the_text, ["server-span-out-of-range"]),
        (span_inside_an_emoji, ["server-span-out-of-range"]),
        (unknown_label, ["server-label-unknown"]),
        (unknown_stance, ["server-label-unknown"]),
        (stance_to_the_voice, ["server-stance-target"]),
        (delete_task, ["server-task-missing"]),
        (second_copy_with_work, ["server-task-duplicate"]),
    ],
)
def test_a_problem_on_the_server_is_reported_and_the_last_good_layer_is_kept(
    pulled_batch: PulledBatch, change: Callable[[PulledBatch], None], codes: list[str]
) -> None:
    change(pulled_batch)
    report = pull.run(pulled_batch.trial.workspace, batch="b01")
    assert [finding.code for finding in report.findings] == codes
    task = next(task.id for task in pulled_batch.trial.tasks if task.article_id == FIRST)
    assert {finding.item for finding in report.findings} <= {task, None}
    assert all(f"{report.server}/projects/{pulled_batch.where}/" in finding.message for finding in report.findings)
    assert report.annotators[0].carried_over == 1
    assert pulled_batch.layers == wanted_layers(pulled_batch.trial)


def test_a_deleted_project_is_reported_and_its_layers_are_kept(pulled_batch: PulledBatch) -> None:
    pulled_batch.signed_in.client.delete_project(pulled_batch.where)
    report = pull.run(pulled_batch.trial.workspace, batch="b01")
    assert [(finding.code, finding.item) for finding in report.findings] == [
        ("server-project-missing", pulled_batch.trial.people[0])
    ]
    assert pulled_batch.layers == wanted_layers(pulled_batch.trial)


def test_a_changed_article_is_reported_and_its_layer_is_kept(pulled_batch: PulledBatch) -> None:
    others = [article for article in pulled_batch.trial.articles.values() if article.id != FIRST]
    factories.write_articles(pulled_batch.trial.workspace, [factories.article("Another text.", id=FIRST), *others])
    report = pull.run(pulled_batch.trial.workspace, batch="b01")
    assert [finding.code for finding in report.findings] == ["task-text-changed"]
    assert [layer.text_sha256 for layer in pulled_batch.layers] == [text_digest(HARD), text_digest("Second\n\nBody.")]


def test_a_batch_that_was_never_pushed_is_a_one_line_error(connected, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, [HARD])
    with pytest.raises(GoldwireError, match="goldwire push"):
        pull.run(trial.workspace, batch="b01")
    assert not trial.workspace.layers.exists()


PIECES = (
    *("\N{GRINNING FACE}", "👩\u200d👩\u200d👧\u200d👦", "🇩🇪", "कि", "نص", "\u1112\u1161\u11ab", "e" + "\u0301" * 9),
    *(
        "\r\n",
        "\r",
        "\u200b",
        "\ufeff",
        "\u2028",
        "\u202e",
        "\u2066",
        "\x85",
        "\x0c",
        "\x1b[31m",
        "\x7f",
        "\uffff",
        "\U0010ffff",
    ),
    *(
        "</script><script>alert(1)</script>",
        "&amp;",
        '"\\',
        "{{ 7*7 }}",
        "%s",
        "NaN",
        "null",
        "a",
        " ",
        "\n",
        "’",
        "£5",
    ),
)


def hostile(count: int) -> list[str]:
    draw = random.Random(7)
    texts = ["".join(draw.choices(PIECES, k=draw.randint(1, 30))) + str(i) for i in range(count)]
    return [*texts, *(f"{piece}." for piece in PIECES)]


def test_hostile_texts_with_random_labels_come_back_the_same(connected, tmp_path: Path) -> None:
    texts = [*hostile(60), "a" + "\u0301" * display_limits.MAX_MARKS, "x\u202e" * 50_000, "  leading\n and trailing \t"]
    trial = annotation_round.plan(tmp_path, texts)
    draw = random.Random(13)
    layers = []
    for article in trial.articles.values():
        places = sorted({tuple(sorted(draw.sample(range(len(article.text) + 1), 2))) for _ in range(3)})
        spans = [(start, end, draw.choice(["PER", "ORG"])) for start, end in places]
        stances = [(draw.choice([None, 0]), draw.randrange(len(spans)), draw.choice(["supports", "opposes"]))]
        layers.append(factories.layer(article, spans, stances, annotator=trial.people[0]))
    annotation_round.submit(trial, push.run(trial.workspace, batch="b01"), layers)
    report = pull.run(trial.workspace, batch="b01")
    assert not report.findings
    assert trial.layers(trial.people[0]) == jsonl.dump(layers)


def test_an_export_that_breaks_off_is_requested_again(
    pulled_batch: PulledBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def broken(*arguments: object, **options: object) -> object:
        asked.append(arguments)
        if len(asked) % 2:
            raise ConnectionLostError("the connection broke")
        return wait(*arguments, **options)  # type: ignore[arg-type]

    wait = jobs.wait
    monkeypatch.setattr(jobs, "wait", broken)
    monkeypatch.setattr(download, "_PAUSES", (0, 0))
    for module in (project_reader, pull):
        monkeypatch.setattr(module, "fetch_state", lambda *arguments, **options: None)
    shutil.rmtree(pulled_batch.trial.workspace.exports)
    assert pull.run(pulled_batch.trial.workspace, batch="b01").annotators[0].changed
    assert len(asked) == 4


def test_an_unchanged_project_is_not_exported(pulled_batch: PulledBatch, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*arguments: object, **options: object) -> bytes:
        raise AssertionError("exported")

    with monkeypatch.context() as patch:
        patch.setattr(project_reader, "fetch_rows", refused)
        (one,) = pull.run(pulled_batch.trial.workspace, batch="b01").annotators
        assert (one.tasks, one.done, one.changed) == (3, 2, False)


def test_an_unchanged_project_costs_one_request(connected_by_password, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, ["First\n\nBody.", "Second\n\nBody."], people=3)
    report = push.run(trial.workspace, batch="b01")
    pull.run(trial.workspace, batch="b01")
    state_requests = sorted(f"GET /v1/projects/{annotator.project}/goldwire" for annotator in report.annotators)
    asked = ["GET /v1/me", "GET /v1/projects", *state_requests, "POST /v1/auth/login/"]
    for stage in (pull, push):
        assert annotation_round.requests_of(lambda stage=stage: stage.run(trial.workspace, batch="b01")) == asked


def test_a_changed_plan_is_read_again(pulled_batch: PulledBatch) -> None:
    trial = pulled_batch.trial
    tasks = [
        msgspec.structs.replace(task, annotators=(*trial.people, "Q2"))
        for task in trial.tasks
        if task != trial.tasks[-1]
    ]
    jsonl.write(trial.workspace.tasks / "b01.jsonl", tasks)
    report = pull.run(trial.workspace, batch="b01")
    assert [(annotator.annotator, annotator.tasks) for annotator in report.annotators] == [
        (trial.people[0], 2),
        ("Q2", 2),
    ]
    assert {finding.code for finding in report.findings} >= {"server-project-missing"}
    assert pull.run(trial.workspace, batch="b01").findings == report.findings


def relabelled(trial: PulledBatch) -> None:
    """Replace a label by one of another type: the number of labels stays the same."""
    example = trial.example(FIRST)
    types = {label.text: label.id for label in trial.signed_in.client.list_label_types(trial.where, "span")}
    span = next(s for s in trial.signed_in.client.list_spans(trial.where, example) if s.label == types["PER"])
    trial.signed_in.http.patch(f"projects/{trial.where}/examples/{example}/spans/{span.id}", {"label": types["ORG"]})


def unticked(trial: PulledBatch) -> None:
    trial.signed_in.http.post(f"projects/{trial.where}/examples/{trial.example(SECOND)}/states")


def commented(trial: PulledBatch) -> None:
    trial.signed_in.http.post(f"projects/{trial.where}/comments", {"text": "Hm."}, example=trial.example(SECOND))


def relation_away(trial: PulledBatch) -> None:
    path = f"projects/{trial.where}/examples/{trial.example(FIRST)}/relations"
    trial.signed_in.http.delete(f"{path}/{trial.signed_in.http.get(path)[0]['id']}")


@pytest.mark.parametrize("change", [relabelled, unticked, commented, relation_away])
def test_the_smallest_change_is_pulled(pulled_batch: PulledBatch, change: Callable[[PulledBatch], None]) -> None:
    before = pulled_batch.layers
    change(pulled_batch)
    assert pull.run(pulled_batch.trial.workspace, batch="b01").annotators[0].changed
    assert pulled_batch.layers != before
    assert not pull.run(pulled_batch.trial.workspace, batch="b01").annotators[0].changed


def test_pull_from_a_server_without_a_state_page_writes_the_same_files(
    pulled_batch: PulledBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (project_reader, sync, push, pull):
        monkeypatch.setattr(module, "fetch_state", lambda *arguments, **options: None)
    before = pulled_batch.layers
    assert not push.run(pulled_batch.trial.workspace, batch="b01").annotators[0].changed
    assert not pull.run(pulled_batch.trial.workspace, batch="b01").annotators[0].changed
    shutil.rmtree(pulled_batch.trial.workspace.layers)
    pull.run(pulled_batch.trial.workspace, batch="b01")
    assert pulled_batch.layers == before


@pytest.mark.parametrize("folder", ["layers", "exports"])
@pytest.mark.parametrize(
    "change", [Path.unlink, lambda path: path.write_bytes(path.read_bytes().replace(b"Ada", b"Eda"))]
)
def test_a_changed_file_is_written_again(
    pulled_batch: PulledBatch, folder: str, change: Callable[[Path], object]
) -> None:
    path = pulled_batch.trial.workspace.annotations / folder / "b01" / f"{pulled_batch.trial.people[0]}.jsonl"
    before = path.read_bytes()
    change(path)
    assert pull.run(pulled_batch.trial.workspace, batch="b01").annotators[0].changed
    assert path.read_bytes() == before


def test_the_error_of_a_full_disk_names_the_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(project_pull, "read_project", read)
    files = project_pull.ProjectFiles(tmp_path / "A1.jsonl", tmp_path / "layers.jsonl")
    with pytest.raises(OSError, match=r"A1\.jsonl"):
        project_pull.pull_project(Mock(), Mock(), Mock(), files, last=None)
