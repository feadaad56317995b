"""Every format: random layers there and back, guessing, losses that are counted, errors in one line."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import pytest

from goldwire.errors import ConfigError, DataError, GoldwireError, MissingFileError
from goldwire.formats import file_sets, output, registry
from goldwire.formats.capabilities import Format, document_losses, losses, without_losses
from goldwire.formats.document import Document, Labels, Span, tokens_of
from support.format_paths import FILE_SUFFIXES, path_for
from support.random_documents import random_documents

FORMATS = registry.known_formats()
TWO_WAY = [f for f in FORMATS.values() if f.capabilities.imports and f.capabilities.exports]
N_DOCUMENTS = 1_000


def need(chosen: Format) -> None:
    if chosen.package is not None and find_spec(chosen.package) is None:
        pytest.skip(f"the package {chosen.package} is not installed")


def content(document: Document, *, by_words: bool) -> object:
    """Return the labels independently of their order; by numbers of words where the text itself is not stored."""
    starts = {start: number for number, (start, _) in enumerate(tokens_of(document))}
    ends = {end: number for number, (_, end) in enumerate(tokens_of(document))}

    def place(start: int, end: int) -> tuple[int, int]:
        return (starts[start], ends[end]) if by_words else (start, end)

    found = {}
    for labels in document.labels:
        spans = [(*place(span.start, span.end), span.label) for span in labels.spans]
        relations = {
            (
                relation.label,
                None if relation.holder is None else spans[relation.holder],
                None if relation.target is None else spans[relation.target],
                relation.target_name,
            )
            for relation in labels.relations
        }
        found[labels.annotator] = (sorted(spans), relations, sorted(labels.comments), labels.complete)
    return (document.id, None if by_words else document.text, found)


@pytest.mark.parametrize("chosen", TWO_WAY, ids=lambda f: f.name)
def test_random_documents_survive_a_round_trip(chosen: Format, tmp_path: Path) -> None:
    need(chosen)
    by_words = not chosen.capabilities.text
    documents = fitted(random_documents(N_DOCUMENTS, seed=7), chosen)
    path = path_for(chosen.name, tmp_path)
    chosen.write(documents, path)
    again = {document.id: document for document in chosen.read(path)}
    assert sorted(again) == sorted(document.id for document in documents)
    for document in documents:
        assert content(again[document.id], by_words=by_words) == content(document, by_words=by_words)


def fitted(documents: Iterable[Document], chosen: Format) -> list[Document]:
    """Return what the format can hold of the documents that it can hold."""
    held = (document for document in documents if not document_losses(document, chosen.capabilities))
    return [without_losses(document, chosen.capabilities) for document in held]


@pytest.mark.parametrize("chosen", TWO_WAY, ids=lambda f: f.name)
def test_a_written_file_is_recognized(chosen: Format, tmp_path: Path) -> None:
    need(chosen)
    documents = fitted(random_documents(20, seed=3), chosen)
    path = path_for(chosen.name, tmp_path)
    chosen.write(documents, path)
    guessed = registry.guess_format(path)
    assert guessed.name == ("conll" if chosen.name == "bioes" else chosen.name)
    assert len(list(registry.read_documents(path))) > 0


@pytest.mark.parametrize("chosen", FORMATS.values(), ids=lambda f: f.name)
def test_what_cannot_be_carried_is_counted_and_removed(chosen: Format) -> None:
    documents = list(random_documents(200, seed=11))
    counted = losses(documents, chosen.capabilities)
    reduced = fitted(documents, chosen)
    assert losses(reduced, chosen.capabilities) == {}
    kept = sum(len(labels.spans) for document in reduced for labels in document.labels)
    total = sum(len(labels.spans) for document in documents for labels in document.labels)
    of_spans = sum(n for reason, n in counted.items() if reason.startswith("spans "))
    assert total - kept == of_spans or not chosen.capabilities.several_annotators


@pytest.mark.parametrize("name", ["qdpx", "datapackage"])
def test_formats_that_are_only_written_refuse_to_be_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"out.{name}"
    FORMATS[name].write(random_documents(5, seed=1), path)
    assert path.exists()
    with pytest.raises(ConfigError, match="can only be exported"):
        registry.read_documents(path, name)


def test_an_unknown_file_is_a_one_line_error(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"\0\1")
    with pytest.raises(DataError, match="the format is not recognized") as raised:
        registry.guess_format(tmp_path / "x.bin")
    assert raised.value.hint == "name it with --from FORMAT"
    (tmp_path / "wide.csv").write_text("text,Ada,Ben\nYes.,PER,LOC\n", encoding="utf-8")
    with pytest.raises(DataError, match="the format is not recognized") as raised:
        registry.guess_format(tmp_path / "wide.csv")
    assert raised.value.hint is not None
    assert "document, annotator and label" in raised.value.hint
    with pytest.raises(MissingFileError, match="no such file or folder"):
        registry.guess_format(tmp_path / "y.bin")
    (tmp_path / "x.jsonl").touch()
    with pytest.raises(DataError, match="the file is empty"):
        registry.guess_format(tmp_path / "x.jsonl")
    with pytest.raises(ConfigError, match="unknown format 'nope'"):
        registry.find_format("nope")


@pytest.mark.parametrize("chosen", [f for f in TWO_WAY if f.name in FILE_SUFFIXES], ids=lambda f: f.name)
@pytest.mark.parametrize("data", [b"[1, 2", b"\xff\xfe\x00", b"[" * 3000, b'{"id": 1}\n', b""], ids=range(5))
def test_a_damaged_file_is_a_one_line_error(chosen: Format, data: bytes, tmp_path: Path) -> None:
    need(chosen)
    path = path_for(chosen.name, tmp_path)
    path.write_bytes(data)
    documents, message = read_or_explain(chosen, path)
    if message is None:
        assert documents == [] or data.startswith(b'{"id"')
    else:
        assert "\n" not in message
        assert str(path) in message


JSON_FORMATS = ("web-annotation", "label-studio", "argilla", "prodigy", "lewidi", "doccano", "potato")


@pytest.mark.parametrize("chosen", [FORMATS[name] for name in JSON_FORMATS], ids=lambda f: f.name)
def test_a_value_of_another_kind_is_a_one_line_error(chosen: Format, tmp_path: Path) -> None:
    """One value of a valid file is removed or replaced; what is still read has spans with whole numbers and names."""
    rng = random.Random(3)
    path = path_for(chosen.name, tmp_path)
    chosen.write(fitted(random_documents(4, seed=8), chosen), path)
    files = [path] if path.is_file() else [file for file in path.rglob("*.json*") if file.is_file()]
    for _ in range(80):
        file = rng.choice(files)
        whole = file.read_bytes()
        lines = [whole] if file.suffix == ".json" else whole.splitlines()
        number = rng.randrange(len(lines))
        changed = msgspec.json.encode(with_another_value(msgspec.json.decode(lines[number]), rng))
        file.write_bytes(b"\n".join([*lines[:number], changed, *lines[number + 1 :], b""]))
        documents, message = set_or_message(path, chosen.name)
        assert "\n" not in message
        types = {(type(s.start), type(s.end), type(s.label)) for d in documents for o in d.labels for s in o.spans}
        assert types <= {(int, int, str)}
        file.write_bytes(whole)


def set_or_message(path: Path, name: str) -> tuple[Sequence[Document], str]:
    """Return the documents of a path, or none and the message of its error."""
    try:
        return file_sets.read_file_set([path], name).documents, ""
    except GoldwireError as error:
        return (), str(error)


def with_another_value(value: Any, rng: random.Random) -> Any:
    """Return JSON of which one value, at any depth, is removed or replaced by one of another kind."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    if not keys or rng.random() < 0.15:
        return rng.choice([None, -5, 10**6, 1.5, "x", "", [], {}, True, [[]], {"a": 1}])
    key = rng.choice(keys)
    if rng.random() < 0.1:
        del value[key]
    else:
        value[key] = with_another_value(value[key], rng)
    return value


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("conll", "Ada NNP B-PER\nIto NN", 2),
        ("conll", "Ada NNP B-PER\n\nIto NN", 3),
        ("conllu", "\t".join(["1", "Ada", *"_" * 7, "NER=B-P"]), 1),
        ("csv", "document,annotator,start,end,label\nd,ada,0,3,PER\nd,ada,4,7", 3),
        ("csv", 'document,annotator,label,text\nd,ada,PER,"Ada met', 2),
    ],
)
def test_a_last_row_that_is_cut_off_is_no_shorter_one(name: str, content: str, line: int, tmp_path: Path) -> None:
    path = tmp_path / f"a.{name}"
    path.write_text(content, encoding="utf-8")
    documents, message = read_or_explain(FORMATS[name], path)
    assert documents == []
    assert message is not None
    assert message.startswith(f"{path}:{line}: the last row is cut off")


def test_words_of_brat_that_are_not_in_the_text_are_named(tmp_path: Path) -> None:
    """The text was changed after the annotation, or the line is cut off; white space may differ."""
    (tmp_path / "a.txt").write_text("Ada\nIto met Ben.", encoding="utf-8")
    (tmp_path / "a.ann").write_text("T1\tPER 0 7\tAda  Ito\nT2\tPER 12 15\tBe", encoding="utf-8")
    documents, message = read_or_explain(FORMATS["brat"], tmp_path)
    assert (documents, message) == ([], f"{tmp_path}/a.ann:2: T2 is 'Be' here and 'Ben' in the text")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("label-studio", [{"id": 1, "data": {"text": "Ada."}, "annotations": [{"id": 2, "result": [{"id": "s"}]}]}]),
        ("lewidi", {"a": {"text": "Ada.", "task": "holder-target stance", "annotations": "x", "annotators": "ada"}}),
    ],
)
def test_labels_without_their_kind_are_no_fewer_labels(name: str, content: object, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(msgspec.json.encode(content))
    documents, message = read_or_explain(FORMATS[name], path)
    assert documents == []
    assert message is not None
    assert message.startswith(str(path))


@pytest.mark.parametrize("position", ["1-x", "one", "²"])
def test_a_word_of_conllu_without_an_id_is_a_one_line_error(position: str, tmp_path: Path) -> None:
    path = tmp_path / "a.conllu"
    path.write_text("\t".join([position, "Ada", *"_" * 8]) + "\n\n", encoding="utf-8")
    documents, message = read_or_explain(FORMATS["conllu"], path)
    assert documents == []
    assert message is not None
    assert message.startswith(f"{path}:1")
    assert repr(position) in message


def read_or_explain(chosen: Format, path: Path) -> tuple[list[Document], str | None]:
    """Return the documents of a file, or the message of its error."""
    try:
        return list(chosen.read(path)), None
    except GoldwireError as error:
        return [], str(error)


@pytest.mark.parametrize("name", ["brat", "spacy", "conllu", "cas-xmi", "potato", "doccano", "conll"])
def test_names_that_differ_in_what_file_systems_refuse_stay_apart(name: str, tmp_path: Path) -> None:
    chosen = FORMATS[name]
    need(chosen)
    people = ("ada/1", "ada_1", "Ada_1")
    texts = {"wire/1": "Ada met Ben.", "wire_1": "Eva spoke.", "WIRE_1": "Ben spoke."}
    spans = (Span(start=0, end=3, label="PER"),)
    labels = tuple(Labels(annotator=person, spans=spans if person == "ada/1" else ()) for person in people)
    documents = [Document(id=name, text=text, labels=labels) for name, text in texts.items()]
    output.write_documents(documents, chosen, tmp_path / "out", accept_loss=True)
    again = list(chosen.read(tmp_path / "out"))
    assert sorted(document.text.replace(" .", ".") for document in again) == sorted(texts.values())
    assert [sorted(len(own.spans) for own in document.labels) for document in again] == [[0, 0, 1]] * 3


@pytest.mark.parametrize(("name", "text", "lost"), [("conll", " ", "word"), ("lewidi", "Ada.", "relation")])
def test_a_document_that_a_format_cannot_hold_is_named(name: str, text: str, lost: str, tmp_path: Path) -> None:
    path = path_for(name, tmp_path)
    documents = [Document(id="d", text=text, labels=(Labels(annotator="ada"),))]
    with pytest.raises(DataError, match=rf"cannot hold documents without a {lost} \(1\)"):
        output.write_documents(documents, FORMATS[name], path)
    assert not path.exists()
