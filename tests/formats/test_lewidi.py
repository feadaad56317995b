"""The sets of LeWiDi 2025: texts of two parts, several answers of one annotator, sets that are to be predicted."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from goldwire.errors import DataError
from goldwire.formats.registry import find_format, guess_format


def test_answers_of_the_sets_of_2025_are_read(tmp_path: Path) -> None:
    common = {
        "annotation task": "inference",
        "annotators": "Ann1,Ann2",
        "lang": "en",
        "other_info": {"explanations": []},
    }
    text = {"context": "Ada spoke.", "statement": "Ada was silent."}
    several = {"Ann1": "neutral,contradiction", "Ann2": -2}
    items = {
        "1": common | {"text": text, "annotations": several, "soft_label": {"neutral": {"0": 0.5, "1": 0.5}}},
        "2": common | {"text": text, "annotations": {"Ann1": "", "Ann2": None}, "soft_label": {}},
    }
    path = tmp_path / "train.json"
    path.write_bytes(msgspec.json.encode(items))
    assert guess_format(path).name == "lewidi"
    first, second = find_format("lewidi").read(path)
    assert msgspec.json.decode(first.text) == text
    answers = {own.annotator: [(r.target_name, r.label) for r in own.relations] for own in first.labels}
    assert answers == {"Ann1": [("inference", "contradiction, neutral")], "Ann2": [("inference", "-2")]}
    assert second.labels == ()


def test_a_set_whose_items_name_a_document_has_one_document_per_item(tmp_path: Path) -> None:
    item = {"text": "Ada spoke.", "task": "irony", "annotations": "1,0", "annotators": "Ann1,Ann2"}
    path = tmp_path / "train.json"
    path.write_bytes(msgspec.json.encode({"7": item | {"other_info": {"document": "thread 3", "level": 2}}}))
    (document,) = find_format("lewidi").read(path)
    assert document.id == "7"
    assert [own.relations[0].label for own in document.labels] == ["1", "0"]


def test_spans_that_are_no_offsets_are_an_error(tmp_path: Path) -> None:
    info = {"document": "d", "holder": None, "target": None, "target_name": "Ada", "spans": {"A1": [[0, "3", "PER"]]}}
    item = {"text": "Ada.", "task": "holder-target stance", "annotations": "supports", "annotators": "A1"}
    path = tmp_path / "train.json"
    path.write_bytes(msgspec.json.encode({"d-0": item | {"other_info": info}}))
    with pytest.raises(DataError, match="not items of LeWiDi"):
        list(find_format("lewidi").read(path))


def test_another_json_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "records.json"
    path.write_bytes(msgspec.json.encode([{"text": "Ada."}]))
    with pytest.raises(DataError, match="not items of LeWiDi"):
        list(find_format("lewidi").read(path))
