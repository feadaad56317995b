"""A backup of a running server, restored into an empty workspace on another machine."""

from __future__ import annotations

import contextlib
import resource
import shutil
import sqlite3
import stat
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from goldwire.doccano import credentials
from goldwire.doccano.client import session
from goldwire.doccano.server import environment, lifecycle, processes
from goldwire.doccano.server import state as states
from goldwire.doccano.server.passphrase import read_passphrase
from goldwire.errors import ConfigError, ConflictError, DataError, GoldwireError, MissingFileError, ServerError
from goldwire.stages import backup, people, pull, push, restore
from goldwire.workspace.layout import Workspace, find_workspace
from support import annotation_round, factories
from support.annotation_round import AnnotationRound
from support.postgres import BINARIES, database

PASSPHRASE = "correct horse battery staple"
TEXTS = ["Head\n\nAda Novak met the Rail Union.", "Other\n\nBody."]


class Lead:
    """A project lead whose workspace has a server, with one done and pulled article."""

    def __init__(self, trial: AnnotationRound, folder: Path, address: str | None = None) -> None:
        self.trial, self.folder, self.address = trial, folder, address
        self.space = trial.workspace
        self.file = folder / "labels.tar"

    def start(self, space: Workspace) -> None:
        home, folder = space.private / "server", environment.default_folder(space.private)
        lifecycle.start(home, environment=folder, database=self.address, passwords=space.private)

    def annotate(self) -> None:
        article = self.trial.articles["wire-000000000001"]
        layer = factories.layer(article, [(6, 15, "PER")], annotator=self.trial.people[0], comments=["Hm."])
        annotation_round.submit(self.trial, push.run(self.space, batch="b01"), [layer])
        pull.run(self.space, batch="b01")

    def another_machine(self) -> Workspace:
        """Return a copy of the workspace with what is in git only."""
        target = self.folder / "machine"
        shutil.copytree(self.space.root, target, ignore=shutil.ignore_patterns(".goldwire"))
        return find_workspace(target, explicit=True)


@pytest.fixture(scope="module")
def annotated(doccano_environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnnotationRound]:
    """A round with one done and pulled article, on a server of its own."""
    folder = tmp_path_factory.mktemp("lead")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("GOLDWIRE_DOCCANO_URL", raising=False)
        patch.setenv(environment.VARIABLE, str(doccano_environment))
        lead = Lead(annotation_round.plan(folder, TEXTS), folder)
        lead.start(lead.space)
        lead.annotate()
    yield lead.trial
    processes.end(processes.leftovers(lead.space.private / "server"), grace=0.1)


@pytest.fixture
def lead(
    annotated: AnnotationRound, doccano_environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Lead]:
    """A lead whose server runs, and who has made no backup yet."""
    monkeypatch.delenv("GOLDWIRE_DOCCANO_URL", raising=False)
    monkeypatch.setenv(environment.VARIABLE, str(doccano_environment))
    lead = Lead(annotated, tmp_path)
    lead.start(lead.space)
    yield lead
    processes.end(processes.leftovers(tmp_path / "machine" / ".goldwire" / "server"), grace=0.1)


def test_a_restore_on_another_machine_has_all_labels_and_accounts(lead: Lead) -> None:
    handed = people.run(lead.space, batch="b01").handouts[0]
    report = backup.run(lead.space, file=lead.file, passphrase=PASSPHRASE)
    assert (report.database, report.size) == ("sqlite", lead.file.stat().st_size)
    assert stat.S_IMODE(lead.file.stat().st_mode) == 0o600
    before = lead.trial.layers(lead.trial.people[0])
    secret_key = states.read(lead.space.private / "server").secret_key
    lifecycle.stop(lead.space.private / "server")
    machine = lead.another_machine()
    restored = restore.run(machine, file=lead.file, passphrase=PASSPHRASE)
    assert (restored.manifest.database, restored.is_other_workspace) == ("sqlite", False)
    for path in (machine.private, *(machine.private / "server").rglob("*"), machine.private / credentials.FILE):
        assert path.stat().st_mode & 0o077 == 0, path
    lead.start(machine)
    assert states.read(machine.private / "server").secret_key == secret_key
    pulled = pull.run(machine, batch="b01")
    assert (pulled.findings, pulled.annotators[0].done) == ((), 1)
    assert (machine.layers / "b01" / f"{lead.trial.people[0]}.jsonl").read_bytes() == before
    assert not any(one.changed for one in push.run(machine, batch="b01").annotators)
    assert handed.password is not None
    assert session.sign_in_as(pulled.server, handed.user, handed.password).username == handed.user
    assert people.run(machine, batch="b01").handouts[0].password is None


def test_nothing_is_readable_without_the_passphrase(lead: Lead) -> None:
    backup.run(lead.space, file=lead.file, passphrase=PASSPHRASE)
    data = lead.file.read_bytes()
    secrets = (
        credentials.admin_password(lead.space.private),
        states.read(lead.space.private / "server").secret_key,
        "Ada Novak",
        lead.trial.people[0],
        "SQLite format",
    )
    assert not [secret for secret in secrets if secret.encode() in data]
    with tarfile.open(lead.file) as archive:
        assert archive.getnames() == ["key.age", "data.age"]
    assert not [path.name for path in lead.space.private.iterdir() if "backup" in path.name]
    assert not list(lead.folder.glob(".*.tmp"))
    machine = lead.another_machine()
    damaged, torn = lead.folder / "damaged.tar", lead.folder / "torn.tar"
    damaged.write_bytes(data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :])
    torn.write_bytes(data[: len(data) // 2])
    other = lead.folder / "other.tar"
    with tarfile.open(other, "w") as archive:
        archive.add(lead.space.root / "pyproject.toml", "key.age")
    for file, passphrase in (
        (lead.file, "wrong horse battery staple"),
        (damaged, PASSPHRASE),
        (torn, PASSPHRASE),
        (other, PASSPHRASE),
        (lead.space.root / "pyproject.toml", PASSPHRASE),
    ):
        with pytest.raises(DataError):
            restore.run(machine, file=file, passphrase=passphrase)
        assert not (machine.private / "server").exists()
        assert {path.name for path in machine.private.iterdir()} <= {"lock", "lock-holder"}
    with pytest.raises(MissingFileError):
        restore.run(machine, file=lead.folder / "no-such-file", passphrase=PASSPHRASE)


def test_nothing_is_overwritten(lead: Lead) -> None:
    backup.run(lead.space, file=lead.file, passphrase=PASSPHRASE)
    before = lead.file.read_bytes()
    with pytest.raises(ConflictError):
        backup.run(lead.space, file=lead.file, passphrase=PASSPHRASE)
    assert lead.file.read_bytes() == before
    with pytest.raises(ConflictError, match="this workspace has a server"):
        restore.run(lead.space, file=lead.file, passphrase=PASSPHRASE)
    machine = lead.another_machine()
    machine.private.mkdir(mode=0o700)
    credentials.annotator_password(machine.private, "Z9")
    restore.run(machine, file=lead.file, passphrase=PASSPHRASE)
    kept = machine.private / f"{credentials.FILE}.before-restore"
    assert "Z9" in kept.read_text()
    assert "Z9" not in (machine.private / credentials.FILE).read_text()


def test_the_command_line_takes_the_passphrase_from_a_file_or_the_environment(
    lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    def goldwire(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "goldwire", *arguments]
        return subprocess.run(
            command, cwd=lead.space.root, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
        )

    monkeypatch.setenv("PYTHONPATH", ":".join(sys.path))
    done = goldwire("backup", str(lead.file))
    assert (done.returncode, "no terminal to ask for the passphrase" in done.stderr) == (2, True)
    (lead.folder / "passphrase").write_text(f"{PASSPHRASE}\n")
    done = goldwire("backup", str(lead.file), "--passphrase-file", str(lead.folder / "passphrase"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "encrypted" in done.stdout
    monkeypatch.setenv("GOLDWIRE_PASSPHRASE", PASSPHRASE)
    machine = lead.another_machine()
    done = goldwire("restore", str(lead.file), "--root", str(machine.root))
    assert (done.returncode, done.stderr) == (0, "")
    assert (machine.private / "server" / "db.sqlite3").exists()


def test_passphrases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOLDWIRE_PASSPHRASE", "short")
    assert read_passphrase(None, is_new=False) == "short"
    with pytest.raises(ConfigError, match="fewer than 12 characters"):
        read_passphrase(None, is_new=True)
    file = tmp_path / "passphrase"
    with pytest.raises(MissingFileError):
        read_passphrase(file, is_new=False)
    file.write_text("")
    with pytest.raises(ConfigError, match="empty"):
        read_passphrase(file, is_new=False)
    file.write_text(f"{PASSPHRASE}\nsecond line\n")
    assert read_passphrase(file, is_new=True) == PASSPHRASE


def test_a_workspace_without_a_server_has_nothing_to_back_up(tmp_path: Path) -> None:
    space = factories.workspace(tmp_path / "w")
    with pytest.raises(MissingFileError, match="no server of its own"):
        backup.run(space, file=tmp_path / "labels.tar", passphrase=PASSPHRASE)
    assert not (tmp_path / "labels.tar").exists()


def workspace_with_database(folder: Path) -> Workspace:
    """Return a workspace with the database of a server, 90 kB, that does not run."""
    space = factories.workspace(folder)
    home = space.private / "server"
    home.mkdir(parents=True, mode=0o700)
    (home / states.FILE).write_bytes(msgspec.json.encode(states.ServerState(secret_key="k")))
    with contextlib.closing(sqlite3.connect(home / "db.sqlite3")) as present, present:
        present.execute("CREATE TABLE label AS SELECT randomblob(90000) AS data")
    return space


def test_a_limit_of_file_sizes_is_named_with_the_copy(tmp_path: Path) -> None:
    """SQLite says "disk I/O error" of a file that is too large, and not which file."""
    space = workspace_with_database(tmp_path / "w")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        with pytest.raises(ServerError, match="the copy of the database cannot be written") as raised:
            backup.run(space, file=tmp_path / "labels.tar", passphrase=PASSPHRASE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert str(raised.value.location).endswith("db.sqlite3")
    assert "ulimit -f" in (raised.value.hint or "")


def test_a_full_disk_leaves_no_part_of_a_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    space, connect = workspace_with_database(tmp_path / "w"), sqlite3.connect

    def connect_with_limit(path: object, **options: Any) -> sqlite3.Connection:
        connection = connect(path, **options)  # type: ignore[arg-type]
        if not options:
            connection.execute("PRAGMA max_page_count = 4")
        return connection

    monkeypatch.setattr(sqlite3, "connect", connect_with_limit)
    with pytest.raises(OSError, match="No space left on device"):
        backup.run(space, file=tmp_path / "labels.tar", passphrase=PASSPHRASE)
    assert not (tmp_path / "labels.tar").exists()
    assert {path.name for path in space.private.iterdir()} <= {"server", "lock", "lock-holder"}
    monkeypatch.undo()
    backup.run(space, file=tmp_path / "labels.tar", passphrase=PASSPHRASE)
    machine = factories.copy_workspace(space, tmp_path / "machine")
    restore.run(machine, file=tmp_path / "labels.tar", passphrase=PASSPHRASE)
    with pytest.raises(ConflictError, match="this workspace has a server"):
        restore.run(machine, file=tmp_path / "labels.tar", passphrase=PASSPHRASE)


@pytest.mark.postgres
@pytest.mark.skipif(
    BINARIES is None or shutil.which("pg_dump") is None,
    reason="no PostgreSQL on this machine: apt-get install postgresql",
)
def test_a_postgresql_database_is_restored_into_an_empty_one(
    doccano_environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GOLDWIRE_DOCCANO_URL", raising=False)
    monkeypatch.setenv(environment.VARIABLE, str(doccano_environment))
    with database("hush:hush/0 %") as first, database("other") as second:
        lead = Lead(annotation_round.plan(tmp_path, TEXTS), tmp_path, first)
        try:
            lead.start(lead.space)
            lead.annotate()
            assert backup.run(lead.space, file=lead.file, passphrase=PASSPHRASE).database == "postgresql"
            before = lead.trial.layers(lead.trial.people[0])
            lifecycle.stop(lead.space.private / "server")
            machine = lead.another_machine()
            with pytest.raises(GoldwireError, match="not empty") as caught:
                restore.run(machine, file=lead.file, passphrase=PASSPHRASE)
            assert "hush" not in str(caught.value)
            assert not (machine.private / "server").exists()
            restore.run(machine, file=lead.file, passphrase=PASSPHRASE, database=second)
            Lead(lead.trial, tmp_path).start(machine)
            pulled = pull.run(machine, batch="b01")
            assert (pulled.findings, pulled.annotators[0].done) == ((), 1)
            assert (machine.layers / "b01" / f"{lead.trial.people[0]}.jsonl").read_bytes() == before
        finally:
            for home in (lead.space.private / "server", tmp_path / "machine" / ".goldwire" / "server"):
                processes.end(processes.leftovers(home), grace=0.1)
