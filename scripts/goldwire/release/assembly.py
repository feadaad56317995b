"""Put together from a workspace what a release of it would hold: entries, tables, and the facts about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

import goldwire
from goldwire.adjudication.merging import Whole, by_name, merge
from goldwire.alignment.mentions import fault
from goldwire.errors import ConfigError, DataError, MissingFileError
from goldwire.records import Agreement, AnnotationLayer, Article, Decision, Release, SplitAssignment, is_expert
from goldwire.release import parquet
from goldwire.release.dataset_card import Facts
from goldwire.release.rows import CONFIGS, Entry, annotation_row, entity_row, stance_rows
from goldwire.release.standoff import strip
from goldwire.splitting.assignment import SPLITS
from goldwire.text.bio_tags import count_untagged_spans
from goldwire.text.tokenization import tokens
from goldwire.workspace import jsonl, loading, versions
from goldwire.workspace.label_schema import EntityLabel, Schema, StanceOption
from goldwire.workspace.layout import Workspace
from goldwire.workspace.sources import Source, read_sources

if TYPE_CHECKING:
    import pyarrow as pa
    from datasets import Features

__all__ = ["Draft", "assemble"]

Rows = dict[str, dict[str, list[dict[str, Any]]]]


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A release about to be made: its tables by config and split (those that have rows), and the facts of its card.

    `rows` are the tables' with their texts, also of a standoff release. `left_out` counts gold articles that are not
    in it, by reason. The manifest lacks version and files.
    """

    entries: tuple[Entry, ...]
    kinds: Mapping[str, Features]
    tables: Mapping[str, Mapping[str, pa.Table]]
    rows: Rows
    facts: Facts
    left_out: dict[str, int]

    @property
    def manifest(self) -> Release:
        """The manifest so far."""
        return self.facts.manifest

    @property
    def joined(self) -> str | None:
        """The latest version that an article of it joined."""
        return versions.latest(entry.joined.since for entry in self.entries)


class _Gathered(msgspec.Struct, frozen=True):
    """What is in the workspace of the articles that go into the release."""

    schema: Schema
    sources: Mapping[str, Source]
    entries: tuple[Entry, ...]
    layers: tuple[AnnotationLayer, ...]
    decisions: tuple[Decision, ...]


def assemble(workspace: Workspace, schema: Schema, *, version: str | None = None, standoff: bool = False) -> Draft:
    """Gather gold with a split (up to `version`, where one is given) and every annotator's layers of those articles.

    With `standoff` no text goes into the tables.
    """
    said = _said(workspace)
    wholes = merge(loading.gold(workspace), by_name(layer for _, layer in said))
    gold = {name: whole.layer for name, whole in wholes.items()}
    assigned = {row.article_id: row for row in loading.assignment(workspace)}
    inside = _inside(workspace, gold, assigned, version)
    articles = loading.articles(workspace)
    for name in sorted(inside):
        _refuse_broken(gold[name], articles, workspace.gold / f"{gold[name].batch}.jsonl")
    layers = _layers(said, inside, articles)
    decisions = _decisions(workspace, {name: wholes[name] for name in inside})
    entries = _entries([wholes[name] for name in sorted(inside)], articles, assigned, layers, decisions)
    gathered = _Gathered(schema, _sources(entries, workspace), entries, layers, decisions)
    rows = _rows(entries, layers, schema)
    facts = _facts(workspace, gathered, rows, standoff=standoff)
    shown = _stripped(rows, entries) if standoff else rows
    kinds = parquet.features(parquet.Labels(schema.entity_labels, schema.stance_labels), standoff=standoff)
    # `datasets` cannot load a split of no rows ("corresponds to no data"), so that there is no file of one.
    tables = {
        config: {split: parquet.table(made, kinds[config]) for split, made in by_split.items() if made}
        for config, by_split in shown.items()
    }
    left_out = {"no split (see `goldwire split`)": len(gold.keys() - assigned.keys())}
    left_out[f"joined after {version}"] = len(gold.keys() & assigned.keys() - inside)
    return Draft(
        entries=entries,
        tables=tables,
        rows=rows,
        kinds=kinds,
        facts=facts,
        left_out={reason: count for reason, count in left_out.items() if count},
    )


def _inside(
    workspace: Workspace,
    gold: Mapping[str, AnnotationLayer],
    assigned: Mapping[str, SplitAssignment],
    version: str | None,
) -> set[str]:
    """The gold articles that have joined by `version`."""
    if not gold:
        raise MissingFileError("no gold", location=workspace.gold, hint="`goldwire adjudicate` makes it")
    last = None if version is None else versions.parse(version)
    inside = {name for name in gold if name in assigned and (not last or versions.parse(assigned[name].since) <= last)}
    if not inside:
        raise DataError("no gold article has a split", location=workspace.assignment, hint="run `goldwire split`")
    return inside


def _said(workspace: Workspace) -> list[tuple[Path, AnnotationLayer]]:
    """Every annotator's layers, each with its file."""
    paths = (path for path in sorted(workspace.layers.glob("*/*.jsonl")) if not is_expert(path.stem))
    return [(path, layer) for path in paths for layer in jsonl.read(path, AnnotationLayer)]


def _layers(
    said: Iterable[tuple[Path, AnnotationLayer]], inside: set[str], articles: Mapping[str, Article]
) -> tuple[AnnotationLayer, ...]:
    """Those of the articles, by article, batch and annotator."""
    found = [(path, layer) for path, layer in said if layer.article_id in inside]
    for path, layer in found:
        _refuse_broken(layer, articles, path)
    return tuple(sorted((one for _, one in found), key=lambda one: (one.article_id, one.batch, one.annotator)))


def _decisions(workspace: Workspace, gold: Mapping[str, Whole]) -> tuple[Decision, ...]:
    """The decisions behind the gold, of its units: an article that was annotated again has those of its last batch."""
    found = []
    for path in sorted(workspace.gold.glob("*.decisions.jsonl")):
        batch = path.name.removesuffix(".decisions.jsonl")
        for decision in jsonl.read(path, Decision):
            whole = gold.get(decision.article_id)
            if whole is not None and batch in whole.batches:
                unit = whole.units.get((batch, decision.unit or ""), decision.unit)
                found.append(msgspec.structs.replace(decision, unit=unit))
    return tuple(found)


def _refuse_broken(layer: AnnotationLayer, articles: Mapping[str, Article], place: Path) -> None:
    found = fault(layer, articles)
    if found is not None:
        raise DataError(f"{layer.article_id}: {found}", location=place, hint="see `goldwire check`")


def _entries(
    gold: Sequence[Whole],
    articles: Mapping[str, Article],
    assigned: Mapping[str, SplitAssignment],
    layers: Sequence[AnnotationLayer],
    decisions: Iterable[Decision],
) -> tuple[Entry, ...]:
    voters = Counter((layer.article_id, layer.batch) for layer in layers if layer.confirmed)
    made: dict[str, dict[str, Decision]] = {}
    for decision in decisions:
        if decision.unit is not None:
            made.setdefault(decision.article_id, {})[decision.unit] = decision
    return tuple(
        Entry(
            articles[layer.article_id],
            layer,
            assigned[layer.article_id],
            voters[layer.article_id, layer.batch],
            made.get(layer.article_id, {}),
            whole.marked,
        )
        for whole, layer in ((whole, whole.layer) for whole in gold)
    )


def _rows(entries: Sequence[Entry], layers: Sequence[AnnotationLayer], schema: Schema) -> Rows:
    rows: Rows = {config: {split: [] for split in SPLITS} for config in CONFIGS}
    for entry in entries:
        split = entry.joined.split
        rows["entities"][split].append(entity_row(entry, tokens(entry.article.text)))
        rows["stance"][split] += stance_rows(entry, schema.stance_labels)
    split_of = {entry.article.id: entry.joined.split for entry in entries}
    for layer in layers:
        rows["annotations"][split_of[layer.article_id]].append(annotation_row(layer))
    return rows


def _stripped(rows: Rows, entries: Sequence[Entry]) -> Rows:
    texts = {entry.article.id: entry.article.text for entry in entries}
    return {
        config: {split: [strip(config, row, texts[row["article_id"]]) for row in made] for split, made in found.items()}
        for config, found in rows.items()
    }


def _sources(entries: Sequence[Entry], workspace: Workspace) -> dict[str, Source]:
    """The sources of the entries, each of which must be known."""
    known, names = read_sources(workspace.sources), sorted({entry.article.source for entry in entries})
    for name in names:
        if name not in known:
            raise ConfigError(f"no source {name!r}", location=workspace.sources, hint="say there what its licence is")
    return {name: known[name] for name in names}


def _facts(workspace: Workspace, gathered: _Gathered, rows: Rows, *, standoff: bool) -> Facts:
    articles = [entry.article for entry in gathered.entries]
    counts = {config: {split: _labels(config, made) for split, made in rows[config].items()} for config in CONFIGS}
    by_split = {split: [one.article for one in gathered.entries if one.joined.split == split] for split in SPLITS}
    return Facts(
        manifest=msgspec.structs.replace(_manifest(workspace, gathered, counts), standoff=standoff),
        sources=gathered.sources,
        articles_of=_tally(article.source for article in articles),
        rows={config: {split: len(made) for split, made in rows[config].items()} for config in CONFIGS},
        counts=counts,
        annotators=sorted({layer.annotator for layer in gathered.layers}),
        decided=_tally(_word(decision) for decision in gathered.decisions if decision.settled),
        unsettled=_tally(_word(decision) for decision in gathered.decisions if not decision.settled),
        unmarked=sum(not entry.marked for entry in gathered.entries),
        untagged=sum(
            count_untagged_spans(len(row["spans"]), row["ner_tags"])
            for made in rows["entities"].values()
            for row in made
        ),
        dates={split: sorted(a.published[:10] for a in found if a.published) for split, found in by_split.items()},
        lengths={split: sorted(len(article.text) for article in found) for split, found in by_split.items()},
        outlets={split: _tally(gathered.sources[a.source].name for a in found) for split, found in by_split.items()},
        creators=workspace.settings.annotations_creators,
        writers=workspace.settings.language_creators,
        repo_id=workspace.settings.repo_id,
    )


def _word(decision: Decision) -> str:
    """The reason without the expert's own words."""
    return decision.reason.partition(":")[0]


def _manifest(
    workspace: Workspace, gathered: _Gathered, counts: Mapping[str, Mapping[str, Mapping[str, int]]]
) -> Release:
    entries, schema = gathered.entries, gathered.schema
    batches = tuple(sorted({one.gold.batch for one in entries} | {layer.batch for layer in gathered.layers}))
    options: tuple[EntityLabel | StanceOption, ...] = (*schema.entity, *schema.stance)
    return Release(
        name=workspace.settings.name,
        version="",
        goldwire_version=goldwire.__version__,
        guidelines_version=_highest(entry.gold.guidelines_version for entry in entries),
        schema_version=schema.version,
        batches=batches,
        articles={split: sum(entry.joined.split == split for entry in entries) for split in SPLITS},
        labels={config: _tally_all(counts[config].values()) for config in CONFIGS},
        agreement=tuple(value for batch in batches for value in _agreement(workspace.agreement / f"{batch}.json")),
        files=(),
        meanings={option.label: option.description for option in options},
        withheld=tuple(name for name, source in gathered.sources.items() if not source.redistribute),
    )


class _Measured(msgspec.Struct, frozen=True):
    batch: str
    values: tuple[Agreement, ...]


def _agreement(path: Path) -> list[Agreement]:
    """What `agree` measured of a batch, each coefficient named after it: `b01/span_f1_exact`."""
    if not path.exists():
        return []
    found = jsonl.read_document(path, _Measured)
    return [msgspec.structs.replace(value, coefficient=f"{found.batch}/{value.coefficient}") for value in found.values]


def _highest(names: Iterable[str]) -> str:
    return max(names, key=lambda name: [(part.isdigit(), part.zfill(9), part) for part in name.split(".")])


def _labels(config: str, rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    if config == "stance":
        return _tally(row["label"] for row in rows)
    return _tally(unit["label"] for row in rows for unit in (*row["spans"], *row.get("stances", ())))


def _tally(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))


def _tally_all(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total = Counter[str]()
    for one in counts:
        total.update(one)
    return dict(sorted(total.items()))
