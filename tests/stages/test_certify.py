"""`goldwire certify`: a batch, and files of other tools."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from goldwire.certification import CertificateOptions
from goldwire.certification import certify as certify_layers
from goldwire.errors import DataError, MissingFileError
from goldwire.formats.document import ANONYMOUS, documents_of
from goldwire.formats.registry import find_format
from goldwire.records import AnnotationLayer, MachineRun
from goldwire.stages import certify
from goldwire.workspace import jsonl
from goldwire.workspace.layout import Workspace
from support import factories
from support.simulated_machines import layers_of_people_and_machine

LAYERS = layers_of_people_and_machine(1, 24, people=0.9, machine=0.9)
TEXT = ("Ada Brooks" + " " * 10) * 12


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    space = factories.workspace(tmp_path_factory.mktemp("certify"))
    ids = sorted({layer.article_id for layer in LAYERS})
    articles = [factories.article(TEXT, id=key, source="wire" if n % 2 else "post") for n, key in enumerate(ids)]
    factories.write_articles(space, articles)
    for name in ("A1", "A2", "A3", "M1"):
        own = [layer for layer in LAYERS if layer.annotator == name]
        jsonl.write(space.layers / "b01" / f"{name}.jsonl", own)
    return space


def test_one_page_of_a_batch(space: Workspace, tmp_path: Path) -> None:
    report = certify.run(space, batch="b01", machine="M1", latex=tmp_path / "table.tex")
    assert report.certificate.verdict == certify_layers(LAYERS, "M1").verdict
    page, written = report.to_text().rsplit("\nwrote ", 1)
    assert written == str(tmp_path / "table.tex")
    assert page.startswith("M1 beside A1, A2, A3 in 24 articles that it and two of them confirmed")
    for row in ("all ", "PER ", "source post ", "length short ", "supports "):
        assert f"\n{row}" in page
    assert "alternative annotator test of exact spans: passed, winning rate 1.00" in page
    assert max(map(len, page.splitlines())) <= 80  # but for a path, which is as long as the user's folders
    table = (tmp_path / "table.tex").read_text()
    assert table.count(r"\\") == 2 + len([part for unit in report.certificate.units for part in unit.parts]) + 1
    assert r"90\%" in table
    assert msgspec.json.decode(msgspec.json.encode(report))["certificate"]["n_articles"] == 24


def test_confidences_are_those_of_the_run(space: Workspace, tmp_path: Path) -> None:
    own = factories.copy_workspace(space, tmp_path / "confident")
    path = own.layers / "b01" / "M1.jsonl"
    run = MachineRun(source="gazetteer", date="2026-11-30")
    layers = [
        msgspec.structs.replace(
            layer, machine=msgspec.structs.replace(run, confidence={span.id: 0.75 for span in layer.spans})
        )
        for layer in jsonl.read(path, AnnotationLayer)
    ]
    jsonl.write(path, layers)
    options = CertificateOptions(max_error=0.3)
    report = certify.run(own, batch="b01", machine="M1", options=options)
    spans, stances = report.certificate.units
    assert stances.risk is None
    assert spans.risk is not None
    assert (spans.risk.n_labels, spans.risk.threshold) == (sum(len(layer.spans) for layer in layers), 0.75)
    words = " ".join(report.to_text().split())
    assert "labels of confidence 0.75 or more are at most 30% wrong with probability 95%" in words


def test_a_machine_without_layers(space: Workspace) -> None:
    with pytest.raises(MissingFileError, match=r"no layers of M7 in batch 'b01'; hint: available: layers of A1"):
        certify.run(space, batch="b01", machine="M7")


def test_files_of_other_tools(tmp_path: Path) -> None:
    """People in one file and the model, without a name, in another: the same figures as of the batch."""
    texts = dict.fromkeys((layer.article_id for layer in LAYERS), TEXT)
    people = [layer for layer in LAYERS if layer.annotator != "M1"]
    model = [msgspec.structs.replace(layer, annotator=ANONYMOUS) for layer in LAYERS if layer.annotator == "M1"]
    _write(texts, people, tmp_path / "people.json", "label-studio")
    _write(texts, model, tmp_path / "model.jsonl", "doccano")
    report = certify.run_files([tmp_path / "people.json", tmp_path / "model.jsonl"], machine="model")
    expected = certify_layers(LAYERS, "M1").units[0]
    (spans, _) = report.certificate.units
    assert spans.comparison.equivalence == expected.comparison.equivalence
    assert [test.winning_rate for test in spans.alt_tests] == [test.winning_rate for test in expected.alt_tests]
    with pytest.raises(DataError, match="no annotator 'gpt'"):
        certify.run_files([tmp_path / "people.json"], machine="gpt")
    with pytest.raises(MissingFileError, match="no such file"):
        certify.run_files([tmp_path / "absent.json"], machine="gpt")


def _write(texts: dict[str, str], layers: list[AnnotationLayer], path: Path, name: str) -> None:
    find_format(name).write(documents_of(texts, layers), path)
