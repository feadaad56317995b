"""The data files at a path, each with its format and columns, and how each format is opened."""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from lzma import LZMAError
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from goldwire.audit import delimited, documents, json_lines, line_texts, tagged_words, token_tables, xml_records
from goldwire.audit.data_file import OpenedFile, Problem, one_line, open_bytes, uncompressed_name
from goldwire.audit.splits import split_kind
from goldwire.errors import DECODE_ERRORS, DataError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "SUFFIXES",
    "DataFile",
    "FileFormat",
    "broken_parquet",
    "data_files",
    "files_below",
    "label_names",
    "open_file",
]

FileFormat = Literal["parquet", "arrow", "json", "delimited", "tagged", "token-table", "lines", "xml", "document"]

_PARQUET = (".parquet", ".parq")
_ARROW = (".arrow", ".feather", ".ipc")
_JSON = (".jsonl", ".ndjson", ".json")
_DELIMITED = (".csv", ".tsv", ".tab")
_TAGGED = re.compile(r".+\.(?:\w*conll\w*|iob2?|bio[es2]*|bmes|ner)")
_TEXT = (".txt", ".text", ".train", ".dev", ".valid", ".test", ".testa", ".testb", ".data", ".dat")
SUFFIXES = (".parquet", ".arrow", *_JSON, *_DELIMITED[:2], ".conll", ".iob", ".txt", ".xml")
_READ_ERRORS = (OSError, ValueError, EOFError, zlib.error, LZMAError)
_HINT = "fix or remove the file"
# JSON that describes a dataset, and is none.
_DESCRIPTIONS = re.compile(
    r"(dataset_infos?|dataset_dict|state|croissant|config|(data)?package(-lock)?|metadata|manifest|schema|tokenizer.*"
    r"|baseline|hydrated)\.json",
    re.I,
)
_PROSE = re.compile(r"(readme|licen[cs]e|copying|changelog|citation|requirements|notes?|authors|about)\b.*", re.I)
_MIN_DOCUMENTS_BESIDE = 20  # texts beside tables: fewer explain the tables
_MAX_LINES = 200  # of an article
_SNIFFED_TEXTS = 20
_MIN_DOCUMENTS = 3  # texts or objects in files of their own: one or two are notes or settings


class DataFile(msgspec.Struct, frozen=True):
    """A data file with its format and the names of its columns."""

    path: Path
    format: FileFormat
    names: tuple[str, ...]


def data_files(path: Path, others: Container[Path] = ()) -> tuple[list[DataFile], list[tuple[Path, Problem]]]:
    """Return the data files at `path`, and the problem of each that cannot be read or has no rows.

    `path` is a file, or a folder in which hidden files, those that describe the dataset and `others` do not count.
    """
    if path.is_file():
        formats = {path: _format_of(path) or _plain_format(path)}
    else:
        found = [file for file in sorted(files_below(path)) if file not in others and not _PROSE.fullmatch(file.name)]
        formats = {file: kind for file in found if (kind := _format_of(file)) is not None}
        texts = [file for file in found if file not in formats and _is_text(file)]
        formats |= _plain_texts(texts, are_alone=not formats)
        formats = _without_single_objects(formats)
    files, problems = [], []
    for file in sorted(formats):
        try:
            names = tuple(_column_names(file, formats[file]))
        except DataError as error:
            problems.append((file, Problem("data-file-unreadable", None, error.message)))
            continue
        if names or formats[file] == "document":
            files.append(DataFile(file, formats[file], names))
        else:
            problems.append((file, Problem("split-empty", None, "no rows")))
    return files, problems


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder but hidden ones."""
    for base, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith((".", "_"))]
        yield from (Path(base) / name for name in names if not name.startswith((".", "_")))


def _format_of(file: Path) -> FileFormat | None:
    """Return the format that the name of a file states; a .json file may hold rows, one object, or neither."""
    name = uncompressed_name(file)
    if name.endswith(_PARQUET):
        return "parquet"
    if name.endswith(_ARROW):
        return "arrow"
    if name.endswith(_JSON):
        return _json_format(file, name)
    if xml_records.is_xml(file):
        return _xml_format(file)
    if _TAGGED.fullmatch(name):
        return "tagged"
    if not name.endswith(_DELIMITED):
        return None
    if _named_or_none(lambda: token_tables.token_table_names(file)):
        return "token-table"
    return "tagged" if _named_or_none(lambda: tagged_words.tagged_words_names(file)) else "delimited"


def _json_format(file: Path, name: str) -> FileFormat | None:
    if not name.endswith(".json"):
        return "json"
    if _DESCRIPTIONS.fullmatch(name):
        return None
    if _named_or_none(lambda: json_lines.holds_rows(file)):
        return "json"
    return "document" if _named_or_none(lambda: json_lines.read_object(file)) else None


def _xml_format(file: Path) -> FileFormat | None:
    """Return the format of an XML file; one that cannot be read is an error of its own."""
    try:
        layout = xml_records.xml_layout(file)
    except _READ_ERRORS:
        return "xml"
    if layout is None:
        return None
    return "xml" if layout.path else "document"


def _named_or_none(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except _READ_ERRORS:
        return None


def _is_text(file: Path) -> bool:
    """Whether a file is text: by its name, or because it has no suffix, as those of 20 Newsgroups, and no zero byte."""
    name = uncompressed_name(file)
    suffix = name.rpartition(".")[2]
    if not name.endswith(_TEXT) and "." in name and not suffix.isdigit():
        return False
    with suppress(*_READ_ERRORS), open_bytes(file) as opened:
        return b"\0" not in opened.read(1024)
    return False


def _plain_format(file: Path) -> FileFormat:
    """Return the format of a text file by its content."""
    if _named_or_none(lambda: tagged_words.tagged_words_names(file)):
        return "tagged"
    return "delimited" if _named_or_none(lambda: delimited.is_table(file)) else "lines"


def _plain_texts(files: Sequence[Path], *, are_alone: bool) -> dict[Path, FileFormat]:
    """Return the format of each text file in a folder: a table, tagged words, texts by line, or one document.

    Texts whose names are not splits are documents: `train/pos/17.txt`, or articles with brat's annotations. A few of
    them beside other data explain it.
    """
    formats: dict[Path, FileFormat] = {}
    for file in files:
        is_annotated = documents.annotations_of(file) is not None
        formats[file] = "document" if is_annotated else _plain_format(file)
        if formats[file] == "lines" and not split_kind(_stem(file)):
            formats[file] = "document"
    lines = [file for file, kind in formats.items() if kind == "lines"]
    if lines and all(map(_are_names, lines)) and len(formats) - len(lines) >= _MIN_DOCUMENTS_BESIDE:
        return {file: kind for file, kind in formats.items() if file not in lines}
    plain = [file for file, kind in formats.items() if kind == "document" and not documents.annotations_of(file)]
    are_alone = are_alone and len(plain) == len(formats)
    if are_alone and (len(plain) < _MIN_DOCUMENTS or _are_long(plain)):
        return dict.fromkeys(plain, "lines")
    if lines or (not are_alone and len(plain) < _MIN_DOCUMENTS_BESIDE):
        return {file: kind for file, kind in formats.items() if file not in plain}
    return formats


def _are_names(file: Path) -> bool:
    """Whether lines are names of documents, as in `train_ids.txt`, and no texts."""
    with suppress(*_READ_ERRORS), open_bytes(file) as opened:
        return not any(b" " in line.strip() for line in islice(opened, _MAX_LINES))
    return False


def _stem(file: Path) -> str:
    """Return the name of a file without the suffix `.txt`: in `eng.train`, the suffix is the split."""
    return file.name.removesuffix(".txt")


def _are_long(files: Sequence[Path]) -> bool:
    """Whether texts have the number of lines of lists of texts: `sports.txt`, `politics.txt`."""
    counts = []
    for file in files[:_SNIFFED_TEXTS]:
        with suppress(*_READ_ERRORS), open_bytes(file) as opened:
            counts.append(sum(1 for line in opened if line.strip()))
    return bool(counts) and sorted(counts)[len(counts) // 2] > _MAX_LINES


def _without_single_objects(formats: dict[Path, FileFormat]) -> dict[Path, FileFormat]:
    """Remove JSON objects and XML elements that are not documents: settings beside the data."""
    objects = [file for file, kind in formats.items() if kind == "document" and documents.is_structured(file)]
    if len(objects) >= _MIN_DOCUMENTS or len(objects) == len(formats):
        return formats
    return {file: kind for file, kind in formats.items() if file not in objects}


def _column_names(file: Path, kind: FileFormat) -> Iterable[str]:
    """Return the column names of a file; none if it is empty, or a document, whose columns depend on others."""
    import polars as pl

    try:
        if file.stat().st_size == 0:
            if kind in ("parquet", "arrow"):
                raise ValueError("is empty")
            return []
        if kind == "parquet":
            return list(pl.read_parquet_schema(file))
        if kind == "arrow":
            return list(_arrow(file).schema.names)
        if kind == "json":
            return json_lines.json_names(file)
        if kind == "tagged":
            if (names := tagged_words.tagged_words_names(file)) is None:
                raise ValueError("not one word per line, in columns")
            return names
        if kind == "lines":
            return line_texts.line_names(file)
        if kind == "xml":
            return xml_records.xml_names(file)
        if kind == "token-table":
            return token_tables.token_table_names(file) or []
        return [] if kind == "document" else delimited.csv_names(file)
    except (pl.exceptions.PolarsError, *_READ_ERRORS) as error:
        raise DataError(one_line(error), location=file, hint=_HINT) from None


def open_file(file: DataFile, names: Sequence[str], folder: Path, *, rows: int | None = None) -> OpenedFile:
    """Open the named columns of the file, or of its first `rows`; raise DataError if it cannot be read.

    Text formats are converted to Parquet in `folder`. Documents are opened together, by `open_documents`.
    """
    import polars as pl

    if file.format == "parquet":
        options: dict[str, Any] = {"row_index_name": "row", "row_index_offset": 1, "n_rows": rows}
        return OpenedFile(pl.scan_parquet(file.path, **options).select("row", *names))
    try:
        if file.format == "arrow":
            table = pl.DataFrame(pl.from_arrow(_arrow(file.path).select(list(names)).slice(0, rows)))
            return OpenedFile(table.with_row_index("row", offset=1).lazy())
        return _TEXT_READERS[file.format](file.path, names, folder, rows)
    except (pl.exceptions.PolarsError, *_READ_ERRORS) as error:
        raise DataError(one_line(error), location=file.path, hint=_HINT) from None


_TEXT_READERS: dict[FileFormat, Callable[[Path, Sequence[str], Path, int | None], OpenedFile]] = {
    "json": json_lines.open_json,
    "delimited": delimited.open_csv,
    "tagged": tagged_words.open_tagged_words,
    "token-table": token_tables.open_token_table,
    "lines": line_texts.open_lines,
    "xml": xml_records.open_xml,
}


def broken_parquet(files: Iterable[DataFile]) -> Iterator[tuple[Path, Problem]]:
    """Yield the Parquet files whose pages cannot be read, each with its problem."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    for file in files:
        if file.format == "parquet":
            try:
                with pq.ParquetFile(file.path) as opened:
                    for batch in opened.iter_batches(10_000):
                        batch.validate(full=True)
            except (pa.ArrowException, *_READ_ERRORS) as error:
                yield file.path, Problem("data-file-unreadable", None, one_line(error))


def _arrow(file: Path) -> pa.Table:
    """Return a file of a `datasets` folder: an Arrow stream, or else an Arrow file."""
    import pyarrow as pa

    with pa.memory_map(str(file)) as source:
        try:
            return pa.ipc.open_stream(source).read_all()
        except pa.ArrowInvalid:
            return pa.ipc.open_file(source).read_all()


def label_names(file: DataFile) -> dict[str, tuple[str, ...]]:
    """Return the label names of each column that `datasets` stored as integers.

    Labels of spans are under `<column>.label`, those of lists of integers under `<column>.`.
    """
    import polars as pl

    metadata: Any = None
    try:
        if file.format == "parquet":
            metadata = pl.read_parquet_metadata(file.path).get("huggingface")
        elif file.format == "arrow":
            metadata = (_arrow(file.path).schema.metadata or {}).get(b"huggingface")
        return {} if metadata is None else dict(_class_labels(msgspec.json.decode(metadata)["info"]["features"]))
    except (KeyError, TypeError, AttributeError, OSError, pl.exceptions.PolarsError, *DECODE_ERRORS):
        return {}


def _class_labels(features: dict[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for column, kind in features.items():
        inner = kind.get("feature") if isinstance(kind, dict) and kind.get("_type") in ("List", "Sequence") else None
        inner = kind[0] if isinstance(kind, list) and kind else inner
        if isinstance(inner, dict) and inner.get("_type") == "ClassLabel":
            yield f"{column}.", tuple(inner["names"])
        elif isinstance(inner, dict):
            yield from ((f"{column}.{field}", names) for field, names in _class_labels(inner) if "." not in field)
        elif isinstance(kind, dict) and kind.get("_type") == "ClassLabel":
            yield column, tuple(kind["names"])
