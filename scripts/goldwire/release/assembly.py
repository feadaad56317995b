"""Build the tables of a release and the data of its card from the inputs. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

import goldwire
from goldwire.adjudication.provenance import annotation_creators, count_provenance
from goldwire.records import Article, Decision, Release
from goldwire.release import features, parquet
from goldwire.release.candidates import entity_candidate_rows, stance_candidate_rows
from goldwire.release.card_data import CardData, CitationData, Website
from goldwire.release.inputs import ReleaseInputs
from goldwire.release.rows import CONFIGS, ReleaseEntry, Row, annotation_row, entity_row, stance_rows
from goldwire.release.standoff import strip_text
from goldwire.splitting.assignment import SPLITS
from goldwire.text.bio_tags import count_misaligned_spans, count_untagged_spans
from goldwire.text.tokenization import tokens
from goldwire.text.urls import domain_name
from goldwire.version_order import highest_version
from goldwire.workspace import versions
from goldwire.workspace.label_schema import EntityLabel, StanceOption
from goldwire.workspace.layout import Settings

if TYPE_CHECKING:
    import pyarrow as pa
    from datasets import Features

__all__ = ["ReleaseDraft", "assemble"]

Rows = dict[str, dict[str, list[Row]]]
"""Rows by config and split."""

LabelCounts = Mapping[str, Mapping[str, Mapping[str, int]]]
"""Number of labels by config, split and label."""


class ReleaseDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A release before it is written: its tables and the data of its card.

    Attributes
    ----------
    features
        Features of each config.
    tables
        Arrow tables by config and split; a split without rows has none.
    rows
        Rows by config and split, with their texts even if the release is stand-off.
    card
        The content of the card. Its manifest lacks the version and the files.
    excluded
        Number of gold articles that are not in the release, by reason.
    earliest_version
        The latest version that one of the articles joined: the release cannot be an earlier one.
    """

    features: Mapping[str, Features]
    tables: Mapping[str, Mapping[str, pa.Table]]
    rows: Rows
    card: CardData
    excluded: dict[str, int]
    earliest_version: str | None

    @property
    def manifest(self) -> Release:
        """The manifest, without version and files."""
        return self.card.manifest


def assemble(inputs: ReleaseInputs, *, standoff: bool = False, full_text_reason: str | None = None) -> ReleaseDraft:
    """Build the tables and the card data of a release.

    Parameters
    ----------
    inputs : ReleaseInputs
        What `goldwire.release.inputs.read_inputs` read.
    standoff : bool, default=False
        Whether to leave the text out of the tables, even if every source may be redistributed.
    full_text_reason : str, optional
        Why the tables have the text although a source may not be redistributed; default: then they have no text.
    """
    withheld = tuple(name for name, source in inputs.sources.items() if not source.redistribute)
    standoff = standoff or (bool(withheld) and full_text_reason is None)
    rows = _rows(inputs)
    schema = inputs.schema
    labels = features.LabelNames(schema.entity_labels, schema.stance_labels)
    config_features = features.config_features(labels, standoff=standoff)
    # `datasets` cannot load a split without rows ("corresponds to no data"), so such a split has no file.
    tables = {
        config: {
            split: parquet.to_table(split_rows, config_features[config])
            for split, split_rows in by_split.items()
            if split_rows
        }
        for config, by_split in (_without_text(rows, inputs.entries) if standoff else rows).items()
    }
    return ReleaseDraft(
        features=config_features,
        tables=tables,
        rows=rows,
        card=_card_data(inputs, rows, _Form(standoff, withheld, full_text_reason if withheld else None)),
        excluded=inputs.excluded,
        earliest_version=versions.latest(entry.assignment.since_version for entry in inputs.entries),
    )


class _Form(msgspec.Struct, frozen=True):
    """Whether a version contains no text, the sources that may not be redistributed, and why it has their text."""

    standoff: bool
    withheld_sources: tuple[str, ...]
    full_text_reason: str | None


def _rows(inputs: ReleaseInputs) -> Rows:
    rows: Rows = {config: {split: [] for split in SPLITS} for config in CONFIGS}
    decisions_of: dict[str, list[Decision]] = {}
    for decision in inputs.decisions:
        decisions_of.setdefault(decision.article_id, []).append(decision)
    for entry in inputs.entries:
        split = entry.assignment.split
        rows["entities"][split].append(entity_row(entry, tokens(entry.article.text)))
        rows["stance"][split] += stance_rows(entry, inputs.schema.stance_labels)
        decisions = decisions_of.get(entry.article.id, ())
        rows["stance_candidates"][split] += stance_candidate_rows(entry, decisions, inputs.schema.stance_labels)
        rows["entity_candidates"][split] += entity_candidate_rows(entry, decisions, inputs.schema.entity_labels)
    split_of = {entry.article.id: entry.assignment.split for entry in inputs.entries}
    for layer in inputs.layers:
        rows["annotations"][split_of[layer.article_id]].append(annotation_row(layer))
    return rows


def _without_text(rows: Rows, entries: Sequence[ReleaseEntry]) -> Rows:
    """The rows of a stand-off release."""
    texts = {entry.article.id: entry.article.text for entry in entries}
    return {
        config: {
            split: [strip_text(config, row, texts[row["article_id"]]) for row in split_rows]
            for split, split_rows in by_split.items()
        }
        for config, by_split in rows.items()
    }


def _card_data(inputs: ReleaseInputs, rows: Rows, form: _Form) -> CardData:
    articles = {
        split: [entry.article for entry in inputs.entries if entry.assignment.split == split] for split in SPLITS
    }
    label_counts = {
        config: {split: _count_labels(config, split_rows) for split, split_rows in rows[config].items()}
        for config in CONFIGS
    }
    annotators = {layer.annotator for layer in inputs.layers}
    return CardData(
        manifest=_manifest(inputs, label_counts, form),
        sources=inputs.sources,
        articles_by_source=_count(entry.article.source for entry in inputs.entries),
        n_rows={config: {split: len(split_rows) for split, split_rows in rows[config].items()} for config in CONFIGS},
        label_counts=label_counts,
        annotators=sorted(annotators),
        n_shared_articles=sum(entry.n_annotators > 1 for entry in inputs.entries),
        quality=inputs.quality,
        doccano_batches=inputs.doccano_batches,
        prelabel_sources=sorted(
            {layer.prelabels.source for layer in inputs.layers if layer.prelabels is not msgspec.UNSET}
        ),
        n_held_out=inputs.n_held_out,
        n_corrected=sum(entry.article.correction is not msgspec.UNSET for entry in inputs.entries),
        resolved=count_provenance(inputs.decisions),
        n_left_out=sum(decision.is_left_out for decision in inputs.decisions),
        unresolved=_count(decision.dispute for decision in inputs.decisions if decision.dispute is not None),
        n_without_entity_task=sum(not entry.entities_annotated for entry in inputs.entries),
        n_untagged_spans=_count_untagged(rows),
        n_misaligned_spans=_count_misaligned(rows),
        dates={
            split: sorted(a.published[:10] for a in split_articles if a.published)
            for split, split_articles in articles.items()
        },
        lengths={
            split: sorted(len(article.text) for article in split_articles) for split, split_articles in articles.items()
        },
        outlets={
            split: _count(inputs.sources[article.source].name for article in split_articles)
            for split, split_articles in articles.items()
        },
        annotation_creators=annotation_creators(inputs.settings.annotations_creators, annotators),
        language_creators=inputs.settings.language_creators,
        repo_id=inputs.settings.repo_id,
        citation=_citation(inputs.settings),
        statements=inputs.settings.statements,
        websites=_websites(entry.article for entry in inputs.entries),
        has_datasheet=inputs.has_datasheet,
    )


def _count_untagged(rows: Rows) -> int:
    """Count the spans that `ner_tags` cannot hold."""
    return sum(
        count_untagged_spans(len(row["spans"]), row["ner_tags"])
        for split_rows in rows["entities"].values()
        for row in split_rows
    )


def _count_misaligned(rows: Rows) -> int:
    """Count the spans that start or end within a token."""
    return sum(
        count_misaligned_spans(
            ((span["start"], span["end"]) for span in row["spans"]),
            list(zip(row["token_starts"], row["token_ends"], strict=True)),
        )
        for split_rows in rows["entities"].values()
        for row in split_rows
        if row["token_starts"]
    )


def _citation(settings: Settings) -> CitationData:
    return CitationData(
        authors=settings.authors,
        year=settings.year,
        doi=settings.doi,
        homepage=settings.homepage,
        publisher=settings.publisher,
        keywords=settings.keywords,
    )


def _websites(articles: Iterable[Article]) -> tuple[Website, ...]:
    """Count the articles and characters of each domain name."""
    counts: dict[str, tuple[int, int]] = {}
    for article in articles:
        domain = domain_name(article.url) or ""
        n_articles, n_characters = counts.get(domain, (0, 0))
        counts[domain] = (n_articles + 1, n_characters + len(article.text))
    websites = (Website(domain, *count) for domain, count in counts.items() if domain)
    return tuple(sorted(websites, key=lambda website: (-website.n_characters, website.domain)))


def _manifest(inputs: ReleaseInputs, label_counts: LabelCounts, form: _Form) -> Release:
    schema = inputs.schema
    options: tuple[EntityLabel | StanceOption, ...] = (*schema.entity, *schema.stance)
    return Release(
        name=inputs.settings.name,
        version="",
        goldwire_version=goldwire.__version__,
        guidelines_version=highest_version(entry.gold.guidelines_version for entry in inputs.entries),
        schema_version=schema.version,
        batches=inputs.batches,
        articles={split: sum(entry.assignment.split == split for entry in inputs.entries) for split in SPLITS},
        labels={config: _sum_counts(label_counts[config].values()) for config in CONFIGS},
        agreement=inputs.agreement,
        files=(),
        label_descriptions={option.label: option.description for option in options},
        withheld_sources=form.withheld_sources,
        standoff=form.standoff,
        full_text_reason=form.full_text_reason,
    )


def _count_labels(config: str, rows: Iterable[Row]) -> dict[str, int]:
    if config == "stance":
        return _count(row["label"] for row in rows)
    if config.endswith("_candidates"):
        return _count(answer["label"] or "(nothing)" for row in rows for answer in row["answers"])
    return _count(unit["label"] for row in rows for unit in (*row["spans"], *row.get("stances", ())))


def _count(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))


def _sum_counts(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total = Counter[str]()
    for count in counts:
        total.update(count)
    return dict(sorted(total.items()))
