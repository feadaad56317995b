"""Train the networks of `goldwire.extraction.network`: small ones side by side, each with its own loss, in numpy.

scikit-learn's have neither dropout, which is worth .015 of F1 with a hundred pages of HTML, nor a falling rate and
several networks in one product, which take a third of the time for the same pages and score no worse.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from goldwire.extraction.network import Network

WEIGHTS = Path(__file__).parents[2] / "scripts" / "goldwire" / "extraction"

FURTHEST = 5.0  # standard deviations, as in goldwire.extraction.network
LEAST = 1e-30  # weights of a unit that decay has emptied become subnormal: products with them take 100 times as long


class Way(NamedTuple):
    """How to train: `hidden` is the share of the looks that no network sees in a step, `decay` pulls weights to 0."""

    units: int
    networks: int
    epochs: int
    batch: int
    rate: float
    decay: float
    hidden: float = 0.0


def train(looks: np.ndarray, body: np.ndarray, heavy: np.ndarray, way: Way, seed: int) -> Network:
    """Train on rows that look so, are body or not, and weigh so much (Adam; the rate falls to a tenth)."""
    random = np.random.default_rng(seed)
    body, heavy = body.astype(np.float32), (heavy / heavy.mean()).astype(np.float32)
    middle, deviation = looks.mean(0, dtype=np.float64), looks.std(0, dtype=np.float64)
    scale = 1 / np.where(deviation > 1e-6, deviation, 1)
    middle, scale = middle.astype(np.float32), scale.astype(np.float32)
    standard = np.clip((looks - middle) * scale, -FURTHEST, FURTHEST).astype(np.float32, copy=False)
    rows, columns = standard.shape
    start = [
        random.normal(size=(columns, way.units * way.networks)) / np.sqrt(columns),
        np.zeros(way.units * way.networks),
        random.normal(size=(way.networks, way.units)) / np.sqrt(way.units),
        np.full(way.networks, -1.0),
    ]
    free = [part.astype(np.float32) for part in start]
    mean, spread = [np.zeros_like(part) for part in free], [np.zeros_like(part) for part in free]
    batches = max(rows // way.batch, 1)
    for step in range(1, way.epochs * batches + 1):
        if (step - 1) % batches == 0:
            flush(free)
            order = random.permutation(rows)
        at = (step - 1) % batches * way.batch
        some = order[at : at + way.batch]
        seen = standard[some]
        if way.hidden:
            seen *= ((random.random((1, columns)) > way.hidden) / (1 - way.hidden)).astype(np.float32)
        slopes = gradient(seen, body[some], heavy[some], free, way.decay)
        rate = way.rate * (1 - 0.9 * step / (way.epochs * batches))
        for i, slope in enumerate(slopes):
            mean[i] = 0.9 * mean[i] + 0.1 * slope
            spread[i] = 0.999 * spread[i] + 0.001 * slope**2
            free[i] -= rate * (mean[i] / (1 - 0.9**step)) / (np.sqrt(spread[i] / (1 - 0.999**step)) + 1e-8)
    flush(free)
    return Network(middle, scale, *free)


def flush(free: list[np.ndarray]) -> None:
    for part in free:
        part[np.abs(part) < LEAST] = 0


def gradient(
    looks: np.ndarray, body: np.ndarray, heavy: np.ndarray, free: list[np.ndarray], decay: float
) -> list[np.ndarray]:
    hidden, hidden_bias, out, out_bias = free
    before = looks @ hidden + hidden_bias
    units = np.maximum(before, 0).reshape(len(looks), *out.shape)
    answer = 1 / (1 + np.exp(-(np.einsum("nku,ku->nk", units, out) + out_bias)))
    wrong = (answer - body[:, None]) * heavy[:, None] / len(looks)
    back = (wrong[:, :, None] * out[None]).reshape(len(looks), -1) * (before > 0)
    slope_out = np.einsum("nk,nku->ku", wrong, units) + decay * out
    return [looks.T @ back + decay * hidden, back.sum(0), slope_out, wrong.sum(0)]


def keep(network: Network, weights: str, **made: str) -> None:
    """Write the networks that come with goldwire (`goldwire.extraction.network`), and what made them."""
    arrays = {name: getattr(network, name).astype(np.float32) for name in Network.__struct_fields__}
    np.savez_compressed(WEIGHTS / weights, **arrays, **{name: np.array(text) for name, text in made.items()})


def unseen(weights: str, data_sha256: str) -> str:
    """Give what networks score on sites that they have not seen; "" where they were not judged by these pages."""
    with np.load(WEIGHTS / weights) as arrays:
        known = str(arrays["data_sha256"]) == data_sha256
        return f"{arrays['scores']} ({Path(str(arrays['made_by'])).name})" if known else ""
