"""A released version, read back: its manifest, its rows, and pandas frames of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from goldwire import jsonl, parquet
from goldwire.diff import ArticleState, Contents, Unit
from goldwire.errors import GoldwireError
from goldwire.layout import Workspace, find_workspace
from goldwire.records import Release

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["Released", "contents", "load_release", "open_release"]

_KEYS = ("article_id", "text_sha256", "text", "spans")


class Released(msgspec.Struct, frozen=True):
    """A version in its folder. Configs are `entities`, `stance` and `annotations`."""

    folder: Path
    manifest: Release

    def splits(self, config: str) -> tuple[str, ...]:
        """The splits of a config that have rows, train first."""
        if config not in self.manifest.labels:
            way_out = f"there are {', '.join(self.manifest.labels)}"
            raise GoldwireError(f"no config {config!r}", place=self.folder, way_out=way_out)
        files = {file.path for file in self.manifest.files}
        return tuple(split for split in self.manifest.articles if parquet.data_file(config, split) in files)

    def tables(self, config: str) -> dict[str, pa.Table]:
        """A config's splits as Arrow, labels as numbers."""
        return {split: parquet.read(self.folder / parquet.data_file(config, split)) for split in self.splits(config)}

    def rows(self, config: str, split: str) -> Iterator[dict[str, Any]]:
        """One split of a config row by row, labels as names."""
        if split not in self.manifest.articles:
            way_out = f"there are {', '.join(self.manifest.articles)}"
            raise GoldwireError(f"no split {split!r}", place=self.folder, way_out=way_out)
        if split in self.splits(config):
            yield from parquet.decoded(parquet.read(self.folder / parquet.data_file(config, split)))

    def contents(self) -> Contents:
        """What it says, for `goldwire.diff.compare`."""
        return contents(self.manifest, {config: self.tables(config) for config in self.manifest.labels})

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
        way_out = f"there: {', '.join(path.parent.name for path in sorted(folder.parent.glob('v*/manifest.json')))}"
        raise GoldwireError("no such release", place=folder, way_out=way_out)
    return Released(folder, jsonl.read_document(folder / "manifest.json", Release))


def load_release(root: Path | str, version: str) -> Released:
    """Load version `X.Y.Z` of the workspace at `root`: `.to_pandas("stance")`, `.rows("entities", "train")`."""
    return open_release(find_workspace(Path(root)), version)


def contents(manifest: Release, tables: Mapping[str, Mapping[str, pa.Table]]) -> Contents:
    """What a version says, for `goldwire.diff.compare`; `tables` are by config and split."""
    stances: dict[str, list[dict[str, Any]]] = {}
    for made in tables["stance"].values():
        for row in parquet.decoded(made):
            stances.setdefault(row["article_id"], []).append(row)
    articles = {
        row["article_id"]: _state(split, row, stances.get(row["article_id"], ()))
        for split, made in tables["entities"].items()
        for row in parquet.decoded(made.drop_columns(["tokens", "token_starts", "token_ends", "ner_tags"]))
    }
    layers = [parquet.content_digest(made) for made in tables["annotations"].values()]
    return Contents(
        version=manifest.version,
        guidelines_version=manifest.guidelines_version,
        meanings=manifest.meanings,
        articles=articles,
        annotations=_digest(layers),
    )


def _state(split: str, row: dict[str, Any], stances: Iterable[dict[str, Any]]) -> ArticleState:
    units = [Unit(_place(span["text"], span["start"], span["end"]), span["label"]) for span in row["spans"]]
    for drawn in stances:
        holder, target = (
            _place(drawn[end], drawn[f"{end}_start"], drawn[f"{end}_end"]) for end in ("holder", "target")
        )
        units.append(Unit(f"{holder} to {target}", drawn["label"]))
    told = {name: value for name, value in row.items() if name not in _KEYS}
    votes = [(span["id"], span["votes"]) for span in row["spans"]]
    counted = [(drawn["id"], drawn["votes"], drawn["shares"]) for drawn in stances]
    return ArticleState(split, row["text_sha256"], tuple(sorted(units)), _digest([told, votes, counted]))


def _place(surface: str | None, start: int | None, end: int | None) -> str:
    if start is None:
        return "the article" if surface is None else repr(surface)
    return f"{surface or ''} [{start}, {end})".strip()


def _digest(value: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()
