"""What a Label Studio server exports: `make_label_studio_files.py` annotated on it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from goldwire.errors import DataError
from goldwire.formats import output, registry
from goldwire.formats.document import Document, Labels, Span
from support.make_tool_files import FOLDER, RELATIONS, SPANS, STANCES, TEXTS

SERVER = FOLDER / "label-studio-server"
OF_BEN = {"A2": "ben", "ben": "ben"}


def labels_by_name(document: Document) -> dict[str, Labels]:
    assert len(document.labels) == len(SPANS)
    return {OF_BEN.get(own.annotator, "ada"): own for own in document.labels}


def answers(labels: Labels) -> dict[str | None, str]:
    return {r.target_name: r.label for r in labels.relations if r.target is None}


@pytest.mark.parametrize("name", ["export.json", "json-min.json", "returned.json"])
def test_spans_and_relations_of_each_export_are_read(name: str) -> None:
    assert registry.guess_format(SERVER / name).name == "label-studio"
    documents = list(registry.read_documents(SERVER / name))
    assert [document.text for document in documents] == list(TEXTS)
    for number, document in enumerate(documents):
        for annotator, own in labels_by_name(document).items():
            assert [(span.start, span.end, span.label) for span in own.spans] == SPANS[annotator][number]
            relations = [(r.label, r.holder, r.target) for r in own.relations if r.target is not None]
            assert relations == (RELATIONS[annotator][number] if name != "json-min.json" else [])


def test_spans_that_were_drawn_on_the_page_are_where_they_were_drawn() -> None:
    """The second and third are behind an emoji: a server stores what it is sent, so only the page shows the unit."""
    (document,) = registry.read_documents(SERVER / "drawn.json")
    assert [(span.start, span.end, span.label) for span in document.labels[0].spans] == SPANS["ada"][0]
    tasks = msgspec.json.decode((SERVER / "drawn.json").read_bytes())
    values = [result["value"] for result in tasks[0]["annotations"][0]["result"]]
    assert [(value["start"], value["end"], value["labels"][0]) for value in values] == SPANS["ada"][0]


@pytest.mark.parametrize(("start", "end"), [(19, 30), (20, 31)])
def test_old_offsets_are_recognized_by_the_stored_text(start: int, end: int, tmp_path: Path) -> None:
    region = {"start": start, "end": end, "text": "Port League", "labels": ["ORG"]}
    result = {"id": "r", "type": "labels", "from_name": "label", "to_name": "text", "value": region}
    task = {"id": 1, "data": {"text": TEXTS[0]}, "annotations": [{"id": 1, "result": [result]}]}
    (tmp_path / "tasks.json").write_bytes(msgspec.json.encode([task]))
    (document,) = registry.read_documents(tmp_path / "tasks.json")
    assert document.labels[0].spans == (Span(start=19, end=30, label="ORG"),)


def test_answers_are_of_the_text_or_of_a_region() -> None:
    first = labels_by_name(next(iter(registry.read_documents(SERVER / "export.json"))))
    others = {"topics": "law, port", "quality": "4", "year": "1911", "place": "coast/Tolm"}
    assert answers(first["ada"]) == {"stance": STANCES["ada"][0], **others}
    assert answers(first["ben"]) == {"stance": STANCES["ben"][0]}
    assert first["ada"].comments == ("A long sentence.\nAnother one.",)
    region = Span(start=0, end=7, label="PER", attributes={"certainty": "unsure"}, note="two people")
    assert first["ada"].spans[0] == region
    in_short = labels_by_name(next(iter(registry.read_documents(SERVER / "json-min.json"))))
    assert answers(in_short["ada"]).items() >= {"stance": STANCES["ada"][0], **others}.items()
    assert answers(in_short["ben"]) == {"stance": STANCES["ben"][0]}


def test_annotators_return_by_name_from_a_server_that_does_not_know_them() -> None:
    """A task whose `completed_by` is an address without an account is refused by the server."""
    returned = list(registry.read_documents(SERVER / "returned.json"))
    assert {own.annotator for document in returned for own in document.labels} == {"ada", "ben"}
    tasks = msgspec.json.decode((SERVER / "returned.json").read_bytes())
    assert {annotation["completed_by"] for task in tasks for annotation in task["annotations"]} == {1}


def test_what_a_server_exports_is_written_without_loss(tmp_path: Path) -> None:
    documents = list(registry.read_documents(SERVER / "export.json"))
    output.write_documents(documents, registry.find_format("label-studio"), tmp_path / "tasks.json")
    assert list(registry.read_documents(tmp_path / "tasks.json")) == documents


def test_addresses_are_the_annotators_of_written_tasks(tmp_path: Path) -> None:
    labels = Labels(annotator="ada@example.org", comments=("Yes.",))
    path = tmp_path / "tasks.json"
    registry.find_format("label-studio").write([Document(id="d", text="Ada.", labels=(labels,))], path)
    (annotation,) = msgspec.json.decode(path.read_bytes())[0]["annotations"]
    assert annotation["completed_by"] == {"email": "ada@example.org"}
    assert next(iter(registry.read_documents(path))).labels == (labels,)


def test_csv_of_regions_is_an_error_with_the_export_to_choose() -> None:
    with pytest.raises(DataError, match=r"labels\.csv:\d+: a label is a list in JSON; hint: export JSON from Label"):
        list(registry.read_documents(SERVER / "labels.csv"))


def test_regions_of_other_media_are_an_error(tmp_path: Path) -> None:
    region = {"id": "r", "type": "paragraphlabels", "value": {"start": "0", "end": "1", "paragraphlabels": ["PER"]}}
    task = {"id": 1, "data": {"text": "Ada."}, "annotations": [{"id": 1, "result": [region]}]}
    (tmp_path / "tasks.json").write_bytes(msgspec.json.encode([task]))
    with pytest.raises(DataError, match="regions of the type paragraphlabels are not of a plain text"):
        list(registry.read_documents(tmp_path / "tasks.json"))
