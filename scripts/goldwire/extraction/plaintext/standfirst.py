"""Find the standfirst: the summary between an article's headline and its byline or date, which is not part of it."""

from __future__ import annotations

from collections.abc import Sequence

from goldwire.extraction.plaintext.boilerplate import rule_mask
from goldwire.extraction.plaintext.line_table import PageView

__all__ = ["is_standfirst"]

_ZONES = ("byline", "publication-date")
_MASK = rule_mask(*_ZONES)
_MAX_SHARE = 1 / 3  # of the body's words
_CERTAIN = 0.9  # probability from which a line is body
_FOOTERS = ("Posted", "Permalink")  # with a date, they are as often below a post or a comment as above it


def is_standfirst(page: PageView, body: Sequence[int]) -> bool:
    """Whether the first line of the body is above the byline or the date, and all others are below it.

    Parameters
    ----------
    page : PageView
        The page.
    body : sequence of int
        The lines of the body, in order.
    """
    if len(body) < 2 or body[1] == body[0] + 1 or page.body_probability[body[0]] >= _CERTAIN:
        return False
    if page.n_words[body[0]] > _MAX_SHARE * sum(page.n_words[line] for line in body):
        return False
    return any(_is_below_headline(page, line) for line in range(body[0] + 1, body[1]))


def _is_below_headline(page: PageView, line: int) -> bool:
    """Whether a line is a byline or a date, as below a headline."""
    match = page.match_rules(line, _MASK)
    return match is not None and match.zone in _ZONES and not any(word in page.lines[line] for word in _FOOTERS)
