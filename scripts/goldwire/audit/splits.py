"""The split of a file or a row: by the file's name, its folders, or a column of any name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "NO_SPLIT",
    "SplitColumn",
    "name_without_split",
    "split_candidates",
    "split_column",
    "split_kind",
    "split_names",
    "split_pairs",
    "split_word",
]

NO_SPLIT = ""
"""The split of rows that are in none, such as those of `all.csv` beside `train.csv` and `test.csv`."""

_KINDS = {
    "train": r"train(?:ing|val)?|trn|trial|fit",
    "dev": r"dev(?:el(?:op(?:ment)?)?)?|val(?:id(?:ation)?)?|devtest|testdev|tune|tuning",
    "test": r"test(?:ing)?|tst|test[ab]|eval(?:uation)?|held-?out|hold-?out|unseen|blind|challenge",
}
_THINGS = r"(?:set|data|split|file|part|text|texts|articles|docs|documents|sents|sentences|gold|labels?)?"
_WORDS = {kind: re.compile(rf"(?:{words}){_THINGS}\d*", re.IGNORECASE) for kind, words in _KINDS.items()}
_SHARD = re.compile(r"([-_.](\d{5}-of-\d{5}|part[-_]?\d+|v?\d+))+$", re.IGNORECASE)
_SUFFIX = re.compile(
    r"\.(parquet|arrow|feather|jsonl?|ndjson|[ct]sv|txt|n?xml|tei|conll\w*|iob2?|bio\w*|gz|zst|bz2|xz)\b.*$", re.I
)
_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[0-9])(?=[a-z]{3})")  # `TrainSet`, `wnut17train`
_HELD_OUT = re.compile(r"(held|hold)[-_. ]?out", re.IGNORECASE)
_FOLD = re.compile(r"(?:cv|k)?[-_]?(?:fold|split)[-_]?\d+", re.IGNORECASE)
_SEPARATORS = re.compile(r"[-_. ()\[\]]+")

_NAMES = ("split", "fold", "subset", "partition", "set", "datasplit", "data_split", "split_name", "dataset_split")
_ANY_VALUES = ("split", "fold", "data_split", "split_name", "dataset_split")  # whatever their values are
_MAX_SPLITS = 20
_FLAG_WORDS = ("train", "training", "test", "testing", "dev", "validation", "heldout", "holdout")  # `is_valid` is none
_FLAG_FILLERS = ("is", "in", "for", "of", "the", "set", "data", "split", "item", "row", "flag")
_TRUE, _FALSE = ("true", "1", "1.0", "yes", "y", "t"), ("false", "0", "0.0", "no", "n", "f")


def split_kind(name: str) -> str | None:
    """Return `train`, `dev` or `test` for the name of a split, a file or a folder; None if it names none."""
    return _kind_and_word(name)[0]


def split_word(name: str) -> str:
    """Return the word of a name that names a split: `test` of `test_ids`; empty if none does."""
    return _kind_and_word(name)[1]


def _kind_and_word(name: str) -> tuple[str | None, str]:
    """Return the kind of split that a name contains, and the word for it."""
    words = {kind: part for part in _parts(name) if (kind := _kind_of_word(part)) is not None}
    if "train" in words and "test" in words:  # `train_test_split.csv` is about splits and in none
        return None, ""
    return next(((kind, words[kind]) for kind in _KINDS if kind in words), (None, ""))


def _parts(name: str) -> list[str]:
    joined = _HELD_OUT.sub("heldout", _WORD_START.sub("_", name))
    return [part for part in _SEPARATORS.split(joined) if part]


def name_without_split(file: Path) -> tuple[str, ...]:
    """Return the parts of the name of a file that name no split: `labels` of `train_labels.txt`."""
    name = _SHARD.sub("", _SUFFIX.sub("", file.name))
    return tuple(part.lower() for part in _parts(name) if _kind_of_word(part) is None)


def _kind_of_word(word: str) -> str | None:
    return next((kind for kind, pattern in _WORDS.items() if pattern.fullmatch(word)), None)


def split_names(files: Sequence[Path], *, by_folder: bool = False) -> list[str]:
    """Return the split of each file (relative to the dataset) by its name or its folders.

    If no name has one, all are `train`, as in `load_dataset`, unless they are `fold0`, `fold1`, ...; otherwise those
    without one are in none. With `by_folder`, the names of the files themselves do not count: they are documents.
    """
    names = [_split_of_path(file, by_folder=by_folder) for file in files]
    if all(name is None for name in names):
        folds = [_FOLD.match(_SUFFIX.sub("", file.name)) for file in files]
        if sum(fold is not None for fold in folds) < 2:
            return ["train"] * len(files)
        names = [None if fold is None else fold[0] for fold in folds]
    return [NO_SPLIT if name is None else name for name in names]


def _split_of_path(file: Path, *, by_folder: bool) -> str | None:
    """Return `train` for `train-00000-of-00002.parquet`, `news_train_v2.csv`, `eng.train` and `en/train/0.json`."""
    if not by_folder:
        name = _SHARD.sub("", _SUFFIX.sub("", file.name))
        kind, word = _kind_and_word(name)
        if kind is not None:
            # `validation_matched` and `validation_mismatched` are two splits, `en_train` and `de_train` one.
            return name if name.lower().startswith(word.lower()) else word
    for folder in reversed(file.parts[:-1]):
        kind, word = _kind_and_word(folder)
        if kind is not None:
            return word
    return None


def split_pairs(splits: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of splits between which a text leaks, the training split first.

    Two splits of one kind (`train_small` and `train_large`) may share texts, and rows without a split leak nothing.
    """
    ordered = sorted((split for split in splits if split), key=lambda split: (_rank(split), split))
    for number, first in enumerate(ordered):
        for second in ordered[number + 1 :]:
            kind = split_kind(first)
            if kind is None or kind != split_kind(second):
                yield first, second


def _rank(split: str) -> int:
    kind = split_kind(split)
    return len(_KINDS) if kind is None else [*_KINDS].index(kind)


class SplitColumn(msgspec.Struct, frozen=True):
    """The column that has the split of each row, and the splits that its values stand for, if they are flags."""

    name: str
    flags: dict[str, str] = {}

    def expression(self) -> pl.Expr:
        """Return an expression for the split; a missing value is in none."""
        import polars as pl

        value = pl.col(self.name).cast(pl.String)
        return (value.replace(self.flags) if self.flags else value).fill_null(NO_SPLIT)


def split_candidates(sample: pl.DataFrame) -> list[str]:
    """Return the columns that may have the split of each row, by their names and their first values."""
    named = [name for name in sample.columns if _plain(name) in _NAMES or _is_flag(name)]
    named.sort(key=lambda name: _NAMES.index(_plain(name)) if _plain(name) in _NAMES else len(_NAMES))
    return named + [name for name in sample.columns if name not in named and _has_only_splits(sample[name])]


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.strip().lower())


def _is_flag(name: str) -> bool:
    parts = [part.lower() for part in _parts(name)]
    words = [part for part in parts if part not in _FLAG_FILLERS]
    return bool(words) and all(part in _FLAG_WORDS for part in words)


def _has_only_splits(values: pl.Series) -> bool:
    import polars as pl

    if values.dtype != pl.String and not isinstance(values.dtype, pl.Categorical | pl.Enum):
        return False
    present = values.drop_nulls().cast(pl.String).unique().to_list()
    return 0 < len(present) <= _MAX_SPLITS and all(split_kind(value) for value in present)


def split_column(values_by_column: Mapping[str, Sequence[object]]) -> SplitColumn | None:
    """Return the first column that has the split of each row.

    Parameters
    ----------
    values_by_column
        All distinct values of the columns that `split_candidates` returned, in that order.
    """
    for name, values in values_by_column.items():
        present = sorted({str(value) for value in values if value is not None})
        if not 2 <= len(present) <= _MAX_SPLITS:
            continue
        kinds = {split_kind(value) for value in present}
        if (None not in kinds and len(kinds) > 1) or _plain(name) in _ANY_VALUES:
            return SplitColumn(name)
        kind = split_kind(name) if _is_flag(name) else None
        if kind is not None and {value.lower() for value in present} <= {*_TRUE, *_FALSE}:
            other = "train" if kind != "train" else "test"
            return SplitColumn(name, {value: kind if value.lower() in _TRUE else other for value in present})
    return None
