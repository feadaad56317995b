"""A researcher's own copies of articles, from a folder of text files, JSON Lines or Parquet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from goldwire.errors import DataError, MissingFileError
from goldwire.text.normalization import normalize

__all__ = ["read_copies", "readings"]

_NAMES = ("article_id", "id", "url")


def read_copies(path: Path) -> dict[str, str]:
    """The texts by article id or address.

    A folder holds one file an article, `<article id>.txt`; the rows of a `.jsonl` or `.parquet` file have `text` and
    one of `article_id`, `id` and `url`.
    """
    readers: dict[str, Callable[[Path], Iterator[Mapping[str, Any]]]] = {".jsonl": _lines, ".parquet": _table}
    if path.is_dir():
        rows: Iterator[Mapping[str, Any]] = _files(path)
    elif path.suffix in readers:
        rows = readers[path.suffix](path)
    else:
        raise MissingFileError(
            "no texts", location=path, hint="name a folder of .txt files, a .jsonl or a .parquet file"
        )
    found: dict[str, str] = {}
    for row in rows:
        text = row.get("text")
        if isinstance(text, str):
            found |= {str(row[name]): text for name in _NAMES if row.get(name)}
    if not found:
        raise MissingFileError("no texts in it", location=path, hint=f"give `text` and one of {', '.join(_NAMES)}")
    return found


def readings(text: str) -> list[str]:
    """How a copy may be read: as it is, with its line ends mended, and as `ingest` cleans it, in this order."""
    mended = text.replace("\r\n", "\n").strip("\n")
    return list(dict.fromkeys((text, mended, normalize(text).text.strip())))


def _files(folder: Path) -> Iterator[Mapping[str, Any]]:
    for path in sorted(folder.rglob("*.txt")):
        try:
            yield {"article_id": path.stem, "text": path.read_bytes().decode("utf-8-sig")}
        except UnicodeDecodeError as error:
            raise DataError(f"not UTF-8 at byte {error.start}", location=path, hint="save it as UTF-8") from None


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                if line.strip():
                    yield msgspec.json.decode(line, type=dict[str, Any])
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                raise DataError(str(error), location=f"{path}:{number}", hint="mend the line") from None


def _table(path: Path) -> Iterator[Mapping[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as file:
            wanted = [name for name in pq.read_schema(file).names if name in ("text", *_NAMES)]
            yield from pq.read_table(file, columns=wanted).to_pylist()
    except pa.ArrowException as error:
        raise DataError(f"not readable as Parquet: {error}", location=path) from None
