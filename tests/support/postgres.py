"""A real PostgreSQL server for one test."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from goldwire.doccano.server.processes import pick_port

BINARIES = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


@contextmanager
def database(password: str) -> Iterator[str]:
    """Yield the address of an empty database on a server in a temporary folder. PostgreSQL refuses to run as root."""
    folder = Path(tempfile.mkdtemp(prefix="goldwire-postgres-"))
    (folder / "password").write_text(password)
    run = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if run:
        owner = pwd.getpwnam("postgres")
        for path in (folder, folder / "password"):
            os.chown(path, owner.pw_uid, owner.pw_gid)
    port = pick_port(None, 0, "127.0.0.1")
    data = ["-D", str(folder / "data")]

    def control(program: str, *arguments: str) -> None:
        subprocess.run(
            [*run, f"{BINARIES}/{program}", *data, *arguments], check=True, stdout=subprocess.DEVNULL, cwd="/"
        )

    control("initdb", "-A", "scram-sha-256", "-U", "team", f"--pwfile={folder}/password", "-N")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    control("pg_ctl", "-w", "-l", f"{folder}/log", "-o", options, "start")
    try:
        yield f"postgresql://team:{quote(password, safe='')}@127.0.0.1:{port}/postgres"
    finally:
        control("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder)
