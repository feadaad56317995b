"""Corruptions of a clean workspace at random places, for mutation tests of the checks."""

from __future__ import annotations

from support.corruptions import articles, files, layers, plans, releases
from support.corruptions.base import Corruption

__all__ = ["CORRUPTIONS"]

CORRUPTIONS: dict[str, Corruption] = {
    name: value
    for module in (files, articles, layers, plans, releases)
    for name, value in vars(module).items()
    if isinstance(value, Corruption)
}
"""All corruptions by name."""
