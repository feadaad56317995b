"""Invented stories as lists of words, edited copies of them, and their exact similarity."""

from __future__ import annotations

import random

SYLLABLES = ("ba", "ker", "lan", "mor", "ti", "son", "vi", "dal", "ro", "es", "qu", "an", "fe", "lin", "ha", "rad")


def story(seed: int, size: int = 200) -> list[str]:
    """Return `size` random words."""
    rng = random.Random(seed)
    return ["".join(rng.choices(SYLLABLES, k=rng.randint(1, 5))) for _ in range(size)]


def edited(words: list[str], share: float, seed: int) -> list[str]:
    """Return the words with about `share` of them replaced."""
    rng = random.Random(seed)
    return [f"new{rng.randrange(9999)}" if rng.random() < share else word for word in words]


def five_grams(words: list[str]) -> set[tuple[str, ...]]:
    """Return the set of 5-grams of a text, or of all words of a shorter one."""
    return {tuple(words[i : i + 5]) for i in range(max(len(words) - 4, 1))}


def jaccard(first: list[str], second: list[str]) -> float:
    """Return the Jaccard index of the 5-grams of two texts."""
    return len(five_grams(first) & five_grams(second)) / len(five_grams(first) | five_grams(second))
