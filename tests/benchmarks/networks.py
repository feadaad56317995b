"""Train the networks of `goldwire.extraction.network`: small ones side by side, each with its own loss, in numpy.

scikit-learn's networks have neither dropout, which is worth .015 of F1 with a hundred pages of HTML, nor a falling
learning rate and several networks in one product, which take a third of the time for the same pages and score no worse.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from goldwire.extraction.network import Network

WEIGHTS = Path(__file__).parents[2] / "scripts" / "goldwire" / "extraction"

MAX_DEVIATIONS = 5.0  # standard deviations, as in goldwire.extraction.network
SMALLEST = 1e-30  # weights of a unit that decay has emptied become subnormal: products with them take 100 times as long


class TrainingOptions(NamedTuple):
    """How to train.

    `dropout` is the share of the features that no network sees in a step, except the last `visible` features, which
    all networks always see; `decay` pulls weights towards 0.
    """

    units: int
    networks: int
    epochs: int
    batch: int
    rate: float
    decay: float
    dropout: float = 0.0
    visible: int = 0


def train(
    features: np.ndarray, is_body: np.ndarray, weights: np.ndarray, options: TrainingOptions, seed: int
) -> Network:
    """Train networks by Adam; the learning rate falls to a tenth.

    Parameters
    ----------
    features : array of float32, shape (rows, features)
        One row per line or block.
    is_body : array of bool, shape (rows,)
        Whether each row is article body.
    weights : array of float, shape (rows,)
        Weight of each row in the loss.
    options : TrainingOptions
        How to train.
    seed : int
        Seed of the random numbers.
    """
    random = np.random.default_rng(seed)
    is_body, weights = is_body.astype(np.float32), (weights / weights.mean()).astype(np.float32)
    mean, deviation = features.mean(0, dtype=np.float64), features.std(0, dtype=np.float64)
    inverse_std = (1 / np.where(deviation > 1e-6, deviation, 1)).astype(np.float32)
    mean = mean.astype(np.float32)
    standard = np.clip((features - mean) * inverse_std, -MAX_DEVIATIONS, MAX_DEVIATIONS).astype(np.float32, copy=False)
    rows, columns = standard.shape
    start = [
        random.normal(size=(columns, options.units * options.networks)) / np.sqrt(columns),
        np.zeros(options.units * options.networks),
        random.normal(size=(options.networks, options.units)) / np.sqrt(options.units),
        np.full(options.networks, -1.0),
    ]
    parameters = [part.astype(np.float32) for part in start]
    first_moment, second_moment = [np.zeros_like(part) for part in parameters], [np.zeros_like(p) for p in parameters]
    batches = max(rows // options.batch, 1)
    for step in range(1, options.epochs * batches + 1):
        if (step - 1) % batches == 0:
            flush_subnormal(parameters)
            order = random.permutation(rows)
        position = (step - 1) % batches * options.batch
        batch = order[position : position + options.batch]
        scale = np.ones(columns, np.float32)
        if options.dropout:
            scale[:] = (random.random(columns) > options.dropout) / (1 - options.dropout)
            scale[columns - options.visible :] = 1
        seen = np.flatnonzero(scale)  # a quarter less time than with columns of 0
        part = standard[batch][:, seen] * scale[seen]
        gradients = gradient(part, is_body[batch], weights[batch], parameters, seen, options.decay)
        rate = options.rate * (1 - 0.9 * step / (options.epochs * batches))
        for i, slope in enumerate(gradients):
            first_moment[i] = 0.9 * first_moment[i] + 0.1 * slope
            second_moment[i] = 0.999 * second_moment[i] + 0.001 * slope**2
            corrected = first_moment[i] / (1 - 0.9**step), second_moment[i] / (1 - 0.999**step)
            parameters[i] -= rate * corrected[0] / (np.sqrt(corrected[1]) + 1e-8)
    flush_subnormal(parameters)
    return Network(mean, inverse_std, *parameters)


def flush_subnormal(parameters: list[np.ndarray]) -> None:
    """Set weights that are nearly 0 to 0."""
    for part in parameters:
        part[np.abs(part) < SMALLEST] = 0


def gradient(
    features: np.ndarray,
    is_body: np.ndarray,
    weights: np.ndarray,
    parameters: list[np.ndarray],
    seen: np.ndarray,
    decay: float,
) -> list[np.ndarray]:
    """Return the gradient of the weighted log loss of each network, by hidden and output weights and biases.

    `seen` are the numbers of the features that the networks see, the columns of `features`.
    """
    hidden, hidden_bias, output, output_bias = parameters
    before = features @ hidden[seen] + hidden_bias
    units = np.maximum(before, 0).reshape(len(features), *output.shape)
    probability = 1 / (1 + np.exp(-(np.einsum("nku,ku->nk", units, output) + output_bias)))
    error = (probability - is_body[:, None]) * weights[:, None] / len(features)
    hidden_error = (error[:, :, None] * output[None]).reshape(len(features), -1) * (before > 0)
    output_slope = np.einsum("nk,nku->ku", error, units) + decay * output
    hidden_slope = decay * hidden
    hidden_slope[seen] += features.T @ hidden_error
    return [hidden_slope, hidden_error.sum(0), output_slope, error.sum(0)]


def save_network(
    network: Network, weights: str, *, arrays: dict[str, np.ndarray] | None = None, **provenance: str
) -> None:
    """Write the networks that are part of goldwire, with further arrays and what they were made from."""
    parts = {name: getattr(network, name).astype(np.float32) for name in Network.__struct_fields__}
    save_arrays(weights, {**parts, **(arrays or {})}, **provenance)


def save_arrays(weights: str, arrays: dict[str, np.ndarray], **provenance: str) -> None:
    """Write arrays that are part of goldwire, with what they were made from."""
    facts = {name: np.array(text) for name, text in provenance.items()}
    np.savez_compressed(WEIGHTS / weights, **arrays, **facts)


def recorded_scores(weights: str, data_sha256: str) -> str:
    """Return the scores of networks on sites that they have not seen; "" if they were judged by other pages."""
    with np.load(WEIGHTS / weights) as arrays:
        is_same = str(arrays["data_sha256"]) == data_sha256
        return f"{arrays['scores']} ({Path(str(arrays['made_by'])).name})" if is_same else ""
