"""Waivers: findings that somebody accepted, for a reason, until a day."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from goldwire.checks.registry import RULES
from goldwire.records import Finding

__all__ = ["Waiver", "read_waivers", "waive"]

FILE = "annotations/waivers.toml"


class Waiver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Accepts the findings of a code in a file (`*` and `?` stand for anything), or only those at one place in it."""

    code: str
    file: str
    item: str | None = None
    reason: str
    until: date

    def covers(self, finding: Finding) -> bool:
        """Whether it is this finding that was accepted."""
        return (
            self.code == finding.code
            and fnmatchcase(finding.file, self.file)
            and (self.item is None or self.item == finding.item)
        )


def read_waivers(text: str) -> tuple[tuple[Waiver, ...], tuple[Finding, ...]]:
    """The `[[waiver]]` tables of a file's text, and a finding for each that is none."""
    try:
        tables = tomllib.loads(text).get("waiver", [])
        tables = msgspec.convert(tables, list[dict[str, Any]])
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError) as error:
        return (), (_finding("toml-broken", None, str(error) or "nested too deeply"),)
    waivers, findings = [], []
    for number, table in enumerate(tables, 1):
        try:
            waiver = msgspec.convert(table, Waiver)
        except msgspec.ValidationError as error:
            findings.append(_finding("waiver-invalid", str(number), str(error)))
            continue
        if waiver.code not in RULES:
            findings.append(_finding("waiver-invalid", str(number), f"no code {waiver.code!r}"))
        elif not waiver.reason.strip():
            findings.append(_finding("waiver-invalid", str(number), "the reason is empty"))
        else:
            waivers.append(waiver)
    return tuple(waivers), tuple(findings)


def waive(findings: Iterable[Finding], waivers: Sequence[Waiver], today: date) -> Iterator[Finding]:
    """Yield the findings that nobody accepted, then one for each waiver that is past its day or that none needed."""
    used: set[int] = set()
    for finding in findings:
        covering = {number for number, waiver in enumerate(waivers) if waiver.covers(finding)}
        used |= covering
        if not any(waivers[number].until >= today for number in covering):
            yield finding
    for number, waiver in enumerate(waivers):
        name = f"{waiver.code} {waiver.file}"
        if number not in used:
            yield _finding("waiver-unused", name, "no finding needs this waiver")
        elif waiver.until < today:
            yield _finding("waiver-expired", name, f"ended on {waiver.until}: {waiver.reason}")


def _finding(code: str, where: str | None, message: str) -> Finding:
    return Finding(code=code, file=FILE, line=None, item=where, message=message)
