"""Paths at which the formats write: a folder, or a file with the usual suffix."""

from __future__ import annotations

from pathlib import Path

__all__ = ["FILE_SUFFIXES", "path_for"]

FILE_SUFFIXES = {
    "label-studio": ".json",
    "prodigy": ".jsonl",
    "web-annotation": ".json",
    "argilla": ".json",
    "lewidi": ".json",
    "csv": ".csv",
}
"""The suffixes of the formats that are one file; the others are folders."""


def path_for(name: str, folder: Path) -> Path:
    """Return a path in the folder at which the format `name` is written."""
    return folder / f"out{FILE_SUFFIXES.get(name, '')}"
