"""Annotations of one project in several files of any tool: who labelled what, by the texts that the files share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import combinations
from pathlib import Path

import msgspec

from goldwire.errors import ConfigError, DataError, MissingFileError
from goldwire.formats.archives import unpacked
from goldwire.formats.capabilities import Format
from goldwire.formats.document import (
    ANONYMOUS,
    Document,
    Labels,
    latest_labels,
    layers_of,
    require_label_types,
    require_spans_within,
)
from goldwire.formats.registry import find_format, guess_format
from goldwire.formats.text_matching import fingerprint, move_labels
from goldwire.quantities import quantity
from goldwire.records import AnnotationLayer, Article, Origin, text_digest
from goldwire.text.language_id import detect_language

__all__ = ["FileSet", "articles_of", "read_file_set"]

_SHOWN = 3  # files that a name lists


class FileSet(msgspec.Struct, frozen=True, kw_only=True):
    """The documents of several files.

    Parameters
    ----------
    name : str
        The names of the files.
    formats : tuple of str
        The formats of the files, without repeats, in their order.
    documents : tuple of Document
        One per text, with the labels of all annotators; the ids are unique.
    notes : tuple of str
        Sentences on what was left out or decided.
    """

    name: str
    formats: tuple[str, ...]
    documents: tuple[Document, ...]
    notes: tuple[str, ...] = ()

    @property
    def texts(self) -> dict[str, str]:
        """The text of each document that has one, by its id."""
        return {document.id: document.text for document in self.documents if document.text}

    def layers(self) -> list[AnnotationLayer]:
        """Return one layer per document and annotator; their batch is the name of the file set."""
        return list(layers_of(self.documents, batch=self.name))


def read_file_set(paths: Sequence[Path], source_format: str | None = None) -> FileSet:
    """Read the annotations of files or folders, in one format or several.

    Annotators are those that the files name. A file that names none is of one annotator, who gets its name.

    Parameters
    ----------
    paths : sequence of Path
        Files, folders, or archives of them (.zip, .tar, .gz).
    source_format : str or None
        The name of the format of all of them. Default: what each looks like.

    Raises
    ------
    MissingFileError
        If a path does not exist.
    DataError
        If a file cannot be read, a span is outside its text, or no path has a document.

    Notes
    -----
    Documents of two files are one where their texts are equal, or differ in white space and composed characters: ids
    count for nothing, as two projects of one tool number their documents independently. Documents without a text are
    one where their ids are equal.
    """
    for path in paths:
        if not path.exists():
            raise MissingFileError("no such file or folder", location=path)
    merger = _Merger()
    formats: dict[str, None] = {}
    with ExitStack() as stack:
        opened = [stack.enter_context(unpacked(path)) for path in paths]
        members: list[Path] = []
        for path in opened:
            own, unread = _members(path, source_format)
            members += own
            merger.unread += [file.name for file in unread]
        for path in members:
            chosen = _format(path, source_format)
            formats[chosen.name] = None
            for part, annotator in _parts(path, chosen, is_single=len(members) == 1):
                merger.add(part, annotator, has_exact_text=chosen.capabilities.text)
    documents = tuple(latest_labels(document) for document in merger.documents)
    if not documents:
        raise DataError("no document with annotations", location=_name(paths))
    for document in documents:
        require_spans_within(document, _name(paths))
    return FileSet(
        name=_name(paths), formats=tuple(formats), documents=documents, notes=tuple(_notes(merger, documents))
    )


def articles_of(documents: Sequence[Document], file: str) -> dict[str, Article]:
    """Return documents as articles by their id, for what compares labels with articles.

    Parameters
    ----------
    documents : sequence of Document
    file : str
        Where they come from.
    """
    return {
        document.id: Article(
            id=document.id,
            source="",
            url=None,
            published=None,
            title=document.text.partition("\n")[0],
            text=document.text,
            text_sha256=text_digest(document.text),
            captions=(),
            language=detect_language(document.text).language,
            origin=Origin(file=file, sha256=text_digest(document.text)),
        )
        for document in documents
    }


def _format(path: Path, name: str | None) -> Format:
    chosen = guess_format(path) if name is None else find_format(name)
    if not chosen.capabilities.imports:
        raise ConfigError(f"{chosen.title} can only be exported", location=path)
    return chosen


def _members(path: Path, name: str | None) -> tuple[list[Path], list[Path]]:
    """Return the parts of a folder that is no set of one format's files, and the files without a known format.

    The parts are of several tools or projects. The folder of a single format is read as a whole: texts and annotations
    may be in different files.
    """
    if not path.is_dir() or name is not None:
        return [path], []
    entries = [entry for entry in sorted(path.iterdir()) if not entry.name.startswith(".")]
    files = [entry for entry in entries if entry.is_file()]
    formats = {file: own for file in files if (own := _known_format(file)) is not None}
    if formats:  # else the folders are of annotators or documents, of which there may be thousands
        formats |= {entry: own for entry in entries if entry.is_dir() and (own := _known_format(entry)) is not None}
    is_mixed = len({own.name for own in formats.values()}) > 1
    # Doccano numbers the texts of each project anew: the files of two projects have ids in common.
    is_numbered = any(own.name == "doccano" for own in formats.values())
    if len(formats) < 2 or not (is_mixed or is_numbered):
        return [path], []
    stems = {entry.stem for entry in formats}
    return list(formats), [file for file in files if file not in formats and file.stem not in stems]


def _known_format(file: Path) -> Format | None:
    try:
        return guess_format(file)
    except DataError:
        return None


def _parts(path: Path, chosen: Format, *, is_single: bool) -> Iterator[tuple[list[Document], str]]:
    """Yield documents with the annotator of those that name none.

    A folder with several files that name no annotator has one file per annotator. The documents of each annotator are a
    file of their own where none has two, as potato exports CoNLL: their ids have the name of the annotator.
    """
    documents = list(chosen.read(path))
    for document in documents:
        require_label_types(document, path)
    if path.is_dir() and any(_anonymous(document) > 1 for document in documents):
        for file in sorted(file for file in path.rglob("*") if file.is_file() and chosen.matches(file)):
            yield list(chosen.read(file)), file.stem
        return
    annotator = ANONYMOUS if is_single else path.stem or path.resolve().stem
    groups: dict[str, list[Document]] = {}
    if path.is_dir() and all(len(document.labels) == 1 for document in documents):
        for document in documents:
            groups.setdefault(document.labels[0].annotator, []).append(document)
    yield from ((group, annotator) for group in groups.values() or (documents,))


def _anonymous(document: Document) -> int:
    return sum(labels.annotator == ANONYMOUS for labels in document.labels)


class _Merger:
    """Merges the documents of files by their texts: equal ones, else those that differ in white space."""

    def __init__(self) -> None:
        self.documents: list[Document] = []
        self.renamed = 0  # documents whose id stands for another text in an earlier file
        self.unread: list[str] = []  # files beside those of a known format
        self.moved = 0  # documents whose text has other white space in an earlier file
        self._by_key: dict[tuple[str, str], list[int]] = {}
        self._ids: dict[str, int] = {}
        self._has_exact_text: list[bool] = []

    def add(self, documents: Sequence[Document], annotator: str, *, has_exact_text: bool = True) -> None:
        """Add the documents of one file. `annotator` has the labels that name nobody.

        `has_exact_text` is False for formats that store words: the text of another file replaces theirs.
        """
        joined: set[int] = set()  # each document of the file is another one, even where texts are equal
        for document in documents:
            own = msgspec.structs.replace(
                document, labels=tuple(_with_annotator(labels, annotator) for labels in document.labels)
            )
            number = self._document_with_text(own, joined)
            if number is None:
                number = self._append(own, annotator)
                self._has_exact_text.append(has_exact_text)
            else:
                self._join(number, own, has_exact_text=has_exact_text)
            joined.add(number)

    def _document_with_text(self, document: Document, joined: set[int]) -> int | None:
        """Return the number of the document of earlier files with this text, preferably the one with this id."""
        for key in _keys(document):
            candidates = [number for number in self._by_key.get(key, ()) if number not in joined]
            if candidates:
                return next((n for n in candidates if self.documents[n].id == document.id), candidates[0])
        return None

    def _join(self, number: int, document: Document, *, has_exact_text: bool) -> None:
        other = self.documents[number]
        if document.text != other.text:
            self.moved += 1
            if has_exact_text and not self._has_exact_text[number]:
                other = move_labels(other, document.text)
                self._has_exact_text[number] = True
            else:
                document = move_labels(document, other.text)
        self.documents[number] = msgspec.structs.replace(other, labels=other.labels + document.labels)

    def _append(self, document: Document, annotator: str) -> int:
        number = len(self.documents)
        name = document.id
        if name in self._ids:
            self.renamed += self.documents[self._ids[name]].text != document.text
            name = f"{annotator}/{name}"
            while name in self._ids:
                name += "'"
        self._ids[name] = number
        for key in _keys(document):
            self._by_key.setdefault(key, []).append(number)
        self.documents.append(msgspec.structs.replace(document, id=name))
        return number


def _keys(document: Document) -> tuple[tuple[str, str], ...]:
    """Return what a document is found by; the best first."""
    if not document.text:
        return (("id", document.id),)
    return ("text", document.text), ("fingerprint", fingerprint(document.text))


def _with_annotator(labels: Labels, annotator: str) -> Labels:
    return msgspec.structs.replace(labels, annotator=annotator) if labels.annotator == ANONYMOUS else labels


def _notes(merger: _Merger, documents: Sequence[Document]) -> Iterator[str]:
    repeated = [
        len(before.labels) - len(after.labels) for before, after in zip(merger.documents, documents, strict=True)
    ]
    if sum(repeated):
        yield (
            f"{quantity(sum(repeated), 'answer was', 'answers were')} replaced by later ones of the same "
            "annotator; the last labels count"
        )
    if merger.renamed:
        yield (
            f"{quantity(merger.renamed, 'document has', 'documents have')} the id of another text in an earlier "
            "file; texts decide"
        )
    if merger.unread:
        yield f"no labels were read from {_first_names(merger.unread)}"
    unequal = _annotators_without_common_labels(documents)
    if unequal is not None:
        yield f"{unequal[0]} and {unequal[1]} have no label in common: are the same labels named differently?"
    if merger.moved:
        yield (
            f"{quantity(merger.moved, 'document has', 'documents have')} other white space in another file; the "
            "offsets were moved"
        )


def _annotators_without_common_labels(documents: Sequence[Document]) -> tuple[str, str] | None:
    """Return the first two annotators who marked spans in the same documents, and never with the same label."""
    used: dict[str, set[str]] = {}
    together: set[tuple[str, str]] = set()
    for document in documents:
        marked = sorted(own.annotator for own in document.labels if own.spans)
        together.update(combinations(marked, 2))
        for own in document.labels:
            used.setdefault(own.annotator, set()).update(span.label for span in own.spans)
    return next((pair for pair in sorted(together) if not used[pair[0]] & used[pair[1]]), None)


def _name(paths: Sequence[Path]) -> str:
    return _first_names([path.name or str(path) for path in paths])


def _first_names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"
