"""Kill a server as a crash does."""

from __future__ import annotations

import os
import signal
import socket
import time

from goldwire.doccano.server.lifecycle import ServerStatus

__all__ = ["kill_web"]


def kill_web(state: ServerStatus) -> None:
    """Kill the web server, and wait until its port is free: a killed process disappears from /proc before that."""
    os.killpg(state.pid, signal.SIGKILL)
    while _is_taken(state.port):
        time.sleep(0.02)


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False
