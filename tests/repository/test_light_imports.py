"""`check` and `audit` import neither datasets nor scikit-learn, and run where those are not installed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from support.paths import REPOSITORY

HEAVY = ("cleanlab", "daft", "datasets", "huggingface_hub", "matplotlib", "mlcroissant", "pandas", "ray", "sklearn")
PROGRAM = f"""
import sys

class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {HEAVY!r}:
            raise ModuleNotFoundError(f"imported: {{name}}", name=name)


sys.meta_path.insert(0, NotInstalled())
from goldwire.cli import main

sys.argv[0] = "goldwire"
main()
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--root", "tests/tiny_repo", "--format", "github"),
        ("check", "--root", "tests/tiny_repo", "--fix", "--dry-run"),
        ("audit", "tests/tiny_repo/splits/v0.0.1"),
    ],
    ids=" ".join,
)
def test_a_check_imports_no_heavy_package(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY / "scripts")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "imported:" not in done.stdout + done.stderr
    assert done.returncode == 0, done.stdout + done.stderr
