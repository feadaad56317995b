"""L2: whatever a record refers to is there, and plans ask what can be answered."""

from __future__ import annotations

from goldwire.checks.rule import Rule

__all__ = ["RULES"]

RULES = (
    Rule(
        "article-unknown",
        2,
        "error",
        summary="a record is about an article that is not in corpus/articles/",
        why="Labels without their text cannot be shown, checked or released.",
        fix="Bring the article back, or take the record out.",
        example=(
            "annotations/layers/b01/A1.jsonl:3 wire-ffffffffffff: L2 span error [article-unknown] no article "
            "'wire-ffffffffffff' in corpus/articles/"
        ),
    ),
    Rule(
        "text-stale",
        2,
        "error",
        summary="a record was made on another text of the article",
        why="The text has changed since: all its offsets may be off, even those that still fit by chance.",
        fix="Bring back the text that was annotated, or annotate the article again.",
        example=(
            "annotations/layers/b01/A1.jsonl:3 wire-dcd79e4eb66e: L2 span error [text-stale] made on text "
            "'3c0f7e6d86e4'..., the article's is '3c0f7e6d86e3'..."
        ),
    ),
    Rule(
        "stance-unknown",
        2,
        "error",
        summary="a stance that the schema does not have",
        why="It would become a class of its own in the released data.",
        fix="Correct it, or add it to annotations/schema.toml and the guidelines.",
        example=(
            "annotations/layers/b01/A1.jsonl:1 R2: L2 span error [stance-unknown] 'doubts' is not one of "
            "opposes, neutral, supports"
        ),
    ),
    Rule(
        "stance-dangling",
        2,
        "error",
        summary="a stance joins a span that is not there",
        why="Who holds it or whom it is about is lost.",
        fix="Draw it again in Doccano and pull, or take it out.",
        example="annotations/layers/b01/A1.jsonl:1 R3: L2 span error [stance-dangling] no span 'T9', its target",
    ),
    Rule(
        "source-unknown",
        2,
        "error",
        summary="an article's source is not in corpus/sources.toml",
        why="Nobody knows its licence, nor whether its text may be released.",
        fix="Describe the source in corpus/sources.toml.",
        example=(
            "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L2 span error [source-unknown] no [wire] in "
            "corpus/sources.toml, and 3 articles of it"
        ),
    ),
    Rule(
        "origin-broken",
        2,
        "error",
        summary="the map from an article's text to its raw bytes is out of order or out of bounds",
        why="Nobody can show where in the raw page a sentence came from.",
        fix="Ingest the article again.",
        example=(
            "corpus/articles/wire.jsonl:1 wire-68382fc9fbf0: L2 span error [origin-broken] the run [34, 229, "
            "34, 228] is out of order or out of bounds"
        ),
    ),
    Rule(
        "cluster-malformed",
        2,
        "error",
        summary="a cluster of near-duplicates is not as dedup writes it",
        why="Splits keep clusters whole by their name and members; a wrong one leaks.",
        fix="Run `goldwire dedup` again.",
        example=(
            "corpus/duplicates.jsonl:1 wire-dcd79e4eb66e: L2 span error [cluster-malformed] is called "
            "'wire-dcd79e4eb66e', expected its first article 'herald-d4f13fee6ac3'"
        ),
    ),
    Rule(
        "cluster-overlaps",
        2,
        "error",
        summary="an article is in two clusters",
        why="Whole clusters go to a split: this one would be torn between two.",
        fix="Run `goldwire dedup` again.",
        example=(
            "corpus/duplicates.jsonl:2 wire-dcd79e4eb66e: L2 span error [cluster-overlaps] wire-dcd79e4eb66e "
            "is in the cluster herald-d4f13fee6ac3 already"
        ),
    ),
    Rule(
        "task-window",
        2,
        "error",
        summary="a task shows a stretch that the text does not have",
        why="The annotator would see nothing, or something else than was planned.",
        fix="Plan the batch again with `goldwire sample`.",
        example=(
            "annotations/tasks/b01.jsonl:3 b01-0003: L2 span error [task-window] [0, 421) in a text of 420 code points"
        ),
    ),
    Rule(
        "task-target",
        2,
        "error",
        summary="a task's target does not fit its kind",
        why="A stance task asks about one target; a task to mark entities has none.",
        fix="Plan the batch again with `goldwire sample`.",
        example=(
            "annotations/tasks/b01.jsonl:3 b01-0003: L2 span error [task-target] a task of kind 'entities' "
            "with target 'the toll'"
        ),
    ),
    Rule(
        "task-annotators",
        2,
        "error",
        summary="a task is asked of nobody, or of somebody twice",
        why="It is never answered, or one answer counts as two.",
        fix="Plan the batch again with `goldwire sample`.",
        example="annotations/tasks/b01.jsonl:1 b01-0001: L2 span error [task-annotators] asked of A1, A2, A2, A3",
    ),
    Rule(
        "stance-to-itself",
        2,
        "error",
        summary="a span is holder and target of one stance",
        why="Nobody takes sides towards their own mention; the wrong end was clicked.",
        fix="Draw it again in Doccano and pull.",
        example="annotations/layers/b01/A1.jsonl:1 R3: L2 span error [stance-to-itself] holder and target are both T6",
    ),
    Rule(
        "stance-contradicts",
        2,
        "error",
        summary="one annotator says two stances of one holder and target",
        why="Neither can be counted.",
        fix="Keep in Doccano the one that is meant and pull.",
        example=(
            "annotations/layers/b01/A1.jsonl:1 R3: L2 span error [stance-contradicts] T6 to T1 is opposes "
            "here and neutral as R2"
        ),
    ),
    Rule(
        "stance-repeated",
        2,
        "error",
        summary="one annotator drew the same stance twice",
        why="It counts twice in every statistic.",
        fix="Delete one in Doccano and pull, or take it out.",
        example=(
            "annotations/layers/b01/A1.jsonl:1 R3: L2 span error [stance-repeated] T6 to T1 is neutral as R2 already"
        ),
    ),
    Rule(
        "stance-type-forbidden",
        2,
        "error",
        summary="a stance joins a span of a label that the schema does not let hold or be its target",
        why="The guidelines say who can take sides and towards what; this is something else, or mislabelled.",
        fix="Correct the label or the stance in Doccano and pull, or widen `holders` or `targets` in the schema.",
        example=(
            "annotations/layers/b01/A1.jsonl:1 R1: L2 span error [stance-type-forbidden] T3 is ORG; a holder "
            "has to be PER"
        ),
    ),
)
