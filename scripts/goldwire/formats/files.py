"""Files of annotations: which ones a path stands for, and reading and writing them with clear errors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path
from typing import Any

import msgspec

from goldwire.errors import ConflictError, DataError, GoldwireError, MissingFileError
from goldwire.text import encodings
from goldwire.workspace import atomic

__all__ = [
    "csv_table",
    "data_files",
    "file_names",
    "other_encoding",
    "peek_json",
    "read_json",
    "read_json_lines",
    "read_json_list",
    "read_text",
    "reading",
    "require_utf8",
    "write_json_lines",
    "write_member",
]

_SPACE = re.compile(r"\s*")
_REFUSED = re.compile(r'[/\\:*?"<>|\x00-\x1f]')  # in names of files, on some system
_QUOTED = re.compile(r'[",\r\n]')
_PEEK_BYTES = 200_000  # what `matches` reads of a file: a first row of any tool is smaller


def data_files(path: Path, *suffixes: str) -> list[Path]:
    """Return `path` itself, or the files with these suffixes below a folder, in the order of their names.

    Hidden files and folders are left out: Argilla keeps settings in one.
    """
    if path.is_file():
        return [path]
    if not path.exists():
        raise MissingFileError("no such file or folder", location=path)
    found = (file for file in path.rglob("*") if file.suffix in suffixes and file.is_file())
    return sorted(file for file in found if not any(part[0] == "." for part in file.relative_to(path).parts))


def read_text(path: Path, *, has_offsets: bool = False) -> str:
    """Return the text of a UTF-8 file with its line ends as they are. Raises DataError for other bytes.

    A byte order mark is left out, but not of a text that offsets refer to: they count it.
    """
    data = path.read_bytes()
    try:
        text, name = encodings.decode(data)
    except UnicodeDecodeError:
        name = ""
    if name != "utf-8":
        require_utf8(data, path)
        text = data.decode()
    return text if has_offsets else text.removeprefix("\ufeff")


def require_utf8(data: bytes, path: Path) -> None:
    r"""Raise DataError for bytes in another encoding than UTF-8, with the likely one.

    Examples
    --------
    >>> require_utf8("Zoë spoke.".encode("utf-16"), Path("a.csv"))
    Traceback (most recent call last):
    goldwire.errors.DataError: a.csv: the file is not UTF-8 but probably UTF-16LE...
    """
    name = other_encoding(data)
    if name is not None:
        hint = f"convert it: `iconv -f {name} -t UTF-8 {path.name} > NEW_FILE`"
        raise DataError(f"the file is not UTF-8 but probably {name}", location=path, hint=hint)
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise DataError(f"not UTF-8 at byte {error.start}", location=path, hint="convert the file to UTF-8") from None


def other_encoding(data: bytes) -> str | None:
    """Return the usual name of the encoding that bytes are probably in, or None if it is UTF-8 or nothing is likely."""
    name = encodings.likely_encoding(data)
    if name in {None, "utf-8"}:
        return None
    return str(name).replace("cp125", "windows-125").upper().replace("UTF-16-", "UTF-16").replace("UTF-32-", "UTF-32")


def read_json(path: Path, kind: Any = Any) -> Any:
    """Return the value of a JSON file, of a type that msgspec knows. Raises DataError if it is no such value."""
    return _decode(path.read_bytes(), path, kind=kind)


def read_json_list(path: Path) -> Iterator[Any]:
    """Yield the values of a file with a JSON list, or the object that it is. Raises DataError for another file.

    A value is decoded when it is asked for: objects of all values at once took 1.6 times as long, and the memory.
    """
    values = read_json(path, list[msgspec.Raw] | dict[str, Any])
    if isinstance(values, dict):
        yield values
    else:
        yield from (_decode(bytes(value), path) for value in values)


def read_json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield number (from 1) and object of each line. Raises DataError for a line that is not a JSON object."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                row = _decode(line, path, number)
                if not isinstance(row, dict):
                    raise DataError("not a JSON object", location=f"{path}:{number}")
                yield number, row


@contextmanager
def reading(what: str, location: object) -> Iterator[None]:
    """Raise DataError with the location for a value that is missing or of another kind than the format has.

    Examples
    --------
    >>> with reading("record", "a.json:1"):
    ...     {"text": "Ada"}["id"]
    Traceback (most recent call last):
    goldwire.errors.DataError: a.json:1: unreadable record (KeyError('id'))
    """
    try:
        yield
    except GoldwireError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"unreadable {what} ({error!r})", location=str(location)) from None


def _decode(data: bytes, path: Path, line: int | None = None, kind: Any = Any) -> Any:
    try:
        return msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=kind)
    except msgspec.ValidationError as error:
        raise DataError(str(error), location=path) from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        require_utf8(path.read_bytes(), path)  # the whole file: one line of UTF-16 is not text
        location = path if line is None else f"{path}:{line}"
        raise DataError(f"not JSON: {error}", location=location) from None


def peek_json(path: Path) -> Any:
    """Return the first row of a JSON Lines file or a JSON list, or the JSON value; None if it is neither."""
    if not path.is_file() or path.suffix not in {".json", ".json1", ".jsonl", ".jsonld", ".jsonlines"}:
        return None
    with path.open("rb") as file:
        head = file.read(_PEEK_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()
    try:
        return msgspec.json.decode(head.split(b"\n", 1)[0])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    # A list or an object that is longer than the part that was read: its first object, or its first members.
    text = head.decode("utf-8", "ignore")
    if text.startswith("{"):
        return _first_members(text) or None
    with suppress(ValueError, RecursionError):
        return json.JSONDecoder().raw_decode(text[max(text.find("{"), 0) :])[0]
    return None


def _after_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return position if match is None else match.end()


def _first_members(text: str) -> dict[str, Any]:
    """Return the members at the beginning of a JSON object; the value of one that is cut off is None."""
    members: dict[str, Any] = {}
    decoder, position = json.JSONDecoder(), 1
    with suppress(ValueError, RecursionError):
        while True:
            name, position = decoder.raw_decode(text, _after_space(text, position))
            position = text.index(":", position) + 1
            members[str(name)] = None
            value, position = decoder.raw_decode(text, _after_space(text, position))
            members[str(name)] = value
            position = text.index(",", position) + 1
    return members


def write_json_lines(path: Path, rows: Iterable[Any]) -> None:
    """Write one JSON value per line, atomically."""
    _refuse_existing(path)
    encoder = msgspec.json.Encoder()
    atomic.write_chunks(path, (encoder.encode(row) + b"\n" for row in rows))


def write_member(path: Path, data: str | bytes) -> None:
    """Write one of the many files of a new folder, which is moved to its place as a whole: see `output`.

    It does not wait for the disk, as the writing of a single file does: there are two files per document.
    """
    content = data.encode("utf-8") if isinstance(data, str) else data
    try:
        path.write_bytes(content)
    except FileNotFoundError:  # the first file of a folder
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def csv_table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    r"""Return a CSV table with LF at the end of its lines.

    The module csv does not quote a carriage return alone, and then reads it as the end of a row.

    Examples
    --------
    >>> csv_table(["id", "text"], [[1, "a\rb"]])
    'id,text\n1,"a\rb"\n'
    """
    return "".join(",".join(map(_csv_cell, row)) + "\n" for row in (header, *rows))


def _csv_cell(value: object) -> str:
    text = "" if value is None else str(value)
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def file_names(names: Iterable[str], *, blank: str = " ") -> dict[str, str]:
    """Return a file name for each document or annotator.

    Characters that file systems refuse are replaced by `_`. Names that are then equal, or differ only in case, get a
    number: one file would replace the other.

    Examples
    --------
    >>> file_names(["wire/2024:1", "wire_2024_1", "Ada"])
    {'wire/2024:1': 'wire_2024_1', 'wire_2024_1': 'wire_2024_1-2', 'Ada': 'Ada'}
    """
    chosen: dict[str, str] = {}
    taken: set[str] = set()
    for name in dict.fromkeys(names):
        plain = _allowed_name(name).replace(" ", blank)
        candidates = chain([plain], (f"{plain}-{number}" for number in count(2)))
        chosen[name] = next(one for one in candidates if one.casefold() not in taken)
        taken.add(chosen[name].casefold())
    return chosen


def _allowed_name(name: str) -> str:
    return _REFUSED.sub("_", name).strip(". ") or "_"


def _refuse_existing(path: Path) -> None:
    if path.exists() and (path.is_file() or any(path.iterdir())):
        raise ConflictError("exists already", location=path, hint="choose a new path")
