"""Real reverse proxies, nginx and Caddy, with the configuration that docs/remote-annotators.md recommends."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from goldwire.doccano.server.processes import pick_port
from support.paths import REPOSITORY
from support.proxy import certificate

HOST = "labels.example.org"
GUIDE = REPOSITORY / "docs" / "remote-annotators.md"


class ReverseProxy(NamedTuple):
    """The port at which a proxy serves https, and the certificate to trust."""

    port: int
    authority: Path


def recipe(language: str) -> str:
    """Return the configuration in the guide, as a reader would copy it."""
    match = re.search(rf"^```{language}\n(.+?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert match is not None
    return match[1]


def free_port() -> int:
    """Return a port that no outgoing connection of another test takes before a server listens there."""
    return pick_port(None, 0, "127.0.0.1")


def command(name: str, folder: Path, port: int, server: int, made: tuple[Path, Path]) -> list[str]:
    """Write the configuration of a proxy at `port` for the server at the port `server`; return the proxy's command."""
    certificate_path, key = made
    if name == "caddy":
        site = recipe("caddy").replace(HOST, f"{HOST}:{port}").replace("127.0.0.1:8000", f"127.0.0.1:{server}")
        site = site.replace("{\n", f'{{\n\tbind 127.0.0.1\n\ttls "{certificate_path}" "{key}"\n', 1)
        (folder / "Caddyfile").write_text(f"{{\n\tadmin off\n\tauto_https disable_redirects\n}}\n{site}")
        return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    site = recipe("nginx").replace("127.0.0.1:8000", f"127.0.0.1:{server}")
    site = site.replace("listen 80;", f"listen 127.0.0.1:{free_port()};")
    site = site.replace("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;")
    site = re.sub(r"ssl_certificate .*;", f'ssl_certificate "{certificate_path}";', site)
    site = re.sub(r"ssl_certificate_key .*;", f'ssl_certificate_key "{key}";', site)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f'{kind}_temp_path "{folder}/{kind}";\n' for kind in kinds)
    (folder / "nginx.conf").write_text(
        f'pid "{folder}/pid";\nerror_log "{folder}/error.log";\nevents {{}}\n'
        f"http {{\naccess_log off;\n{temporary}{site}\n}}\n"
    )
    return ["nginx", "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]


@contextmanager
def serve(name: str, folder: Path, port: int, server: int) -> Iterator[ReverseProxy]:
    """Run a proxy at https://127.0.0.1:PORT in front of the server; skip the test if it is not installed."""
    if shutil.which(name) is None:
        pytest.skip(f"no {name} on this machine: apt-get install {name}{'-light' * (name == 'nginx')}")
    made = certificate(folder, "IP:127.0.0.1", f"DNS:{HOST}")
    environment = {"PATH": "/usr/sbin:/usr/bin:/bin", "HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command(name, folder, port, server, made), stdout=log, stderr=log, env=environment, cwd=folder
        )
    try:
        wait_for(port, process, folder / "log")
        yield ReverseProxy(port, made[0])
    finally:
        process.terminate()
        process.wait(20)


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    deadline = time.monotonic() + 60
    while True:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        try:
            with (
                socket.create_connection(("127.0.0.1", port), 5) as plain,
                context.wrap_socket(plain, server_hostname=HOST),
            ):
                return
        except OSError:
            assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
            time.sleep(0.1)
