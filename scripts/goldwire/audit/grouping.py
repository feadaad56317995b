"""Groups of rows of one document, from ids that contain it: `allsides_1000_401_25` is sentence 25 of a document.

Whether a column or the beginning of an id stands for a document is decided by the texts: two texts of one document
have more rare words in common than two of different ones.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from goldwire.audit.splits import NO_SPLIT
from goldwire.audit.table import Columns, Dataset
from goldwire.quantities import quantity
from goldwire.text.field_names import plain_name

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

__all__ = ["with_groups"]

_CERTAIN = frozenset(
    (
        *("group", "group_id", "article_id", "articleid", "doc_id", "docid", "document_id", "documentid", "story_id"),
        *("thread_id", "conversation_id", "dialogue_id", "dialog_id", "document_index"),
    )
)
"""Names of columns that stand for a document whatever their values are."""

_PARTS = 6  # of an id, that are tried
_SEPARATOR, _PART = r"[_\-:/#.|]", r"[^_\-:/#.|]"
_MIN_GROUPS = 20  # with fewer groups they are sources, or chance decides
_MAX_GROUP_SHARE = 0.1  # of all texts in one group: a larger one is a source
_MAX_GROUPS_PER_TEXT = 0.9  # with more groups than that they hardly group anything
_PAIRS = 400  # of texts that are compared
_MIN_RATIO = 1.5  # of the similarity of two texts in a group to that of two others
_MIN_Z = 4.0
_MIN_COARSER = 0.6  # of the similarity within the smallest groups: larger ones are stories or sources
_DATE = r"(19|20)\d\d[-_/.]?\d\d[-_/.]?\d\d$"  # texts of one day are not one document
_WORD = re.compile(r"\w{4,}")
_MAX_ROWS = 200_000
_TEXTS = 5_000  # whose words are counted
_MAX_CHARACTERS = 2_000  # of a text


class _Candidate(msgspec.Struct, frozen=True):
    """A column, or the beginning of its values up to the given number of parts."""

    column: str
    n_parts: int | None

    def expression(self) -> pl.Expr:
        import polars as pl

        if self.n_parts is None:
            return pl.col(self.column)
        earlier = rf"(?:{_PART}*{_SEPARATOR}){{{self.n_parts - 1}}}"
        return pl.col(self.column).str.extract(rf"^({earlier}{_PART}+){_SEPARATOR}")

    def describe(self, columns: Columns) -> str:
        name = str(getattr(columns, self.column))
        return name if self.n_parts is None else f"{name}, first {quantity(self.n_parts, 'part')}"


def with_groups(dataset: Dataset) -> Dataset:
    """Return the dataset with the groups that stand for documents, or without groups that do not.

    Groups that the user names, or whose name leaves no doubt, stay. With a single split there is nothing to find.
    """
    import polars as pl

    columns = dataset.columns
    wanted = [role for role in ("group", "id") if getattr(columns, role) is not None]
    if dataset.is_group_given or not wanted:
        return dataset
    rows = dataset.frame.filter(pl.col("split") != NO_SPLIT).select("split", "text", *wanted).head(_MAX_ROWS)
    sample = rows.drop_nulls("text").collect(engine="streaming")
    if columns.group is not None and plain_name(columns.group) in _CERTAIN and not _restarts(sample):
        return dataset
    best = _best_group(sample, wanted) if sample["split"].n_unique() > 1 else None
    if best is None:
        return msgspec.structs.replace(dataset, columns=msgspec.structs.replace(columns, group=None))
    frame = dataset.frame.with_columns(best.expression().alias("group"))
    named = msgspec.structs.replace(columns, group=best.describe(columns))
    return msgspec.structs.replace(dataset, columns=named, frame=frame)


def _restarts(sample: pl.DataFrame) -> bool:
    """Whether groups are numbers that start again in each split: the texts of one number are not more similar."""
    import polars as pl

    present = sample.drop_nulls("group")
    if not present["group"].str.contains(r"^\d+$").all():
        return False
    rows = present.select("split", "group").with_row_index("at").unique(["split", "group"], maintain_order=True)
    shared = rows.group_by("group", maintain_order=True).agg("at").filter(pl.col("at").list.len() > 1)
    if shared.height < _MIN_GROUPS:
        return False
    pairs = np.array([rows_of_group[:2] for rows_of_group in shared.head(_PAIRS)["at"].to_list()], np.int64)
    words = _RareWords(present["text"])
    return not _are_documents(words.similarity(pairs), words.similarity(_pairs_across_groups(pairs)))


def _best_group(sample: pl.DataFrame, roles: list[str]) -> _Candidate | None:
    """Return the largest groups whose texts are as similar as those of the smallest groups."""
    words = _RareWords(sample["text"])
    for role in roles:
        best: _Candidate | None = None
        within = 0.0
        for candidate in _candidates(role, sample):
            pairs = _pairs(sample, candidate, best)
            similar = words.similarity(pairs)
            if best is None:
                if _are_documents(similar, words.similarity(_pairs_across_groups(pairs))):
                    best, within = candidate, float(similar.mean())
            elif len(pairs) and float(similar.mean()) < _MIN_COARSER * within:
                break
            elif len(pairs):
                best = candidate
        if best is not None:
            return best
    return None


def _candidates(role: str, sample: pl.DataFrame) -> Iterator[_Candidate]:
    """Yield the column, then the beginnings of its values from long to short, if they divide the texts into groups."""
    n_texts = sample["text"].n_unique()
    for n_parts in (None, *range(_PARTS, 0, -1)):
        candidate = _Candidate(role, n_parts)
        groups = sample.select("text", key=candidate.expression()).drop_nulls("key").unique()
        sizes = groups.group_by("key").len()
        is_date = sizes["key"].str.contains(_DATE).mean() or 0
        if (
            sizes.height >= _MIN_GROUPS
            and sizes.height <= _MAX_GROUPS_PER_TEXT * groups.height
            and groups.height > n_texts / 2
            and float(str(sizes["len"].max())) <= _MAX_GROUP_SHARE * n_texts
            and float(str(is_date)) < 0.5
        ):
            yield candidate


def _pairs(sample: pl.DataFrame, candidate: _Candidate, finer: _Candidate | None) -> NDArray[np.int64]:
    """Return pairs of rows of one group with different texts; of different groups of `finer` if it is given."""
    import polars as pl

    keys = sample.select(key=candidate.expression(), fine=pl.lit("") if finer is None else finer.expression())
    by = ["key", "text"] if finer is None else ["key", "fine"]
    rows = keys.with_columns(sample["text"]).with_row_index("at").drop_nulls("key")
    rows = rows.unique(by, keep="first", maintain_order=True)
    groups = rows.group_by("key", maintain_order=True).agg("at").filter(pl.col("at").list.len() > 1)
    chosen = groups.sample(min(_PAIRS, groups.height), seed=0)["at"].to_list()
    rng = np.random.default_rng(0)
    return np.array([rng.choice(rows_of_group, 2, replace=False) for rows_of_group in chosen], np.int64).reshape(-1, 2)


def _pairs_across_groups(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return pairs of different groups."""
    return np.column_stack([pairs[:, 0], np.roll(pairs[:, 1], 1)])


def _are_documents(inside: NDArray[np.float64], outside: NDArray[np.float64]) -> bool:
    """Whether texts within groups are clearly more similar than texts of different groups."""
    if len(inside) < _MIN_GROUPS:
        return False
    error = float(np.sqrt((inside.var() + outside.var()) / len(inside)))
    difference = float(inside.mean() - outside.mean())
    return inside.mean() >= _MIN_RATIO * outside.mean() and difference > _MIN_Z * error


class _RareWords:
    """The words of texts, weighted by how rare they are."""

    def __init__(self, texts: pl.Series) -> None:
        self.texts = texts
        step = max(1, len(texts) // _TEXTS)
        counts: Counter[str] = Counter()
        for text in texts.gather_every(step).to_list():
            counts.update(self.words_of(text))
        total = len(texts) // step + 1
        self.weights = {word: math.log(total / count) for word, count in counts.items()}
        self.rarest = math.log(total)

    def words_of(self, text: str) -> frozenset[str]:
        """Return the longer words of the beginning of a text."""
        return frozenset(_WORD.findall(text[:_MAX_CHARACTERS].lower()))

    def similarity(self, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the weighted cosine similarity of each pair of texts."""
        values = np.zeros(len(pairs))
        for number, (left, right) in enumerate(pairs.tolist()):
            one, other = self.words_of(self.texts[left]), self.words_of(self.texts[right])
            total = math.sqrt(self._weight(one) * self._weight(other))
            values[number] = self._weight(one & other) / total if total else 0.0
        return values

    def _weight(self, words: frozenset[str]) -> float:
        return sum(self.weights.get(word, self.rarest) for word in words)
