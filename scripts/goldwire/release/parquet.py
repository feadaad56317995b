"""Releases as Parquet files that `datasets` loads: explicit features, deterministic bytes, digests of content."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from goldwire.errors import DataError, MissingFileError

if TYPE_CHECKING:
    import pyarrow as pa
    from datasets import Features

__all__ = [
    "Labels",
    "content_digest",
    "data_file",
    "decoded",
    "features",
    "front_matter",
    "labels_of",
    "read",
    "table",
    "to_bytes",
]

# Rows a row group: about 20 MB of articles, small enough to stream from the Hub.
_GROUP = 5_000
_BATCH = 1_000


def data_file(config: str, split: str) -> str:
    """Path of a config's split within a release."""
    return f"data/{config}/{split}-00000-of-00001.parquet"


class Labels(msgspec.Struct, frozen=True):
    """Names of the entity labels and of the stances, in the order of their numbers."""

    entity: tuple[str, ...]
    stance: tuple[str, ...]


def features(labels: Labels, *, standoff: bool = False) -> dict[str, Features]:
    """Features of each config, with every label as a ClassLabel, whether it occurs or not.

    Of a `standoff` release the text is not there, nor any part of it; what finds annotations again is.
    """
    from datasets import ClassLabel, Features, List, Value

    entity, stance = ClassLabel(names=list(labels.entity)), ClassLabel(names=list(labels.stance))
    tags = ["O", *(f"{part}-{label}" for label in labels.entity for part in "BI")]
    text, number = Value("string"), Value("int32")
    told = dict.fromkeys(("surface", "before", "after"), text) | dict.fromkeys(
        ("word", "words", "lead", "trail"), number
    )
    span = {"id": text, "start": number, "end": number, "label": entity} | (told if standoff else {"text": text})
    drawn = {"id": text, "holder": text, "target": text, "target_name": text, "label": stance}
    about = dict.fromkeys(("article_id", "source", "url", "published", "language"), text)
    about |= {"windows": List(text)} if standoff else {"title": text, "text": text}
    ends = {f"{end}{part}": number if part else text for end in ("holder", "target") for part in ("", "_start", "_end")}
    made = {
        "entities": about
        | {"text_sha256": text, "since": text}
        | ({} if standoff else {"tokens": List(text)})
        | {"token_starts": List(number), "token_ends": List(number), "ner_tags": List(ClassLabel(names=tags))}
        | {"spans": List(span | {"votes": number}), "n_annotators": number},
        "stance": dict.fromkeys(("id", "article_id", "source", "published", "since"), text)
        | ({} if standoff else {"text": text})
        | ends
        | {"label": stance, "shares": List(Value("float64")), "votes": number, "n_annotators": number},
        "annotations": dict.fromkeys(("article_id", "text_sha256", "batch", "annotator"), text)
        | {"guidelines_version": text, "schema_version": text, "confirmed": Value("bool")}
        | {"spans": List(span), "stances": List(drawn)},
    }
    return {config: Features(columns) for config, columns in made.items()}


def labels_of(tables: Mapping[str, Mapping[str, pa.Table]]) -> Labels:
    """The labels that a release's tables (by config and split) were written with; those of no table are unknown."""
    from datasets import Features

    kinds = {c: Features.from_arrow_schema(next(iter(found.values())).schema) for c, found in tables.items() if found}
    entity = kinds["entities"]["spans"].feature["label"].names
    stance = kinds["annotations"]["stances"].feature["label"].names if "annotations" in kinds else ()
    return Labels(tuple(entity), tuple(kinds["stance"]["label"].names if "stance" in kinds else stance))


def table(rows: Sequence[Mapping[str, Any]], kind: Features) -> pa.Table:
    """An Arrow table of rows whose labels are names; a name that is not in the features is a GoldwireError."""
    import pyarrow as pa

    encode = _turner(kind, lambda names: {name: number for number, name in enumerate(names)})
    try:
        return pa.Table.from_pylist([encode(row) for row in rows] if encode else rows, schema=kind.arrow_schema)
    except KeyError as error:
        raise DataError(f"label {error} is not in the schema", hint="see `goldwire check`") from None


def to_bytes(made: pa.Table) -> bytes:
    """The table as a Parquet file, the same bytes each time by the same pyarrow."""
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(made, sink, row_group_size=_GROUP, compression="zstd", compression_level=9, version="2.6")
    return sink.getvalue()


def read(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a Parquet file; a missing or broken one is a GoldwireError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as file:
            return pq.read_table(file, columns=None if columns is None else list(columns))
    except FileNotFoundError:
        raise MissingFileError("no such file", location=path, hint="take the release back from git") from None
    except pa.ArrowException as error:
        raise DataError(f"not readable as Parquet: {error}", location=path, hint="take it back from git") from None


def decoded(made: pa.Table) -> Iterator[dict[str, Any]]:
    """The rows of a table, labels as names."""
    from datasets import Features

    decode = _turner(Features.from_arrow_schema(made.schema), lambda names: dict(enumerate(names)))
    for batch in made.to_batches(max_chunksize=_BATCH):
        yield from map(decode, batch.to_pylist()) if decode else batch.to_pylist()


def content_digest(made: pa.Table) -> str:
    """SHA-256 of what a table says: its columns, the names of its labels, then each row as canonical JSON.

    Unlike the file's own digest it does not change with the library that wrote it.
    """
    from datasets import Features

    labels = {name: _label_names(kind) for name, kind in Features.from_arrow_schema(made.schema).items()}
    digest = hashlib.sha256(json.dumps([made.column_names, labels], sort_keys=True).encode())
    encode = msgspec.json.Encoder(order="deterministic").encode
    for batch in made.to_batches(max_chunksize=_BATCH):
        for row in batch.to_pylist():
            digest.update(b"\n" + encode(row))
    return digest.hexdigest()


def front_matter(
    kinds: Mapping[str, Features], tables: Mapping[str, Mapping[str, pa.Table]], about: Mapping[str, Any]
) -> str:
    """The YAML of a dataset card: `about` first, then what makes each config load by name with its features.

    `tables` are by config and split; `about` maps the Hub's own fields (license, language, ...) to their values.
    A config without a row has no tables and is not there.
    """
    from datasets import DatasetInfo, SplitDict, SplitInfo
    from datasets.info import DatasetInfosDict
    from datasets.utils.metadata import MetadataConfigs
    from huggingface_hub import DatasetCardData

    infos = {}
    for config in filter(tables.get, kinds):
        splits = {
            name: SplitInfo(name=name, num_bytes=made.nbytes, num_examples=made.num_rows)
            for name, made in tables[config].items()
        }
        size = sum(split.num_bytes for split in splits.values())
        infos[config] = DatasetInfo(
            features=kinds[config], splits=SplitDict(splits), download_size=None, dataset_size=size
        )
    card = DatasetCardData(**about)
    configs = {
        config: {"data_files": [{"split": name, "path": data_file(config, name)} for name in tables[config]]}
        | ({"default": True} if config == next(iter(kinds)) else {})
        for config in filter(tables.get, kinds)
    }
    MetadataConfigs(configs).to_dataset_card_data(card)
    DatasetInfosDict(infos).to_dataset_card_data(card)
    return str(card.to_yaml(line_break="\n")).strip() + "\n"


def _turner(kind: Any, table_of: Callable[[list[str]], dict[Any, Any]]) -> Callable[[Any], Any] | None:
    """A function that turns each label in a value of this feature by its table; None where there is no label.

    Made once a table: to look at the features of every value again took nine tenths of a release's time.
    """
    from datasets import ClassLabel, List

    if isinstance(kind, ClassLabel):
        return {**table_of(kind.names), None: None}.__getitem__
    if isinstance(kind, List):
        inner = _turner(kind.feature, table_of)
        return None if inner is None else lambda items: None if items is None else [inner(item) for item in items]
    if isinstance(kind, Mapping):
        parts = {name: part for name, inner in kind.items() if (part := _turner(inner, table_of)) is not None}
        if parts:
            return lambda row: {name: parts[name](value) if name in parts else value for name, value in row.items()}
    return None


def _label_names(kind: Any) -> Any:
    from datasets import ClassLabel, List

    if isinstance(kind, ClassLabel):
        return list(kind.names)
    if isinstance(kind, List):
        return _label_names(kind.feature)
    if isinstance(kind, Mapping):
        found = {name: _label_names(inner) for name, inner in kind.items()}
        return {name: names for name, names in found.items() if names is not None} or None
    return None
