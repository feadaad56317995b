"""L2: spans lie in the text as they say, with labels that there are."""

from __future__ import annotations

from goldwire.checks.rule import Rule

__all__ = ["RULES"]

RULES = (
    Rule(
        "span-out-of-bounds",
        2,
        "error",
        summary="a span reaches outside the text",
        why="Every reader would cut it silently or fail.",
        fix="Look at the article in Doccano and pull again; offsets count code points, from 0, end exclusive.",
        example=(
            "annotations/layers/b01/A1.jsonl:1 T8: L2 span error [span-out-of-bounds] [377, 422) in a text "
            "of 420 code points"
        ),
    ),
    Rule(
        "span-empty",
        2,
        "error",
        summary="a span holds no character",
        why="It marks nothing, and yet counts as a label.",
        fix="Take it out, or give it its end.",
        example="annotations/layers/b01/A1.jsonl:1 T8: L2 span error [span-empty] [377, 377) holds nothing",
    ),
    Rule(
        "span-text-mismatch",
        2,
        "error",
        summary="the stored surface is not what the article has at these offsets",
        why="A model would learn the wrong words. Most often offsets were counted in bytes or UTF-16 units.",
        fix="Convert the offsets to code points (the message says where the surface stands) or pull again.",
        example=(
            "annotations/layers/b01/A1.jsonl:1 T8: L2 span error [span-text-mismatch] stored 'Harbour "
            "Board', article has 'arbour Board,'; it stands at [377, 390)"
        ),
    ),
    Rule(
        "label-unknown",
        2,
        "error",
        summary="a label that the schema does not have",
        why="It would become a class of its own in the released data.",
        fix="Correct it, or add it to annotations/schema.toml and the guidelines.",
        example="annotations/layers/b01/A1.jsonl:1 T8: L2 span error [label-unknown] 'Org' is not one of PER, ORG",
    ),
    Rule(
        "span-splits-grapheme",
        2,
        "error",
        summary="a span begins or ends within what people see as one character",
        why="Half an emoji or a letter without its accent is no text anybody marked: offsets were miscounted.",
        fix="Mark it again in Doccano and pull.",
        example=(
            "annotations/layers/b02/A1.jsonl:1 T1: L2 span error [span-splits-grapheme] 'the school👍' is cut "
            "at 175, within 'l👍🏽 '"
        ),
    ),
    Rule(
        "span-splits-word",
        2,
        "warning",
        summary="a span begins or ends within a word",
        why="Most often the mouse slipped, or offsets are off by one; models that label words cannot learn it.",
        fix="Mark the whole word in Doccano and pull, or waive it where the part is meant.",
        example=(
            "annotations/gold/b01.jsonl:1 T9: L2 span warning [span-splits-word] 'Harbour Boar' is cut from 'Board'"
        ),
    ),
    Rule(
        "span-edge-space",
        2,
        "warning",
        summary="a span begins or ends with white space",
        why="The same mention with and without a space counts as disagreement.",
        fix="`goldwire check --fix` moves the edge; pull trims new ones.",
        example=(
            "annotations/gold/b01.jsonl:1 T9: L2 span warning [span-edge-space] ' Harbour Board' begins or "
            "ends with white space"
        ),
        mended=True,
    ),
    Rule(
        "span-invisible-character",
        2,
        "warning",
        summary="a span holds a character that nobody sees",
        why="The surface never equals the same name elsewhere.",
        fix="Ingest the article again before it is annotated; once it is, waive this.",
        example=(
            "annotations/layers/b02/A1.jsonl:1 T1: L2 span warning [span-invisible-character] 'sch\\xadool' "
            "has U+00AD SOFT HYPHEN"
        ),
    ),
    Rule(
        "span-outside-window",
        2,
        "warning",
        summary="a span lies outside what its annotator was shown",
        why="It answers what nobody asked, so that others could not agree with it.",
        fix="Take it out, or plan the task over the whole article.",
        example=(
            "annotations/layers/b01/A1.jsonl:1 T8: L2 span warning [span-outside-window] [377, 390), the "
            "task shows [0, 380)"
        ),
    ),
    Rule(
        "span-repeated",
        2,
        "error",
        summary="one annotator marked the same stretch with the same label twice",
        why="It counts twice in every statistic.",
        fix="Delete one in Doccano and pull, or take it out.",
        example=(
            "annotations/layers/b01/A1.jsonl:1 T9: L2 span error [span-repeated] 'Harbour Board' is marked "
            "ORG as T8 already"
        ),
    ),
    Rule(
        "span-labelled-twice",
        2,
        "warning",
        summary="one annotator gave the same stretch two labels",
        why="Unless the guidelines ask for both, one is a slip.",
        fix="Delete one in Doccano and pull.",
        example=(
            "annotations/layers/b01/A1.jsonl:1 T9: L2 span warning [span-labelled-twice] 'Harbour Board' is "
            "PER here and ORG as T8"
        ),
    ),
    Rule(
        "span-crosses",
        2,
        "error",
        summary="two spans of one layer overlap and neither holds the other",
        why="BIO tags and most models cannot say it, and it is nearly always a slip.",
        fix='Mend it in Doccano and pull, or set `overlap = "any"` in annotations/schema.toml.',
        example=(
            "annotations/layers/b01/A1.jsonl:1 T9: L2 span error [span-crosses] 'Harbour Board' begins "
            "within 'the Harbour' (T8) and ends after it"
        ),
    ),
    Rule(
        "span-nested",
        2,
        "error",
        summary="a span lies within another though the schema allows no overlap",
        why="The inner one is lost in BIO tags.",
        fix='Delete one in Doccano and pull, or set `overlap = "nested"` in annotations/schema.toml.',
        example=(
            "annotations/layers/b01/A1.jsonl:1 T9: L2 span error [span-nested] 'Board' lies within 'Harbour Board' (T8)"
        ),
    ),
)
