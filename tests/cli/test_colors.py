"""Colours and next steps: on a terminal only, and colours never with NO_COLOR."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from support.factories import copy_tiny_repo

ESCAPE = "\x1b["


def on_terminal(*arguments: str, **environment: str) -> str:
    """Run a command on a terminal, and return all that it shows."""
    leader, follower = pty.openpty()
    own = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
    process = subprocess.Popen(
        (sys.executable, "-m", "goldwire", *arguments),
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=own | {"TERM": "xterm"} | environment,
    )
    os.close(follower)
    shown = b""
    while True:
        try:
            data = os.read(leader, 4096)
        except OSError:  # Linux: the other end is closed
            break
        if not data:
            break
        shown += data
    process.wait(30)
    os.close(leader)
    return shown.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("arguments", [(), ("sample", "--help"), ("adjudicate", "push", "--help"), ("chekc",)])
def test_colours_are_for_terminals_and_change_no_word(arguments: tuple[str, ...]) -> None:
    colored = on_terminal(*arguments)
    plain = on_terminal(*arguments, NO_COLOR="1")
    assert ESCAPE in colored
    assert ESCAPE not in plain + on_terminal(*arguments, TERM="dumb")
    codes = [f"{ESCAPE}{code}m" for code in ("0", "1", "31", "32", "36")]
    for code in codes:
        colored = colored.replace(code, "")
    assert colored == plain
    piped = subprocess.run((sys.executable, "-m", "goldwire", *arguments), capture_output=True, text=True, check=False)
    assert ESCAPE not in piped.stdout + piped.stderr


def test_the_next_step_is_for_people_at_a_terminal(tmp_path: Path) -> None:
    root = tmp_path / "w"
    copy_tiny_repo(root)
    shown = on_terminal("--root", str(root), "dedup")
    assert shown.splitlines()[-1] == "next: `goldwire sample b01 --annotators A1,A2` plans a batch"
    assert "next:" not in on_terminal("--root", str(root), "dedup", "--json")
    piped = subprocess.run(
        (sys.executable, "-m", "goldwire", "--root", root, "dedup"), capture_output=True, text=True, check=True
    )
    assert piped.stdout == shown.partition("next:")[0]


def test_a_terminal_gets_ten_findings_of_a_code(tmp_path: Path) -> None:
    root = tmp_path / "w"
    copy_tiny_repo(root)
    (root / "README.md").write_text("".join(f"![](corpus/missing-{n}.png)\n" for n in range(12)))
    shown = on_terminal("--root", str(root), "check", "--select", "link-broken", NO_COLOR="1")
    assert shown.count(": L0 file ") == 10
    assert "(2 not listed)" in shown
