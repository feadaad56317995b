"""The text of the dataset card: every section of the Hub's template, with numbers taken from the release. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from statistics import median_low

from goldwire.quantities import quantity
from goldwire.release import charts
from goldwire.release.card_baselines import baseline_section
from goldwire.release.card_claims import CLAIM_CODES, accepted_problems, claims
from goldwire.release.card_data import CardData
from goldwire.release.citation import bibtex, with_hub_address
from goldwire.release.markdown import agreement_table, inline, markdown_table
from goldwire.release.statements import (
    OUT_OF_SCOPE,
    annotation_process,
    biases,
    direct_uses,
    personal_information,
    preprocessing,
    stated,
    summary,
)
from goldwire.release.training_content import training_content_section

__all__ = ["NO_TEXT", "card_text", "images", "with_repository"]

NO_TEXT = (
    "**This release contains no text.** If you have the articles, `goldwire hydrate FOLDER --texts TEXTS` adds `text` "
    "and `tokens`."
)


_LOAD = re.compile(r'load_dataset\("[^"]*", "(\w+)"(?:, revision="[^"]*")?\)')


def images(card: CardData) -> dict[str, str]:
    """Return the card's charts as SVG by path: labels, lengths, dates and outlets by split."""
    labels = {
        split: {**card.label_counts["entities"][split], **card.label_counts["stance"][split]}
        for split in card.manifest.articles
    }
    return {
        "images/labels.svg": charts.bars("Gold labels", labels),
        "images/lengths.svg": charts.bars("Length of texts in characters", charts.by_length(card.lengths)),
        "images/dates.svg": charts.bars("Articles by date", charts.by_period(card.dates)),
        "images/outlets.svg": charts.bars("Articles by outlet", card.outlets),
    }


def card_text(card: CardData) -> str:
    """Return the Markdown of the card, from its first heading on."""
    sections = (
        *(_introduction, _details, _uses, _structure, _source_data, _annotations, _limitations, baseline_section),
        *(_recommendations, _citation, _glossary, _contact),
    )
    return "\n\n".join(paragraph for section in sections for paragraph in section(card)) + "\n"


def _introduction(card: CardData) -> Iterator[str]:
    manifest = card.manifest
    yield f"# {inline(manifest.name)} {manifest.version}"
    yield summary(card)
    config, name = ("stance", "stances") if sum(card.n_rows["stance"].values()) else ("entities", "articles")
    load = _load_call(card.repo_id, manifest.version, config)
    yield f"```python\nfrom datasets import load_dataset\n\n{name} = {load}\n```"
    if manifest.standoff:
        yield NO_TEXT
    if manifest.changes:
        heading = f"Changed since {manifest.previous}" if manifest.previous else "Changes"
        yield f"**{heading}:** " + "; ".join(manifest.changes) + "."


def _load_call(repo_id: str | None, version: str, config: str) -> str:
    """Return the call that loads a config, from the Hub if the repository is known."""
    where = f'"splits/v{version}", "{config}"' if repo_id is None else f'"{repo_id}", "{config}", revision="v{version}"'
    return f"load_dataset({where})"


def with_repository(text: str, repo_id: str, version: str) -> str:
    """Return a card that loads the version from a repository on the Hub and cites its address there."""
    text = _LOAD.sub(lambda call: _load_call(repo_id, version, call[1]), text)
    return with_hub_address(text, repo_id)


def _details(card: CardData) -> Iterator[str]:
    manifest = card.manifest
    sources = card.sources
    dates = sorted(date for split_dates in card.dates.values() for date in split_dates)
    lengths = sorted(length for split_lengths in card.lengths.values() for length in split_lengths)
    yield "## Dataset Details"
    yield "### Dataset Description"
    yield markdown_table(
        ("", ""),
        [
            ("Made with", f"goldwire {manifest.goldwire_version}"),
            ("Licence", ", ".join(sorted({source.licence for source in sources.values()}))),
            ("Language", ", ".join(sorted({source.language for source in sources.values()}))),
            ("Published", f"{dates[0]} to {dates[-1]}" if dates else "dates unknown"),
            ("Length in characters", f"shortest {lengths[0]}, median {median_low(lengths)}, longest {lengths[-1]}"),
            ("Guidelines, schema", f"{manifest.guidelines_version}, {manifest.schema_version}"),
            ("Batches", ", ".join(manifest.batches)),
        ],
    )
    yield "### Dataset Sources"
    redistribution = {True: "yes", False: "no"}
    yield markdown_table(
        ("Outlet", "Articles", "Language", "Licence", "Text may be redistributed"),
        [
            (
                source.name,
                card.articles_by_source[name],
                source.language,
                source.licence,
                redistribution[source.redistribute],
            )
            for name, source in sources.items()
        ],
    )


def _uses(card: CardData) -> Iterator[str]:
    yield "## Uses"
    yield "### Direct Use"
    yield f"{direct_uses(card)}."
    yield from stated(card, "uses")
    yield "### Out-of-Scope Use"
    yield OUT_OF_SCOPE
    if "social_impact" in card.statements:
        yield "### Social Impact"
        yield from stated(card, "social_impact")


def _structure(card: CardData) -> Iterator[str]:
    splits = tuple(card.manifest.articles)
    yield "## Dataset Structure"
    yield " ".join(
        (
            *claims(card, "leaks", *(("splits",) if card.manifest.previous else ())),
            "`since_version` is the version in which an article was added.",
            "Offsets count Unicode code points of `text`, as Python slices do; the end is exclusive.",
            "`label_name`, `gold_label_name` and `ner_tag_names` repeat labels as strings, for readers such as pandas "
            "and DuckDB that see the numbers of labels only.",
            *claims(card, "offsets"),
            "A split without rows has no file, and a config without rows is not listed, because `datasets` cannot load "
            "an empty file.",
        )
    )
    if card.n_held_out:
        yield (
            f"{card.n_held_out} annotated article{'s are' if card.n_held_out > 1 else ' is'} held out: in whichever "
            "split, a near-duplicate would be in another."
        )
    if any(accepted.code in CLAIM_CODES["leaks"] for accepted in card.manifest.accepted):
        yield "**Near-duplicates are in different splits**: see Bias, Risks, and Limitations."
    articles = ("articles", *(card.manifest.articles[split] for split in splits))
    rows = [(f"`{config}` rows", *(card.n_rows[config][split] for split in splits)) for config in card.n_rows]
    yield markdown_table(("", *splits), [articles, *rows])
    for name in ("labels", "lengths", "dates", "outlets"):
        yield f"![Distribution of {name} over the splits](images/{name}.svg)"
    for config, description in _CONFIG_DESCRIPTIONS.items():
        yield f"### `{config}`"
        yield description
        counts = card.label_counts[config]
        labels = sorted({label for by_label in counts.values() for label in by_label})
        if labels:
            label_rows = [(label, *(counts[split].get(label, 0) for split in splits)) for label in labels]
            yield markdown_table(("label", *splits), label_rows)
    if card.n_without_entity_task:
        yield (
            f"{quantity(card.n_without_entity_task, 'article was', 'articles were')} annotated for stance only: "
            "their rows in `entities` have the "
            "text, but no `tokens` and no `ner_tags`. They are not examples of text without entities."
        )
    if card.n_untagged_spans:
        covered = quantity(card.n_untagged_spans, "span is", "spans are")
        yield f"{covered} in `spans` but not in `ner_tags`, because a longer span covers the same words."
    if card.n_misaligned_spans:
        misaligned = quantity(card.n_misaligned_spans, "span begins or ends", "spans begin or end")
        yield f"{misaligned} inside a token: `ner_tags` cover the whole token, offsets in `spans` are exact."


_CANDIDATES = (
    "in gold or not: `in_gold`, `gold_label` (null if it is not in gold), and `answers`, the label that each annotator "
    "gave (null: none)"
)
_CONFIG_DESCRIPTIONS = {
    "entities": (
        "One row per article: `text` (headline, blank line, paragraphs); `spans`, each with its surface and its "
        "`votes` out of `n_annotators`; and the same spans as `tokens` (with `token_starts` and `token_ends`) with "
        "`ner_tags` (BIO). Of overlapping spans, `ner_tags` has the longest, then the first. `sentences` are offsets "
        "in `text` and the range of their tokens."
    ),
    "stance": (
        "One row per holder-target pair of an article: `holder` (null: the article's own voice), `target`, their "
        "offsets, and `label`; `votes` of `n_annotators` annotators chose it. The soft label is `stance_shares`, the "
        "share of the annotators who drew each stance, in the order of the label names, and `none_share`, the share "
        "of those who drew none; `stance_shares` is null where no annotator drew the pair (an expert did)."
    ),
    "annotations": (
        "One row per annotator and article: what the annotator marked, before adjudication. Annotators are "
        "pseudonyms. `holder` and `target` of a stance are ids in `spans`; `confirmed` is true if the annotator ticked "
        "the article as done."
    ),
    "stance_candidates": (
        f"For work on disagreement, not for training on gold. One row per pair that anybody drew, {_CANDIDATES}. "
        "`stance_shares` and `none_share` are the soft label, as in `stance`. The table counts answers."
    ),
    "entity_candidates": (
        f"For work on disagreement, not for training on gold. One row per mention that anybody marked, {_CANDIDATES} "
        "with its offsets. `label_shares`, in the order of the label names, and `none_share` are the soft label. The "
        "text is in `entities`. The table counts answers."
    ),
}


def _source_data(card: CardData) -> Iterator[str]:
    yield "## Dataset Creation"
    yield "### Curation Rationale"
    yield "See DATASHEET.md." if card.has_datasheet else "Not stated."
    yield "### Source Data"
    yield "#### Data Collection and Processing"
    yield " ".join((*stated(card, "collection"), next(preprocessing(card))))
    yield "#### Who are the source data producers?"
    yield "The outlets listed above."
    yield from training_content_section(card)


def _annotations(card: CardData) -> Iterator[str]:
    yield "### Annotations"
    yield "#### Annotation process"
    yield " ".join((*annotation_process(card), *claims(card, "decisions")))
    if card.manifest.agreement:
        whom = "machine annotators, which says nothing about people" if card.is_machine_made else "annotators"
        yield " ".join(
            (
                f"Agreement between {whom}, with the 95% interval where it was computed.",
                *claims(card, "agreement"),
            )
        )
        yield agreement_table(card.manifest.agreement)
    yield "#### Who are the annotators?"
    names = ", ".join(card.annotators)
    creators = ", ".join(card.annotation_creators) or "who they are is not stated"
    number = quantity(len(card.annotators), "annotator")
    yield " ".join((f"{number}, by pseudonym: {names} ({creators}).", *stated(card, "annotator_demographics")))
    yield "#### Personal and Sensitive Information"
    yield " ".join(personal_information(card))


def _limitations(card: CardData) -> Iterator[str]:
    manifest = card.manifest
    yield "## Bias, Risks, and Limitations"
    yield " ".join((*biases(card), "The counts above show how unbalanced the classes are."))
    yield from stated(card, "limitations")
    if manifest.accepted:
        yield "Errors that `goldwire check` finds in the data, and that the version contains on purpose:"
        yield "\n".join(accepted_problems(card))
    if manifest.withheld_sources:
        yield f"The text of {', '.join(manifest.withheld_sources)} may not be redistributed."
        if manifest.full_text_reason is not None:
            yield f"This version contains it, and must not be published. Reason: {manifest.full_text_reason}"


def _recommendations(_: CardData) -> Iterator[str]:
    yield "### Recommendations"
    yield "Report scores by label and by outlet beside the overall score, and state the version of the dataset."


def _citation(card: CardData) -> Iterator[str]:
    manifest = card.manifest
    yield "## Citation"
    yield f"{inline(manifest.name)}, version {manifest.version}. See CITATION.cff."
    yield f"**BibTeX:**\n\n```bibtex\n{bibtex(manifest, card.citation, address=card.address)}\n```"


def _glossary(card: CardData) -> Iterator[str]:
    yield "## Glossary"
    yield (
        "Stance: a holder supports, opposes or is neutral towards a target. Gold: the labels after adjudication. "
        "Cluster: a group of near-duplicate articles."
    )
    yield markdown_table(("label", "meaning"), list(card.manifest.label_descriptions.items()))


def _contact(card: CardData) -> Iterator[str]:
    yield "## More Information"
    yield (
        "`content_sha256` in `manifest.json` is a digest of the rows of each data file; it is the same wherever the "
        "same data are released."
    )
    yield "## Dataset Card Authors"
    yield f"Generated from the data by goldwire {card.manifest.goldwire_version}."
    yield "## Dataset Card Contact"
    yield card.citation.homepage or "The repository that this dataset comes from."
