"""Articles that people exclude before annotation: corpus/excluded.tsv, one line per article with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from goldwire.errors import DataError
from goldwire.workspace import atomic

__all__ = ["read_exclusions", "write_exclusions"]

_HEADER = "article_id\treason"


def read_exclusions(path: Path) -> dict[str, str]:
    """Return the reason of each excluded article, by id; empty if there is no file."""
    if not path.exists():
        return {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise DataError(f"byte {error.start} is not UTF-8", location=path, hint="save the file as UTF-8") from None
    if not lines or lines[0] != _HEADER:
        raise DataError(f"the first line is not {_HEADER!r}", location=f"{path}:1", hint="restore the file from git")
    excluded = {}
    for number, line in enumerate(lines[1:], 2):
        article, tab, reason = line.partition("\t")
        if not (article and tab and reason):
            raise DataError("not an id, a tab and a reason", location=f"{path}:{number}", hint="correct the line")
        excluded[article] = reason
    return excluded


def write_exclusions(path: Path, excluded: Mapping[str, str]) -> None:
    """Write the file, sorted by id; remove it if nothing is excluded."""
    if not excluded:
        path.unlink(missing_ok=True)
        return
    atomic.write_text(path, "\n".join((_HEADER, *(f"{name}\t{excluded[name]}" for name in sorted(excluded)))) + "\n")
