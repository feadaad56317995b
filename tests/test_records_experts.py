"""An expert settles disputes and counts nowhere else."""

from __future__ import annotations

import shutil

import msgspec
import pytest

from goldwire.errors import GoldwireError
from goldwire.records import is_expert
from goldwire.stages import adjudicate, agree, check, sample
from goldwire.workspace import jsonl, loading
from goldwire.workspace.layout import find_workspace
from support.paths import TINY_REPO

TINY = TINY_REPO


@pytest.mark.parametrize(("name", "told"), [("E1", True), ("E20", True), ("A1", False), ("e1", False), ("EX1", False)])
def test_an_expert_is_told_by_the_name(name, told):
    assert is_expert(name) is told


def test_an_experts_layers_change_neither_agreement_nor_findings(tmp_path):
    shutil.copytree(TINY, tmp_path / "w")
    space = find_workspace(tmp_path / "w", explicit=True)
    agree.run(space, batch="b01", n_boot=0, html=False)
    measured = space.agreement / "b01.json"
    before = measured.read_bytes()
    own = [
        msgspec.structs.replace(layer, annotator="E1", spans=(), stances=())
        for layer in loading.layers(space, "b01")
        if layer.annotator == "A1"
    ]
    jsonl.write(space.layers / "b01" / "E1.jsonl", own)
    agree.run(space, batch="b01", n_boot=0, html=False)
    assert measured.read_bytes() == before
    assert check.run(space).findings == ()
    report = adjudicate.run(space, batch="b01", method="expert", expert="E1")
    assert (report.spans, report.unresolved) == (0, {})


def test_an_expert_is_not_asked_as_an_annotator(tmp_path):
    shutil.copytree(TINY, tmp_path / "w")
    with pytest.raises(GoldwireError, match="expert"):
        sample.run(find_workspace(tmp_path / "w", explicit=True), batch="b02", annotators=("A1", "E1"), overlap=2)
