"""Version numbers of releases, `X.Y.Z` in text and `vX.Y.Z` as folder and tag, and which one comes next."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from goldwire.errors import ConfigError

__all__ = ["FIRST", "Part", "bump", "latest", "parse", "plain"]

Part = Literal["major", "minor", "patch"]
FIRST = "0.0.1"
_FORM = re.compile(r"v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


def parse(version: str) -> tuple[int, int, int]:
    """Three numbers that sort as versions do; what is not a version is a GoldwireError."""
    found = _FORM.fullmatch(version)
    if found is None:
        raise ConfigError(f"{version!r} is no version", hint="write it as 1.2.3")
    return int(found[1]), int(found[2]), int(found[3])


def plain(version: str) -> str:
    """The version without its `v`."""
    return ".".join(map(str, parse(version)))


def latest(names: Iterable[str]) -> str | None:
    """The highest of the names that are versions (folders, tags), without its `v`; None where there is none."""
    found = [parse(name) for name in names if _FORM.fullmatch(name)]
    return ".".join(map(str, max(found))) if found else None


def bump(version: str | None, part: Part) -> str:
    """The version after `version` when `part` of it rises; the first where there is none."""
    if version is None:
        return FIRST
    major, minor, patch = parse(version)
    if part == "major":
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if part == "minor" else f"{major}.{minor}.{patch + 1}"
