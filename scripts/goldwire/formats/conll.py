"""Columns of words and tags: CoNLL-2003 and its descendants, with BIO or BIOES tags in the last column.

A blank line ends a sentence, and a line with `-DOCSTART-` begins a document. The text is not stored: words are joined
by blanks when a file is read. Several annotators are files of a folder, named after them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, repeat
from pathlib import Path
from typing import Literal

import msgspec

from goldwire.errors import DataError
from goldwire.formats import tag_schemes
from goldwire.formats.capabilities import Capabilities
from goldwire.formats.document import ANONYMOUS, Document, Labels, Span, merge_annotators
from goldwire.formats.files import data_files, file_names, read_text, write_member
from goldwire.formats.word_rows import WordRows, equal_rows, joined_offsets

__all__ = ["BIO", "BIOES"]

_DOCUMENT = "-DOCSTART-"
_SPACE = re.compile(r"\s")
_BLANK_LINE = re.compile(r"^[ \t]+$", re.MULTILINE)
_Sentence = tuple[list[str], list[str]]  # words and tags
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
        empty_documents=False,
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
        documents = list(documents)
        headers = file_names((document.id for document in documents), blank="_")
        for document in documents:
            for annotator, own in _serialize(document, headers[document.id], self.scheme):
                parts.setdefault(annotator, []).append(own)
        names = file_names(parts)
        for annotator, texts in parts.items():
            write_member(path / f"{names[annotator]}.conll", "".join(texts))


def _parse(content: str, annotator: str, file: Path) -> Iterator[Document]:
    """Yield the documents of a file.

    Only LF ends a line, and only blanks and tabs separate columns: words may have other kinds of white space.
    """
    content = content.replace("\r\n", "\n")
    if "\n " in content or "\n\t" in content:
        content = _BLANK_LINE.sub("", content)
    ordinal = 0
    for number, part in enumerate(f"\n{content}".split(f"\n{_DOCUMENT}")):
        header, _, body = part.partition("\n")
        blocks = [_sentence(block) for block in body.split("\n\n") if block]
        if None in blocks:
            raise DataError("a row needs a word and a tag", location=f"{file}:{_line_without_tag(content)}")
        sentences = [block for block in blocks if block is not None and block[0]]
        if sentences:
            ordinal += 1
            name = _document_name(f"{_DOCUMENT}{header}") if number else ""
            yield _document(name or (f"{file.stem}-{ordinal}" if ordinal > 1 else file.stem), sentences, annotator)


def _sentence(block: str) -> _Sentence | None:
    """Return words and tags of the lines of a sentence; None if one has no tag."""
    block = block.strip("\n")
    separator = "\t" if "\t" in block else " "
    if "#" not in block and "\r" not in block:
        divided = equal_rows(block, separator)
        if divided is not None and divided[1] > 2:
            cells, step = divided
            words, tags = cells[::step], cells[step - 2 :: step]
            if not ("" in words or "" in tags or (separator == "\t" and " " in "".join(tags))):
                return words, tags
    # Comments, or lines that are indented, end in a blank, have no tag or more columns than others
    rows = [_columns(line) for line in block.split("\n") if not _is_comment(line)]
    if any(len(cells) == 1 for cells in rows):
        return None
    return [cells[0] for cells in rows if cells], [cells[-1].strip() for cells in rows if cells]


def _columns(line: str) -> list[str]:
    return [cell for cell in line.rstrip("\r").split("\t" if "\t" in line else " ") if cell]


def _is_comment(line: str) -> bool:
    """Whether a line is a comment, and not the row of the word #."""
    if not line.startswith("#"):
        return False
    columns = _columns(line)
    return not columns or not tag_schemes.is_tag(columns[-1])


def _document_name(header: str) -> str:
    columns = _columns(header)
    return columns[1] if len(columns) > 1 and columns[1] not in {"-X-", "O", "_"} else ""


def _line_without_tag(content: str) -> int:
    lines = enumerate(content.split("\n"), 1)
    return next(
        number
        for number, line in lines
        if len(_columns(line)) == 1 and not line.startswith(_DOCUMENT) and not _is_comment(line)
    )


def _document(name: str, sentences: Sequence[_Sentence], annotator: str) -> Document:
    """Join words by blanks and sentences by line ends, which are one character each."""
    tokens = joined_offsets(chain.from_iterable(sentence for sentence, _ in sentences), repeat(1))
    spans: list[Span] = []
    before = 0
    for sentence, tags in sentences:
        for first, end, label in tag_schemes.decode(tags):
            spans.append(Span(start=tokens[before + first][0], end=tokens[before + end - 1][1], label=label))
        before += len(sentence)
    text = "\n".join([" ".join(sentence) for sentence, _ in sentences])
    return Document(id=name, text=text, labels=(Labels(annotator=annotator, spans=tuple(spans)),), tokens=tokens)


def _serialize(document: Document, name: str, scheme: Literal["bio", "bioes"]) -> Iterator[tuple[str, str]]:
    """Yield each annotator with the document in columns."""
    rows = WordRows(document)
    words = rows.words
    if _SPACE.search("".join(words)):
        words = [_SPACE.sub("_", word) for word in words]
    columns = [f"{word} -X- -X- " for word in words]
    for number in rows.first_of_sentences - {0}:
        columns[number] = f"\n{columns[number]}"
    untagged = [f"{row}O" for row in columns]
    header = f"{_DOCUMENT} {name} -X- O"
    for labels in document.labels:
        lines = untagged.copy()
        for number, tag in rows.tags(labels, scheme):
            lines[number] = columns[number] + tag
        yield labels.annotator, "\n".join([header, "", *lines, "", ""])


BIO = ConllFormat(name="conll", title="CoNLL-2003 (BIO)", scheme="bio")
BIOES = ConllFormat(name="bioes", title="CoNLL columns with BIOES tags", scheme="bioes")
