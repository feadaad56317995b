"""The guidelines and their version."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldwire.errors import GoldwireError
from goldwire.workspace import guidelines


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("# Guide\n\nVersion: 1.0\n", "1.0"),
        ("Version: 2.10.3, May\nVersion: 1.0\n", "2.10.3"),
        ("**Version:** 1.2\n", "1.2"),
        ("> version: v3\n", "3"),
        ("See version: 1.0 above\n", None),
        ("Version: draft\n", None),
    ],
)
def test_the_version_is_read_from_its_line(text: str, version: str | None) -> None:
    assert guidelines.version_of(text) == version


def test_line_ends_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "GUIDELINES.md"
    path.write_bytes(b"# Guide\r\n\r\nVersion: 1.4\r\n")
    assert guidelines.read_guidelines(path) == guidelines.Guidelines(version="1.4", text="# Guide\n\nVersion: 1.4\n")


@pytest.mark.parametrize("data", [None, b"# Guide\n", b"Version: 1.0 caf\xe9\n"])
def test_an_unusable_page_is_a_one_line_error(tmp_path: Path, data: bytes | None) -> None:
    path = tmp_path / "GUIDELINES.md"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(GoldwireError) as caught:
        guidelines.read_guidelines(path)
    assert caught.value.location == str(path)
    assert caught.value.hint
