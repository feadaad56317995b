"""croissant.json as mlcroissant reads it, with nested records."""

from __future__ import annotations

import json
import logging

import pytest

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
    return space


@pytest.fixture
def folder(space):
    release.run(space, baselines=False)
    return space.release("0.0.1")


def records(folder, name):
    return list(mlcroissant.Dataset(jsonld=str(folder / "croissant.json")).records(name))


def assert_valid(folder):
    issues = mlcroissant.Dataset(jsonld=str(folder / "croissant.json")).metadata.ctx.issues
    assert not issues.errors
    # A date of publication would make every release differ, so it is left out although it is recommended.
    assert all("datePublished" in warning or "url" in warning for warning in issues.warnings)


def test_the_document_is_valid(folder, caplog):
    caplog.set_level(logging.WARNING)
    assert_valid(folder)


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
