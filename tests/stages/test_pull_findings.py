"""What pull says of a server that it has no second project on to show it with."""

from __future__ import annotations

from types import SimpleNamespace

from goldwire.doccano.collect import Collected
from goldwire.doccano.project import Project
from goldwire.doccano.read import Reading
from goldwire.stages import pull


def test_a_second_project_of_an_annotator_is_told() -> None:
    projects = tuple(Project(id=number, name="b01 A1", guideline="") for number in (7, 9))
    reading = Reading(b"", (), (), frozenset())
    found = pull._findings(
        SimpleNamespace(url="http://127.0.0.1:1"),
        projects,
        "x.jsonl",
        reading,
        Collected(layers=(), kept=0, troubles=()),
    )
    assert [finding.code for finding in found] == ["server-project-duplicate"]
