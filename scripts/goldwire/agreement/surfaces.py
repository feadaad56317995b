"""What the targets of stances are called, so that agreement can be told target by target."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from goldwire.agreement.stance import StanceUnit

__all__ = ["by_target"]

_POSSESSIVE = ("'s", "\N{RIGHT SINGLE QUOTATION MARK}s")
_FEWEST = 5  # units that two annotators drew: below, a target that is marked in the text has no figure of its own
Words = tuple[str, ...]


def by_target(units: Sequence[StanceUnit], texts: Mapping[str, str]) -> dict[str, list[StanceUnit]]:
    """Units by what their target is called: the name that was asked about, or what is marked in the article's text.

    Mentions are of one target where they are equal but for case, white space, a leading `the` and a possessive ending;
    or where the shorter is the last words of just one longer one in its article (`Vernock`, `Ilsa Vernock`). They go by
    the form that most of them have. Targets in the text that few drew a stance to are left out.
    """
    named: dict[str, list[StanceUnit]] = defaultdict(list)
    marked: dict[Words, list[StanceUnit]] = defaultdict(list)
    forms: dict[Words, Counter[str]] = defaultdict(Counter)
    seen: dict[str, dict[int, tuple[Words, str]]] = defaultdict(dict)
    for number, unit in enumerate(units):
        if isinstance(unit.target, str):
            named[unit.target].append(unit)
        elif unit.article_id in texts:
            place = unit.target.place
            surface = " ".join(texts[unit.article_id][place.start : place.end].split())
            seen[unit.article_id][number] = _words(surface), surface
    for found in seen.values():
        there = {words for words, _ in found.values()}
        for number, (words, surface) in found.items():
            longer = [other for other in there if len(other) > len(words) > 0 and other[-len(words) :] == words]
            whole = longer[0] if len(longer) == 1 else words
            marked[whole].append(units[number])
            forms[whole][surface] += whole == words
    for words, group in marked.items():
        if sum(len(unit.stances) > 1 for unit in group) >= _FEWEST:
            named[min(forms[words].items(), key=lambda form: (-form[1], form[0]))[0]] += group
    return dict(named)


def _words(surface: str) -> Words:
    words = surface.casefold().split()
    if len(words) > 1 and words[0] == "the":
        del words[0]
    return tuple(word[:-2] if word.endswith(_POSSESSIVE) else word for word in words)
