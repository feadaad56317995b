"""Lines that are nothing but a web address: links to sources, or the products of an article about what to buy."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["MAX_SOURCE_LINKS", "is_address_line", "lists_addresses"]

MAX_SOURCE_LINKS = 2
"""Addresses on lines of their own: an article with more of them lists what to buy, and they are part of it."""

_ADDRESS = re.compile(r"https?://\S+")


def is_address_line(line: str) -> bool:
    """Whether the whole line is one web address."""
    return line.startswith("http") and _ADDRESS.fullmatch(line) is not None


def lists_addresses(lines: Iterable[str]) -> bool:
    """Whether more than two of these body lines are web addresses, which then belong to the article."""
    return sum(map(is_address_line, lines)) > MAX_SOURCE_LINKS
