"""Arrays of row numbers in numpy's files: `train_idx.npy`, or `splits.npz` with an array per split.

Nothing is unpickled, and an array has the size that its file has.
"""

from __future__ import annotations

import io
import math
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

__all__ = ["NUMPY", "read_index_arrays"]

NUMPY = (".npy", ".npz")
"""The endings of the names of numpy's files."""

_MAX_BYTES = 64 << 20  # of an array


def read_index_arrays(file: Path) -> dict[str, list[int]]:
    """Return the row numbers by the name of their array; `.npy` files have one, without a name.

    A mask, an array of booleans, stands for the numbers of its true values. Arrays of other types and shapes are left
    out. An OSError or ValueError is raised if the file is damaged or too large.
    """
    arrays: dict[str, np.ndarray] = {}
    if file.name.lower().endswith(".npy"):
        if file.stat().st_size > _MAX_BYTES:
            raise ValueError(f"an array of more than {_MAX_BYTES >> 20} MB")
        arrays[""] = _array(file.read_bytes())
    else:
        try:
            with zipfile.ZipFile(file) as archive:
                for member in archive.infolist():
                    if member.filename.endswith(".npy") and member.file_size <= _MAX_BYTES:
                        arrays[member.filename.removesuffix(".npy")] = _array(archive.read(member))
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise ValueError(str(error)) from None
    return {name: numbers for name, array in arrays.items() if (numbers := _numbers(array)) is not None}


def _array(data: bytes) -> np.ndarray:
    import numpy as np
    from numpy.lib import format as npy

    stream = io.BytesIO(data)
    version = npy.read_magic(stream)
    read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, kind = read_header(stream)
    if kind.hasobject or math.prod(shape) * kind.itemsize != len(data) - stream.tell():
        raise ValueError("not an array of numbers")
    return np.frombuffer(data, kind, offset=stream.tell()).reshape(shape)


def _numbers(array: np.ndarray) -> list[int] | None:
    """Return the row numbers of an array of one dimension, or a column; None if it has other values."""
    flat = array.reshape(-1) if array.ndim == 1 or (array.ndim == 2 and 1 in array.shape) else None
    if flat is None:
        return None
    if flat.dtype.kind == "b":
        return [int(number) for number in flat.nonzero()[0]]
    if flat.dtype.kind == "f":
        return [int(number) for number in flat] if (flat % 1 == 0).all() else None
    return [int(number) for number in flat] if flat.dtype.kind in "iu" else None
