"""Pseudonyms of annotators, experts and machines, and their working time."""

from __future__ import annotations

import re

from goldwire.records.record import Record

__all__ = ["GOLD", "AnnotatorMinutes", "has_vote", "is_expert", "is_machine", "is_pseudonym"]

GOLD = "gold"
"""The annotator name of adjudicated layers."""


class AnnotatorMinutes(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Working time of one annotator in a batch, from the times of ticks; breaks are left out.

    `per_task` is the median, and `per_label` the mean over the tasks whose labels are known to be of one task.
    """

    annotator: str
    per_task: float
    per_label: float | None = None


_PSEUDONYM = re.compile(r"(?=.*\d)[A-Za-z][A-Za-z0-9_-]{0,19}")
_EXPERT = re.compile(r"E[0-9]+")
_MACHINE = re.compile(r"M[0-9]+")


def is_pseudonym(name: str) -> bool:
    """Whether an annotator's name is a pseudonym: letters followed by a number, such as `A1`."""
    return _PSEUDONYM.fullmatch(name) is not None


def is_expert(annotator: str) -> bool:
    """Whether an annotator's name is that of an expert, such as `E1`.

    Experts decide what the annotators dispute. Their layers are stored beside the annotators' layers and count in no
    agreement, no vote and no release.
    """
    return _EXPERT.fullmatch(annotator) is not None


def is_machine(annotator: str) -> bool:
    """Whether an annotator's name is that of a machine, such as `M1`.

    Layers of machines are stored beside the annotators' layers and, like those of experts, count in no agreement, no
    vote and no release.
    """
    return _MACHINE.fullmatch(annotator) is not None


def has_vote(annotator: str) -> bool:
    """Whether an annotator counts as one: not an expert, not a machine, and not `gold`."""
    return annotator != GOLD and not is_expert(annotator) and not is_machine(annotator)
