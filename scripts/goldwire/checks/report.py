"""The result of `goldwire check` and `goldwire audit`, and the formats in which it is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

import msgspec

from goldwire.checks.registry import RULES, is_error, select_codes
from goldwire.checks.rule import LEVELS
from goldwire.errors import ConfigError
from goldwire.quantities import quantity
from goldwire.records import Finding
from goldwire.text_table import wrap_lines

__all__ = ["FORMATS", "CheckReport", "Options", "escape_unprintable", "finding_line", "path_prefix", "report"]


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """Options of a report: what to report, and how.

    Attributes
    ----------
    select, ignore
        Codes, prefixes of codes (`span`) or levels (`L2`) to report, and not to report. Default: report all.
    format
        A key of `FORMATS`.
    strict
        Whether warnings count for the exit code.
    max_per_code
        Number of findings listed per code; further ones are only counted. Default: list all.
    """

    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    format: str = "text"
    strict: bool = False
    max_per_code: int | None = None

    def selected_codes(self) -> frozenset[str]:
        """Return the codes to report.

        Raises
        ------
        ConfigError
            `select` or `ignore` names no code, or there is no such format.
        """
        if self.format not in FORMATS:
            raise ConfigError(f"no format {self.format!r}", hint=f"choose one of {', '.join(FORMATS)}")
        selected = select_codes(list(self.select)) if self.select else frozenset(RULES)
        return selected - select_codes(list(self.ignore))


class CheckReport(msgspec.Struct, frozen=True, kw_only=True):
    """The findings of a workspace or dataset.

    Attributes
    ----------
    findings
        The listed findings.
    errors, warnings
        Number of all errors and warnings, listed or not.
    unlisted
        Number of findings that are not listed, by code.
    notes
        What was not checked, and why.
    strict
        Whether warnings count for the exit code.
    format
        The format of `render`, a key of `FORMATS`.
    base
        Path from the working folder to the workspace or dataset, put before file names so that they can be opened.
    conclusion
        The last line of the text, such as `test/train leak: 406 of 1,586 texts (26%)`; empty if there is none.
    """

    findings: tuple[Finding, ...]
    errors: int
    warnings: int
    unlisted: dict[str, int]
    notes: tuple[str, ...]
    strict: bool
    format: str
    base: str = ""
    conclusion: str = ""

    @property
    def exit_code(self) -> int:
        """1 if there are errors (with `strict`, also for warnings), else 0."""
        return int(self.errors > 0 or (self.strict and self.warnings > 0))

    def render(self, format: str | None = None, *, color: bool = False, width: int | None = None) -> str:
        """Return the report in a format of `FORMATS`; `color` and `width` apply to `text`.

        With `width`, lines are wrapped. Default: a finding is one line.
        """
        name = format or self.format
        return format_text(self, color=color, width=width) if name == "text" else FORMATS[name](self)

    def to_text(self) -> str:
        """Return the report in its own format."""
        return self.render().rstrip("\n")

    def located(self) -> Iterator[Finding]:
        """Yield the findings with file names relative to the working folder."""
        for finding in self.findings:
            yield msgspec.structs.replace(finding, file=f"{self.base}{finding.file}")


def report(
    findings: Iterable[Finding],
    options: Options,
    *,
    unlisted: Mapping[str, int] = {},
    notes: tuple[str, ...] = (),
    base: str = "",
    conclusion: str = "",
) -> CheckReport:
    """Select and count findings.

    Parameters
    ----------
    findings
        All findings; those with other codes than `options` selects are dropped.
    options
        What to report, and how.
    unlisted
        Number of further findings by code, which are not in `findings`.
    notes, base, conclusion
        See `CheckReport`.
    """
    codes = options.selected_codes()
    unlisted_per_code: Counter[str] = Counter({code: count for code, count in unlisted.items() if code in codes})
    listed_per_code: Counter[str] = Counter()
    listed = []
    for finding in findings:
        if finding.code in codes:
            if options.max_per_code is None or listed_per_code[finding.code] < options.max_per_code:
                listed_per_code[finding.code] += 1
                listed.append(finding)
            else:
                unlisted_per_code[finding.code] += 1
    errors = sum(map(is_error, listed)) + sum(
        n for code, n in unlisted_per_code.items() if RULES[code].severity == "error"
    )
    return CheckReport(
        findings=tuple(listed),
        errors=errors,
        warnings=len(listed) + unlisted_per_code.total() - errors,
        unlisted=dict(sorted(unlisted_per_code.items())),
        notes=notes,
        strict=options.strict,
        format=options.format,
        base=base,
        conclusion=conclusion,
    )


def path_prefix(folder: Path, working_folder: Path) -> str:
    """Return what to put before file names so that they can be opened from `working_folder` (both are absolute)."""
    if folder == working_folder:
        return ""
    path = folder.relative_to(working_folder) if folder.is_relative_to(working_folder) else folder
    return path.as_posix() + "/"


def finding_line(finding: Finding) -> str:
    """Return a finding as one line: `file:line item: L2 span error [code] message`."""
    rule = RULES[finding.code]
    location = finding.file if finding.line is None else f"{finding.file}:{finding.line}"
    item = "" if finding.item is None else f" {finding.item}"
    kind = f"L{rule.level} {LEVELS[rule.level]} {rule.severity} [{rule.code}]"
    return escape_unprintable(f"{location}{item}: {kind} {finding.message}")


def escape_unprintable(text: str) -> str:
    """Return the text with Python escapes for characters that break a line or control a terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def format_text(report: CheckReport, *, color: bool = False, width: int | None = None) -> str:
    """Return the findings, then the number of findings per code, in lines of at most `width` characters."""

    def wrapped(line: str) -> str:
        return line if width is None else "\n".join(wrap_lines([line], width))

    counts = Counter(finding.code for finding in report.findings) + Counter(report.unlisted)
    lines = [_color_line(wrapped(finding_line(finding)), finding.code, color) for finding in report.located()]
    if counts:
        digits = max(len(str(count)) for count in counts.values())
        lines.append("")
        # Of an audit, leaks come first, as among the findings.
        for code, count in counts.items() if report.conclusion else _by_level(counts):
            more = f" ({report.unlisted[code]} not listed)" if code in report.unlisted else ""
            lines.append(_color_line(wrapped(f"{count:>{digits}}  [{code}] {RULES[code].summary}{more}"), code, color))
    lines += [wrapped(f"note: {note}") for note in report.notes]
    lines.append(f"{quantity(report.errors, 'error')}, {quantity(report.warnings, 'warning')}")
    lines += [wrapped(escape_unprintable(report.conclusion))] if report.conclusion else []
    return "\n".join(lines) + "\n"


def _color_line(text: str, code: str, color: bool) -> str:
    """Return the line with its code in red (error) or yellow (warning) and its location in bold."""
    head, bracketed, tail = text.partition(f"[{code}]")
    if not color or not bracketed:
        return text
    shade = 31 if RULES[code].severity == "error" else 33
    location, rest = head.split(" ", 1) if ": L" in head else ("", head)
    location = f"\x1b[1m{location}\x1b[0m " if location else ""
    return f"{location}{rest}\x1b[{shade}m{bracketed}\x1b[0m{tail}"


def format_json(report: CheckReport) -> str:
    """Return a JSON array with one object per finding.

    Its keys: `code`; `file` (relative to the workspace or dataset); `line` (from 1; null for the whole file); `item`
    (the id of the article, span or stance, or null); `message`; and of the rule `level` (0 to 5), `severity`
    (`error` or `warning`) and `summary`.
    """
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


def format_junit(report: CheckReport) -> str:
    """Return JUnit XML: one test case per rule, failed if there are errors; warnings are its output."""
    by_code: dict[str, list[Finding]] = {code: [] for code, rule in RULES.items() if rule.found_by != "pull"}
    for finding in report.located():
        by_code.setdefault(finding.code, []).append(finding)
    failures = sum(RULES[code].severity == "error" for code, findings in by_code.items() if findings)
    xml = ['<?xml version="1.0" encoding="UTF-8"?>']
    xml.append(f'<testsuites><testsuite name="goldwire check" tests="{len(by_code)}" failures="{failures}">')
    for code, findings in by_code.items():
        attributes = f"classname={_xml_attribute('L' + str(RULES[code].level))} name={_xml_attribute(code)}"
        if not findings:
            xml.append(f"  <testcase {attributes}/>")
            continue
        text = _xml_text("\n".join(map(finding_line, findings)))
        message = _xml_attribute(f"{len(findings)}: {RULES[code].summary}")
        if RULES[code].severity == "error":
            body = f"<failure message={message}>{text}</failure>"
        else:
            body = f"<system-out>{text}</system-out>"
        xml.append(f"  <testcase {attributes}>{body}</testcase>")
    xml.append("</testsuite></testsuites>")
    return "\n".join(xml) + "\n"


def format_sarif(report: CheckReport) -> str:
    """Return SARIF 2.1.0: one run, with the rules of its findings."""
    codes = [code for code, _ in _by_level(Counter(finding.code for finding in report.findings))]
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "goldwire", "rules": [_sarif_rule(code) for code in codes]}},
                "columnKind": "unicodeCodePoints",
                "results": [_sarif_result(finding, codes.index(finding.code)) for finding in report.located()],
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


def _sarif_result(finding: Finding, rule_index: int) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": {"uri": quote(finding.file), "uriBaseId": "%SRCROOT%"}}
    }
    if finding.line is not None:
        location["physicalLocation"]["region"] = {"startLine": finding.line}
    if finding.item is not None:
        location["logicalLocations"] = [{"name": finding.item}]
    return {
        "ruleId": finding.code,
        "ruleIndex": rule_index,
        "level": RULES[finding.code].severity,
        "message": {"text": finding.message},
        "locations": [location],
    }


def format_github(report: CheckReport) -> str:
    """Return workflow commands, which GitHub shows at their lines in the pull request."""
    return "".join(f"{_github_command(finding)}\n" for finding in report.located())


def _github_command(finding: Finding) -> str:
    item = "" if finding.item is None else f"{finding.item}: "
    line = "" if finding.line is None else f",line={finding.line}"
    title = _github_property(f"{finding.code}: {RULES[finding.code].summary}")
    properties = f"file={_github_property(finding.file)}{line},title={title}"
    return f"::{RULES[finding.code].severity} {properties}::{_github_data(item + finding.message)}"


def _github_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _github_property(text: str) -> str:
    return _github_data(text).replace(":", "%3A").replace(",", "%2C")


def _by_level(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (RULES[item[0]].level, item[0]))


def _xml_text(text: str) -> str:
    return escape(_xml_characters(text))


def _xml_attribute(text: str) -> str:
    return quoteattr(_xml_characters(text))


def _xml_characters(text: str) -> str:
    """Return the text with Python escapes for the control characters that XML 1.0 cannot represent."""
    return "".join(
        c if c in "\t\n" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff" else repr(c)[1:-1]
        for c in text
    )


FORMATS: dict[str, Callable[[CheckReport], str]] = {
    "text": format_text,
    "json": format_json,
    "junit": format_junit,
    "sarif": format_sarif,
    "github": format_github,
}
"""Each format by its name, with the function that writes it."""
