"""Files of annotation tools in the audit: one row per text, findings at the names of the files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from goldwire.stages import audit
from support.make_tool_files import FOLDER as TOOL_FILES


@pytest.mark.parametrize(
    "name", ["label-studio/export.json", "argilla/records.json", "potato", "inception", "brat", "label-studio"]
)
def test_files_of_annotation_tools_are_audited(name: str) -> None:
    if name == "inception":
        pytest.importorskip("cassis")
    report = audit.run(TOOL_FILES / name)
    assert report.errors == 0
    assert any("spans 'spans'" in note for note in report.notes)


def test_leaks_and_spans_in_exports_of_a_tool_are_found(tmp_path: Path) -> None:
    task = json.loads((TOOL_FILES / "label-studio/export.json").read_text(encoding="utf-8"))[0]
    region = next(item for item in task["annotations"][0]["result"] if item["type"] == "labels")
    region["value"]["end"] = region["value"]["start"]
    for split in ("train", "test"):
        (tmp_path / f"{split}.json").write_text(json.dumps([task]))
    report = audit.run(tmp_path)
    assert {"text-across-splits", "span-empty"} <= {finding.code for finding in report.findings}
    assert {Path(finding.file).name for finding in report.findings} <= {"train.json", "test.json"}
