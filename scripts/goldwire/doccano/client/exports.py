"""Keep the server's own bytes, but not a new order of the same."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from goldwire.workspace import atomic

__all__ = ["keep"]


def keep(path: Path, lines: Callable[[], Iterable[bytes]]) -> bool:
    """Write the server's lines, unless the file says the same in another order: the server sorts as it likes."""
    if path.exists():
        with path.open("rb") as file:
            if _meaning(file) == _meaning(lines()):
                return False
    return atomic.write_chunks(path, lines())


def _meaning(lines: Iterable[bytes]) -> list[bytes]:
    """A digest of each line, in order: a million of them take 50 MB."""
    return sorted(hashlib.sha256(_sorted(line)).digest()[:16] for line in lines if line.strip())


def _sorted(line: bytes) -> bytes:
    try:
        row = msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return line.strip()
    for value in row.values() if isinstance(row, dict) else ():
        if isinstance(value, list):
            value.sort(key=repr)
    return msgspec.json.encode(row, order="sorted")
