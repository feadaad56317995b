"""Tags of words that encode spans: IOB1, BIO (IOB2), BIOES and BILOU."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import compress
from typing import Literal

__all__ = ["decode", "encode", "is_tag"]

_INSIDE_OR_END, _LAST = frozenset("IMEL"), frozenset("ELSUW")


def decode(tags: Sequence[str], numbers: Sequence[int] | None = None) -> list[tuple[int, int, str]]:
    """Return (first word, last word + 1, label) of each span, in any of the schemes.

    An inside tag that continues no span of its label begins one, as in IOB1 and as `conlleval` reads it. `B_PER` and a
    bare `PER` are understood too.

    Parameters
    ----------
    tags : sequence of str
    numbers : sequence of int or None
        The number of each word, in ascending order. No span runs over a number that is left out. Default: 0, 1, 2, ...

    Examples
    --------
    >>> decode(["B-PER", "I-PER", "O", "S-LOC", "I-ORG", "B-ORG"])
    [(0, 2, 'PER'), (3, 4, 'LOC'), (4, 5, 'ORG'), (5, 6, 'ORG')]
    >>> decode(["B-PER", "I-PER"], [4, 6])
    [(4, 5, 'PER'), (6, 7, 'PER')]
    """
    found: list[tuple[int, int, str]] = []
    start, end, label = -1, -1, ""
    words = zip(range(len(tags)) if numbers is None else numbers, tags, strict=True)
    for number, tag in compress(words, map("O".__ne__, tags)):  # nine words in ten are outside
        prefix, own = _parts(tag)
        if start >= 0 and (number > end or not own or own != label or prefix not in _INSIDE_OR_END):
            found.append((start, end, label))
            start = -1
        if not own:
            continue
        if start < 0:
            start, label = number, own
        end = number + 1
        if prefix in _LAST:
            found.append((start, end, label))
            start = -1
    if start >= 0:
        found.append((start, end, label))
    return found


def encode(n_words: int, spans: Sequence[tuple[int, int, str]], scheme: Literal["bio", "bioes"] = "bio") -> list[str]:
    """Return one tag per word for spans (first word, last word + 1, label) that do not overlap.

    Examples
    --------
    >>> encode(3, [(0, 2, "PER"), (2, 3, "LOC")], "bioes")
    ['B-PER', 'E-PER', 'S-LOC']
    """
    tags = ["O"] * n_words
    for first, end, label in spans:
        tags[first:end] = [f"I-{label}"] * (end - first)
        tags[first] = f"B-{label}"
        if scheme == "bioes":
            tags[end - 1] = f"{'S' if end - first == 1 else 'E'}-{label}"
    return tags


def is_tag(value: str) -> bool:
    """Whether a value is `O` or a prefix of BIO, BIOES or BILOU with a label.

    Examples
    --------
    >>> is_tag("B-PER"), is_tag("O"), is_tag("PER")
    (True, True, False)
    """
    return value == "O" or (len(value) > 2 and value[1] == "-" and value[0] in "BIOESLUMW")


@lru_cache(maxsize=10_000)
def _parts(tag: str) -> tuple[str, str]:
    """Return prefix and label; both are empty for a word outside all spans."""
    if tag in {"O", "_", "", "-"}:
        return "", ""
    if len(tag) > 2 and tag[1] in "-_" and tag[0] in "BIOESLUMW":
        return tag[0], tag[2:]
    return "I", tag
