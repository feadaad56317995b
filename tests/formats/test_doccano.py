"""Exports of all versions of Doccano: `make_old_doccano_files.py` made them with the exporters of these versions."""

from __future__ import annotations

import gzip
import shutil
import zipfile
from pathlib import Path

import msgspec
import pytest

from goldwire.errors import DataError
from goldwire.formats import output, registry
from goldwire.formats.document import Document, Labels
from goldwire.formats.file_sets import read_file_set
from goldwire.stages import adjudicate
from support.make_old_doccano_files import UNLABELLED
from support.make_tool_files import FOLDER, RELATIONS, SPANS, STANCES, TEXTS

DOCCANO = FOLDER / "doccano"
USERS = {"A2": "ada", "A3": "ben"}  # numbers of users in version 1.2 and earlier
FOLDERS = sorted(
    str(folder.relative_to(DOCCANO))
    for folder in DOCCANO.glob("*/*")
    if folder.is_dir() and folder.parent.name not in {"1.0.0", "1.2.4", "1.8.4"}
)
CUT_AT_LINE_ENDS = {f"{version}/categories-txt" for version in ("1.3.1", "1.5.5", "1.6.2")}
ONE_FILE = [
    f"{version}/{kind}/annotations.{end}"
    for version in ("1.0.0", "1.2.4")
    for kind in ("spans", "categories")
    for end in ("jsonl", "csv")
]


def check_labels(own: Labels, name: str, number: int, kind: str) -> None:
    """Compare the labels of an annotator for a text with those that were made."""
    spans = [(span.start, span.end, span.label) for span in own.spans]
    assert sorted(spans) == ([] if kind.startswith("categories") else SPANS[name][number])
    relations = {(r.label, r.holder, r.target) for r in own.relations if r.target is not None}
    assert relations == (set(RELATIONS[name][number]) if kind == "relations" else set())
    answers = {r.target_name: r.label for r in own.relations if r.target is None}
    assert answers == ({"item": STANCES[name][number]} if kind.startswith(("categories", "intents")) else {})


def numbered(documents: tuple[Document, ...]) -> list[tuple[int, Document]]:
    """Return the documents with the number of their text; fastText of versions before 1.7 cuts texts at line ends."""
    return [(TEXTS.index(d.text), d) for d in documents if d.text in TEXTS]


@pytest.mark.parametrize("name", FOLDERS)
def test_files_of_annotators_are_read(name: str) -> None:
    assert registry.guess_format(DOCCANO / name).name == "doccano"
    files = read_file_set([DOCCANO / name])
    documents = files.documents
    found = numbered(documents)
    assert [number for number, _ in found] == ([1] if name in CUT_AT_LINE_ENDS else [0, 1])
    for number, document in found:
        assert {own.annotator for own in document.labels} == {"ada", "ben"}
        for own in document.labels:
            check_labels(own, own.annotator, number, Path(name).name)
    unlabelled = {own.annotator for d in documents if d.text == UNLABELLED for own in d.labels}
    # From version 1.7 on, the file of each member of the project has every text.
    assert unlabelled == ({"ada", "ben"} if name.startswith("1.7") else set())
    if name in CUT_AT_LINE_ENDS:
        assert "no labels were read from unknown.txt" in files.notes
    else:
        assert UNLABELLED in {document.text for document in documents}


@pytest.mark.parametrize("name", ONE_FILE)
def test_the_file_of_all_annotators_is_read(name: str) -> None:
    path = DOCCANO / name
    assert registry.guess_format(path).name == "doccano"
    documents = tuple(registry.read_documents(path))
    assert [number for number, _ in numbered(documents)] == [0, 1]
    for number, document in numbered(documents):
        assert {own.annotator for own in document.labels} == set(USERS)
        for own in document.labels:
            check_labels(own, USERS[own.annotator], number, path.parent.name)


def test_the_file_with_names_of_labels_has_the_labels_of_all() -> None:
    for version in ("1.0.0", "1.2.4"):
        documents = list(registry.read_documents(DOCCANO / version / "spans/labels.json1"))
        for number, document in numbered(tuple(documents)):
            (own,) = document.labels
            spans = sorted((span.start, span.end, span.label) for span in own.spans)
            assert spans == sorted(SPANS["ada"][number] + SPANS["ben"][number])
    labelled = list(registry.read_documents(DOCCANO / "1.2.4/categories/labels.txt"))
    assert labelled[1].labels[0].relations[0].label == "against, favour"


def test_labels_without_the_file_of_their_names_have_their_numbers(tmp_path: Path) -> None:
    shutil.copy(DOCCANO / "1.2.4/spans/annotations.jsonl", tmp_path)
    first = next(iter(registry.read_documents(tmp_path / "annotations.jsonl")))
    assert [span.label for span in first.labels[0].spans] == ["11", "12", "11"]


def test_archives_are_read_as_their_files(tmp_path: Path) -> None:
    expected = read_file_set([DOCCANO / "1.6.2/relations"]).documents
    archive = Path(shutil.make_archive(str(tmp_path / "export"), "zip", DOCCANO / "1.6.2/relations"))
    with zipfile.ZipFile(archive, "a") as packed:
        packed.writestr("__MACOSX/._ada.jsonl", b"\0")
    assert read_file_set([archive]).documents == expected
    for name in ("ada", "ben"):  # an archive per annotator, each with all.jsonl, in one folder
        (tmp_path / "each").mkdir(exist_ok=True)
        with zipfile.ZipFile(tmp_path / "each" / f"{name}.zip", "w") as packed:
            packed.write(DOCCANO / f"1.6.2/relations/{name}.jsonl", "all.jsonl")
            packed.writestr("__MACOSX/._all.jsonl", b"\0")
    (tmp_path / "each/eva.jsonl.gz").write_bytes(gzip.compress((DOCCANO / "1.6.2/relations/ben.jsonl").read_bytes()))
    documents = read_file_set([tmp_path / "each"]).documents
    assert [sorted(own.annotator for own in d.labels) for d in documents] == [["ada", "ben", "eva"]] * 2
    assert documents[0].labels[0] == expected[0].labels[0]


@pytest.mark.parametrize("name", ["export.zip", "export.jsonl.gz"])
def test_a_damaged_archive_is_a_one_line_error(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04 not an archive")
    with pytest.raises(DataError, match=r"cannot be (read|decompressed)") as raised:
        read_file_set([tmp_path / name])
    assert raised.value.location == str(tmp_path / name)


def test_an_error_in_an_archive_names_its_place_there(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as packed:
        packed.writestr("ada.jsonl", '{"id": 1, "text": "Ada.", "label": [[0, 99, "PER"]]}\n')
    with pytest.raises(DataError, match=r"offset 99 is outside") as raised:
        read_file_set([tmp_path / "export.zip"])
    assert raised.value.location == f"{tmp_path}/export.zip/ada.jsonl:1"


@pytest.mark.parametrize("kind", ["1.8.4/categories", "1.6.2/intents"])
def test_categories_are_written_as_doccano_has_them(kind: str, tmp_path: Path) -> None:
    documents = [d for d in read_file_set([DOCCANO / kind]).documents if d.text in TEXTS]
    output.write_documents(documents, registry.find_format("doccano"), tmp_path / "out", accept_loss=True)
    for (number, document), (_, other) in zip(
        numbered(tuple(documents)), numbered(read_file_set([tmp_path / "out"]).documents), strict=True
    ):
        for own in other.labels:
            if own.annotator in STANCES:
                check_labels(own, own.annotator, number, Path(kind).name)
        assert [own.annotator for own in other.labels] == [own.annotator for own in document.labels]
    (row, *_) = map(msgspec.json.decode, (tmp_path / "out/ada.jsonl").read_bytes().splitlines())
    assert row.get("label", row.get("cats")) == ["favour"]
    assert ("entities" in row) == (kind == "1.6.2/intents")


def test_categories_that_annotators_agree_on_are_gold(tmp_path: Path) -> None:
    report = adjudicate.run_files([DOCCANO / "1.8.4/categories"], out=tmp_path / "gold")
    assert report.stances == 1
    rows = map(msgspec.json.decode, (tmp_path / "gold/gold.jsonl").read_bytes().splitlines())
    assert {row["text"]: row["label"] for row in rows} == {TEXTS[0]: ["favour"], TEXTS[1]: []}
