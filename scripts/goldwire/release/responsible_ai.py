"""The properties of croissant.json on responsible use (`rai:`) and on provenance (`prov:`). Pure.

The track on evaluations and datasets of NeurIPS 2026 requires eight properties: `rai:dataLimitations`,
`rai:dataBiases`, `rai:personalSensitiveInformation`, `rai:dataUseCases`, `rai:dataSocialImpact`,
`rai:hasSyntheticData`, `prov:wasDerivedFrom` and `prov:wasGeneratedBy` (its hosting guidelines and its announcement of
2026-05-04). The other `rai:` properties are those of the Croissant RAI specification 1.0; Croissant 1.1 recommends the
W3C's PROV-O for provenance.

A property without content is left out, so that `goldwire check --for neurips` can list it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isnan
from typing import Any

from goldwire.adjudication.provenance import MACHINE
from goldwire.agreement.descriptions import articles, bounds, scope
from goldwire.quantities import quantity
from goldwire.records import Agreement
from goldwire.release import statements
from goldwire.release.card_claims import claims
from goldwire.release.card_data import CardData
from goldwire.workspace.sources import Source

__all__ = ["NEURIPS_PROPERTIES", "lineage", "responsible_use"]

NEURIPS_PROPERTIES = (
    "rai:dataLimitations",
    "rai:dataBiases",
    "rai:personalSensitiveInformation",
    "rai:dataUseCases",
    "rai:dataSocialImpact",
    "rai:hasSyntheticData",
    "prov:wasDerivedFrom",
    "prov:wasGeneratedBy",
)
"""What NeurIPS 2026 requires beyond Croissant's own properties."""

# Kinds of activities in Wikidata, as the RAI editor of NeurIPS writes them.
_COLLECTION, _PREPROCESSING = "https://www.wikidata.org/wiki/Q4929239", "https://www.wikidata.org/wiki/Q5227332"
_ANNOTATION, _REVIEW = "https://www.wikidata.org/wiki/Q109719325", "https://www.wikidata.org/wiki/Q3306762"

Properties = dict[str, Any]


def responsible_use(card: CardData) -> Properties:
    """Return the `rai:` properties that have content."""
    properties: Properties = {
        "rai:dataCollection": " ".join(statements.collection(card)),
        "rai:dataCollectionType": [_collection_type(card)],
        "rai:dataCollectionMissingData": _missing_data(card),
        "rai:dataCollectionRawData": " ".join(claims(card, "origin")),
        "rai:dataPreprocessingProtocol": list(statements.preprocessing(card)),
        "rai:dataAnnotationProtocol": _annotation_protocol(card),
        "rai:dataAnnotationPlatform": ["Doccano"] if card.doccano_batches else [],
        "rai:dataAnnotationAnalysis": [
            _agreement(value) for value in card.manifest.agreement if value.is_whole and not isnan(value.value)
        ],
        "rai:annotationsPerItem": _annotations_per_item(card),
        "rai:annotatorDemographics": list(statements.annotator_demographics(card)),
        "rai:machineAnnotationTools": _machine_tools(card),
        "rai:dataLimitations": list(statements.limitations(card)),
        "rai:dataBiases": [*statements.biases(card), *statements.label_shares(card)],
        "rai:personalSensitiveInformation": list(statements.personal_information(card)),
        "rai:dataUseCases": [f"{statements.direct_uses(card)}.", *statements.stated(card, "uses")],
        "rai:dataSocialImpact": " ".join(statements.stated(card, "social_impact")),
        "rai:dataReleaseMaintenancePlan": " ".join(
            (
                "A released version is never changed; corrections are a new version, with a changelog.",
                *statements.stated(card, "maintenance"),
            )
        ),
        "rai:hasSyntheticData": MACHINE in (*card.language_creators, *card.annotation_creators),
    }
    return {name: value for name, value in properties.items() if value not in ("", [])}


def lineage(card: CardData) -> Properties:
    """Return the `prov:` properties: the sources, and the activities with the agents that carried them out."""
    return {
        "prov:wasDerivedFrom": [_source(name, source) for name, source in card.sources.items()],
        "prov:wasGeneratedBy": _activities(card),
    }


def _collection_type(card: CardData) -> str:
    """The kind of collection, in the terms of the RAI specification."""
    if card.is_machine_written:
        return "Others"
    return "Web Scraping" if card.websites else "Document analysis"


def _missing_data(card: CardData) -> str:
    sentences = ["What is not known is null; no value is imputed."]
    if card.n_held_out:
        held_out = quantity(card.n_held_out, "annotated article is", "annotated articles are")
        sentences.append(f"{held_out} held out: in a split, a near-duplicate of another split would leak.")
    if card.unresolved:
        sentences.append(
            f"{quantity(sum(card.unresolved.values()), 'label in dispute is', 'labels in dispute are')} not in gold."
        )
    return " ".join(sentences)


def _annotation_protocol(card: CardData) -> list[str]:
    manifest = card.manifest
    labels = "; ".join(f"{label}: {meaning}" for label, meaning in manifest.label_descriptions.items())
    return [
        *statements.annotation_process(card),
        *claims(card, "decisions"),
        f"Guidelines {manifest.guidelines_version}, schema {manifest.schema_version}. Labels: {labels}.",
    ]


def _agreement(value: Agreement) -> str:
    """Format a value: `b01 span_f1_exact 0.972 [0.956 to 0.981] over 2,795 spans, 3 annotators, 26 articles`."""
    interval = bounds(value)
    between = f" [{' to '.join(interval)}]" if interval else ""
    sizes = [f"over {scope(value)}", quantity(value.n_raters, "annotator"), articles(value)]
    return f"{value.batch} {value.coefficient} {value.value:.3f}{between} {', '.join(filter(None, sizes))}"


def _annotations_per_item(card: CardData) -> str:
    n_articles, n_shared = sum(card.manifest.articles.values()), card.n_shared_articles
    return (
        f"{n_shared} of {quantity(n_articles, 'article')} were annotated by two or more annotators, the others by one."
    )


def _machine_tools(card: CardData) -> list[str]:
    tools = [f"pre-labels: {source}" for source in card.prelabel_sources]
    return [*tools, f"annotators {', '.join(card.annotators)}"] if card.is_machine_made else tools


def _source(name: str, source: Source) -> Properties:
    entity: Properties = {
        "@type": "prov:Entity",
        "@id": source.homepage or f"urn:source:{name}",
        "prov:label": source.name,
        "license": source.licence,
    }
    return entity


def _activities(card: CardData) -> list[Properties]:
    manifest = card.manifest
    goldwire = _agent(f"goldwire {manifest.goldwire_version}", kind="prov:SoftwareAgent")
    annotators = [_agent(name, kind=_agent_kind(card)) for name in card.annotators]
    activities = [
        _activity("Collection", _COLLECTION, statements.collection(card), []),
        _activity("Preprocessing", _PREPROCESSING, statements.preprocessing(card), [goldwire]),
        _activity("Annotation", _ANNOTATION, _annotation_protocol(card), annotators),
    ]
    if card.resolved or card.unresolved:
        counts = ", ".join(f"{count} {who}" for who, count in card.resolved.items())
        description = (f"Labels of several annotators were adjudicated ({counts}) and checked by goldwire.",)
        activities.append(_activity("Adjudication", _REVIEW, description, [goldwire]))
    return activities


def _agent_kind(card: CardData) -> str:
    return "prov:SoftwareAgent" if card.is_machine_made else "prov:Person"


def _agent(label: str, *, kind: str) -> Mapping[str, str]:
    return {"@type": kind, "prov:label": label}


def _activity(label: str, kind: str, description: Iterable[str], agents: list[Mapping[str, str]]) -> Properties:
    activity: Properties = {
        "@type": "prov:Activity",
        "prov:type": {"@id": kind},
        "prov:label": label,
        "description": " ".join(description),
    }
    return activity | ({"prov:wasAttributedTo": agents} if agents else {})
