"""A report's findings in the formats that people, CI servers and editors read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

import msgspec

from goldwire.checks.registry import LEVELS, RULES, line
from goldwire.records import Finding

if TYPE_CHECKING:
    from goldwire.checks.report import CheckReport

__all__ = ["FORMATS", "as_github", "as_json", "as_junit", "as_sarif", "as_text"]


def as_text(report: CheckReport, *, color: bool = False) -> str:
    """One line a finding, then how many of each code; places are given from where the command runs."""
    counts = Counter(finding.code for finding in report.findings) + Counter(report.unshown)
    lines = [_painted(line(_placed(finding, report)), finding.code, color) for finding in report.findings]
    if counts:
        width = max(len(str(count)) for count in counts.values())
        lines.append("")
        for code, count in _by_level(counts):
            unshown = f" ({report.unshown[code]} not shown)" if code in report.unshown else ""
            lines.append(_painted(f"{count:>{width}}  [{code}] {RULES[code].summary}{unshown}", code, color))
    lines += [f"note: {note}" for note in report.notes]
    lines.append(f"{_plural(report.errors, 'error')}, {_plural(report.warnings, 'warning')}")
    return "\n".join(lines) + "\n"


def _placed(finding: Finding, report: CheckReport) -> Finding:
    return msgspec.structs.replace(finding, file=f"{report.base}{finding.file}")


def _painted(text: str, code: str, color: bool) -> str:
    """The code in red (an error) or yellow (a warning), what comes before it bold: the place that a terminal opens."""
    head, found, tail = text.partition(f"[{code}]")
    if not color or not found:
        return text
    shade = 31 if RULES[code].severity == "error" else 33
    place, rest = head.split(" ", 1) if ": L" in head else ("", head)
    place = f"\x1b[1m{place}\x1b[0m " if place else ""
    return f"{place}{rest}\x1b[{shade}m{found}\x1b[0m{tail}"


def as_json(report: CheckReport) -> str:
    """An array of findings with the level, severity and summary of their rule."""
    rows = [
        msgspec.structs.asdict(finding)
        | {
            "level": RULES[finding.code].level,
            "severity": RULES[finding.code].severity,
            "summary": RULES[finding.code].summary,
        }
        for finding in report.findings
    ]
    return msgspec.json.format(msgspec.json.encode(rows), indent=2).decode() + "\n"


def as_junit(report: CheckReport) -> str:
    """A JUnit test suite: a case for every rule that `check` looks for, failed by errors, its warnings as output."""
    by_code: dict[str, list[Finding]] = {code: [] for code, rule in RULES.items() if rule.by == "check"}
    for finding in report.findings:
        by_code.setdefault(finding.code, []).append(finding)
    failed = sum(RULES[code].severity == "error" for code, found in by_code.items() if found)
    out = ['<?xml version="1.0" encoding="UTF-8"?>']
    out.append(f'<testsuites><testsuite name="goldwire check" tests="{len(by_code)}" failures="{failed}">')
    for code, found in by_code.items():
        head = f"  <testcase classname={_attribute('L' + str(RULES[code].level))} name={_attribute(code)}"
        if not found:
            out.append(f"{head}/>")
            continue
        text = _escaped("\n".join(line(_placed(finding, report)) for finding in found))
        message = _attribute(f"{len(found)}: {RULES[code].summary}")
        body = (
            f"<failure message={message}>{text}</failure>"
            if RULES[code].severity == "error"
            else f"<system-out>{text}</system-out>"
        )
        out.append(f"{head}>{body}</testcase>")
    out.append("</testsuite></testsuites>")
    return "\n".join(out) + "\n"


def as_sarif(report: CheckReport) -> str:
    """SARIF 2.1.0: one run, with the rules that were found."""
    codes = [code for code, _ in _by_level(Counter(finding.code for finding in report.findings))]
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "goldwire", "rules": [_sarif_rule(code) for code in codes]}},
                "columnKind": "unicodeCodePoints",
                "results": [_sarif_result(_placed(f, report), codes.index(f.code)) for f in report.findings],
            }
        ],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _sarif_rule(code: str) -> dict[str, Any]:
    rule = RULES[code]
    return {
        "id": code,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.fix},
        "defaultConfiguration": {"level": rule.severity},
        "properties": {"tags": [f"L{rule.level}", LEVELS[rule.level]]},
    }


def _sarif_result(finding: Finding, index: int) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": {"uri": quote(finding.file), "uriBaseId": "%SRCROOT%"}}
    }
    if finding.line is not None:
        location["physicalLocation"]["region"] = {"startLine": finding.line}
    if finding.item is not None:
        location["logicalLocations"] = [{"name": finding.item}]
    return {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": RULES[finding.code].severity,
        "message": {"text": finding.message},
        "locations": [location],
    }


def as_github(report: CheckReport) -> str:
    """Workflow commands, which GitHub shows at the line of the pull request."""
    return "".join(f"{_github(_placed(finding, report))}\n" for finding in report.findings)


def _github(finding: Finding) -> str:
    where = "" if finding.item is None else f"{finding.item}: "
    at = f"file={_property(finding.file)}" + ("" if finding.line is None else f",line={finding.line}")
    title = _property(f"{finding.code}: {RULES[finding.code].summary}")
    return f"::{RULES[finding.code].severity} {at},title={title}::{_data(where + finding.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _by_level(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (RULES[item[0]].level, item[0]))


def _escaped(text: str) -> str:
    return escape(_xml_characters(text))


def _attribute(text: str) -> str:
    return quoteattr(_xml_characters(text))


def _xml_characters(text: str) -> str:
    """XML 1.0 has no way to write most control characters: they are shown as Python escapes."""
    return "".join(
        c if c in "\t\n" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff" else repr(c)[1:-1]
        for c in text
    )


def _plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


FORMATS: dict[str, Callable[[CheckReport], str]] = {
    "text": as_text,
    "json": as_json,
    "junit": as_junit,
    "sarif": as_sarif,
    "github": as_github,
}
"""Each format's name and how it is written."""
