"""The sets of LeWiDi 2025: texts of two parts, several answers of one annotator, sets that are to be predicted."""

from __future__ import annotations

from pathlib import Path

import msgspec

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
