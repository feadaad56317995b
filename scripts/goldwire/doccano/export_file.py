"""The file of an annotator's export: written only if its rows differ, and never smaller without a copy."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import chain
from operator import gt
from pathlib import Path
from typing import NamedTuple

import msgspec

from goldwire.doccano.export_rows import Row, parse_line
from goldwire.errors import DECODE_ERRORS
from goldwire.workspace import atomic

__all__ = ["COPIES", "ExportedRows", "exported_rows", "write_export"]

COPIES = "replaced"
"""The folder of the copies, beside the exports."""

_NOTHING: tuple[int, ...] = (0, 0, 0, 0)


def write_export(path: Path, lines: Callable[[], Iterable[bytes]]) -> bool:
    """Write the server's lines, unless the file has the same rows in another order: the server's order varies.

    Former lines of rows that are gone, or have fewer labels or comments now, are first added to the file of the same
    name in the folder `COPIES`, byte for byte and oldest first.
    """
    if path.exists():
        present = _row_digests(lines())
        with path.open("rb") as file:
            if sorted(_row_digests(file)) == sorted(present):
                return False
            file.seek(0)
            unchanged = frozenset(present)
            changed = [line for line in file if line.strip() and _row_digest(line) not in unchanged]
        _save_copies(path.parent / COPIES / path.name, _smaller_rows(changed, lines()))
    return atomic.write_chunks(path, lines())


class ExportedRows(NamedTuple):
    """The ids of the rows of an export by task id, and the ids of its tasks by article id."""

    by_task: dict[str, frozenset[int]]
    tasks: dict[str, frozenset[str]]


def exported_rows(path: Path) -> ExportedRows:
    """Return what rows an export has; none if there is no export."""
    ids: dict[str, set[int]] = defaultdict(set)
    tasks: dict[str, set[str]] = defaultdict(set)
    if path.exists():
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                row = parse_line(line, number)
                if row is not None and row.gw_task_id is not None:
                    ids[row.gw_task_id].add(row.id)
                    tasks[str(row.gw_article_id)].add(row.gw_task_id)
    return ExportedRows(
        {task: frozenset(numbers) for task, numbers in ids.items()},
        {article: frozenset(of_article) for article, of_article in tasks.items()},
    )


def _smaller_rows(changed: Iterable[bytes], lines: Iterable[bytes]) -> list[bytes]:
    """Return those of the `changed` former lines that have more labels or comments than the row of the same task now.

    A former line with work whose row is gone is returned, too, and one that cannot be read.
    """
    former = [(line, parse_line(line, 0)) for line in changed]
    sizes = {_task(row): _NOTHING for _, row in former if row is not None}
    ids = set()
    for line in lines:
        row = parse_line(line, 0)
        if row is not None and _task(row) in sizes:
            ids.add(row.id)
            sizes[_task(row)] = tuple(map(max, sizes[_task(row)], _sizes(row)))
    return [
        line
        for line, row in former
        if row is None or any(map(gt, _sizes(row), _NOTHING if row.id not in ids else sizes[_task(row)]))
    ]


def _task(row: Row) -> object:
    return row.id if row.gw_task_id is None else row.gw_task_id


def _sizes(row: Row) -> tuple[int, ...]:
    return len(row.entities), len(row.relations), len(row.category_labels), len(row.comments)


def _save_copies(path: Path, lines: list[bytes]) -> None:
    """Add lines to the file at `path`, unless it has them already."""
    lines = [line.rstrip(b"\n") + b"\n" for line in lines]
    present = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    known = frozenset(present)
    new = [line for line in lines if line not in known]
    if new:
        atomic.write_chunks(path, chain(present, new))


def _row_digests(lines: Iterable[bytes]) -> list[bytes]:
    """Return a digest of each row: those of a million rows take 50 MB."""
    return [_row_digest(line) for line in lines if line.strip()]


def _row_digest(line: bytes) -> bytes:
    return hashlib.sha256(_in_canonical_order(line)).digest()[:16]


def _in_canonical_order(line: bytes) -> bytes:
    try:
        row = msgspec.json.decode(line)
    except DECODE_ERRORS:
        return line.strip()
    for value in row.values() if isinstance(row, dict) else ():
        if isinstance(value, list):
            value.sort(key=repr)
    return msgspec.json.encode(row, order="sorted")
