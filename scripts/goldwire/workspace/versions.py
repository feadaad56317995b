"""Version numbers of releases: `X.Y.Z` in text, `vX.Y.Z` as folder and tag; and the next version."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from goldwire.errors import ConfigError

__all__ = ["FIRST", "Part", "bump", "in_order", "latest", "parse", "plain"]

Part = Literal["major", "minor", "patch"]
FIRST = "0.0.1"
_FORM = re.compile(r"v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


def parse(version: str) -> tuple[int, int, int]:
    """Return a version as three numbers, which sort as versions do. Raises ConfigError if it is not a version."""
    match = _FORM.fullmatch(version)
    if match is None:
        raise ConfigError(f"{version!r} is not a version", hint="write it as 1.2.3")
    return int(match[1]), int(match[2]), int(match[3])


def plain(version: str) -> str:
    """Return the version without its `v`."""
    return ".".join(map(str, parse(version)))


def latest(names: Iterable[str]) -> str | None:
    """Return the highest version among names of folders or tags, without its `v`, or None."""
    versions = [parse(name) for name in names if _FORM.fullmatch(name)]
    return ".".join(map(str, max(versions))) if versions else None


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that are versions, with or without their `v`, lowest first."""
    return tuple(sorted(filter(_FORM.fullmatch, names), key=parse))


def bump(version: str | None, part: Part) -> str:
    """Return the version after `version` with `part` increased, or the first version if there is none."""
    if version is None:
        return FIRST
    major, minor, patch = parse(version)
    if part == "major":
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if part == "minor" else f"{major}.{minor}.{patch + 1}"
