"""Rules for datasets outside of a workspace: `goldwire.audit` reports their findings."""

from __future__ import annotations

from goldwire.checks.rule import Rule

__all__: list[str] = []

DATA_FILE_UNREADABLE = Rule(
    code="data-file-unreadable",
    level=0,
    severity="error",
    summary="a data file cannot be read",
    why="Loaders fail on it, and the audit did not see its rows.",
    fix="Write the file again.",
    example="test.parquet: L0 file error [data-file-unreadable] is empty",
    found_by="audit",
)
DATA_FILE_MISSING = Rule(
    code="data-file-missing",
    level=0,
    severity="error",
    summary="a data file that a card, a manifest or the name of another counts on is missing",
    why="Loaders read a part of the split as if it were all of it.",
    fix="Add the file, or write the split again.",
    example=(
        "train-00001-of-00002.jsonl: L0 file error [data-file-missing] is missing; train-00000-of-00002.jsonl counts it"
    ),
    found_by="audit",
)
GROUP_ACROSS_SPLITS = Rule(
    code="group-across-splits",
    level=5,
    severity="error",
    summary="rows of one group are in two splits",
    why="Sentences of one article, or articles of one story, share names and facts: the score measures memory in part.",
    fix="Split by group, and publish the split as a new version.",
    example=(
        "rows.csv:4 train test: L5 split error [group-across-splits] 1 of its 1 values of 'article_id' are in "
        "train too; this one at rows.csv:2"
    ),
    found_by="audit",
)
CLASS_IMBALANCE = Rule(
    code="class-imbalance",
    level=5,
    severity="warning",
    summary="a class has very few rows, or nearly all of them",
    why="A model that always predicts the largest class has a high score, and a tiny class has no reliable score.",
    fix="Sample more of the rare class, or report scores per class.",
    example="rows.csv supports: L5 split warning [class-imbalance] only 1 of 201 rows are 'supports'",
    found_by="audit",
)
TAGS_MISALIGNED = Rule(
    code="tags-misaligned",
    level=3,
    severity="error",
    summary="a row has more or fewer tags than words",
    why="Tags belong to the wrong words, or loaders refuse the row.",
    fix="Give each word of the row one tag.",
    example="rows.jsonl:2: L3 content error [tags-misaligned] 4 tags for 5 words",
    found_by="audit",
)
TAG_DANGLING = Rule(
    code="tag-dangling",
    level=3,
    severity="warning",
    summary="an I- tag does not continue a span",
    why="Scorers disagree whether a span starts there, so that the same labels have two scores.",
    fix="Start the span with a B- tag, or give the word the same label as the word before it.",
    example="rows.jsonl:2: L3 content warning [tag-dangling] I-PER of word 2 follows O",
    found_by="audit",
)
LABEL_MISSING = Rule(
    code="label-missing",
    level=3,
    severity="warning",
    summary="a row has no label",
    why="It trains nothing, or is read as a separate class.",
    fix="Label the row, or remove it.",
    example="rows.csv:3: L3 content warning [label-missing] no label",
    found_by="audit",
)
ROW_REPEATED = Rule(
    code="row-repeated",
    level=3,
    severity="warning",
    summary="a row occurs twice",
    why="It counts twice in training and in every score.",
    fix="Remove one of the rows.",
    example="rows.csv:4: L3 content warning [row-repeated] the same text as rows.csv:2",
    found_by="audit",
)
