"""The audit stage: options, notes and locations. `tests/audit/` tests the findings and formats."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from goldwire.audit import Columns
from goldwire.checks.report import Options
from goldwire.errors import GoldwireError
from goldwire.stages import audit


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Two splits with a text in both, and columns whose roles cannot be guessed."""
    folder = tmp_path / "data"
    folder.mkdir()
    texts = {"train": ("A cart.", "A boat."), "test": ("A boat.", "A mill.")}
    for split, values in texts.items():
        rows = [{"body": text, "kind": "X", "story": text[2:]} for text in values]
        (folder / f"{split}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return folder


def codes(report: audit.CheckReport) -> list[str]:
    return [finding.code for finding in report.findings]


def test_columns_are_named_by_options(dataset: Path) -> None:
    report = audit.run(dataset, columns=Columns(text="body"))
    assert codes(report) == ["text-across-splits"]
    grouped = audit.run(dataset, columns=Columns(text="body", group="story"))
    assert sorted(codes(grouped)) == ["group-across-splits", "text-across-splits"]
    labelled = audit.run(
        dataset, allowed_labels=["Y"], columns=Columns(text="body", label="kind"), options=Options(max_per_code=4)
    )
    assert codes(labelled).count("label-unknown") == 4


def test_select_ignore_and_max_per_code_limit_the_report(dataset: Path) -> None:
    how = {"columns": Columns(text="body", label="kind"), "allowed_labels": ["Y"]}
    assert set(codes(audit.run(dataset, **how, options=Options(select=["label"])))) == {"label-unknown"}
    assert set(codes(audit.run(dataset, **how, options=Options(ignore=["L2"])))) == {"text-across-splits"}
    short = audit.run(dataset, **how, options=Options(max_per_code=1))
    assert (codes(short).count("label-unknown"), short.unlisted, short.errors) == (1, {"label-unknown": 3}, 5)


def test_the_report_names_the_columns_that_were_used(dataset: Path) -> None:
    (note,) = audit.run(dataset, columns=Columns(text="body")).notes
    assert "text 'body'" in note


def test_file_names_are_relative_to_the_working_folder(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(dataset.parent)
    assert audit.run(dataset, columns=Columns(text="body")).render("text").startswith("data/test.jsonl:1 ")
    monkeypatch.chdir(dataset)
    assert audit.run(dataset / "test.jsonl", columns=Columns(text="body")).base == ""


def test_an_unknown_code_is_refused_before_the_files_are_read(tmp_path: Path) -> None:
    with pytest.raises(GoldwireError, match="no code 'spam'"):
        audit.run(tmp_path / "missing.csv", options=Options(select=["spam"]))


def test_a_long_table_is_read_with_the_text_of_each_label(tmp_path: Path) -> None:
    header = "document,annotator,kind,id,start,end,label,text"
    rows = [header, 'd,,document,,,,,"Ada met Ben."', "d,A1,span,T0,8,11,PER,"]
    (tmp_path / "labels.csv").write_text("\n".join(rows) + "\n")
    report = audit.run(tmp_path / "labels.csv")
    assert report.findings == ()
    assert "spans 'spans'" in report.notes[0]
    (tmp_path / "labels.csv").write_text("\n".join(rows).replace("8,11", "8,99") + "\n")
    assert codes(audit.run(tmp_path / "labels.csv")) == ["span-out-of-bounds"]
