"""Counts with their noun, in the singular or the plural. Pure."""

from __future__ import annotations

__all__ = ["plural", "quantity"]

_IRREGULAR = {"person": "people"}


def quantity(count: int, noun: str, nouns: str | None = None) -> str:
    """Return a count and its noun, as `1 article` or `1,200 articles`.

    Parameters
    ----------
    count : int
        The count, which is written with commas.
    noun : str
        The noun, or words that end with it. A verb may follow where `nouns` is given.
    nouns : str, optional
        The plural. Default: that of the last word.

    Examples
    --------
    >>> quantity(1, "article"), quantity(1200, "gold label"), quantity(0, "batch")
    ('1 article', '1,200 gold labels', '0 batches')
    >>> quantity(1, "layer is", "layers are")
    '1 layer is'
    """
    return f"{count:,} {noun if count == 1 else nouns or plural(noun)}"


def plural(noun: str) -> str:
    """Return the plural of a noun, or of words that end with it.

    Examples
    --------
    >>> plural("entity"), plural("day"), plural("near-duplicate"), plural("batch"), plural("person")
    ('entities', 'days', 'near-duplicates', 'batches', 'people')
    """
    words, _, last = noun.rpartition(" ")
    if last in _IRREGULAR:
        last = _IRREGULAR[last]
    elif last.endswith("y") and last[-2:-1] not in "aeiou":
        last = f"{last[:-1]}ies"
    else:
        last += "es" if last.endswith(("s", "x", "ch", "sh")) else "s"
    return f"{words} {last}" if words else last
