"""L1: the text of an article, character by character."""

from __future__ import annotations

from goldwire.checks.rule import Rule

__all__ = ["RULES"]

RULES = (
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
