"""Columns of words and tags: CoNLL-2003 and its descendants, with BIO or BIOES tags in the last column.

A blank line ends a sentence, and a line with `-DOCSTART-` begins a document. The text is not stored: words are joined
by blanks when a file is read. Several annotators are files of a folder, named after them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from goldwire.errors import DataError
from goldwire.formats import tag_schemes
from goldwire.formats.capabilities import Capabilities
from goldwire.formats.document import ANONYMOUS, Document, Labels, Span, merge_annotators, tokens_of
from goldwire.formats.files import data_files, file_name, read_text, write_member
from goldwire.text.sentences import sentences

__all__ = ["BIO", "BIOES"]

_DOCUMENT = "-DOCSTART-"
_SPACE = re.compile(r"\s")
_SUFFIXES = (".conll", ".bio", ".iob", ".iob2", ".bioes", ".tsv", ".txt")


class ConllFormat(msgspec.Struct, frozen=True):
    """Words and tags in columns."""

    name: str
    title: str
    scheme: Literal["bio", "bioes"]
    package: str | None = None
    capabilities: Capabilities = Capabilities(
        text=False,
        nested_spans=False,
        crossing_spans=False,
        token_boundaries=True,
        relations=False,
        comments=False,
        completeness=False,
        spaced_names=False,
    )

    def matches(self, path: Path) -> bool:
        """Whether the first rows are columns that end in a tag; both schemes are read alike, so BIO answers."""
        if self.scheme != "bio":
            return False
        file = path if path.is_file() else next((p for p in sorted(path.glob("*")) if p.suffix in _SUFFIXES), None)
        if file is None or file.suffix not in _SUFFIXES:
            return False
        with file.open(encoding="utf-8", errors="replace") as lines:
            rows = [line.split() for _, line in zip(range(200), lines, strict=False) if line.strip()]
        rows = [row for row in rows if not row[0].startswith(("#", _DOCUMENT))]
        return bool(rows) and all(len(row) > 1 and tag_schemes.is_tag(row[-1]) for row in rows)

    def read(self, path: Path) -> Iterator[Document]:
        """Yield the documents of all files; those of one id are of several annotators."""
        yield from merge_annotators(self._parts(path))

    def _parts(self, path: Path) -> Iterator[tuple[Document, Path]]:
        for file in data_files(path, *_SUFFIXES):
            annotator = ANONYMOUS if path.is_file() else file.stem
            for document in _parse(read_text(file), annotator, file):
                yield document, file

    def write(self, documents: Iterable[Document], path: Path) -> None:
        """Write a folder with one file per annotator, in the four columns of CoNLL-2003."""
        parts: dict[str, list[str]] = {}
        for document in documents:
            for labels in document.labels:
                parts.setdefault(labels.annotator, []).append(_serialize(document, labels, self.scheme))
        for annotator, own in parts.items():
            write_member(path / f"{file_name(annotator)}.conll", "".join(own))


def _parse(content: str, annotator: str, file: Path) -> Iterator[Document]:
    name, ordinal = "", 0
    rows: list[tuple[str, str] | None] = []
    # Only LF ends a line, and only blanks and tabs separate columns: words may have other kinds of white space.
    for number, line in enumerate([*content.split("\n"), _DOCUMENT], 1):
        columns = line.rstrip("\r").split("\t" if "\t" in line else " ")
        if "" in columns:
            columns = [cell for cell in columns if cell]
        if line.startswith(_DOCUMENT):
            if any(rows):
                ordinal += 1
                yield _document(name or f"{file.stem}-{ordinal}" if ordinal > 1 or name else file.stem, rows, annotator)
            name = columns[1] if len(columns) > 1 and columns[1] not in {"-X-", "O", "_"} else ""
            rows = []
        elif not columns:
            rows.append(None)
        elif line.startswith("#") and not tag_schemes.is_tag(columns[-1]):
            continue  # a comment, and not a row of the word #
        elif len(columns) < 2:
            raise DataError("a row needs a word and a tag", location=f"{file}:{number}")
        else:
            rows.append((columns[0], columns[-1].strip()))


def _document(name: str, rows: list[tuple[str, str] | None], annotator: str) -> Document:
    """Join words by blanks and sentences by line ends."""
    parts: list[str] = []
    tokens: list[tuple[int, int]] = []
    spans: list[Span] = []
    position = 0
    sentence: list[tuple[str, str]] = []
    for row in [*rows, None]:
        if row is not None:
            sentence.append(row)
            continue
        if not sentence:
            continue
        first = len(tokens)
        for word, _ in sentence:
            tokens.append((position, position + len(word)))
            position += len(word) + 1
        parts.append(" ".join(word for word, _ in sentence))
        for start, end, label in tag_schemes.decode(tag for _, tag in sentence):
            spans.append(Span(start=tokens[first + start][0], end=tokens[first + end - 1][1], label=label))
        sentence = []
    labels = Labels(annotator=annotator, spans=tuple(spans))
    return Document(id=name, text="\n".join(parts), labels=(labels,), tokens=tuple(tokens))


def _serialize(document: Document, labels: Labels, scheme: Literal["bio", "bioes"]) -> str:
    words = tokens_of(document)
    starts = {start: number for number, (start, _) in enumerate(words)}
    ends = {end: number + 1 for number, (_, end) in enumerate(words)}
    tags = tag_schemes.encode(
        len(words), [(starts[span.start], ends[span.end], span.label) for span in labels.spans], scheme
    )
    breaks = {start for start, _ in sentences(document.text)}
    # A span that runs over the end of a sentence would be cut in two there. The sentences are the same for everybody.
    every = [span for own in document.labels for span in own.spans]
    inside = {word for span in every for word in range(starts[span.start] + 1, ends[span.end])}
    lines = [f"{_DOCUMENT} {file_name(document.id).replace(' ', '_')} -X- O", ""]
    for number, ((start, end), tag) in enumerate(zip(words, tags, strict=True)):
        if number and start in breaks and number not in inside:
            lines.append("")
        word = _SPACE.sub("_", document.text[start:end])
        lines.append(f"{word} -X- -X- {tag}")
    return "\n".join([*lines, "", ""])


BIO = ConllFormat(name="conll", title="CoNLL-2003 (BIO)", scheme="bio")
BIOES = ConllFormat(name="bioes", title="CoNLL columns with BIOES tags", scheme="bioes")
