"""Each cell of the table of formats: what it says is found again by writing and reading."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import pytest

from goldwire.errors import GoldwireError
from goldwire.formats import output, registry, table_of_formats
from goldwire.formats.capabilities import Format
from goldwire.formats.document import Document, Labels, Relation, Span
from support.format_paths import path_for

FORMATS = registry.known_formats()
TEXT = "Ada 😀 met Ben Lund at Port Amara."  # each span below is once in it
ADA, BEN = Span(start=0, end=3, label="PER"), Span(start=10, end=18, label="PER")
WITHIN_A_WORD = Span(start=11, end=13, label="PER")
BETWEEN = Relation(label="supports", holder=0, target=1)
STANCES = {
    "between": BETWEEN,
    "voice": Relation(label="supports", target=1),
    "named": Relation(label="supports", holder=0, target_name="Peace"),
}
QDA = "{urn:QDA-XML:project:1.0}"
Fact = tuple[str | None, ...]


def table() -> dict[str, dict[str, str]]:
    """Return the cells of the generated table by format and column."""
    header, _, *rows = (
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table_of_formats.build().to_markdown().splitlines()
    )
    return {row[1].strip("`"): dict(zip(header[2:], row[2:], strict=True)) for row in rows}


def document(*annotators: tuple[Iterable[Span], Iterable[Relation]]) -> Document:
    labels = (
        Labels(annotator=f"A{number}", spans=tuple(spans), relations=tuple(relations))
        for number, (spans, relations) in enumerate(annotators, 1)
    )
    return Document(id="d1", text=TEXT, labels=tuple(labels))


def facts(documents: Iterable[Document]) -> set[Fact]:
    """Return what documents say, with spans as their words: the text of CoNLL's columns has other offsets."""
    found: set[Fact] = set()
    for own in documents:
        for labels in own.labels:
            words = [own.text[span.start : span.end] for span in labels.spans]
            found |= {(labels.annotator, word, span.label) for word, span in zip(words, labels.spans, strict=True)}
            for relation in labels.relations:
                holder = None if relation.holder is None else words[relation.holder]
                target = relation.target_name if relation.target is None else words[relation.target]
                found.add((labels.annotator, relation.label, holder, target))
    return found


def facts_of_project(path: Path) -> Iterator[Fact]:
    """Yield what a REFI-QDA project says: each selection has a code, and a relation names its holder."""
    with zipfile.ZipFile(path) as archive:
        project = ElementTree.fromstring(archive.read("project.qde"))
        (source,) = project.iter(f"{QDA}TextSource")
        text = archive.read(f"sources/{source.attrib['plainTextPath'].removeprefix('internal://')}").decode()
    names = {one.attrib["guid"]: one.attrib["name"] for one in project.iter() if {"guid", "name"} <= one.attrib.keys()}
    for selection in source:
        place = text[int(selection.attrib["startPosition"]) : int(selection.attrib["endPosition"])]
        (reference,) = selection.iter(f"{QDA}CodeRef")
        annotator, code = names[selection.attrib["creatingUser"]], names[reference.attrib["targetGUID"]]
        name = selection.attrib["name"]
        if name.startswith("holder: "):
            holder, _, named = name.removeprefix("holder: ").partition("; target: ")
            yield annotator, code, None if holder == "the text itself" else holder, named or place
        else:
            yield annotator, place, code


def facts_of_package(path: Path) -> Iterator[Fact]:
    """Yield what the tables of a data package say."""
    spans, relations = (
        list(csv.DictReader((path / f"{name}.csv").read_text(encoding="utf-8").splitlines()))
        for name in ("spans", "relations")
    )
    words = {(row["annotator"], row["span"]): row["surface"] for row in spans}
    for row in spans:
        assert row["surface"] == TEXT[int(row["start"]) : int(row["end"])]
        yield row["annotator"], row["surface"], row["label"]
    for row in relations:
        holder = words.get((row["annotator"], row["holder"]))
        target = row["target_name"] or words[row["annotator"], row["target"]]
        yield row["annotator"], row["label"], holder, target


def save_dataset(own: Document, path: Path) -> bool:
    """Write a dataset as other projects do; False for what rows of text and spans have no column for."""
    datasets = pytest.importorskip("datasets")
    (labels, *others) = own.labels
    if others or labels.relations:
        return False
    spans = [{"start": span.start, "end": span.end, "label": span.label} for span in labels.spans]
    datasets.Dataset.from_list([{"id": own.id, "text": own.text, "spans": spans}]).save_to_disk(str(path))
    return True


def is_carried(chosen: Format, own: Document, path: Path) -> bool:
    """Whether a format holds a document: it is refused with a count of the losses, or comes back whole."""
    expected = facts([own])
    if chosen.name == "huggingface":
        if not save_dataset(own, path):
            return False
        assert {fact[1:] for fact in facts(chosen.read(path))} == {fact[1:] for fact in expected}
        return True
    if (problem := problem_of_writing(chosen, own, path)) is not None:
        assert "cannot hold" in problem or "can only be imported" in problem
        return False
    readers = {"qdpx": facts_of_project, "datapackage": facts_of_package}
    found = set(readers[chosen.name](path)) if chosen.name in readers else facts(chosen.read(path))
    assert found == expected
    return True


def problem_of_writing(chosen: Format, own: Document, path: Path) -> str | None:
    try:
        output.write_documents([own], chosen, path)
    except GoldwireError as error:
        return str(error)
    return None


def problem_of_reading(chosen: Format, path: Path) -> str | None:
    try:
        list(registry.read_documents(path, chosen.name))
    except GoldwireError as error:
        return str(error)
    return None


@pytest.mark.parametrize("chosen", FORMATS.values(), ids=lambda f: f.name)
def test_each_cell_of_the_table_is_what_writing_and_reading_gives(chosen: Format, tmp_path: Path) -> None:
    if chosen.package is not None and find_spec(chosen.package) is None:
        pytest.skip(f"the package {chosen.package} is not installed")

    def carries(name: str, *annotators: tuple[Iterable[Span], Iterable[Relation]]) -> bool:
        (tmp_path / name).mkdir()
        return is_carried(chosen, document(*annotators), path_for(chosen.name, tmp_path / name))

    spans = (ADA, BEN)
    held = {name: carries(name, (spans, [stance])) for name, stance in STANCES.items()}
    stances = [BETWEEN] if held["between"] else []
    has_entities_alone = carries("entities", (spans, []))
    path = path_for(chosen.name, tmp_path / ("entities" if has_entities_alone else "between"))
    unread = problem_of_reading(chosen, path)
    unwritten = problem_of_writing(chosen, document((spans, stances)), tmp_path / path.name)
    assert unread is None or "can only be exported" in unread
    assert unwritten is None or "can only be imported" in unwritten
    assert table()[chosen.name] == {
        "import": "yes" if unread is None else "no",
        "export": "yes" if unwritten is None else "no",
        "entities": "yes" if has_entities_alone else "with a stance",
        "stances": {
            (False, False, False): "no",
            (True, False, False): "between spans",
            (True, True, False): "to spans",
            (True, True, True): "yes",
        }[tuple(held.values())],
        "annotators": "several" if carries("several", (spans, stances), ([BEN], [])) else "one",
        "offsets": "exact" if carries("within", ([ADA, WITHIN_A_WORD], stances)) else "of words",
    }
