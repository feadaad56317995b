"""The text of the dataset card: every section of the Hub's template, with numbers taken from the release. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from statistics import median_low

import msgspec

from goldwire.adjudication.provenance import MACHINE, describe_provenance
from goldwire.baselines.scores import Baseline, Model, format_score
from goldwire.records import Release
from goldwire.release import charts
from goldwire.release.markdown import agreement_table, markdown_table
from goldwire.workspace.sources import Source

__all__ = ["NO_TEXT", "CardData", "card_text", "images", "summary"]

NO_TEXT = (
    "**This release contains no text.** If you have the articles, `goldwire hydrate FOLDER --texts TEXTS` adds `text` "
    "and `tokens`."
)


class CardData(msgspec.Struct, frozen=True, kw_only=True):
    """Data of the dataset card that the manifest does not have.

    Attributes
    ----------
    manifest
        The manifest, possibly still without files.
    sources
        The sources of the articles, by name.
    articles_by_source
        Number of articles of each source.
    n_rows
        Number of rows by config and split.
    label_counts
        Number of labels by config, split and label.
    annotators
        Pseudonyms of the annotators.
    resolved
        Number of resolved decisions by who decided: `unanimous`, `majority`, `single`, `expert`, `model`.
    unresolved
        Number of decisions still in dispute, by what is disputed.
    n_left_out
        Number of resolved decisions that leave an item out of gold.
    n_untagged_spans
        Number of gold spans that BIO tags cannot represent, because a longer span covers them.
    n_misaligned_spans
        Number of gold spans that begin or end inside a token.
    n_without_entity_task
        Number of articles that were annotated for stance only.
    dates, lengths, outlets
        Publication dates (ISO), text lengths in characters, and number of articles by outlet; each by split.
    annotation_creators, language_creators
        Who annotated and who wrote the texts, in the Hub's terms; empty where that is not known.
    repo_id
        The dataset's repository on the Hub, if it is known.
    baseline
        Scores of simple models, if they were trained.
    """

    manifest: Release
    sources: Mapping[str, Source]
    articles_by_source: Mapping[str, int]
    n_rows: Mapping[str, Mapping[str, int]]
    label_counts: Mapping[str, Mapping[str, Mapping[str, int]]]
    annotators: Sequence[str]
    resolved: Mapping[str, int]
    unresolved: Mapping[str, int]
    n_untagged_spans: int
    dates: Mapping[str, Sequence[str]]
    lengths: Mapping[str, Sequence[int]]
    outlets: Mapping[str, Mapping[str, int]]
    annotation_creators: Sequence[str]
    language_creators: Sequence[str]
    repo_id: str | None
    baseline: Baseline | None = None
    n_without_entity_task: int = 0
    n_misaligned_spans: int = 0
    n_left_out: int = 0


def summary(card: CardData) -> str:
    """Return a description of the dataset in two sentences."""
    manifest = card.manifest
    n_articles, n_outlets = sum(manifest.articles.values()), len(card.articles_by_source)
    n_spans, n_stances = (sum(manifest.labels[config].values()) for config in ("entities", "stance"))
    return (
        f"{n_articles} news articles from {n_outlets} outlet{'s' if n_outlets > 1 else ''}, annotated with {n_spans} "
        f"entity spans and {n_stances} stances (who supports or opposes whom). The labels of each annotator are "
        "included beside the gold labels."
    )


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
        *(_introduction, _details, _uses, _structure, _source_data, _annotations, _limitations, _baselines),
        *(_recommendations, _citation, _glossary, _contact),
    )
    return "\n\n".join(paragraph for section in sections for paragraph in section(card)) + "\n"


def _introduction(card: CardData) -> Iterator[str]:
    manifest = card.manifest
    yield f"# {manifest.name} {manifest.version}"
    yield summary(card)
    tag = f"v{manifest.version}"
    where = f'"splits/{tag}", "stance"' if card.repo_id is None else f'"{card.repo_id}", "stance", revision="{tag}"'
    yield f"```python\nfrom datasets import load_dataset\n\nstances = load_dataset({where})\n```"
    if manifest.standoff:
        yield NO_TEXT
    if manifest.changes:
        heading = f"Changed since {manifest.previous}" if manifest.previous else "Changes"
        yield f"**{heading}:** " + "; ".join(manifest.changes) + "."


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


def _uses(_: CardData) -> Iterator[str]:
    yield "## Uses"
    yield "### Direct Use"
    yield (
        "Training and testing named-entity recognisers (`entities`) and models of the stance that a holder takes "
        "towards a target in news (`stance`); studying disagreement between annotators (`annotations`, and "
        "`stance_shares` in `stance`)."
    )
    yield "### Out-of-Scope Use"
    yield (
        "Judging people or outlets: a label records how annotators read a text under these guidelines, not an opinion "
        "of the people it names. Testing a model that was trained on copies of the same articles."
    )


def _structure(card: CardData) -> Iterator[str]:
    splits = tuple(card.manifest.articles)
    yield "## Dataset Structure"
    yield (
        "Near-duplicates of an article are always in its split, and an article never changes its split; "
        "`since_version` is the version in which it was added. Offsets count Unicode code points of `text`, as Python "
        "slices do; the end is exclusive. A split without rows has no file, because `datasets` cannot load an empty "
        "file."
    )
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
            f"{card.n_without_entity_task} articles were annotated for stance only: their rows in `entities` have the "
            "text, but no `tokens` and no `ner_tags`. They are not examples of text without entities."
        )
    if card.n_untagged_spans:
        yield f"{card.n_untagged_spans} spans are covered by a longer span: they are in `spans`, but not in `ner_tags`."
    if card.n_misaligned_spans:
        yield (
            f"{card.n_misaligned_spans} spans begin or end inside a token: their `ner_tags` cover the whole token, "
            "their offsets in `spans` are exact."
        )


_CONFIG_DESCRIPTIONS = {
    "entities": (
        "One row per article: `text` (headline, blank line, paragraphs); `spans`, each with its surface and its "
        "`votes` out of `n_annotators`; and the same spans as `tokens` (with `token_starts` and `token_ends`) with "
        "`ner_tags` (BIO). Of overlapping spans, `ner_tags` has the longest, then the first."
    ),
    "stance": (
        "One row per holder-target pair of an article: `holder` (null: the article's own voice), `target`, their "
        "offsets, and `label`. `stance_shares` has the share of each label, in the order of the label names, among "
        "the annotators who drew a stance between the two; `votes` of `n_annotators` annotators chose `label`."
    ),
    "annotations": (
        "One row per annotator and article: what the annotator marked, before adjudication. Annotators are "
        "pseudonyms. `holder` and `target` of a stance are ids in `spans`; `confirmed` is true if the annotator ticked "
        "the article as done."
    ),
}


def _source_data(_: CardData) -> Iterator[str]:
    yield "## Dataset Creation"
    yield "### Curation Rationale"
    yield "To record who takes which stance in the news, each label traceable to its annotators. See DATASHEET.md."
    yield "### Source Data"
    yield "#### Data Collection and Processing"
    yield (
        "Headline and paragraphs were extracted from raw pages; navigation, captions, notices and comment forms were "
        "removed. Texts are NFC with LF line ends. Near-duplicates were found with MinHash and verified."
    )
    yield "#### Who are the source data producers?"
    yield "The outlets listed above."


def _annotations(card: CardData) -> Iterator[str]:
    yield "### Annotations"
    yield "#### Annotation process"
    by_machine = list(card.annotation_creators) == [MACHINE]
    resolved = describe_provenance(dict(card.resolved), by_machine=by_machine)
    unresolved = ", ".join(f"{count} by {cause}" for cause, count in card.unresolved.items())
    yield (
        f"{'Machines' if by_machine else 'Annotators'} labelled each article in Doccano without seeing each other's "
        f"labels. Decisions on single labels: {resolved}; {card.n_left_out} of them leave the label out of gold. "
        + (f"In dispute, and therefore not in gold: {unresolved}." if unresolved else "No label is in dispute.")
    )
    if card.manifest.agreement:
        yield "Agreement between annotators, with the 95% interval where it was computed:"
        yield agreement_table(card.manifest.agreement)
    yield "#### Who are the annotators?"
    names = ", ".join(card.annotators)
    creators = ", ".join(card.annotation_creators) or "who they are is not stated"
    yield f"{len(card.annotators)} annotators, by pseudonym: {names} ({creators})."
    yield "#### Personal and Sensitive Information"
    yield (
        "Articles contain names of people. Of the annotators, only the pseudonyms are included; their comments are not "
        "released."
    )


def _limitations(card: CardData) -> Iterator[str]:
    n_outlets = len(card.articles_by_source)
    yield "## Bias, Risks, and Limitations"
    yield (
        f"{n_outlets} outlet{'s' if n_outlets > 1 else ''} cannot represent the press as a whole, and the guidelines "
        "are one definition of stance among others. Classes are as unbalanced as in the news: see the counts above."
    )
    if card.manifest.withheld_sources:
        yield f"The text of {', '.join(card.manifest.withheld_sources)} may not be redistributed."


def _baselines(card: CardData) -> Iterator[str]:
    baseline = card.baseline
    if baseline is None:
        return
    yield "### Baselines"
    yield (
        f"Simple models trained on train ({baseline.n_train_articles} articles): F1 with its 95% interval over "
        "resampled articles. A *probe* gets too little input to solve the task; if its score is close to the model's, "
        "labels can be predicted without reading the text."
    )
    for warning in baseline.warnings:
        yield f"**Warning:** {warning}."
    tasks = (("stance, macro-F1", baseline.stance), ("entities, micro-F1 of exact spans", baseline.entities))
    for task, models in tasks:
        if models:
            yield markdown_table((task, "validation", "test"), [_score_row(model) for model in models])
    for task, reason in baseline.skipped.items():
        yield f"No {task} model: {reason}."


def _score_row(model: Model) -> tuple[str, str, str]:
    name = f"{model.name} (probe)" if model.role == "probe" else model.name
    return name, format_score(model.scores.get("validation")), format_score(model.scores.get("test"))


def _recommendations(_: CardData) -> Iterator[str]:
    yield "### Recommendations"
    yield "Report scores by label and by outlet beside the overall score, and state the version of the dataset."


def _citation(card: CardData) -> Iterator[str]:
    manifest = card.manifest
    yield "## Citation"
    yield f"{manifest.name}, version {manifest.version}. See CITATION.cff."
    key = re.sub(r"\W+", "-", manifest.name.lower())
    note = f"Version {manifest.version}"
    yield f"**BibTeX:**\n\n```bibtex\n@misc{{{key},\n  title = {{{manifest.name}}},\n  note = {{{note}}}\n}}\n```"


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
    yield "The repository that this dataset comes from."
