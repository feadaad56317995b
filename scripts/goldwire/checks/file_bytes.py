"""Findings about the bytes of a text file: encoding, byte order mark, line ends, merge conflict."""

from __future__ import annotations

import re
from collections.abc import Iterator

from goldwire.checks.rule import Rule
from goldwire.quantities import quantity
from goldwire.records import Finding

__all__ = ["BOM", "CRLF", "inspect_bytes"]

FILE_NOT_UTF8 = Rule(
    code="file-not-utf8",
    level=0,
    severity="error",
    summary="a file is not UTF-8",
    why="Every offset after the first non-ASCII letter is wrong, and so is the letter.",
    fix="Save the file as UTF-8, or run the stage that writes it again.",
    example="corpus/articles/wire.jsonl:1: L0 file error [file-not-utf8] byte 0xfc at offset 241 is not UTF-8",
)
FILE_BOM = Rule(
    code="file-bom",
    level=0,
    severity="error",
    summary="a file starts with a byte order mark",
    why="The mark is an invisible character: JSON readers refuse it, and all offsets shift by one.",
    fix="Save the file as UTF-8 without a byte order mark.",
    example="annotations/GUIDELINES.md:1: L0 file error [file-bom] starts with a byte order mark",
    fixable=True,
)
FILE_CRLF = Rule(
    code="file-crlf",
    level=0,
    severity="error",
    summary="lines end with CRLF",
    why="git or an editor on Windows has rewritten the file: its digest has changed, and every line differs.",
    fix="Keep `corpus/** -text`, `annotations/** -text` and `splits/** -text` in .gitattributes, and convert the "
    "line ends to LF.",
    example="annotations/GUIDELINES.md:3: L0 file error [file-crlf] 1 line ends with CRLF, the first here",
    fixable=True,
)
MERGE_CONFLICT = Rule(
    code="merge-conflict",
    level=0,
    severity="error",
    summary="a file contains an unresolved merge conflict",
    why="Both sides are in the file, so that records are repeated or broken.",
    fix="Resolve the conflict: keep one side, or run the stage that writes the file again.",
    example="splits/assignment.tsv:2: L0 file error [merge-conflict] a merge conflict starts here",
)
BOM = b"\xef\xbb\xbf"
CRLF = b"\r\n"
# All three markers are required: a line of `=======` alone underlines a heading in Markdown.
_CONFLICT = re.compile(rb"^<<<<<<< .*?^=======\r?$.*?^>>>>>>> ", re.MULTILINE | re.DOTALL)


def inspect_bytes(file: str, data: bytes) -> Iterator[Finding]:
    """Yield findings about the bytes of a text file: encoding, byte order mark, line ends, merge conflict."""

    def finding(rule: Rule, offset: int, message: str) -> Finding:
        return rule.finding(file, message, line=data.count(b"\n", 0, offset) + 1)

    if data.startswith(BOM):
        yield finding(FILE_BOM, 0, "starts with a byte order mark")
    if b"<<<<<<< " in data and (conflict := _CONFLICT.search(data)):
        yield finding(MERGE_CONFLICT, conflict.start(), "a merge conflict starts here")
    if CRLF in data:
        yield finding(
            FILE_CRLF,
            data.index(CRLF),
            f"{quantity(data.count(CRLF), 'line ends', 'lines end')} with CRLF, the first here",
        )
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"byte 0x{data[error.start]:02x} at offset {error.start} is not UTF-8"
        yield finding(FILE_NOT_UTF8, error.start, message)
