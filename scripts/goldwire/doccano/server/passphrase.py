"""The passphrase of a backup: from a file, the environment or a prompt, never from the command line."""

from __future__ import annotations

import os
import sys
from getpass import getpass
from pathlib import Path

from goldwire.errors import ConfigError, MissingFileError

__all__ = ["VARIABLE", "read_passphrase"]

VARIABLE = "GOLDWIRE_PASSPHRASE"
MIN_LENGTH = 12


def read_passphrase(file: Path | None, *, is_new: bool) -> str:
    """Return the passphrase in `file`, else in the environment, else typed at a prompt.

    Parameters
    ----------
    file
        A file with the passphrase in its first line.
    is_new
        Whether something is encrypted with it: then it must be long enough, and is typed twice.
    """
    passphrase = os.environ.get(VARIABLE, "") if file is None else _first_line(file)
    if file is None and not passphrase:
        passphrase = _ask(is_new=is_new)
    if is_new and len(passphrase) < MIN_LENGTH:
        hint = "whoever has the file can try many passphrases: use several words"
        raise ConfigError(f"the passphrase has fewer than {MIN_LENGTH} characters", hint=hint)
    if not passphrase:
        raise ConfigError("the passphrase is empty", hint=f"set {VARIABLE}, or use --passphrase-file")
    return passphrase


def _first_line(file: Path) -> str:
    hint = "write the passphrase to its first line"
    try:
        return (file.read_text(encoding="utf-8").splitlines() or [""])[0]
    except FileNotFoundError:
        raise MissingFileError("no such file", location=file, hint=hint) from None
    except UnicodeDecodeError:
        raise ConfigError("not UTF-8", location=file, hint=hint) from None


def _ask(*, is_new: bool) -> str:
    if not sys.stdin.isatty():
        raise ConfigError("no terminal to ask for the passphrase", hint=f"set {VARIABLE}, or use --passphrase-file")
    passphrase = getpass("Passphrase of the backup: ")
    if is_new and getpass("The same again: ") != passphrase:
        raise ConfigError("the two passphrases differ", hint="run the command again")
    return passphrase
