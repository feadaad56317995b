"""Split a text into tokens with offsets. All of goldwire uses this segmentation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from goldwire.text.words import IDEOGRAPHS, dictionary_words, needs_dictionary

__all__ = ["tokens"]


@cache
def _marks() -> str:
    """Return the marks that are part of a word (accents, vowel signs) as ranges for a regular expression."""
    blocks = (range(0x300, 0x1E00), range(0x20D0, 0x2100), range(0xA800, 0xAC00), range(0xFE20, 0xFE30))
    marks = [c for block in blocks for c in block if unicodedata.category(chr(c)) in ("Mn", "Mc")]
    ends = [c for c, after in zip(marks, [*marks[1:], 0], strict=True) if after != c + 1]
    starts = [c for c, before in zip(marks, [0, *marks[:-1]], strict=True) if before != c - 1]
    return "".join(f"{chr(a)}-{chr(b)}" for a, b in zip(starts, ends, strict=True))


@cache
def _token() -> re.Pattern[str]:
    """Return the pattern of one token; the first alternative that matches wins."""
    marks = _marks()
    letter = f"(?:[^\\W\\d_{IDEOGRAPHS}][{marks}\u200c\u200d]*)"
    word = f"{letter}(?:{letter}|[0-9]|{_GERSHAYIM})*"
    number = r"\d+(?:[.,:/]\d+)*"
    part = f"(?:{word}|{number}{letter}*)"
    return re.compile(
        "|".join(
            (
                r"https?://[^\s<>\"”’)\]]*[^\s<>\"”’)\].,;:!?]",
                r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
                rf"[@#]\w[\w{marks}]*",
                r"(?<!\w)(?:[A-Za-z]\.){2,}",  # U.S., a.m.
                rf"(?:{'|'.join(sorted(_TITLES.split(), key=len, reverse=True))}|[A-Z])\.(?=\s)(?=\s*[^\s])",  # Mr. J.
                rf"{letter}+?(?=n['’]t\b)",  # do n't
                r"n['’]t\b",
                r"(?:(?<=\w)|(?<=\w ))['’](?:s|re|ve|ll|d|m|S|RE|VE|LL|D|M)\b",  # Putin 's
                rf"[A-Za-z]['’]{word}(?:[-‐‑]{part})*",  # O'Brien, d'Estaing
                rf"{part}(?:[-‐‑]{part})*(?:&{word})?",  # well-known, 20-year-old, AT&T
                r"\.{2,}|-{2,}|\.\.\.",
                f"[^\\s](?:[{marks}\ufe0f\U0001f3fb-\U0001f3ff]|\u200d[^\\s])*",  # an emoji, with joined characters
            )
        )
    )


_GERSHAYIM = r"(?<=[א-ת])[\"״'׳](?=[א-ת])"  # within a Hebrew acronym
_UNDIVIDED = ("http://", "https://", "@", "#")
_TITLES = """
    Mr Mrs Ms Dr Prof Rev Fr Sr Jr St Mt Ft Gov Sen Rep Gen Lt Col Capt Cmdr Sgt Maj Adm Pres Hon Messrs Mme Mlle Shri
    Smt Supt Dist Asst Dir Amb Sec Atty Brig Insp Vol No Nos Art vs
    Jan Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec
"""


def tokens(text: str) -> list[tuple[int, int]]:
    """Split a text into words, numbers and signs, as CoNLL does (`Putin 's`, `do n't`, `20-year-old`, `U.S.`).

    Each ideograph and kana is a token. Thai, Lao, Khmer and Burmese are divided into words by ICU's dictionaries, which
    may divide a name otherwise than people do: see `goldwire.text.bio_tags.count_misaligned_spans`.

    Returns
    -------
    list of (int, int)
        Half-open offsets in code points: sorted, disjoint and never empty, with only white space between them.

    Examples
    --------
    >>> text = "They don't."
    >>> [text[start:end] for start, end in tokens(text)]
    ['They', 'do', "n't", '.']
    """
    spans = [match.span() for match in _token().finditer(text)]
    if not needs_dictionary(text):
        return spans
    return [part for start, end in spans for part in _words(text, start, end)]


def _words(text: str, start: int, end: int) -> Iterable[tuple[int, int]]:
    """Return the words of a token of a script without spaces, such as Thai; any other token as it is."""
    token = text[start:end]
    if not needs_dictionary(token) or token.startswith(_UNDIVIDED):
        return ((start, end),)
    return dictionary_words(text, start, end)
