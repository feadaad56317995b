"""Which version comes next, and why."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from goldwire.errors import GoldwireError
from goldwire.release.diff import ArticleState, GoldLabel, VersionContents, compare
from goldwire.workspace.versions import bump, latest, parse, plain

PER, ORG = GoldLabel("Ada Ito [0, 7)", "PER"), GoldLabel("Ada Ito [0, 7)", "ORG")
OLD = VersionContents(
    version="1.2.3",
    guidelines_version="1.0",
    label_descriptions={"PER": "a person"},
    articles={"a": ArticleState("train", "x", (PER,)), "b": ArticleState("test", "y", ())},
    annotations_digest="0",
)


@pytest.mark.parametrize("wrong", ["1.2", "1.2.3.4", "01.2.3", "1.2.x", "", "v", "1.2.3-rc1"])
def test_what_is_no_version(wrong):
    with pytest.raises(GoldwireError):
        parse(wrong)


def test_versions_sort_as_numbers():
    assert latest(["v0.9.0", "v0.10.0", "notes", "0.2.0"]) == "0.10.0"
    assert latest([]) is None
    assert plain("v1.0.0") == "1.0.0"


def test_what_comes_next():
    assert [bump("1.2.3", part) for part in ("major", "minor", "patch")] == ["2.0.0", "1.3.0", "1.2.4"]
    assert bump(None, "major") == "0.0.1"


def changed(**articles: ArticleState | None) -> VersionContents:
    kept = {**OLD.articles, **articles}
    return replace(OLD, version="next", articles={name: state for name, state in kept.items() if state is not None})


@pytest.mark.parametrize(
    ("new", "part", "kinds"),
    [
        (changed(), None, []),
        (changed(c=ArticleState("train", "z", ())), "minor", ["added"]),
        (changed(c=ArticleState("test", "z", ())), "minor", ["added"]),
        (changed(a=None), "minor", ["removed"]),
        (changed(b=None), "major", ["removed"]),
        (changed(a=ArticleState("train", "x", (ORG,))), "patch", ["labels"]),
        (changed(b=ArticleState("test", "y", (PER,))), "patch", ["labels"]),
        (changed(a=ArticleState("train", "other", (PER,))), "patch", ["text"]),
        (changed(b=ArticleState("test", "other", ())), "major", ["text"]),
        (changed(a=ArticleState("validation", "x", (PER,))), "minor", ["moved"]),
        (changed(a=ArticleState("test", "x", (PER,))), "major", ["moved"]),
        (changed(b=ArticleState("train", "y", ())), "major", ["moved"]),
        (changed(a=ArticleState("train", "x", (PER,), details="1")), "patch", ["details"]),
        (replace(OLD, annotations="1"), "patch", []),
        (replace(OLD, label_descriptions={"PER": "anybody"}), "major", []),
        (replace(OLD, label_descriptions={**OLD.label_descriptions, "LOC": "a place"}), "major", []),
        (replace(OLD, label_descriptions={}), "major", []),
        (replace(OLD, guidelines_version="1.1"), None, []),
        (replace(OLD, guidelines_version="2.0"), "major", []),
    ],
)
def test_what_a_change_asks_for(new, part, kinds):
    found = compare(OLD, new)
    assert (found.part, [change.kind for change in found.changes]) == (part, kinds)
    assert bool(found.reasons) == (part is not None)


def test_a_label_that_changed_is_told_both_ways():
    (change,) = compare(OLD, changed(a=ArticleState("train", "x", (ORG,)))).changes
    assert (change.gone, change.new) == ((PER,), (ORG,))


def test_the_lines_say_why_first():
    lines = compare(OLD, changed(a=ArticleState("train", "x", (ORG,)))).to_text().splitlines()
    assert lines[0].startswith("1.2.3 to next: patch")
    assert "  - Ada Ito [0, 7) PER" in lines
