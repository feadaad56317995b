"""The formats that goldwire knows: its own, and those of other packages (entry-point group `goldwire.formats`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

from goldwire.errors import ConfigError, DataError, MissingFileError
from goldwire.formats.capabilities import Format
from goldwire.formats.document import Document
from goldwire.formats.files import other_encoding, require_utf8

__all__ = ["GROUP", "find_format", "guess_format", "known_formats", "read_documents"]

GROUP = "goldwire.formats"
"""The entry-point group of formats: the value is an object with the attributes and methods of `Format`."""

_MAX_BYTES = 1 << 26  # of a file that no format recognizes: a larger one is not searched for its encoding

# In the order in which a path is asked about: formats with an unmistakable file first, tables and columns last.
_OWN = (
    "brat:FORMAT",
    "spacy_docbin:FORMAT",
    "conllu:FORMAT",
    "uima_cas:XMI",
    "uima_cas:JSON",
    "qdpx:FORMAT",
    "potato:FORMAT",
    "web_annotation:FORMAT",
    "label_studio:FORMAT",
    "argilla:FORMAT",
    "prodigy:FORMAT",
    "doccano:FORMAT",
    "lewidi:FORMAT",
    "datapackage:FORMAT",
    "huggingface:FORMAT",
    "table:FORMAT",
    "conll:BIO",
    "conll:BIOES",
)


def known_formats() -> dict[str, Format]:
    """Return the formats by name: goldwire's own, then those of installed packages."""
    formats = dict(_own_formats())
    for entry in entry_points(group=GROUP):
        other: Format = entry.load()
        formats.setdefault(other.name, other)
    return formats


@cache
def _own_formats() -> Mapping[str, Format]:
    modules = (reference.partition(":") for reference in _OWN)
    formats: list[Format] = [getattr(import_module(f"goldwire.formats.{module}"), name) for module, _, name in modules]
    return {own.name: own for own in formats}


def find_format(name: str) -> Format:
    """Return the format of a name. Raises ConfigError for an unknown one."""
    # Packages are only looked up for another name: that takes 7 ms, and an audit asks for each of its files.
    formats = _own_formats()
    formats = formats if name in formats else known_formats()
    if name not in formats:
        raise ConfigError(f"unknown format {name!r}", hint=f"choose one of {', '.join(sorted(formats))}")
    return formats[name]


def guess_format(path: Path) -> Format:
    """Return the first format that a file or folder looks like. Raises DataError if there is none.

    A folder that is no format's own, such as one of exported files, has the format of its first file that has one.
    """
    if not path.exists():
        raise MissingFileError("no such file or folder", location=path)
    readable = [known for known in known_formats().values() if known.capabilities.imports]
    files = sorted(file for file in path.iterdir() if file.is_file()) if path.is_dir() else ()
    for candidate in (path, *files):
        for known in readable:
            if known.matches(candidate):
                return known
    if path.is_file() and not path.stat().st_size:
        raise DataError("the file is empty", location=path)
    written = next((known for known in known_formats().values() if known.matches(path)), None)
    if written is not None:
        raise DataError(f"{written.title} can only be exported", location=path)
    for file in files or (path,):
        if file.is_file() and file.stat().st_size <= _MAX_BYTES and other_encoding(data := file.read_bytes()):
            require_utf8(data, file)
    hint = "name it with --from FORMAT"
    suffixes = {file.suffix.lower() for file in files or (path,)}
    if suffixes & {".csv", ".tsv"}:
        hint = (
            "a table needs columns for document, annotator and label, or one per annotator "
            "(annotator_1, annotator_2); other formats: --from FORMAT"
        )
    elif suffixes & {".xlsx", ".xls", ".ods"}:
        hint = "save the sheet as CSV"
    raise DataError("the format is not recognized", location=path, hint=hint)


def read_documents(path: Path, name: str | None = None) -> Iterator[Document]:
    """Yield the documents of a file or folder in the named format, or the one that it looks like."""
    chosen = guess_format(path) if name is None else find_format(name)
    if not chosen.capabilities.imports:
        raise ConfigError(f"{chosen.title} can only be exported", location=path)
    return chosen.read(path)
