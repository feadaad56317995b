"""L2: spans lie in the text as they say, and whatever a record refers to is there."""

from __future__ import annotations

from goldwire.findings.rule import Rule

__all__ = ["RULES"]

RULES = (
    Rule(
        "article-unknown",
        2,
        "error",
        summary="a record is about an article that is not in corpus/articles/",
        why="Labels without their text cannot be shown, checked or released.",
        fix="Bring the article back, or take the record out.",
        example="",
    ),
    Rule(
        "text-stale",
        2,
        "error",
        summary="a record was made on another text of the article",
        why="The text has changed since: all its offsets may be off, even those that still fit by chance.",
        fix="Bring back the text that was annotated, or annotate the article again.",
        example="",
    ),
    Rule(
        "span-out-of-bounds",
        2,
        "error",
        summary="a span reaches outside the text",
        why="Every reader would cut it silently or fail.",
        fix="Look at the article in Doccano and pull again; offsets count code points, from 0, end exclusive.",
        example="",
    ),
    Rule(
        "span-empty",
        2,
        "error",
        summary="a span holds no character",
        why="It marks nothing, and yet counts as a label.",
        fix="Take it out, or give it its end.",
        example="",
    ),
    Rule(
        "span-text-mismatch",
        2,
        "error",
        summary="the stored surface is not what the article has at these offsets",
        why="A model would learn the wrong words. Most often offsets were counted in bytes or UTF-16 units.",
        fix="Convert the offsets to code points (the message says where the surface stands) or pull again.",
        example="",
    ),
    Rule(
        "label-unknown",
        2,
        "error",
        summary="a label that the schema does not have",
        why="It would become a class of its own in the released data.",
        fix="Correct it, or add it to annotations/schema.toml and the guidelines.",
        example="",
    ),
    Rule(
        "stance-unknown",
        2,
        "error",
        summary="a stance that the schema does not have",
        why="It would become a class of its own in the released data.",
        fix="Correct it, or add it to annotations/schema.toml and the guidelines.",
        example="",
    ),
    Rule(
        "stance-dangling",
        2,
        "error",
        summary="a stance joins a span that is not there",
        why="Who holds it or whom it is about is lost.",
        fix="Draw it again in Doccano and pull, or take it out.",
        example="",
    ),
)
