"""Properties on responsible use and provenance: what the data say, and nothing that is not known."""

from __future__ import annotations

from math import nan

from msgspec.structs import replace

from goldwire.records import Agreement
from goldwire.release.responsible_ai import NEURIPS_PROPERTIES, lineage, responsible_use
from support.card_examples import CARD, MANIFEST


def test_people_and_doccano_are_named_where_they_worked():
    card = replace(CARD, doccano_batches=("b01",), prelabel_sources=("gazetteer",), n_shared_articles=4, n_held_out=2)
    properties = responsible_use(card)
    assert properties["rai:dataAnnotationPlatform"] == ["Doccano"]
    assert properties["rai:machineAnnotationTools"] == ["pre-labels: gazetteer"]
    assert properties["rai:annotationsPerItem"].startswith("4 of 5 articles")
    assert "2 annotated articles are held out" in properties["rai:dataCollectionMissingData"]
    assert "rai:annotatorDemographics" not in properties
    assert [agent["@type"] for agent in lineage(card)["prov:wasGeneratedBy"][2]["prov:wasAttributedTo"]] == [
        "prov:Person",
        "prov:Person",
    ]


def test_machines_are_never_called_people():
    card = replace(CARD, annotation_creators=("machine-generated",), language_creators=("machine-generated",))
    properties = responsible_use(card)
    assert properties["rai:hasSyntheticData"] is True
    assert properties["rai:dataCollection"].startswith("The texts were written by machines.")
    assert properties["rai:annotatorDemographics"] == ["The annotators are machines."]
    assert properties["rai:machineAnnotationTools"] == ["annotators A1, A2"]
    activities = lineage(card)["prov:wasGeneratedBy"]
    agents = [agent for activity in activities for agent in activity.get("prov:wasAttributedTo", ())]
    assert {agent["@type"] for agent in agents} == {"prov:SoftwareAgent"}
    assert responsible_use(replace(card, annotation_creators=("crowdsourced",)))["rai:hasSyntheticData"] is True


def test_agreement_is_that_of_whole_batches_with_its_interval_and_its_condition():
    whole = Agreement(
        coefficient="span_f1_exact",
        batch="b01",
        value=0.9,
        low=0.8,
        high=0.95,
        interval="jackknife",
        n_items=1200,
        n_raters=3,
        n_groups=12,
        unit="span",
    )
    part = replace(whole, label="PER")
    undefined = replace(whole, value=nan, low=nan, high=nan, interval=None, reason="no spans")
    card = replace(CARD, manifest=replace(MANIFEST, agreement=(whole, part, undefined)))
    assert responsible_use(card)["rai:dataAnnotationAnalysis"] == [
        "b01 span_f1_exact 0.900 [0.800 to 0.950] over 1,200 spans, 3 annotators, 12 articles"
    ]


def test_without_statements_only_the_social_impact_is_unknown():
    properties = responsible_use(CARD) | lineage(CARD)
    assert [name for name in NEURIPS_PROPERTIES if name not in properties] == ["rai:dataSocialImpact"]
    stated = responsible_use(replace(CARD, statements={"social_impact": "Little.", "biases": "One country."}))
    assert stated["rai:dataSocialImpact"] == "Little."
    assert "One country." in stated["rai:dataBiases"]


def test_a_source_is_an_entity_with_its_address_and_licence():
    source = replace(CARD.sources["wire"], homepage="https://wire.example/")
    (entity,) = lineage(replace(CARD, sources={"wire": source}))["prov:wasDerivedFrom"]
    assert (entity["@id"], entity["license"]) == ("https://wire.example/", "CC-BY-4.0")
