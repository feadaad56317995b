"""Files that only their owner may read."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from goldwire.errors import DataError
from goldwire.parallel.threads import map_in_threads
from goldwire.workspace import private_files


class Counter(msgspec.Struct):
    count: int = 0


def increased(counter: Counter) -> Counter:
    return Counter(counter.count + 1)


def test_concurrent_updates_are_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "private" / "counter.json"
    assert private_files.read(path, Counter).count == 0
    list(map_in_threads(lambda _: private_files.update(path, Counter, increased), range(30)))
    assert private_files.read(path, Counter).count == 30
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_an_error_does_not_quote_the_file(tmp_path: Path) -> None:
    path = tmp_path / "passwords.json"
    path.write_text('{"count": "hunter2"}')
    with pytest.raises(DataError) as caught:
        private_files.read(path, Counter)
    assert "hunter2" not in str(caught.value)


def test_new_folders_are_their_owners_only_and_an_open_one_is_closed(tmp_path: Path) -> None:
    path = private_files.private_dir(tmp_path / ".goldwire" / "server" / "media")
    assert {folder.stat().st_mode & 0o777 for folder in (path, path.parent, path.parent.parent)} == {0o700}
    path.chmod(0o755)
    assert private_files.private_dir(path).stat().st_mode & 0o777 == 0o700
