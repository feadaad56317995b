"""What potato servers wrote: `make_potato_files.py` annotated on them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from goldwire.errors import DataError
from goldwire.formats import registry
from support.make_tool_files import FOLDER, RELATIONS, SPANS, STANCES, TEXTS


@pytest.mark.parametrize("name", ["potato-server", "potato-1"])
def test_what_a_server_saves_is_read(name: str) -> None:
    """Potato 1 has no relations, and a file with the rows of all annotators beside those of each."""
    assert registry.guess_format(FOLDER / name).name == "potato"
    documents = list(registry.read_documents(FOLDER / name))
    assert [document.text for document in documents] == list(TEXTS)
    for number, document in enumerate(documents):
        assert [own.annotator for own in document.labels] == list(SPANS)
        for own in document.labels:
            assert [(span.start, span.end, span.label) for span in own.spans] == SPANS[own.annotator][number]
            relations = [(r.label, r.holder, r.target) for r in own.relations if r.target is not None]
            assert relations == (RELATIONS[own.annotator][number] if name == "potato-server" else [])
            answers = {r.target_name: r.label for r in own.relations if r.target is None}
            topics = {"topics": "law, port"} if own.annotator == "ada" else {}
            assert answers == {"stance": STANCES[own.annotator][number], "quality": "4", **topics}
            assert own.comments == ("two readings",)


def test_offsets_before_potato_2_9_are_utf_16_units(tmp_path: Path) -> None:
    folder = FOLDER / "potato-2.8.2"
    (document,) = registry.read_documents(folder)
    assert [(span.start, span.end, span.label) for span in document.labels[0].spans] == SPANS["ada"][0]
    shutil.copytree(folder, tmp_path / "out")
    file = tmp_path / "out/annotation_output/ada/user_state.json"
    state = file.read_bytes()
    assert state.count(b'"start": 20') == 1
    file.write_bytes(state.replace(b'"start": 20', b'"start": 9'))
    with pytest.raises(DataError, match=r"user_state\.json: UTF-16 offset 9 is inside a character"):
        list(registry.read_documents(tmp_path / "out"))
