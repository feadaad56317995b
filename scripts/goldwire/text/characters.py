"""White space, line breaks and invisible characters: the one table that cleaning and checks share."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = [
    *("BIDI_CONTROLS", "CONTROLS", "INVISIBLE", "JOINERS", "LINE_BREAKS", "SPACES", "SURROGATES", "ZERO_WIDTH"),
    "character_class",
]

SPACES = (0x09, 0x20, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)
"""Code points of white space within a line."""

LINE_BREAKS = (0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029)
"""Code points that end a line."""

CONTROLS = (
    *(code for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (*SPACES, *LINE_BREAKS)),
    *range(0xFFF9, 0xFFFC),
)
"""Control characters and interlinear annotation, apart from white space and line breaks."""

BIDI_CONTROLS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Marks, embeddings, overrides and isolates of the bidirectional algorithm."""

ZERO_WIDTH = (0xAD, 0x180E, 0x200B, *range(0x2060, 0x2066), *range(0x206A, 0x2070), 0xFEFF, 0xFFFC)
"""Characters that no reader sees and every comparison does: soft hyphens, zero-width spaces, byte order marks."""

SURROGATES = tuple(range(0xD800, 0xE000))
"""Halves of a surrogate pair, which only broken JSON brings."""

JOINERS = (0x200C, 0x200D)
"""ZERO WIDTH (NON-)JOINER: they belong in scripts such as Arabic and Devanagari and in emoji, and nowhere else."""

INVISIBLE = (*CONTROLS, *BIDI_CONTROLS, *ZERO_WIDTH, *SURROGATES)
"""All code points that cleaning removes wherever they are."""


def character_class(codes: Iterable[int]) -> str:
    """Return a regular expression that matches one of `codes`, written as ranges.

    A class of 2,200 single characters takes 8 ms to compile.

    Examples
    --------
    >>> character_class([0x41, 0x42, 0x43, 0x61])
    '[\\\\U00000041-\\\\U00000043\\\\U00000061-\\\\U00000061]'
    """
    codes = sorted(set(codes))
    starts = [code for before, code in zip([-2, *codes], codes, strict=False) if code != before + 1]
    ends = [code for code, after in zip(codes, [*codes[1:], -2], strict=True) if after != code + 1]
    return "[" + "".join(f"\\U{start:08x}-\\U{end:08x}" for start, end in zip(starts, ends, strict=True)) + "]"
