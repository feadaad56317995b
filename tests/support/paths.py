"""Folders that tests read."""

from __future__ import annotations

from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
TESTS = REPOSITORY / "tests"
SCRIPTS = REPOSITORY / "scripts"
PACKAGE = SCRIPTS / "goldwire"
TINY_REPO = TESTS / "tiny_repo"
CASES = TESTS / "cases"
SHARED_DATA = REPOSITORY.parent / "shared" / "data"
