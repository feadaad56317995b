"""Connection to a Ray cluster, and tasks that its workers run."""

from __future__ import annotations

import logging
import os
import socket
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from goldwire.errors import GoldwireError, ServerError

__all__ = ["RayTasks", "connect_ray", "ray_errors"]

A = TypeVar("A")
R = TypeVar("R")

_TIMEOUT = 10  # seconds
_RAY_LOGGING: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
_AHEAD = 2  # tasks submitted per core of the cluster
_MAX_TEMPORARY = 32  # bytes of the path of the folder of temporary files
_MAX_RETRIES = 8  # of a task whose worker or node dies; one that dies of its own memory must end at some time


def connect_ray(address: str | None) -> None:
    """Connect to the Ray cluster at `address`, or start one on this machine.

    Raises
    ------
    ServerError
        If there is no cluster, or it does not accept the connection.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it reports its use to its makers by default
    if address is not None:
        _check_reachable(address)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a release that the extra's bounds exclude
        import ray
    try:
        if not ray.is_initialized() and address:
            ray.init(address=address, **_RAY_LOGGING)
        elif not ray.is_initialized():
            ray.init(address="local", include_dashboard=False, _temp_dir=_session_folder(), **_RAY_LOGGING)
        # Ray prints events, such as a worker that was killed, to the standard output, where the report goes. No option
        # prevents that.
        ray._private.worker._worker_logs_enabled = False
    except Exception as error:
        # Ray raises `Exception` itself if a node does not start in 30 s, RuntimeError if versions differ.
        if type(error) not in (Exception, RuntimeError, ConnectionError):
            raise
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ServerError(f"Ray reports: {reason}", location=address, hint="see `ray status`, then try again") from None


def _session_folder() -> str | None:
    """Return the folder for the sockets of a new cluster; None for that of Ray, in the folder of temporary files.

    The path of a socket has at most 107 bytes, of which Ray takes 75 below that folder.
    """
    if "RAY_TMPDIR" in os.environ or len(os.fsencode(tempfile.gettempdir())) <= _MAX_TEMPORARY:
        return None
    return "/tmp/ray"  # noqa: S108 - Ray's own choice where TMPDIR is not set


@contextmanager
def ray_errors(hint: str) -> Iterator[None]:
    """Raise what a task raised as it is, and an error of Ray itself, such as a lost node, as a GoldwireError."""
    from ray.exceptions import RayError, RayTaskError

    try:
        yield
    except RayTaskError as error:
        raise (error.cause if isinstance(error.cause, Exception) else error) from None
    except RayError as error:
        raise GoldwireError(f"Ray reports: {str(error).splitlines()[0]}", hint=hint) from None


def _check_reachable(address: str) -> None:
    """Raise an error in seconds for an address that Ray needs minutes to give up on, and then ends the process."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_TIMEOUT).close()
    except (OSError, ValueError, OverflowError) as error:
        hint = "use HOST:PORT as printed by `ray start --head`, or omit --ray-address"
        raise ServerError(f"no Ray cluster there ({error})", location=address, hint=hint) from None


def _resources() -> dict[str, float]:
    import ray

    total: Any = ray.cluster_resources  # has no annotations
    return dict(total())


class RayTasks:
    """Runs tasks on the workers of a Ray cluster. Ray runs a task again if its worker or its node dies."""

    def __init__(self, address: str | None = None) -> None:
        connect_ray(address)

    def run(
        self, function: Callable[[A], R], arguments: Sequence[A], *, is_small: bool = False
    ) -> Iterator[tuple[int, R]]:
        """Yield the number and the result of each task as it ends; small ones, too, are run by the workers.

        Raises
        ------
        GoldwireError
            If a task fails, or if its workers die eight times.
        """
        import ray

        del is_small
        remote = ray.remote(max_retries=_MAX_RETRIES)(function)
        running: dict[Any, int] = {}
        waiting = iter(enumerate(arguments))
        try:
            while True:
                with ray_errors("see `ray status`, then run the same command again; finished parts are not repeated"):
                    limit = _AHEAD * max(int(_resources().get("CPU", 1)), 1)
                    while len(running) < limit and (task := next(waiting, None)) is not None:
                        running[remote.remote(task[1])] = task[0]
                    if not running:
                        return
                    finished = [(running[done], ray.get(done), done) for done in ray.wait(list(running))[0]]
                for number, result, reference in finished:
                    del running[reference]
                    yield number, result
        finally:
            for reference in running:
                ray.cancel(reference)
