"""The table of everything that can be found wrong, and how a finding reads.

Codes are public: they never change their meaning.
"""

from __future__ import annotations

import textwrap
from types import MappingProxyType

from goldwire.checks import waivers
from goldwire.checks.rule import LEVELS, Rule, Severity
from goldwire.checks.rules import (
    content_texts,
    coverage_texts,
    files_texts,
    format_texts,
    references_texts,
    server,
    spans_texts,
    splits_texts,
    texts_texts,
)
from goldwire.errors import ConfigError
from goldwire.records import Finding

__all__ = ["LEVELS", "RULES", "Rule", "Severity", "explain", "is_error", "line", "order", "place", "visible"]

RULES = MappingProxyType(
    {
        rule.code: rule
        for table in (
            files_texts,
            format_texts,
            waivers,
            texts_texts,
            references_texts,
            spans_texts,
            content_texts,
            coverage_texts,
            splits_texts,
            server,
        )
        for rule in table.RULES
    }
)
"""Every rule by its code, more or less in the order of the levels, those of the server last."""


def is_error(finding: Finding) -> bool:
    """Whether the finding is an error, rather than a warning."""
    return bool(RULES[finding.code].severity == "error")


def order(finding: Finding) -> tuple[str, int, int, str, str, str]:
    """Sort key: file, line, then level, code and place in the line."""
    level = RULES[finding.code].level
    return (finding.file, finding.line or 0, level, finding.code, finding.item or "", finding.message)


def place(finding: Finding) -> str:
    """`file`, or `file:line`, which terminals and editors open."""
    return finding.file if finding.line is None else f"{finding.file}:{finding.line}"


def line(finding: Finding) -> str:
    """The one line of a finding: `place where: L2 span error [code] message`."""
    rule = RULES[finding.code]
    where = "" if finding.item is None else f" {finding.item}"
    what = f"L{rule.level} {LEVELS[rule.level]} {rule.severity} [{rule.code}]"
    return visible(f"{place(finding)}{where}: {what} {finding.message}")


def visible(text: str) -> str:
    """The text on one line, with every character that a terminal would obey or hide as its Python escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def explain(code: str) -> str:
    """What the code means, why it matters, how to mend it, and an example; of `all`, one line each.

    Unknown codes raise a GoldwireError that names those that are near.
    """
    if code == "all":
        width = max(map(len, RULES))
        return "\n".join(
            f"L{rule.level} {rule.severity:<7} {rule.code:<{width}}  {rule.summary}" for rule in RULES.values()
        )
    rule = RULES.get(code)
    if rule is None:
        from difflib import get_close_matches

        near = ", ".join(get_close_matches(code, RULES, n=3, cutoff=0.5))
        raise ConfigError(
            f"no code {code!r}",
            hint=f"did you mean {near}?" if near else "`goldwire check --explain all` lists them",
        )
    mended = " (`goldwire check --fix` can)" if rule.mended else ""
    found = "" if rule.by == "check" else f", found by `goldwire {rule.by}`"
    parts = (
        f"{rule.code}: L{rule.level} {LEVELS[rule.level]} {rule.severity}{found}",
        f"What     {rule.summary}",
        f"Why      {rule.why}",
        f"Mend     {rule.fix}{mended}",
        f"Example  {rule.example}",
    )
    return "\n".join(textwrap.fill(part, 100, subsequent_indent=" " * 9, break_on_hyphens=False) for part in parts)
