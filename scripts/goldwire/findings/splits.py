"""L5: splits do not leak, and releases are what they say."""

from __future__ import annotations

from goldwire.findings.rule import Rule

__all__ = ["RULES"]

RULES = (
    Rule(
        "article-in-two-splits",
        5,
        "error",
        summary="an article is assigned to two splits",
        why="A model is tested on what it was trained on, so its score says nothing.",
        fix="Keep the row that came first: an article stays in its split for ever.",
        example="",
    ),
    Rule(
        "cluster-across-splits",
        5,
        "error",
        summary="near-duplicate articles are in different splits",
        why="The same story under two ids in train and test inflates every score.",
        fix="Bring splits/assignment.tsv back from git and run `goldwire split`, which keeps clusters whole.",
        example="",
    ),
)
