"""Files with one word per line and a blank line between sentences: CoNLL, IOB, CoNLL-U and their relatives."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from goldwire.audit.data_file import OpenedFile, ParquetBuffer, Problem, open_bytes
from goldwire.audit.delimited import TextEncoding, detect_encoding, encoding_problem
from goldwire.quantities import quantity

__all__ = ["open_tagged_words", "tagged_words_names"]

_HEAD_LINES = 400
_CHUNK_ROWS = 50_000
_MIN_BLANK = 50  # at least one line in 50 is blank: sentences of news have about 20 words
_TAG = re.compile(r"O|[BIESLUM]-\S+|[BIESLUM]_\S+")
_DOCUMENT = re.compile(r"-DOCSTART-|#\s*(?:newdoc|begin document)\b", re.IGNORECASE)
_NAMED_DOCUMENT = re.compile(r"#\s*newdoc(?:\s+id)?\s*=\s*(\S.*)|#\s*begin document\s*\(?([^);]*)", re.IGNORECASE)
_OLD_CONLL_WORD = 3  # the column of the word in CoNLL-2012


class _Layout(msgspec.Struct, frozen=True):
    """The encoding of a file, the separator of its columns (None: white space), and which have the words and tags."""

    encoding: TextEncoding
    separator: str | None
    n_columns: int
    word: int
    tag: int | None
    has_documents: bool


def tagged_words_names(file: Path) -> list[str] | None:
    """Return the column names of a file of tagged words, or None if the file is not one."""
    layout = _detect(file)
    if layout is None:
        return None
    tags = ["ner_tags"] if layout.tag is not None else []
    return ["tokens", *tags, *(["doc_id"] if layout.has_documents else [])]


def open_tagged_words(file: Path, names: Sequence[str], folder: Path, rows: int | None) -> OpenedFile:
    """Open the named columns, one row per sentence, or those of the first sentences."""
    import polars as pl

    layout = _detect(file, whole=rows is None)
    if layout is None:
        raise ValueError("no words with tags in columns")
    problems = encoding_problem(layout.encoding)
    sentences = _sentences(file, layout, problems)
    schema: dict[str, Any] = {
        "row": pl.UInt32,
        "tokens": pl.List(pl.String),
        "ner_tags": pl.List(pl.String),
        "doc_id": pl.String,
    }
    kept = ["row", *names]
    if rows is not None:
        return OpenedFile(pl.DataFrame(list(islice(sentences, rows)), schema, orient="row").select(kept).lazy())
    spill = ParquetBuffer(folder)
    while True:
        piece = list(islice(sentences, _CHUNK_ROWS))
        spill.put(pl.DataFrame(piece, schema, orient="row").select(kept).to_arrow(compat_level=pl.CompatLevel.oldest()))
        if not piece:
            return OpenedFile(spill.frame(), tuple(problems))


def _detect(file: Path, *, whole: bool = False) -> _Layout | None:
    """Return the layout of a file by its first lines, or None if it is not one word per line."""
    encoding = detect_encoding(file, whole=whole)
    with io.TextIOWrapper(open_bytes(file), encoding.name, "replace", newline="") as opened:
        head = [line.rstrip("\r\n") for line in islice(opened, _HEAD_LINES)]
    lines = [line for line in head if line.strip() and not _DOCUMENT.match(line)]
    blank = sum(not line.strip() for line in head)
    if len(lines) < 2 or blank * _MIN_BLANK < len(head):
        return None
    separator = "\t" if sum("\t" in line for line in lines) > len(lines) / 2 else None
    rows = [line.split(separator) for line in lines]
    n_columns = Counter(len(row) for row in rows if row[0][:1] != "#").most_common(1)[0][0]
    rows = [row for row in rows if not _is_comment(row, n_columns)]
    regular = [row for row in rows if len(row) == n_columns]
    if n_columns < 2 or len(regular) < 0.9 * len(rows) or _has_sentences(regular):
        return None
    rows = regular
    word = _word_column(rows, head)
    tag = next((at for at in range(n_columns - 1, -1, -1) if at != word and _holds_tags(rows, at)), None)
    documents = any(_NAMED_DOCUMENT.match(line) for line in head)
    return _Layout(encoding, separator, n_columns, word, tag, documents)


def _is_comment(row: Sequence[str], n_columns: int) -> bool:
    """Whether a line is a comment: `# text = ...`, and not the word `#` with its tag."""
    return row[0].startswith("#") and len(row) != n_columns


def _has_sentences(rows: Sequence[Sequence[str]]) -> bool:
    """Whether fields hold more than a word: the file is a table of texts."""
    spaces = sum(" " in field.strip() for row in rows for field in row[:2])
    return spaces > 0.05 * len(rows)


def _word_column(rows: Sequence[Sequence[str]], head: Sequence[str]) -> int:
    if any(line.lower().startswith("#begin document") for line in head) and len(rows[0]) > _OLD_CONLL_WORD:
        return _OLD_CONLL_WORD
    numbers = sum(row[0].replace("-", "").replace(".", "").isdigit() for row in rows)
    return 1 if numbers > 0.9 * len(rows) else 0


def _holds_tags(rows: Sequence[Sequence[str]], at: int) -> bool:
    """Whether a column holds tags: `B-PER`, or, in the last column, labels of which `O` is the most frequent."""
    values = [row[at] for row in rows]
    known = sum(_TAG.fullmatch(value) is not None for value in values)
    if known == len(values):
        return True
    return at == len(rows[0]) - 1 and Counter(values).most_common(1)[0][0] == "O"


class _Sentence(NamedTuple):
    """A sentence: its first line, its words with their tags, and the document that it is in."""

    line: int
    words: list[str]
    tags: list[str] | None
    document: str | None


def _sentences(file: Path, layout: _Layout, problems: list[Problem]) -> Iterator[_Sentence]:
    document: str | None = None
    first, words, tags = 0, list[str](), list[str]()
    with io.TextIOWrapper(open_bytes(file), layout.encoding.name, "replace", newline="") as opened:
        for number, line in enumerate(_and_a_blank_line(opened), 1):
            if not line.strip() or _DOCUMENT.match(line):
                if words:
                    yield _Sentence(first, words, tags if layout.tag is not None else None, document)
                words, tags = [], []
                named = _NAMED_DOCUMENT.match(line)
                document = (named[1] or named[2]).strip() if named else document
                continue
            row = line.rstrip("\r\n").split(layout.separator)
            # In CoNLL-U, `1-2` is a word of several words and `1.1` an empty node.
            if _is_comment(row, layout.n_columns) or (layout.word == 1 and not row[0].isdigit()):
                continue
            first = first if words else number
            problem = _problem(row, layout)
            if problem is not None:
                problems.append(
                    Problem(problem, number, f"{quantity(len(row), 'column')}, other lines have {layout.n_columns}")
                )
            words.append(row[layout.word] if layout.word < len(row) else "")
            if layout.tag is not None:
                # With fewer columns the last one is still the tag.
                tags.append(row[layout.tag] if layout.tag < len(row) else row[-1] if len(row) > 1 else "O")


def _problem(row: Sequence[str], layout: _Layout) -> str | None:
    if len(row) == layout.n_columns or (layout.separator is None and len(row) > layout.n_columns):
        return None
    return "field-missing" if len(row) < layout.n_columns else "field-unknown"


def _and_a_blank_line(lines: io.TextIOBase) -> Iterator[str]:
    yield from lines
    yield ""
