"""Passwords of all accounts of a workspace in one private file: generated once, and handed out once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from goldwire.workspace import private_files

__all__ = [
    "ADMIN",
    "FILE",
    "HandedOut",
    "admin_password",
    "annotator_password",
    "generate",
    "hand_out",
    "replace_annotator_password",
]

ADMIN = "admin"
"""The user name of the one administrator."""

FILE = "passwords.json"

_CHARACTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without i, l, o, 0 and 1: people copy passwords by hand


class _Passwords(msgspec.Struct, frozen=True):
    """The content of the file; `handed_out` has the time at which an annotator's password was shown."""

    admin: str = ""
    annotators: dict[str, str] = {}
    handed_out: dict[str, str] = {}


class HandedOut(msgspec.Struct, frozen=True):
    """A password that is shown now, or the time at which it was shown; neither if goldwire does not have it."""

    password: str | None
    at: str | None


def generate() -> str:
    """Return a random password: four groups of four letters and digits, which is 79 bits and easy to type."""
    return "-".join("".join(secrets.choice(_CHARACTERS) for _ in range(4)) for _ in range(4))


def admin_password(folder: Path) -> str:
    """Return the administrator's password from the file in `folder`; the first call generates it."""

    def change(old: _Passwords) -> _Passwords:
        return msgspec.structs.replace(old, admin=old.admin or generate())

    return private_files.update(folder / FILE, _Passwords, change).admin


def annotator_password(folder: Path, user: str) -> str:
    """Return the password of the annotator's account `user`; the first call generates it."""

    def change(old: _Passwords) -> _Passwords:
        return msgspec.structs.replace(old, annotators={user: generate()} | old.annotators)

    return private_files.update(folder / FILE, _Passwords, change).annotators[user]


def replace_annotator_password(folder: Path, user: str, password: str) -> None:
    """Store a new password of the account `user`, which is to be handed out again."""

    def change(old: _Passwords) -> _Passwords:
        handed_out = {name: time for name, time in old.handed_out.items() if name != user}
        return msgspec.structs.replace(old, annotators=old.annotators | {user: password}, handed_out=handed_out)

    private_files.update(folder / FILE, _Passwords, change)


def hand_out(folder: Path, users: Sequence[str], *, now: str, show: Callable[[Mapping[str, HandedOut]], None]) -> None:
    """Call `show` with the password of each account the first time, and later with when that was.

    It is recorded afterwards that passwords were shown: a command that is killed meanwhile shows them again.
    """

    def change(old: _Passwords) -> _Passwords:
        new = [user for user in users if user in old.annotators and user not in old.handed_out]
        later = {user: HandedOut(None, old.handed_out.get(user)) for user in users}
        show(later | {user: HandedOut(old.annotators[user], now) for user in new})
        return msgspec.structs.replace(old, handed_out=dict.fromkeys(new, now) | old.handed_out)

    private_files.update(folder / FILE, _Passwords, change)
