"""Annotations in several files: texts decide which documents are one, files name annotators that nobody names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from goldwire.errors import DataError, MissingFileError
from goldwire.formats.file_sets import FileSet, articles_of, read_file_set
from support.make_tool_files import FOLDER, TEXTS
from support.random_documents import random_documents

TEXT = "Ada Ito met Bo Lund 😀 in Port Amara."


def doccano(path: Path, *rows: tuple[int, str, list[tuple[int, int, str]]]) -> Path:
    lines = [json.dumps({"id": number, "text": text, "label": spans, "Comments": []}) for number, text, spans in rows]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def prodigy(path: Path, *rows: tuple[str, str | None, list[tuple[int, int, str]]]) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for text, annotator, spans in rows:
            row = {"text": text, "answer": "accept", "spans": [{"start": s, "end": e, "label": n} for s, e, n in spans]}
            file.write(json.dumps(row | ({"_annotator_id": annotator} if annotator else {})) + "\n")
    return path


def labels(files: FileSet) -> dict[str, dict[str, int]]:
    """The number of spans by document and annotator."""
    return {d.id: {own.annotator: len(own.spans) for own in d.labels} for d in files.documents}


def test_documents_of_two_projects_are_one_where_their_texts_are_equal(tmp_path: Path) -> None:
    ada = doccano(tmp_path / "ada.jsonl", (1, TEXT, [(0, 7, "PER")]), (2, "Second text.", []))
    ben = doccano(tmp_path / "ben.jsonl", (1, "Second text.", [(0, 6, "X")]), (7, TEXT, []), (2, "Third text.", []))
    files = read_file_set([ada, ben])
    assert labels(files) == {"1": {"ada": 1, "ben": 0}, "2": {"ada": 0, "ben": 1}, "ben/2": {"ben": 0}}
    assert files.formats == ("doccano",)
    assert files.notes == ("1 document has the id of another text in an earlier file; texts decide",)


def test_annotators_are_those_that_the_files_name(tmp_path: Path) -> None:
    one = prodigy(tmp_path / "one.jsonl", (TEXT, "ada", [(0, 7, "PER")]), (TEXT, "ben", []))
    two = prodigy(tmp_path / "two.jsonl", (TEXT, "A1", []), ("Other text.", None, []))
    assert labels(read_file_set([one, two])).popitem()[1] == {"two": 0}
    assert next(iter(labels(read_file_set([one, two])).values())) == {"ada": 1, "ben": 0, "A1": 0}


def test_equal_texts_of_one_file_stay_two_documents(tmp_path: Path) -> None:
    rows = ((1, "Same text.", [(0, 4, "X")]), (2, "Same text.", []))
    files = read_file_set([doccano(tmp_path / f"{name}.jsonl", *rows) for name in ("ada", "ben")])
    assert labels(files) == {"1": {"ada": 1, "ben": 1}, "2": {"ada": 0, "ben": 0}}


def test_a_folder_of_files_that_name_nobody_has_one_file_per_annotator(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    for name in ("ada", "ben"):
        prodigy(tmp_path / "exports" / f"{name}.jsonl", (TEXT, None, [(0, 7, "PER")]))
    assert [*labels(read_file_set([tmp_path / "exports"])).values()] == [{"ada": 1, "ben": 1}]


def test_files_of_annotators_whose_ids_differ_are_joined_by_their_texts() -> None:
    """potato exports a file per annotator, in which documents have no ids."""
    files = read_file_set([FOLDER / "potato-export/conll"])
    assert {document.text.split()[0] for document in files.documents} == {text.split()[0] for text in TEXTS}
    names = [[own.annotator for own in document.labels] for document in files.documents]
    assert names == [["annotations.ada", "annotations.ben"]] * len(TEXTS)


def test_the_last_labels_of_an_annotator_count(tmp_path: Path) -> None:
    path = prodigy(tmp_path / "x.jsonl", (TEXT, "ada", [(0, 7, "PER")]), (TEXT, "ada", []))
    files = read_file_set([path])
    assert [*labels(files).values()] == [{"ada": 0}]
    assert files.notes == ("1 answer was replaced by later ones of the same annotator; the last labels count",)


def test_layers_and_articles_fit_each_other(tmp_path: Path) -> None:
    files = read_file_set([doccano(tmp_path / "ada.jsonl", (1, TEXT, [(23, 25, "X"), (0, 7, "PER")]))])
    (layer,) = files.layers()
    article = articles_of(files.documents, files.name)["1"]
    assert [span.text for span in layer.spans] == ["Ada Ito", "in"]  # after an emoji of two UTF-16 units
    assert layer.text_sha256 == article.text_sha256
    assert article.text[slice(layer.spans[1].start, layer.spans[1].end)] == "in"


def test_a_span_outside_its_text_is_a_one_line_error(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("document,annotator,label,start,end,text\nd,ada,PER,0,99,Short text.\n")
    with pytest.raises(DataError, match=r"document d, ada: the span \[0, 99\) is outside its 11 characters"):
        read_file_set([path])


def label_studio(path: Path, text: str, *results: dict[str, object]) -> Path:
    """Write a task of Label Studio with the results of one annotator."""
    task = {"id": 1, "data": {"text": text}, "annotations": [{"completed_by": 7, "result": list(results)}]}
    path.write_text(json.dumps([task]), encoding="utf-8")
    return path


def region(name: str, start: int, end: int, text: str = "") -> dict[str, object]:
    return {"id": name, "type": "labels", "value": {"start": start, "end": end, "text": text, "labels": ["PER"]}}


def test_a_region_of_label_studio_outside_its_text_is_named(tmp_path: Path) -> None:
    path = label_studio(tmp_path / "a.json", "Ada Ito.", region("r1", 0, 3), region("r2", 4, 99))
    with pytest.raises(DataError, match=r"region r2 of A7: offset 99 is outside a text of 8 code points"):
        read_file_set([path])


def test_regions_of_label_studio_with_offsets_of_python_are_recognized_by_their_text(tmp_path: Path) -> None:
    text = "\N{GRINNING FACE} Ada met Ben Ben."
    regions = [region("page", 3, 6, "Ada"), region("program", 10, 13, "Ben"), region("either", 15, 18, "Ben")]
    (document,) = read_file_set([label_studio(tmp_path / "a.json", text, *regions)]).documents
    assert [text[span.start : span.end] for span in document.labels[0].spans] == ["Ada", "Ben", "Ben"]
    assert [span.start for span in document.labels[0].spans] == [2, 10, 14]


@pytest.mark.parametrize(
    ("direction", "expected"), [("right", {(0, 1)}), ("left", {(1, 0)}), ("bi", {(0, 1), (1, 0)}), (None, {(0, 1)})]
)
def test_a_relation_of_label_studio_has_the_direction_of_its_arrow(
    direction: str | None, expected: set[tuple[int, int]], tmp_path: Path
) -> None:
    arrow = {"type": "relation", "from_id": "a", "to_id": "b", "direction": direction, "labels": ["supports"]}
    path = label_studio(tmp_path / "a.json", "Ada met Ben.", region("a", 0, 3), region("b", 8, 11), arrow)
    (document,) = read_file_set([path]).documents
    assert {(r.holder, r.target) for r in document.labels[0].relations} == expected


def test_a_missing_file_and_an_empty_one_are_one_line_errors(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="no such file or folder"):
        read_file_set([tmp_path / "nope.json"])
    (tmp_path / "empty.csv").write_text("document,annotator,label\n")
    with pytest.raises(DataError, match="no document with annotations"):
        read_file_set([tmp_path / "empty.csv"])


def test_random_documents_of_two_formats_are_merged(tmp_path: Path) -> None:
    from goldwire.formats.registry import known_formats

    documents = list(random_documents(60, seed=5))
    for name, path in (("web-annotation", "a.json"), ("csv", "b.csv")):
        known_formats()[name].write(documents, tmp_path / path)
    files = read_file_set([tmp_path / "a.json", tmp_path / "b.csv"])
    assert len(files.documents) == len(documents)
    assert {len(document.labels) for document in files.documents} == {1, 2, 3}


def test_a_folder_of_several_tools_is_read_file_by_file(tmp_path: Path) -> None:
    doccano(tmp_path / "ada.jsonl", (1, TEXT, [(0, 7, "PER")]), (2, "Second text.", []))
    doccano(tmp_path / "ben.jsonl", (1, "Second text.", []), (2, TEXT, [(0, 7, "PER")]))
    prodigy(tmp_path / "eva.jsonl", (TEXT, None, [(0, 7, "PER")]))
    (tmp_path / "README.txt").write_text("Three files.")
    files = read_file_set([tmp_path])
    assert labels(files) == {"1": {"ada": 1, "ben": 1, "eva": 1}, "2": {"ada": 0, "ben": 0}}
    assert files.formats == ("doccano", "prodigy")


def test_labels_with_other_names_are_noted(tmp_path: Path) -> None:
    ada = doccano(tmp_path / "ada.jsonl", (1, TEXT, [(0, 7, "PER")]))
    ben = doccano(tmp_path / "ben.jsonl", (1, TEXT, [(0, 7, "PERSON")]))
    (note,) = read_file_set([ada, ben]).notes
    assert note == "ada and ben have no label in common: are the same labels named differently?"
