"""Checks: generators of findings over a snapshot, each bound to the rules that it reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from goldwire.checks.rule import Rule
from goldwire.checks.snapshot import Snapshot
from goldwire.records import Finding

__all__ = ["Check", "check"]

FindingGenerator = Callable[[Snapshot], Iterator[Finding]]


class Check(msgspec.Struct, frozen=True):
    """A generator of findings and the rules that it declares; called like the generator itself."""

    generate: FindingGenerator
    rules: tuple[Rule, ...]

    def __call__(self, snapshot: Snapshot) -> Iterator[Finding]:
        """Yield the findings; a code that the check does not declare is a ValueError."""
        declared = {rule.code for rule in self.rules}
        for finding in self.generate(snapshot):
            if finding.code not in declared:
                raise ValueError(f"the check {self.name} does not declare the code {finding.code!r}")
            yield finding

    @property
    def name(self) -> str:
        """The name of the generator function."""
        return getattr(self.generate, "__name__", repr(self.generate))

    @property
    def level(self) -> int:
        """The level of all its rules."""
        return self.rules[0].level


def check(*rules: Rule) -> Callable[[FindingGenerator], Check]:
    """Bind a generator of findings to the rules that it reports, all of one level."""
    if len({rule.level for rule in rules}) != 1:
        raise ValueError("a check reports rules of exactly one level")

    def bind(generate: FindingGenerator) -> Check:
        return Check(generate, rules)

    return bind
