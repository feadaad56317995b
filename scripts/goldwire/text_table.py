"""Tables and long lines of plain text, for the terminal. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterable, Iterator, Sequence

__all__ = ["align_columns", "align_named_rows", "wrap_line", "wrap_lines"]


def align_columns(rows: Sequence[Sequence[str]], *, numbers: Collection[int] = ()) -> Iterator[str]:
    """Yield each row as a line in which the cells of a column are below each other, two spaces apart.

    Parameters
    ----------
    rows : sequence of sequence of str
        Rows of equal length. A column of which every cell is empty is left out.
    numbers : collection of int
        The columns, counted from 0, that are aligned to the right.

    Examples
    --------
    >>> rows = [("annotator", "done", ""), ("A1", "2", ""), ("A2", "14", "")]
    >>> print(*align_columns(rows, numbers={1}), sep="\\n")
    annotator  done
    A1            2
    A2           14
    """
    if not rows:
        return
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.rjust(width) if column in numbers else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            if width
        ]
        yield "  ".join(cells).rstrip()


def align_named_rows(rows: Sequence[Sequence[str]], width: int = 80) -> Iterator[str]:
    """Yield lines as `align_columns` does; a name, in the first column, that is too long for `width` is a line before.

    Examples
    --------
    >>> rows = [("part", "share"), ("all", "0.412"), ("Ada Brook -> Port League", "0.377")]
    >>> print(*align_named_rows(rows, 20), sep="\\n")
    part  share
    all   0.412
    Ada Brook -> Port League
          0.377
    """
    others = [max(len(row[column]) for row in rows) for column in range(1, len(rows[0]))]
    room = width - sum(2 + widest for widest in others if widest)
    is_long = [len(row[0]) > room for row in rows]
    lines = align_columns([["" if too_long else row[0], *row[1:]] for row, too_long in zip(rows, is_long, strict=True)])
    for row, too_long, line in zip(rows, is_long, lines, strict=True):
        if too_long:
            yield row[0]
        yield line


def wrap_line(line: str, width: int = 80) -> list[str]:
    """Return a line in lines of at most `width` characters, of which all but the first are indented; paths stay whole.

    Examples
    --------
    >>> wrap_line("7 decisions unresolved: see gold.json.decisions.jsonl", 30)
    ['7 decisions unresolved: see', '  gold.json.decisions.jsonl']
    """
    return textwrap.wrap(line, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def wrap_lines(lines: Iterable[str], width: int = 80) -> Iterator[str]:
    """Yield lines of at most `width` characters: `wrap_line` of those that are longer.

    Examples
    --------
    >>> list(wrap_lines(["2 documents", "not carried by conll: comments (3)"], 24))
    ['2 documents', 'not carried by conll:', '  comments (3)']
    """
    for line in lines:
        yield from [line] if len(line) <= width else wrap_line(line, width)
