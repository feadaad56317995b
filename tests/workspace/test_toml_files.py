"""TOML files that cannot be read are one error with their location."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldwire.errors import ConfigError
from goldwire.workspace.toml_files import read_toml


def test_the_content_is_returned(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('[wire]\nname = "Wire é"\n', encoding="utf-8")
    assert read_toml(path) == {"wire": {"name": "Wire é"}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a = 1\nb = '\xe9'\n", "a.toml:2: byte 0xe9 is not UTF-8"),
        (b"a = \n", "a.toml: not TOML: Invalid value (at line 1, column 5)"),
        (b"a = " + b"[" * 3000 + b"]" * 3000, "a.toml: not TOML: nested too deeply"),
    ],
)
def test_a_file_that_is_not_toml_is_one_error(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_toml(path)
    assert message in str(caught.value)
