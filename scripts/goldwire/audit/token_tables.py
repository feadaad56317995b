"""Tables with one word per row and a column that numbers the sentences, as CSV or TSV with a header."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from goldwire.audit import delimited
from goldwire.audit.data_file import OpenedFile
from goldwire.text.field_names import plain_name

if TYPE_CHECKING:
    import polars as pl

__all__ = ["open_token_table", "token_table_names"]

_WORDS = ("word", "token", "words", "tokens", "form")
_TAGS = ("ner_tag", "ner_tags", "ner", "bio_tag", "bio", "iob", "tag", "tags", "label", "labels", "entity", "ne")
_SENTENCES = ("sentence", "sentence_id", "sent_id", "sentence_no", "sentence_number", "sentence_idx", "sent", "sid")
_DOCUMENTS = ("doc_id", "document_id", "article_id", "doc", "document", "id")
_SNIFFED = 400
_MIN_ROWS = 20
_MAX_SENTENCES = 0.5  # per row: a sentence has more than one word
_MAX_WORDS = 1.2  # of a word, on average
_ROWS_PER_SENTENCE = 30  # read for a sample of sentences


class _Roles(msgspec.Struct, frozen=True):
    """The columns with the word, its tag, the sentence, and the document, if there is one."""

    word: str
    tag: str
    sentence: str
    document: str | None


def token_table_names(file: Path) -> list[str] | None:
    """Return the names of the columns of sentences; None if the file has no word in each row."""
    roles = _roles(file)
    if roles is None:
        return None
    return ["tokens", "ner_tags", *(["doc_id"] if roles.document else [])]


def open_token_table(file: Path, names: Sequence[str], folder: Path, rows: int | None) -> OpenedFile:
    """Open the named columns, one row per sentence, or those of the first sentences."""
    import polars as pl

    roles = _roles(file)
    if roles is None:
        raise ValueError("no words in rows")
    wanted = [name for name in (roles.word, roles.tag, roles.sentence, roles.document) if name is not None]
    opened = delimited.open_csv(file, wanted, folder, None if rows is None else rows * _ROWS_PER_SENTENCE)
    sentence = pl.struct(
        pl.col(name).cast(pl.String).forward_fill() for name in (roles.sentence, roles.document) if name is not None
    )
    grouped = (
        opened.frame.with_columns(sentence.rle_id().alias("sentence number"))
        .group_by("sentence number", maintain_order=True)
        .agg(
            pl.col("row").first(),
            pl.col(roles.word).cast(pl.String).fill_null("").alias("tokens"),
            pl.col(roles.tag).cast(pl.String).fill_null("O").alias("ner_tags"),
            pl.col(roles.document or roles.sentence).cast(pl.String).first().alias("doc_id"),
        )
    )
    frame = grouped.select("row", *names)
    return OpenedFile(frame if rows is None else frame.head(rows), opened.problems)


def _roles(file: Path) -> _Roles | None:
    """Return the roles of the columns by their names and first values."""
    by_name = {plain_name(name): name for name in reversed(delimited.csv_names(file))}
    word, tag, sentence = (_first(by_name, names) for names in (_WORDS, _TAGS, _SENTENCES))
    document = _first(by_name, _DOCUMENTS)
    if sentence is None:
        sentence, document = document, None
    if word is None or tag is None or sentence is None:
        return None
    sample = delimited.open_csv(file, [word, sentence], file.parent, _SNIFFED).frame.collect()
    if sample.height < _MIN_ROWS or _mean_words(sample[word]) > _MAX_WORDS:
        return None
    n_sentences = sample[sentence].forward_fill().rle_id().n_unique()
    return _Roles(word, tag, sentence, document) if n_sentences <= _MAX_SENTENCES * sample.height else None


def _first(by_name: dict[str, str], names: Sequence[str]) -> str | None:
    return next((by_name[name] for name in names if name in by_name), None)


def _mean_words(words: pl.Series) -> float:
    import polars as pl

    counts = words.cast(pl.String).drop_nulls().str.count_matches(r"\S+")
    return float(counts.sum()) / max(counts.len(), 1)
