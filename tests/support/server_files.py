"""The database of a server that never ran, for what only copies it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

__all__ = ["write_database"]


def write_database(path: Path, *, rows: int) -> None:
    """Write an SQLite database with a table of labels."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE labels_span (id INTEGER PRIMARY KEY, start_offset INTEGER, end_offset INTEGER)")
        database.executemany(
            "INSERT INTO labels_span (start_offset, end_offset) VALUES (?, ?)", [(n, n + 5) for n in range(rows)]
        )
