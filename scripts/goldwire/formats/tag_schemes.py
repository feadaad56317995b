"""Tags of words that encode spans: IOB1, BIO (IOB2), BIOES and BILOU."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

__all__ = ["decode", "encode", "is_tag"]

_START, _INSIDE, _END, _SINGLE = frozenset("BU"), frozenset("IM"), frozenset("EL"), frozenset("SUW")


def decode(tags: Iterable[str]) -> list[tuple[int, int, str]]:
    """Return (first word, last word + 1, label) of each span, in any of the schemes.

    An inside tag that continues no span of its label begins one, as in IOB1 and as `conlleval` reads it. `B_PER` and a
    bare `PER` are understood too.

    Examples
    --------
    >>> decode(["B-PER", "I-PER", "O", "S-LOC", "I-ORG", "B-ORG"])
    [(0, 2, 'PER'), (3, 4, 'LOC'), (4, 5, 'ORG'), (5, 6, 'ORG')]
    """
    found: list[tuple[int, int, str]] = []
    start, label = -1, ""
    number = -1
    for number, tag in enumerate(tags):
        if tag == "O" and start < 0:  # nine words in ten
            continue
        prefix, own = _parts(tag)
        continues = start >= 0 and own == label and prefix in _INSIDE | _END
        if not continues and start >= 0:
            found.append((start, number, label))
            start = -1
        if not own:
            continue
        if not continues:
            start, label = number, own
        if prefix in _END or prefix in _SINGLE:
            found.append((start, number + 1, label))
            start = -1
    if start >= 0:
        found.append((start, number + 1, label))
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


def _parts(tag: str) -> tuple[str, str]:
    """Return prefix and label; both are empty for a word outside all spans."""
    if tag in {"O", "_", "", "-"}:
        return "", ""
    if len(tag) > 2 and tag[1] in "-_" and tag[0] in "BIOESLUMW":
        return tag[0], tag[2:]
    return "I", tag
