"""L1: each line by itself: JSON, fields, types, names, order."""

from __future__ import annotations

from goldwire.checks.rule import Rule

__all__ = ["RULES"]

RULES = (
    Rule(
        "json-broken",
        1,
        "error",
        summary="a line is not JSON",
        why="The record is lost to every reader.",
        fix="Mend the line, or write the file again with the stage that makes it.",
        example=(
            "annotations/layers/b01/A1.jsonl:1: L1 format error [json-broken] jSON is malformed: expected "
            "',' or '}' (byte 215)"
        ),
    ),
    Rule(
        "field-missing",
        1,
        "error",
        summary="a field that the record must have is not there",
        why="Nothing is guessed: a record with a hole in it is not used.",
        fix="Add the field, or write the file again with the stage that makes it.",
        example="corpus/articles/wire.jsonl:1: L1 format error [field-missing] no field `captions`",
    ),
    Rule(
        "field-unknown",
        1,
        "error",
        summary="a field that the record does not have",
        why="A misspelt name would be dropped in silence, and what it held with it.",
        fix="Spell it as the record does, or take it out.",
        example="corpus/articles/wire.jsonl:1: L1 format error [field-unknown] unknown field `langauge`",
    ),
    Rule(
        "field-repeated",
        1,
        "error",
        summary="a field stands twice in one object",
        why="Some readers take the first value, some the last, and none says so.",
        fix="Keep the one that is meant.",
        example=(
            "corpus/articles/wire.jsonl:1: L1 format error [field-repeated] field 'language' stands twice in "
            "one object; readers take either"
        ),
    ),
    Rule(
        "field-type",
        1,
        "error",
        summary="a value is not of the field's type",
        why="An offset that is a string or a float, or a list that is a string, breaks far from here.",
        fix="Give the value the type that the message names.",
        example=(
            "annotations/layers/b01/A1.jsonl:1: L1 format error [field-type] expected `int`, got `str` in "
            "`spans[0].start`"
        ),
    ),
    Rule(
        "toml-broken",
        1,
        "error",
        summary="a TOML file cannot be read",
        why="What it settles (labels, sources, waivers) is unknown, so what rests on it is not checked.",
        fix="Mend it at the place that the message names.",
        example=(
            "corpus/sources.toml: L1 format error [toml-broken] Expected ']' at the end of a table "
            "declaration (at line 10, column 6)"
        ),
    ),
    Rule(
        "schema-invalid",
        1,
        "error",
        summary="the label schema is not one",
        why="Two labels of one name or one hot key cannot be told apart by the people who use them.",
        fix="Mend annotations/schema.toml; annotations/README.md lists its fields.",
        example="annotations/schema.toml: L1 format error [schema-invalid] 2 labels are 'PER'",
    ),
    Rule(
        "file-not-canonical",
        1,
        "warning",
        summary="a file is not written as goldwire writes it",
        why="Other white space, key order or escapes make a diff of lines that say the same, and hide real ones.",
        fix="`goldwire check --fix` writes it canonically.",
        example=(
            "corpus/articles/wire.jsonl:1: L1 format warning [file-not-canonical] 1 of 3 lines are not "
            "written as goldwire writes them, the first here"
        ),
        mended=True,
    ),
    Rule(
        "file-unsorted",
        1,
        "warning",
        summary="the records of a file are not in the order of their ids",
        why="The same records in another order make a diff nobody can read.",
        fix="`goldwire check --fix` sorts them.",
        example=(
            "corpus/articles/wire.jsonl:2: L1 format warning [file-unsorted] 'wire-68382fc9fbf0' comes after "
            "'wire-6bc7e889ace8'"
        ),
        mended=True,
    ),
    Rule(
        "id-repeated",
        1,
        "error",
        summary="two records have one id",
        why="Labels, splits and releases go by id: which of the two is meant would depend on the reader.",
        fix="Take one out; where both are wanted, they need ids of their own.",
        example=(
            "corpus/articles/wire.jsonl:4 wire-dcd79e4eb66e: L1 format error [id-repeated] wire-dcd79e4eb66e "
            "stands at corpus/articles/wire.jsonl:3 already"
        ),
    ),
    Rule(
        "id-malformed",
        1,
        "error",
        summary="an id has white space or control characters, or is empty",
        why="Ids are columns of tables and parts of file names: a tab or a space in one tears them apart.",
        fix="Give the record an id of letters, digits, `-`, `_`, `.` and `:`.",
        example=(
            "corpus/articles/wire.jsonl:1 wire 68382fc9fbf0: L1 format error [id-malformed] 'wire "
            "68382fc9fbf0' has white space or control characters, or is empty or over 200 characters"
        ),
    ),
    Rule(
        "record-misplaced",
        1,
        "error",
        summary="a record says it belongs elsewhere than its file's name says",
        why="Who said it, or in which batch, depends on whether a reader trusts the path or the record.",
        fix="Move the record to the file of its source, batch and annotator, or correct it.",
        example=(
            "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L1 format error [record-misplaced] source is "
            "'herald', by the file's name 'wire'"
        ),
    ),
    Rule(
        "annotator-not-pseudonym",
        1,
        "error",
        summary="an annotator goes by a name",
        why="Names of annotators would travel with every release, and can never be taken back.",
        fix="Give the annotator a pseudonym with a number, as A1, in tasks, layers and file names.",
        example=(
            "annotations/tasks/b01.jsonl:1 wire-6bc7e889ace8: L1 format error [annotator-not-pseudonym] "
            "'Ilsa' is no pseudonym, as A1"
        ),
    ),
    Rule(
        "layer-not-numbered",
        1,
        "warning",
        summary="the spans or stances of a layer are not numbered in their order",
        why="The same labels under other numbers make a diff where nothing changed.",
        fix="`goldwire check --fix` numbers them.",
        example=(
            "annotations/layers/b01/A1.jsonl:1 herald-f00daee13d10: L1 format warning [layer-not-numbered] "
            "spans are not T1, T2, ... in start, end, label order, or stances not R1, R2, ... in theirs"
        ),
        mended=True,
    ),
    Rule(
        "stance-target-unclear",
        1,
        "error",
        summary="a stance has no target, or two",
        why="Of `target` (a span) and `target_name` exactly one says whom the stance is about.",
        fix="Set the one that is meant, and null in the other.",
        example=(
            "annotations/layers/b01/A1.jsonl:1 R1: L1 format error [stance-target-unclear] of target and "
            "target_name both is set"
        ),
    ),
    Rule(
        "guidelines-unversioned",
        1,
        "error",
        summary="the guidelines do not say which version they are",
        why="Layers state under which guidelines they were made; without a version that says nothing.",
        fix="Add a line `Version: 1.0` to annotations/GUIDELINES.md, and raise it with every change of meaning.",
        example="annotations/GUIDELINES.md: L1 format error [guidelines-unversioned] no line `Version: X.Y`",
    ),
)
