"""The list of excluded articles."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldwire.errors import DataError
from goldwire.workspace.exclusions import read_exclusions, write_exclusions


def test_the_list_is_sorted_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "excluded.tsv"
    assert read_exclusions(path) == {}
    write_exclusions(path, {"wire-2": "a list", "wire-1": "no news"})
    assert path.read_text() == "article_id\treason\nwire-1\tno news\nwire-2\ta list\n"
    assert read_exclusions(path) == {"wire-1": "no news", "wire-2": "a list"}
    write_exclusions(path, {})
    assert not path.exists()


@pytest.mark.parametrize("text", ["", "wire-1\tno header\n", "article_id\treason\nwire-1\n"])
def test_a_damaged_list_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "excluded.tsv"
    path.write_text(text)
    with pytest.raises(DataError):
        read_exclusions(path)
