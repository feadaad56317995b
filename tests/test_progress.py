"""Bars are shown on a terminal only, and only for work that takes over a second."""

from __future__ import annotations

import io
import time

import pytest

from goldwire import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Replace standard error; not in a fixture, as pytest sets its own between fixture and test."""
    monkeypatch.delenv(progress.QUIET, raising=False)
    stderr = Terminal()
    monkeypatch.setattr("sys.stderr", stderr)
    monkeypatch.setattr(progress, "_SHOW_AFTER", 0.05)
    monkeypatch.setenv("TERM", "xterm")  # rich shows nothing on a dumb one
    return stderr


def test_long_work_has_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = terminal(monkeypatch)
    with progress.activity("installing"):
        time.sleep(0.3)
    assert "installing" in stderr.getvalue()


def test_items_that_take_long_have_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = terminal(monkeypatch)
    assert [time.sleep(0.1) or item for item in progress.track("abc", "reading", 3)] == ["a", "b", "c"]
    assert "reading" in stderr.getvalue()


def test_short_and_failing_work_leaves_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = terminal(monkeypatch)
    with pytest.raises(ValueError, match="stop"), progress.activity("installing"):
        raise ValueError("stop")
    assert stderr.getvalue() == ""


def test_a_quiet_command_has_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = terminal(monkeypatch)
    monkeypatch.setenv(progress.QUIET, "1")
    with progress.activity("installing"):
        time.sleep(0.1)
    assert list(progress.track("ab", "reading")) == ["a", "b"]
    assert stderr.getvalue() == ""
