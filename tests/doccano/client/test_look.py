"""What goldwire's own server tells of a project, beside what Doccano exports."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from goldwire.doccano.client import session
from goldwire.doccano.client.download import download
from goldwire.doccano.client.http import RefusedError
from goldwire.doccano.client.look import look, rows_into
from goldwire.doccano.client.project_reader import read
from goldwire.doccano.conversion import parse_export
from goldwire.records import text_digest
from goldwire.stages import push
from support import annotation_round, factories

TEXTS = ["Headline \N{GRINNING FACE}\r\n\n<b>Ada</b> Novak.", "Second / one\n\nBody."]


@pytest.fixture
def begun(connected, tmp_path: Path):
    of = annotation_round.plan(tmp_path, TEXTS)
    report = push.run(of.workspace, batch="b01")
    article = of.articles["wire-000000000001"]
    layer = factories.layer(
        article, [(0, 8, "ORG"), (16, 19, "PER")], [(0, 1, "supports")], annotator=of.people[0], comments=["Hm."]
    )
    annotation_round.enter(of, report, [layer])
    return of, report, session.connect(of.workspace), report.annotators[0].project


def test_rows_are_what_doccano_exports(begun) -> None:
    _, _, signed_in, where = begun
    theirs, _ = parse_export(download(signed_in, where, rows=2))
    assert parse_export(read(signed_in, where).data()) == (theirs, ())
    assert sorted(row.worked_on for row in theirs) == [False, True]


def test_a_look_tells_text_work_and_ticks_of_each_row(begun) -> None:
    of, _, signed_in, where = begun
    seen = look(signed_in, where, examples=True)
    assert seen is not None
    assert seen.count == 2
    assert (of.people[0], "annotator") in seen.members
    told = {one.meta["gw_article_id"]: one for one in seen.examples}
    assert {key: one.digest for key, one in told.items()} == {k: text_digest(a.text) for k, a in of.articles.items()}
    assert [(one.touched, one.ticked is not None) for _, one in sorted(told.items())] == [(True, True), (False, False)]


def test_only_administrators_may_look(begun) -> None:
    of, report, _, where = begun
    annotator = annotation_round.sign_in(of, of.people[0], report.server)
    assert look(annotator, where) is None
    with pytest.raises(RefusedError) as caught:
        rows_into(io.BytesIO(), annotator, where)
    assert caught.value.status == 403


def test_a_project_that_is_not_there_cannot_be_looked_at(begun) -> None:
    assert look(begun[2], 987_654) is None


def test_a_text_that_was_edited_is_other_rows_and_a_label_other_work(begun) -> None:
    _, _, signed_in, where = begun
    first = look(signed_in, where)
    row = next(iter(signed_in.http.pages(f"projects/{where}/examples")))
    signed_in.http.patch(f"projects/{where}/examples/{row['id']}", {"text": row["text"]})  # saved, though as it was
    saved = look(signed_in, where)
    assert (saved.rows == first.rows, saved.work == first.work) == (False, True)
    signed_in.http.patch(f"projects/{where}/examples/{row['id']}", {"text": "Other."})
    edited = look(signed_in, where, examples=True)
    assert len({first.rows, saved.rows, edited.rows}) == 3
    assert text_digest("Other.") in {one.digest for one in edited.examples}
    ticked = {one.id for one in edited.examples if one.ticked}
    assert look(signed_in, where, ticks=True).done == edited.done == ticked
    assert len(ticked) == 1


def test_an_export_whose_connection_breaks_is_read_again_from_the_start(begun, monkeypatch) -> None:
    _, _, signed_in, where = begun
    whole = read(signed_in, where).data()
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
    monkeypatch.setattr("goldwire.doccano.client.look.PAUSES", (0, 0))
    assert read(signed_in, where).data() == whole
    assert broken
