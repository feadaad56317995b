"""Tests of the client sign in with the password."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def connected(connected_by_password: Any) -> Any:
    """Return the shared server, named by the environment with a user name and a password."""
    return connected_by_password
