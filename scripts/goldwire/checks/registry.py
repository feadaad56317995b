"""All rules by code and all checks by level, collected from the modules that define them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from difflib import get_close_matches
from types import MappingProxyType, ModuleType

from goldwire.checks import document_parsing, file_bytes, git_baseline, parsing, snapshot_reader, waivers
from goldwire.checks.check import Check
from goldwire.checks.rule import LEVELS, Rule
from goldwire.checks.rules import (
    agreement,
    assignment,
    clusters,
    content,
    corpus,
    coverage,
    datasets,
    files,
    format,
    gold,
    identical_layers,
    links,
    machines,
    prelabels,
    references,
    release,
    release_documents,
    released_votes,
    reproduction,
    row_consistency,
    server,
    server_losses,
    sisters,
    spans,
    splits,
    stances,
    stored_agreement,
    tasks,
    text,
)
from goldwire.errors import ConfigError
from goldwire.records import Finding

__all__ = ["CHECKS", "RULES", "explain", "is_error", "leaks_first", "select_codes", "sort_key"]

_MODULES = (
    *(file_bytes, parsing, document_parsing, snapshot_reader, files, links, format, text, waivers),
    *(references, corpus, tasks, stances, spans, content, clusters, sisters),
    *(
        coverage,
        gold,
        machines,
        prelabels,
        agreement,
        identical_layers,
        stored_agreement,
        splits,
        assignment,
        release,
        release_documents,
        released_votes,
        row_consistency,
        reproduction,
        git_baseline,
        datasets,
        server,
        server_losses,
    ),
)


def _rules(modules: tuple[ModuleType, ...]) -> dict[str, Rule]:
    """Return the rules that modules define, by code: those of `check` first, each group by level."""
    defined = {id(value): value for module in modules for value in vars(module).values() if isinstance(value, Rule)}
    ordered = sorted(defined.values(), key=lambda rule: (rule.found_by != "check", rule.found_by, rule.level))
    rules = {rule.code: rule for rule in ordered}
    if len(rules) < len(ordered):
        raise ValueError("two rules have the same code")
    return rules


def _checks(modules: tuple[ModuleType, ...]) -> Iterator[tuple[Check, ...]]:
    """Yield the checks that modules define, level by level."""
    defined = {id(value): value for module in modules for value in vars(module).values() if isinstance(value, Check)}
    for level in range(len(LEVELS)):
        yield tuple(check for check in defined.values() if check.level == level)


RULES = MappingProxyType(_rules(_MODULES))
"""Every rule by its code."""

CHECKS = tuple(_checks(_MODULES))
"""The checks of levels 0 to 5."""


def is_error(finding: Finding) -> bool:
    """Whether the finding is an error and not a warning."""
    return RULES[finding.code].severity == "error"


def sort_key(finding: Finding) -> tuple[str, int, int, str, str, str]:
    """Return the sort key of a finding: file, line, level, code, item, message."""
    level = RULES[finding.code].level
    return (finding.file, finding.line or 0, level, finding.code, finding.item or "", finding.message)


def leaks_first(finding: Finding) -> tuple[bool, bool, int, str]:
    """Return the sort key of a finding of an audit: what is wrong between splits, then errors, by level and code."""
    rule = RULES[finding.code]
    has_error = rule.severity == "error"
    return not (has_error and rule.level == LEVELS.index("split")), not has_error, rule.level, rule.code


def select_codes(names: tuple[str, ...] | list[str]) -> frozenset[str]:
    """Return the codes that names select: codes, prefixes of codes (`span`) or levels (`L2`).

    Raises
    ------
    ConfigError
        A name selects no code.
    """
    selected: set[str] = set()
    for name in names:
        codes = {c for c, rule in RULES.items() if name in (c, f"L{rule.level}") or c.startswith(f"{name}-")}
        if not codes:
            raise _unknown_code(name)
        selected |= codes
    return frozenset(selected)


def explain(code: str) -> str:
    """Return the explanation of a code: summary, reason, fix and example.

    Parameters
    ----------
    code
        A code, or `all` for one line per code.

    Raises
    ------
    ConfigError
        There is no such code; the hint names similar ones.
    """
    if code == "all":
        width = max(map(len, RULES))
        return "\n".join(
            f"L{rule.level} {rule.severity:<7} {rule.code:<{width}}  {rule.summary}" for rule in RULES.values()
        )
    if code not in RULES:
        raise _unknown_code(code)
    rule = RULES[code]
    command = "" if rule.found_by == "check" else f", reported by `goldwire {rule.found_by}`"
    paragraphs = (
        f"{rule.code}: L{rule.level} {LEVELS[rule.level]} {rule.severity}{command}",
        f"What     {rule.summary}",
        f"Why      {rule.why}",
        f"Fix      {rule.fix}{' Automatic: `goldwire check --fix`.' if rule.fixable else ''}",
        f"Example  {rule.example}",
    )
    return "\n".join(
        textwrap.fill(paragraph, 100, subsequent_indent=" " * 9, break_on_hyphens=False) for paragraph in paragraphs
    )


def _unknown_code(name: str) -> ConfigError:
    similar = ", ".join(get_close_matches(name, RULES, n=3, cutoff=0.5))
    hint = f"did you mean {similar}?" if similar else "`goldwire check --explain all` lists all codes"
    return ConfigError(f"no code {name!r}", hint=hint)
