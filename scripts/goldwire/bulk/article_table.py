"""The Parquet form of articles and rejections: the fields of the records, as typed columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from goldwire.records import Article, OriginRun, Rejected

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["article_schema", "read_articles", "rejection_schema", "to_article", "to_row", "to_table"]

_RUN = OriginRun.__struct_fields__


def article_schema() -> pa.Schema:
    """Return the columns of articles: those of `goldwire.records.Article`."""
    import pyarrow as pa

    run = pa.struct([pa.field(name, pa.int32()) for name in _RUN])
    origin = pa.struct({
        "file": pa.string(), "sha256": pa.string(), "row": pa.int64(), "field": pa.string(), "encoding": pa.string(),
        "runs": pa.list_(run), "mojibake_repairs": pa.int32(),
    })  # fmt: skip
    value = pa.struct({"name": pa.string(), "value": pa.string(), "source": pa.string()})
    text = {name: pa.string() for name in ("id", "source", "url", "published", "title", "text", "text_sha256")}
    return pa.schema({
        **text, "captions": pa.list_(pa.string()), "language": pa.string(), "origin": origin,
        "metadata": pa.list_(value), "cleaning": pa.string(), "kind": pa.string(),
    })  # fmt: skip


def rejection_schema() -> pa.Schema:
    """Return the columns of rejections: those of `goldwire.records.Rejected`."""
    import pyarrow as pa

    return pa.schema({name: pa.int64() if name == "row" else pa.string() for name in Rejected.__struct_fields__})


def to_row(record: Article | Rejected) -> dict[str, Any]:
    """Return a record as a row; fields that are not set are null."""
    row: dict[str, Any] = msgspec.to_builtins(record)
    if isinstance(record, Article):
        row["origin"]["runs"] = [dict(zip(_RUN, run, strict=True)) for run in row["origin"]["runs"]]
    return row


def to_table(rows: Iterable[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    """Return rows as a table."""
    import pyarrow as pa

    return pa.Table.from_pylist(list(rows), schema=schema)


def to_article(row: dict[str, Any]) -> Article:
    """Return the article of a row."""
    fields = {name: value for name, value in row.items() if value is not None or name in ("url", "published")}
    origin = {name: value for name, value in row["origin"].items() if value is not None or name in ("row", "field")}
    origin["runs"] = [[run[name] for name in _RUN] for run in origin["runs"]]
    return msgspec.convert({**fields, "origin": origin}, Article)


def read_articles(table: pa.Table) -> Iterator[Article]:
    """Yield the articles of a table."""
    return map(to_article, table.to_pylist())
