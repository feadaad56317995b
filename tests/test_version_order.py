"""Version numbers compare as numbers."""

from __future__ import annotations

import pytest

from goldwire.version_order import highest_version


@pytest.mark.parametrize(
    ("names", "highest"),
    [(["1.9", "1.10"], "1.10"), (["2", "1.99"], "2"), (["1.0", "1.0.1"], "1.0.1"), (["unknown", "1.0"], "1.0")],
)
def test_the_highest_version(names: list[str], highest: str) -> None:
    assert highest_version(names) == highest
    assert highest_version(names[::-1]) == highest
