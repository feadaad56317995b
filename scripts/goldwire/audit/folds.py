"""Folds of a cross-validation: `train_1` and `test_1`, `train_2` and `test_2`, which all have the same texts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

from goldwire.audit.data_file import open_bytes, uncompressed_name
from goldwire.audit.splits import split_kind

__all__ = ["fold_of_each"]

_NUMBER = re.compile(r"(?<!\d)(\d{1,2})(?!\d)")
_SHARD = re.compile(r"\d{5}-of-\d{5}")
_FOLD = re.compile(r"fold|cv|xval", re.IGNORECASE)
_LINE_FORMATS = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson")
_MAX_LINES = 200_000
_MIN_SHARED = 0.5  # of the lines of a test set that are in the training set of another fold; shards share few


def fold_of_each(files: Sequence[Path], root: Path) -> dict[Path, str]:
    """Return the number of the fold of each file; empty if the files are not folds.

    Files `train_1` and `train_2` may also be parts of one training set: the texts of a fold's test set are those of
    the training sets of the others.
    """
    by_number: dict[str, dict[str, Path]] = {}
    for file in files:
        name = file.relative_to(root).as_posix()
        kind, number = split_kind(file.stem), _NUMBER.findall(file.name)
        if kind is None or len(number) != 1 or _SHARD.search(name) or kind in by_number.get(number[0], {}):
            return {}
        by_number.setdefault(number[0], {})[kind] = file
    kinds = {tuple(sorted(of_kind)) for of_kind in by_number.values()}
    if len(by_number) < 2 or len(kinds) != 1 or "train" not in next(iter(kinds)) or len(next(iter(kinds))) < 2:
        return {}
    if not all(_FOLD.search(file.name) for file in files) and not _share_texts(list(by_number.values())[:2]):
        return {}
    return {file: number for number, of_kind in by_number.items() for file in of_kind.values()}


def _share_texts(folds: Sequence[Mapping[str, Path]]) -> bool:
    """Whether most lines of the test set of the first fold are in the training set of the second."""
    first, second = folds
    held_out = first["test"] if "test" in first else first["dev"]
    if not uncompressed_name(held_out).endswith(_LINE_FORMATS):
        return False
    lines, others = _lines(held_out), _lines(second["train"])
    return bool(lines) and len(lines & others) >= _MIN_SHARED * len(lines)


def _lines(file: Path) -> set[bytes]:
    with open_bytes(file) as opened:
        return {line for line in islice(opened, _MAX_LINES) if line.strip()}
