"""Columns of words and tags: CoNLL-2003 and its descendants, with BIO or BIOES tags in the last column.

A blank line ends a sentence, and a line with `-DOCSTART-` begins a document. The text is not stored: words are joined
by blanks when a file is read. Several annotators are files of a folder, named after them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import Literal

import msgspec

from goldwire.formats import tag_schemes
from goldwire.formats.capabilities import Capabilities
from goldwire.formats.document import ANONYMOUS, Document, merge_annotators
from goldwire.formats.files import data_files, file_names, read_text, write_member
from goldwire.formats.word_columns import DOCUMENT, read_columns
from goldwire.formats.word_rows import WordRows

__all__ = ["BIO", "BIOES"]

_OUTSIDE = " -X- -X- O\n"  # what follows a word: no part of speech, no phrase, no entity
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
        files = [path] if path.is_file() else sorted(file for file in path.glob("*") if file.is_file())
        file = next((file for file in files if file.suffix in _SUFFIXES), None)
        if file is None:
            return False
        with file.open(encoding="utf-8", errors="replace") as lines:
            rows = [line.split() for _, line in zip(range(200), lines, strict=False) if line.strip()]
        rows = [row for row in rows if not row[0].startswith(("#", DOCUMENT))]
        return bool(rows) and all(len(row) > 1 and tag_schemes.is_tag(row[-1]) for row in rows)

    def read(self, path: Path) -> Iterator[Document]:
        """Yield the documents of all files; those of one id are of several annotators."""
        yield from merge_annotators(self._parts(path))

    def _parts(self, path: Path) -> Iterator[tuple[Document, Path]]:
        for file in data_files(path, *_SUFFIXES):
            annotator = ANONYMOUS if path.is_file() else file.stem
            for document in read_columns(read_text(file), annotator, file):
                yield document, file

    def write(self, documents: Iterable[Document], path: Path) -> None:
        """Write a folder with one file per annotator, in the four columns of CoNLL-2003."""
        parts: dict[str, list[bytes]] = {}
        documents = list(documents)
        headers = file_names((document.id for document in documents), blank="_")
        for document in documents:
            for annotator, own in _serialize(document, headers[document.id], self.scheme):
                parts.setdefault(annotator, []).append(own)
        names = file_names(parts)
        for annotator, texts in parts.items():
            write_member(path / f"{names[annotator]}.conll", b"".join(texts))


def _serialize(document: Document, name: str, scheme: Literal["bio", "bioes"]) -> Iterator[tuple[str, bytes]]:
    """Yield each annotator with the document in columns."""
    rows = WordRows(document)
    words = rows.words
    joined = "".join(words)
    if joined.split() != [joined]:
        words = [_SPACE.sub("_", word) for word in words]
    for number in rows.first_of_sentences - {0}:
        words[number] = f"\n{words[number]}"
    untagged = _OUTSIDE.join([*words, "\n"])  # an `O` is replaced by a tag where there is one: one word in ten
    ends = list(accumulate(map(len, words)))
    for labels, ranges in zip(document.labels, rows.ranges, strict=True):
        parts = [f"{DOCUMENT} {name} -X- O\n\n"]
        before = 0
        for first, end, label in ranges:
            for number, tag in enumerate(tag_schemes.encode(end - first, [(0, end - first, label)], scheme), first):
                place = ends[number] + len(_OUTSIDE) * (number + 1) - len("O\n")
                parts += (untagged[before:place], tag)
                before = place + len("O")
        parts.append(untagged[before:])
        yield labels.annotator, "".join(parts).encode("utf-8")


BIO = ConllFormat(name="conll", title="CoNLL-2003 (BIO)", scheme="bio")
BIOES = ConllFormat(name="bioes", title="CoNLL columns with BIOES tags", scheme="bioes")
