"""Names in one article that mean the same entity: forms of one name, and a last name beside the full name."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["Words", "fullest_names", "name_words"]

_POSSESSIVE_ENDINGS = ("'s", "\N{RIGHT SINGLE QUOTATION MARK}s")
Words = tuple[str, ...]


def fullest_names(names: Iterable[str]) -> dict[str, Words]:
    """Return the words of the fullest name of each name's entity.

    Names are of one entity if they are equal but for case, white space, a leading `the` and a possessive ending, or if
    the shorter is the last words of the longer and no other entity of the article has a name that ends so: `Vernock` is
    `Ilsa Vernock` unless there is also a `Tobin Vernock`.

    Examples
    --------
    >>> fullest_names(["Ilsa Vernock", "Vernock's", "the Lamp Guild"])
    {'Ilsa Vernock': ('ilsa', 'vernock'), "Vernock's": ('ilsa', 'vernock'), 'the Lamp Guild': ('lamp', 'guild')}
    """
    words_of = {name: name_words(name) for name in names}
    fullest: dict[Words, Words] = {}
    for words in sorted(set(words_of.values()), key=lambda words: (-len(words), words)):
        entities = {whole for longer, whole in fullest.items() if words and _ends_with(longer, words)}
        fullest[words] = entities.pop() if len(entities) == 1 else words
    return {name: fullest[words] for name, words in words_of.items()}


def name_words(name: str) -> Words:
    """Return a name's words in lower case, without a leading `the` and possessive endings."""
    words = name.casefold().split()
    if len(words) > 1 and words[0] == "the":
        del words[0]
    return tuple(word[:-2] if word.endswith(_POSSESSIVE_ENDINGS) else word for word in words)


def _ends_with(longer: Words, words: Words) -> bool:
    return len(longer) > len(words) and longer[-len(words) :] == words
