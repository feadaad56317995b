"""Waivers: which findings they cover, and which waivers are invalid."""

from __future__ import annotations

from datetime import date

import pytest

from goldwire.checks.waivers import Waiver, apply_waivers, read_waivers
from goldwire.records import Finding

FINDING = Finding(code="span-nested", file="annotations/layers/b01/A1.jsonl", line=3, item="T4", message="inside T3")
TODAY = date(2026, 1, 1)


def waiver(*, file: str = FINDING.file, item: str | None = None, until: date = TODAY) -> Waiver:
    return Waiver(code=FINDING.code, file=file, item=item, reason="agreed", until=until)


@pytest.mark.parametrize(
    ("file", "item", "covers"),
    [
        (FINDING.file, None, True),
        (FINDING.file, "T4", True),
        (FINDING.file, "T5", False),
        ("annotations/layers/*/A?.jsonl", None, True),
        ("annotations/gold/*", None, False),
    ],
)
def test_a_waiver_covers_a_code_in_matching_files(file: str, item: str | None, covers: bool) -> None:
    assert waiver(file=file, item=item).covers(FINDING) is covers
    remaining = [finding.code for finding in apply_waivers([FINDING], [waiver(file=file, item=item)], TODAY)]
    assert remaining == ([] if covers else ["span-nested", "waiver-unused"])


def test_a_waiver_ends_after_its_last_day() -> None:
    ended = waiver(until=date(2025, 12, 31))
    assert [finding.code for finding in apply_waivers([FINDING], [ended], TODAY)] == ["span-nested", "waiver-expired"]
    accepted = apply_waivers([FINDING], [ended, waiver()], TODAY)
    assert [finding.code for finding in accepted] == ["waiver-expired"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[[waiver]\n", "toml-broken"),
        ("waiver = 1\n", "toml-broken"),
        ('[[waiver]]\ncode = "span-nested"\nfile = "x"\nuntil = 2026-01-01\n', "waiver-invalid"),
        ('[[waiver]]\ncode = "span-nested"\nfile = "x"\nreason = " "\nuntil = 2026-01-01\n', "waiver-invalid"),
        ('[[waiver]]\ncode = "no-such-code"\nfile = "x"\nreason = "r"\nuntil = 2026-01-01\n', "waiver-invalid"),
        ('[[waiver]]\ncode = "span-nested"\nfile = "x"\nreason = "r"\nuntil = "soon"\n', "waiver-invalid"),
    ],
)
def test_an_invalid_waiver_is_a_finding(text: str, code: str) -> None:
    waivers, findings = read_waivers(text, {"span-nested"})
    assert waivers == ()
    assert [finding.code for finding in findings] == [code]
