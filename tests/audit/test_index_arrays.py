"""Lists of row numbers divide a data set without ids: its leak is found, and damaged arrays are refused."""

from __future__ import annotations

import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from goldwire.audit.index_arrays import read_index_arrays
from goldwire.stages import audit

RNG = random.Random(5)
TEXTS = [" ".join("".join(RNG.choices("abdegiklmnoprstuv", k=7)) for _ in range(9)) for _ in range(45)]
ROWS = [*TEXTS, *TEXTS[:5]]
TRAIN, TEST = [*range(30)], [*range(30, 50)]  # the last five rows have texts of the first five


def text_lists(root: Path) -> None:
    for split, numbers in (("train", TRAIN), ("test", TEST)):
        (root / f"{split}_idx.txt").write_text("".join(f"{number}\n" for number in numbers))


def text_lists_from_one(root: Path) -> None:
    for split, numbers in (("train", TRAIN), ("test", TEST)):
        (root / f"{split}_idx.txt").write_text("".join(f"{number + 1}\n" for number in numbers))


def numbers_in_one_line(root: Path) -> None:
    for split, numbers in (("train", TRAIN), ("test", TEST)):
        (root / f"{split}_indices.txt").write_text(", ".join(map(str, numbers)))


def savetxt(root: Path) -> None:
    for split, numbers in (("train", TRAIN), ("test", TEST)):
        np.savetxt(root / f"{split}_idx.txt", np.array(numbers))


def json_lists(root: Path) -> None:
    (root / "splits.json").write_text(json.dumps({"train": TRAIN, "test": TEST}))


def json_list_per_split(root: Path) -> None:
    for split, numbers in (("train", TRAIN), ("test", TEST)):
        (root / f"{split}_idx.json").write_text(json.dumps(numbers))


def npy(root: Path) -> None:
    for split, numbers in (("train", TRAIN), ("test", TEST)):
        np.save(root / f"{split}_idx.npy", np.array(numbers))


def npz(root: Path) -> None:
    np.savez_compressed(root / "splits.npz", train=np.array(TRAIN)[:, None], test=np.array(TEST, float))


def masks(root: Path) -> None:
    is_test = np.arange(50) >= 30
    np.savez(root / "masks.npz", train_mask=~is_test, test_mask=is_test)


LAYOUTS = (
    *(text_lists, text_lists_from_one, numbers_in_one_line, savetxt, json_lists, json_list_per_split),
    *(npy, npz, masks),
)


@pytest.mark.parametrize("with_ids", [False, True], ids=["without ids", "ids from 1"])
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_row_numbers_divide_a_data_set(layout: Callable[[Path], None], with_ids: bool, tmp_path: Path) -> None:
    frame = pl.DataFrame({"text": ROWS})
    # Where the lists count from 1, too, ids and row numbers are the same.
    frame = frame.with_row_index("id", offset=1) if with_ids else frame
    frame.write_csv(tmp_path / "news.csv")
    layout(tmp_path)
    report = audit.run(tmp_path)
    assert report.conclusion == "test/train leak: 5 of 20 texts (25%)", report
    assert {finding.code for finding in report.findings} == {"text-across-splits"}
    assert report.findings[0].line == 47  # the header is the first line


@pytest.mark.parametrize(
    ("train", "test"),
    [([*range(40)], [48, 70]), ([*range(10)], [*range(10, 20)]), ([*range(20)] * 2, [*range(20, 50)])],
    ids=["outside", "too few", "repeated"],
)
def test_other_numbers_are_not_rows(train: list[int], test: list[int], tmp_path: Path) -> None:
    pl.DataFrame({"text": ROWS}).write_csv(tmp_path / "news.csv")
    (tmp_path / "splits.json").write_text(json.dumps({"train": train, "test": test}))
    assert audit.run(tmp_path).conclusion == ""


def test_a_row_in_two_lists_leaks(tmp_path: Path) -> None:
    pl.DataFrame({"text": TEXTS}).write_parquet(tmp_path / "news.parquet")
    np.savez(tmp_path / "folds.npz", train=np.arange(30), val=np.arange(25, 45))
    assert audit.run(tmp_path).conclusion == "val/train leak: 5 of 20 texts (25%)"


def test_damaged_arrays_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.arange(9))
    whole = (tmp_path / "a.npy").read_bytes()
    np.save(tmp_path / "objects.npy", np.array([{"a": 1}], object), allow_pickle=True)
    (tmp_path / "cut.npy").write_bytes(whole[:-1])
    (tmp_path / "lying.npy").write_bytes(whole.replace(b"(9,)", b"(9999999999,)".ljust(4)))
    (tmp_path / "empty.npy").touch()
    (tmp_path / "no.npz").write_bytes(b"PK")
    for name in ("objects.npy", "cut.npy", "lying.npy", "empty.npy", "no.npz"):
        with pytest.raises(ValueError, match=r"array|magic|zip|mmap|EOF|expected"):
            read_index_arrays(tmp_path / name)
    with zipfile.ZipFile(tmp_path / "b.npz", "w") as archive:
        archive.writestr("train.npy", whole)
        archive.writestr("notes.txt", "hello")
    assert read_index_arrays(tmp_path / "b.npz") == {"train": [*range(9)]}
    pl.DataFrame({"text": ROWS}).write_csv(tmp_path / "news.csv")
    assert audit.run(tmp_path).conclusion == ""
