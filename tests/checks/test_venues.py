"""What venues ask of a released version: each requirement that is not met has a fix, and what is met is seen."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from goldwire.checks.venues import VENUES, VenueReport, assess
from goldwire.release.documents import ReleaseDocuments, read_documents
from goldwire.release.reader import load_release
from goldwire.release.responsible_ai import NEURIPS_PROPERTIES
from support.paths import REPOSITORY


@pytest.fixture(scope="module")
def documents() -> ReleaseDocuments:
    release = load_release(REPOSITORY / "tests" / "tiny_repo", "0.0.1")
    return read_documents(release, repo_id="lab/tiny")


def states(report: VenueReport) -> dict[str, str]:
    return {one.name: one.state for one in report.requirements}


def test_neurips_lists_every_property_and_names_the_setting_that_fills_it(documents):
    report = assess("neurips", documents)
    assert set(NEURIPS_PROPERTIES) <= states(report).keys()
    missing = {one.name: one.fix for one in report.requirements if one.state == "missing" and one.required}
    assert missing.keys() == {"url", "creator", "rai:dataSocialImpact"}
    assert "social_impact in [tool.goldwire.statements]" in missing["rai:dataSocialImpact"]
    assert "authors in [tool.goldwire]" in missing["creator"]
    assert report.exit_code == 1
    filled = {**documents.croissant, **dict.fromkeys(missing, "x")}
    complete = assess("neurips", replace(documents, croissant=filled, croissant_issues=()))
    assert complete.exit_code == 0
    assert complete.to_text().endswith("(0 required), 1 to check by hand")


def test_a_property_that_is_false_is_stated(documents):
    croissant = {**documents.croissant, "rai:hasSyntheticData": False}
    assert states(assess("neurips", replace(documents, croissant=croissant)))["rai:hasSyntheticData"] == "met"


def test_an_issue_of_mlcroissant_is_shown_and_its_absence_is_not_taken_for_none(documents):
    (_, issue, *_) = assess("neurips", replace(documents, croissant_issues=("no creator", "no url"))).requirements
    assert (issue.state, issue.detail) == ("missing", "2 issues, such as no creator")
    (_, unknown, *_) = assess("neurips", replace(documents, croissant_issues=None)).requirements
    assert (unknown.state, unknown.fix) == ("manual", "pip install 'goldwire[audit]'")
    (_, absent, *_) = assess("neurips", replace(documents, croissant={})).requirements
    assert absent.state == "missing"


def test_the_hub_needs_a_repository_and_the_card_that_release_writes(documents):
    assert assess("hub", documents).exit_code == 0
    report = assess("hub", replace(documents, repo_id=None, card="", card_fields={}))
    missing = {name for name, state in states(report).items() if state == "missing"}
    assert {"repository ORG/NAME", "license in the card", "section Citation"} <= missing


def test_a_licence_that_the_hub_does_not_list_has_a_name_and_a_link(documents):
    assert "license_link in the card" not in states(assess("hub", documents))
    fields = {**documents.card_fields, "license": "other"}
    named = assess("hub", replace(documents, card_fields={**fields, "license_name": "eupl-1.2"}))
    assert states(named)["license_name in the card"] == "met"
    assert (states(named)["license_link in the card"], named.exit_code) == ("missing", 0)
    assert assess("hub", replace(documents, card_fields=fields)).exit_code == 1


def test_zenodo_has_limits_and_asks_for_authors(documents):
    report = assess("zenodo", documents)
    assert states(report)["creators"] == "missing"
    assert states(report)["at most 100 files and 50 GB"] == "met"
    large = tuple(replace(file, bytes=10**10) for file in documents.manifest.files)
    report = assess("zenodo", replace(documents, manifest=replace(documents.manifest, files=large)))
    assert states(report)["at most 100 files and 50 GB"] == "missing"


@pytest.mark.parametrize("venue", VENUES)
def test_each_requirement_is_listed_below_the_page_that_states_it(venue, documents):
    report = assess(venue, documents)
    pages = list(dict.fromkeys(one.source for one in report.requirements))
    assert all(page.startswith("https://") or page == "corpus/sources.toml" for page in pages)
    lines = report.to_text().splitlines()
    assert [line for line in lines[:-1] if not line.startswith(" ")] == pages  # each page once: its items are together
    guide = (REPOSITORY / "docs" / "standards.md").read_text(encoding="utf-8")
    assert all(page in guide for page in pages if page.startswith("https://"))


@pytest.mark.parametrize("venue", VENUES)
def test_what_is_missing_has_a_fix_and_text_that_may_not_be_given_away_is_missing(venue, documents):
    empty = replace(documents, card="", card_fields={}, croissant={}, citation={}, repo_id=None)
    withheld = replace(empty, manifest=replace(empty.manifest, withheld_sources=("herald",)))
    report = assess(venue, withheld)
    assert all(one.fix for one in report.requirements if one.state == "missing")
    assert states(report)["text that may be redistributed"] == "missing"
    standoff = replace(withheld, manifest=replace(withheld.manifest, standoff=True))
    assert states(assess(venue, standoff))["text that may be redistributed"] == "met"
