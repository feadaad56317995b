"""Other tools whose pins do not fit the project's environment: each runs in an environment of its own, made by uv.

An environment is made once, from wheels of PyPI only, below `.goldwire/bench/peers/`. Nothing is compiled, and no
Python is downloaded: a tool for another version of Python is measured if that version is on the machine.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".goldwire/bench/peers"
SWITCH = "GOLDWIRE_BENCH_PEERS"
"""Environment variable; with `off`, as in quick runs, no tool of this module runs."""

_INSTALLATION_SECONDS = 600


class Peer(NamedTuple):
    """The packages of a tool, itself first, and the version of Python if it needs a certain one."""

    requirements: tuple[str, ...]
    python: str | None = None


PEERS: Mapping[str, Peer] = {
    # It pins trafilatura below 1.12 and xxhash below 4; spaCy divides its texts into words.
    "datatrove": Peer(("datatrove==0.10.1", "spacy>=3.8", "tokenizers", "regex", "xxhash<4", "pyarrow", "numpy")),
    "text-dedup": Peer(("text-dedup==0.4.1",), "3.12"),  # it needs 3.12 or later
    "irrCAC": Peer(("irrCAC==0.4.4",)),  # it pins scipy 1.12
    "rs-trafilatura": Peer(("rs-trafilatura==0.1.1",), "3.12"),  # the only wheel
}
"""What is installed for each tool, under its name."""


class UnavailableError(Exception):
    """A tool cannot run here; the text is the reason."""


def installed() -> list[str]:
    """Return the tools whose environments exist, with their versions."""
    return [peer.requirements[0].replace("==", " ") for name, peer in PEERS.items() if _program(_home(peer)).exists()]


def interpreter(name: str) -> Path:
    """Return the Python of a tool's environment, which is made if it is not there.

    Raises
    ------
    UnavailableError
        If it cannot be made.
    """
    if os.environ.get(SWITCH) == "off":
        raise UnavailableError("left out of a quick run")
    peer = PEERS[name]
    home = _home(peer)
    if not _program(home).exists():
        _make(peer, home)
    return _program(home)


def _home(peer: Peer) -> Path:
    """Return the folder of an environment: its name changes with what is in it."""
    digest = hashlib.sha256(repr(peer).encode()).hexdigest()[:8]
    return FOLDER / f"{peer.requirements[0].partition('==')[0]}-{digest}"


def _program(home: Path) -> Path:
    return home / "bin/python"


def _make(peer: Peer, home: Path) -> None:
    """Make an environment beside its place, and move it there once it is complete."""
    python = _python(peer.python)
    if python is None:
        raise UnavailableError(f"it needs Python {peer.python}, which is not on this machine")
    staged = home.with_name(f"{home.name}.part")
    shutil.rmtree(staged, ignore_errors=True)
    staged.parent.mkdir(parents=True, exist_ok=True)
    install = ("pip", "install", "--quiet", "--only-binary", ":all:", "--python", str(_program(staged)))
    for command in (
        ("venv", "--quiet", "--relocatable", "--python", python, str(staged)),
        (*install, *peer.requirements),
    ):
        done = subprocess.run(
            (_uv(), *command),
            capture_output=True,
            text=True,
            check=False,
            timeout=_INSTALLATION_SECONDS,
            env=os.environ | {"UV_PYTHON_DOWNLOADS": "never"},
        )
        if done.returncode:
            shutil.rmtree(staged, ignore_errors=True)
            lines = [line for line in done.stderr.splitlines() if line.strip()]
            raise UnavailableError(f"its environment cannot be made ({lines[0].strip() if lines else 'uv failed'})")
    staged.rename(home)


def _python(version: str | None) -> str | None:
    """Return a Python of a version, or the one that runs this; None if there is none.

    A shim of pyenv is on the path whether its version is chosen or not: the versions themselves are looked up, too.
    """
    if version is None:
        return sys.executable
    found = [shutil.which(f"python{version}"), *map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))]
    for program in filter(None, found):
        if not subprocess.run((program, "--version"), capture_output=True, check=False).returncode:
            return program
    return None


def _uv() -> str:
    """Return the program uv: the one of `make setup`, or another on the path."""
    own = ROOT / ".goldwire/bin/uv"
    program = str(own) if own.exists() else shutil.which("uv")
    if program is None:
        raise UnavailableError("uv, which makes its environment, is not installed")
    return program


class PeerProcess:
    """A tool of `peer_tools.py` in a process of its own environment. Call it with a value, as a function.

    Attributes
    ----------
    processor_seconds : float
        Processor time of all calls so far, without the transport of values.
    """

    def __init__(self, name: str, python: Path | None = None) -> None:
        script = str(Path(__file__).with_name("peer_tools.py"))
        self._process = subprocess.Popen(
            (str(python or interpreter(name)), script, name), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.processor_seconds = 0.0

    def __call__(self, value: Any) -> Any:
        """Return what the tool returns for a value; both pass as JSON."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):  # its process has ended: there is no answer
            self._process.stdin.write(json.dumps(value) + "\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise UnavailableError(f"its process ended with exit code {self._process.wait()}")
        answer = json.loads(line)
        self.processor_seconds += answer["processor_seconds"]
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["value"]

    def clock(self) -> float:
        """Return a time that grows by the processor time of each call."""
        return self.processor_seconds

    def __enter__(self) -> PeerProcess:
        """Return itself."""
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """End the process."""
        self._process.communicate()
