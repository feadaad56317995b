"""Documents in files of their own: plain texts, texts with brat's annotations, JSON objects, and XML elements."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from goldwire.audit.data_file import OpenedFile, ParquetBuffer, Problem, open_bytes
from goldwire.audit.delimited import detect_encoding, encoding_problem
from goldwire.audit.json_lines import columns_of, read_object
from goldwire.audit.span_formats import parse_spans
from goldwire.audit.splits import split_kind
from goldwire.audit.xml_records import is_xml, read_xml_document

__all__ = ["annotations_of", "document_names", "is_structured", "open_documents"]

_CHUNK_ROWS = 2_000
_SNIFFED = 200  # documents whose keys are the columns
_MAX_LABELS = 50  # folders that are classes; more are sources or dates
_BRAT = re.compile(r"T\S*\t(\S+) ([\d; ]+)\t?(.*)")
Row = dict[str, Any]


def annotations_of(file: Path) -> Path | None:
    """Return the file of stand-off annotations beside a text, or None."""
    return next((path for suffix in (".ann", ".a1") if (path := file.with_suffix(suffix)).is_file()), None)


def is_structured(file: Path) -> bool:
    """Whether a document states its columns itself: a JSON object or an XML element, and no plain text."""
    return file.suffix.lower() == ".json" or is_xml(file)


def document_names(files: Sequence[Path], relative: Sequence[Path]) -> list[str]:
    """Return the column names of documents: `id`, `text`, `spans`, `label`, or those of JSON and XML."""
    rows = [row for row, _ in map(_read, files[:_SNIFFED]) if row is not None]
    labels = ["label"] if _folder_labels(relative) is not None else []
    return list(dict.fromkeys([*(name for row in rows for name in row), *labels]))


def open_documents(
    files: Sequence[Path], relative: Sequence[Path], names: Sequence[str], folder: Path, rows: int | None
) -> OpenedFile:
    """Open the named columns, one row per file with its number in `file`, or those of the first `rows` files.

    The label of a document that has none is the folder that it is in, as in `train/pos/17.txt`.
    """
    import polars as pl

    labels = _folder_labels(relative)
    problems: list[Problem] = []
    documents = _documents(files, labels, problems)
    if rows is not None:
        return OpenedFile(_frame(list(islice(documents, rows)), names).lazy())
    spill = ParquetBuffer(folder)
    while piece := list(islice(documents, _CHUNK_ROWS)):
        spill.put(_frame(piece, names).to_arrow(compat_level=pl.CompatLevel.oldest()))
    return OpenedFile(spill.frame(), tuple(problems))


def _documents(
    files: Sequence[Path], labels: Sequence[str] | None, problems: list[Problem]
) -> Iterator[tuple[int, Row]]:
    for number, file in enumerate(files):
        row, found = _read(file)
        problems += [msgspec.structs.replace(problem, file=number) for problem in found]
        if row is not None:
            yield number, row if labels is None else {"label": labels[number]} | row


def _frame(documents: Sequence[tuple[int, Row]], names: Sequence[str]) -> Any:
    import polars as pl

    frame = columns_of([row for _, row in documents], names)
    numbers = pl.Series("file", [number for number, _ in documents], pl.UInt32)
    return frame.insert_column(0, numbers).insert_column(1, pl.lit(1, pl.UInt32).alias("row"))


def _read(file: Path) -> tuple[Row | None, list[Problem]]:
    """Return one document, or None and the problem that it cannot be read."""
    try:
        if file.suffix.lower() == ".json":
            return read_object(file), []
        if is_xml(file):
            return {"id": file.stem} | read_xml_document(file), []
        encoding = detect_encoding(file, whole=True)
        with open_bytes(file) as opened:
            text = opened.read().decode(encoding.name, "replace")
        row: Row = {"id": file.stem, "text": text}
        annotations = annotations_of(file)
        if annotations is not None:
            row["spans"] = list(_brat_spans(annotations))
        return row, encoding_problem(encoding)
    except (OSError, ValueError) as error:
        return None, [Problem("data-file-unreadable", None, str(error).split("\n")[0][:200] or "cannot be read")]


def _brat_spans(file: Path) -> Iterator[Row]:
    """Yield the spans of brat's stand-off format; one of several parts has no text to compare."""
    for line in file.read_bytes().decode("utf-8", "replace").splitlines():
        if match := _BRAT.match(line):
            offsets = [int(number) for number in re.findall(r"\d+", match[2])]
            is_continuous = len(offsets) == 2
            span = {
                "start": min(offsets),
                "end": max(offsets),
                "label": match[1],
                "text": match[3] if is_continuous and match[3] else None,
            }
            yield from parse_spans([span]) or ()


def _folder_labels(relative: Sequence[Path]) -> list[str] | None:
    """Return the folder of each document that is its class: the innermost one that divides them into a few groups."""
    depth = min(len(path.parts) for path in relative) - 1
    for level in range(depth - 1, -1, -1):
        folders = [path.parts[level] for path in relative]
        counts = Counter(folders)
        is_class = 2 <= len(counts) <= _MAX_LABELS and min(counts.values()) > 1
        if is_class and not any(split_kind(folder) for folder in counts):
            return folders
    return None
