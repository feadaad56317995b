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
    """Yield the address of an empty database on a server in a temporary folder.

    PostgreSQL refuses to run as root, so that another user must be able to reach the folder: that of the tests may be
    private. It listens on TCP only, because the path of a socket may have at most 107 bytes.
    """
    is_root = os.geteuid() == 0
    folder = Path(tempfile.mkdtemp(prefix="goldwire-postgres-", dir="/tmp" if is_root else None))
    (folder / "password").write_text(password)
    run = ["runuser", "-u", "postgres", "--"] if is_root else []
    if is_root:
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
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
    control("pg_ctl", "-w", "-l", f"{folder}/log", "-o", options, "start")
    try:
        yield f"postgresql://team:{quote(password, safe='')}@127.0.0.1:{port}/postgres"
    finally:
        control("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder)
