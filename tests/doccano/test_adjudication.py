"""Disputes go to an expert on the real server, marked as such, and the expert's word comes back."""

from __future__ import annotations

import re
import zlib

import pytest

from goldwire.adjudication.disputes import DISPUTED
from goldwire.doccano import credentials, project
from goldwire.doccano.client import session
from goldwire.errors import ConfigError, ConflictError, GoldwireError
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
    where = int(re.search(r"/projects/(\d+)/", report.push.address)[1])
    name = report.push.expert
    url = report.push.address.split("/projects/")[0]
    return where, session.sign_in_as(url, name, credentials.annotator_password(disputed.workspace.private, name))


@pytest.fixture
def name(tmp_path):
    """An expert of this test's own: all tests share one server."""
    return f"E{zlib.crc32(str(tmp_path).encode())}"


def test_disputes_are_uploaded_decided_and_downloaded(disputed, name):
    space = disputed.workspace
    report = adjudicate.push(space, batch="b01", expert=name)
    assert (report.push.articles, report.push.added, sum(report.unresolved.values())) == (1, 1, 3)
    where, expert = expert_of(disputed, report)
    guideline = expert.http.get(f"projects/{where}")["guideline"]
    assert guideline.index("# Adjudication") < guideline.index("DISPUTED |  | Annotators disagree here.")
    (example,) = examples(where, expert)
    assert "A1" not in example["meta"]
    one, two = disputed.people
    assert [example["meta"][key] for key in ("D1", "D2", "D3")] == [
        f"“Bo Lund”: which label? {two} says ORG; {one} says PER",
        f"“Quay Board”: is it to be marked? {one} says nothing; {two} says ORG",
        f"“Ada Ito” towards “Bo Lund”: which stance? {two} says nothing; {one} says supports",
    ]
    assert example["meta"]["gw_disputes"] == [
        {"id": "D1", "kind": "span", "span": [14, 21]},
        {"id": "D2", "kind": "span", "span": [37, 47]},
        {"id": "D3", "kind": "stance", "holder": [0, 7], "target": [14, 21]},
    ]
    types = {label.id: label.text for label in expert.client.list_label_types(where, "span")}
    spans = expert.client.list_spans(where, example["id"])
    assert sorted((s.start_offset, s.end_offset, types[s.label]) for s in spans) == [
        (0, 7, "PER"),
        (14, 21, DISPUTED),
        (38, 48, DISPUTED),  # UTF-16 units: the emoji is two
    ]
    again = adjudicate.push(space, batch="b01", expert=name)
    assert (again.push.added, len(expert.client.list_spans(where, example["id"]))) == (0, 3)

    # Not settled yet: a tick alone does not count while a mark is left.
    expert.http.post(f"projects/{where}/examples/{example['id']}/states")
    pulled = adjudicate.pull(space, batch="b01", expert=name)
    assert (pulled.pull.decided_articles, pulled.pull.open_articles) == (0, (example["meta"]["gw_article_id"],))
    assert sum(pulled.unresolved.values()) == 3

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
    assert (done.pull.decided_articles, done.pull.open_articles, done.unresolved, done.unmatched_reasons) == (
        1,
        (),
        {},
        {},
    )
    decisions = [
        (made.article_id, made.label, made.provenance, made.comment, made.n_votes, made.n_voters)
        for made in loading.decisions(space)
    ]
    (decided,) = pulled.pull.open_articles
    assert [row[1:] for row in decisions if row[0] == decided] == [
        ("PER", "unanimous", None, 2, 2),
        ("PER", "expert", "a person, by the verb", 1, 2),
        (None, "expert", "a body is no party here", 1, 2),
        ("supports", "expert", "she backs him", 1, 2),
    ]
    assert {row[2:] for row in decisions if row[0] != decided} == {("unanimous", None, 2, 2)}
    gold = loading.gold(space)
    assert [(span.label, span.text) for span in gold[0].spans] == [("PER", "Ada Ito"), ("PER", "Bo Lund")]
    assert {layer.annotator for layer in loading.layers(space, "b01")} == set(disputed.people)


def settle(disputed, report):
    """Remove the marks of dispute, tick the article done, and return the id of the project."""
    where, expert = expert_of(disputed, report)
    (example,) = examples(where, expert)
    types = {label.id: label.text for label in expert.client.list_label_types(where, "span")}
    for span in expert.client.list_spans(where, example["id"]):
        if types[span.label] == DISPUTED:
            expert.client.delete_span(where, example["id"], span.id)
    for relation in expert.client.list_relations(where, example["id"]):
        expert.client.delete_relation(where, example["id"], relation.id)
    expert.http.post(f"projects/{where}/examples/{example['id']}/states")
    return where


def test_decisions_that_the_server_has_lost_stay(disputed, name):
    space = disputed.workspace
    where = settle(disputed, adjudicate.push(space, batch="b01", expert=name))
    assert adjudicate.pull(space, batch="b01", expert=name).exit_code == 0
    before = loading.expert_layers(space, "b01", name)
    assert [layer.confirmed for layer in before] == [True]
    session.connect(space).client.delete_project(where)
    adjudicate.push(space, batch="b01", expert=name)
    report = adjudicate.pull(space, batch="b01", expert=name)
    assert [finding.code for finding in report.pull.findings] == ["server-work-missing"]
    assert "server-work-missing" in report.to_text()
    assert (report.exit_code, report.pull.decided_articles) == (1, 1)
    assert loading.expert_layers(space, "b01", name) == before
    report = adjudicate.pull(space, batch="b01", expert=name, accept_loss=True)
    assert (report.exit_code, report.pull.decided_articles) == (0, 0)


def test_the_expert_has_one_project_whatever_is_renamed_or_edited(disputed, name):
    space = disputed.workspace
    where, _ = expert_of(disputed, adjudicate.push(space, batch="b01", expert=name))
    signed_in = session.connect(space)
    signed_in.http.patch(f"projects/{where}", {"resourcetype": "SequenceLabeling", "description": "For Ada"})
    with pytest.raises(GoldwireError, match="no project"):
        adjudicate.pull(space, batch="b01", expert=name)
    report = adjudicate.push(space, batch="b01", expert=name)
    assert (expert_of(disputed, report)[0], report.push.added) == (where, 0)

    renamed = f"brandt-{name}"
    signed_in.client.create_user(renamed, "a-password-of-their-own-7")
    (member,) = (one for one in signed_in.client.list_members(where) if one.username == name)
    project.ensure_member(signed_in, where, renamed)
    report = adjudicate.pull(space, batch="b01", expert=name)
    assert ([one.code for one in report.pull.findings], report.exit_code) == (["server-annotator-unknown"], 1)
    with pytest.raises(ConflictError, match=f"other annotators than '{name}': '{renamed}'"):
        adjudicate.push(space, batch="b01", expert=name)
    signed_in.http.delete(f"projects/{where}/members", {"ids": [member.id]})
    with pytest.raises(ConflictError, match=f'write {name} = "{renamed}" in .goldwire/annotators.toml'):
        adjudicate.push(space, batch="b01", expert=name)
    (space.private / "annotators.toml").write_text(f'{name} = "{renamed}"\n')
    report = adjudicate.push(space, batch="b01", expert=name)
    assert f"/projects/{where}/" in report.push.address
    assert set(project.find_annotator_accounts(signed_in, where)) == {renamed}


@pytest.mark.parametrize(
    ("method", "fragment", "nth"), [("POST", "/spans", 2), ("POST", "/relations", 1), ("PATCH", "/examples/", 1)]
)
def test_an_interrupted_push_is_completed_by_the_next(disputed, name, method, fragment, nth):
    with annotation_round.cut_off(method, fragment, nth):
        adjudicate.push(disputed.workspace, batch="b01", expert=name)
    report = adjudicate.push(disputed.workspace, batch="b01", expert=name)
    where, expert = expert_of(disputed, report)
    (example,) = examples(where, expert)
    assert {"D1", "D2", "D3", "gw_disputes"} <= example["meta"].keys()
    spans = expert.client.list_spans(where, example["id"])
    assert sorted((span.start_offset, span.end_offset) for span in spans) == [(0, 7), (14, 21), (38, 48)]
    assert len(expert.client.list_relations(where, example["id"])) == 1


def test_pull_without_a_push_is_an_error(disputed, name):
    with pytest.raises(GoldwireError, match="no project"):
        adjudicate.pull(disputed.workspace, batch="b01", expert=name)


def test_a_batch_without_disputes_has_no_expert_project(connected, tmp_path, name):
    made = annotation_round.plan(tmp_path, TEXTS[1:])
    one = factories.layer(next(iter(made.articles.values())), [(0, 7, "PER")], annotator=made.people[0])
    jsonl.write(made.workspace.layers / "b01" / f"{made.people[0]}.jsonl", [one])
    report = adjudicate.push(made.workspace, batch="b01", expert=name)
    assert (report.push.articles, report.push.address) == (0, None)
    connection = session.connect(made.workspace)
    assert not project.find_projects(connection, project.project_marker(made.workspace.settings.name, "b01", name))


def test_contradictory_options_are_errors(tmp_path):
    space = factories.workspace(tmp_path / "w")
    with pytest.raises(ConfigError, match="choose another"):
        adjudicate.push(space, batch="b01", method="expert")
    for act in (adjudicate.push, adjudicate.pull):
        with pytest.raises(ConfigError, match="not an expert's name"):
            act(space, batch="b01", expert="A1")
