"""Sentences on the making, the uses and the limits of a release, for both the card and Croissant. Pure.

Sentences follow from the data where they can. What only people know (`[tool.goldwire.statements]`) is added to them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import isnan

from goldwire.adjudication.provenance import describe_provenance
from goldwire.quantities import quantity
from goldwire.release.card_claims import CLAIM_CODES, accepted_problems, claims
from goldwire.release.card_data import CardData
from goldwire.workspace.layout import StatementName

__all__ = [
    "OUT_OF_SCOPE",
    "annotation_process",
    "annotator_demographics",
    "biases",
    "collection",
    "direct_uses",
    "label_shares",
    "limitations",
    "personal_information",
    "preprocessing",
    "stated",
    "summary",
]

OUT_OF_SCOPE = (
    "Judging people or outlets: a label records how annotators read a text under these guidelines, not an opinion of "
    "the people it names. Testing a model that was trained on copies of the same articles."
)


def summary(card: CardData) -> str:
    """Return a description of the dataset in one or two sentences."""
    manifest = card.manifest
    n_articles, n_outlets = sum(manifest.articles.values()), len(card.articles_by_source)
    n_spans, n_stances = (sum(manifest.labels[config].values()) for config in ("entities", "stance"))
    stances = f" and {quantity(n_stances, 'stance')} (who supports or opposes whom)" if n_stances else ""
    labels = f"{quantity(n_spans, 'entity span')}{stances}"
    layers = " The labels of each annotator are included beside the gold labels." if card.annotators else ""
    return f"{quantity(n_articles, 'article')} from {quantity(n_outlets, 'outlet')}, annotated with {labels}.{layers}"


def stated(card: CardData, name: StatementName) -> Iterator[str]:
    """Yield what the settings state about something, if they do."""
    if name in card.statements:
        yield card.statements[name]


def direct_uses(card: CardData) -> str:
    """Return what the release can be used for, as a sentence without a full stop."""
    tasks = ["named-entity recognisers (`entities`)"] if sum(card.n_rows["entities"].values()) else []
    if sum(card.n_rows["stance"].values()):
        tasks.append("models of the stance that a holder takes towards a target (`stance`)")
    uses = [f"Training and testing {' and '.join(tasks)}"] if tasks else []
    if card.n_shared_articles:
        uses.append(
            "studying disagreement between annotators (`annotations`; "
            f"{quantity(card.n_shared_articles, 'article was', 'articles were')} "
            "annotated by two or more)"
        )
    return "; ".join(uses)


def collection(card: CardData) -> Iterator[str]:
    """Yield where the texts come from."""
    n_outlets, n_articles = len(card.articles_by_source), sum(card.articles_by_source.values())
    if card.is_machine_written:
        yield "The texts were written by machines."
    yield (
        f"{quantity(n_articles, 'article')} of {quantity(n_outlets, 'outlet')} {'was' if n_articles == 1 else 'were'} "
        "collected as raw files."
    )
    yield from stated(card, "collection")


def preprocessing(card: CardData) -> Iterator[str]:
    """Yield what was done to the texts before they were annotated."""
    extracted = "`goldwire ingest` extracted the texts from the raw files."
    n = card.n_corrected
    corrected = (f"A person corrected the text of {quantity(n, 'article')} before annotation.",) if n else ()
    yield " ".join((extracted, *corrected, *claims(card, "origin", "normalization")))
    yield "Near-duplicates were clustered, and each cluster is in one split."
    yield "Texts were divided into tokens and sentences by rules; offsets count Unicode code points."


def annotation_process(card: CardData) -> Iterator[str]:
    """Yield how the labels were made, as far as the workspace shows it."""
    who = "Machines" if card.is_machine_made else "Annotators"
    from_doccano = [batch for batch in card.manifest.batches if batch in card.doccano_batches]
    if from_doccano:
        batches = "" if len(from_doccano) == len(card.manifest.batches) else f" of {', '.join(from_doccano)}"
        yield f"{who} labelled the articles{batches} in Doccano, each in a project of their own."
    yield from annotator_quality(card)
    if card.prelabel_sources:
        yield f"They started from pre-labels (`{'`, `'.join(card.prelabel_sources)}`), which they could change."
    if not card.resolved and not card.unresolved:
        yield "How the gold labels were decided is not recorded."
        return
    resolved = describe_provenance(dict(card.resolved), by_machine=card.is_machine_made)
    yield f"Decisions on single labels: {resolved}; {card.n_left_out} of them leave the label out of gold."
    if card.unresolved:
        unresolved = ", ".join(f"{count} by {cause}" for cause, count in card.unresolved.items())
        yield f"In dispute, and therefore not in gold: {unresolved}."
    elif CLAIM_CODES["decisions"] <= card.verified:
        yield "No label is in dispute."


def annotator_quality(card: CardData) -> Iterator[str]:
    """Yield the checks on single annotators, and the time that they took: ranges over annotators and batches."""
    quality, who = card.quality, "the machines" if card.is_machine_made else "annotators"
    for what, values in (
        ("their own labels in sentences that recur", quality.self_agreement),
        ("gold from elsewhere (gold checks, and sentences of copies)", quality.gold_checks),
    ):
        defined = [value for value in values if not isnan(value.value)]
        if defined:
            n, figures = sum(value.n_items for value in defined), _range([value.value for value in defined])
            yield f"Exact F1 of {who} with {what}: {figures} ({quantity(n, 'span')})."
    per_task = [one.per_task for one in quality.minutes]
    per_label = [one.per_label for one in quality.minutes if one.per_label is not None]
    if per_task:
        labels = f", and {_range(per_label)} per label" if per_label else ""
        yield f"They took {_range(per_task)} minutes per task{labels}, from the times at which they ticked them done."


def _range(values: Sequence[float]) -> str:
    """Return `0.81 to 0.92`, or the one figure that there is."""
    low, high = f"{min(values):.2f}", f"{max(values):.2f}"
    return low if low == high else f"{low} to {high}"


def annotator_demographics(card: CardData) -> Iterator[str]:
    """Yield who the annotators are."""
    if card.is_machine_made:
        yield "The annotators are machines."
    yield from stated(card, "annotator_demographics")


def personal_information(card: CardData) -> Iterator[str]:
    """Yield what the release contains about people."""
    yield "Articles contain names of people."
    yield from claims(card, "pseudonyms")
    yield "Comments of annotators are not released."
    yield from stated(card, "personal_information")


def biases(card: CardData) -> Iterator[str]:
    """Yield how the selection of texts and the guidelines shape the labels."""
    n_outlets = len(card.articles_by_source)
    yield (
        f"{quantity(n_outlets, 'outlet')} cannot represent the press as a whole, and the guidelines "
        "are one definition of each label among others."
    )
    yield from stated(card, "biases")


def label_shares(card: CardData) -> Iterator[str]:
    """Yield the share of each label of gold, and of the outlet with the most articles."""
    for config, unit in (("entities", "spans"), ("stance", "stances")):
        counts = Counter[str]()
        for by_label in card.label_counts[config].values():
            counts.update(by_label)
        total = counts.total()
        if total:
            shares = ", ".join(f"{label} {count / total:.0%}" for label, count in counts.most_common())
            yield f"Gold labels of {unit}: {shares}."
    total = sum(card.articles_by_source.values())
    name, most = max(card.articles_by_source.items(), key=lambda item: (item[1], item[0]))
    yield f"The outlet with the most articles is {card.sources[name].name} ({most / total:.0%})."


def limitations(card: CardData) -> Iterator[str]:
    """Yield what the release does not contain or is not fit for."""
    manifest = card.manifest
    yield from stated(card, "limitations")
    yield "Out of scope: " + OUT_OF_SCOPE
    n_test = manifest.articles.get("test", 0)
    yield f"Test has {quantity(n_test, 'article')}, so that scores on it have wide intervals."
    if card.n_without_entity_task:
        yield f"{quantity(card.n_without_entity_task, 'article was', 'articles were')} annotated for stance only."
    if manifest.withheld_sources:
        yield f"The text of {', '.join(manifest.withheld_sources)} may not be redistributed."
    if manifest.accepted:
        yield "The version contains errors on purpose. " + " ".join(
            problem.removeprefix("- ") for problem in accepted_problems(card)
        )
    if card.baseline is not None:
        yield from (f"{warning}." for warning in card.baseline.warnings)
