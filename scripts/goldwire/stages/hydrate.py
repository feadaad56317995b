"""Put the text back into a stand-off release, from a user's own copies of the articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from goldwire.errors import ConflictError, DataError, MissingFileError
from goldwire.progress import track
from goldwire.quantities import quantity
from goldwire.records import Release
from goldwire.release import features, parquet, writer
from goldwire.release.card_metadata import front_matter
from goldwire.release.dataset_card import NO_TEXT
from goldwire.release.reader import ReleasedVersion
from goldwire.release.rows import CONFIGS, Row
from goldwire.release.standoff import (
    UserText,
    candidate_texts,
    fill_annotation,
    fill_entity,
    fill_entity_candidate,
    fill_stance,
    read_user_texts,
    realign,
)
from goldwire.splitting.assignment import SPLITS
from goldwire.text.tokenization import tokens
from goldwire.workspace import atomic, jsonl

if TYPE_CHECKING:
    import pyarrow as pa
    from datasets import Features

__all__ = ["ArticleOutcome", "HydrateReport", "run"]

TextState = Literal["exact", "aligned", "different-article", "missing"]


class ArticleOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """The result for an article.

    Attributes
    ----------
    article_id
        The article.
    state
        `exact`: the user's text is the annotated text; `aligned`: it was aligned with it; `different-article`: it is
        the text of another article; `missing`: there is no text.
    lost_labels
        Ids of the gold labels (`T3`) and annotators' labels (`b01/A1 T3`) that were not found again.
    """

    article_id: str
    state: TextState
    lost_labels: tuple[str, ...] = ()


class HydrateReport(msgspec.Struct, frozen=True, kw_only=True):
    """Articles and annotations whose text `hydrate` restored.

    Attributes
    ----------
    articles
        Number of articles by state.
    gold_labels, restored
        Number of gold labels (spans and stances) of the release, and of those among them that were found again.
    folder
        The new folder.
    outcomes
        The result for each article.
    """

    articles: dict[str, int]
    gold_labels: int
    restored: int
    folder: str
    outcomes: tuple[ArticleOutcome, ...]

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield "articles: " + ", ".join(f"{state} {count}" for state, count in self.articles.items())
        share = f" ({self.restored / self.gold_labels:.1%})" if self.gold_labels else ""
        yield f"{self.restored} of {quantity(self.gold_labels, 'gold label')} restored{share}"
        for outcome in self.outcomes:
            if outcome.lost_labels:
                yield f"{outcome.article_id}: not found again, omitted: {', '.join(outcome.lost_labels)}"
        yield f"written to {self.folder}; hydrated.json lists what was omitted"


class _SplitRows(msgspec.Struct, frozen=True):
    """The rows of a release by config, each with its split."""

    by_config: Mapping[str, Sequence[tuple[str, Row]]]

    @classmethod
    def of(cls, release: ReleasedVersion) -> _SplitRows:
        return cls(
            {
                config: [(split, row) for split in release.splits(config) for row in release.rows(config, split)]
                for config in CONFIGS
                if config in release.manifest.labels
            }
        )

    def annotations_by_article(self) -> dict[str, list[Row]]:
        by_article: dict[str, list[Row]] = {}
        for _, row in self.by_config["annotations"]:
            by_article.setdefault(row["article_id"], []).append(row)
        return by_article

    def gold_labels(self) -> dict[str, set[str]]:
        """The ids of the gold labels by article: `T1`, `R1`."""
        ids: dict[str, set[str]] = {}
        for _, row in self.by_config["entities"]:
            ids.setdefault(row["article_id"], set()).update(span["id"] for span in row["spans"])
        for _, row in self.by_config["stance"]:
            ids.setdefault(row["article_id"], set()).add(row["id"].rpartition(":")[2])
        return ids

    def annotator_labels(self) -> dict[str, set[str]]:
        """The ids of the annotators' labels by article: `b01/A1 T1`."""
        ids: dict[str, set[str]] = {}
        for _, row in self.by_config["annotations"]:
            labels = (*row["spans"], *row["stances"])
            ids.setdefault(row["article_id"], set()).update(
                f"{row['batch']}/{row['annotator']} {label['id']}" for label in labels
            )
        return ids


def run(dataset: Path, *, texts: Path, out: Path) -> HydrateReport:
    """Write a copy of a stand-off release that has its text.

    An annotation is placed only where its surface matches; otherwise it is omitted and reported.

    Parameters
    ----------
    dataset : Path
        The folder of a stand-off release.
    texts : Path
        The user's texts: a folder with `.txt`, `.jsonl` or `.parquet` files, or one `.jsonl` or `.parquet` file (see
        `goldwire.release.standoff.read_user_texts`).
    out : Path
        The folder to write.

    Raises
    ------
    ConflictError
        If `out` exists.
    GoldwireError
        If `dataset` is not a stand-off release, or if `texts` cannot be read.
    """
    if out.exists():
        raise ConflictError("exists already", location=out, hint="name a new folder")
    release = _open_standoff(dataset)
    stripped = _SplitRows.of(release)
    user_texts, states = _realign_articles(stripped, read_user_texts(texts))
    filled = _fill(stripped, user_texts)
    report = _report(stripped, filled, states, out)
    _write(release, out, filled, report)
    return report


def _open_standoff(dataset: Path) -> ReleasedVersion:
    path = dataset / "manifest.json"
    if not path.exists():
        raise MissingFileError("no release: no manifest.json", location=dataset, hint="name the folder of a version")
    release = ReleasedVersion(dataset, jsonl.read_document(path, Release))
    if not release.manifest.standoff:
        raise DataError("contains its text already", location=dataset, hint="load it directly")
    return release


def _realign_articles(
    stripped: _SplitRows, texts: Mapping[str, str]
) -> tuple[dict[str, UserText | None], dict[str, TextState]]:
    """Find the annotations of each article in the user's text, if there is one."""
    annotations, entity_rows = stripped.annotations_by_article(), stripped.by_config["entities"]
    user_texts: dict[str, UserText | None] = {}
    states: dict[str, TextState] = {}
    for _, row in track(entity_rows, "aligning", len(entity_rows)):
        article_id = row["article_id"]
        text = texts.get(article_id, texts.get(row["url"] or ""))
        user_text = None if text is None else realign(row, annotations.get(article_id, []), candidate_texts(text))
        user_texts[article_id] = user_text
        if text is None:
            states[article_id] = "missing"
        elif user_text is None:
            states[article_id] = "different-article"
        else:
            states[article_id] = "exact" if user_text.exact else "aligned"
    return user_texts, states


def _fill(stripped: _SplitRows, user_texts: Mapping[str, UserText | None]) -> _SplitRows:
    """The rows with the users' texts, without the articles that have none."""
    filled: dict[str, list[tuple[str, Row]]] = {config: [] for config in stripped.by_config}
    for config, rows in stripped.by_config.items():
        for split, row in rows:
            user_text = user_texts[row["article_id"]]
            new_row = None if user_text is None else _fill_row(config, row, user_text)
            if new_row is not None:
                filled[config].append((split, new_row))
    return _SplitRows(filled)


def _fill_row(config: str, row: Row, user_text: UserText) -> Row | None:
    if config == "entities":
        return fill_entity(row, user_text, tokens(user_text.text))
    if config == "entity_candidates":
        return fill_entity_candidate(row, user_text)
    is_pair = config in ("stance", "stance_candidates")
    return fill_stance(row, user_text) if is_pair else fill_annotation(row, user_text)


def _report(stripped: _SplitRows, filled: _SplitRows, states: Mapping[str, TextState], out: Path) -> HydrateReport:
    gold, restored = stripped.gold_labels(), filled.gold_labels()
    annotated, restored_annotated = stripped.annotator_labels(), filled.annotator_labels()

    def lost(article_id: str) -> tuple[str, ...]:
        before = gold.get(article_id, set()) | annotated.get(article_id, set())
        after = restored.get(article_id, set()) | restored_annotated.get(article_id, set())
        return tuple(sorted(before - after))

    return HydrateReport(
        articles=dict(sorted(Counter(states.values()).items())),
        gold_labels=sum(map(len, gold.values())),
        restored=sum(map(len, restored.values())),
        folder=str(out),
        outcomes=tuple(
            ArticleOutcome(article_id=article_id, state=states[article_id], lost_labels=lost(article_id))
            for article_id in sorted(states)
        ),
    )


def _write(release: ReleasedVersion, out: Path, filled: _SplitRows, report: HydrateReport) -> None:
    labels = features.label_names_of({config: release.tables(config) for config in filled.by_config})
    config_features = features.config_features(labels)
    tables = {config: _tables(rows, config_features[config]) for config, rows in filled.by_config.items()}
    articles = {split: tables["entities"][split].num_rows if split in tables["entities"] else 0 for split in SPLITS}
    card = _card(release, config_features, tables, report)
    with atomic.build_folder(out) as folder:
        files = writer.write_tables(folder, tables)
        files.append(writer.write_document(folder, "README.md", card.encode()))
        outcome = msgspec.json.format(msgspec.json.encode(report)) + b"\n"
        files.append(writer.write_document(folder, "hydrated.json", outcome))
        manifest = msgspec.structs.replace(release.manifest, standoff=False, articles=articles)
        writer.write_manifest(folder, manifest, files)


def _tables(rows: Sequence[tuple[str, Row]], config_features: Features) -> dict[str, pa.Table]:
    by_split = {split: [row for row_split, row in rows if row_split == split] for split in SPLITS}
    return {
        split: parquet.to_table(split_rows, config_features) for split, split_rows in by_split.items() if split_rows
    }


def _card(
    release: ReleasedVersion,
    config_features: Mapping[str, Features],
    tables: Mapping[str, Mapping[str, pa.Table]],
    report: HydrateReport,
) -> str:
    """The release's card, with YAML that loads the new tables and a note on how they were made."""
    from huggingface_hub import DatasetCard

    card = DatasetCard((release.folder / "README.md").read_text(encoding="utf-8"))
    fields = {name: value for name, value in vars(card.data).items() if name not in ("configs", "dataset_info")}
    yaml = front_matter(config_features, tables, fields)
    restored = f"{report.restored} of {quantity(report.gold_labels, 'gold label')}"
    note = f"**The text was put back by `goldwire hydrate`**, and {restored} with it: see hydrated.json."
    return f"---\n{yaml}---\n\n{card.text.strip().replace(NO_TEXT, note)}\n"
