"""Texts of another file: a table of spans or labels names the ids of the texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from goldwire.audit.span_formats import text_expression
from goldwire.text.field_names import plain_name

if TYPE_CHECKING:
    import polars as pl

__all__ = ["JoinedTexts", "find_key"]

_MIN_KNOWN = 0.8  # of the ids that a table names: a few texts may be missing
_MIN_IDS = 5
_KEY, _TEXT = "key of the text", "text of another file"


class JoinedTexts(msgspec.Struct, frozen=True):
    """The texts of another table by id, and the column that names the ids."""

    texts: pl.LazyFrame
    key: str
    name: str = _TEXT

    def join(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Return rows in their order, with the text that each is about; null for an unknown one."""
        import polars as pl

        by = pl.col(self.key).cast(pl.String)
        return rows.join(self.texts, left_on=by, right_on=_KEY, how="left", maintain_order="left")


def find_key(
    rows: pl.LazyFrame, ids: Sequence[str], text: str, sample: pl.Series, others: pl.DataFrame
) -> JoinedTexts | None:
    """Return the texts of a table, if another table names them.

    Parameters
    ----------
    rows
        All rows of the table with texts.
    ids
        Its columns that may identify a text.
    text
        Its column of texts, of which `sample` has some values.
    others
        A sample of the other table.
    """
    import polars as pl

    for identifier in ids:
        is_number = rows.collect_schema()[identifier].is_integer()
        keyed = rows.select(pl.col(identifier).cast(pl.String).alias(_KEY), text_expression(text, sample).alias(_TEXT))
        keyed = keyed.drop_nulls(_KEY)
        known = keyed.select(_KEY).collect(engine="streaming").to_series()
        if known.n_unique() < known.len():
            continue
        for name in others.columns:
            if name not in ("row", "file") and _names(others[name], known):
                # Numbers are ids of many things: those of texts have the same name in both tables.
                if is_number and plain_name(name) != plain_name(identifier):
                    continue
                return JoinedTexts(keyed, name)
    return None


def _names(values: pl.Series, known: pl.Series) -> bool:
    """Whether the values of a column are ids of texts."""
    import polars as pl

    if not (values.dtype == pl.String or values.dtype.is_integer()):
        return False
    named = values.drop_nulls().cast(pl.String).unique()
    if named.len() < _MIN_IDS:
        return False
    return int(named.is_in(known.to_list()).sum()) >= _MIN_KNOWN * named.len()
