"""Files that the tools' own libraries made: `tests/support/make_tool_files.py` has the labels that they hold."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import msgspec
import pytest

from goldwire.errors import DataError
from goldwire.formats import output, registry
from goldwire.formats.document import Document, Span
from goldwire.formats.file_sets import read_file_set
from goldwire.stages import agree
from support.make_tool_files import FOLDER, RELATIONS, SPANS, STANCES, TEXTS

FILES = {
    "label-studio/export.json": "label-studio",
    "label-studio/json-min.json": "label-studio",
    "argilla/records.json": "argilla",
    "argilla/flat.json": "argilla",
    "argilla-1/feedback.jsonl": "argilla",
    "brat": "brat",
    "inception": "cas-xmi",
    "inception/json": "cas-json",
    "potato": "potato",
}
HAS_RELATIONS = {"label-studio/export.json", "brat", "inception", "inception/json", "potato"}
HAS_ANSWERS = {name for name in FILES if name.startswith(("label-studio", "argilla", "potato"))}
NAMES = ("ada", "ben")


def in_order_of_texts(documents: list[Document]) -> list[Document]:
    return sorted(documents, key=lambda document: TEXTS.index(document.text))


@pytest.mark.parametrize("name", FILES)
def test_files_of_a_tool_are_recognized_and_read(name: str) -> None:
    if FILES[name].startswith("cas-"):
        pytest.importorskip("cassis")
    path = FOLDER / name
    assert registry.guess_format(path).name == FILES[name]
    files = read_file_set([path])
    documents = in_order_of_texts(list(files.documents))
    assert [document.text for document in documents] == list(TEXTS[: len(documents)])
    for number, document in enumerate(documents):
        assert len(document.labels) == len(NAMES)
        for annotator, labels in zip(NAMES, document.labels, strict=True):
            assert annotator in labels.annotator or FILES[name] == "argilla"
            spans = [(span.start, span.end, span.label) for span in labels.spans]
            assert sorted(spans) == SPANS[annotator][number]
            relations = {(r.label, r.holder, r.target) for r in labels.relations if r.target is not None}
            assert relations == (set(RELATIONS[annotator][number]) if name in HAS_RELATIONS else set())
            answers = {r.target_name: r.label for r in labels.relations if r.target is None}
            assert answers == ({"stance": STANCES[annotator][number]} if name in HAS_ANSWERS else {})


def test_a_dataset_of_records_of_argilla_is_read(tmp_path: Path) -> None:
    """As `records.to_datasets()` makes it, and Argilla pushes it to the Hub."""
    datasets = pytest.importorskip("datasets")
    rows = msgspec.json.decode((FOLDER / "argilla/flat.json").read_bytes())
    (tmp_path / "data").mkdir()
    datasets.Dataset.from_list(rows).to_parquet(tmp_path / "data/train-00000-of-00001.parquet")
    assert registry.guess_format(tmp_path).name == "huggingface"
    documents = list(registry.read_documents(tmp_path))
    assert documents == list(registry.read_documents(FOLDER / "argilla/flat.json"))


def test_a_dataset_that_argilla_saved_is_read(tmp_path: Path) -> None:
    """`dataset.to_disk` writes the settings into a hidden folder beside the records."""
    (tmp_path / ".argilla").mkdir()
    (tmp_path / ".argilla/settings.json").write_text('{"fields": [], "questions": []}')
    shutil.copy(FOLDER / "argilla/records.json", tmp_path)
    assert registry.guess_format(tmp_path).name == "argilla"
    assert len(list(registry.read_documents(tmp_path))) == len(TEXTS)


def test_records_of_argilla_1_are_read() -> None:
    """A record has the annotation of one agent: spans along its words, or the label of the text."""
    tokens, texts = (
        list(registry.read_documents(FOLDER / "argilla-1" / name)) for name in ("tokens.jsonl", "texts.json")
    )
    assert [(own.id, own.text) for own in tokens] == [(f"article-{n}", text) for n, text in enumerate(TEXTS)]
    spans = [[(span.start, span.end, span.label) for span in own.labels[0].spans] for own in tokens]
    assert spans == [SPANS["ada"][0], SPANS["ada"][1][:1]]
    assert [(own.text, own.labels[0].relations[0].label) for own in texts] == [*zip(TEXTS, STANCES["ada"], strict=True)]
    assert {own.labels[0].annotator for own in (*tokens, *texts)} == {"ada"}
    assert {own.labels[0].complete for own in (*tokens, *texts)} == {True}


@pytest.mark.parametrize("kind", ["relations", "spans", "categories"])
def test_exports_of_a_doccano_server_are_read(kind: str) -> None:
    """`make_doccano_files.py` made them; `admin.jsonl` is the administrator's, who labels nothing."""
    path = FOLDER / "doccano" / "1.8.4" / kind
    assert registry.guess_format(path).name == registry.guess_format(path / "ada.jsonl").name == "doccano"
    for number, document in enumerate(in_order_of_texts(list(read_file_set([path]).documents))):
        by_name = {own.annotator: own for own in document.labels}
        assert by_name.keys() == {"admin", *NAMES}
        assert {name: own.complete for name, own in by_name.items()} == {"admin": False, "ada": True, "ben": True}
        for name in NAMES:
            own = by_name[name]
            spans = [(span.start, span.end, span.label) for span in own.spans]
            assert sorted(spans) == ([] if kind == "categories" else SPANS[name][number])
            relations = {(r.label, r.holder, r.target) for r in own.relations if r.target is not None}
            assert relations == (set(RELATIONS[name][number]) if kind == "relations" else set())
            answers = {r.target_name: r.label for r in own.relations if r.target is None}
            assert answers == ({"item": STANCES[name][number]} if kind == "categories" else {})
            assert own.comments == ((f"{name} is unsure",) if kind == "relations" and number == 0 else ())
    assert max(value.n_raters for value in agree.run_files([path]).values) == len(NAMES)  # without the administrator


def test_what_brat_stores_with_a_span_is_read() -> None:
    first = next(iter(registry.read_documents(FOLDER / "brat")))
    assert first.labels[0].spans[0] == Span(
        start=0, end=7, label="PER", attributes={"Negation": "true"}, note="see the guidelines"
    )


def test_words_that_label_studio_exports_are_read() -> None:
    path = FOLDER / "label-studio/result.conll"
    assert registry.guess_format(path).name == "conll"
    (document,) = registry.read_documents(path)  # it writes no ids: each annotation is a sentence
    spans = [document.text[span.start : span.end] for span in document.labels[0].spans]
    assert spans[:5] == ["Ada Ito", "Port League", "Ben Lund", "Ada Ito", "the Port League"]


def test_words_are_of_the_document_with_their_text(tmp_path: Path) -> None:
    words = "\n".join(f"{word} {tag}" for word, tag in (("Ada", "B-PER"), ("Ito", "I-PER"), ("met", "O"), (".", "O")))
    (tmp_path / "eva.conll").write_text(f"{words}\n")
    (tmp_path / "brat" / "ben").mkdir(parents=True)
    (tmp_path / "brat" / "ben" / "1.txt").write_text("Ada\r\n  Ito met.")
    (tmp_path / "brat" / "ben" / "1.ann").write_text("T1\tPER 0 10\tAda Ito\n")
    for paths in (["eva.conll", "brat"], ["brat", "eva.conll"]):
        files = read_file_set([tmp_path / name for name in paths])
        (document,) = files.documents
        assert document.text == "Ada\r\n  Ito met."  # the text itself, whichever file is first
        assert {labels.annotator for labels in document.labels} == {"eva", "ben"}
        assert {document.text[s.start : s.end] for own in document.labels for s in own.spans} == {"Ada\r\n  Ito"}
        assert files.notes == ("1 document has other white space in another file; the offsets were moved",)


@pytest.mark.parametrize(("name", "expected"), [("entities", {"PER", "ORG"}), ("spans", {"PER", "X"})])
def test_documents_of_a_pipeline_of_spacy_are_read(name: str, expected: set[str]) -> None:
    pytest.importorskip("spacy")
    documents = list(registry.read_documents(FOLDER / "spacy" / f"{name}.spacy"))
    assert [document.text for document in documents] == list(TEXTS)
    assert {span.label for document in documents for span in document.labels[0].spans} == expected
    assert documents[0].text[: documents[0].labels[0].spans[0].end] == "Ada Ito"


@pytest.mark.parametrize("name", sorted(HAS_ANSWERS))
def test_answers_about_whole_texts_have_an_agreement(name: str) -> None:
    values = {value.name: value for value in agree.run_files([FOLDER / name]).values}
    assert values["span_f1_exact"].value == pytest.approx(0.25)  # 2 * 1 / (5 + 3)
    assert values["stance_f1_exact"].n_items > 0


def test_other_keys_of_prodigy_and_doccano_are_answers(tmp_path: Path) -> None:
    rows = [
        {"text": "One.", "options": [{"id": "a"}, {"id": "b"}], "accept": ["b", "a"], "answer": "accept"},
        {"text": "Two.", "label": "PORT", "answer": "reject"},
    ]
    (tmp_path / "prodigy.jsonl").write_bytes(b"\n".join(map(msgspec.json.encode, rows)))
    rows = [{"id": 1, "text": "One.", "label": ["b", "a"]}, {"id": 2, "text": "Two.", "label": [], "Comments": []}]
    (tmp_path / "doccano.jsonl").write_bytes(b"\n".join(map(msgspec.json.encode, rows)))
    answers = {}
    for name in ("prodigy", "doccano"):
        documents = list(registry.read_documents(tmp_path / f"{name}.jsonl"))
        assert registry.guess_format(tmp_path / f"{name}.jsonl").name == name
        answers[name] = [[(r.target_name, r.label) for r in d.labels[0].relations] for d in documents]
    assert answers == {
        "prodigy": [[("accept", "a, b")], [("PORT", "reject")]],
        "doccano": [[("item", "a, b")], []],
    }


def test_chosen_options_are_written_as_prodigy_has_them(tmp_path: Path) -> None:
    row = {"text": "One.", "accept": ["b", "a"], "answer": "accept", "_annotator_id": "ada"}
    (tmp_path / "ada.jsonl").write_bytes(msgspec.json.encode(row))
    documents = list(registry.read_documents(tmp_path / "ada.jsonl"))
    output.write_documents(documents, registry.find_format("prodigy"), tmp_path / "out.jsonl")
    assert list(registry.read_documents(tmp_path / "out.jsonl")) == documents
    written = msgspec.json.decode((tmp_path / "out.jsonl").read_bytes())
    assert (written["accept"], [option["id"] for option in written["options"]]) == (["a", "b"], ["a", "b"])


def test_the_archive_of_an_exported_project_of_inception_is_read(tmp_path: Path) -> None:
    """The archive has one per document and annotator; a layer of the project's own is read, too."""
    cassis = pytest.importorskip("cassis")
    types = cassis.load_typesystem((FOLDER / "inception/TypeSystem.xml").read_bytes().decode())
    claim = types.create_type(name="webanno.custom.Claim", supertypeName="uima.tcas.Annotation")
    types.create_feature(domainType=claim, name="Kind", rangeType="uima.cas.String")
    people = {"annotation": ("INITIAL_CAS", "ada", "ben"), "curation": ("CURATION_USER",)}
    with zipfile.ZipFile(tmp_path / "project.zip", "w") as project:
        project.writestr("exportedproject.json", '{"name": "labels"}')
        project.writestr("source/article-0.txt", TEXTS[0])
        for folder, names in people.items():
            for name in names:
                cas = cassis.Cas(typesystem=types)
                cas.sofa_string, cas.sofa_mime = TEXTS[0], "text/plain"
                if name in NAMES:
                    cas.add(claim(begin=8, end=9, Kind="emoji" if name == "ada" else None))
                inner = io.BytesIO()
                with zipfile.ZipFile(inner, "w") as archive:
                    archive.writestr(f"{name}.xmi", cas.to_xmi())
                    archive.writestr("TypeSystem.xml", types.to_xml())
                project.writestr(f"{folder}/article-0.txt/{name}.zip", inner.getvalue())
    files = read_file_set([tmp_path / "project.zip"])
    (document,) = files.documents
    assert (files.formats, document.id, document.text) == (("cas-xmi",), "article-0.txt", TEXTS[0])
    spans = {own.annotator: [(s.start, s.end, s.label) for s in own.spans] for own in document.labels}
    assert spans == {"ada": [(8, 9, "emoji")], "ben": [(8, 9, "Claim")]}


def test_subtypes_are_read_once_and_name_their_label(tmp_path: Path) -> None:
    """DKPro Core has types such as `Person` below `NamedEntity`; a project's layer may have another one above it."""
    cassis = pytest.importorskip("cassis")
    types = cassis.load_typesystem((FOLDER / "inception/TypeSystem.xml").read_bytes().decode())
    entity = "de.tudarmstadt.ukp.dkpro.core.api.ner.type."
    if not types.contains_type(f"{entity}Person"):
        types.create_type(name=f"{entity}Person", supertypeName=f"{entity}NamedEntity")
    types.create_type(name="custom.Claim", supertypeName="uima.tcas.Annotation")
    types.create_type(name="custom.Objection", supertypeName="custom.Claim")
    cas = cassis.Cas(typesystem=types)
    cas.sofa_string, cas.sofa_mime = "Ada met Ben.", "text/plain"
    named = {"NamedEntity": None, "Person": None}
    cas.add_all(types.get_type(f"{entity}{name}")(begin=0, end=3, value=value) for name, value in named.items())
    cas.add_all(types.get_type(f"custom.{name}")(begin=8, end=11) for name in ("Claim", "Objection"))
    (tmp_path / "a.xmi").write_text(cas.to_xmi(), encoding="utf-8")
    (tmp_path / "TypeSystem.xml").write_text(types.to_xml(), encoding="utf-8")
    (document,) = registry.read_documents(tmp_path / "a.xmi")
    found = [(span.start, span.label) for span in document.labels[0].spans]
    assert found == [(0, "NamedEntity"), (0, "Person"), (8, "Claim"), (8, "Objection")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"type0:NamedEntity", b"type0:NamedEntitx"),  # was skipped, as a type that nobody defined
        (b"sofaString=", b"sofaStrinx="),
        (b' Dependent="3"', b""),
        (b'members="', b'membxrs="'),  # were left out, as they were in no view
        (b'members="2 3', b'members="2'),
        (b'end="3"/>', b'end="3"><a><b/></a></type:Token>'),
    ],
)
def test_a_cas_with_a_changed_name_is_a_one_line_error(before: bytes, after: bytes, tmp_path: Path) -> None:
    pytest.importorskip("cassis")
    shutil.copytree(FOLDER / "inception", tmp_path / "out", ignore=shutil.ignore_patterns("json"))
    file = tmp_path / "out/article-0.txt/ada.xmi"
    file.write_bytes(file.read_bytes().replace(before, after, 1))
    with pytest.raises(DataError, match="not a CAS that dkpro-cassis reads") as raised:
        read_file_set([tmp_path / "out"])
    assert raised.value.location == str(file)


def test_tasks_for_label_studio_have_the_ids_that_its_converter_needs(tmp_path: Path) -> None:
    chosen = registry.find_format("label-studio")
    chosen.write(registry.read_documents(FOLDER / "brat"), tmp_path / "tasks.json")
    tasks = msgspec.json.decode((tmp_path / "tasks.json").read_bytes())
    ids = [(task["id"], [annotation["id"] for annotation in task["annotations"]]) for task in tasks]
    assert ids == [(1, [1, 2]), (2, [3, 4])]
