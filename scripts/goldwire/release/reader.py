"""Read a released version: its manifest, its rows, and pandas data frames of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from goldwire.errors import ConfigError, MissingFileError
from goldwire.records import Release
from goldwire.release import parquet
from goldwire.release.diff import ArticleState, GoldLabel, VersionContents
from goldwire.workspace import jsonl, versions
from goldwire.workspace.layout import Workspace, find_workspace

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["ReleasedVersion", "load_release", "open_release", "version_contents"]

# Columns of an entity row that are compared by themselves, and those that follow from text and spans.
_COMPARED = ("article_id", "text_sha256", "title", "text", "spans")
_DERIVED = ("tokens", "token_starts", "token_ends", "ner_tags", "ner_tag_names", "sentences", "windows")


class ReleasedVersion(msgspec.Struct, frozen=True):
    """A released version in its folder.

    Attributes
    ----------
    folder : Path
        splits/vX.Y.Z/.
    manifest : Release
        Its manifest.json: counts, agreement, label descriptions, files.

    Notes
    -----
    A version has the configs `entities`, `stance`, `annotations`, `stance_candidates` and `entity_candidates`; the
    columns of each are described in the version's dataset card.
    """

    folder: Path
    manifest: Release

    def splits(self, config: str) -> tuple[str, ...]:
        """Return the splits of a config that have rows, train first.

        Raises
        ------
        ConfigError
            If there is no such config.
        """
        if config not in self.manifest.labels:
            hint = f"there are {', '.join(self.manifest.labels)}"
            raise ConfigError(f"no config {config!r}", location=self.folder, hint=hint)
        return tuple(split for split in self.manifest.articles if self._shards(config, split))

    def tables(self, config: str) -> dict[str, pa.Table]:
        """Return the Arrow table of each split of a config, labels as numbers."""
        return {split: parquet.read_shards(self.folder, self._shards(config, split)) for split in self.splits(config)}

    def _shards(self, config: str, split: str) -> list[str]:
        return parquet.data_files((file.path for file in self.manifest.files), config, split)

    def rows(self, config: str, split: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of one split of a config, labels as names.

        Parameters
        ----------
        config : {"entities", "stance", "annotations", "stance_candidates", "entity_candidates"}
            The config.
        split : {"train", "validation", "test"}
            The split; one without rows yields nothing.

        Raises
        ------
        ConfigError
            If there is no such config or split.
        """
        if split not in self.manifest.articles:
            hint = f"there are {', '.join(self.manifest.articles)}"
            raise ConfigError(f"no split {split!r}", location=self.folder, hint=hint)
        if split in self.splits(config):
            for path in self._shards(config, split):
                yield from parquet.iter_rows(parquet.read_table(self.folder / path))

    def to_pandas(self, config: str = "entities", split: str | None = None) -> pd.DataFrame:
        """Return a config as a data frame, labels as names.

        Parameters
        ----------
        config : {"entities", "stance", "annotations", "stance_candidates", "entity_candidates"}, default="entities"
            The config.
        split : {"train", "validation", "test"}, optional
            The split; default: all splits, with a column `split`.

        Returns
        -------
        pandas.DataFrame
            One row per article (`entities`), per holder-target pair (`stance`), per annotator and article
            (`annotations`), or per pair or mention that anybody marked (`stance_candidates`, `entity_candidates`).
        """
        import pandas as pd

        if split is not None:
            columns: list[str] = next((table.column_names for table in self.tables(config).values()), [])
            return pd.DataFrame(list(self.rows(config, split)), columns=columns)
        frames = [self.to_pandas(config, name).assign(split=name) for name in self.splits(config)]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()

    def contents(self, *, surfaces: bool = True) -> VersionContents:
        """Return what `goldwire.release.diff.compare` compares; see `version_contents`."""
        tables = {config: self.tables(config) for config in self.manifest.labels}
        return version_contents(self.manifest, tables, surfaces=surfaces)


def load_release(root: Path | str, version: str) -> ReleasedVersion:
    """Load a released version of a workspace.

    Parameters
    ----------
    root : Path or str
        The workspace, or a folder inside it.
    version : str
        `X.Y.Z`, with or without a leading `v`.

    Returns
    -------
    ReleasedVersion
        Gives rows and data frames of its configs.

    Raises
    ------
    MissingFileError
        If the workspace has not released that version.

    Examples
    --------
    >>> import goldwire
    >>> release = goldwire.load_release("tests/tiny_repo", "0.0.1")
    >>> release.manifest.articles
    {'train': 1, 'validation': 1, 'test': 1}
    >>> release.to_pandas("stance", "train")[["holder", "target", "label"]].iloc[0].tolist()
    ['Ilsa Vernock', 'Harbour Board', 'supports']
    >>> next(release.rows("entities", "test"))["title"]
    'Harbour Board drops the night ferry'
    """
    return open_release(find_workspace(Path(root)), version)


def open_release(workspace: Workspace, version: str) -> ReleasedVersion:
    """Open a version that the workspace has released.

    Raises
    ------
    MissingFileError
        If there is no such version.
    """
    folder = workspace.release(version)
    if not (folder / "manifest.json").exists():
        released = versions.in_order(path.parent.name for path in folder.parent.glob("v*/manifest.json"))
        hint = f"released versions: {', '.join(released)}" if released else "run `goldwire release`"
        raise MissingFileError("no such release", location=folder, hint=hint)
    return ReleasedVersion(folder, jsonl.read_document(folder / "manifest.json", Release))


def version_contents(
    manifest: Release, tables: Mapping[str, Mapping[str, pa.Table]], *, surfaces: bool = True
) -> VersionContents:
    """Return what `goldwire.release.diff.compare` compares.

    Parameters
    ----------
    manifest : Release
        The manifest of the version; it may lack the files.
    tables : mapping
        The Arrow tables by config and split.
    surfaces : bool, default=True
        Whether locations include the surface. Without it they are offsets only, which is needed if one of the
        versions contains no text.
    """
    stances: dict[str, list[dict[str, Any]]] = {}
    for table in tables["stance"].values():
        for row in parquet.iter_rows(table):
            stances.setdefault(row["article_id"], []).append(row)
    articles = {}
    for split, table in tables["entities"].items():
        derived = [name for name in table.column_names if name in _DERIVED]
        for row in parquet.iter_rows(table.drop_columns(derived)):
            articles[row["article_id"]] = _article_state(
                split, row, stances.get(row["article_id"], ()), surfaces=surfaces
            )
    layers = [
        _digest([_without_surfaces(row) for row in parquet.iter_rows(table)])
        for table in tables["annotations"].values()
    ]
    return VersionContents(
        version=manifest.version,
        guidelines_version=manifest.guidelines_version,
        label_descriptions=manifest.label_descriptions,
        articles=articles,
        annotations_digest=_digest(layers),
        standoff=manifest.standoff,
    )


def _article_state(
    split: str, row: dict[str, Any], stances: Iterable[dict[str, Any]], *, surfaces: bool
) -> ArticleState:
    def location(surface: str | None, start: int | None, end: int | None) -> str:
        if start is None:
            return "the article" if surface is None else repr(surface)
        return f"{surface} [{start}, {end})" if surfaces else f"[{start}, {end})"

    labels = [GoldLabel(location(span.get("text"), span["start"], span["end"]), span["label"]) for span in row["spans"]]
    for stance in stances:
        ends = (location(stance[end], stance[f"{end}_start"], stance[f"{end}_end"]) for end in ("holder", "target"))
        labels.append(GoldLabel(" to ".join(ends), stance["label"]))
    details = {name: value for name, value in row.items() if name not in _COMPARED}
    span_votes = [(span["id"], span["votes"]) for span in row["spans"]]
    stance_votes = [(s["id"], s["votes"], s["stance_shares"], s.get("none_share")) for s in stances]
    return ArticleState(
        split=split,
        text_sha256=row["text_sha256"],
        labels=tuple(sorted(labels)),
        details_digest=_digest([details, span_votes, stance_votes]),
    )


def _without_surfaces(row: dict[str, Any]) -> dict[str, Any]:
    """An annotation row without what depends on whether the version contains text."""
    spans = [[span[name] for name in ("id", "start", "end", "label")] for span in row["spans"]]
    stances = [[stance[name] for name in ("id", "holder", "target", "label")] for stance in row["stances"]]
    return row | {"spans": spans, "stances": stances}


def _digest(value: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()
