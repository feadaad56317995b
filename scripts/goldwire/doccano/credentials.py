"""Passwords of the server's people: made once, kept in one private file, never printed."""

from __future__ import annotations

import secrets
from pathlib import Path

import msgspec

from goldwire.workspace import private_files

__all__ = ["ADMIN", "FILE", "admin", "annotator", "generate"]

ADMIN = "admin"
"""The username of the one administrator."""

FILE = "passwords.json"

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # no i, l, o, 0 or 1: people copy these from a note


class _Passwords(msgspec.Struct, frozen=True):
    admin: str = ""
    annotators: dict[str, str] = {}


def generate() -> str:
    """Four groups of four letters and digits: 79 bits, and easily typed."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def admin(home: Path) -> str:
    """The administrator's password of the server at `home`, made on the first call."""
    kept = private_files.update(
        home / FILE, _Passwords, lambda old: _Passwords(old.admin or generate(), old.annotators)
    )
    return kept.admin


def annotator(folder: Path, name: str) -> str:
    """The password of annotator `name`, made on the first call and the same ever after."""
    kept = private_files.update(
        folder / FILE, _Passwords, lambda old: _Passwords(old.admin, {name: generate()} | old.annotators)
    )
    return kept.annotators[name]
