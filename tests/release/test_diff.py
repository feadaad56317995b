"""Differences between two versions, and the version number that they require."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from goldwire.release.diff import ArticleState, GoldLabel, VersionContents, compare

PER, ORG = GoldLabel("Ada Ito [0, 7)", "PER"), GoldLabel("Ada Ito [0, 7)", "ORG")
OLD = VersionContents(
    version="1.2.3",
    guidelines_version="1.0",
    label_descriptions={"PER": "a person"},
    articles={"a": ArticleState("train", "x", (PER,)), "b": ArticleState("test", "y", ())},
    annotations_digest="0",
)


def changed(**articles: ArticleState | None) -> VersionContents:
    states = {**OLD.articles, **articles}
    return replace(OLD, version="next", articles={name: state for name, state in states.items() if state is not None})


@pytest.mark.parametrize(
    ("new", "bump", "kinds"),
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
        (changed(a=ArticleState("train", "x", (PER,), details_digest="1")), "patch", ["details"]),
        (replace(OLD, annotations_digest="1"), "patch", []),
        (replace(OLD, label_descriptions={"PER": "anybody"}), "major", []),
        (replace(OLD, label_descriptions={**OLD.label_descriptions, "LOC": "a place"}), "major", []),
        (replace(OLD, label_descriptions={}), "major", []),
        (replace(OLD, guidelines_version="1.1"), None, []),
        (replace(OLD, guidelines_version="2.0"), "major", []),
    ],
)
def test_each_change_requires_its_version_bump(new, bump, kinds):
    diff = compare(OLD, new)
    assert (diff.bump, [change.kind for change in diff.changes]) == (bump, kinds)
    assert bool(diff.reasons) == (bump is not None)


def test_a_changed_label_is_both_removed_and_added():
    (change,) = compare(OLD, changed(a=ArticleState("train", "x", (ORG,)))).changes
    assert (change.labels_removed, change.labels_added) == ((PER,), (ORG,))


def test_the_report_begins_with_the_reasons():
    lines = compare(OLD, changed(a=ArticleState("train", "x", (ORG,)))).to_text().splitlines()
    assert lines[:2] == ["1.2.3 to next: patch change", "  patch: labels corrected in 1 article"]
    assert "  - Ada Ito [0, 7) PER" in lines


def test_a_moved_article_has_its_previous_split():
    diff = compare(OLD, changed(b=ArticleState("train", "y", ())))
    assert diff.changes[0].previous_split == "test"
    assert diff.to_text().splitlines()[-1] == "b (train): moved from test"


def test_a_comment_cannot_be_left_by_what_a_text_contains():
    spoiled = GoldLabel("```\n</details> [0, 7)", "PER")
    text = compare(OLD, changed(a=ArticleState("train", "x", (spoiled,)))).to_markdown()
    assert "````diff\n- PER Ada Ito [0, 7)\n+ PER ``` </details> [0, 7)\n````" in text


def test_a_comment_is_shorter_than_github_accepts():
    many = {f"c{number}": ArticleState("train", "z", ()) for number in range(500)}
    old = changed(**many)
    new = changed(**{name: replace(state, labels=(PER,)) for name, state in many.items()})
    text = compare(old, new).to_markdown(max_length=5_000)
    assert len(text) < 5_100
    assert "more articles (500 changed labels in all)." in text
    assert text.count("<details>") == text.count("</details>")
