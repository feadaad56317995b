"""Files in other encodings and with other line ends are read, or named with the encoding that they are probably in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from goldwire.errors import DataError
from goldwire.formats.file_sets import read_file_set
from goldwire.formats.files import read_json_list

TEXT = "Zoë Müller besuchte am Donnerstag Jürgen Weiß in Düsseldorf und sprach über die Brücke."
SPANS = [(0, 10, "PER"), (34, 45, "PER"), (49, 59, "LOC")]
WORDS = {0: "B-PER", 1: "I-PER", 5: "B-PER", 6: "I-PER", 8: "B-LOC"}
FILES = {
    "doccano": ("ada.jsonl", json.dumps({"id": 1, "text": TEXT, "label": SPANS, "Comments": []}, ensure_ascii=False)),
    "prodigy": (
        "ada.jsonl",
        json.dumps(
            {
                "text": TEXT,
                "spans": [{"start": s, "end": e, "label": label} for s, e, label in SPANS],
                "answer": "accept",
            },
            ensure_ascii=False,
        ),
    ),
    "csv": (
        "ada.csv",
        "\n".join(
            ["document,annotator,start,end,label,text", *(f'd,ada,{s},{e},{label},"{TEXT}"' for s, e, label in SPANS)]
        ),
    ),
    "conll": ("ada.conll", "\n".join(f"{word} {WORDS.get(n, 'O')}" for n, word in enumerate(TEXT.split()))),
    "conllu": (
        "ada.conllu",
        "\n".join(
            "\t".join([str(n + 1), word, *"_" * 7, f"NER={WORDS.get(n, 'O')}"]) for n, word in enumerate(TEXT.split())
        ),
    ),
}
ENCODINGS = {
    "utf-16": "UTF-16LE",
    "utf-16-le": "UTF-16LE",
    "utf-16-be": "UTF-16BE",
    "utf-32": "UTF-32LE",
    "latin-1": "WINDOWS-1252",
}


def write(folder: Path, name: str, encoding: str, line_end: str = "\n") -> Path:
    file, content = FILES[name]
    path = folder / file
    path.write_bytes(f"{content}\n".replace("\n", line_end).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", FILES)
def test_the_likely_encoding_of_a_file_is_named(name: str, encoding: str, tmp_path: Path) -> None:
    path = write(tmp_path, name, encoding)
    for given in (path, tmp_path):
        for source_format in (None, name):
            with pytest.raises(DataError, match=f"the file is not UTF-8 but probably {ENCODINGS[encoding]}") as raised:
                read_file_set([given], source_format)
            assert raised.value.location == str(path)
            assert raised.value.hint == f"convert it: `iconv -f {ENCODINGS[encoding]} -t UTF-8 {path.name} > NEW_FILE`"


@pytest.mark.parametrize(("encoding", "line_end"), [("utf-8-sig", "\n"), ("utf-8", "\r\n"), ("utf-8-sig", "\r\n")])
@pytest.mark.parametrize("name", FILES)
def test_byte_order_marks_and_line_ends_change_no_label(
    name: str, encoding: str, line_end: str, tmp_path: Path
) -> None:
    path = write(tmp_path, name, encoding, line_end)
    for given in (path, tmp_path):
        (document,) = read_file_set([given]).documents
        assert document.text == TEXT
        assert [(span.start, span.end, span.label) for span in document.labels[0].spans] == SPANS


@pytest.mark.parametrize("part", ["a.txt", "a.ann"])
def test_the_likely_encoding_of_either_file_of_brat_is_named(part: str, tmp_path: Path) -> None:
    contents = {"a.txt": TEXT, "a.ann": "".join(f"T{s}\t{label} {s} {e}\t{TEXT[s:e]}\n" for s, e, label in SPANS)}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content.encode("latin-1" if name == part else "utf-8"))
    with pytest.raises(DataError, match="the file is not UTF-8 but probably WINDOWS-1252") as raised:
        read_file_set([tmp_path])
    assert raised.value.location == str(tmp_path / part)


def test_utf_8_with_a_wrong_byte_is_no_other_encoding(tmp_path: Path) -> None:
    path = write(tmp_path, "csv", "utf-8")
    whole = path.read_bytes()
    path.write_bytes(whole[:-60] + b"\xff" + whole[-60:])
    with pytest.raises(DataError, match=f"not UTF-8 at byte {len(whole) - 60}"):
        read_file_set([path])


@pytest.mark.parametrize(
    ("data", "values"), [(b'[{"id": 1}, 2]', [{"id": 1}, 2]), (b'{"id": 1}', [{"id": 1}]), (b"[]", [])]
)
def test_the_values_of_a_list_or_the_one_object_are_read(tmp_path: Path, data: bytes, values: list[object]) -> None:
    path = tmp_path / "tasks.json"
    path.write_bytes(b"\xef\xbb\xbf" + data)
    assert list(read_json_list(path)) == values


@pytest.mark.parametrize("data", [b"3", b'[{"id": 1}', '[{"id": "Zo\u00eb"}]'.encode("latin-1")])
def test_a_file_without_objects_or_that_is_cut_off_is_an_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "tasks.json"
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"tasks\.json"):
        list(read_json_list(path))
