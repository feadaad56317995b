"""Words of any script: how many a text has, and where they are in scripts that write no spaces between words.

ICU finds the words of Thai, Lao, Khmer, Burmese, Chinese and Japanese with its dictionaries, at 3 million characters a
second. icu4py brings it as wheels for Linux, macOS and Windows (16 MB); PyICU has none for Linux, and the lighter
libraries (regex, uniseg, unicode-segmentation-rs) have no dictionaries, so that each Thai letter is a word to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["IDEOGRAPHS", "count_words", "dictionary_words", "estimate_words", "has_unspaced", "needs_dictionary"]
__all__ += ["word_pieces"]

IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Ideographs and kana, as ranges of a regular expression. Each of them is a token."""

_DICTIONARY_SCRIPTS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\ua9e0-\ua9ff\uaa60-\uaadf"
"""Thai, Lao, Burmese, Khmer, Tai Le, New Tai Lue, Tai Tham and Tai Viet, as ranges of a regular expression."""

_OTHER_UNSPACED = "\u2e80-\u2fdf\u3005-\u3007\u3100-\u312f\u31a0-\u31bf\ua000-\ua4cf"  # radicals, bopomofo, Yi
_UNSPACED = re.compile(f"[{IDEOGRAPHS}{_DICTIONARY_SCRIPTS}{_OTHER_UNSPACED}]")
_WORD = re.compile(r"\w+")
_ASCII_WORD = re.compile("[a-zA-Z0-9_]+")  # the same for ASCII, in three quarters of the time
_PIECE = re.compile(
    f"[{IDEOGRAPHS}{_OTHER_UNSPACED}]{{1,2}}|[{_DICTIONARY_SCRIPTS}]{{1,4}}"
    f"|[^\\W{IDEOGRAPHS}{_OTHER_UNSPACED}{_DICTIONARY_SCRIPTS}]+"
)
_DICTIONARY_RUN = re.compile(f"[{_DICTIONARY_SCRIPTS}]")


def count_words(text: str) -> int:
    """Return the number of words of a text, in any script.

    Between spaces is a word; where the text has a script without spaces, the words are those of ICU's dictionaries.

    Examples
    --------
    >>> count_words("The ferry opens on Monday.")
    5
    >>> count_words("渡し船は月曜日に再開する。")
    6
    """
    if not has_unspaced(text):
        return len(text.split())
    return sum(any(map(str.isalnum, segment)) for segment in _segments(text))


def estimate_words(text: str) -> int:
    """Return about the number of words of a line without further white space, at the cost of counting its blanks.

    Examples
    --------
    >>> estimate_words("The ferry opens on Monday.")
    5
    >>> estimate_words("渡し船は月曜日に再開する。")
    6
    """
    blanks = text.count(" ")
    if not has_unspaced(text):
        return blanks + 1
    return max(len(_PIECE.findall(text)), blanks + 1)


def word_pieces(text: str) -> list[str]:
    """Return the words of a text, cheaply: where no blanks separate words, pieces of about their length.

    A piece has two ideographs or kana, or four letters of Thai and the like. Equal texts have equal pieces, which is
    enough to count words and to compare texts.

    Examples
    --------
    >>> word_pieces("The ferry opens.")
    ['The', 'ferry', 'opens']
    >>> word_pieces("渡し船は月曜日に")
    ['渡し', '船は', '月曜', '日に']
    """
    if text.isascii():
        return _ASCII_WORD.findall(text)
    return (_PIECE if _UNSPACED.search(text) else _WORD).findall(text)


def has_unspaced(text: str) -> bool:
    """Whether a text has a letter of a script that writes no spaces between words."""
    return not text.isascii() and _UNSPACED.search(text) is not None


def needs_dictionary(run: str) -> bool:
    """Whether a run of letters holds some that only a dictionary divides into words, as Thai ones."""
    return not run.isascii() and _DICTIONARY_RUN.search(run) is not None


def dictionary_words(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the offsets of the words of `text[start:end]`, a run of letters that needs a dictionary."""
    for segment in _segments(text[start:end]):
        yield start, start + len(segment)
        start += len(segment)


def _segments(text: str) -> Iterator[str]:
    """Yield the words of a text, and what is between them."""
    from icu4py.breakers import WordBreaker

    # ICU has the same words for every locale. It refuses lone surrogates, and its own offsets count UTF-16 units.
    yield from WordBreaker(text.encode("utf-8", "replace").decode(), "en")
