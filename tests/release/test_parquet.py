"""Tables of a release as Parquet files: digests of content, deterministic bytes, clear errors."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from goldwire.errors import GoldwireError
from goldwire.release import parquet
from goldwire.release.features import LabelNames, config_features, label_names_of

LABELS = LabelNames(("PER", "ORG"), ("opposes", "neutral", "supports"))
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


def annotation_table(*rows: dict[str, Any], labels: LabelNames = LABELS) -> pa.Table:
    return parquet.to_table(rows, config_features(labels)["annotations"])


def entity_table() -> pa.Table:
    row = {"article_id": "a", "ner_tags": ["O"], "spans": []}
    return parquet.to_table([row], config_features(LABELS)["entities"])


def test_labels_are_numbers_in_the_table_and_names_in_the_rows():
    table = annotation_table(ROW)
    assert table.to_pylist()[0]["spans"][0]["label"] == 1
    assert list(parquet.iter_rows(table)) == [ROW]


def test_a_table_is_the_same_after_writing_and_reading(tmp_path):
    path = tmp_path / "x.parquet"
    path.write_bytes(parquet.to_bytes(annotation_table(ROW, ROW)))
    table = parquet.read_table(path)
    assert list(parquet.iter_rows(table)) == [ROW, ROW]
    assert parquet.content_digest(table) == parquet.content_digest(annotation_table(ROW, ROW))
    assert label_names_of({"annotations": {"train": table}, "entities": {"train": entity_table()}}) == LABELS


def test_the_bytes_are_the_same_each_time():
    assert parquet.to_bytes(annotation_table(ROW)) == parquet.to_bytes(annotation_table(ROW))


@pytest.mark.parametrize(
    "rows",
    [
        [ROW, ROW],
        [{**ROW, "annotator": "A2"}],
        [{**ROW, "confirmed": None}],
        [{**ROW, "spans": []}],
        [],
    ],
)
def test_different_content_has_a_different_digest(rows):
    assert parquet.content_digest(annotation_table(*rows)) != parquet.content_digest(annotation_table(ROW))


def test_the_names_of_the_labels_are_content():
    swapped = LabelNames(("ORG", "PER"), LABELS.stance)
    row = {**ROW, "spans": [{**ROW["spans"][0], "label": "PER"}]}
    assert annotation_table(row, labels=swapped).to_pylist() == annotation_table(ROW).to_pylist()
    assert parquet.content_digest(annotation_table(row, labels=swapped)) != parquet.content_digest(
        annotation_table(ROW)
    )


def test_an_empty_column_keeps_its_type():
    table = annotation_table({**ROW, "spans": [], "stances": []})
    assert table.schema == annotation_table(ROW).schema


def test_an_error_names_an_unknown_label():
    with pytest.raises(GoldwireError, match="LOC"):
        annotation_table({**ROW, "spans": [{**ROW["spans"][0], "label": "LOC"}]})


@pytest.mark.parametrize("data", [None, b"", b"PAR1 but no more"])
def test_an_error_names_a_missing_or_broken_file(tmp_path, data):
    path = tmp_path / "x.parquet"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(GoldwireError, match=r"x\.parquet"):
        parquet.read_table(path)
