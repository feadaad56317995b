"""Put the text back into a release that holds none, from a researcher's own copies of the articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from goldwire.errors import ConflictError, DataError, MissingFileError
from goldwire.progress import track
from goldwire.records import Release
from goldwire.release import parquet
from goldwire.release.copies import read_copies, readings
from goldwire.release.dataset_card import NO_TEXT
from goldwire.release.reader import Released, put_file
from goldwire.release.rows import CONFIGS, Row
from goldwire.release.standoff import Copy, fill_annotation, fill_entity, fill_stance, find
from goldwire.splitting.assignment import SPLITS
from goldwire.text.tokenization import tokens
from goldwire.workspace import atomic, jsonl

if TYPE_CHECKING:
    import pyarrow as pa
    from datasets import Features

__all__ = ["ArticleOutcome", "HydrateReport", "run"]


State = Literal["exact", "aligned", "other", "missing"]


class ArticleOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an article: its text matched, was aligned, is another article's, or is not among the copies.

    `lost` names the gold units, and the annotators' (`b01/A1 T3`), that could not be found again.
    """

    article_id: str
    state: State
    lost: tuple[str, ...] = ()


class HydrateReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was put back: of the release's `units` (gold spans and stances) so many are `restored`."""

    articles: dict[str, int]
    units: int
    restored: int
    folder: str
    outcomes: tuple[ArticleOutcome, ...]

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield ", ".join(f"{state} {count}" for state, count in self.articles.items()) + " (articles)"
        share = f" ({self.restored / self.units:.1%})" if self.units else ""
        yield f"{self.restored} of {self.units} gold labels are back{share}"
        for outcome in self.outcomes:
            if outcome.lost:
                yield f"{outcome.article_id}: not found again, left out: {', '.join(outcome.lost)}"
        yield f"written to {self.folder}; what was left out is in hydrated.json"


class _Rows(msgspec.Struct, frozen=True):
    """Rows by config, each with its split."""

    by_config: dict[str, list[tuple[str, Row]]]

    @classmethod
    def of(cls, release: Released) -> _Rows:
        return cls({c: [(s, row) for s in release.splits(c) for row in release.rows(c, s)] for c in CONFIGS})

    def of_articles(self, config: str) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for _, row in self.by_config[config]:
            found.setdefault(row["article_id"], []).append(row)
        return found

    def units(self) -> dict[str, set[str]]:
        """The labels there are, by article: gold's `T1`, `R1`, and the annotators' `b01/A1 T1`."""
        found: dict[str, set[str]] = {}
        for _, row in self.by_config["entities"]:
            found.setdefault(row["article_id"], set()).update(span["id"] for span in row["spans"])
        for _, row in self.by_config["stance"]:
            found.setdefault(row["article_id"], set()).add(row["id"].rpartition(":")[2])
        for _, row in self.by_config["annotations"]:
            made = {f"{row['batch']}/{row['annotator']} {unit['id']}" for unit in (*row["spans"], *row["stances"])}
            found.setdefault(row["article_id"], set()).update(made)
        return found


def run(dataset: Path, *, texts: Path, out: Path) -> HydrateReport:
    """Write `out`, the release in folder `dataset` with the texts of `texts` in it.

    An annotation is placed where its surface proves it, and else left out and reported, never guessed.
    """
    if out.exists():
        raise ConflictError("exists already", location=out, hint="name a new folder")
    release = _open(dataset)
    given, copies = _Rows.of(release), read_copies(texts)
    found, states = _find_all(given, copies)
    filled = _fill(given, found)
    before, after = given.units(), filled.units()
    lost = {name: tuple(sorted(before[name] - after.get(name, set()))) for name in sorted(states)}
    report = HydrateReport(
        articles=dict(sorted(Counter(states.values()).items())),
        units=sum(len(_gold(units)) for units in before.values()),
        restored=sum(len(_gold(units)) for units in after.values()),
        folder=str(out),
        outcomes=tuple(ArticleOutcome(article_id=name, state=states[name], lost=lost[name]) for name in lost),
    )
    _write(release, out, filled, report)
    return report


def _find_all(given: _Rows, copies: Mapping[str, str]) -> tuple[dict[str, Copy | None], dict[str, State]]:
    others, articles = given.of_articles("annotations"), given.by_config["entities"]
    found: dict[str, Copy | None] = {}
    states: dict[str, State] = {}
    for _, row in track(articles, "aligning", len(articles)):
        name = row["article_id"]
        text = copies.get(name, copies.get(row["url"] or ""))
        copy = None if text is None else find(row, others.get(name, []), readings(text))
        found[name] = copy
        states[name] = "missing" if text is None else "other" if copy is None else "exact" if copy.exact else "aligned"
    return found, states


def _open(dataset: Path) -> Released:
    if not (dataset / "manifest.json").exists():
        raise MissingFileError("no release (no manifest.json)", location=dataset, hint="name the folder of a version")
    release = Released(dataset, jsonl.read_document(dataset / "manifest.json", Release))
    if not release.manifest.standoff:
        raise DataError("its text is there already", location=dataset, hint="nothing to hydrate")
    return release


def _gold(units: set[str]) -> set[str]:
    return {unit for unit in units if " " not in unit}


def _fill(given: _Rows, found: Mapping[str, Copy | None]) -> _Rows:
    filled: dict[str, list[tuple[str, Row]]] = {config: [] for config in CONFIGS}
    for config, rows in given.by_config.items():
        for split, row in rows:
            copy = found[row["article_id"]]
            if copy is None:
                continue
            if config == "entities":
                made: Row | None = fill_entity(row, copy, tokens(copy.text))
            else:
                made = fill_stance(row, copy) if config == "stance" else fill_annotation(row, copy)
            if made is not None:
                filled[config].append((split, made))
    return _Rows(filled)


def _write(release: Released, out: Path, filled: _Rows, report: HydrateReport) -> None:
    kinds = parquet.features(parquet.labels_of({config: release.tables(config) for config in CONFIGS}))
    tables = {config: _tables(rows, kinds[config]) for config, rows in filled.by_config.items()}
    splits = {split: tables["entities"][split].num_rows if split in tables["entities"] else 0 for split in SPLITS}
    with atomic.build_folder(out) as folder:
        files = [
            put_file(folder, parquet.data_file(config, split), parquet.to_bytes(made), made)
            for config, by_split in tables.items()
            for split, made in by_split.items()
        ]
        files.append(put_file(folder, "README.md", _card(release, kinds, tables, report).encode()))
        files.append(put_file(folder, "hydrated.json", msgspec.json.format(msgspec.json.encode(report)) + b"\n"))
        manifest = msgspec.structs.replace(
            release.manifest, standoff=False, articles=splits, files=tuple(sorted(files, key=lambda file: file.path))
        )
        jsonl.write_document(folder / "manifest.json", manifest)


def _tables(rows: Sequence[tuple[str, Row]], kind: Features) -> dict[str, pa.Table]:
    by_split = {split: [row for home, row in rows if home == split] for split in SPLITS}
    return {split: parquet.table(made, kind) for split, made in by_split.items() if made}


def _card(
    release: Released,
    kinds: Mapping[str, Features],
    tables: Mapping[str, Mapping[str, pa.Table]],
    report: HydrateReport,
) -> str:
    """The release's own card, made to load what is here and to say how it came about."""
    from huggingface_hub import DatasetCard

    card = DatasetCard((release.folder / "README.md").read_text(encoding="utf-8"))
    about = {name: value for name, value in vars(card.data).items() if name not in ("configs", "dataset_info")}
    share = f"{report.restored} of {report.units} gold labels"
    note = f"**The text was put back by `goldwire hydrate`**, and with it {share}: see hydrated.json."
    yaml = parquet.front_matter(kinds, tables, about)
    return f"---\n{yaml}---\n\n{card.text.strip().replace(NO_TEXT, note)}\n"
