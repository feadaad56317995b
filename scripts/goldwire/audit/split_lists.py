"""Lists of the ids or row numbers of each split beside the data: `train_ids.txt`, `splits.json`, `train_idx.npy`."""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import msgspec

from goldwire.audit.data_file import open_bytes, uncompressed_name
from goldwire.audit.files import files_below
from goldwire.audit.index_arrays import NUMPY, read_index_arrays
from goldwire.audit.json_lines import read_value
from goldwire.audit.splits import NO_SPLIT, name_without_split, split_kind, split_word
from goldwire.audit.table import Dataset

if TYPE_CHECKING:
    import polars as pl

__all__ = ["SplitLists", "find_lists", "lists_in_table", "with_lists"]

_TEXT_LISTS = (".txt", ".text", ".ids", ".id", ".lst", ".list", ".files")
_JSON_LISTS = re.compile(r"split|fold|partition|subset|ind(ex|ices)|(?<![a-z])(ids?|idxs?)(?![a-z])", re.IGNORECASE)
_NUMBERS = re.compile(r"[\s,;]+")  # between numbers in one line
_MAX_BYTES = 64 << 20  # of a file of ids
_MIN_IDS = 5
_MIN_DISTINCT = 0.9  # of the ids of one list: labels and tags repeat
_MIN_MATCHED = 0.5  # of the listed ids are in the data: texts of deleted posts are missing
_SNIFFED_LINES = 200
_READ_ERRORS = (OSError, ValueError, EOFError, zlib.error, LZMAError)
_KEY, _SPLIT, _POSITION = "id in a list of a split", "split of a list", "number of a row"


class SplitLists(msgspec.Struct, frozen=True):
    """The ids of each split, and the files that list them. An id may be in several splits.

    `fold` names one of several such lists in a file; `n_unknown` listed ids are not in the data.
    """

    files: tuple[Path, ...]
    ids_by_split: Mapping[str, frozenset[str]]
    fold: str | None = None
    n_unknown: int = 0

    @property
    def ids(self) -> frozenset[str]:
        """All ids."""
        return frozenset[str]().union(*self.ids_by_split.values())


def find_lists(root: Path) -> tuple[list[SplitLists], frozenset[Path]]:
    """Return the lists below a folder, and those of their files that are not data, since they name other files."""
    below = sorted(files_below(root))
    lists = _lists_in_files(root, below)
    relative = [path.relative_to(root) for path in below]
    named = [one for one in lists if one.files[0].suffix.lower() == ".json" or _as_numbers(one, relative) is not None]
    return lists, frozenset(file for one in named for file in one.files)


def _lists_in_files(root: Path, files: Iterable[Path]) -> list[SplitLists]:
    """Return the lists in text, JSON and numpy files, those of each folder and of each fold by themselves."""
    by_split: dict[tuple[object, ...], list[Path]] = defaultdict(list)
    lists: list[SplitLists] = []
    for file in files:
        name = uncompressed_name(file)
        relative = file.relative_to(root)
        is_json = name.endswith(".json") and _JSON_LISTS.search(file.stem) is not None
        if (is_json or name.endswith((*_TEXT_LISTS, ".npy"))) and split_kind(file.stem) is not None:
            by_split[relative.parent.parts, name_without_split(Path(file.stem)), file.suffix].append(file)
        elif is_json or name.endswith(NUMPY):
            with suppress(*_READ_ERRORS):
                found = [ids for ids in _lists_of_splits(file) if _are_lists(ids)]
                folds = [f"fold {number}" for number in range(len(found))] if len(found) > 1 else [None]
                lists += (SplitLists((file,), ids, fold) for ids, fold in zip(found, folds, strict=False))
    for group in by_split.values():
        splits = [split_word(file.stem) for file in group]
        if len(set(splits)) == len(group) > 1:
            ids = {split: _list_in(file) for split, file in zip(splits, group, strict=True)}
            lists += [SplitLists(tuple(group), ids)] if _are_lists(ids) else []
    return lists


def _lists_of_splits(file: Path) -> Iterator[dict[str, frozenset[str]]]:
    """Yield the lists in a file that has those of several splits."""
    if not file.name.lower().endswith(NUMPY):
        yield from _lists_in(read_value(file))
        return
    arrays = read_index_arrays(file)
    words = {name: split_word(name) for name in arrays}  # `train` of `train_mask`
    if all(words.values()) and len(set(words.values())) == len(words):
        yield {words[name]: _distinct(numbers) for name, numbers in arrays.items()}


def _list_in(file: Path) -> frozenset[str]:
    """Return the list in a file of one split; none if it holds anything else."""
    with suppress(*_READ_ERRORS):
        if file.suffix.lower() == ".npy":
            return _distinct(read_index_arrays(file).get("", ()))
        if uncompressed_name(file).endswith(".json"):
            value = read_value(file)
            return _ids(value) if isinstance(value, list) else frozenset()
    return _lines(file)


def _lines(file: Path) -> frozenset[str]:
    """Return the lines of a list, or its numbers; none if a line has several words, or lines repeat."""
    with suppress(*_READ_ERRORS):
        if file.stat().st_size <= _MAX_BYTES:
            with open_bytes(file) as opened:
                first = list(islice(opened, _SNIFFED_LINES))
                opened.seek(0)
                if any(len(_NUMBERS.split(line.decode("utf-8-sig").strip())) > 1 for line in first):
                    words = _NUMBERS.split(opened.read(_MAX_BYTES).decode("utf-8-sig").strip())
                    return _distinct(words) if all(map(str.isdecimal, words)) else frozenset()
                if all(len(line.split()) < 2 for line in first):
                    opened.seek(0)
                    lines = [text for line in opened if (text := line.decode("utf-8-sig").strip())]
                    if all(len(line.split()) == 1 for line in lines):
                        return _distinct(lines)
    return frozenset()


def _distinct(ids: Sequence[object]) -> frozenset[str]:
    found = frozenset(map(str, ids))
    return found if len(found) >= _MIN_DISTINCT * len(ids) else frozenset()


def _lists_in(value: Any) -> Iterator[dict[str, frozenset[str]]]:
    """Yield the lists in a JSON value: `{"train": [...], "test": [...]}`, `{id: "train"}`, or folds of such objects."""
    if isinstance(value, dict):
        if value and all(isinstance(ids, list) for ids in value.values()):
            if all(split_kind(str(name)) for name in value):
                yield {name: _ids(ids) for name, ids in value.items()}
                return
        elif value and all(isinstance(name, str) and split_kind(name) for name in value.values()):
            names = sorted(set(value.values()))
            yield {name: frozenset(key for key, split in value.items() if split == name) for name in names}
            return
    folds = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for fold in folds:
        if isinstance(fold, dict):
            yield from _lists_in(fold)


def _ids(values: Sequence[object]) -> frozenset[str]:
    """Return the ids in a list; none if it holds anything else."""
    if any(isinstance(value, bool) or not isinstance(value, str | int) for value in values):
        return frozenset()
    return _distinct(values) if all(len(str(value).split()) == 1 for value in values) else frozenset()


def _are_lists(ids_by_split: Mapping[str, frozenset[str]]) -> bool:
    kinds = {split_kind(split) for split, ids in ids_by_split.items() if ids}
    return len(kinds) > 1 and all(ids_by_split.values()) and sum(map(len, ids_by_split.values())) >= _MIN_IDS


def lists_in_table(files: Sequence[Path], rows: pl.LazyFrame, split: str) -> Iterator[SplitLists]:
    """Yield the ids in each column of a table without texts, by the values of its column of splits."""
    import polars as pl

    for key, kind in rows.collect_schema().items():
        if key in ("row", split) or not (kind == pl.String or kind.is_integer()):
            continue
        pairs = rows.select(pl.col(key).cast(pl.String), pl.col(split).cast(pl.String)).drop_nulls().unique()
        ids: dict[str, set[str]] = defaultdict(set)
        for name, of_split in pairs.collect(engine="streaming").iter_rows():
            ids[of_split].add(name)
        if len(ids) > 1 and sum(map(len, ids.values())) >= _MIN_IDS:
            yield SplitLists(tuple(files), {name: frozenset(some) for name, some in sorted(ids.items())})


def with_lists(dataset: Dataset, lists: Iterable[SplitLists], root: Path) -> list[Dataset]:
    """Return a dataset without splits once for each of the lists that name its ids, groups or files; else as it is."""
    found: dict[tuple[Path, ...], Dataset] = {}
    for number, one in enumerate(lists):
        # Folds in one file have the same name; columns of one table, too, of which the first that matches counts.
        key = one.files if one.fold is None else (*one.files, Path(f"{number}"))
        if key in found or (named := _named_column(dataset, one)) is None:
            continue
        column, by_value = named
        columns = msgspec.structs.replace(dataset.columns, split=_describe(one, by_value, root))
        frame = _join(dataset.frame.drop("split"), column, by_value)
        # The texts themselves are checked once.
        found[key] = msgspec.structs.replace(dataset, frame=frame, columns=columns, has_joined_texts=bool(found))
    return [*found.values()] or [dataset]


def _named_column(dataset: Dataset, lists: SplitLists) -> tuple[str, SplitLists] | None:
    """Return the column of a dataset whose values are listed, and the lists of these values."""
    import polars as pl

    positions = _as_positions(dataset, lists)
    for role in ("id", "group"):
        if getattr(dataset.columns, role) is not None:
            values = dataset.frame.select(pl.col(role).cast(pl.String).unique()).collect(engine="streaming")
            matched = int(values.to_series().is_in(list(lists.ids)).sum())
            # Row numbers from 0 are nearly those of ids from 1.
            is_id = matched == len(lists.ids) or positions is None
            if is_id and matched >= max(_MIN_IDS, _MIN_MATCHED * len(lists.ids)):
                return role, msgspec.structs.replace(lists, n_unknown=len(lists.ids) - matched)
    numbers = _as_numbers(lists, [Path(file) for file in dataset.files])
    if numbers is not None:
        return "file", numbers
    return None if positions is None else (_POSITION, positions)


def _as_positions(dataset: Dataset, lists: SplitLists) -> SplitLists | None:
    """Return the lists with the numbers of rows, from 0; None if they are not numbers of the rows of one file.

    A list counts from 1 if it has the number of rows, and not 0. Fewer than half of the rows are those of a sample,
    and such numbers may be ids of another file.
    """
    import polars as pl

    numbers = {listed: _whole_number(listed) for listed in lists.ids}
    if len(dataset.files) != 1 or None in numbers.values():
        return None
    n_rows = int(dataset.frame.select(pl.len()).collect(engine="streaming").item())
    values = [number for number in numbers.values() if number is not None]
    first = int(max(values) == n_rows and min(values) > 0)
    if not (min(values) - first >= 0 and max(values) - first < n_rows and 2 * len(values) >= n_rows):
        return None
    return msgspec.structs.replace(
        lists,
        ids_by_split={
            split: frozenset(str((numbers[listed] or 0) - first) for listed in ids)
            for split, ids in lists.ids_by_split.items()
        },
    )


def _whole_number(text: str) -> int | None:
    """Return the number that a list has, also as `numpy.savetxt` writes it: `1.700000000000000000e+01`."""
    if text.isdecimal():
        return int(text)
    with suppress(ValueError, OverflowError):
        return int(float(text)) if float(text).is_integer() and "e+" in text else None
    return None


def _as_numbers(lists: SplitLists, relative: Sequence[Path]) -> SplitLists | None:
    """Return the lists with the numbers of the files that they name; None if they name others.

    A list names `wire/a17.txt` by its path, its name or its stem, with or without folders of its own.
    """
    numbers: dict[str, int | None] = {}
    for number, path in enumerate(relative):
        for name in {path.as_posix(), path.with_suffix("").as_posix(), path.name, path.stem}:
            numbers[name] = None if name in numbers else number  # None: the name of several files
    found: dict[str, frozenset[str]] = {}
    for split, ids in lists.ids_by_split.items():
        named = {_number(numbers, listed) for listed in ids} - {None}
        found[split] = frozenset(map(str, named))
    n_listed, n_found = (sum(map(len, ids.values())) for ids in (lists.ids_by_split, found))
    if n_found < max(_MIN_IDS, _MIN_MATCHED * n_listed):
        return None
    return msgspec.structs.replace(lists, ids_by_split=found, n_unknown=n_listed - n_found)


def _number(numbers: Mapping[str, int | None], listed: str) -> int | None:
    path = PurePosixPath(listed.replace("\\", "/"))
    names = (listed, path.as_posix(), path.name, path.stem)
    return next((number for name in names if (number := numbers.get(name)) is not None), None)


def _describe(lists: SplitLists, by_value: SplitLists, root: Path) -> str:
    """Return the names of the files of lists, and how many listed files are missing."""
    more = len(lists.files) - 1
    name = lists.files[0].relative_to(root).as_posix() + (f", {lists.fold}" if lists.fold is not None else "")
    missing = f" ({by_value.n_unknown:,} of {len(lists.ids):,} listed are missing)" if by_value.n_unknown else ""
    return f"{name}{f' and {more} more' if more else ''}{missing}"


def _join(rows: pl.LazyFrame, key: str, lists: SplitLists) -> pl.LazyFrame:
    """Return rows in their order with the column `split`; a row whose id is in two lists is there twice."""
    import polars as pl

    rows = rows.with_row_index(_POSITION) if key == _POSITION else rows
    pairs = sorted((name, split) for split, ids in lists.ids_by_split.items() for name in ids)
    table = pl.LazyFrame(pairs, {_KEY: pl.String, _SPLIT: pl.String}, orient="row")
    by = pl.col(key).cast(pl.String)
    rows = rows.join(table, left_on=by, right_on=_KEY, how="left", maintain_order="left")
    return rows.with_columns(pl.col(_SPLIT).fill_null(NO_SPLIT).alias("split")).drop(_SPLIT, _POSITION, strict=False)
