"""Lookup of numbers by 64-bit keys."""

from __future__ import annotations

import numpy as np

from goldwire.text.hash_lookup import build_lookup


def test_a_lookup_returns_the_number_of_a_key_and_zero_for_others() -> None:
    keys = np.random.default_rng(0).integers(1, 2**63, 700).astype(np.uint64)
    table = build_lookup(keys, np.arange(1, 701))
    assert table.get(keys).tolist() == list(range(1, 701))
    assert not table.get(keys + np.uint64(1)).any()
