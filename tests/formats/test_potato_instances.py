"""Rows of potato 1; `test_potato.py` reads what its server wrote."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from goldwire.errors import DataError
from goldwire.formats import registry


def write_instance(folder: Path, **changes: object) -> Path:
    row = {"id": "1", "displayed_text": " Port & Tram met.", "label_annotations": {}, "span_annotations": []}
    (folder / "ada").mkdir(parents=True)
    (folder / "ada/annotated_instances.jsonl").write_bytes(msgspec.json.encode({**row, **changes}) + b"\n")
    return folder


@pytest.mark.parametrize(("start", "end"), [(11, 15), (7, 11)])
def test_offsets_of_potato_1_may_count_html(start: int, end: int, tmp_path: Path) -> None:
    span = {"start": start, "end": end, "span": "Tram", "annotation": "ORG"}
    (document,) = registry.read_documents(write_instance(tmp_path, span_annotations=[span]))
    assert [(s.start, s.end) for s in document.labels[0].spans] == [(8, 12)]


def test_a_span_of_potato_1_that_is_elsewhere_is_an_error(tmp_path: Path) -> None:
    span = {"start": 0, "end": 4, "span": "Tram", "annotation": "ORG"}
    folder = write_instance(tmp_path, span_annotations=[span])
    with pytest.raises(DataError, match="its span 'Tram' is not at 0 to 4 in its text"):
        list(registry.read_documents(folder))


def test_numbers_of_sliders_and_keys_of_potato_1_are_read(tmp_path: Path) -> None:
    answers = {"slider": {"certainty": "7"}, "topics": {"law": "2", "port": "1"}, "why": {"free_response": "Unsure."}}
    (document,) = registry.read_documents(write_instance(tmp_path, label_annotations=answers))
    found = {r.target_name: r.label for r in document.labels[0].relations}
    assert found == {"certainty": "7", "topics": "law, port"}
    assert document.labels[0].comments == ("Unsure.",)
