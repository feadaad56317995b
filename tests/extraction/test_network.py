"""The networks compute the same probabilities on every processor and in every batch."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from goldwire.extraction import network
from goldwire.extraction.html.confidence import CONFIDENCE
from goldwire.extraction.network import BLOCKS, LINES, Network, load_network, probabilities, rounded
from support.paths import REPOSITORY

# Cross-validated F1 of the shipped weights on unseen sites, as recorded in them. Retraining may only raise these.
MIN_UNSEEN_F1 = {LINES: 0.956}
# Of text dumps of sets that the networks have not seen: by blocks, and by `get_text`.
MIN_UNSEEN_F1_OF_DUMPS = {"html": (0.952, 0.956), "wcxb": (0.9215, 0.9235), "dragnet": (0.895, 0.8955)}
# As `train_html.py --score` prints them: scores of other networks, up to .002 higher by chance, were recorded before.
MIN_UNSEEN_F1_OF_SETS = {
    "sets": {"html": 0.977, "wcxb": 0.9535, "dragnet": 0.935},
    "sites": {"html": 0.978, "wcxb": 0.96, "dragnet": 0.939},
}

MAX_CONFIDENCE_ERROR, MIN_CONFIDENCE_CORRELATION = 0.051, 0.535

# OpenBLAS names of kernels that add in different orders, with and without fused multiplication and addition.
KERNELS = ("Prescott", "Nehalem", "Sandybridge", "Haswell", "Zen", "SkylakeX")

SCRIPT = """
import json
import sys
import numpy as np
from threadpoolctl import threadpool_info
from goldwire.extraction.network import BLOCKS, LINES, load_network, probabilities
kernels = [info["architecture"] for info in threadpool_info() if info["internal_api"] == "openblas"]
values = {}
for weights in (LINES, BLOCKS):
    network = load_network(weights)
    random = np.random.default_rng(0)
    features = (random.normal(size=(300, len(network.mean))) / network.inverse_std + network.mean).astype(np.float32)
    values[weights] = probabilities(features, network).tolist()
print(json.dumps({"kernels": kernels, "values": values}))
"""


def sample(weights: str, count: int = 300) -> tuple[np.ndarray, Network]:
    """Rows of features as they are distributed in training."""
    loaded = load_network(weights)
    random = np.random.default_rng(0)
    features = random.normal(size=(count, len(loaded.mean))) / loaded.inverse_std + loaded.mean
    return features.astype(np.float32), loaded


@pytest.mark.parametrize("weights", [LINES, BLOCKS])
def test_a_row_alone_and_in_a_batch_has_the_same_probability(weights: str) -> None:
    features, loaded = sample(weights)
    together = probabilities(features, loaded)
    assert together.min() < 0.1
    assert together.max() > 0.5
    assert [float(probabilities(row[None], loaded)[0]) for row in features] == together.tolist()
    assert probabilities(features[::-1].copy(), loaded)[::-1].tolist() == together.tolist()
    assert probabilities(np.asfortranarray(features), loaded).tolist() == together.tolist()
    assert probabilities(features[:0], loaded).shape == (0,)


def run(**variables: str) -> tuple[list[str], dict[str, list[float]]]:
    """The kernels and probabilities of a new process with these environment variables."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "scripts"), **variables}
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, env=environment, check=False)
    if done.returncode < 0:
        pytest.skip(f"this processor cannot run {variables}: the process ended with signal {-done.returncode}")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    return answer["kernels"], answer["values"]


@pytest.mark.parametrize("kernel", KERNELS)
def test_every_kernel_of_openblas_computes_the_same_probabilities(kernel: str) -> None:
    pytest.importorskip("threadpoolctl")
    kernels, values = run(OPENBLAS_CORETYPE=kernel)
    if not kernels:
        pytest.skip("numpy was built without OpenBLAS")
    for weights, others in values.items():
        features, loaded = sample(weights)
        assert others == probabilities(features, loaded).tolist(), f"{kernel} (run as {kernels})"


def test_numpy_without_vector_instructions_computes_the_same_probabilities() -> None:
    pytest.importorskip("threadpoolctl")
    from numpy._core import _multiarray_umath as umath

    features_of_cpu = [name for name in umath.__cpu_dispatch__ if umath.__cpu_features__.get(name)]
    if not features_of_cpu:
        pytest.skip("numpy uses no vector instructions beyond its baseline on this processor")
    _, values = run(NPY_DISABLE_CPU_FEATURES=" ".join(features_of_cpu))
    for weights, others in values.items():
        features, loaded = sample(weights)
        assert others == probabilities(features, loaded).tolist()


@pytest.mark.parametrize("weights", [LINES, BLOCKS])
def test_fixed_point_is_within_a_step_of_floating_point(weights: str) -> None:
    features, loaded = sample(weights)
    standard = np.clip((features.astype(np.float64) - loaded.mean) * loaded.inverse_std, -5, 5)
    units = np.maximum(standard @ loaded.hidden_weights + loaded.hidden_biases, 0)
    units = units.reshape(len(features), *loaded.output_weights.shape)
    logits = np.einsum("nku,ku->nk", units, loaded.output_weights.astype(np.float64)) + loaded.output_biases
    exact = (1 / (1 + np.exp(-logits))).mean(axis=1)
    assert np.abs(probabilities(features, loaded) - exact).max() < 1e-4


def test_no_entry_of_the_logistic_table_depends_on_the_last_bits_of_an_exponential() -> None:
    table = network._logistic_table()
    limit = len(table) // 2
    exact = 1_000_000 / (1 + np.exp(-(np.arange(-limit, limit + 1) / 4096)))
    assert np.array_equal(table, np.rint(exact))
    assert np.abs(exact - np.floor(exact) - 0.5).min() > 1e-7  # the last bits are at most 1e-9
    assert np.all(np.diff(table) >= 0)


def test_weights_too_large_for_exact_sums_are_an_error() -> None:
    loaded = load_network()
    large = msgspec.structs.replace(loaded, hidden_weights=loaded.hidden_weights * np.float32(1000))
    with pytest.raises(ValueError, match="too large"):
        probabilities(np.zeros((1, len(loaded.mean)), np.float32), large)


@pytest.mark.parametrize("weights", [LINES, BLOCKS])
def test_no_weight_is_subnormal(weights: str) -> None:
    # A product with such weights takes 100 times as long: 13 ms per page, once, for six units that decay had emptied.
    for part in msgspec.structs.astuple(load_network(weights)):
        assert not np.any((part != 0) & (np.abs(part) < np.finfo(np.float32).tiny))


def test_probabilities_are_rounded_to_four_digits() -> None:
    assert rounded(np.array([0.30004, 0.30006, 1.0])).tolist() == [0.3, 0.3001, 1.0]


def recorded_scores(weights: str) -> str:
    with np.load(Path(network.__file__).parent / weights) as arrays:
        assert re.fullmatch(r"tests/benchmarks/train_\w+\.py", str(arrays["made_by"]))
        assert re.fullmatch(r"[0-9a-f]{64}", str(arrays["data_sha256"]))
        return str(arrays["scores"])


def test_the_recorded_f1_on_unseen_sites_is_not_below_its_floor() -> None:
    recorded = re.search(r"F1 (\d\.\d+)", recorded_scores(LINES))
    assert recorded is not None
    assert float(recorded[1]) >= MIN_UNSEEN_F1[LINES]


@pytest.mark.parametrize(("name", "floors"), MIN_UNSEEN_F1_OF_DUMPS.items())
def test_the_recorded_f1_on_dumps_of_an_unseen_set_is_not_below_its_floor(
    name: str, floors: tuple[float, float]
) -> None:
    with np.load(Path(network.__file__).parent / LINES) as arrays:
        recorded = json.loads(str(arrays["table"]))["folds over sets"]
    for kind, floor in zip(("blocks", "get-text"), floors, strict=True):
        assert recorded[f"extraction_{name} {kind}"] >= floor


def test_the_recorded_f1_on_unseen_sets_of_html_is_not_below_its_floor() -> None:
    recorded = json.loads(recorded_scores(BLOCKS))
    for by, floors in MIN_UNSEEN_F1_OF_SETS.items():
        for name, floor in floors.items():
            assert recorded[by][name]["f1"] >= floor
            assert recorded[by][name]["collapsed"] <= recorded[by][name]["pages"] / 100


def test_the_recorded_confidence_is_no_worse_an_estimate_of_the_f1_on_unseen_sets() -> None:
    recorded = recorded_scores(CONFIDENCE)
    overall = re.search(r"mean error (\d\.\d+), correlation (\d\.\d+)", recorded)
    assert overall is not None
    assert float(overall[1]) <= MAX_CONFIDENCE_ERROR
    assert float(overall[2]) >= MIN_CONFIDENCE_CORRELATION
    ranges = re.findall(r"n (\d+) estimated (\d\.\d+) true (\d\.\d+)", recorded)
    assert len(ranges) >= 5
    for count, estimated, true in ranges:
        # Four standard errors of the mean F1 of `count` pages.
        assert abs(float(estimated) - float(true)) <= 0.01 + 1 / int(count) ** 0.5
