"""Projects have what the schema of REFI-QDA requires."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from goldwire.errors import DataError
from goldwire.formats.document import Document
from goldwire.formats.registry import find_format, guess_format
from support.random_documents import random_documents

QDA = "{urn:QDA-XML:project:1.0}"
GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.mark.parametrize("documents", [[*random_documents(50, seed=6)], [Document(id="d", text="Yes.")]])
def test_projects_of_refi_qda_have_what_the_schema_requires(documents: list[Document], tmp_path: Path) -> None:
    """Lists have an element, GUIDs are unique, and each reference is to one of the right kind."""
    find_format("qdpx").write(documents, tmp_path / "p.qdpx")
    with zipfile.ZipFile(tmp_path / "p.qdpx") as archive:
        project = ElementTree.fromstring(archive.read("project.qde"))
        texts = {name: archive.read(name).decode() for name in archive.namelist() if name != "project.qde"}
    assert project.tag == f"{QDA}Project"
    parts = [child.tag.removeprefix(QDA) for child in project]
    assert parts == [name for name in ("Users", "CodeBook", "Sources", "Notes") if name in parts]
    assert all(len(part) for part in project.iter() if part.tag.removeprefix(QDA) in {"Users", "Codes", "Notes"})
    guids = [element.attrib["guid"] for element in project.iter() if "guid" in element.attrib]
    assert len(set(guids)) == len(guids)
    assert all(map(GUID.fullmatch, guids))
    codes, users = ({one.attrib["guid"] for one in project.iter(f"{QDA}{kind}")} for kind in ("Code", "User"))
    assert {one.attrib["targetGUID"] for one in project.iter(f"{QDA}CodeRef")} <= codes
    assert {one.attrib["creatingUser"] for one in project.iter() if "creatingUser" in one.attrib} <= users
    assert all(code.attrib["isCodable"] == "true" and code.attrib["name"] for code in project.iter(f"{QDA}Code"))
    for source in project.iter(f"{QDA}TextSource"):
        text = texts[f"sources/{source.attrib['plainTextPath'].removeprefix('internal://')}"]
        for selection in source:
            place = (int(selection.attrib["startPosition"]), int(selection.attrib["endPosition"]))
            assert 0 <= place[0] < place[1] <= len(text)
            assert [child.tag for child in selection] == [f"{QDA}Coding"]


def test_a_project_is_named_as_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "p.qdpx"
    find_format("qdpx").write([Document(id="d", text="Yes.")], path)
    with pytest.raises(DataError, match=r"p\.qdpx: REFI-QDA project can only be exported"):
        guess_format(path)
