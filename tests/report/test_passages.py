"""Paragraphs with disagreements, in pieces."""

from __future__ import annotations

from goldwire.agreement.disagreements import find_disagreements
from goldwire.report.passages import disputed_passages
from support import factories

ARTICLE = factories.article("A headline\n\nAda Brook met Nils Orr.\n\nNothing here.\n\nThe Port League slept.")
START = ARTICLE.text.index("Ada")


def test_only_paragraphs_with_disagreements_are_shown_and_their_pieces_join_to_the_text() -> None:
    ada, nils = (START, START + 9, "PER"), (START + 14, START + 22, "PER")
    first, second = factories.layer(ARTICLE, [ada, nils]), factories.layer(ARTICLE, [ada], annotator="A2")
    shown, rest = disputed_passages(ARTICLE.text, first, find_disagreements([first, second]))
    assert [(p.n_skipped, "".join(piece.text for piece in p.pieces)) for p in shown] == [(1, "Ada Brook met Nils Orr.")]
    assert rest == 2
    assert [piece.ending for piece in shown[0].pieces if piece.ending] == [("PER",), ("PER",)]


def test_overlapping_spans_of_one_annotator_nest_in_pieces() -> None:
    layer = factories.layer(ARTICLE, [(START, START + 9, "PER"), (START + 4, START + 22, "ORG")])
    shown, _ = disputed_passages(
        ARTICLE.text, layer, find_disagreements([layer, factories.layer(ARTICLE, annotator="A2")])
    )
    assert [(p.text, p.labels) for p in shown[0].pieces if p.labels] == [
        ("Ada ", ("PER",)),
        ("Brook", ("ORG", "PER")),
        (" met Nils Orr", ("ORG",)),
    ]
