"""Which split a data file is of, by its name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

__all__ = ["split_names"]

_KNOWN = r"train(ing)?|dev(el)?|val(id(ation)?)?|test(ing)?|eval(uation)?|holdout|unseen"
_FULL = re.compile(_KNOWN, re.IGNORECASE)
_STARTS = re.compile(rf"({_KNOWN})", re.IGNORECASE)
_SHARD = re.compile(r"([-_.](\d{5}-of-\d{5}|part[-_]?\d+|v?\d+))+$", re.IGNORECASE)


def split_names(files: Sequence[Path]) -> list[str]:
    """The split of each file; where no name says one, all are of one split, as `load_dataset` has it."""
    found = [_split(file) for file in files]
    if all(name is None for name in found):
        return ["train"] * len(files)
    return [file.name.split(".")[0] if name is None else name for name, file in zip(found, files, strict=True)]


def _split(file: Path) -> str | None:
    """`data/train-00000-of-00002.parquet`, `news_train_v2.csv` and `en/train/0000.jsonl` are `train`."""
    name = _SHARD.sub("", file.name.split(".")[0])
    parts = re.split(r"[-_ ]", name)
    # `validation_matched` and `validation_mismatched` are two splits, `en_train` and `de_train` one.
    if _STARTS.match(parts[0]):
        return name
    for part in reversed(parts):
        if _FULL.fullmatch(part):
            return part
    return next((part for part in reversed(file.parts[:-1]) if _FULL.fullmatch(part)), None)
