"""Blocks of documents that a script generates, between two lines of comment."""

from __future__ import annotations

from pathlib import Path

__all__ = ["replace_block"]


def replace_block(page: Path, begin: str, end: str, text: str) -> None:
    """Replace what stands between `begin` and `end` in a page."""
    before, found, rest = page.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{page} has no block from {begin} to {end}")
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")
