"""`goldwire server start|status|stop` for a workspace: where its server and its environment are, and what to print."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from goldwire.doccano.server import environment, lifecycle
from goldwire.doccano.server.lifecycle import ServerState
from goldwire.workspace.layout import Workspace

__all__ = ["ServerReport", "start", "status", "stop"]

NOT_RUNNING = 3  # exit code of `status`, as for init scripts (LSB)


class ServerReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a server command found or did."""

    running: bool
    said: str
    state: ServerState | None = None
    exit_code: int = 0

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield self.said
        if self.state is not None and self.state.fault:
            yield f"fault: {self.state.fault}"


def start(workspace: Workspace, *, database: str | None = None, port: int | None = None) -> ServerReport:
    """Start the workspace's server, or find it running."""
    home = workspace.private / "server"
    folder = environment.default_folder(workspace.private)
    state = lifecycle.start(home, environment=folder, database=database, port=port)
    return ServerReport(
        running=True,
        said=f"{state.url}: Doccano runs on {state.database}; sign in as {state.username!r} "
        f"with the password in {workspace.relative(home / 'passwords.json')}",
        state=state,
    )


def status(workspace: Workspace) -> ServerReport:
    """Say whether the workspace's server runs."""
    state = lifecycle.status(workspace.private / "server")
    if state is None:
        return ServerReport(running=False, said="no server runs here", exit_code=NOT_RUNNING)
    return ServerReport(
        running=True, said=f"{state.url}: Doccano runs on {state.database}, pid {state.pid}", state=state
    )


def stop(workspace: Workspace) -> ServerReport:
    """End the workspace's server; its data stays."""
    ended = lifecycle.stop(workspace.private / "server")
    return ServerReport(running=False, said="stopped" if ended else "no server ran here")
