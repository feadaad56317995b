"""The input of stance models: the sentences around holder and target with both marked, and the inputs of probes. Pure.

A probe gets too little to solve the task: only names, the same words without any trace of the target, or only the
lengths. If a probe scores as well as a model, the labels can be predicted without reading the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from math import log1p
from typing import Any

import msgspec

from goldwire.text.language_id import detect_language
from goldwire.text.name_search import find_name, replace_name
from goldwire.text.sentences import sentences

__all__ = ["HOLDER", "TARGET", "StanceContext", "stance_context"]

HOLDER, TARGET = "goldwireholder", "goldwiretarget"  # words that no news article contains
_MAX_GAP = (
    2  # sentences between holder and target that are included; farther apart, those between are about other things
)
_WINDOW = 6  # words on either side of a mention
_WINDOW_CHARACTERS = 120  # that hold these words
_WORD = re.compile(r"\w+|[^\w\s]")
_MAX_MENTIONS = 3  # number of mentions that are read for a target without offsets

Offsets = tuple[int, int]


class StanceContext(msgspec.Struct, frozen=True):
    """A stance as models see it.

    Attributes
    ----------
    marked
        The sentences, with holder and target replaced by marks.
    between
        The words between holder and target, if they are in the same sentence.
    holder_sentence
        The sentence that the holder is in; for the article's own voice, that of the target.
    windows
        The words around both mentions, each with a prefix for its mention and its side.
    holder, target
        Their names.
    masked
        The sentences without marks and without the target's name.
    lengths
        Natural logarithm of 1 + number of characters: of the sentences, the target's name, the holder's name.
    """

    marked: str
    between: str
    holder_sentence: str
    windows: str
    holder: str
    target: str
    masked: str
    lengths: tuple[float, float, float]


def stance_context(row: Mapping[str, Any]) -> StanceContext:
    """Return the context of a row of the `stance` config."""
    text, ends = row["text"], _ends(row)
    language = detect_language(text).language
    sentence_offsets = sentences(text, language)
    window = _window(sentence_offsets, [offsets for offsets, _ in ends] or _mentions(text, row["target"]))
    plain = " ".join(text[start:end] for start, end in window)
    target, holder = row["target"] or "", row["holder"] or ""
    return StanceContext(
        marked=" ".join(_replace_ends(text, sentence, ends) for sentence in window),
        between=_words_between(text, [offsets for offsets, _ in ends], language),
        holder_sentence=_holder_sentence(row, sentence_offsets) or plain,
        windows=" ".join(word for offsets, mark in ends for word in _words_around(text, offsets, mark)),
        holder=holder or "the article",
        target=target,
        masked=replace_name(target, plain, " "),
        lengths=(log1p(len(plain)), log1p(len(target)), log1p(len(holder))),
    )


def _ends(row: Mapping[str, Any]) -> list[tuple[Offsets, str]]:
    """The offsets of holder and target with their marks, in text order; an end without offsets is missing."""
    ends = (("holder", HOLDER), ("target", TARGET))
    return sorted(
        ((row[f"{end}_start"], row[f"{end}_end"]), mark) for end, mark in ends if row[f"{end}_start"] is not None
    )


def _holder_sentence(row: Mapping[str, Any], sentence_offsets: Sequence[Offsets]) -> str:
    """The sentence that the holder begins in; empty for the article's own voice."""
    start = row["holder_start"]
    inside = [(a, b) for a, b in sentence_offsets if start is not None and a <= start < b]
    return row["text"][slice(*inside[0])] if inside else ""


def _words_around(text: str, offsets: Offsets, mark: str) -> list[str]:
    """The words before and after a mention, with prefixes that tell holder from target and left from right."""
    before = _WORD.findall(text[max(0, offsets[0] - _WINDOW_CHARACTERS) : offsets[0]])[-_WINDOW:]
    after = _WORD.findall(text[offsets[1] : offsets[1] + _WINDOW_CHARACTERS])[:_WINDOW]
    return [f"{mark}_before_{word}" for word in before] + [f"{mark}_after_{word}" for word in after]


def _mentions(text: str, name: str) -> list[Offsets]:
    """The mentions of a named target, which has no offsets; the headline if there are none."""
    return list(islice(find_name(name, text), _MAX_MENTIONS)) or [(0, 1)]


def _window(sentence_offsets: Sequence[Offsets], ends: Sequence[Offsets]) -> list[Offsets]:
    """The sentences that hold an end, and those between if they are few."""
    inside = sorted(
        {number for number, (start, end) in enumerate(sentence_offsets) for a, b in ends if a < end and start < b}
    )
    if inside and inside[-1] - inside[0] <= _MAX_GAP + 1:
        inside = list(range(inside[0], inside[-1] + 1))
    return [sentence_offsets[number] for number in inside]


def _replace_ends(text: str, sentence: Offsets, ends: Sequence[tuple[Offsets, str]]) -> str:
    """The sentence with holder and target replaced by their marks."""
    parts, done = [], sentence[0]
    for (start, end), mark in ends:
        if sentence[0] <= start < sentence[1]:
            parts += [text[done : max(done, start)], f" {mark} "]
            done = max(done, end)
    return "".join((*parts, text[done : sentence[1]]))


def _words_between(text: str, ends: Sequence[Offsets], language: str) -> str:
    """The words between holder and target; empty if one has no offsets or if they are in different sentences."""
    if len(ends) < 2:
        return ""
    between = text[ends[0][1] : ends[1][0]]
    return "" if len(sentences(between, language)) > 1 else between
