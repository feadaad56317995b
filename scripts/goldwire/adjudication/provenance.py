"""Counts of decisions by who decided them, and who annotated in the terms of the Hugging Face Hub."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import get_args

from goldwire.records import Decision, Provenance, is_machine

__all__ = ["MACHINE", "annotation_creators", "count_provenance", "describe_provenance"]

MACHINE = "machine-generated"
"""The Hub's term for labels that programs made."""

_ORDER: tuple[Provenance, ...] = get_args(Provenance)


def count_provenance(decisions: Iterable[Decision]) -> dict[str, int]:
    """Return the number of resolved decisions by who decided them: `unanimous`, `majority`, `single`, ...

    Examples
    --------
    >>> from goldwire.records import Decision
    >>> decided = Decision(article_id="a", kind="span", gold_id="T1", description="", n_votes=2, n_voters=3,
    ...     provenance="majority")
    >>> count_provenance([decided, decided])
    {'majority': 2}
    """
    counts = Counter(decision.provenance for decision in decisions)
    return {name: counts[name] for name in _ORDER if counts[name]}


def describe_provenance(counts: dict[str, int], *, by_machine: bool) -> str:
    """Return the counts in words; an expert that is a machine is called so."""
    words = {
        "unanimous": "by all annotators of the article",
        "majority": "by most of them",
        "single": "by the article's only annotator",
        "expert": f"by {'a machine in the role of an expert' if by_machine else 'an expert'}",
        "model": "by a model of the annotators",
    }
    return ", ".join(f"{count} {words[name]}" for name, count in counts.items()) or "none"


def annotation_creators(stated: Sequence[str], annotators: Iterable[str]) -> tuple[str, ...]:
    """Return who annotated, in the Hub's terms, as far as it is known.

    Parameters
    ----------
    stated : sequence of str
        What the workspace's settings state: `expert-generated`, `crowdsourced`, `machine-generated`. Pseudonyms do not
        say whether a person is an expert, so that this is never guessed.
    annotators : iterable of str
        The pseudonyms of all annotators and experts; machines are `M1`, `M2`, ...

    Returns
    -------
    tuple of str
        Empty if nothing is stated and not all annotators are machines.

    References
    ----------
    https://github.com/huggingface/hub-docs/blob/main/datasetcard.md has the Hub's terms.

    Examples
    --------
    >>> annotation_creators((), ["A1", "A2"])
    ()
    >>> annotation_creators((), ["M1", "M2"])
    ('machine-generated',)
    >>> annotation_creators(("expert-generated",), ["A1", "M1"])
    ('expert-generated', 'machine-generated')
    """
    names = list(annotators)
    machines = [name for name in names if is_machine(name)]
    if not stated:
        return (MACHINE,) if machines and len(machines) == len(names) else ()
    return (*stated, MACHINE) if machines and MACHINE not in stated else tuple(stated)
