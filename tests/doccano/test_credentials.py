"""Passwords are generated once, all different, and readable by their owner only."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from goldwire.doccano import credentials
from goldwire.errors import GoldwireError


def test_passwords_are_generated_once_and_all_different(tmp_path: Path):
    made = [
        credentials.admin_password(tmp_path),
        credentials.annotator_password(tmp_path, "A1"),
        credentials.annotator_password(tmp_path, "A2"),
    ]
    assert len(set(made)) == 3
    again = [
        credentials.admin_password(tmp_path),
        credentials.annotator_password(tmp_path, "A1"),
        credentials.annotator_password(tmp_path, "A2"),
    ]
    assert again == made


def test_only_the_owner_can_read_the_file(tmp_path: Path):
    home = tmp_path / "server"
    credentials.annotator_password(home, "A1")
    assert home.stat().st_mode & 0o777 == 0o700
    assert (home / credentials.FILE).stat().st_mode & 0o777 == 0o600
    (home / credentials.FILE).chmod(0o644)
    credentials.annotator_password(home, "A1")
    assert (home / credentials.FILE).stat().st_mode & 0o777 == 0o600


def test_simultaneous_calls_lose_no_password(tmp_path: Path):
    names = [f"A{number}" for number in range(8)]
    threads = [threading.Thread(target=credentials.annotator_password, args=(tmp_path, name)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(json.loads((tmp_path / credentials.FILE).read_text())["annotators"]) == names


def test_the_error_of_a_broken_file_contains_no_password(tmp_path: Path):
    (tmp_path / credentials.FILE).write_text('{"admin": "hush-hush" ')
    with pytest.raises(GoldwireError) as raised:
        credentials.admin_password(tmp_path)
    assert raised.value.location == str(tmp_path / credentials.FILE)
    assert "hush" not in str(raised.value)
