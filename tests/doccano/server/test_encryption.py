"""Encrypted folders on a machine that is slow or busy. What else they must do is tested with the backups."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from goldwire.doccano.server import encryption
from goldwire.errors import DataError

pyrage = pytest.importorskip("pyrage", reason="pyrage (the extra `doccano`) is not installed")

PASSPHRASE = "correct horse battery staple"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "labels.txt").write_text("Ada Novak PER")
    encryption.encrypt_folder(tmp_path / "home", tmp_path / "labels.tar", PASSPHRASE)
    return tmp_path / "labels.tar"


def test_an_archive_is_decrypted_once_the_machine_is_fast_enough_again(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decrypt, slow_attempts = pyrage.passphrase.decrypt, iter(range(3))

    def decrypt_at_last(key: bytes, passphrase: str) -> bytes:
        """Decrypt on a machine that is some hundred times slower in its first attempts."""
        slow = re.sub(rb"(-> scrypt \S+) \d+", rb"\1 30", key)
        return decrypt(key if next(slow_attempts, None) is None else slow, passphrase)

    monkeypatch.setattr(encryption, "_PAUSE", 0)
    monkeypatch.setattr(pyrage.passphrase, "decrypt", decrypt_at_last)
    (tmp_path / "restored").mkdir()
    encryption.decrypt_folder(archive, tmp_path / "restored", PASSPHRASE)
    assert (tmp_path / "restored" / "labels.txt").read_text() == "Ada Novak PER"
    assert next(slow_attempts, None) is None
    monkeypatch.setattr(encryption, "_ATTEMPTS", 2)
    slow_attempts = iter(range(9))
    with pytest.raises(DataError, match="too slow or too busy"):
        encryption.decrypt_folder(archive, tmp_path / "again", PASSPHRASE)
    assert {path.name for path in tmp_path.iterdir()} == {"home", "labels.tar", "restored"}
