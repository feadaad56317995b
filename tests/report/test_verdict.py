"""The verdict of the agreement page."""

from __future__ import annotations

from goldwire.agreement.batch import measure_batch
from goldwire.agreement.batch_context import BatchContext
from goldwire.agreement.disagreements import find_disagreements
from goldwire.report.verdict import agreement_verdict
from support.factories import article, layer

TEXTS = [article(f"Story {n}\n\nAda Brook met Nils Orr.", id=f"wire-{n:012d}") for n in range(8)]


def verdict(*, missing: int):
    """Two annotators of eight articles, of whom the second leaves a name out of the first `missing` articles."""
    ada, nils = (9, 18, "PER"), (23, 31, "PER")
    layers = [layer(text, [ada, nils]) for text in TEXTS]
    layers += [layer(text, [ada] if n < missing else [ada, nils], annotator="A2") for n, text in enumerate(TEXTS)]
    measured = measure_batch("b01", layers, BatchContext(labels=("PER",), stances=()))
    by_article = [[d for d in find_disagreements(layers) if d.article_id == text.id] for text in TEXTS]
    return agreement_verdict(measured, [found for found in by_article if found], 0)


def test_full_agreement_needs_no_adjudication() -> None:
    agreed = verdict(missing=0)
    assert agreed.sentences[0].startswith("Annotators mark mostly the same spans (F1 1.00, 95% interval .")
    assert not any("goldwire adjudicate" in step for step in agreed.steps)


def test_disagreements_are_to_be_settled_and_a_frequent_kind_to_be_clarified() -> None:
    disputed = verdict(missing=6)
    assert disputed.steps[0] == (
        "Settle 6 disagreements in 6 articles, listed below, from the top: `goldwire adjudicate b01`."
    )
    assert disputed.steps[1] == (
        "Clarify the guidelines on `PER`: in 6 disagreements about it, one annotator marked it, the other did not."
    )


def test_a_wide_interval_asks_for_more_articles_of_two_annotators() -> None:
    assert "with 8 articles the interval is" in verdict(missing=4).steps[-1]


def test_without_a_shared_article_nothing_is_said_of_agreement() -> None:
    measured = measure_batch("b01", [layer(TEXTS[0])], BatchContext(labels=(), stances=()))
    nothing = agreement_verdict(measured, [], 0)
    assert nothing.sentences == ("Nothing can be compared yet: no two annotators labelled the same article.",)
    assert nothing.steps == ()
