"""Probability of each line or block of a page to be article body: small neural networks, evaluated in fixed point.

Features and weights are rounded to multiples of a power of two and stored as whole numbers in float64, in which every
sum of their products stays below 2**53 and is therefore exact. The result depends neither on the order in which a BLAS
kernel adds (which differs between processors) nor on the rows that are computed together.

The weights, and how they were made, are in `plaintext/weights.npz` (lines) and `html/weights.npz` (blocks);
`train_zones.py` and `train_html.py` in tests/benchmarks/ train and evaluate them.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCKS", "FRAGMENTS", "LINES", "REFINEMENT", "LineModel", "Network", "load_line_model", "load_network"]
__all__ += ["probabilities", "rounded"]

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

NO_CALIBRATION = np.array(((0.0, 1.0), (0.0, 1.0)))

LINES, BLOCKS = "plaintext/weights.npz", "html/weights.npz"
REFINEMENT = "plaintext/refinement_weights.npz"  # of lines, by what `LINES` makes of their page
FRAGMENTS = "plaintext/fragment_weights.npz"  # of line breaks: whether an inline tag made them

_STEPS = 10_000  # of a probability: rounded to 1e-4
_MAX_DEVIATIONS = 5.0  # standard deviations: a larger value was never seen in training
# Fractional bits of fixed-point numbers. Float32, in which the networks were trained, has 24 bits in all.
_FEATURE_BITS, _WEIGHT_BITS = 20, 22
_EXACT = 2.0**53  # whole numbers below this are exact in float64, and so are sums of them
# Rows that are standardized, multiplied and activated together: their numbers stay in the cache of a core. All rows of
# a batch at once take 1.2 times as long.
_ROWS = 512
_PRODUCTS = (1 << 19) - 1  # OpenBLAS starts threads for more products, which cost three times the work
_KERNEL_ROWS = 16  # that OpenBLAS multiplies together: a row takes 5% longer among 33 than among 32
_MAX_LOGIT, _LOGIT_BITS = 12, 12  # of the table of the logistic function: steps of 1/4096 between -12 and 12
_TABLE_STEPS = 1_000_000  # its values are multiples of 1e-6


class Network(msgspec.Struct, frozen=True, eq=False):
    """Networks of one hidden layer side by side, whose probabilities are averaged.

    Attributes
    ----------
    mean, inverse_std : array of float32, shape (features,)
        Mean and 1 / standard deviation of each feature in training.
    hidden_weights : array of float32, shape (features, networks * units)
    hidden_biases : array of float32, shape (networks * units,)
    output_weights : array of float32, shape (networks, units)
    output_biases : array of float32, shape (networks,)
    """

    mean: Floats
    inverse_std: Floats
    hidden_weights: Floats
    hidden_biases: Floats
    output_weights: Floats
    output_biases: Floats


class LineModel(msgspec.Struct, frozen=True, eq=False):
    """The networks for lines of text.

    Attributes
    ----------
    first : Network
        Sees each line and its neighbours.
    second : Network
        Sees what the first makes of the whole page.
    calibration : array of float64, shape (2, n)
        Expected F1 of a page by the probabilities of its lines, in ascending order, and the mean F1 of such pages.
    """

    first: Network
    second: Network
    calibration: Doubles = NO_CALIBRATION


class _FixedPointLayer(msgspec.Struct, frozen=True, eq=False):
    """Weights with `_WEIGHT_BITS` fractional bits and biases with `_FEATURE_BITS` more, as whole numbers."""

    weights: Doubles
    biases: Doubles


@cache
def load_line_model() -> LineModel:
    """Load the networks for lines that are part of goldwire."""
    with np.load(Path(__file__).parent / REFINEMENT) as arrays:
        calibration = arrays["calibration"].astype(np.float64)
    return LineModel(load_network(LINES), load_network(REFINEMENT), calibration)


@cache
def load_network(weights: str = LINES) -> Network:
    """Load networks that are part of goldwire."""
    with np.load(Path(__file__).parent / weights) as arrays:
        return Network(*(arrays[name].astype(np.float32) for name in Network.__struct_fields__))


def probabilities(features: Floats, network: Network) -> Doubles:
    """Return the probability of each line or block to be body.

    Parameters
    ----------
    features : array of float32, shape (n, features)
        One row per line or block.
    network : Network
        The networks.

    Returns
    -------
    array of float64, shape (n,)
        Probabilities, rounded to 1e-4. The same row gives the same value on every processor and in every batch.

    Raises
    ------
    ValueError
        If the network's weights are too large for exact sums.
    """
    logits = np.empty((len(network.output_biases), len(features)))
    for start in range(0, len(features), _ROWS):
        rows = slice(start, start + _ROWS)
        logits[:, rows] = _logits(features[rows], network)
    return _mean_probability(logits)


def rounded(probability: Doubles) -> Doubles:
    """Round probabilities to 1e-4, so that no decision depends on the last bits of a logarithm or exponential."""
    return np.rint(probability * _STEPS) / _STEPS


def _logits(features: Floats, network: Network) -> Doubles:
    """Return the logits of each network, of shape (networks, n), as multiples of 2**-(_WEIGHT_BITS + _FEATURE_BITS)."""
    hidden, output = _fixed_point(network)
    standard = _standardize(features, network)
    activations = np.empty((len(standard), len(hidden.biases)))
    step = max(_PRODUCTS // hidden.weights.size, 1)
    step -= step % _KERNEL_ROWS if step > _KERNEL_ROWS else 0
    for start in range(0, len(standard), step):
        rows = slice(start, start + step)
        np.matmul(standard[rows], hidden.weights, out=activations[rows])
    activations += hidden.biases
    np.maximum(activations, 0, out=activations)
    activations *= 2.0**-_WEIGHT_BITS
    np.rint(activations, out=activations)
    logits: Doubles = output.weights.T @ activations.T
    logits += output.biases[:, None]
    return logits


def _standardize(features: Floats, network: Network) -> Doubles:
    """Return features in standard deviations from their mean, at most 5, with `_FEATURE_BITS` fractional bits."""
    limit = np.float32(_MAX_DEVIATIONS * (1 << _FEATURE_BITS))
    standard = np.subtract(features, network.mean)
    standard *= network.inverse_std * np.float32(1 << _FEATURE_BITS)  # a power of two: this rounds nothing
    np.clip(standard, -limit, limit, out=standard)  # half the time of np.minimum and np.maximum
    np.rint(standard, out=standard)
    return standard.astype(np.float64)


@lru_cache(maxsize=8)
def _fixed_point(network: Network) -> tuple[_FixedPointLayer, _FixedPointLayer]:
    """Round a network's weights; each network of the output layer has separate units."""
    count, units = network.output_weights.shape
    diagonal = np.zeros((count * units, count))
    for number, weights in enumerate(network.output_weights):
        diagonal[number * units : (number + 1) * units, number] = weights
    hidden = _round_layer(network.hidden_weights, network.hidden_biases)
    output = _round_layer(diagonal, network.output_biases)
    most_standard = np.full(len(hidden.weights), _MAX_DEVIATIONS * (1 << _FEATURE_BITS))
    most_activation = _largest_sum(most_standard, hidden)
    most_logit = _largest_sum(most_activation * 2.0**-_WEIGHT_BITS + 1, output)
    if max(most_activation.max(initial=0), most_logit.max(initial=0)) >= _EXACT:
        raise ValueError("the network's weights are too large for exact sums in fixed point")
    return hidden, output


def _round_layer(weights: NDArray[np.floating], biases: NDArray[np.floating]) -> _FixedPointLayer:
    return _FixedPointLayer(
        np.rint(weights.astype(np.float64) * 2.0**_WEIGHT_BITS),
        np.rint(biases.astype(np.float64) * 2.0 ** (_WEIGHT_BITS + _FEATURE_BITS)),
    )


def _largest_sum(most_inputs: Doubles, layer: _FixedPointLayer) -> Doubles:
    """Return the largest sum, in absolute value, that each unit of a layer can reach."""
    return np.asarray(most_inputs @ np.abs(layer.weights) + np.abs(layer.biases))


@cache
def _logistic_table() -> NDArray[np.int64]:
    """Return 1 / (1 + exp(-x)) for steps of x, as multiples of 1e-6.

    np.exp differs between processors in its last bit; no entry lies so near to a half that this changes it, which the
    tests verify. Linear steps of 1/4096 are wrong by at most 3e-5.
    """
    logits = np.arange(-_MAX_LOGIT << _LOGIT_BITS, (_MAX_LOGIT << _LOGIT_BITS) + 1) / (1 << _LOGIT_BITS)
    return np.rint(_TABLE_STEPS / (1 + np.exp(-logits))).astype(np.int64)


def _mean_probability(logits: Doubles) -> Doubles:
    """Return the mean over the networks (rows) of their probabilities, which are summed as whole numbers."""
    limit = _MAX_LOGIT << _LOGIT_BITS
    steps = np.rint(logits * 2.0 ** (_LOGIT_BITS - _WEIGHT_BITS - _FEATURE_BITS))
    steps = np.minimum(np.maximum(steps, -limit), limit).astype(np.int64)
    total = _logistic_table().take(steps + limit).sum(axis=0)
    return rounded(total / (_TABLE_STEPS * len(logits)))
