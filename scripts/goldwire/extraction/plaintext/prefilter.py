"""Prefilter for the boilerplate rules: which rules a line can match at all, from the stems of its words.

Vectorised over a batch. Half of the lines that are examined have no word that any rule asks for, and most others one.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.plaintext import boilerplate
from goldwire.extraction.plaintext.line_features import FEATURE_NAMES
from goldwire.extraction.plaintext.line_tokens import STEM_BYTES, LineTokens
from goldwire.text.hash_lookup import HashLookup, build_lookup

__all__ = ["candidate_rules"]

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

_DIGITS, _SIGNS = FEATURE_NAMES.index("digits"), FEATURE_NAMES.index("signs")
_LEAD_BYTES = 0xC2
_NO_STEM = np.zeros(1, np.uint64)


def _unclear_pairs() -> NDArray[np.bool_]:
    """Return the first two bytes of characters that line tokens take for letters but `boilerplate` does not.

    These are © × ÷, scripts other than Latin, Greek, Cyrillic and ideographs, and characters led by E2 and E3 except
    quotes and dashes (E2 80) and kana.
    """
    table = np.zeros((256, 256), np.bool_)
    table[0xC2, 0xA9] = table[0xC3, 0x97] = table[0xC3, 0xB7] = True
    table[[0xCB, 0xCC, 0xCD, *range(0xD4, 0xE3), *range(0xEF, 0x100)]] = True
    table[0xE2, 0x80], table[0xE3, 0x80] = False, True
    return table.reshape(-1)


_UNCLEAR = _unclear_pairs()


@cache
def _lookups() -> tuple[HashLookup, HashLookup]:
    """Return the rules by the stem of any word, and by that of the first."""
    return _by_stem(boilerplate.ANY_WORD), _by_stem(boilerplate.FIRST_WORD)


def _by_stem(masks: dict[str, int]) -> HashLookup:
    by_stem: dict[int, int] = {}
    for word, mask in masks.items():
        for form in {word, word.upper(), word.capitalize()}:  # stems have only ASCII letters lower-cased
            stem = int.from_bytes(form.encode().lower()[:STEM_BYTES], "little")
            by_stem[stem] = by_stem.get(stem, 0) | mask
    return build_lookup(np.array(list(by_stem), np.uint64), np.array(list(by_stem.values())))


def candidate_rules(lines: LineTokens, features: Floats) -> Ints:
    """Return, for each line, the rules that it can match, as a bitmask.

    It equals `boilerplate.candidate_rules`, or is -1 for lines for which only that function can tell.

    Parameters
    ----------
    lines : LineTokens
        The lines of some pages.
    features : array of float32
        Their context-free features.
    """
    any_word, first_word = _lookups()
    first = lines.word_bounds[:-1]
    has_words = lines.word_bounds[1:] > first
    stems = np.concatenate((lines.stems, _NO_STEM))
    masks = np.bitwise_or.reduceat(any_word.get(stems), first)
    first_stems = stems.take(first)
    masks |= first_word.get(first_stems)
    lead = (first_stems & np.uint64(0xFF)).astype(np.uint8)
    masks |= ((lead - np.uint8(0x30)) < 10) * boilerplate.FIRST_WORD["0"]
    masks *= has_words
    masks |= (features[:, _DIGITS] > 0) * boilerplate.ANY_WORD["0"]
    masks |= (features[:, _SIGNS] > 0) * boilerplate.ANY_WORD["/"]
    has_hyphen = np.zeros(len(first), np.bool_)
    for position in (lines.start + 2, lines.start + 3, lines.start + 4):
        has_hyphen |= (lines.codes.take(position, mode="clip") == 0x2D) & (position < lines.end)
    masks |= has_hyphen * boilerplate.ANY_WORD["-"]
    masks[_unclear_lines(lines)] = -1
    return masks


def _unclear_lines(lines: LineTokens) -> Ints:
    """Return the lines whose words cannot be separated here as `boilerplate` separates them."""
    lead = (lines.codes[:-1] >= _LEAD_BYTES).nonzero()[0]
    pair = lines.codes[lead].astype(np.int64) << 8 | lines.codes[lead + 1]
    unclear: Ints = lines.start.searchsorted(lead[_UNCLEAR.take(pair)], "right") - 1
    return unclear
