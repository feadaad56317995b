"""Label types on the real server: created, updated, and never with an id that another kind has."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from goldwire.doccano import project
from goldwire.doccano.client import session
from goldwire.doccano.client.download import count_rows
from goldwire.doccano.client.label_types import LabelTypes, fetch_label_types
from goldwire.doccano.label_type_plan import LabelType, ensure_label_types
from goldwire.stages import pull, push
from support import annotation_round, factories
from support.annotation_round import AnnotationRound

TEXT = "Head\n\nAda Novak met the Rail Union."


def label(text: str) -> LabelType:
    return LabelType(text, None, None, "#2f6fde", "#ffffff")


def empty_project(signed_in: session.Session, trial: AnnotationRound) -> int:
    plan = project.ProjectPlan(
        workspace=trial.workspace.settings.name, batch="b99", annotator="Q1", guideline="", spans=(), relations=()
    )
    return project.ensure_project(signed_in, plan).project.id


def level_ids(home: Path) -> None:
    """Let the next span type and the next relation type of a server get the same id, which neither had."""
    tables = ("label_types_spantype", "label_types_relationtype")
    with contextlib.closing(sqlite3.connect(home / "db.sqlite3", timeout=60)) as database, database:
        database.execute("BEGIN IMMEDIATE")
        (highest,) = database.execute("SELECT max(seq) FROM sqlite_sequence WHERE name IN (?, ?)", tables).fetchone()
        database.execute("UPDATE sqlite_sequence SET seq = ? WHERE name IN (?, ?)", (highest, *tables))


def collide(home: Path, signed_in: session.Session, number: int) -> LabelTypes:
    """Create label types in a project until a span type and a relation type share an id at different places."""

    def create(part: str, name: str) -> str:
        path = f"projects/{number}/{part}"
        return f"{path}/{signed_in.http.post(path, {'text': name})['id']}"

    types = LabelTypes()
    for attempt in range(20):  # other tests may use the server meanwhile
        for part in ("span-types", "relation-types"):  # SQLite counts the ids of a table from its first row on
            signed_in.http.delete(create(part, "throwaway"))
        level_ids(home)
        # A span type takes an id, and a place in its list, for which there is no relation type.
        create("span-types", f"first {attempt}")
        signed_in.http.delete(create("relation-types", "throwaway"))
        create("span-types", f"s{attempt}")
        create("relation-types", f"r{attempt}")
        types = fetch_label_types(signed_in, number, "entities")
        if types.collisions:
            break
    return types


def test_collisions_are_pairs_at_different_places() -> None:
    types = LabelTypes(span={"PER": 1, "ORG": 2, "VOICE": 3}, relation={"supports": 3, "neutral": 2, "opposes": 9})
    assert types.collisions == (("VOICE", "supports"),)
    assert types.ids["opposes"] == 9
    assert LabelTypes(category={"supports": 1}).collisions == ()


def test_no_span_type_has_the_id_of_a_relation_type(connected, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, [TEXT])
    signed_in = session.connect(trial.workspace)
    number = empty_project(signed_in, trial)
    assert collide(connected.home, signed_in, number).collisions
    planned = {
        "span": tuple(map(label, ("PER", "ORG", "VOICE"))),
        "relation": tuple(map(label, ("supports", "neutral", "opposes"))),
    }
    types = ensure_label_types(signed_in, number, planned, {}).label_types
    assert not {*types.span.values()} & {*types.relation.values()}
    stored = fetch_label_types(signed_in, number, "entities")
    assert (list(stored.span)[-3:], list(stored.relation)) == (
        ["PER", "ORG", "VOICE"],
        ["supports", "neutral", "opposes"],
    )
    # A label that is added to the schema later keeps its distance, too.
    more = {**planned, "span": (*planned["span"], *map(label, ("LOC", "GPE", "EVT", "ISS")))}
    types = ensure_label_types(signed_in, number, more, {}).label_types
    assert not {*types.span.values()} & {*types.relation.values()}
    assert not ensure_label_types(signed_in, number, more, {}).changed


def test_label_types_of_a_project_with_texts_stay_and_the_collision_is_reported(connected, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, [TEXT])
    report = push.run(trial.workspace, batch="b01")
    number, signed_in = report.annotators[0].project, session.connect(trial.workspace)
    stored = collide(connected.home, signed_in, number)
    article = trial.articles["wire-000000000001"]
    layer = factories.layer(article, [(6, 15, "PER"), (24, 34, "ORG")], [(0, 1, "supports")], annotator=trial.people[0])
    annotation_round.submit(trial, report, [layer])
    (finding,) = pull.run(trial.workspace, batch="b01").findings
    assert finding.code == "server-label-id-collision"
    assert f"layers that may be affected: 1 ({article.id})" in finding.message
    trial.workspace.guidelines.write_text("# Guidelines\n\nVersion: 2.0\n\nMark more.\n")
    pushed = push.run(trial.workspace, batch="b01")
    assert [one.code for one in pushed.findings] == ["server-label-id-collision"]
    assert pushed.exit_code == 0
    assert count_rows(signed_in, number) == 1
    assert fetch_label_types(signed_in, number, "entities") == stored


def test_a_renamed_label_type_is_recognized_by_its_id(connected, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, [TEXT])
    signed_in = session.connect(trial.workspace)
    number = empty_project(signed_in, trial)
    planned = {"span": (label("PER"), label("ORG")), "relation": (label("supports"),)}
    types = ensure_label_types(signed_in, number, planned, {}).label_types
    signed_in.http.patch(f"projects/{number}/span-types/{types.span['PER']}", {"text": "Person"})
    ensured = ensure_label_types(signed_in, number, planned, types.ids)
    assert (ensured.changed, ensured.created, ensured.label_types.span) == (True, (), types.span)
    # Without the ids of the last push, the label type is created.
    signed_in.http.patch(f"projects/{number}/span-types/{types.span['PER']}", {"text": "Person"})
    assert ensure_label_types(signed_in, number, planned, {}).created == ("PER",)
