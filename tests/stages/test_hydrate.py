"""A stand-off release, and its text put back from a user's own copies."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from goldwire.errors import GoldwireError
from goldwire.records import Release
from goldwire.release import reader
from goldwire.release.rows import CONFIGS
from goldwire.stages import adjudicate, hydrate, release, split
from goldwire.workspace import jsonl
from support.factories import article, layer, workspace

TEXT = (
    "Ada Ito backs Bo Lund in story {n}\n\nThe mayor of Northmoor, Ada Ito, said on day {n} that the council would "
    "vote for the plan of Bo Lund before winter.\n\nFarmers at the harbour asked for “more” than promise number {n}."
)
SECRET = ("Farmers", "harbour", "council", "Ada", "Lund")


@pytest.fixture
def space(tmp_path):
    space = workspace(tmp_path / "trial")
    space.corpus.mkdir()
    space.sources.write_text('[wire]\nname = "The Wire"\nlanguage = "en"\nlicence = "CC0-1.0"\nredistribute = false\n')
    articles = [article(TEXT.format(n=n), id=f"wire-{n:012d}", url=f"https://wire.example/{n}") for n in range(8)]
    jsonl.write(space.articles / "wire.jsonl", articles)
    for name in ("A1", "A2"):
        layers = []
        for item in articles:
            second, third = item.text.index("Ada Ito, said"), item.text.index("Bo Lund before")
            spans = [(0, 7, "PER"), (14, 21, "PER"), (second, second + 7, "PER"), (third, third + 7, "PER")]
            layers.append(layer(item, spans, [(0, 1, "supports"), (None, 2, "opposes")], annotator=name))
        jsonl.write(space.layers / "b01" / f"{name}.jsonl", layers)
    adjudicate.run(space, batch="b01")
    split.run(space)
    return space


def write_texts(space, folder, change=lambda text: text):
    """Write a user's copies of the articles, changed by `change`."""
    folder.mkdir()
    for item in jsonl.read(space.articles / "wire.jsonl", dict):
        (folder / f"{item['id']}.txt").write_bytes(change(item["text"]).encode())
    return folder


def rows(folder, config):
    version = reader.ReleasedVersion(folder, jsonl.read_document(folder / "manifest.json", Release))
    return [row for split in version.splits(config) for row in version.rows(config, split)]


def test_a_standoff_release_contains_no_word_of_the_text(space):
    release.run(space, standoff=True)
    for path in space.release("0.0.1").rglob("*"):
        if path.suffix == ".parquet":
            content = json.dumps(pq.read_table(path).to_pylist())
        else:
            content = path.read_text() if path.is_file() else ""
        assert not [word for word in SECRET if word in content], path


def test_hydration_with_unchanged_texts_equals_a_release_with_text(space, tmp_path):
    release.run(space, standoff=True)
    bare = space.release("0.0.1")
    report = hydrate.run(bare, texts=write_texts(space, tmp_path / "mine"), out=tmp_path / "full")
    assert (report.articles, report.gold_labels, report.restored) == ({"exact": 8}, 48, 48)
    bare.rename(tmp_path / "bare")
    release.run(space, full_text="for a test")
    for config in CONFIGS:
        assert rows(tmp_path / "full", config) == rows(space.release("0.0.1"), config)


def test_an_edited_text_is_aligned_and_lost_labels_are_omitted(space, tmp_path):
    def change(text: str) -> str:
        text = text.replace("Ada Ito, said", "Ida Ito, said").replace("“more”", '"more"')
        return "Home | News\r\n" + text.replace("\n\n", "\r\n\r\nAdvertisement\r\n", 1)

    release.run(space, standoff=True)
    report = hydrate.run(
        space.release("0.0.1"), texts=write_texts(space, tmp_path / "mine", change), out=tmp_path / "full"
    )
    assert report.articles == {"aligned": 8}
    # The edited mention is lost, and the stance towards it.
    assert report.outcomes[0].lost_labels == ("R1", "T3", "b01/A1 R1", "b01/A1 T3", "b01/A2 R1", "b01/A2 T3")
    for row in rows(tmp_path / "full", "entities"):
        assert [span["text"] for span in row["spans"]] == ["Ada Ito", "Bo Lund", "Bo Lund"]
        assert all(row["text"][span["start"] : span["end"]] == span["text"] for span in row["spans"])
        assert sum(tag.startswith("B-") for tag in row["ner_tags"]) == 3
    for row in (*rows(tmp_path / "full", "stance"), *rows(tmp_path / "full", "stance_candidates")):
        assert (row["holder"], row["target"]) == ("Ada Ito", "Bo Lund")
        assert row["text"][row["target_start"] : row["target_end"]] == "Bo Lund"
    texts = {row["article_id"]: row["text"] for row in rows(tmp_path / "full", "entities")}
    candidates = rows(tmp_path / "full", "entity_candidates")
    assert len(candidates) == 24
    for row in candidates:
        assert texts[row["article_id"]][row["start"] : row["end"]] == row["surface"]
        assert {(answer["start"], answer["end"]) for answer in row["answers"]} == {(row["start"], row["end"])}


def test_the_text_of_a_different_article_is_not_used(space, tmp_path):
    release.run(space, standoff=True)
    mine = write_texts(space, tmp_path / "mine", lambda _: "A different page, about the weather in the north.")
    report = hydrate.run(space.release("0.0.1"), texts=mine, out=tmp_path / "full")
    assert (report.articles, report.restored) == ({"different-article": 8}, 0)


def test_a_missing_text_is_reported(space, tmp_path):
    release.run(space, standoff=True)
    mine = write_texts(space, tmp_path / "mine")
    (mine / "wire-000000000003.txt").unlink()
    report = hydrate.run(space.release("0.0.1"), texts=mine, out=tmp_path / "full")
    assert report.articles == {"exact": 7, "missing": 1}
    assert json.loads((tmp_path / "full" / "hydrated.json").read_bytes())["restored"] == 42


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
def test_texts_are_read_from_a_table_by_url(space, tmp_path, kind):
    release.run(space, standoff=True)
    mine = [{"url": f"https://wire.example/{n}", "text": TEXT.format(n=n)} for n in range(8)]
    path = tmp_path / f"mine.{kind}"
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(mine), path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in mine))
    assert hydrate.run(space.release("0.0.1"), texts=path, out=tmp_path / "full").articles == {"exact": 8}


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
def test_texts_are_read_from_tables_in_a_folder(space, tmp_path, kind):
    release.run(space, standoff=True)
    for number in range(8):
        row = {"id": f"wire-{number:012d}", "text": TEXT.format(n=number)}
        path = tmp_path / "mine" / f"part{number % 2}" / f"{number}.{kind}"
        path.parent.mkdir(parents=True, exist_ok=True)
        if kind == "parquet":
            pq.write_table(pa.Table.from_pylist([row]), path)
        else:
            path.write_text(json.dumps(row) + "\n")
    (tmp_path / "mine" / "notes.md").write_text("not a text")
    report = hydrate.run(space.release("0.0.1"), texts=tmp_path / "mine", out=tmp_path / "full")
    assert report.articles == {"exact": 8}


def test_texts_are_read_from_the_articles_of_a_workspace(space, tmp_path):
    release.run(space, standoff=True)
    report = hydrate.run(space.release("0.0.1"), texts=space.articles, out=tmp_path / "full")
    assert (report.articles, report.restored) == ({"exact": 8}, report.gold_labels)


def test_texts_of_all_kinds_are_read_together(space, tmp_path):
    release.run(space, standoff=True)
    mine = write_texts(space, tmp_path / "mine")
    (mine / "wire-000000000003.txt").unlink()
    (mine / "more.jsonl").write_text(json.dumps({"id": "wire-000000000003", "text": TEXT.format(n=3)}) + "\n")
    report = hydrate.run(space.release("0.0.1"), texts=mine, out=tmp_path / "full")
    assert report.articles == {"exact": 8}


def test_a_folder_without_texts_and_a_broken_table_are_errors(space, tmp_path):
    release.run(space, standoff=True)
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "notes.md").write_text("x")
    with pytest.raises(GoldwireError, match="no texts"):
        hydrate.run(space.release("0.0.1"), texts=mine, out=tmp_path / "full")
    (mine / "part.parquet").write_bytes(b"PAR1")
    with pytest.raises(GoldwireError, match="not readable as Parquet"):
        hydrate.run(space.release("0.0.1"), texts=mine, out=tmp_path / "full")
    assert not (tmp_path / "full").exists()


def test_both_releases_load_with_datasets(space, tmp_path):
    release.run(space, standoff=True)
    full = tmp_path / "full"
    hydrate.run(space.release("0.0.1"), texts=write_texts(space, tmp_path / "mine"), out=full)
    code = (
        "import sys; from datasets import load_dataset\nfor path in sys.argv[1:]:\n  for c in ('entities', 'stance'):\n"
    )
    code += "    print(sum(len(rows) for rows in load_dataset(path, c).values()))"
    environment = {**os.environ, "HF_HOME": str(tmp_path / "hf"), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", code, str(full), str(space.release("0.0.1"))]
    process = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert process.stdout.split() == ["8", "16", "8", "16"], process.stderr[-1000:]


def test_only_a_standoff_release_can_be_hydrated(space, tmp_path):
    release.run(space, full_text="for a test")
    mine = write_texts(space, tmp_path / "mine")
    with pytest.raises(GoldwireError):
        hydrate.run(space.release("0.0.1"), texts=mine, out=tmp_path / "full")
    with pytest.raises(GoldwireError):
        hydrate.run(tmp_path, texts=mine, out=tmp_path / "full")
    assert not (tmp_path / "full").exists()
