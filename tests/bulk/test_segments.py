"""Rows of a step in segments: all of some segments, or those that match some values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

pytest.importorskip("obstore", reason="obstore is not installed (the extra `scale`)")

from goldwire.bulk.segments import SEGMENTS, columns, read_matching, read_segments, segment_ranges, write_segments
from goldwire.bulk.store import open_store
from goldwire.errors import DataError

ROW = columns(gram="<u8", number="<u4")


@pytest.mark.parametrize("n_tasks", [1, 16])
def test_matching_rows_are_those_of_a_join(tmp_path: Path, n_tasks: int) -> None:
    store = open_store(tmp_path)
    rng = np.random.default_rng(n_tasks)
    names = [f"{number}.bin" for number in range(3)]
    for name in names:
        size = int(rng.integers(1, 4_000))
        rows = {"gram": rng.integers(0, 2_000, size, np.uint64), "number": rng.integers(0, 99, size, np.uint32)}
        write_segments(store, name, pl.DataFrame(rows).sort("gram"), "gram", ROW)
    write_segments(store, "empty.bin", pl.DataFrame(schema={"gram": pl.UInt64, "number": pl.UInt32}), "gram", ROW)
    values = rng.integers(0, 3_000, 100, np.uint64)  # some twice, a third in no row
    n_rows = 0
    for segments in segment_ranges(n_tasks):
        found = read_matching(store, [*names, "empty.bin"], segments, ROW, "gram", values)
        rows = read_segments(store, names, segments, ROW)
        assert found.sort("gram", "number").equals(
            rows.filter(pl.col("gram").is_in(values.tolist())).sort("gram", "number")
        )
        n_rows += len(found)
    assert n_rows == len(read_matching(store, names, (0, SEGMENTS), ROW, "gram", values)) > 0


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    write_segments(store, "a.bin", pl.DataFrame({"gram": [1, 2], "number": [3, 4]}), "gram", ROW)
    intact = store.read("a.bin")
    for damaged in (bytes(byte ^ 255 for byte in intact), intact[:-1], b""):
        store.put("a.bin", damaged)
        with pytest.raises(DataError, match=r"a\.bin: .*delete it, then run the same command again"):
            read_segments(store, ["a.bin"], (0, SEGMENTS), ROW)
