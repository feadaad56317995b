"""brat stand-off: a `.txt` file per document and an `.ann` file with its annotations.

Offsets are code points. Text-bound annotations (`T`), binary relations (`R`), attributes (`A`, `M`) and notes (`#`) are
read and written. Events (`E`), equivalences (`*`) and normalizations (`N`) have no place in a document and are refused,
as are discontinuous spans. Several annotators are subfolders. A relation without a holder is written as the attribute
`Voice` of its target, with the relation's label as its value; brat itself has no such relation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import msgspec

from goldwire.errors import DataError, MissingFileError
from goldwire.formats.capabilities import Capabilities
from goldwire.formats.document import ANONYMOUS, Document, Labels, Relation, Span, merge_annotators
from goldwire.formats.files import file_names, read_text, write_member
from goldwire.quantities import quantity

__all__ = ["FORMAT"]

_VOICE = "Voice"


class BratFormat(msgspec.Struct, frozen=True):
    """brat stand-off."""

    name: str = "brat"
    title: str = "brat stand-off"
    package: str | None = None
    capabilities: Capabilities = Capabilities(
        named_targets=False, attributes=True, notes=True, completeness=False, spaced_names=False
    )

    def matches(self, path: Path) -> bool:
        """Whether the folder or the file has stand-off annotations."""
        return path.suffix == ".ann" if path.is_file() else next(path.rglob("*.ann"), None) is not None

    def read(self, path: Path) -> Iterator[Document]:
        """Yield one document per text file; files of one name in several subfolders are of several annotators."""
        yield from merge_annotators(self._parts(path))

    def _parts(self, path: Path) -> Iterator[tuple[Document, Path]]:
        files = [path] if path.is_file() else sorted(path.rglob("*.ann"))
        if not files:
            raise MissingFileError("no .ann file", location=path)
        root = path.parent if path.is_file() else path
        for folder, own in groupby(files, attrgetter("parent")):
            annotator = ANONYMOUS if folder == root else folder.relative_to(root).as_posix()
            for file in own:
                text, text_file = _text_of(file.stem, folder, root)
                yield (
                    Document(id=file.stem, text=text, labels=(_parse(read_text(file), text, annotator, file),)),
                    text_file,
                )

    def write(self, documents: Iterable[Document], path: Path) -> None:
        """Write a subfolder per annotator with a text and an annotation file per document."""
        documents = list(documents)
        folders = file_names(labels.annotator for document in documents for labels in document.labels)
        names = file_names(document.id for document in documents)
        for document in documents:
            for labels in document.labels:
                base = path / folders[labels.annotator] / names[document.id]
                write_member(base.with_name(base.name + ".txt"), document.text)
                write_member(base.with_name(base.name + ".ann"), _serialize(document.text, labels))


def _text_of(name: str, folder: Path, root: Path) -> tuple[str, Path]:
    """Return the text beside the annotations, or in the folder above that all annotators share, and its file."""
    for candidate in (folder / f"{name}.txt", root / f"{name}.txt"):
        with suppress(FileNotFoundError):
            return read_text(candidate, has_offsets=True), candidate
    raise MissingFileError("no text file beside the annotations", location=folder / f"{name}.txt")


class _Lines(msgspec.Struct):
    """The annotations of a file by kind; ids are brat's."""

    spans: dict[str, tuple[int, int, str]] = {}
    attributes: dict[str, dict[str, str]] = {}
    relations: dict[str, tuple[str, str, str]] = {}
    voices: list[tuple[str, str]] = []
    notes: dict[str, list[str]] = {}
    comments: list[str] = []


def _parse(content: str, text: str, annotator: str, file: Path) -> Labels:
    lines = _Lines()
    for number, line in enumerate(content.split("\n"), 1):
        if line.strip():
            try:
                _read_line(line.rstrip("\r"), lines, text)
            except (ValueError, KeyError, IndexError) as error:
                known = isinstance(error, _LineError)
                message = str(error) if known else f"not a line of brat stand-off: {line[:60]!r}"
                raise DataError(message, location=f"{file}:{number}") from None
    positions = {name: number for number, name in enumerate(lines.spans)}
    relations = []
    for name, (label, holder, target) in lines.relations.items():
        if holder not in positions or target not in positions:
            raise DataError(f"relation {name} refers to no span of the file", location=file)
        note = _join(lines.notes.get(name))
        relations.append(Relation(label=label, holder=positions[holder], target=positions[target], note=note))
    spans = []
    for name, (start, end, label) in lines.spans.items():
        attributes = lines.attributes.get(name, {})
        note = _join(lines.notes.get(name))
        spans.append(Span(start=start, end=end, label=label, attributes=attributes, note=note))
    voices = (Relation(label=label, target=positions[name]) for name, label in lines.voices)
    return Labels(
        annotator=annotator,
        spans=tuple(spans),
        relations=(*relations, *voices),
        comments=tuple(lines.comments),
    )


class _LineError(ValueError):
    """A line that is valid in brat but has no place in a document."""


def _read_line(line: str, lines: _Lines, text: str) -> None:
    name, _, rest = line.partition("\t")
    head, _, tail = rest.partition("\t")
    kind = name[0]
    if kind == "T":
        label, _, offsets = head.partition(" ")
        if ";" in offsets:
            raise _LineError(f"{name} is discontinuous ({offsets}); goldwire has no spans with gaps")
        start, end = (int(offset) for offset in offsets.split())
        if not 0 <= start < end <= len(text):
            raise _LineError(f"{name} [{start}, {end}) is outside the text of {quantity(len(text), 'character')}")
        if tail and tail.split() != text[start:end].split():
            raise _LineError(f"{name} is {tail[:60]!r} here and {text[start:end][:60]!r} in the text")
        lines.spans[name] = (start, end, label)
    elif kind == "R":
        label, first, second = head.split()
        lines.relations[name] = (label, first.partition(":")[2], second.partition(":")[2])
    elif kind in "AM":
        label, reference, *value = head.rstrip(" ").split(" ", 2)
        if label == _VOICE:
            lines.voices.append((reference, value[0]))
        else:
            lines.attributes.setdefault(reference, {})[label] = value[0] if value else "true"
    elif kind == "#":
        _, _, reference = head.partition(" ")
        if reference:
            lines.notes.setdefault(reference, []).append(tail)
        else:
            lines.comments.append(tail)
    elif kind in "E*N":
        names = {"E": "an event", "*": "an equivalence", "N": "a normalization"}
        raise _LineError(f"{name} is {names[kind]}, which goldwire's documents cannot hold")
    else:
        raise ValueError(line)


def _join(notes: list[str] | None) -> str | None:
    return None if notes is None else "\n".join(notes)


def _serialize(text: str, labels: Labels) -> str:
    lines = []
    attributes = notes = 0
    for number, span in enumerate(labels.spans, 1):
        surface = " ".join(text[span.start : span.end].split("\n"))
        lines.append(f"T{number}\t{span.label} {span.start} {span.end}\t{surface}")
        for name, value in span.attributes.items():
            attributes += 1
            lines.append(f"A{attributes}\t{name} T{number} {value}")
        for line in (span.note or "").split("\n") if span.note is not None else ():
            notes += 1
            lines.append(f"#{notes}\tAnnotatorNotes T{number}\t{line}")
    joined = [relation for relation in labels.relations if relation.holder is not None]
    for number, relation in enumerate(joined, 1):
        holder, target = (relation.holder or 0) + 1, (relation.target or 0) + 1
        lines.append(f"R{number}\t{relation.label} Arg1:T{holder} Arg2:T{target}\t")
        for line in (relation.note or "").split("\n") if relation.note is not None else ():
            notes += 1
            lines.append(f"#{notes}\tAnnotatorNotes R{number}\t{line}")
    for relation in labels.relations:
        if relation.holder is None:
            attributes += 1
            lines.append(f"A{attributes}\t{_VOICE} T{(relation.target or 0) + 1} {relation.label}")
    for comment in labels.comments:
        notes += 1
        lines.append(f"#{notes}\tAnnotatorNotes\t{' '.join(comment.split(chr(10)))}")
    return "".join(f"{line}\n" for line in lines)


FORMAT = BratFormat()
