"""A schema that changes during annotation: live projects follow it, and no label is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldwire.doccano import project
from goldwire.doccano.client import session
from goldwire.errors import GoldwireError
from goldwire.records import text_digest
from goldwire.stages import pull, push
from goldwire.workspace import loading
from goldwire.workspace.label_schema import parse_schema
from support import annotation_round, factories

TEXT = "Head\n\nAda Novak met the Rail Union in Oslo."
PER, ORG, LOC = (6, 15, "PER"), (24, 34, "ORG"), (38, 42, "LOC")
ADDED = '[[entity]]\nlabel = "LOC"\ndescription = "a place"\ncolor = "#8250df"\nkey = "l"\n\n[[stance]]'


def keys(signed_in: session.Session, where: int) -> dict[str, str | None]:
    return {label["text"]: label["suffix_key"] for label in signed_in.http.get(f"projects/{where}/span-types")}


def test_a_live_project_gets_a_new_label_and_keeps_its_labels(connected, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, [TEXT, "Other\n\nBody."])
    article = trial.articles["wire-000000000001"]
    report = push.run(trial.workspace, batch="b01")
    started_layer = factories.layer(
        article, [PER, ORG], [(0, 1, "supports")], annotator=trial.people[0], confirmed=False
    )
    annotation_round.submit(trial, report, [started_layer])
    trial.workspace.schema.write_text(
        factories.SCHEMA.replace('version = "1.0"', 'version = "1.1"').replace("[[stance]]", ADDED, 1)
    )
    report = push.run(trial.workspace, batch="b01")
    assert (report.annotators[0].added, report.annotators[0].removed, report.findings) == (0, 0, ())
    where, signed_in = report.annotators[0].project, session.connect(trial.workspace)
    assert keys(signed_in, where) == {"PER": "p", "ORG": "o", "VOICE": "v", "LOC": "l"}
    annotation_round.submit(
        trial, report, [factories.layer(article, [PER, ORG, LOC], [(0, 1, "supports")], annotator=trial.people[0])]
    )
    assert not pull.run(trial.workspace, batch="b01").findings
    (layer,) = loading.layers(trial.workspace, "b01")
    assert [(span.start, span.end, span.label) for span in layer.spans] == [PER, ORG, LOC]
    assert (layer.confirmed, layer.schema_version, len(layer.stances)) == (True, "1.1", 1)


def test_a_removed_label_type_is_kept_without_its_key(connected, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, [TEXT])
    report = push.run(trial.workspace, batch="b01")
    annotation_round.submit(
        trial, report, [factories.layer(trial.articles["wire-000000000001"], [PER, ORG], annotator=trial.people[0])]
    )
    without = factories.SCHEMA.replace('label = "ORG"', 'label = "LOC"')
    trial.workspace.schema.write_text(without)
    report = push.run(trial.workspace, batch="b01")
    where, signed_in = report.annotators[0].project, session.connect(trial.workspace)
    assert keys(signed_in, where) == {"PER": "p", "ORG": None, "VOICE": "v", "LOC": "o"}
    assert not push.run(trial.workspace, batch="b01").annotators[0].changed
    assert [finding.code for finding in pull.run(trial.workspace, batch="b01").findings] == ["server-label-unknown"]
    trial.workspace.schema.write_text(factories.SCHEMA)
    push.run(trial.workspace, batch="b01")
    assert not pull.run(trial.workspace, batch="b01").findings
    assert [span.label for span in loading.layers(trial.workspace, "b01")[0].spans] == ["PER", "ORG"]


@pytest.mark.parametrize(("old", "new"), [("#b8590b", "#2F6FDE"), ("#cf222e", "#1a7f37")])
def test_two_labels_with_the_same_colour_are_refused(old: str, new: str) -> None:
    with pytest.raises(GoldwireError, match=new.lower()):
        parse_schema(factories.SCHEMA.replace(old, new), Path("schema.toml"))


def test_the_voice_has_a_distinct_key_and_colour(connected, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, [TEXT])
    trial.workspace.schema.write_text(factories.SCHEMA.replace('"o"', '"v"').replace("#b8590b", "#57606A"))
    where = push.run(trial.workspace, batch="b01").annotators[0].project
    types = session.connect(trial.workspace).http.get(f"projects/{where}/span-types")
    assert (
        len({label["suffix_key"] for label in types})
        == len({label["background_color"].lower() for label in types})
        == 3
    )


@pytest.mark.parametrize("name", ['Tom\'s "news", 2026', "d\u00e9ja\u0300 vu, \u6771\u4eac 100%_ +&", "-"])
def test_projects_are_found_whatever_the_workspace_is_called(connected, tmp_path: Path, name: str) -> None:
    signed_in = session.connect(factories.workspace(tmp_path / "w"))
    batch = f"b{text_digest(str(tmp_path))[:8]}"  # all tests of a run share one server
    for workspace in (name, f"{name} other"):
        plan = project.ProjectPlan(
            workspace=workspace, batch=batch, annotator="Q1", guideline="", spans=(), relations=()
        )
        project.ensure_project(signed_in, plan)
    (one,) = project.find_projects(signed_in, project.project_marker(name, batch, "Q1"))
    assert project.find_batch_projects(signed_in, name, batch) == {"Q1": (one,)}
