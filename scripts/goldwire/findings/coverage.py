"""L4: all that was asked is there, from whom it was asked, and they agree well enough."""

from __future__ import annotations

from goldwire.findings.rule import Rule

__all__ = ["RULES"]

RULES = (
    Rule(
        "layer-unconfirmed",
        4,
        "warning",
        summary="an annotator has not ticked an article as done",
        why="Not looked at and nothing there look alike: an unconfirmed layer is not an answer.",
        fix="Ask the annotator to finish and confirm it in Doccano, then pull.",
        example="",
    ),
    Rule(
        "layer-missing",
        4,
        "warning",
        summary="an annotator who was asked about an article has no layer of it",
        why="The article has fewer answers than planned, so its gold rests on less than the rest.",
        fix="Pull the batch again; if the answer is still not there, ask the annotator.",
        example="",
    ),
    Rule(
        "agreement-below-floor",
        4,
        "error",
        summary="annotators agree less than the workspace asks for",
        why="Below the floor that the project set itself, gold is mostly a matter of who was asked.",
        fix="Find out what they disagree about in the report, sharpen the guidelines, annotate again.",
        example="",
    ),
)
