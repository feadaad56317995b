"""Passwords of the server's accounts: generated once, stored in one private file, never printed."""

from __future__ import annotations

import secrets
from pathlib import Path

import msgspec

from goldwire.workspace import private_files

__all__ = ["ADMIN", "FILE", "admin_password", "annotator_password", "generate"]

ADMIN = "admin"
"""The user name of the one administrator."""

FILE = "passwords.json"

_CHARACTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without i, l, o, 0 and 1: people copy passwords by hand


class _Passwords(msgspec.Struct, frozen=True):
    admin: str = ""
    annotators: dict[str, str] = {}


def generate() -> str:
    """Return a random password: four groups of four letters and digits, which is 79 bits and easy to type."""
    return "-".join("".join(secrets.choice(_CHARACTERS) for _ in range(4)) for _ in range(4))


def admin_password(home: Path) -> str:
    """Return the administrator's password of the server at `home`; the first call generates it."""
    stored = private_files.update(
        home / FILE, _Passwords, lambda old: _Passwords(old.admin or generate(), old.annotators)
    )
    return stored.admin


def annotator_password(folder: Path, user: str) -> str:
    """Return the password of the annotator's account `user`; the first call generates it."""
    stored = private_files.update(
        folder / FILE, _Passwords, lambda old: _Passwords(old.admin, {user: generate()} | old.annotators)
    )
    return stored.annotators[user]
