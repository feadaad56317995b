"""Tables of words: the columns of a sentence, and the words of a document as rows with one tag each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import accumulate
from operator import add
from typing import Literal

from goldwire.formats import tag_schemes
from goldwire.formats.document import Document, Labels, tokens_of
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
        self._starts = {start: number for number, (start, _) in enumerate(self.offsets)}
        self._ends = {end: number + 1 for number, (_, end) in enumerate(self.offsets)}

    @cached_property
    def first_of_sentences(self) -> frozenset[int]:
        """The numbers of the words that begin a sentence.

        A span that runs over the end of a sentence would be cut in two there: no sentence begins within one.
        """
        starts = self._starts
        first = {starts[start] for start, _ in sentences(self.document.text) if start in starts}
        for labels in self.document.labels:
            for span in labels.spans:
                first.difference_update(range(starts[span.start] + 1, self._ends[span.end]))
        return frozenset(first)

    def tags(self, labels: Labels, scheme: Literal["bio", "bioes"]) -> Iterator[tuple[int, str]]:
        """Yield the number and the tag of each word of a span."""
        for span in labels.spans:
            first, end = self._starts[span.start], self._ends[span.end]
            tags = tag_schemes.encode(end - first, [(0, end - first, span.label)], scheme)
            yield from enumerate(tags, first)


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
    starts = list(accumulate(map(add, lengths, gaps), initial=first))
    starts.pop()
    return tuple(zip(starts, map(add, starts, lengths), strict=True))
