"""Datasets as others publish them: saved folders, nested spans, odd tables, words with tags, splits of any name."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import datasets
import pytest

from goldwire.audit import Columns, loading
from goldwire.checks.registry import sort_key
from goldwire.checks.report import Options
from goldwire.errors import GoldwireError
from goldwire.stages import audit

STORY = "The night ferry stops in May and nobody on either side of the water has said who asked for that to happen."
STANCES = datasets.ClassLabel(names=["supports", "opposes"])
KINDS = datasets.ClassLabel(names=["PER", "LOC"])
TAGS = datasets.ClassLabel(names=["O", "B-PER", "I-PER"])
STRING, NUMBER = datasets.Value("string"), datasets.Value("int32")


def found(path: Path, *, select: Sequence[str] = (), **options: Any) -> list[tuple[str, str, int | None]]:
    """Return the code, file and line of every finding, by file and line."""
    findings = sorted(
        audit.run(path, options=Options(select=select, max_per_code=20), **options).findings, key=sort_key
    )
    return [(finding.code, finding.file, finding.line) for finding in findings]


def lines(path: Path, rows: list[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def saved(folder: Path, features: dict[str, Any], **splits: list[dict[str, Any]]) -> Path:
    made = {
        name: datasets.Dataset.from_list(rows, features=datasets.Features(features)) for name, rows in splits.items()
    }
    datasets.DatasetDict(made).save_to_disk(str(folder))
    return folder


def carts(count: int) -> list[dict[str, Any]]:
    return [{"text": f"Cart {number} is late.", "label": number % 2} for number in range(count)]


def test_a_folder_that_datasets_saved(tmp_path: Path) -> None:
    features = {"text": STRING, "label": STANCES}
    clean = saved(tmp_path / "clean", features, train=carts(6), dev=[{"text": "Snow fell.", "label": 1}])
    assert found(clean) == []
    leaky = saved(
        tmp_path / "leaky",
        features,
        train=[*carts(6), {"text": STORY, "label": 0}],
        dev=[{"text": "Snow fell.", "label": 1}, {"text": STORY, "label": 1}],
    )
    report = audit.run(leaky)
    arrow = "data-00000-of-00001.arrow"
    assert [(finding.code, finding.file, finding.line, finding.item) for finding in report.findings] == [
        ("text-across-splits", f"dev/{arrow}", 2, "train dev"),
        ("text-two-labels", f"train/{arrow}", 7, None),
    ]
    # Labels go by their names, which only the folder's own metadata know.
    assert report.findings[1].message.startswith("'supports' here")
    assert report.notes == (f"dev/{arrow} and 1 more file, columns: text 'text', label 'label'",)


SPANS = {
    "objects": {"start": 0, "end": 4, "label": "LOC"},
    "objects of a server": {"start_offset": 0, "end_offset": 4, "type": "LOC"},
    "lists": [0, 4, "LOC"],
    "pairs": [0, 4],
}


@pytest.mark.parametrize("name", SPANS)
@pytest.mark.parametrize("column", ["spans", "entities", "annotations"])
def test_spans_as_objects_or_lists(tmp_path: Path, name: str, column: str) -> None:
    rows = [{"text": f"Mill {number} burns.", column: [SPANS[name]] if number else []} for number in range(3)]
    path = lines(tmp_path / "rows.jsonl", rows)
    assert found(path) == []
    lines(path, [*rows, {"text": "Oh.", column: [SPANS[name]]}])
    assert found(path) == [("span-out-of-bounds", "rows.jsonl", 4)]


NESTED = {
    "list of structs": ([{"start": NUMBER, "end": NUMBER, "label": KINDS}], [{"start": 0, "end": 4, "label": 1}]),
    "struct of lists": (
        {"start": datasets.List(NUMBER), "end": datasets.List(NUMBER), "label": datasets.List(KINDS)},
        {"start": [0], "end": [4], "label": [1]},
    ),
}


@pytest.mark.parametrize("form", NESTED)
@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
def test_nested_spans_in_columns(tmp_path: Path, form: str, suffix: str) -> None:
    features, spans = NESTED[form]
    rows = [{"text": "Mill.", "entities": spans}, {"text": "Oh.", "entities": spans}]
    if suffix == "arrow":
        saved(tmp_path, {"text": STRING, "entities": features}, train=rows)
    else:
        made = datasets.Dataset.from_list(rows, features=datasets.Features({"text": STRING, "entities": features}))
        made.to_parquet(str(tmp_path / "train-00000-of-00001.parquet"))
    ((code, _, line),) = found(tmp_path)
    assert (code, line) == ("span-out-of-bounds", 2)


def test_csv_with_byte_order_mark_semicolons_or_cp1252(tmp_path: Path) -> None:
    table = '\ufefftext;label\n"Cart; one";a\nTwo carts;b\n"three\nlines";a\n   ;a\n'
    (tmp_path / "train.csv").write_text(table, encoding="utf-8")
    assert found(tmp_path) == [("text-empty", "train.csv", 6)]
    (tmp_path / "dev.csv").write_bytes("text;label\r\nZwölf Wagen;a\r\n".encode("cp1252"))
    report = audit.run(tmp_path)
    assert [(finding.code, finding.file, finding.line) for finding in report.findings] == [
        ("file-not-utf8", "dev.csv", 2),
        ("text-empty", "train.csv", 6),
    ]
    assert report.notes == ("dev.csv and 1 more file, columns: text 'text', label 'label'",)


def test_a_table_whose_rows_have_too_few_or_too_many_fields(tmp_path: Path) -> None:
    (tmp_path / "rows.tsv").write_text('text\tlabel\nA cart.\ta\nA " mark.\tb\nOne field\nA\tb\tc\n')
    assert found(tmp_path) == [("field-missing", "rows.tsv", 4), ("field-unknown", "rows.tsv", 5)]


def test_a_table_without_a_header_is_read(tmp_path: Path) -> None:
    (tmp_path / "train.tsv").write_text("0\tThe cart is late again today.\n1\tNobody saw the night ferry leave.\n")
    (tmp_path / "test.tsv").write_text("1\tNobody saw the night ferry leave.\n")
    report = audit.run(tmp_path)
    assert [finding.code for finding in report.findings] == ["text-across-splits"]
    assert report.notes[0].endswith("text 'column_2', label 'column_1'")


def test_words_with_tags(tmp_path: Path) -> None:
    features = {"tokens": datasets.List(STRING), "ner_tags": datasets.List(TAGS)}
    clean = [{"tokens": ["Ilsa", "Brandt", "left", "."], "ner_tags": [1, 2, 0, 0]}]
    assert found(saved(tmp_path / "clean", features, train=clean)) == []
    spoilt = [
        {"tokens": ["Mayor", "Ostrow", "left"], "ner_tags": [0, 2, 0]},
        {"tokens": ["Mayor", "Ostrow", "is", "back"], "ner_tags": [0, 1, 0]},
    ]
    path = saved(tmp_path / "spoilt", features, train=clean, validation=spoilt)
    assert [(code, line) for code, _, line in found(path)] == [("tag-dangling", 1), ("tags-misaligned", 2)]


def test_tags_of_the_older_form_are_valid(tmp_path: Path) -> None:
    # IOB1: a name begins with I-, and with B- only right after another of its kind.
    rows = [{"words": ["Ostrow", "left", str(number)], "tags": ["I-PER", "O", "O"]} for number in range(5)]
    rows.append({"words": ["Ostrow", "Brandt"], "tags": ["I-PER", "B-PER"]})
    assert found(lines(tmp_path / "rows.jsonl", rows)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("train.jsonl", "dev.jsonl"),
        ("train.jsonl", "valid.jsonl"),
        ("news_train_v2.jsonl", "news_val_v2.jsonl"),
        ("en/train/0000.jsonl", "en/test/0000.jsonl"),
        ("data/train-00000-of-00001.jsonl", "data/eval-00000-of-00001.jsonl"),
    ],
)
def test_splits_by_any_name(tmp_path: Path, one: str, other: str) -> None:
    lines(tmp_path / one, [{"text": STORY}, {"text": "A cart is late."}])
    lines(tmp_path / other, [{"text": "Snow fell."}, {"text": STORY}])
    assert found(tmp_path) == [("text-across-splits", other, 2)]


def test_files_without_a_split_name_are_one_split(tmp_path: Path) -> None:
    lines(tmp_path / "en.jsonl", [{"text": STORY}])
    lines(tmp_path / "de.jsonl", [{"text": STORY}])
    assert [code for code, _, _ in found(tmp_path)] == ["row-repeated"]


def test_json_with_one_list_is_read(tmp_path: Path) -> None:
    (tmp_path / "train.json").write_text(json.dumps([{"text": STORY}, {"text": "A cart."}]))
    (tmp_path / "dev.json").write_text(json.dumps({"version": "1", "data": [{"text": STORY}]}, indent=1))
    (tmp_path / "settings.json").write_text(json.dumps({"seed": 5}))
    assert found(tmp_path) == [("text-across-splits", "dev.json", 1)]


def test_line_numbers_count_blank_and_broken_lines(tmp_path: Path) -> None:
    text = '{"text": "A cart."}\n\n   \n{"text": "cut\n{"text": "Late\\tcart."}\n\n[]\n{"text": ""}'
    (tmp_path / "rows.jsonl").write_text(text)
    assert found(tmp_path) == [
        ("json-broken", "rows.jsonl", 4),
        ("text-control-character", "rows.jsonl", 5),
        ("json-broken", "rows.jsonl", 7),
        ("text-empty", "rows.jsonl", 8),
    ]


def test_values_of_another_type_further_down(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"text": f"Cart {number} is late.", "label": number % 2} for number in range(700)]
    rows[400]["label"] = "late"
    rows[500]["text"] = None
    rows[600] = {"body": 5}
    assert found(lines(tmp_path / "rows.jsonl", rows), select=["text-empty", "label-missing", "json"]) == [
        ("text-empty", "rows.jsonl", 501),
        ("text-empty", "rows.jsonl", 601),
        ("label-missing", "rows.jsonl", 601),
    ]


def test_a_table_of_spans_without_their_texts_has_no_text(tmp_path: Path) -> None:
    path = lines(tmp_path / "spans.jsonl", [{"text": "cart", "start": 40, "end": 44, "label": "X"}])
    with pytest.raises(GoldwireError, match="no column of texts"):
        audit.run(path)


def test_an_empty_split_is_found(tmp_path: Path) -> None:
    lines(tmp_path / "train.jsonl", [{"text": STORY}])
    (tmp_path / "test.jsonl").write_text("")
    assert found(tmp_path) == [("split-empty", "test.jsonl", None)]


def test_a_split_with_only_a_header_is_empty(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text(f"text,label\n{STORY},a\n")
    (tmp_path / "test.csv").write_text("text,label\n")
    assert found(tmp_path) == [("split-empty", "test.csv", None)]


def test_a_spans_column_without_spans_is_an_error(tmp_path: Path) -> None:
    path = lines(tmp_path / "rows.jsonl", [{"text": "A cart.", "marks": "none"}])
    with pytest.raises(GoldwireError, match="does not hold lists of spans"):
        audit.run(path, columns=Columns(spans="marks"))


@pytest.mark.parametrize(
    "line",
    [
        b'{"text": "caf\xe9 is open"}',
        b'{"text": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        b'{"text": "B"}{"text": "C"}',
        b'{"text": NaN}',
        b'{"text": "\\ud800"}',
    ],
)
def test_invalid_json_lines(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"text": "A cart."}\n' + line + b'\n{"text": "Snow fell."}\n')
    assert found(path) == [("json-broken", "rows.jsonl", 2)]


def test_lines_of_utf_16_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "A cart."}\n', encoding="utf-16")
    with pytest.raises(GoldwireError, match="UTF-16"):
        audit.run(path)


def test_reversed_spans_and_invalid_offsets(tmp_path: Path) -> None:
    spans = [[[0, 4, "X"]], [[3, 1, "X"], [0, 99, "X"]], [[0, "end", "X"]]]
    path = lines(tmp_path / "rows.jsonl", [{"text": f"Mill {n}.", "spans": one} for n, one in enumerate(spans)])
    assert found(path) == [
        ("span-empty", "rows.jsonl", 2),
        ("span-out-of-bounds", "rows.jsonl", 2),
        ("span-out-of-bounds", "rows.jsonl", 3),
    ]


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
def test_a_file_of_lines_is_read_without_pandas(tmp_path: Path, suffix: str) -> None:
    # pyarrow imports it behind one's back, which takes longer than all else.
    path = tmp_path / f"rows.{suffix}"
    path.write_text('{"text": "A cart."}\n' if suffix == "jsonl" else "text,label\nA cart.,a\n")
    code = (
        f"import sys; from pathlib import Path; from goldwire.stages import audit; "
        f"audit.run(Path({str(path)!r})); print('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_broken_page_does_not_stop_the_other_files(tmp_path: Path) -> None:
    for name in ("train", "test"):
        rows = [{"text": f"{name} cart {number} is late.", "label": "ab"[number % 2]} for number in range(2_000)]
        datasets.Dataset.from_list(rows).to_parquet(str(tmp_path / f"{name}.parquet"))
    path = tmp_path / "test.parquet"
    data = path.read_bytes()
    path.write_bytes(data[:40] + bytes(200) + data[240:])
    assert found(tmp_path) == [("data-file-unreadable", "test.parquet", None)]
    with pytest.raises(GoldwireError, match=r"test\.parquet"):
        audit.run(path)


def test_tables_are_not_read_as_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # To decode a Parquet file as a text took half of the five checks' time in bench_checks.py.
    def refuse(files: Sequence[Path], _: Sequence[Path]) -> list[str]:
        raise AssertionError(files)

    monkeypatch.setattr(loading, "document_names", refuse)
    rows = [{"text": f"Text number {number}."} for number in range(9)]
    datasets.Dataset.from_list(rows).to_parquet(tmp_path / "a.parquet")
    with loading.open_datasets(tmp_path) as (dataset,):
        assert dataset.columns.text == "text"


@pytest.mark.parametrize("suffix", [".xlsx", ".XLS", ".ods"])
def test_a_spreadsheet_is_to_be_saved_as_csv(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"labels{suffix}"
    path.write_bytes(b"PK\3\4")
    with pytest.raises(GoldwireError, match="spreadsheets are not read; hint: save the sheet as CSV") as raised:
        audit.run(path)
    assert raised.value.location == str(path)
