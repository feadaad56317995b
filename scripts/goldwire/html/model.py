"""How likely each block of a page is to be the journalist's: small networks side by side, in numpy.

Their weights, and what made them, are in `blocks.npz`; `tests/benchmarks/train_html.py` trains and judges them.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["WEIGHTS", "Networks", "networks", "probabilities"]

Floats = NDArray[np.float32]
WEIGHTS = "blocks.npz"
_FURTHEST = 5.0  # standard deviations: what is further looks like nothing in training
_PRODUCTS = 1 << 18  # at a time: for more, OpenBLAS starts threads, which cost three times the work


class Networks(msgspec.Struct, frozen=True, eq=False):
    """Networks of one hidden layer, whose answers are averaged; what they are given is standardised first."""

    middle: Floats  # looks
    scale: Floats  # looks: 1 / standard deviation
    hidden: Floats  # looks x (networks * units)
    hidden_bias: Floats
    out: Floats  # networks x units
    out_bias: Floats  # networks


@cache
def networks() -> Networks:
    """Load the networks that come with goldwire."""
    with resources.files("goldwire.html").joinpath(WEIGHTS).open("rb") as file, np.load(file) as arrays:
        return Networks(*(arrays[name].astype(np.float32) for name in Networks.__struct_fields__))


def probabilities(looks: Floats, given: Networks) -> Floats:
    """Give each block (a row of `looks`) the probability of being body."""
    standard = looks - given.middle
    standard *= given.scale
    np.clip(standard, -_FURTHEST, _FURTHEST, out=standard)
    rows = max(_PRODUCTS // given.hidden.size, 1)
    parts = [standard[start : start + rows] @ given.hidden for start in range(0, max(len(standard), 1), rows)]
    units = np.maximum(np.concatenate(parts) + given.hidden_bias, 0).reshape(len(looks), *given.out.shape)
    logits = np.einsum("nku,ku->nk", units, given.out) + given.out_bias
    return np.asarray((1 / (1 + np.exp(-logits))).mean(axis=1), np.float32)
