"""Join the lines that a text dump broke at inline tags: `According to`, `Reuters`, `, the harbour will stay closed.`

Dumps that end a line at every tag, such as BeautifulSoup's `get_text("\\n")`, break paragraphs at each link and each
emphasised word. A small network decides for each line break whether it is inside a paragraph, from the characters
before and after it, the blank lines around it, and how often the page's lines begin as no paragraph does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.network import FRAGMENTS, load_network, probabilities
from goldwire.text.provenance import TracedText, join
from goldwire.text.words import estimate_words

__all__ = ["break_features", "has_fragments", "join_fragments", "lines_and_gaps"]

Floats = NDArray[np.float32]

_THRESHOLD = 0.5
_MIN_CONTINUATIONS = 4  # lines that begin as no paragraph does: with fewer, a page is not examined
_MIN_SHARE = 0.01  # of its lines; dumps that break at blocks have 0.3% in the median
_OTHER, _LOWER, _UPPER, _DIGIT, _STOP, _COMMA, _COLON, _OPENING, _CLOSING, _SIGN, _NONE = range(11)
_N_CLASSES = 11
_SIGNS = {
    **dict.fromkeys(".!?…。！？", _STOP),
    **dict.fromkeys(",;，；、", _COMMA),
    **dict.fromkeys(":：", _COLON),
    **dict.fromkeys("([{“‘«„「『（", _OPENING),
    **dict.fromkeys(")]}”’»」』）", _CLOSING),
}
_CONTINUING = (_LOWER, _STOP, _COMMA, _COLON, _CLOSING)
_CONTINUES = np.isin(np.arange(_N_CLASSES), _CONTINUING)
_MAX_GAP = 3  # blank lines
_CLASS_ROWS, _GAP_ROWS = np.eye(_N_CLASSES, dtype=np.float32), np.eye(_MAX_GAP + 1, dtype=np.float32)  # one-hot codes
_LINE = re.compile(".+")
_FUNCTION_WORD_LIST = """
    a an the of to in and that is was for on with as at by from it its he she they we his her their our this these those
    be been are were has have had will would could should not but or which who said says than about after before
    when while into over if what all more can may do did said via per see el la los las de del que y en un una por con
    para se su al como o da do dos um uma em com os na no le les des du et est dans une pour qui sur au par il che di e
    per sono della nel der die das und ist mit von zu den dem ein eine auf"""
_FUNCTION_WORDS = frozenset(_FUNCTION_WORD_LIST.split())


@lru_cache(1 << 12)
def _class_of(character: str) -> int:
    if character in _SIGNS:
        return _SIGNS[character]
    if character.islower():
        return _LOWER
    if character.isupper():
        return _UPPER
    if character.isdigit():
        return _DIGIT
    return _OTHER if character.isalpha() else _SIGN


@lru_cache(1 << 12)
def _continues(character: str) -> bool:
    """Whether a line that begins with this character does not begin a paragraph."""
    return _class_of(character) in _CONTINUING


def lines_and_gaps(text: str) -> tuple[list[str], list[int]]:
    """Return the lines of a cleaned page that are not blank, and the number of blank lines before each, at most 3."""
    spans = _line_spans(text)
    gaps = [min(start - end - 1, _MAX_GAP) for (_, end), (start, _) in pairwise(((0, -1), *spans))]
    return [text[start:end] for start, end in spans], gaps


def _line_spans(text: str) -> list[tuple[int, int]]:
    """Return the start and the end of each line that is not blank."""
    return [match.span() for match in _LINE.finditer(text)]


def has_fragments(lines: Sequence[str]) -> bool:
    """Whether enough lines of a page begin with a small letter or a closing sign for some of them to be fragments."""
    initials = "".join(map(itemgetter(0), lines))
    number = sum(map(initials.count, filter(_continues, set(initials))))
    return number >= max(_MIN_CONTINUATIONS, _MIN_SHARE * len(lines))


def break_features(lines: Sequence[str], gaps: Sequence[int]) -> Floats:
    """Return the features of each break between two neighbouring lines, of shape (lines - 1, features)."""
    first = np.array([_class_of(line[0]) for line in lines])
    last = np.array([_class_of(line[-1]) for line in lines])
    words = [line.count(" ") + 1 if line.isascii() else estimate_words(line) for line in lines]
    log_words = np.log1p(words).astype(np.float32)
    ends_open = np.array([line[line.rfind(" ") + 1 :].lower() in _FUNCTION_WORDS for line in lines])
    starts_open = np.array([line.split(" ", 1)[0] in _FUNCTION_WORDS for line in lines])
    gap = np.array(gaps)
    gap[0] = _MAX_GAP
    continues = _CONTINUES.take(first)
    per_gap = np.bincount(gap, minlength=_MAX_GAP + 1)
    continuing = np.bincount(gap, continues, _MAX_GAP + 1) / np.maximum(per_gap, 1)
    rates = (continues.mean(), (continues & (first != _LOWER)).mean(), ends_open.mean())
    # Of the lines before the break: the one before the last, and the last; of those after it: the first, and the next.
    *last_classes, _ = _around_breaks(last, _NONE)
    _, *first_classes = _around_breaks(first, _NONE)
    _, *own_gaps = _around_breaks(gap, _MAX_GAP)
    blocks = (
        *(_CLASS_ROWS.take(values, axis=0) for values in (*last_classes, *first_classes)),
        *(_GAP_ROWS.take(values, axis=0) for values in own_gaps),
        np.stack(_around_breaks(log_words, 0), axis=1),
        np.stack((ends_open[:-1], starts_open[:-1], ends_open[1:], starts_open[1:]), axis=1),
        np.stack((continuing.take(own_gaps[1]), per_gap.take(own_gaps[1]) / len(lines)), axis=1),
        np.broadcast_to(np.array(rates, np.float32), (len(lines) - 1, len(rates))),
    )
    return np.concatenate(blocks, axis=1, dtype=np.float32)


def _around_breaks(values: NDArray[Any], outside: int) -> list[NDArray[Any]]:
    """Return the values of the two lines before each break and of the two after it; `outside` where there is none."""
    padded = np.full(len(values) + 2, outside, values.dtype)
    padded[1:-1] = values
    return [padded[number : number + len(values) - 1] for number in range(4)]


def join_fragments(page: TracedText, lines: Sequence[str]) -> TracedText:
    """Return the page with the lines joined that inline tags broke; each joint is traced to the break it stands for.

    `lines` are the lines of the page that are not blank.
    """
    if not has_fragments(lines):
        return page
    lines, gaps = lines_and_gaps(page.text)
    joined = probabilities(break_features(lines, gaps), load_network(FRAGMENTS)) > _THRESHOLD
    if not joined.any():
        return page
    return _join(page, lines, np.flatnonzero(joined).tolist())


def _join(page: TracedText, lines: Sequence[str], joined: Iterable[int]) -> TracedText:
    """Join each line in `joined`, counting those that are not blank, with the next one."""
    spans = _line_spans(page.text)
    parts: list[TracedText] = []
    done = 0
    for number in joined:
        end, start = spans[number][1], spans[number + 1][0]
        parts.append(page.slice(done, end))
        if _has_space(lines[number], lines[number + 1]):
            pieces = page.slice(end, start).pieces
            trace = ((0, 1, pieces[0][2], pieces[-1][3], False),) if pieces else ()
            parts.append(TracedText(" ", trace, page.raw, page.encoding))
        done = start
    parts.append(page.slice(done, len(page.text)))
    return join(parts, "")


def _has_space(before: str, after: str) -> bool:
    """Whether a space is between two fragments: not before closing signs, after opening ones, or after an initial."""
    first, last = _class_of(after[0]), _class_of(before[-1])
    if first in (_STOP, _COMMA, _COLON, _CLOSING) or last == _OPENING or after.startswith(("'s ", "%")):
        return False
    if first == last == _OTHER:  # ideographs and kana have no spaces between them
        return not ("\u3040" <= before[-1] <= "\u9fff" and "\u3040" <= after[0] <= "\u9fff")
    is_initial = len(before) == 1 and last == _UPPER and before not in "AI" and first == _LOWER
    return not is_initial
