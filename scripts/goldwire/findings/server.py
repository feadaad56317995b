"""What `pull` finds on the Doccano server as it works. The levels are those of the same faults on disk."""

from __future__ import annotations

from goldwire.findings.rule import Rule

__all__ = ["RULES"]

RULES = (
    Rule(
        "server-project-missing",
        0,
        "error",
        summary="an annotator's project is not on the server",
        why="All that the annotator did in this batch is out of reach.",
        fix="Look for it on the server; if it was deleted, restore the server's database or push the batch again.",
        example="",
        by="pull",
    ),
    Rule(
        "server-task-missing",
        0,
        "error",
        summary="an article that was pushed is no longer in the annotator's project",
        why="Somebody deleted it on the server, with the labels it had.",
        fix="Push the batch again: what is missing is added, what is there stays.",
        example="",
        by="pull",
    ),
    Rule(
        "server-text-edited",
        2,
        "error",
        summary="the text on the server is not the article's",
        why="The annotator, or somebody, edited it there: its labels are about another text.",
        fix="Put the article's text back on the server, have its labels looked over, and pull again.",
        example="",
        by="pull",
    ),
    Rule(
        "server-span-out-of-range",
        2,
        "error",
        summary="a span on the server reaches outside the text, or cuts a character in half",
        why="Doccano stores whatever offsets a client sends; these mark nothing that can be read.",
        fix="Delete the span on the server and mark it again.",
        example="",
        by="pull",
    ),
    Rule(
        "server-label-unknown",
        2,
        "error",
        summary="a label on the server that the schema does not have",
        why="Somebody added a label type there: no other annotator was offered it.",
        fix="Remove the label type on the server, or add it to annotations/schema.toml and push again.",
        example="",
        by="pull",
    ),
)
