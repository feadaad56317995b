"""Files with one text per line, with or without the labels of fastText (`__label__sports A text.`)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from goldwire.audit.data_file import OpenedFile, ParquetBuffer, open_bytes
from goldwire.audit.delimited import detect_encoding, encoding_problem

__all__ = ["line_names", "open_lines"]

_CHUNK_ROWS = 50_000
_LABEL = re.compile(r"__label__(\S+)\s+")


def line_names(file: Path) -> list[str]:
    """Return the column names: `text`, and `label` if every line starts with one; none if the file has no line."""
    encoding = detect_encoding(file)
    with io.TextIOWrapper(open_bytes(file), encoding.name, "replace") as opened:
        lines = [line for line in islice(opened, 100) if line.strip()]
    if not lines:
        return []
    return ["text", "label"] if all(map(_LABEL.match, lines)) else ["text"]


def open_lines(file: Path, names: Sequence[str], folder: Path, rows: int | None) -> OpenedFile:
    """Open the lines of the file as rows, or its first `rows`."""
    import polars as pl

    encoding = detect_encoding(file, whole=rows is None)
    lines = _lines(file, encoding.name)
    schema = {"row": pl.UInt32, "text": pl.String, "label": pl.String}
    wanted = ["row", *names]
    if rows is not None:
        return OpenedFile(pl.DataFrame(list(islice(lines, rows)), schema, orient="row").select(wanted).lazy())
    spill = ParquetBuffer(folder)
    while True:
        piece = list(islice(lines, _CHUNK_ROWS))
        frame = pl.DataFrame(piece, schema, orient="row").select(wanted)
        spill.put(frame.to_arrow(compat_level=pl.CompatLevel.oldest()))
        if not piece:
            return OpenedFile(spill.frame(), tuple(encoding_problem(encoding)))


def _lines(file: Path, encoding: str) -> Iterator[tuple[int, str, str | None]]:
    """Yield the number, text and label of each line that is not blank."""
    with io.TextIOWrapper(open_bytes(file), encoding, "replace") as opened:
        for number, line in enumerate(opened, 1):
            text = line.strip()
            if text:
                match = _LABEL.match(text)
                yield number, text[match.end() :] if match else text, match[1] if match else None
