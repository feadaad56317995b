"""Keep the server's own bytes, but not a new order of the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from goldwire import atomic

__all__ = ["keep"]


def keep(path: Path, data: bytes) -> bool:
    """Write the server's bytes, unless the file says the same in another order: the server sorts as it likes."""
    if path.exists() and _meaning(path.read_bytes()) == _meaning(data):
        return False
    return atomic.write_bytes(path, data)


def _meaning(data: bytes) -> list[Any]:
    try:
        rows = [msgspec.json.decode(line) for line in data.split(b"\n") if line.strip()]
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return [data]
    for row in rows:
        for value in row.values():
            if isinstance(value, list):
                value.sort(key=repr)
    return sorted(rows, key=repr)
