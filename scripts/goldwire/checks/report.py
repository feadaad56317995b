"""What a check found, as one answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from goldwire.checks.registry import RULES, explain, is_error
from goldwire.checks.render import FORMATS
from goldwire.errors import ConfigError
from goldwire.records import Finding

__all__ = ["CheckReport", "Options", "codes_of", "path_prefix", "report"]


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for and how to show it.

    `select` and `ignore` name codes, beginnings of codes (`span`) or levels (`L2`); `strict` makes warnings count for
    the exit code; `max_per_code` spells out that many findings of a code and counts the rest.
    """

    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    format: str = "text"
    strict: bool = False
    max_per_code: int | None = None

    def selected_codes(self) -> frozenset[str]:
        """The codes to look for; a name that stands for none, and a format that is none, is a GoldwireError."""
        if self.format not in FORMATS:
            raise ConfigError(f"no format {self.format!r}", hint=f"choose one of {', '.join(FORMATS)}")
        wanted = codes_of(self.select) if self.select else frozenset(RULES)
        return wanted - codes_of(self.ignore)


class CheckReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. `unshown` counts by code the findings that are not spelt out; they count in the totals.

    `base` is the way from where the command runs to the workspace or dataset, for places that can be clicked.
    """

    findings: tuple[Finding, ...]
    errors: int
    warnings: int
    unshown: dict[str, int]
    notes: tuple[str, ...]
    strict: bool
    format: str
    base: str = ""

    @property
    def exit_code(self) -> int:
        """0 clean, 1 errors (or, where `strict`, warnings)."""
        return int(self.errors > 0 or (self.strict and self.warnings > 0))

    def render(self, format: str | None = None, *, color: bool = False) -> str:
        """The findings as text (in `color` for a terminal), json, junit, sarif or github."""
        from goldwire.checks.render import as_text

        name = format or self.format
        return as_text(self, color=color) if name == "text" else FORMATS[name](self)

    def to_text(self) -> str:
        """Return the report in its own format."""
        return self.render().rstrip("\n")


def report(
    found: Iterable[Finding],
    options: Options,
    *,
    unshown: Mapping[str, int] = {},
    notes: tuple[str, ...] = (),
    base: str = "",
) -> CheckReport:
    """Pick out of `found` what was asked for; `unshown` counts by code what is not in it but was found."""
    wanted = options.selected_codes()
    counts: Counter[str] = Counter({code: count for code, count in unshown.items() if code in wanted})
    spelt: Counter[str] = Counter()
    shown = []
    for finding in found:
        if finding.code in wanted:
            if options.max_per_code is None or spelt[finding.code] < options.max_per_code:
                spelt[finding.code] += 1
                shown.append(finding)
            else:
                counts[finding.code] += 1
    errors = sum(map(is_error, shown)) + sum(n for code, n in counts.items() if RULES[code].severity == "error")
    return CheckReport(
        findings=tuple(shown),
        errors=errors,
        warnings=len(shown) + counts.total() - errors,
        unshown=dict(sorted(counts.items())),
        notes=notes,
        strict=options.strict,
        format=options.format,
        base=base,
    )


def codes_of(names: Sequence[str]) -> frozenset[str]:
    """The codes that names stand for; a name that stands for none is a GoldwireError."""
    found: set[str] = set()
    for name in names:
        codes = {c for c, rule in RULES.items() if name in (c, f"L{rule.level}") or c.startswith(f"{name}-")}
        if not codes:
            explain(name)  # raises, with the codes that are near
        found |= codes
    return frozenset(found)


def path_prefix(folder: Path, working_folder: Path) -> str:
    """Return what to put before file names so that they can be opened from `working_folder` (both are absolute)."""
    if folder == working_folder:
        return ""
    path = folder.relative_to(working_folder) if folder.is_relative_to(working_folder) else folder
    return path.as_posix() + "/"
