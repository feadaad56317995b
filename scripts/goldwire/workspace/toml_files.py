"""The one reader of TOML files: settings, sources, label schema, annotators."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from goldwire.errors import ConfigError

__all__ = ["parse_toml", "read_toml"]


def read_toml(path: Path) -> dict[str, Any]:
    """Return the content of a TOML file.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ConfigError
        If it is not UTF-8 or not TOML.
    """
    data = path.read_bytes()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        location = f"{path}:{data.count(10, 0, error.start) + 1}"
        problem = f"byte {data[error.start]:#04x} is not UTF-8"
        raise ConfigError(problem, location=location, hint="save the file as UTF-8") from None
    return parse_toml(text, path)


def parse_toml(text: str, location: Path) -> dict[str, Any]:
    """Parse TOML; `location` is for errors only. Raises ConfigError if it is not TOML."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        problem = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise ConfigError(f"not TOML: {problem}", location=location, hint="fix the file") from None
