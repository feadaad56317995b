"""Tables of a release: labels as numbers and names, digests of content, deterministic bytes."""

from __future__ import annotations

import pytest

from goldwire.errors import GoldwireError
from goldwire.release import parquet

LABELS = parquet.Labels(("PER", "ORG"), ("opposes", "neutral", "supports"))
ROW = {
    "article_id": "a",
    "text_sha256": "0",
    "batch": "b01",
    "annotator": "A1",
    "guidelines_version": "1.0",
    "schema_version": "1.0",
    "confirmed": True,
    "spans": [{"id": "T1", "start": 0, "end": 3, "label": "ORG", "text": "Ito"}],
    "stances": [{"id": "R1", "holder": None, "target": "T1", "target_name": "Ito", "label": "supports"}],
}


def made(*rows, labels=LABELS):
    return parquet.table(rows, parquet.features(labels)["annotations"])


def test_labels_are_numbers_in_the_table_and_names_again():
    table = made(ROW)
    assert table.to_pylist()[0]["spans"][0]["label"] == 1
    assert list(parquet.decoded(table)) == [ROW]


def test_it_survives_the_file(tmp_path):
    path = tmp_path / "x.parquet"
    path.write_bytes(parquet.to_bytes(made(ROW, ROW)))
    back = parquet.read(path)
    assert list(parquet.decoded(back)) == [ROW, ROW]
    assert parquet.content_digest(back) == parquet.content_digest(made(ROW, ROW))
    assert parquet.labels_of({"annotations": {"train": back}, "entities": {"train": entities()}}) == LABELS


def entities():
    kind = parquet.features(LABELS)["entities"]
    return parquet.table([{"article_id": "a", "ner_tags": ["O"], "spans": []}], kind)


def test_bytes_are_the_same_each_time():
    assert parquet.to_bytes(made(ROW)) == parquet.to_bytes(made(ROW))


@pytest.mark.parametrize(
    "other",
    [
        [ROW, ROW],
        [{**ROW, "annotator": "A2"}],
        [{**ROW, "confirmed": None}],
        [{**ROW, "spans": []}],
        [],
    ],
)
def test_other_content_has_another_digest(other):
    assert parquet.content_digest(made(*other)) != parquet.content_digest(made(ROW))


def test_the_names_of_labels_are_content():
    turned = parquet.Labels(("ORG", "PER"), LABELS.stance)
    row = {**ROW, "spans": [{**ROW["spans"][0], "label": "PER"}]}
    assert made(row, labels=turned).to_pylist() == made(ROW).to_pylist()
    assert parquet.content_digest(made(row, labels=turned)) != parquet.content_digest(made(ROW))


def test_an_empty_column_keeps_its_type():
    table = made({**ROW, "spans": [], "stances": []})
    assert table.schema == made(ROW).schema


def test_an_unknown_label_is_named():
    with pytest.raises(GoldwireError, match="LOC"):
        made({**ROW, "spans": [{**ROW["spans"][0], "label": "LOC"}]})


@pytest.mark.parametrize("data", [None, b"", b"PAR1 but no more"])
def test_a_missing_or_broken_file_is_one_clear_line(tmp_path, data):
    path = tmp_path / "x.parquet"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(GoldwireError, match=r"x\.parquet"):
        parquet.read(path)
