"""Problems that checks find."""

from __future__ import annotations

from typing import Literal

from goldwire.records.record import Record

__all__ = ["Finding", "Severity"]

Severity = Literal["error", "warning"]


class Finding(Record, frozen=True, kw_only=True):
    """A problem that a check found, with the file and line where a person can see it.

    Attributes
    ----------
    code
        The rule, such as `span-text-mismatch`; `goldwire check --explain CODE` describes it.
    file
        Path relative to the workspace.
    line
        The line, from 1; None for the whole file.
    item
        What the finding is about: the id of an article, a span (`T4`) or a stance (`R2`), or None.
    message
        What is wrong there.
    """

    code: str
    file: str
    line: int | None = None
    item: str | None = None
    message: str
