"""Where passwords come from, and where they never go."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from goldwire.doccano import credentials
from goldwire.doccano.client import session
from goldwire.errors import GoldwireError
from support import annotation_round, factories

keyring = pytest.importorskip("keyring", reason="no keyring")
from keyring.backend import KeyringBackend  # noqa: E402
from keyring.backends import fail  # noqa: E402
from keyring.credentials import SimpleCredential  # noqa: E402


class InMemory(KeyringBackend):
    """What is set is kept until the process ends."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def get_credential(self, service: str, username: str | None) -> SimpleCredential | None:
        found = next((key for key in self.kept if key[0] == service and username in (None, key[1])), None)
        return SimpleCredential(found[1], self.kept[found]) if found else None


@pytest.fixture
def ring() -> Iterator[InMemory]:
    before, made = keyring.get_keyring(), InMemory()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def forget(monkeypatch: pytest.MonkeyPatch, *keys: str) -> None:
    for key in keys:
        monkeypatch.delenv(key, raising=False)


def test_the_keyring_knows_what_the_environment_does_not_say(
    connected, ring: InMemory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = factories.workspace(tmp_path / "w")
    ring.set_password(connected.url, connected.username, connected.password)
    forget(monkeypatch, session.PASSWORD)
    assert session.connect(space).username == connected.username
    forget(monkeypatch, session.USERNAME)
    assert session.connect(space).username == connected.username


def test_the_environment_comes_first(
    connected, ring: InMemory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring.set_password(connected.url, connected.username, "another")
    assert session.connect(factories.workspace(tmp_path / "w")).username == connected.username


@pytest.mark.parametrize("backend", ["empty", "none"])
def test_a_keyring_without_it_is_one_line_with_the_hint(
    connected, ring: InMemory, tmp_path: Path, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if backend == "none":
        keyring.set_keyring(fail.Keyring())
    forget(monkeypatch, session.PASSWORD)
    with pytest.raises(GoldwireError, match=f"keyring set {connected.url} {connected.username}"):
        session.connect(factories.workspace(tmp_path / "w"))


RING = """
import json, pathlib
from keyring.backend import KeyringBackend

class Ring(KeyringBackend):
    priority = 1

    def get_password(self, service, username):
        kept = json.loads(pathlib.Path(__file__).with_name("kept.json").read_text())
        return kept.get(f"{service} {username}")

    def set_password(self, service, username, password):
        raise NotImplementedError
"""


def in_ring(folder: Path, server) -> dict[str, str]:
    """A keyring of other processes that knows the server's password; what they have to be told to use it."""
    folder.mkdir()
    (folder / "ring.py").write_text(RING)
    (folder / "kept.json").write_text(json.dumps({f"{server.url} {server.username}": server.password}))
    return {"PYTHON_KEYRING_BACKEND": "ring.Ring"}


def command_lines() -> Iterator[str]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # it ended meanwhile
            continue


def contents(folder: Path) -> dict[Path, str]:
    return {path: path.read_bytes().decode(errors="replace") for path in folder.rglob("*") if path.is_file()}


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="no /proc to look into")
def test_no_password_is_in_a_command_line_a_log_or_a_file_but_its_own(connected, tmp_path: Path) -> None:
    of = annotation_round.plan(tmp_path, [f"Head {i}\n\nBody {i}." for i in range(3)], people=2)
    seen: set[str] = set()
    said = ""
    spoken = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    kept_in_ring = in_ring(tmp_path / "ring", connected) | spoken
    del kept_in_ring[session.PASSWORD]
    kept_in_ring["PYTHONPATH"] += f"{os.pathsep}{tmp_path / 'ring'}"
    commands = [(["push", "b01"], spoken), (["pull", "b01"], spoken), (["status", "b01"], spoken)]
    commands += [(["push", "b01", "--json"], kept_in_ring), (["pull", "b01"], kept_in_ring)]
    for verb, environment in commands:
        program = [sys.executable, "-c", "from goldwire.cli import main; main()", *verb]
        process = subprocess.Popen(
            program, cwd=of.workspace.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        )
        while process.poll() is None:
            seen.update(command_lines())
        said += process.communicate()[0]
        assert process.returncode == 0, said
    assert any("main() push b01" in line for line in seen)

    token = session.connect(of.workspace).http.session.auth
    kept = of.workspace.private / credentials.FILE
    secrets = [connected.password, *(credentials.annotator_password(of.workspace.private, name) for name in of.people)]
    secrets.append(str(token.__closure__[0].cell_contents))
    assert all(len(secret) >= 16 for secret in secrets)
    logs = contents(connected.home / "logs")
    assert logs
    places = {"command lines": "\n".join(seen), "output": said, **logs, **contents(of.workspace.root)}
    found = [(place, secret) for place, text in places.items() if place != kept for secret in secrets if secret in text]
    assert found == []
    assert secrets[1] in kept.read_text()
