"""Mutation tests: a corruption at random places causes exactly the expected findings."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from goldwire.checks.registry import RULES
from goldwire.stages import check
from goldwire.workspace.layout import find_workspace
from support.corruptions import CORRUPTIONS
from support.corruptions.base import ANY_ITEM, WorkspaceCopy
from support.factories import copy_tiny_repo

pytestmark = pytest.mark.usefixtures("remembered_results")

SEEDS = 20

# Rules of `check` that only their case in tests/cases/ tests: a random change of one place does not give them.
WITHOUT_CORRUPTION = {
    *("cluster-similarity-wrong", "prelabels-stale"),  # test_fields.py changes each of their fields
    *("inclusion-probability-invalid", "layer-field-misplaced"),  # likewise
    *("article-not-reproduced", "release-not-reproduced"),  # likewise, for `check --deep`
    *("annotators-identical", "assignment-version-wrong"),
    *("release-document-wrong", "release-row-wrong"),  # test_fields.py and test_released_rows.py, likewise
    *("agreement-below-floor", "agreement-unmeasured", "annotator-outlier", "assignment-changed", "correction-broken"),
    *("assignment-out-of-order", "assignment-rewritten", "datasheet-stale", "file-unreadable"),
    *("gold-missing", "gold-unresolved", "gold-unsupported", "headline-across-splits", "id-malformed"),
    *("label-undisputed", "near-text-across-splits", "overlap-uneven", "release-real-name"),
    *(
        "release-rewritten",
        "release-unreadable",
        "release-votes-wrong",
        "sentence-two-labels",
        "span-invisible-character",
        "span-nested",
    ),
    *("span-outside-window", "span-splits-grapheme", "span-splits-token", "split-empty", "split-lacks-label"),
    *("split-missing", "stance-type-forbidden", "surface-two-labels", "text-across-splits"),
    *("text-repeated", "text-two-labels", "waiver-expired", "waiver-invalid", "waiver-unused"),
}


def test_every_rule_has_a_corruption_or_is_listed() -> None:
    codes = {code for corruption in CORRUPTIONS.values() for code in corruption.codes}
    assert {code for code, rule in RULES.items() if rule.found_by == "check"} - codes == WITHOUT_CORRUPTION


@pytest.mark.parametrize("name", sorted(CORRUPTIONS))
def test_a_corruption_causes_exactly_its_findings(name: str, tmp_path: Path) -> None:
    corruption = CORRUPTIONS[name]
    reported: set[str] = set()
    for seed in range(SEEDS):
        root = tmp_path / str(seed)
        copy_tiny_repo(root)
        expected = corruption.apply(WorkspaceCopy(root), random.Random(f"{name} {seed}"))
        findings = check.run(find_workspace(root, explicit=True)).findings
        wildcards = {(code, file): (line, item) for code, file, line, item in expected if item == ANY_ITEM}
        locations = [(f.code, f.file, *wildcards.get((f.code, f.file), (f.line, f.item))) for f in findings]
        assert sorted(map(str, locations)) == sorted(map(str, expected)), seed
        reported |= {finding.code for finding in findings}
    assert reported == set(corruption.codes)
