"""Released articles of a corpus in Parquet: shards per part and split, shared by versions in which they are equal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from goldwire.bulk.article_table import article_schema
from goldwire.bulk.parts import part_key, read_table, row_groups, write_part
from goldwire.bulk.runner import Result, key_of
from goldwire.bulk.splits import ASSIGNED
from goldwire.bulk.store import open_store
from goldwire.splitting.assignment import SPLITS

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ShardTask", "shard_schema", "write_shards"]

_COLUMNS = ("id", "source", "url", "published", "title", "text", "text_sha256", "captions", "language")
_TEXTS = ("title", "text", "captions")


class ShardTask(msgspec.Struct, frozen=True):
    """The argument of `write_shards`: a part, and the sources whose texts may not be redistributed."""

    out: str
    part: str
    without_text: tuple[str, ...]


def shard_schema() -> pa.Schema:
    """Return the columns of released articles."""
    import pyarrow as pa

    schema = article_schema()
    return pa.schema([*(schema.field(name) for name in _COLUMNS), pa.field("cluster", pa.string())])


def write_shards(task: ShardTask) -> Result:
    """Write a shard per split of a part; articles that are held out or repeat an id are in none.

    The name of a shard is a digest of what decides its content: a version never changes the shards of another.
    """
    store = open_store(task.out)
    path = f"{ASSIGNED}/{part_key(task.part)}.parquet"
    inputs = [hashlib.sha256(store.read(name)).hexdigest() for name in (task.part, path)]
    key = key_of(inputs, task.without_text)
    assigned = read_table(store, path)
    files: list[str] = []
    counts: dict[str, int] = {}
    for split in SPLITS:
        n_rows = assigned["split"].to_pylist().count(split)
        if n_rows:
            files.append(f"release/data/{split}/{key}.parquet")
            counts[split] = n_rows
            if not store.exists(files[-1]):
                tables = _rows(row_groups(store, task.part, _COLUMNS), assigned, split, task.without_text)
                write_part(store, files[-1], shard_schema(), tables)
    return Result(tuple(files), counts)


def _rows(
    groups: Iterator[pa.Table], assigned: pa.Table, split: str, without_text: tuple[str, ...]
) -> Iterator[pa.Table]:
    """Yield the articles of a split, one row group at a time."""
    import pyarrow as pa
    import pyarrow.compute as pc

    start = 0
    for group in groups:
        rows = assigned.slice(start, len(group))
        start += len(group)
        chosen = group.append_column("cluster", rows["cluster"]).filter(pc.equal(rows["split"], split))
        hidden = pc.is_in(chosen["source"], pa.array(without_text, pa.string()))
        for name in _TEXTS:
            number = chosen.column_names.index(name)
            column = pc.if_else(hidden, pa.scalar(None, chosen.schema.field(name).type), chosen[name])
            chosen = chosen.set_column(number, name, column)
        if len(chosen):
            yield chosen.cast(shard_schema())
