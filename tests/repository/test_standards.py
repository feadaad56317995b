"""What the tools of others say about this repository's files and about a release."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from goldwire.release.reader import load_release
from support.paths import REPOSITORY

RELEASE = load_release(REPOSITORY / "tests" / "tiny_repo", "0.0.1")
FORMS = REPOSITORY / ".github" / "ISSUE_TEMPLATE"
VALIDATED = {
    "citation-file-format": [REPOSITORY / "CITATION.cff", RELEASE.folder / "CITATION.cff"],
    "github-actions": [REPOSITORY / "action.yml"],
    "github-issue-config": [FORMS / "config.yml"],
    "github-issue-forms": [path for path in FORMS.glob("*.yml") if path.name != "config.yml"],
    "github-workflows": [*(REPOSITORY / ".github" / "workflows").glob("*.yml")],
}


@pytest.mark.parametrize("schema", VALIDATED)
def test_a_file_follows_its_schema(schema: str) -> None:
    tool = Path(sys.executable).with_name("check-jsonschema")
    command = [tool, "--builtin-schema", f"vendor.{schema}", *VALIDATED[schema]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_pandas_and_polars_read_the_rows_that_the_manifest_counts() -> None:
    files = [file for file in RELEASE.manifest.files if file.path.endswith(".parquet")]
    assert len(files) > 10
    for file in files:
        path = RELEASE.folder / file.path
        assert len(pd.read_parquet(path)) == pl.read_parquet(path).height == file.rows, file.path


def test_duckdb_counts_labels_by_name() -> None:
    duckdb = pytest.importorskip("duckdb")  # `make bench` installs it
    query = f"select label_name, count(*) from '{RELEASE.folder}/data/stance/*.parquet' group by all"
    counted = dict(duckdb.sql(query).fetchall())
    rows = RELEASE.to_pandas("stance")
    assert sum(counted.values()) == len(rows)
    assert counted.keys() == {"supports", "opposes", "neutral"}


def test_frictionless_finds_no_error_in_the_data_package() -> None:
    frictionless = pytest.importorskip("frictionless")  # CI installs it for this test: see ci.yml
    report = frictionless.validate(str(RELEASE.folder / "datapackage.json"))
    assert report.valid, report.flatten(["type", "message"])
    assert report.stats["tasks"] == len([file for file in RELEASE.manifest.files if file.path.endswith(".parquet")])
