"""What a stance is read from: the sentences around holder and target with the two marked, and what probes are given.

A probe sees less than anybody needs to answer: the target's name alone, the same words without a trace of the target,
or how long it all is. Where a probe scores as a model does, the labels can be had without reading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from math import log1p
from typing import Any

import msgspec

from goldwire.text.name_search import find_name, replace_name
from goldwire.text.tokenization import sentences

__all__ = ["HOLDER", "TARGET", "Context", "context"]

HOLDER, TARGET = "goldwireholder", "goldwiretarget"  # words that no news has
_FARTHEST = 2  # sentences between holder and target that are still read; those between farther ones say other things
_NAMED = 3  # sentences that name a target without a place

Place = tuple[int, int]


class Context(msgspec.Struct, frozen=True):
    """A stance as models see it; `lengths` are logarithms of characters: of the context, the target, the holder."""

    marked: str
    between: str
    holder: str
    target: str
    unaware: str  # the context without marks and without the target's name
    lengths: tuple[float, float, float]


def context(row: Mapping[str, Any]) -> Context:
    """Read the context of a row of the `stance` config."""
    text, marks = row["text"], _marks(row)
    window = _window(sentences(text), [place for place, _ in marks] or _named(text, row["target"]))
    pieces = [_replaced(text, place, marks) for place in window]
    plain = " ".join(text[start:end] for start, end in window)
    name = row["target"] or ""
    unaware = replace_name(name, plain, " ")
    holder = row["holder"] or ""
    return Context(
        marked=" ".join(pieces),
        between=_between(text, [place for place, _ in marks]),
        holder=holder or "the article",
        target=name,
        unaware=unaware,
        lengths=(log1p(len(plain)), log1p(len(name)), log1p(len(holder))),
    )


def _marks(row: Mapping[str, Any]) -> list[tuple[Place, str]]:
    """Where holder and target are, in text order."""
    ends = (("holder", HOLDER), ("target", TARGET))
    found = [((row[f"{end}_start"], row[f"{end}_end"]), mark) for end, mark in ends if row[f"{end}_start"] is not None]
    return sorted(found)


def _named(text: str, name: str) -> list[Place]:
    """Where a target that was asked by name is named; the headline where it is nowhere."""
    return list(islice(find_name(name, text), _NAMED)) or [(0, 1)]


def _window(cut: Sequence[Place], places: Sequence[Place]) -> list[Place]:
    inside = sorted({n for n, (start, end) in enumerate(cut) for a, b in places if a < end and start < b})
    if inside and inside[-1] - inside[0] <= _FARTHEST + 1:
        inside = list(range(inside[0], inside[-1] + 1))
    return [cut[n] for n in inside]


def _replaced(text: str, piece: Place, marks: Sequence[tuple[Place, str]]) -> str:
    """The piece with holder and target each replaced by its mark."""
    parts, at = [], piece[0]
    for (start, end), mark in marks:
        if piece[0] <= start < piece[1]:
            parts += [text[at : max(at, start)], f" {mark} "]
            at = max(at, end)
    return "".join((*parts, text[at : piece[1]]))


def _between(text: str, places: Sequence[Place]) -> str:
    """The words between the two: empty where there is one place, or another sentence between."""
    if len(places) < 2 or len(sentences(between := text[places[0][1] : places[1][0]])) > 1:
        return ""
    return between
