"""Disputes go to an expert on the real server, marked as such, and the expert's word comes back."""

from __future__ import annotations

import re
import zlib

import pytest

from goldwire.adjudication.disputes import DISPUTED
from goldwire.doccano import credentials, project
from goldwire.doccano.client import session
from goldwire.errors import GoldwireError
from goldwire.stages import adjudicate
from goldwire.workspace import jsonl, loading
from support import annotation_round, factories

TEXTS = ("Ada Ito backs Bo Lund \U0001f6a2\n\nShe met the Quay Board.", "Bo Lund sleeps")


@pytest.fixture
def disputed(connected, tmp_path):
    """A planned batch whose two annotators agree on one article and dispute a label, a mark and a stance of another."""
    made = annotation_round.plan(tmp_path, TEXTS, people=2)
    one, two = (made.articles[f"wire-{n:012d}"] for n in (1, 2))
    board = TEXTS[0].index("Quay Board")
    said = (
        ([(0, 7, "PER"), (14, 21, "PER")], [(0, 1, "supports")]),
        ([(0, 7, "PER"), (14, 21, "ORG"), (board, board + 10, "ORG")], []),
    )
    for name, (spans, stances) in zip(made.people, said, strict=True):
        layers = [
            factories.layer(one, spans, stances, annotator=name),
            factories.layer(two, [(0, 7, "PER")], annotator=name),
        ]
        jsonl.write(made.workspace.layers / "b01" / f"{name}.jsonl", layers)
    return made


def examples(of, desk):
    return desk.http.pages(f"projects/{of}/examples")


def expert_of(disputed, report):
    """The expert, signed in, and the project."""
    where = int(re.search(r"/projects/(\d+)/", report.pushed.address)[1])
    name = report.pushed.expert
    url = report.pushed.address.split("/projects/")[0]
    return where, session.sign_in_as(url, name, credentials.annotator_password(disputed.workspace.private, name))


@pytest.fixture
def name(tmp_path):
    """An expert of this test's own: all tests share one server."""
    return f"E{zlib.crc32(str(tmp_path).encode())}"


def test_disputes_are_pushed_settled_and_pulled(disputed, name):
    space = disputed.workspace
    report = adjudicate.push(space, batch="b01", expert=name)
    assert (report.pushed.articles, report.pushed.added, sum(report.unsettled.values())) == (1, 1, 3)
    where, expert = expert_of(disputed, report)
    (example,) = examples(where, expert)
    assert "A1" not in example["meta"]
    told = [example["meta"][key] for key in ("D1", "D2", "D3")]
    assert [line.partition(" = ")[0] for line in told] == ["[14, 21)", "[37, 47)", "[0, 7) to [14, 21)"]
    assert all(person in told[0] for person in disputed.people)
    types = {label.id: label.text for label in expert.client.list_label_types(where, "span")}
    spans = expert.client.list_spans(where, example["id"])
    assert sorted((s.start_offset, s.end_offset, types[s.label]) for s in spans) == [
        (0, 7, "PER"),
        (14, 21, DISPUTED),
        (38, 48, DISPUTED),  # UTF-16 units: the emoji is two
    ]
    again = adjudicate.push(space, batch="b01", expert=name)
    assert (again.pushed.added, len(expert.client.list_spans(where, example["id"]))) == (0, 3)

    # Not settled yet: a tick alone does not count while a mark is left.
    expert.http.post(f"projects/{where}/examples/{example['id']}/states")
    pulled = adjudicate.pull(space, batch="b01", expert=name)
    assert (pulled.pulled.settled, pulled.pulled.open) == (0, (example["meta"]["gw_article_id"],))
    assert sum(pulled.unsettled.values()) == 3

    for span in spans:
        if types[span.label] == DISPUTED:
            expert.client.delete_span(where, example["id"], span.id)
    person = next(number for number, text in types.items() if text == "PER")
    settled = expert.client.create_span(where, example["id"], 14, 21, person).id
    holder = next(span.id for span in spans if span.start_offset == 0)
    stance = next(r.id for r in expert.client.list_label_types(where, "relation") if r.text == "supports")
    expert.client.create_relation(where, example["id"], holder, settled, stance)
    words = "D1: a person, by the verb\nD2: a body is no party here\nD3: she backs him"
    expert.http.post(f"projects/{where}/comments", {"text": words}, example=example["id"])
    done = adjudicate.pull(space, batch="b01", expert=name)
    assert (done.pulled.settled, done.pulled.open, done.unsettled, done.unplaced) == (1, (), {}, {})
    reasons = {made.reason: (made.votes, made.of) for made in loading.decisions(space)}
    assert reasons["expert: a person, by the verb"] == (1, 2)
    assert reasons["left-out: a body is no party here"] == (1, 2)
    assert reasons["expert: she backs him"] == (1, 2)
    assert reasons["unanimous"] == (2, 2)
    gold = loading.gold(space)
    assert [(span.label, span.text) for span in gold[0].spans] == [("PER", "Ada Ito"), ("PER", "Bo Lund")]
    assert {layer.annotator for layer in loading.layers(space, "b01")} == set(disputed.people)


@pytest.mark.parametrize(
    ("method", "fragment", "nth"), [("POST", "/spans", 2), ("POST", "/relations", 1), ("PATCH", "/examples/", 1)]
)
def test_a_push_that_was_cut_off_is_completed_by_the_next(disputed, name, method, fragment, nth):
    with annotation_round.cut_off(method, fragment, nth):
        adjudicate.push(disputed.workspace, batch="b01", expert=name)
    report = adjudicate.push(disputed.workspace, batch="b01", expert=name)
    where, expert = expert_of(disputed, report)
    (example,) = examples(where, expert)
    assert {"D1", "D2", "D3"} <= example["meta"].keys()
    spans = expert.client.list_spans(where, example["id"])
    assert sorted((span.start_offset, span.end_offset) for span in spans) == [(0, 7), (14, 21), (38, 48)]
    assert len(expert.client.list_relations(where, example["id"])) == 1


def test_what_was_never_pushed_cannot_be_pulled(disputed, name):
    with pytest.raises(GoldwireError, match="no project"):
        adjudicate.pull(disputed.workspace, batch="b01", expert=name)


def test_nothing_disputed_is_nothing_to_push(connected, tmp_path, name):
    made = annotation_round.plan(tmp_path, TEXTS[1:])
    one = factories.layer(next(iter(made.articles.values())), [(0, 7, "PER")], annotator=made.people[0])
    jsonl.write(made.workspace.layers / "b01" / f"{made.people[0]}.jsonl", [one])
    report = adjudicate.push(made.workspace, batch="b01", expert=name)
    assert (report.pushed.articles, report.pushed.address) == (0, None)
    connection = session.connect(made.workspace)
    assert not project.find_projects(connection, project.project_marker(made.workspace.settings.name, "b01", name))


@pytest.mark.parametrize(
    "options", [{"push": True, "method": "expert", "expert": "E1"}, {"pull": True}, {"push": True, "expert": "A1"}]
)
def test_options_that_contradict_each_other_are_refused(tmp_path, options):
    with pytest.raises(GoldwireError):
        adjudicate.run(factories.workspace(tmp_path / "w"), batch="b01", **options)
