"""Tables of words: the columns of a sentence, and the words of a document as rows with one tag each."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Iterable
from functools import cached_property
from operator import add

from goldwire.formats.document import Document, tokens_of
from goldwire.text.sentences import sentences

__all__ = ["WordRows", "equal_rows", "joined_offsets"]


class WordRows:
    """The words of a document and its sentences, which are the same for all annotators.

    Parameters
    ----------
    document : Document
        Its spans start and end at the borders of its words.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.offsets = tokens_of(document)
        self.words = [document.text[start:end] for start, end in self.offsets]

    def number_of(self, start: int) -> int:
        """Return the number of the first word that starts at or after `start`.

        Bisection: a dictionary of all words takes longer than the few spans of a document.
        """
        return bisect_left(self.offsets, (start,))

    @cached_property
    def ranges(self) -> list[list[tuple[int, int, str]]]:
        """(First word, last word + 1, label) of the spans in the order of the text, for each annotator."""
        number_of = self.number_of
        return [
            sorted((number_of(span.start), number_of(span.end), span.label) for span in labels.spans)
            for labels in self.document.labels
        ]

    @cached_property
    def first_of_sentences(self) -> frozenset[int]:
        """The numbers of the words that begin a sentence.

        A span that runs over the end of a sentence would be cut in two there: no sentence begins within one.
        """
        first = {self.number_of(start) for start, _ in sentences(self.document.text)}
        for ranges in self.ranges:
            for begin, end, _ in ranges:
                if end - begin > 1:
                    first.difference_update(range(begin + 1, end))
        return frozenset(first)


def equal_rows(block: str, separator: str) -> tuple[list[str], int] | None:
    r"""Divide lines that all have the same number of cells; None for other lines.

    All lines are divided at once: a loop over lines takes two to three times as long.

    Returns
    -------
    list of str
        The cells, with a line end after each row but the last.
    int
        The distance of the cells of a column: the number of columns + 1.

    Examples
    --------
    >>> cells, step = equal_rows("Ada B-PER\nspoke O", " ")
    >>> cells[0::step], cells[1::step]
    (['Ada', 'spoke'], ['B-PER', 'O'])
    >>> equal_rows("Ada B-PER\nspoke", " ") is None
    True
    """
    n_rows = block.count("\n") + 1
    cells = block.replace("\n", f"{separator}\n{separator}").split(separator)
    step, rest = divmod(len(cells) + 1, n_rows)
    if rest or cells[step - 1 :: step].count("\n") != n_rows - 1:
        return None
    return cells, step


def joined_offsets(words: Iterable[str], gaps: Iterable[int], first: int = 0) -> tuple[tuple[int, int], ...]:
    """Return the offsets of words in a text that begins with `first` characters and has `gaps` after its words.

    Examples
    --------
    >>> joined_offsets(["Ada", "spoke", "."], [1, 0, 0])
    ((0, 3), (4, 9), (9, 10))
    """
    lengths = list(map(len, words))
    starts = list(itertools.accumulate(map(add, lengths, gaps), initial=first))
    starts.pop()
    return tuple(zip(starts, map(add, starts, lengths), strict=True))
