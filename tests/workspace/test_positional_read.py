"""Reads at a position of a file, with and without the function that Windows lacks."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from goldwire.workspace.positional_read import read_at


@pytest.mark.parametrize("has_pread", [True, False])
def test_threads_read_at_their_own_positions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_pread: bool) -> None:
    if not has_pread:
        monkeypatch.delattr(os, "pread")
    path = tmp_path / "data"
    path.write_bytes(b"".join(b"%08d" % number for number in range(2_000)))
    with path.open("rb") as file, ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: read_at(file.fileno(), 8, 8 * number), range(2_000)))
    assert found == [b"%08d" % number for number in range(2_000)]


def test_a_read_behind_the_end_is_empty(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"abc")
    with (tmp_path / "data").open("rb") as file:
        assert read_at(file.fileno(), 10, 1) == b"bc"
        assert read_at(file.fileno(), 10, 3) == b""
