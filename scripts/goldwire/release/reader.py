"""A released version, read back: its manifest, its rows, and pandas frames of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from goldwire.errors import ConfigError, MissingFileError
from goldwire.records import Release, ReleaseFile
from goldwire.release import parquet
from goldwire.release.diff import ArticleState, Contents, Unit
from goldwire.workspace import atomic, jsonl
from goldwire.workspace.layout import Workspace, find_workspace

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["Released", "contents", "load_release", "open_release", "put_file"]

_KEYS = ("article_id", "text_sha256", "title", "text", "spans")
_LONG = ("tokens", "token_starts", "token_ends", "ner_tags", "windows")


class Released(msgspec.Struct, frozen=True):
    """A version in its folder. Configs are `entities`, `stance` and `annotations`."""

    folder: Path
    manifest: Release

    def splits(self, config: str) -> tuple[str, ...]:
        """The splits of a config that have rows, train first."""
        if config not in self.manifest.labels:
            hint = f"there are {', '.join(self.manifest.labels)}"
            raise ConfigError(f"no config {config!r}", location=self.folder, hint=hint)
        files = {file.path for file in self.manifest.files}
        return tuple(split for split in self.manifest.articles if parquet.data_file(config, split) in files)

    def tables(self, config: str) -> dict[str, pa.Table]:
        """A config's splits as Arrow, labels as numbers."""
        return {split: parquet.read(self.folder / parquet.data_file(config, split)) for split in self.splits(config)}

    def rows(self, config: str, split: str) -> Iterator[dict[str, Any]]:
        """One split of a config row by row, labels as names."""
        if split not in self.manifest.articles:
            hint = f"there are {', '.join(self.manifest.articles)}"
            raise ConfigError(f"no split {split!r}", location=self.folder, hint=hint)
        if split in self.splits(config):
            yield from parquet.decoded(parquet.read(self.folder / parquet.data_file(config, split)))

    def contents(self, *, surfaces: bool = True) -> Contents:
        """What it says, for `goldwire.release.diff.compare`; see `contents`."""
        tables = {config: self.tables(config) for config in self.manifest.labels}
        return contents(self.manifest, tables, surfaces=surfaces)

    def to_pandas(self, config: str = "entities", split: str | None = None) -> pd.DataFrame:
        """A config as a frame, labels as names; a column `split` tells the splits apart where none is asked for."""
        import pandas as pd

        if split is not None:
            columns: list[str] = next((made.column_names for made in self.tables(config).values()), [])
            return pd.DataFrame(list(self.rows(config, split)), columns=columns)
        frames = [self.to_pandas(config, name).assign(split=name) for name in self.splits(config)]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def open_release(workspace: Workspace, version: str) -> Released:
    """Open a version that the workspace has released."""
    folder = workspace.release(version)
    if not (folder / "manifest.json").exists():
        hint = f"there: {', '.join(path.parent.name for path in sorted(folder.parent.glob('v*/manifest.json')))}"
        raise MissingFileError("no such release", location=folder, hint=hint)
    return Released(folder, jsonl.read_document(folder / "manifest.json", Release))


def load_release(root: Path | str, version: str) -> Released:
    """Load version `X.Y.Z` of the workspace at `root`: `.to_pandas("stance")`, `.rows("entities", "train")`."""
    return open_release(find_workspace(Path(root)), version)


def put_file(folder: Path, path: str, data: bytes, made: pa.Table | None = None) -> ReleaseFile:
    """Write a file of a release and give its line in the manifest; `made` is the table that `data` holds."""
    atomic.write_bytes(folder / path, data)
    return ReleaseFile(
        path=path,
        rows=None if made is None else made.num_rows,
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        content_sha256=None if made is None else parquet.content_digest(made),
    )


def contents(manifest: Release, tables: Mapping[str, Mapping[str, pa.Table]], *, surfaces: bool = True) -> Contents:
    """What a version says, for `goldwire.release.diff.compare`; `tables` are by config and split.

    Without `surfaces` places are offsets alone, as they have to be where one of the two holds no text.
    """
    stances: dict[str, list[dict[str, Any]]] = {}
    for made in tables["stance"].values():
        for row in parquet.decoded(made):
            stances.setdefault(row["article_id"], []).append(row)
    articles = {
        row["article_id"]: _state(split, row, stances.get(row["article_id"], ()), surfaces=surfaces)
        for split, made in tables["entities"].items()
        for row in parquet.decoded(made.drop_columns([name for name in made.column_names if name in _LONG]))
    }
    layers = [_digest([_said(row) for row in parquet.decoded(made)]) for made in tables["annotations"].values()]
    return Contents(
        version=manifest.version,
        guidelines_version=manifest.guidelines_version,
        meanings=manifest.meanings,
        articles=articles,
        annotations=_digest(layers),
    )


def _state(split: str, row: dict[str, Any], stances: Iterable[dict[str, Any]], *, surfaces: bool) -> ArticleState:
    def place(surface: str | None, start: int | None, end: int | None) -> str:
        if start is None:
            return "the article" if surface is None else repr(surface)
        return f"{surface} [{start}, {end})" if surfaces else f"[{start}, {end})"

    units = [Unit(place(span.get("text"), span["start"], span["end"]), span["label"]) for span in row["spans"]]
    for drawn in stances:
        ends = (place(drawn[end], drawn[f"{end}_start"], drawn[f"{end}_end"]) for end in ("holder", "target"))
        units.append(Unit(" to ".join(ends), drawn["label"]))
    told = {name: value for name, value in row.items() if name not in _KEYS}
    votes = [(span["id"], span["votes"]) for span in row["spans"]]
    counted = [(drawn["id"], drawn["votes"], drawn["shares"]) for drawn in stances]
    return ArticleState(split, row["text_sha256"], tuple(sorted(units)), _digest([told, votes, counted]))


def _said(row: dict[str, Any]) -> dict[str, Any]:
    """An annotation row without what depends on whether the text is there."""
    spans = [[span[name] for name in ("id", "start", "end", "label")] for span in row["spans"]]
    stances = [[one[name] for name in ("id", "holder", "target", "label")] for one in row["stances"]]
    return row | {"spans": spans, "stances": stances}


def _digest(value: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()
