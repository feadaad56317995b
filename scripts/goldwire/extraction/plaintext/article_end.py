"""Find the line that ends an article: what follows the readers' comments or the author's bio is not part of it."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from functools import cached_property
from itertools import accumulate

from goldwire.extraction.plaintext.boilerplate import AUTHOR_BIO_MASK, RuleMatch
from goldwire.extraction.plaintext.boilerplate_patterns import AUTHOR_BIO_HEADING
from goldwire.extraction.plaintext.line_selection import PROBABILITY_STEPS
from goldwire.extraction.plaintext.line_table import PageView

__all__ = ["find_end"]

_LONG = 100  # characters
_COUNT = "comment count"  # the reason of the rule for headings such as `12 comments`
_UNLIKELY_BELOW_COMMENTS = 0.35  # below which a paragraph under a heading of comments is one of them
# In units of 1e-4: by which the lines below a heading of comments are likelier body than those above it. What is short
# may be a summary, with a link to the comments below it and then the article: comments are less likely than a post.
_LIKELIER, _LIKELIER_SHORT = 500, -500
# Words of body after which comments are the readers'. Posts of blogs are short: their F1 is .903 with 40, .905 with 12.
_MIN_STORY = 12
_LONG_STORY = 80  # which is no summary, and after which "About" and a name head the author's bio


def find_end(
    page: PageView, inside: range, lines: Sequence[int], headlines: Container[int], matches: Mapping[int, RuleMatch]
) -> tuple[int, RuleMatch | None]:
    """Return the line that ends the article: the heading of readers' comments, or of the author's bio.

    Parameters
    ----------
    page : PageView
        The page.
    inside : range
        The lines from the article's headline to its last line that is selected.
    lines : sequence of int
        The lines that are examined, in order.
    headlines : container of int
        Those of them that are the headline or repeat it.
    matches : mapping of int to RuleMatch
        The rules that lines match.

    Returns
    -------
    end : int
        The line, or the number of lines if the page ends with the article.
    bio_heading : RuleMatch or None
        The rule match of a bio heading, which its words alone do not make; None for comments.
    """
    words, sums = 0, _SumsAbove(page)
    for line in lines:
        if line in headlines:
            continue
        is_bio = words >= _LONG_STORY and page.candidate_rules[line] & AUTHOR_BIO_MASK
        if is_bio and _is_bio_heading(page, line, sums):
            return line, RuleMatch(AUTHOR_BIO_HEADING.zone, AUTHOR_BIO_HEADING.reason)
        match = matches.get(line)
        if match is None and page.selected[line] and line in inside:
            words += page.n_words[line]
        elif match is not None and match.zone == "comments" and words >= _MIN_STORY:
            is_article = _continues_below(page, line) or _is_article_below(page, line, match.reason, words, sums)
            if not is_article:
                return line, None
    return len(page.lines), None


class _SumsAbove:
    """Sums over the selected lines above each line, and last over all: a page may have a thousand headings."""

    def __init__(self, page: PageView) -> None:
        self._page = page

    @cached_property
    def characters(self) -> list[int]:
        sizes = (len(text) * selected for text, selected in zip(self._page.lines, self._page.selected, strict=True))
        return list(accumulate(sizes, initial=0))

    @cached_property
    def words(self) -> list[int]:
        weights = (
            (words + 1) * selected for words, selected in zip(self._page.n_words, self._page.selected, strict=True)
        )
        return list(accumulate(weights, initial=0))

    @cached_property
    def steps(self) -> list[int]:
        """Words, weighted with the probability of their line to be body."""
        page = self._page
        weights = (
            round(probability * PROBABILITY_STEPS) * (words + 1) if selected else 0
            for probability, words, selected in zip(page.body_probability, page.n_words, page.selected, strict=True)
        )
        return list(accumulate(weights, initial=0))


def _is_bio_heading(page: PageView, line: int, sums: _SumsAbove) -> bool:
    """Whether a line is the heading of a box about the author, and less than a third of the article is below it."""
    if AUTHOR_BIO_HEADING.pattern.fullmatch(page.lines[line]) is None:
        return False
    above, total = sums.characters[line], sums.characters[-1]
    return total - above < above / 2


def _continues_below(page: PageView, line: int) -> bool:
    """Whether a paragraph follows a comment count: a reader's comment begins with the reader's name."""
    below = line + 1
    return (
        below < len(page.lines)
        and page.body_probability[below] >= _UNLIKELY_BELOW_COMMENTS
        and len(page.lines[below]) > _LONG
    )


def _is_article_below(page: PageView, heading: int, reason: str, words: int, sums: _SumsAbove) -> bool:
    """Whether a heading of comments is that of a box above the article.

    Below it more words are selected than above it, which are likelier body. Readers' comments are less likely body than
    what they are about. Of 178 dumps that a heading ended, this holds for 7: of 6 the article is below it. A number of
    comments is below its article, unless that is as short as a summary: it would hold for 4 of those, wrongly.
    """
    is_long = words >= _LONG_STORY
    if is_long and reason == _COUNT and any(map(str.isdigit, page.lines[heading])):
        return False
    above, below = sums.words[heading], sums.words[-1] - sums.words[heading + 1]
    steps_above, steps_below = sums.steps[heading], sums.steps[-1] - sums.steps[heading + 1]
    likelier = _LIKELIER if is_long else _LIKELIER_SHORT
    return below > above and steps_below * above > (steps_above + likelier * above) * below
