"""L3: what the text and the labels say."""

from __future__ import annotations

from goldwire.checks.rule import Rule

__all__ = ["RULES"]

RULES = (
    Rule(
        "text-email",
        3,
        "warning",
        summary="an article's text has an e-mail address",
        why="It is somebody's personal data, and mostly residue: a by-line or a contact box.",
        fix="Cut it as residue, or waive it where the news is about it.",
        example=(
            "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L3 content warning [text-email] "
            "'desk@nowhere.example' at 115"
        ),
    ),
    Rule(
        "text-phone",
        3,
        "warning",
        summary="an article's text has what looks like a phone number",
        why="It is somebody's personal data, and mostly residue: a contact box or an advertisement.",
        fix="Cut it as residue, or waive it where the news is about it.",
        example=(
            "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L3 content warning [text-phone] '555-123-4567' at 111"
        ),
    ),
    Rule(
        "text-markup",
        3,
        "warning",
        summary="an article's text has remains of HTML",
        why="Annotators would mark tags and entities, and models learn them.",
        fix="Ingest the page as HTML rather than as text.",
        example="corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L3 content warning [text-markup] '&amp;' at 105",
    ),
    Rule(
        "text-replacement-character",
        3,
        "warning",
        summary="an article's text has U+FFFD",
        why="It stands for letters that are lost: the page was read in the wrong encoding.",
        fix="Scrape the page again, or give its true encoding.",
        example=(
            "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L3 content warning [text-replacement-character] "
            "1, the first at 109"
        ),
    ),
    Rule(
        "text-mojibake",
        3,
        "warning",
        summary="an article's text was decoded twice",
        why="UTF-8 was read as Windows-1252: quotes and accents are two or three wrong characters.",
        fix="Mend the raw file (the message says what was meant) and ingest it again.",
        example=(
            "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L3 content warning [text-mojibake] 'â€œ' at 106 was '“'"
        ),
    ),
    Rule(
        "text-repeated",
        3,
        "warning",
        summary="two articles have the same text and no cluster joins them",
        why="They would be annotated twice, and may end in two splits.",
        fix="Run `goldwire dedup`.",
        example=(
            "corpus/articles/wire.jsonl:4 wire-e0e0e0e0e0e0: L3 content warning [text-repeated] has the very "
            "text of wire-68382fc9fbf0, and no cluster joins them"
        ),
    ),
    Rule(
        "surface-two-labels",
        3,
        "warning",
        summary="gold gives one surface two labels",
        why="Some names do mean two things; most often somebody slipped. The message has the counts.",
        fix="Look at the rarer ones; settle it in the guidelines, or waive it with the reason.",
        example=(
            "annotations/gold/b01.jsonl:1 T9: L3 content warning [surface-two-labels] 'Harbour Board' is ORG "
            "6, PER 1 times in gold"
        ),
    ),
    Rule(
        "text-two-labels",
        3,
        "warning",
        summary="two rows of the same text are labelled differently",
        why="One of them is wrong, or the guidelines leave it open; a model cannot learn both.",
        fix="Settle which is meant, or drop one of the two.",
        example=(
            "rows.csv:4: L3 content warning [text-two-labels] 'supports' here, otherwise at rows.csv:2, for "
            "the same text"
        ),
    ),
    Rule(
        "tags-misaligned",
        3,
        "error",
        summary="a row has more or fewer tags than words",
        why="Every tag after the slip is of another word, or the loader refuses the row.",
        fix="Tag the words that the row has, one tag for each.",
        example="rows.jsonl:2: L3 content error [tags-misaligned] 4 tags for 5 words",
    ),
    Rule(
        "tag-dangling",
        3,
        "warning",
        summary="an I- tag continues what was not begun",
        why="Scorers disagree whether a name begins there, so the same labels give two scores.",
        fix="Begin the name with a B- tag, or give the word the tag of the one before it.",
        example="rows.jsonl:2: L3 content warning [tag-dangling] I-PER of word 2 follows O",
    ),
    Rule(
        "label-missing",
        3,
        "warning",
        summary="a row has no label",
        why="It trains nothing, or is read as a class of its own.",
        fix="Label it, or take it out.",
        example="rows.csv:3: L3 content warning [label-missing] no label",
    ),
    Rule(
        "row-repeated",
        3,
        "warning",
        summary="a row is there twice",
        why="It counts twice in training and in every score.",
        fix="Take one out.",
        example="rows.csv:4: L3 content warning [row-repeated] the same text as rows.csv:2",
    ),
)
