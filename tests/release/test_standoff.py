"""Rows without text, users' texts in several formats, and rows with the users' texts."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from goldwire.errors import GoldwireError
from goldwire.records import SplitAssignment
from goldwire.release.rows import ReleaseEntry, annotation_row, entity_row, stance_rows
from goldwire.release.standoff import (
    candidate_texts,
    fill_annotation,
    fill_entity,
    fill_stance,
    read_user_texts,
    realign,
    strip_text,
)
from goldwire.text.tokenization import tokens
from support.factories import article, layer

TEXT = "Ada Ito backs Bo Lund in the vote\n\nThe mayor said that farmers would wait for rain before the winter."
ARTICLE = article(TEXT)
LAYER = layer(ARTICLE, [(0, 7, "PER"), (14, 21, "PER")], [(0, 1, "supports")])
ENTRY = ReleaseEntry(
    article=ARTICLE,
    gold=LAYER,
    assignment=SplitAssignment(article_id=ARTICLE.id, cluster=ARTICLE.id, split="train", since_version="0.0.1"),
    n_annotators=1,
    decisions={},
)
ENTITY, ANNOTATION = entity_row(ENTRY, tokens(TEXT)), annotation_row(LAYER)
(STANCE,) = stance_rows(ENTRY, ("opposes", "supports"))
STRIPPED = {
    config: strip_text(config, row, TEXT)
    for config, row in (("entities", ENTITY), ("stance", STANCE), ("annotations", ANNOTATION))
}


def test_stripped_rows_contain_no_word_of_the_text():
    content = json.dumps(list(STRIPPED.values()))
    assert not [word for word in ("Ada", "Lund", "mayor", "farmers") if word in content]


def test_the_name_of_a_target_without_offsets_is_not_part_of_the_text():
    row = STANCE | {"target": "the vote", "target_start": None, "target_end": None}
    assert strip_text("stance", row, TEXT)["target"] == "the vote"


@pytest.mark.parametrize("text", [TEXT, TEXT.replace("\n", "\r\n")])
def test_filling_stripped_rows_restores_them(text):
    user_text = realign(STRIPPED["entities"], [STRIPPED["annotations"]], candidate_texts(text))
    assert user_text.exact
    assert fill_entity(STRIPPED["entities"], user_text, tokens(TEXT)) == ENTITY
    assert fill_stance(STRIPPED["stance"], user_text) == STANCE
    assert fill_annotation(STRIPPED["annotations"], user_text) == ANNOTATION


def test_labels_that_are_lost_are_omitted():
    user_text = realign(STRIPPED["entities"], [STRIPPED["annotations"]], [TEXT.replace("Ada Ito", "Ida Ito")])
    assert not user_text.exact
    filled = fill_annotation(STRIPPED["annotations"], user_text)
    assert [span["text"] for span in filled["spans"]] == ["Bo Lund"]
    assert filled["stances"] == []
    assert fill_stance(STRIPPED["stance"], user_text) is None


def test_the_text_of_a_different_article_is_recognised():
    assert (
        realign(STRIPPED["entities"], [], ["Snow fell on the upper road before dawn and the carts turned back."])
        is None
    )


def test_texts_are_read_from_a_folder_of_text_files(tmp_path):
    (tmp_path / "a1.txt").write_bytes("\ufeffRain fell.".encode())
    assert read_user_texts(tmp_path) == {"a1": "Rain fell."}
    (tmp_path / "a2.txt").write_bytes(b"caf\xe9")
    with pytest.raises(GoldwireError, match=r"a2\.txt.*UTF-8"):
        read_user_texts(tmp_path)


def test_texts_are_read_from_rows_by_id_and_by_url(tmp_path):
    rows = [{"id": "a1", "url": "https://wire.example/1", "text": "Rain"}, {"id": "a2", "text": None}]
    (tmp_path / "texts.jsonl").write_text("".join(json.dumps(row) + "\n\n" for row in rows))
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "texts.parquet")
    for name in ("texts.jsonl", "texts.parquet"):
        assert read_user_texts(tmp_path / name) == {"a1": "Rain", "https://wire.example/1": "Rain"}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("texts.csv", b"id,text\n"),
        ("texts.jsonl", b"{}\n"),
        ("texts.jsonl", b'{"id": "a1", "text": "Rain"}\n{"id": \n'),
        ("texts.parquet", b"PAR1 but no more"),
    ],
)
def test_an_error_names_a_file_that_cannot_be_used(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(GoldwireError, match=name):
        read_user_texts(tmp_path / name)
