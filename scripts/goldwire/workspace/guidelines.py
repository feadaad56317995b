"""The annotation guidelines: a Markdown page with a line `Version: X.Y`."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from goldwire.errors import ConfigError, MissingFileError

__all__ = ["Guidelines", "read_guidelines", "version_of"]

_VERSION = re.compile(r"^[*_> \t]*Version[*_]*:[*_ \t]*v?(\d+(?:\.\d+)*)", re.MULTILINE | re.IGNORECASE)


class Guidelines(msgspec.Struct, frozen=True, kw_only=True):
    """The text of the page (Markdown with LF line ends) and its version."""

    version: str
    text: str


def version_of(text: str) -> str | None:
    """Return the version in the first line of the form `Version: X.Y`, or None."""
    match = _VERSION.search(text)
    return match[1] if match else None


def read_guidelines(path: Path) -> Guidelines:
    """Read annotations/GUIDELINES.md; one that is missing or states no version is a GoldwireError."""
    try:
        text = path.read_bytes().decode("utf-8").replace("\r\n", "\n")
    except FileNotFoundError:
        raise MissingFileError("no guidelines", location=path, hint="write instructions for annotators") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"not UTF-8 at byte {error.start}", location=path, hint="save it as UTF-8") from None
    version = version_of(text)
    if version is None:
        raise ConfigError("the guidelines state no version", location=path, hint="add a line `Version: 1.0`")
    return Guidelines(version=version, text=text)
