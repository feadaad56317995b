"""Waivers in annotations/waivers.toml: findings that a person has accepted, with a reason and an end date."""

from __future__ import annotations

import tomllib
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from goldwire.checks.document_parsing import TOML_BROKEN
from goldwire.checks.rule import Rule
from goldwire.records import Finding

__all__ = ["Waiver", "apply_waivers", "read_waivers"]

FILE = "annotations/waivers.toml"

WAIVER_INVALID = Rule(
    code="waiver-invalid",
    level=1,
    severity="error",
    summary="a waiver lacks its code, file, reason or end date, or its code does not exist",
    why="A waiver without a reason and an end date only hides a problem.",
    fix="Give the [[waiver]] a `code`, a `file`, a `reason` and `until = YYYY-MM-DD`; `item` is optional.",
    example="annotations/waivers.toml 1: L1 format error [waiver-invalid] Object missing required field `reason`",
)
WAIVER_UNUSED = Rule(
    code="waiver-unused",
    level=1,
    severity="warning",
    summary="a waiver matches no finding",
    why="It would hide the next problem of that kind at that place, although it was not accepted.",
    fix="Remove it from annotations/waivers.toml.",
    example=(
        "annotations/waivers.toml span-crosses annotations/layers/b01/A1.jsonl: L1 format warning "
        "[waiver-unused] no finding matches this waiver"
    ),
)
WAIVER_EXPIRED = Rule(
    code="waiver-expired",
    level=1,
    severity="error",
    summary="the end date of a waiver has passed",
    why="The finding was accepted only until that date; it counts again.",
    fix="Fix the problem that the waiver covers, or set a later date and update the reason.",
    example=(
        "annotations/waivers.toml text-email corpus/articles/wire.jsonl: L1 format error [waiver-expired] ended "
        "on 2021-01-01: a public desk"
    ),
)


class Waiver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Accepts the findings of one code in matching files.

    Attributes
    ----------
    code
        The code of the findings.
    file
        Their file; `*` and `?` are wildcards.
    item
        Their item. Default: any.
    reason
        Why they are accepted.
    until
        The last day on which they are accepted.
    """

    code: str
    file: str
    item: str | None = None
    reason: str
    until: date

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is accepted by this waiver."""
        return (
            self.code == finding.code
            and fnmatchcase(finding.file, self.file)
            and (self.item is None or self.item == finding.item)
        )


def read_waivers(text: str, codes: Container[str]) -> tuple[tuple[Waiver, ...], tuple[Finding, ...]]:
    """Parse the `[[waiver]]` tables of a file.

    Parameters
    ----------
    text
        The content of annotations/waivers.toml.
    codes
        All codes that exist.

    Returns
    -------
    tuple
        The valid waivers, and a finding for each invalid one.
    """
    try:
        tables = msgspec.convert(tomllib.loads(text).get("waiver", []), list[dict[str, Any]])
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError) as error:
        return (), (TOML_BROKEN.finding(FILE, str(error) or "nested too deeply"),)
    waivers, findings = [], []
    for number, table in enumerate(tables, 1):
        try:
            waiver = msgspec.convert(table, Waiver)
        except msgspec.ValidationError as error:
            findings.append(WAIVER_INVALID.finding(FILE, str(error), item=str(number)))
            continue
        if waiver.code not in codes:
            findings.append(WAIVER_INVALID.finding(FILE, f"no code {waiver.code!r}", item=str(number)))
        elif not waiver.reason.strip():
            findings.append(WAIVER_INVALID.finding(FILE, "the reason is empty", item=str(number)))
        else:
            waivers.append(waiver)
    return tuple(waivers), tuple(findings)


def apply_waivers(findings: Iterable[Finding], waivers: Sequence[Waiver], today: date) -> Iterator[Finding]:
    """Yield the findings that no current waiver covers, then one for each waiver that is unused or has expired."""
    used: set[int] = set()
    for finding in findings:
        covering = {number for number, waiver in enumerate(waivers) if waiver.covers(finding)}
        used |= covering
        if not any(waivers[number].until >= today for number in covering):
            yield finding
    for number, waiver in enumerate(waivers):
        name = f"{waiver.code} {waiver.file}"
        if number not in used:
            yield WAIVER_UNUSED.finding(FILE, "no finding matches this waiver", item=name)
        elif waiver.until < today:
            yield WAIVER_EXPIRED.finding(FILE, f"ended on {waiver.until}: {waiver.reason}", item=name)
