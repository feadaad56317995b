"""Pages of text seen together: of each line its place, its words, and how likely it is the journalist's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from goldwire.extraction.network import Network
from goldwire.extraction.plaintext import boilerplate
from goldwire.extraction.plaintext.line_selection import kept
from goldwire.extraction.plaintext.line_table import sight
from goldwire.extraction.site_boilerplate import SiteBoilerplate, reweight

__all__ = ["Page", "see"]


class Page(msgspec.Struct):
    """A page, the headline told beside it, and its lines that are not blank."""

    text: str
    told: str
    lines: list[str]
    numbers: Sequence[int]  # from 1, of all lines
    starts: Sequence[int]
    may: Sequence[int]  # what each may be by its words: see `goldwire.extraction.plaintext.prefilter`
    likely: Sequence[float]
    kept: bytes  # 1 where likely, and in no small run of likely ones
    said: bytes  # SAID, where all words stand on the page twice, and QUOTED, where one longer line has them

    def named(self, index: int) -> tuple[str, str] | None:
        """Name a line by its words."""
        may = self.may[index]
        return boilerplate.name_line(self.lines[index], may) if may else None


def see(
    texts: Sequence[str],
    tolds: Sequence[str],
    weights: Network,
    recurring: SiteBoilerplate | None,
    coded: Sequence[bytes] | None = None,
) -> Iterator[Page]:
    """Look at pages together, each with the headline that was told beside it.

    `coded` are the texts in UTF-8, where that is at hand.
    """
    every = [list(filter(None, text.split("\n"))) for text in texts]
    data = [text.encode("utf-8", "replace") for text in texts] if coded is None else coded
    seen = sight(data, weights)
    likely, body, bounds = seen.likely, seen.kept, seen.bounds.tolist()
    if recurring is not None:
        likely = reweight(likely, recurring, [line for lines in every for line in lines], bounds)
        body = kept(likely, seen.words, seen.bounds)
    # Few of these numbers are asked for: a list of each would take longer than to make them then.
    numbers, starts, may, shares = seen.numbers.data, seen.starts.data, seen.may.data, likely.data
    flags, said = body.tobytes(), seen.said.tobytes()
    for text, told, lines, first, after in zip(texts, tolds, every, bounds[:-1], bounds[1:], strict=True):
        some = slice(first, after)
        yield Page(text, told, lines, numbers[some], starts[some], may[some], shares[some], flags[some], said[some])
