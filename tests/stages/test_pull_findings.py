"""Findings of `pull` about duplicate projects."""

from __future__ import annotations

from pathlib import Path

from goldwire.doccano import project
from goldwire.doccano.client import session
from goldwire.stages import pull, push
from support import annotation_round


def test_a_second_project_of_an_annotator_is_reported_and_the_older_one_is_read(connected, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, ["Head\n\nBody."])
    (one,) = push.run(trial.workspace, batch="b01").annotators
    signed_in = session.connect(trial.workspace)
    mark = project.project_marker(trial.workspace.settings.name, trial.batch, one.annotator)
    spare = signed_in.client.create_project("spare", "SequenceLabeling", f"Copied. {mark}")
    report = pull.run(trial.workspace, batch="b01")
    (finding,) = report.findings
    assert finding.code == "server-project-duplicate"
    assert str(spare.id) in finding.message
    assert report.annotators[0].tasks == 1
