"""Sources of credentials, and the places where passwords must not appear."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
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
    """A keyring in memory."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.passwords: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.passwords.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.passwords[service, username] = password

    def get_credential(self, service: str, username: str | None) -> SimpleCredential | None:
        found = next((key for key in self.passwords if key[0] == service and username in (None, key[1])), None)
        return SimpleCredential(found[1], self.passwords[found]) if found else None


@pytest.fixture
def ring() -> Iterator[InMemory]:
    before, made = keyring.get_keyring(), InMemory()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def forget(monkeypatch: pytest.MonkeyPatch, *keys: str) -> None:
    for key in keys:
        monkeypatch.delenv(key, raising=False)


def test_credentials_missing_from_the_environment_are_read_from_the_keyring(
    connected, ring: InMemory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = factories.workspace(tmp_path / "w")
    ring.set_password(connected.url, connected.username, connected.password)
    forget(monkeypatch, session.PASSWORD)
    assert session.connect(space).username == connected.username
    forget(monkeypatch, session.USERNAME)
    assert session.connect(space).username == connected.username


def test_the_environment_has_precedence(
    connected, ring: InMemory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring.set_password(connected.url, connected.username, "another")
    assert session.connect(factories.workspace(tmp_path / "w")).username == connected.username


@pytest.mark.parametrize("backend", ["empty", "none"])
def test_missing_credentials_are_a_one_line_error_with_a_hint(
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
        passwords = json.loads(pathlib.Path(__file__).with_name("passwords.json").read_text())
        return passwords.get(f"{service} {username}")

    def set_password(self, service, username, password):
        raise NotImplementedError
"""


def in_ring(folder: Path, server) -> dict[str, str]:
    """Write a keyring for other processes with the server's password; return the variables that select it."""
    folder.mkdir()
    (folder / "ring.py").write_text(RING)
    (folder / "passwords.json").write_text(json.dumps({f"{server.url} {server.username}": server.password}))
    return {"PYTHON_KEYRING_BACKEND": "ring.Ring"}


def command_lines() -> Iterator[str]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # it has ended
            continue


def contents(folder: Path) -> dict[Path, str]:
    return {path: path.read_bytes().decode(errors="replace") for path in folder.rglob("*") if path.is_file()}


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="no /proc to look into")
def test_passwords_are_in_no_command_line_log_or_other_file(connected, tmp_path: Path) -> None:
    trial = annotation_round.plan(tmp_path, [f"Head {i}\n\nBody {i}." for i in range(3)], people=2)
    seen: set[str] = set()
    output = ""
    with_password = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with_keyring = in_ring(tmp_path / "ring", connected) | with_password
    del with_keyring[session.PASSWORD]
    with_keyring["PYTHONPATH"] += f"{os.pathsep}{tmp_path / 'ring'}"
    commands = [(["push", "b01"], with_password), (["pull", "b01"], with_password), (["status", "b01"], with_password)]
    commands += [(["push", "b01", "--json"], with_keyring), (["pull", "b01"], with_keyring)]
    for verb, environment in commands:
        program = [sys.executable, "-c", "from goldwire.cli import main; main()", *verb]
        process = subprocess.Popen(
            program,
            cwd=trial.workspace.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
        )
        while process.poll() is None:
            seen.update(command_lines())
            time.sleep(0.02)
        output += process.communicate()[0]
        assert process.returncode == 0, output
    assert any("main() push b01" in line for line in seen)

    token = session.connect(trial.workspace).http.session.auth
    password_file = trial.workspace.private / credentials.FILE
    secrets = [
        connected.password,
        *(credentials.annotator_password(trial.workspace.private, name) for name in trial.people),
    ]
    secrets.append(str(token.__closure__[0].cell_contents))
    assert all(len(secret) >= 16 for secret in secrets)
    logs = contents(connected.home / "logs")
    assert logs
    places = {"command lines": "\n".join(seen), "output": output, **logs, **contents(trial.workspace.root)}
    found = [
        (place, secret)
        for place, text in places.items()
        if place != password_file
        for secret in secrets
        if secret in text
    ]
    assert found == []
    assert secrets[1] in password_file.read_text()
