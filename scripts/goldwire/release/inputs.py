"""Read the inputs of a release from a workspace: gold with a split, and all annotators' layers of those articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from goldwire.adjudication.merging import CombinedGold, merge_gold, target_batches
from goldwire.agreement.repeated_sentences import gold_check_agreement, self_agreement
from goldwire.alignment.mentions import require_valid_layer
from goldwire.errors import ConfigError, DataError, MissingFileError
from goldwire.records import Agreement, AnnotationLayer, AnnotatorMinutes, Article, Decision, SplitAssignment, has_vote
from goldwire.release.rows import ReleaseEntry
from goldwire.workspace import jsonl, loading, versions
from goldwire.workspace.label_schema import Schema
from goldwire.workspace.layout import Settings, Workspace
from goldwire.workspace.sources import Source, read_sources

__all__ = ["ReleaseInputs", "WorkQuality", "read_inputs"]


class WorkQuality(msgspec.Struct, frozen=True, kw_only=True):
    """Checks on single annotators and the time that they took, one value per annotator or per annotator and batch.

    Attributes
    ----------
    self_agreement, gold_checks
        Exact F1 of spans: with the annotator's own in sentences that recur, and with gold from elsewhere.
    minutes
        Working time.
    """

    self_agreement: tuple[Agreement, ...] = ()
    gold_checks: tuple[Agreement, ...] = ()
    minutes: tuple[AnnotatorMinutes, ...] = ()


class ReleaseInputs(msgspec.Struct, frozen=True, kw_only=True):
    """Everything in a workspace that a release is built from.

    Attributes
    ----------
    settings, schema
        The workspace's settings and label schema.
    sources
        The sources of the articles, by name.
    entries, layers, decisions
        The articles, their annotators' layers, and the decisions on their gold labels.
    batches
        The batches that the labels come from.
    doccano_batches
        Those among them that were pulled from a Doccano server.
    agreement
        Agreement values of the batches.
    quality
        Checks on single annotators, and the time that they took.
    excluded
        Number of gold articles that are not in the release, by reason.
    n_held_out
        Number of gold articles that are in no split, because they would leak.
    has_datasheet
        Whether the workspace has a DATASHEET.md.
    """

    settings: Settings
    schema: Schema
    sources: Mapping[str, Source]
    entries: tuple[ReleaseEntry, ...]
    layers: tuple[AnnotationLayer, ...]
    decisions: tuple[Decision, ...]
    batches: tuple[str, ...]
    doccano_batches: tuple[str, ...]
    agreement: tuple[Agreement, ...]
    quality: WorkQuality
    excluded: dict[str, int]
    n_held_out: int
    has_datasheet: bool


def read_inputs(workspace: Workspace, schema: Schema, *, version: str | None = None) -> ReleaseInputs:
    """Read the inputs of a release.

    Parameters
    ----------
    workspace : Workspace
        The workspace to release.
    schema : Schema
        Its label schema.
    version : str, optional
        Include only articles that joined in this version or earlier; default: all articles that have a split.

    Raises
    ------
    MissingFileError
        If there is no gold.
    DataError
        If no article has both gold and a split, or if a layer does not match its article.
    ConfigError
        If a source is not in corpus/sources.toml.
    """
    files = _read_layers(workspace)
    combined = merge_gold(loading.gold(workspace), target_batches(layer for _, layer in files))
    rows = loading.assignment(workspace)
    held_out = {row.article_id for row in rows if row.is_held_out}
    assigned = {row.article_id: row for row in rows if not row.is_held_out}
    included = _included_articles(workspace, combined, assigned, version)
    articles = loading.articles(workspace)
    for article_id in sorted(included):
        gold = combined[article_id].layer
        require_valid_layer(gold, articles, workspace.gold_file(gold.batch))
    for path, layer in files:
        if layer.article_id in included:
            require_valid_layer(layer, articles, path)
    layers = sorted(
        (layer for _, layer in files if layer.article_id in included),
        key=lambda layer: (layer.article_id, layer.batch, layer.annotator),
    )
    combined_included = {article_id: combined[article_id] for article_id in sorted(included)}
    decisions = _read_decisions(workspace, combined_included)
    entries = _entries(combined_included.values(), articles, assigned, layers, decisions)
    batches = tuple(sorted({entry.gold.batch for entry in entries} | {layer.batch for layer in layers}))
    measured = tuple(_read_agreement(workspace, batch) for batch in batches)
    excluded = {
        "no split (see `goldwire split`)": len(combined.keys() - assigned.keys() - held_out),
        "held out, because it would leak between splits": len(combined.keys() & held_out),
        f"joined after {version}": len(combined.keys() & assigned.keys() - included),
    }
    return ReleaseInputs(
        settings=workspace.settings,
        schema=schema,
        sources=_read_sources(workspace, {entry.article.source for entry in entries}),
        entries=entries,
        layers=tuple(layers),
        decisions=decisions,
        batches=batches,
        doccano_batches=tuple(batch for batch in batches if any((workspace.exports / batch).glob("*"))),
        agreement=tuple(value for batch in measured for value in batch.values),
        quality=_quality(workspace, layers, articles, measured),
        excluded={reason: count for reason, count in excluded.items() if count},
        n_held_out=len(combined.keys() & held_out),
        has_datasheet=(workspace.root / "DATASHEET.md").exists(),
    )


def _read_layers(workspace: Workspace) -> list[tuple[Path, AnnotationLayer]]:
    """Read every annotator's layers, each with its file; those of experts and machines are not released."""
    paths = (path for path in sorted(workspace.layers.glob("*/*.jsonl")) if has_vote(path.stem))
    return [(path, layer) for path in paths for layer in jsonl.read(path, AnnotationLayer)]


def _quality(
    workspace: Workspace,
    layers: Sequence[AnnotationLayer],
    articles: Mapping[str, Article],
    measured: Iterable[_BatchAgreement],
) -> WorkQuality:
    """Compare the released layers on repeated text: with the same annotator's, and with gold."""
    by_name = target_batches(layers)
    layers = [layer for layer in layers if layer.batch not in by_name]
    batches = sorted({layer.batch for layer in layers} & set(loading.batches(workspace)))
    tasks = {batch: loading.tasks(workspace, batch) for batch in batches}
    checks = {batch: {task.article_id for task in tasks[batch] if task.gold_check == "article"} for batch in batches}
    copies = {name for cluster in loading.duplicates(workspace) for name in cluster.article_ids}
    repeated = copies.union(*checks.values()) & articles.keys()
    texts, gold = {name: articles[name].text for name in sorted(repeated)}, loading.gold(workspace)
    checked = [
        gold_check_agreement([x for x in layers if x.batch == batch], gold, texts, checks=checks[batch])
        for batch in batches
    ]
    return WorkQuality(
        self_agreement=tuple(self_agreement(layers, texts).values()),
        gold_checks=tuple(value for values in checked for value in values.values()),
        minutes=tuple(one for batch in measured for one in batch.minutes),
    )


def _included_articles(
    workspace: Workspace, gold: Collection[str], assigned: Mapping[str, SplitAssignment], version: str | None
) -> set[str]:
    """Return the gold articles that joined in `version` or earlier."""
    if not gold:
        raise MissingFileError("no gold", location=workspace.gold, hint="run `goldwire adjudicate`")
    limit = None if version is None else versions.parse(version)
    included = {
        article_id
        for article_id in gold
        if article_id in assigned and (not limit or versions.parse(assigned[article_id].since_version) <= limit)
    }
    if not included:
        raise DataError("no gold article has a split", location=workspace.assignment, hint="run `goldwire split`")
    return included


def _read_decisions(workspace: Workspace, gold: Mapping[str, CombinedGold]) -> tuple[Decision, ...]:
    """Read the decisions behind the gold labels; an article that was annotated again has those of its last batch."""
    decisions = []
    for path in sorted(workspace.gold.glob("*.decisions.jsonl")):
        batch = path.name.removesuffix(".decisions.jsonl")
        for decision in jsonl.read(path, Decision):
            combined = gold.get(decision.article_id)
            if combined is not None and batch in combined.batches:
                gold_id = combined.gold_ids.get((batch, decision.gold_id or ""), decision.gold_id)
                decisions.append(msgspec.structs.replace(decision, gold_id=gold_id))
    return tuple(decisions)


def _entries(
    gold: Iterable[CombinedGold],
    articles: Mapping[str, Article],
    assigned: Mapping[str, SplitAssignment],
    layers: Iterable[AnnotationLayer],
    decisions: Iterable[Decision],
) -> tuple[ReleaseEntry, ...]:
    """Join each article with its gold, split, number of annotators and decisions."""
    annotators = Counter((layer.article_id, layer.batch) for layer in layers if layer.confirmed)
    decision_of: dict[str, dict[str, Decision]] = {}
    for decision in decisions:
        if decision.gold_id is not None:
            decision_of.setdefault(decision.article_id, {})[decision.gold_id] = decision
    return tuple(
        ReleaseEntry(
            article=articles[combined.layer.article_id],
            gold=combined.layer,
            assignment=assigned[combined.layer.article_id],
            n_annotators=annotators[combined.layer.article_id, combined.layer.batch],
            decisions=decision_of.get(combined.layer.article_id, {}),
            entities_annotated=combined.has_entities,
            target_probability=combined.target_probability,
        )
        for combined in gold
    )


def _read_sources(workspace: Workspace, names: Collection[str]) -> dict[str, Source]:
    """Read the named sources; a source without an entry is an error, since its licence is unknown."""
    sources = read_sources(workspace.sources)
    for name in sorted(names):
        if name not in sources:
            raise ConfigError(f"no source {name!r}", location=workspace.sources, hint="add it, with its licence")
    return {name: sources[name] for name in sorted(names)}


class _BatchAgreement(msgspec.Struct, frozen=True):
    """The part of annotations/agreement/<batch>.json that a release needs."""

    values: tuple[Agreement, ...] = ()
    minutes: tuple[AnnotatorMinutes, ...] = ()


def _read_agreement(workspace: Workspace, batch: str) -> _BatchAgreement:
    path = workspace.agreement_file(batch)
    return jsonl.read_document(path, _BatchAgreement) if path.exists() else _BatchAgreement()
