"""Tables of a release as Parquet files: digests of content, deterministic bytes, clear errors."""

from __future__ import annotations

import io
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
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
    tables = [annotation_table(row, labels=swapped), annotation_table(ROW)]
    assert [table.to_pylist()[0]["spans"][0]["label"] for table in tables] == [1, 1]
    assert parquet.content_digest(annotation_table(row, labels=swapped)) != parquet.content_digest(
        annotation_table(ROW)
    )


def test_the_names_of_the_labels_are_columns_for_readers_that_see_numbers_only():
    (row,) = annotation_table(ROW).to_pylist()
    assert [(span["label"], span["label_name"]) for span in row["spans"]] == [(1, "ORG")]
    assert [(stance["label"], stance["label_name"]) for stance in row["stances"]] == [(2, "supports")]
    (row,) = entity_table().to_pylist()
    assert (row["ner_tags"], row["ner_tag_names"]) == ([0], ["O"])


def test_a_large_table_is_divided_into_shards_that_are_read_as_one(tmp_path):
    rows = [{**ROW, "article_id": str(number)} for number in range(10)]
    table = annotation_table(*rows)
    assert len(parquet.to_shards(table)) == 1
    shards = parquet.to_shards(table, max_bytes=table.nbytes // 3)
    paths = [parquet.data_file("annotations", "train", number, len(shards)) for number in range(len(shards))]
    for path, shard in zip(paths, shards, strict=True):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(parquet.to_bytes(shard))
    assert len(shards) >= 3
    assert max(shard.num_rows for shard in shards) - min(shard.num_rows for shard in shards) <= 1
    assert (
        parquet.data_files([*reversed(paths), "data/annotations/test-00000-of-00001.parquet"], "annotations", "train")
        == paths
    )
    assert list(parquet.iter_rows(parquet.read_shards(tmp_path, paths))) == rows
    assert [
        str(path.relative_to(tmp_path)) for path in sorted(tmp_path.glob(parquet.split_pattern("annotations", "train")))
    ] == paths
    assert parquet.to_shards(annotation_table(ROW), max_bytes=1)[0].num_rows == 1


def test_one_more_row_leaves_most_of_a_file_unchanged():
    """The storage of the Hub uploads only what is new: content-defined chunks begin at the same rows again."""
    random = Random(7)
    texts = ["".join(random.choices("abcdefghij ", k=2_000)) for _ in range(2_500)]
    before = parquet.to_bytes(pa.table({"text": texts}))
    after = parquet.to_bytes(pa.table({"text": ["A text that was added.", *texts]}))
    blocks = {before[start : start + 256] for start in range(len(before))}
    unchanged = sum(after[start : start + 256] in blocks for start in range(0, len(after), 256))
    assert unchanged / (len(after) / 256) > 0.5


def test_a_file_has_a_page_index():
    metadata = pq.read_metadata(io.BytesIO(parquet.to_bytes(annotation_table(ROW))))
    column = metadata.row_group(0).column(0)
    assert column.has_column_index
    assert column.has_offset_index


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
