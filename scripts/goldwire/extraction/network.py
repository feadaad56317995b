"""How likely each line or block of a page is to be the journalist's: small networks side by side, in numpy.

Weights, and what made them, are in `plaintext/weights.npz` (lines) and `html/weights.npz` (blocks); `train_zones.py`
and
`train_html.py` in tests/benchmarks/ train and judge them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCKS", "LINES", "Network", "network", "probabilities", "standardised"]

Floats = NDArray[np.float32]
LINES, BLOCKS = "plaintext/weights.npz", "html/weights.npz"
_PRODUCTS = 1 << 18
_FURTHEST = 5.0  # standard deviations: what is further looks like nothing in training


class Network(msgspec.Struct, frozen=True, eq=False):
    """Networks of one hidden layer side by side, whose answers are averaged; features are standardised first."""

    middle: Floats  # features
    scale: Floats  # features: 1 / standard deviation
    hidden: Floats  # features x (networks * units)
    hidden_bias: Floats
    out: Floats  # networks x units
    out_bias: Floats  # networks


@cache
def network(weights: str = LINES) -> Network:
    """Load networks that come with goldwire."""
    with np.load(Path(__file__).parent / weights) as arrays:
        return Network(*(arrays[name].astype(np.float32) for name in Network.__struct_fields__))


def standardised(features: Floats, weights: Network, out: Floats | None = None) -> Floats:
    """Give features in standard deviations from their middle, at most 5."""
    standard = np.subtract(features, weights.middle, out=out)
    standard *= weights.scale
    return np.clip(standard, -_FURTHEST, _FURTHEST, out=standard)


def probabilities(features: Floats, weights: Network, *, spend: bool = False) -> Floats:
    """Give each line or block (a row of `features`) the probability of being body; `spend` overwrites `features`."""
    standard = standardised(features, weights, out=features if spend else None)
    # A few rows at a time: OpenBLAS starts threads for more than 262,144 products, which cost three times the work.
    rows = max(_PRODUCTS // weights.hidden.size, 1)
    # Never one row alone, which another routine multiplies, with another last bit.
    if len(standard) % rows == 1:
        standard = np.concatenate((standard, standard[-1:]))
    units = np.empty((len(standard), len(weights.hidden_bias)), np.float32)
    for start in range(0, len(standard), rows):
        some = slice(start, start + rows)
        np.matmul(standard[some], weights.hidden, out=units[some])
    units = units[: len(features)]
    units += weights.hidden_bias
    np.maximum(units, 0, out=units)
    logits = np.einsum("nku,ku->nk", units.reshape(len(units), *weights.out.shape), weights.out) + weights.out_bias
    answers: Floats = np.add.reduce(1 / (1 + np.exp(-logits)), axis=1) / np.float32(len(weights.out))
    return answers
