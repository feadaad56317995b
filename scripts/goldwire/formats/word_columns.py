"""Reading words and tags in columns: all lines of some documents are divided at once, which a loop takes long for."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from goldwire.errors import DataError
from goldwire.formats import tag_schemes
from goldwire.formats.document import Document, Labels, Span, WordOffsets

__all__ = ["DOCUMENT", "read_columns"]

DOCUMENT = "-DOCSTART-"
"""How the line that begins a document begins."""

_Positions = npt.NDArray[np.int64]
_Codes = npt.NDArray[np.uint32]
_AROUND_LINE = re.compile(r"^[ \t]+|[ \t\r]+$", re.MULTILINE)
_PORTION = 200_000  # characters that are divided at once: their arrays fit into the cache of a processor
_LF, _TAB, _BLANK, _OUTSIDE = (ord(character) for character in "\n\t O")
_WHITE = [_BLANK, _TAB, ord("\r")]


def read_columns(content: str, annotator: str, file: Path) -> Iterator[Document]:
    """Yield the documents of a file.

    Only LF ends a line, and only blanks and tabs separate columns: words may have other kinds of white space. Words are
    joined by blanks and sentences by line ends, which are one character each.

    Raises
    ------
    DataError
        If a row has no tag, or the last one is cut off.
    """
    if _is_cut_off(content):
        line = content.count("\n") + 1
        raise DataError("the last row is cut off", location=f"{file}:{line}", hint="copy the file again")
    ordinal = 0
    for part, position in _portions(f"{content}\n"):
        try:
            words = _words(part)
        except _RowError as error:
            line = content.count("\n", 0, position) + error.line + 1
            raise DataError("a row needs a word and a tag", location=f"{file}:{line}") from None
        spans = words.spans()
        starts, ends = (array("i", offsets.astype(np.intc).tobytes()) for offsets in (words.starts, words.ends))
        for header, text, first, end in words.documents:
            ordinal += 1
            name = _document_name(header) or (f"{file.stem}-{ordinal}" if ordinal > 1 else file.stem)
            labels = Labels(annotator=annotator, spans=tuple(spans.get(first, ())))
            tokens = WordOffsets(starts[first:end], ends[first:end])
            yield Document(id=name, text=text, labels=(labels,), tokens=tokens)


class _RowError(ValueError):
    """A row without a tag, on line `line` (from 0)."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class _Words(msgspec.Struct, frozen=True):
    """The words of some documents: one row each, without comments and blank lines."""

    documents: list[tuple[str, str, int, int]]  # header, text, first word, last word + 1
    starts: _Positions  # of the words, in the text of their document
    ends: _Positions
    sentences: _Positions  # the number of the sentence of each word
    tags: list[str]  # of the words that are in a span
    tagged: _Positions  # the numbers of these words

    def spans(self) -> dict[int, list[Span]]:
        """Return the spans of each document by its first word. None runs over the end of a sentence."""
        # One number is left out between sentences.
        numbers = (self.tagged + self.sentences[self.tagged]).tolist()
        words = dict(zip(numbers, zip(self.tagged.tolist(), *self._places(), strict=True), strict=True))
        firsts = [first for _, _, first, _ in self.documents]
        by_document: dict[int, list[Span]] = {}
        for first, end, label in tag_schemes.decode(self.tags, numbers):
            word, start, _ = words[first]
            span = Span(start=start, end=words[end - 1][2], label=label)
            by_document.setdefault(firsts[bisect_right(firsts, word) - 1], []).append(span)
        return by_document

    def _places(self) -> tuple[list[int], list[int]]:
        return self.starts[self.tagged].tolist(), self.ends[self.tagged].tolist()


def _portions(content: str) -> Iterator[tuple[str, int]]:
    """Yield parts of whole documents, and where each starts."""
    start = 0
    while start < len(content):
        end = content.find(f"\n{DOCUMENT}", start + _PORTION) + 1 or len(content)
        yield content[start:end], start
        start = end


def _words(content: str) -> _Words:
    """Divide lines into columns. Raises _RowError for one without a tag."""
    codes = np.frombuffer(content.encode("utf-32-le"), dtype=np.uint32)
    marks, line_numbers = _marks(codes)
    line_ends = marks[line_numbers]
    line_starts = np.concatenate([[0], line_ends[:-1] + 1])
    initials, finals = codes[line_starts], codes[np.maximum(line_ends - 1, 0)]
    if np.isin(initials, _WHITE[:2]).any() or np.isin(finals, _WHITE).any():
        return _words(_AROUND_LINE.sub("", content))
    headers, comments = _other_lines(content, initials, line_starts, line_ends)
    is_break = line_starts == line_ends
    is_break[list(headers)] = True
    is_row = ~is_break
    is_row[comments] = False
    lines = np.flatnonzero(is_row)
    first = np.concatenate([[0], line_numbers[:-1] + 1])[lines]  # the first mark of each line
    last = line_numbers[lines] - 1
    if np.any(first > last):
        raise _RowError(int(lines[np.argmax(first > last)]))
    borders = [0, *np.searchsorted(lines, list(headers)).tolist(), len(lines)]
    sentences = np.cumsum(np.diff(np.cumsum(is_break)[lines], prepend=0) != 0)
    documents, starts, ends = _joined_words(codes, line_starts[lines], marks[first], sentences, borders)
    tag_starts, tag_ends = marks[last] + 1, line_ends[lines]
    tagged = np.flatnonzero((codes[tag_starts] != _OUTSIDE) | (tag_ends - tag_starts != 1))
    places = zip(tag_starts[tagged].tolist(), tag_ends[tagged].tolist(), strict=True)
    named = zip(["", *headers.values()], documents, pairwise(borders), strict=True)
    return _Words(
        documents=[(header, text, *own) for header, text, own in named if text],
        starts=starts,
        ends=ends,
        sentences=sentences,
        tags=[content[start:end].strip() for start, end in places],
        tagged=tagged,
    )


def _marks(codes: _Codes) -> tuple[_Positions, _Positions]:
    """Return the positions of separators and line ends, and which of them are line ends.

    Separators are tabs, and the blanks of lines without a tab.
    """
    marks = np.flatnonzero(codes <= max(_LF, _TAB, _BLANK))
    kinds = codes[marks]
    is_mark = (kinds == _LF) | (kinds == _TAB) | (kinds == _BLANK)
    is_tab = kinds == _TAB
    if is_tab.any():
        line = np.cumsum(kinds == _LF)
        has_tab = np.zeros(line[-1] + 1, dtype=bool)
        has_tab[line[is_tab]] = True
        is_mark &= (kinds != _BLANK) | ~has_tab[line]
    if not is_mark.all():
        marks, kinds = marks[is_mark], kinds[is_mark]
    return marks, np.flatnonzero(kinds == _LF)


def _other_lines(
    content: str, initials: _Codes, starts: _Positions, ends: _Positions
) -> tuple[dict[int, str], list[int]]:
    """Return the lines that begin a document, by their number, and the numbers of the comments."""
    headers: dict[int, str] = {}
    comments: list[int] = []
    numbers = np.flatnonzero((initials == ord("#")) | (initials == ord(DOCUMENT[0])))
    for number, start, end in zip(numbers.tolist(), starts[numbers].tolist(), ends[numbers].tolist(), strict=True):
        line = content[start:end]
        if line.startswith(DOCUMENT):
            headers[number] = line
        elif _is_comment(line):
            comments.append(number)
    return headers, comments


def _joined_words(
    codes: _Codes, starts: _Positions, ends: _Positions, sentences: _Positions, borders: list[int]
) -> tuple[list[str], _Positions, _Positions]:
    """Return the text between the borders of each document, and where each word starts and ends there."""
    if not len(starts):
        return ["" for _ in borders[1:]], starts, ends
    lengths = ends - starts
    joined_ends = np.cumsum(lengths + 1) - 1
    joined_starts = joined_ends - lengths
    # Each word with the character after it, which becomes a blank or a line end
    joined = codes[np.arange(joined_ends[-1] + 1) + np.repeat(starts - joined_starts, lengths + 1)]
    joined[joined_ends] = np.where(np.diff(sentences, append=-1) != 0, _LF, _BLANK)
    text = joined.tobytes().decode("utf-32-le")
    bases = np.append(joined_starts, len(text))[borders]
    of_words = np.repeat(bases[:-1], np.diff(borders))
    texts = [text[start : max(start, end - 1)] for start, end in pairwise(bases.tolist())]
    return texts, joined_starts - of_words, joined_ends - of_words


def _is_cut_off(content: str) -> bool:
    """Whether the last row has no line end and fewer columns than the one before."""
    start = content.rfind("\n") + 1
    last = content[start:].rstrip(" \t\r")
    if not last:
        return False  # without a copy of the whole file, which took a fifth of the time of reading
    previous = content[:start].rstrip().rpartition("\n")[2]
    return bool(previous) and previous[0] not in "#-" and len(_columns(last)) < len(_columns(previous))


def _columns(line: str) -> list[str]:
    return [cell for cell in line.split("\t" if "\t" in line else " ") if cell]


def _is_comment(line: str) -> bool:
    """Whether a line is a comment, and not the row of the word #."""
    return line.startswith("#") and not (len(line) > 1 and tag_schemes.is_tag(_columns(line)[-1]))


def _document_name(header: str) -> str:
    columns = _columns(header)
    return columns[1] if len(columns) > 1 and columns[1] not in {"-X-", "O", "_"} else ""
