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
        "text-digest-mismatch",
        1,
        "error",
        summary="an article's text is not the text its digest was taken from",
        why="Somebody changed the text by hand: every label after the change is now off.",
        fix="Bring the article back from git. A corrected text is a new article.",
        example=(
            "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L1 format error [text-digest-mismatch] "
            "text_sha256 is 6407e8469305..., the text has ca0b69665e5a..."
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
    Rule(
        "text-empty",
        1,
        "error",
        summary="an article has no text",
        why="Nothing can be marked in it, and yet it counts as an article.",
        fix="Take it out; if the raw file does have text, ingest it again.",
        example=(
            "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L1 format error [text-empty] 0 characters, all white space"
        ),
    ),
    Rule(
        "text-layout",
        1,
        "warning",
        summary="a text is not a headline and paragraphs parted by one blank line",
        why="White space at line ends and spare blank lines are seen by nobody and move every offset after them.",
        fix="Ingest the article again before it is annotated; once it is, leave it and waive this.",
        example="corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L1 format warning [text-layout] ' ' at 122",
    ),
    Rule(
        "title-mismatch",
        1,
        "warning",
        summary="an article's title is not the first line of its text",
        why="Either the headline was lost from the text, or the title is another article's.",
        fix="Ingest the article again, or correct the title.",
        example=(
            "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L1 format warning [title-mismatch] title is "
            "'Snow closes the road', the text starts with 'First snow closes the upper road'"
        ),
    ),
    Rule(
        "date-malformed",
        1,
        "warning",
        summary="a date of publication is not ISO 8601",
        why="Dates that cannot be compared cannot be used to split by time.",
        fix="Write it as 2021-03-04 or 2021-03-04T05:06:07Z, or null where it is not known.",
        example=(
            "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L1 format warning [date-malformed] '4 March "
            "2021' is not an ISO 8601 date, as 2021-03-04"
        ),
    ),
    Rule(
        "text-carriage-return",
        1,
        "error",
        summary="a text has carriage returns",
        why="Doccano, browsers and tools count CR LF as one or as two: offsets after it differ.",
        fix="Ingest the article again: line ends become LF.",
        example=(
            "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L1 format error [text-carriage-return] text: 1, "
            "the first at 105"
        ),
    ),
    Rule(
        "text-control-character",
        1,
        "error",
        summary="a text has control characters",
        why="They are invisible, end lines or strings early in other tools, and some databases refuse them.",
        fix="Ingest the article again: they are left out.",
        example=(
            "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L1 format error [text-control-character] text: "
            "U+0007 at 105"
        ),
    ),
    Rule(
        "text-bidi-control",
        1,
        "error",
        summary="a text has characters that turn the direction of writing",
        why="What a reader sees is not the order of what is stored: a span looks like other words than it holds.",
        fix="Ingest the article again: they are left out.",
        example=(
            "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L1 format error [text-bidi-control] text: "
            "U+202E RIGHT-TO-LEFT OVERRIDE at 106"
        ),
    ),
    Rule(
        "text-invisible-character",
        1,
        "warning",
        summary="a text has characters that nobody sees",
        why="Two words that look the same are not: they split the vocabulary and hide duplicates.",
        fix="Ingest the article again before it is annotated: they are left out.",
        example=(
            "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L1 format warning [text-invisible-character] "
            "text: U+200B ZERO WIDTH SPACE at 108"
        ),
    ),
    Rule(
        "text-not-nfc",
        1,
        "error",
        summary="a text, title or caption is not in composed form (NFC)",
        why="The same letter written in two ways has two lengths: offsets of tools that normalise are off.",
        fix="Ingest the article again; `goldwire check --fix` composes it where nothing refers to it yet.",
        example=(
            "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L1 format error [text-not-nfc] text: 'hü' at "
            "118 is not composed"
        ),
        mended=True,
    ),
)
