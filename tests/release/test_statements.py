"""Sentences on a release, in the card and in Croissant alike."""

from __future__ import annotations

from math import nan

from msgspec.structs import replace

from goldwire.records import AcceptedFindings, Agreement, AnnotatorMinutes
from goldwire.release.card_claims import CLAIM_CODES
from goldwire.release.dataset_card import card_text
from goldwire.release.inputs import WorkQuality
from goldwire.release.statements import (
    annotation_process,
    label_shares,
    limitations,
    personal_information,
    preprocessing,
    stated,
)
from support.card_examples import CARD, MANIFEST

STATEMENTS = {
    "annotator_demographics": "Twelve students.",
    "biases": "One country.",
    "collection": "Pages were fetched.",
    "limitations": "Not for social media.",
    "personal_information": "Private persons are named.",
    "social_impact": "It could profile outlets.",
    "uses": "Comparing outlets.",
}


def test_statements_of_the_settings_are_in_the_card():
    card = card_text(replace(CARD, statements=STATEMENTS))
    assert [text for text in STATEMENTS.values() if text not in card] == []
    assert not any(text in card_text(CARD) for text in STATEMENTS.values())
    assert list(stated(CARD, "biases")) == []


def test_shares_of_labels_and_of_the_largest_outlet():
    counts = {"train": {"PER": 3, "ORG": 1}, "validation": {}, "test": {"ORG": 4}}
    card = replace(CARD, label_counts={**CARD.label_counts, "entities": counts})
    assert list(label_shares(card)) == [
        "Gold labels of spans: ORG 62%, PER 38%.",
        "The outlet with the most articles is The Wire (100%).",
    ]


def test_limitations_name_what_was_accepted_and_withheld():
    accepted = AcceptedFindings(code="text-repeated", n_findings=2, summary="repeated", reason="kept on purpose")
    manifest = replace(MANIFEST, accepted=(accepted,), withheld_sources=("wire",))
    text = " ".join(limitations(replace(CARD, manifest=manifest, n_without_entity_task=3)))
    assert "`text-repeated` (2): repeated. Accepted because: kept on purpose" in text
    assert "The text of wire may not be redistributed." in text
    assert "3 articles were annotated for stance only." in text
    assert "Test has 1 article," in text


def test_a_claim_is_made_only_where_it_was_checked():
    unchecked = replace(CARD, verified=CARD.verified - CLAIM_CODES["pseudonyms"] - CLAIM_CODES["origin"])
    assert len(list(personal_information(unchecked))) == len(list(personal_information(CARD))) - 1
    assert "raw file that it came from" in next(preprocessing(CARD))
    assert "raw file that it came from" not in next(preprocessing(unchecked))


def test_checks_on_annotators_and_their_time_are_stated_as_ranges_and_a_machine_is_named_as_one() -> None:
    def f1(value: float) -> Agreement:
        return Agreement(coefficient="f1", value=value, low=nan, high=nan, n_items=10, n_raters=1)

    one = AnnotatorMinutes(annotator="A1", per_task=4.0, per_label=0.25)
    other = AnnotatorMinutes(annotator="A2", per_task=6.5)
    quality = WorkQuality(self_agreement=(f1(0.9), f1(nan)), gold_checks=(f1(0.8), f1(1.0)), minutes=(one, other))
    text = " ".join(annotation_process(replace(CARD, quality=quality)))
    assert "Exact F1 of annotators with their own labels in sentences that recur: 0.90 (10 spans)." in text
    assert "with gold from elsewhere (gold checks, and sentences of copies): 0.80 to 1.00 (20 spans)." in text
    assert "They took 4.00 to 6.50 minutes per task, and 0.25 per label" in text
    machines = replace(CARD, quality=quality, annotation_creators=("machine-generated",))
    assert "Exact F1 of the machines with" in " ".join(annotation_process(machines))
    assert "Exact F1" not in " ".join(annotation_process(CARD))
