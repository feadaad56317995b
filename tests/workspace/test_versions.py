"""Version numbers: parsing, order, and the next version."""

from __future__ import annotations

import pytest

from goldwire.errors import GoldwireError
from goldwire.workspace.versions import bump, latest, parse, plain


@pytest.mark.parametrize("wrong", ["1.2", "1.2.3.4", "01.2.3", "1.2.x", "", "v", "1.2.3-rc1"])
def test_malformed_versions_are_refused(wrong):
    with pytest.raises(GoldwireError):
        parse(wrong)


def test_versions_sort_as_numbers():
    assert latest(["v0.9.0", "v0.10.0", "notes", "0.2.0"]) == "0.10.0"
    assert latest([]) is None
    assert plain("v1.0.0") == "1.0.0"


def test_the_next_version():
    assert [bump("1.2.3", part) for part in ("major", "minor", "patch")] == ["2.0.0", "1.3.0", "1.2.4"]
    assert bump(None, "major") == "0.0.1"
