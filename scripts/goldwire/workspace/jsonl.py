"""The one reader and writer of records on disk: canonical JSON Lines, one record per line, keys in field order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import nan
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from goldwire.errors import DECODE_ERRORS, DataError, MissingFileError, decode_problem
from goldwire.workspace import atomic

__all__ = [
    "decode_line",
    "dump",
    "dump_document",
    "read",
    "read_document",
    "write",
    "write_document",
]

T = TypeVar("T")
_encode = msgspec.json.Encoder().encode


def dump(records: Iterable[msgspec.Struct]) -> bytes:
    """Return the canonical bytes of records: UTF-8, compact, fields in declared order, LF after each record."""
    return b"".join(_encode(record) + b"\n" for record in records)


def write(path: Path, records: Iterable[msgspec.Struct], *, key: Callable[[Any], Any] | None = None) -> bool:
    """Write records atomically, sorted by `key` if given. Return False if the file is unchanged."""
    return atomic.write_bytes(path, dump(records if key is None else sorted(records, key=key)))


def decode_line(line: bytes, kind: type[T]) -> T:
    """Decode one line. Raises one of `goldwire.errors.DECODE_ERRORS`, which `decode_problem` explains."""
    return msgspec.json.decode(line, type=kind)


def read(path: Path, kind: type[T]) -> Iterator[T]:
    """Yield the records of a file.

    Raises
    ------
    MissingFileError
        If there is no such file.
    DataError
        If a line is not a record of type `kind`; the message has file, line and value.
    """
    decoder = msgspec.json.Decoder(kind)
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield _decode(decoder, line, path, number)
    except FileNotFoundError:
        raise MissingFileError("no such file", location=path, hint="run the stage that writes it first") from None


def _decode(decoder: msgspec.json.Decoder[T], line: bytes, path: Path, number: int) -> T:
    """Decode a line, with its location in the error."""
    try:
        return decoder.decode(line)
    except DECODE_ERRORS as error:
        start = line[:60].decode("utf-8", "replace").strip()
        raise DataError(
            f"{decode_problem(error)} in {start!r}",
            location=f"{path}:{number}",
            hint="fix the line or write the file again",
        ) from None


def dump_document(document: Any) -> bytes:
    """Return one record as indented JSON with a final newline."""
    return msgspec.json.format(_encode(document), indent=2) + b"\n"


def write_document(path: Path, document: Any) -> bool:
    """Write the bytes of `dump_document` atomically. Return False if the file is unchanged."""
    return atomic.write_bytes(path, dump_document(document))


def read_document(path: Path, kind: type[T]) -> T:
    """Read one record from a JSON file. JSON has no NaN: an undefined agreement value is null on disk and NaN here."""
    try:
        return msgspec.convert(_undefined_to_nan(msgspec.json.decode(path.read_bytes())), kind)
    except FileNotFoundError:
        raise MissingFileError("no such file", location=path) from None
    except DECODE_ERRORS as error:
        raise DataError(decode_problem(error), location=path, hint="fix it or write it again") from None


def _undefined_to_nan(value: Any) -> Any:
    """Replace null by NaN in all agreement values of a document."""
    if isinstance(value, list):
        return [_undefined_to_nan(item) for item in value]
    if isinstance(value, dict):
        undefined = {k: nan for k in ("value", "low", "high") if "coefficient" in value and value.get(k, 0) is None}
        return {k: _undefined_to_nan(v) for k, v in value.items()} | undefined
    return value
