"""croissant.json as mlcroissant reads it, with nested records."""

from __future__ import annotations

import json
import logging

import pytest
from msgspec.structs import replace

from goldwire.release.responsible_ai import NEURIPS_PROPERTIES
from goldwire.stages import adjudicate, release, split
from goldwire.workspace import jsonl
from support.factories import article, layer, workspace
from support.stories import story

mlcroissant = pytest.importorskip("mlcroissant")


@pytest.fixture
def space(tmp_path):
    """A workspace that is ready to be released."""
    space = workspace(tmp_path / "trial")
    space.corpus.mkdir()
    space.sources.write_text('[wire]\nname = "The Wire"\nlanguage = "en"\nlicence = "CC0-1.0"\nredistribute = true\n')
    articles = [article(f"Ada Ito backs Bo Lund\n\n{' '.join(story(n, 40))}.", id=f"wire-{n:012d}") for n in range(6)]
    articles.append(article("Nobody here", id="wire-000000000009"))
    jsonl.write(space.articles / "wire.jsonl", articles)
    spans, stances = [(0, 7, "PER"), (14, 21, "PER")], [(0, 1, "supports"), (None, 1, "neutral")]
    layers = [layer(item, spans, stances) if "Ada" in item.text else layer(item) for item in articles]
    jsonl.write(space.layers / "b01" / "A1.jsonl", layers)
    adjudicate.run(space, batch="b01")
    split.run(space)
    cited = {"authors": ("Ito, Ada", "The Lab"), "publisher": "Lab Press", "homepage": "https://lab.example/news"}
    statements = {"social_impact": "It shows how news report stances."}
    settings = replace(space.settings, **cited, keywords=("stance", "news"), statements=statements)
    return replace(space, settings=settings)


@pytest.fixture
def folder(space, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1796040000")
    release.run(space, baselines=False)
    return space.release("0.0.1")


def records(folder, name):
    return list(mlcroissant.Dataset(jsonld=str(folder / "croissant.json")).records(name))


def assert_valid(folder):
    issues = mlcroissant.Dataset(jsonld=str(folder / "croissant.json")).metadata.ctx.issues
    assert not issues.errors
    assert not issues.warnings


def test_the_document_is_valid_and_no_recommendation_is_open(folder, caplog):
    caplog.set_level(logging.WARNING)
    assert_valid(folder)
    assert not caplog.records  # mlcroissant logs a context that is not that of the specification


def test_catalogue_entries_come_from_settings_and_data(folder):
    metadata = mlcroissant.Dataset(jsonld=str(folder / "croissant.json")).metadata
    assert str(metadata.ctx.conforms_to.value) == "http://mlcommons.org/croissant/1.1"
    assert [(type(one).__name__, one.name) for one in metadata.creators] == [
        ("Person", "Ada Ito"),
        ("Organization", "The Lab"),
    ]
    assert (metadata.url, metadata.version, metadata.license) == (
        "https://lab.example/news",
        "0.0.1",
        ["https://spdx.org/licenses/CC0-1.0"],
    )
    assert metadata.date_published.date().isoformat() == "2026-11-30"
    assert (metadata.publisher[0].name, metadata.keywords, metadata.in_language) == (
        "Lab Press",
        ["stance", "news"],
        ["en"],
    )
    assert "author = {Ito, Ada and {The Lab}}" in metadata.cite_as


def test_responsible_use_and_provenance_come_from_settings_and_data(folder):
    content = json.loads((folder / "croissant.json").read_text())
    assert [name for name in NEURIPS_PROPERTIES if not content.get(name) and content.get(name) is not False] == []
    assert content["rai:hasSyntheticData"] is False
    assert content["rai:dataSocialImpact"] == "It shows how news report stances."
    assert "1 outlet cannot represent the press as a whole" in content["rai:dataBiases"][0]
    assert any("PER 100%" in bias for bias in content["rai:dataBiases"])
    assert any("PER: a person" in rule for rule in content["rai:dataAnnotationProtocol"])
    assert content["rai:annotationsPerItem"].startswith("0 of 7 articles")
    assert content["prov:wasDerivedFrom"] == [
        {"@type": "prov:Entity", "@id": "urn:source:wire", "prov:label": "The Wire", "license": "CC0-1.0"}
    ]
    activities = {activity["prov:label"]: activity for activity in content["prov:wasGeneratedBy"]}
    assert list(activities) == ["Collection", "Preprocessing", "Annotation", "Adjudication"]
    agents = activities["Annotation"]["prov:wasAttributedTo"]
    assert agents == [{"@type": "prov:Person", "prov:label": "A1"}]
    # What mlcroissant reads, by its own names for the properties.
    metadata = mlcroissant.Dataset(jsonld=str(folder / "croissant.json")).metadata
    assert metadata.data_social_impact == "It shows how news report stances."
    assert metadata.data_biases == content["rai:dataBiases"]


def test_a_statement_that_is_missing_is_not_in_the_document(space):
    space = replace(space, settings=replace(space.settings, statements={}, authors=(), homepage=None))
    release.run(space, baselines=False)
    content = json.loads((space.release("0.0.1") / "croissant.json").read_text())
    assert not {"rai:dataSocialImpact", "url", "creator"} & content.keys()


def test_nested_records_can_be_read(folder):
    splits = ("train", "validation", "test")
    rows = [(split, row) for split in splits for row in records(folder, f"entities/{split}")]
    assert len(rows) == 7
    split, row = next((split, row) for split, row in rows if row[f"entities/{split}/spans"])
    name = f"entities/{split}/spans"
    assert [span[f"{name}/text"] for span in row[name]] == [b"Ada Ito", b"Bo Lund"]
    assert [(span[f"{name}/start"], span[f"{name}/label"]) for span in row[name]] == [(0, 0), (14, 0)]
    assert row[f"entities/{split}/tokens"][:2] == [b"Ada", b"Ito"]


def test_a_null_holder_and_label_names_can_be_read(folder):
    rows = records(folder, "stance/train")
    assert {row["stance/train/holder"] for row in rows} == {b"Ada Ito", None}
    names = {row["stance_label/number"]: row["stance_label/name"] for row in records(folder, "stance_label")}
    assert {names[row["stance/train/label"]] for row in rows} == {"supports", "neutral"}


def test_every_annotators_layer_can_be_read(folder):
    (row, *_) = records(folder, "annotations/test")
    assert row["annotations/test/annotator"] == b"A1"
    assert row["annotations/test/confirmed"] is True
    assert json.loads((folder / "croissant.json").read_text())["version"] == "0.0.1"


def test_the_anchors_of_a_standoff_release_can_be_read(space):
    release.run(space, standoff=True, baselines=False)
    folder = space.release("0.0.1")
    assert_valid(folder)
    spans = [span for row in records(folder, "annotations/train") for span in row["annotations/train/spans"]]
    assert {span["annotations/train/spans/anchor.first_word"] for span in spans} == {0, 3}
    assert all(len(span["annotations/train/spans/anchor.surface_digest"]) == 10 for span in spans)
