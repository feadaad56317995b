"""croissant.json as mlcroissant reads it, nested records and all."""

from __future__ import annotations

import json
import logging

import pytest

from goldwire.stages import adjudicate, release, split
from goldwire.workspace import jsonl
from support.factories import article, layer, workspace

mlcroissant = pytest.importorskip("mlcroissant")


@pytest.fixture
def folder(tmp_path):
    space = workspace(tmp_path / "trial")
    space.corpus.mkdir()
    space.sources.write_text('[wire]\nname = "The Wire"\nlanguage = "en"\nlicence = "CC0-1.0"\nredistribute = true\n')
    articles = [article(f"Ada Ito backs Bo Lund\n\nStory {n}.", id=f"wire-{n:012d}") for n in range(6)]
    articles.append(article("Nobody here", id="wire-000000000009"))
    jsonl.write(space.articles / "wire.jsonl", articles)
    spans, drawn = [(0, 7, "PER"), (14, 21, "PER")], [(0, 1, "supports"), (None, 1, "neutral")]
    layers = [layer(one, spans if "Ada" in one.text else (), drawn if "Ada" in one.text else ()) for one in articles]
    jsonl.write(space.layers / "b01" / "A1.jsonl", layers)
    adjudicate.run(space, batch="b01")
    split.run(space)
    release.run(space)
    return space.release("0.0.1")


def records(folder, name):
    return list(mlcroissant.Dataset(jsonld=str(folder / "croissant.json")).records(name))


def test_it_validates(folder, caplog):
    caplog.set_level(logging.WARNING)
    described = mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))
    assert not described.metadata.ctx.issues.errors
    # A date of publication would make every release differ: it is the one thing that is advised and left out.
    assert all("datePublished" in issue or "url" in issue for issue in described.metadata.ctx.issues.warnings)


def test_it_reads_nested_records(folder):
    everything = [row for split in ("train", "validation", "test") for row in records(folder, f"entities/{split}")]
    assert len(everything) == 7
    (split, row) = next(
        (split, row)
        for split in ("train", "validation", "test")
        for row in records(folder, f"entities/{split}")
        if row[f"entities/{split}/spans"]
    )
    name = f"entities/{split}/spans"
    assert [span[f"{name}/text"] for span in row[name]] == [b"Ada Ito", b"Bo Lund"]
    assert [(span[f"{name}/start"], span[f"{name}/label"]) for span in row[name]] == [(0, 0), (14, 0)]
    assert row[f"entities/{split}/tokens"][:2] == [b"Ada", b"Ito"]


def test_it_reads_a_null_holder_and_the_labels_by_name(folder):
    rows = records(folder, "stance/train")
    assert {row["stance/train/holder"] for row in rows} == {b"Ada Ito", None}
    names = {row["stance_label/number"]: row["stance_label/name"] for row in records(folder, "stance_label")}
    assert {names[row["stance/train/label"]] for row in rows} == {"supports", "neutral"}


def test_it_reads_every_annotators_layer(folder):
    (row, *_) = records(folder, "annotations/test")
    assert row["annotations/test/annotator"] == b"A1"
    assert row["annotations/test/confirmed"] is True
    assert json.loads((folder / "croissant.json").read_text())["version"] == "0.0.1"
