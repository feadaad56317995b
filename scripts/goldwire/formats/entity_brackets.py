"""Mentions in brackets: `Entity=(e1-person-1` on the first word of a mention and `Entity=e1)` on its last.

CorefUD, GUM and Universal Anaphora write them so in the last column of CoNLL-U. A comment `# global.Entity` names what
stands between the hyphens: `eid-etype-head-other`. Mentions nest and cross; one of a single word is opened and closed
at once. The label is the type (`etype`); which mentions are one entity has no place in a document.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

__all__ = ["DEFAULT_FIELDS", "around_empty_node", "decode"]

DEFAULT_FIELDS = "eid-etype-head-other"
"""What the attributes are where no comment names them: CorefUD 1.0 and later."""

_BRACKET = re.compile(r"\(([^()]+)(\))?|([^()]+)\)")
_PART = re.compile(r"\[(\d+)/\d+\]")
_UNTYPED = "entity"


def decode(values: Iterable[tuple[int, str]], fields: str = DEFAULT_FIELDS) -> Iterator[tuple[int, int, str]]:
    """Yield (first word, last word + 1, label) of each mention, in the order of their ends.

    Parameters
    ----------
    values
        The numbers of words, in order, with their values of `Entity`.
    fields : str
        The value of the comment `global.Entity`.

    Raises
    ------
    ValueError
        If a mention has gaps, or a bracket has no partner.

    Examples
    --------
    >>> list(decode([(0, "(e1-person-1"), (2, "e1)(e2-place-1)")]))
    [(0, 3, 'person'), (2, 3, 'place')]
    """
    names = fields.split("-")
    n_type = names.index("etype") if "etype" in names else len(names)
    open_mentions: dict[str, list[tuple[int, str]]] = {}
    for number, value in values:
        if _BRACKET.sub("", value):
            raise ValueError(f"Entity={value} is no sequence of brackets")
        for opened, is_closed, closed in _BRACKET.findall(value):
            attributes = (opened or closed).split("-")
            name = attributes[0]
            if _PART.search(name):
                raise ValueError(f"the mention {name} has gaps; goldwire has no spans with gaps")
            if opened:
                label = attributes[n_type] if n_type < len(attributes) and attributes[n_type] else _UNTYPED
                open_mentions.setdefault(name, []).append((number, label))
            if closed and not open_mentions.get(name):
                raise ValueError(f"the mention {name} ends without a start")
            if closed or is_closed:
                first, label = open_mentions[name].pop()
                yield first, number + 1, label
    left = next((name for name, mentions in open_mentions.items() if mentions), None)
    if left is not None:
        raise ValueError(f"the mention {left} has no end")


def around_empty_node(value: str) -> tuple[str, str]:
    """Return the brackets of a word that is not in the text: those for the word before it, and for the one after it.

    A mention of this word alone, such as a dropped pronoun, has no place in the text.

    Examples
    --------
    >>> around_empty_node("e1)(e2-person-1)(e3-place-1")
    ('e1)', '(e3-place-1')
    """
    brackets = _BRACKET.findall(value)
    before = "".join(f"{closed})" for _, _, closed in brackets if closed)
    return before, "".join(f"({opened}" for opened, is_closed, _ in brackets if opened and not is_closed)
