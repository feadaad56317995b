"""The addresses of this machine itself."""

from __future__ import annotations

import pytest

from goldwire.loopback import is_loopback


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        *((name, True) for name in ("127.0.0.1", "127.8.9.1", "localhost", "::1")),
        *((name, False) for name in ("10.0.0.1", "0.0.0.0", "labels.example.org", "", None)),
    ],
)
def test_loopback_addresses(host: str | None, expected: bool) -> None:
    assert is_loopback(host) is expected
