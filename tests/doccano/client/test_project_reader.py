"""The state page and the rows of a project on the server that goldwire runs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from goldwire.doccano.client import session
from goldwire.doccano.client.download import download
from goldwire.doccano.client.http import RequestRefusedError
from goldwire.doccano.client.project_reader import fetch_rows, fetch_state, read_project
from goldwire.doccano.export_rows import parse_export
from goldwire.records import text_digest
from goldwire.stages import push
from support import annotation_round, factories

TEXTS = ["Headline \N{GRINNING FACE}\r\n\n<b>Ada</b> Novak.", "Second / one\n\nBody."]


@pytest.fixture
def labelled_project(connected, tmp_path: Path):
    trial = annotation_round.plan(tmp_path, TEXTS)
    report = push.run(trial.workspace, batch="b01")
    article = trial.articles["wire-000000000001"]
    layer = factories.layer(
        article, [(0, 8, "ORG"), (16, 19, "PER")], [(0, 1, "supports")], annotator=trial.people[0], comments=["Hm."]
    )
    annotation_round.submit(trial, report, [layer])
    return trial, report, session.connect(trial.workspace), report.annotators[0].project


def test_rows_are_those_that_doccano_exports(labelled_project) -> None:
    _, _, signed_in, where = labelled_project
    theirs, _ = parse_export(download(signed_in, where, rows=2))
    assert parse_export(read_project(signed_in, where).data()) == (theirs, ())
    assert sorted(row.worked_on for row in theirs) == [False, True]


def test_the_state_has_text_work_and_tick_of_each_row(labelled_project) -> None:
    trial, _, signed_in, where = labelled_project
    state = fetch_state(signed_in, where, examples=True)
    assert state is not None
    assert state.count == 2
    assert (trial.people[0], "annotator") in state.members
    examples = {example.meta["gw_article_id"]: example for example in state.examples}
    assert {key: one.text_sha256 for key, one in examples.items()} == {
        k: text_digest(a.text) for k, a in trial.articles.items()
    }
    assert [(one.worked_on, one.confirmed_at is not None) for _, one in sorted(examples.items())] == [
        (True, True),
        (False, False),
    ]


def test_only_administrators_may_fetch_the_state(labelled_project) -> None:
    trial, report, _, where = labelled_project
    annotator = annotation_round.sign_in(trial, trial.people[0], report.server)
    assert fetch_state(annotator, where) is None
    with pytest.raises(RequestRefusedError) as caught:
        fetch_rows(io.BytesIO(), annotator, where)
    assert caught.value.status == 403


def test_a_missing_project_has_no_state(labelled_project) -> None:
    assert fetch_state(labelled_project[2], 987_654) is None


def test_an_edited_text_changes_the_digest_of_rows(labelled_project) -> None:
    _, _, signed_in, where = labelled_project
    first = fetch_state(signed_in, where)
    row = next(iter(signed_in.http.pages(f"projects/{where}/examples")))
    signed_in.http.patch(f"projects/{where}/examples/{row['id']}", {"text": row["text"]})  # saved without a change
    saved = fetch_state(signed_in, where)
    assert (saved.rows_digest == first.rows_digest, saved.work_digest == first.work_digest) == (False, True)
    signed_in.http.patch(f"projects/{where}/examples/{row['id']}", {"text": "Other."})
    edited = fetch_state(signed_in, where, examples=True)
    assert len({first.rows_digest, saved.rows_digest, edited.rows_digest}) == 3
    assert text_digest("Other.") in {example.text_sha256 for example in edited.examples}
    ticked = {example.id for example in edited.examples if example.confirmed_at}
    assert fetch_state(signed_in, where, confirmed=True).confirmed_ids == edited.confirmed_ids == ticked
    assert len(ticked) == 1


def test_a_broken_connection_restarts_the_export(labelled_project, monkeypatch) -> None:
    _, _, signed_in, where = labelled_project
    whole = read_project(signed_in, where).data()
    plain, broken = signed_in.http.session.request, []

    def half(_size: int) -> Iterator[bytes]:
        yield whole[:9]
        raise requests.exceptions.ChunkedEncodingError("cut off")

    def request(method: str, url: str, **options):
        answer = plain(method, url, **options)
        if url.endswith("/rows") and not broken:
            broken.append(url)
            answer.iter_content = half
        return answer

    monkeypatch.setattr(signed_in.http.session, "request", request)
    monkeypatch.setattr("goldwire.doccano.client.project_reader.PAUSES", (0, 0))
    assert read_project(signed_in, where).data() == whole
    assert broken
