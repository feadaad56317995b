"""L1: each line by itself: JSON, fields, types, order, and the characters of the text."""

from __future__ import annotations

from goldwire.findings.rule import Rule

__all__ = ["RULES"]

RULES = (
    Rule(
        "json-broken",
        1,
        "error",
        summary="a line is not JSON",
        why="The record is lost to every reader.",
        fix="Mend the line, or write the file again with the stage that makes it.",
        example="",
    ),
    Rule(
        "field-missing",
        1,
        "error",
        summary="a field that the record must have is not there",
        why="Nothing is guessed: a record with a hole in it is not used.",
        fix="Add the field, or write the file again with the stage that makes it.",
        example="",
    ),
    Rule(
        "field-unknown",
        1,
        "error",
        summary="a field that the record does not have",
        why="A misspelt name would be dropped in silence, and what it held with it.",
        fix="Spell it as the record does, or take it out.",
        example="",
    ),
    Rule(
        "field-type",
        1,
        "error",
        summary="a value is not of the field's type",
        why="An offset that is a string or a float, or a list that is a string, breaks far from here.",
        fix="Give the value the type that the message names.",
        example="",
    ),
    Rule(
        "toml-broken",
        1,
        "error",
        summary="a TOML file cannot be read",
        why="What it settles (labels, sources, waivers) is unknown, so what rests on it is not checked.",
        fix="Mend it at the place that the message names.",
        example="",
    ),
    Rule(
        "schema-invalid",
        1,
        "error",
        summary="the label schema is not one",
        why="Two labels of one name or one hot key cannot be told apart by the people who use them.",
        fix="Mend annotations/schema.toml; annotations/README.md lists its fields.",
        example="",
    ),
    Rule(
        "file-not-canonical",
        1,
        "warning",
        summary="a file is not written as goldwire writes it",
        why="Other white space, key order or escapes make a diff of lines that say the same, and hide those that do not.",
        fix="`goldwire check --fix` writes it canonically.",
        example="",
        mended=True,
    ),
    Rule(
        "file-unsorted",
        1,
        "warning",
        summary="the records of a file are not in the order of their ids",
        why="The same records in another order make a diff nobody can read.",
        fix="`goldwire check --fix` sorts them.",
        example="",
        mended=True,
    ),
    Rule(
        "id-repeated",
        1,
        "error",
        summary="two records have one id",
        why="Labels, splits and releases go by id: which of the two is meant would depend on the reader.",
        fix="Take one out; where both are wanted, they need ids of their own.",
        example="",
    ),
    Rule(
        "text-digest-mismatch",
        1,
        "error",
        summary="an article's text is not the text its digest was taken from",
        why="Somebody changed the text by hand: every label after the change is now off.",
        fix="Bring the article back from git. A corrected text is a new article.",
        example="",
    ),
)
