"""Run many commands of goldwire, each in a process forked from one that has the package imported already.

A fresh interpreter takes 1 to 2 s for a command that reads Parquet, a fork a few milliseconds.

    python -m support.forked_commands < requests.jsonl
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

import msgspec

from support.paths import SCRIPTS

__all__ = ["CommandResult", "ForkedCommands"]

_TIMED_OUT = 124  # as `timeout` of coreutils has it
_CHANGES = ("os.rename", "os.remove", "os.link", "os.symlink", "os.mkdir", "os.rmdir", "os.truncate", "os.chmod")
"""Audit events of Python, beside `open` with flags to write."""


class CommandResult(msgspec.Struct, frozen=True):
    """The exit code of a command, what it printed, and how often it changed a file or folder.

    A signal `n` gives -n, a command that hangs 124.
    """

    exit_code: int
    stdout: str
    stderr: str
    changes: int


class _Request(msgspec.Struct, frozen=True):
    arguments: list[str]
    folder: str
    environment: dict[str, str]
    timeout: float
    max_file_bytes: int | None
    kill_at_change: int | None
    unprivileged: bool


class ForkedCommands:
    """A process that forks once for every command. Use it as a context manager."""

    def __enter__(self) -> ForkedCommands:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("GOLDWIRE_DOCCANO_U")}
        environment["PYTHONPATH"] = os.pathsep.join((str(SCRIPTS), str(Path(__file__).parents[1])))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.forked_commands"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)

    def run(
        self,
        arguments: Sequence[str],
        *,
        folder: Path,
        timeout: float = 60,
        max_file_bytes: int | None = None,
        kill_at_change: int | None = None,
        unprivileged: bool = False,
        **environment: str,
    ) -> CommandResult:
        """Run `goldwire ARGUMENTS` in a folder.

        After `timeout` seconds it is killed without notice. No file can grow beyond `max_file_bytes`, as if the disk
        were full. `kill_at_change=3` kills the command before it opens a file to write, renames, links or removes one
        for the third time. `unprivileged` takes the right of root to read files that their owner may not read.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = _Request(
            list(arguments), str(folder), environment, timeout, max_file_bytes, kill_at_change, unprivileged
        )
        self._process.stdin.write(msgspec.json.encode(request) + b"\n")
        self._process.stdin.flush()
        return msgspec.json.decode(self._process.stdout.readline(), type=CommandResult)


def _serve() -> None:
    _import_everything()
    for line in sys.stdin.buffer:
        request = msgspec.json.decode(line, type=_Request)
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as changes:
            child = os.fork()
            if child == 0:
                _run(request, out.fileno(), err.fileno(), changes.fileno())
            _, status = os.waitpid(child, 0)
            for stream in (out, err, changes):
                stream.seek(0)
            code = os.waitstatus_to_exitcode(status)
            code = _TIMED_OUT if code == -14 else code
            texts = (stream.read().decode("utf-8", "replace") for stream in (out, err))
            result = CommandResult(code, *texts, changes=len(changes.read()))
            sys.stdout.buffer.write(msgspec.json.encode(result) + b"\n")
            sys.stdout.buffer.flush()


def _run(request: _Request, out: int, err: int, changes: int) -> None:
    """Run one command in this process, and end it."""
    import resource

    from goldwire.cli import main

    # SIGALRM ends a process as SIGKILL does: nothing of it runs afterwards.
    signal.setitimer(signal.ITIMER_REAL, request.timeout)
    if request.max_file_bytes is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # the write fails with EFBIG instead
        resource.setrlimit(resource.RLIMIT_FSIZE, (request.max_file_bytes, request.max_file_bytes))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.environ.update(request.environment)
    os.chdir(request.folder)
    if request.unprivileged and os.getuid() == 0:
        _drop_capabilities()
    sys.argv = ["goldwire", *request.arguments]
    sys.addaudithook(_change_counter(request.kill_at_change, changes))
    code: object = 1
    try:
        main()
    except SystemExit as error:
        code = error.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


def _drop_capabilities() -> None:
    import ctypes

    version_3, this_process = 0x20080522, 0
    header, none = (ctypes.c_uint32 * 2)(version_3, this_process), (ctypes.c_uint32 * 6)()
    if ctypes.CDLL(None, use_errno=True).capset(header, none) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def _change_counter(kill_at: int | None, counter: int) -> Callable[[str, tuple[object, ...]], None]:
    """Return a hook that writes a byte before each change of the file system, and kills before the nth."""
    count = 0
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal count
        if event == "open":
            flags = arguments[2]
            if not isinstance(flags, int) or not flags & writing or str(arguments[0]) == os.devnull:
                return
        elif event not in _CHANGES:
            return
        if "__pycache__" in str(arguments[0]):  # the first process that imports a module compiles it
            return
        count += 1
        if count == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        os.write(counter, b".")

    return hook


def _import_everything() -> None:
    """Import what the commands import, without starting a thread."""
    import importlib
    import pkgutil

    import goldwire

    for module in pkgutil.walk_packages(goldwire.__path__, "goldwire."):
        if ".django" not in module.name:
            importlib.import_module(module.name)
    for name in ("polars", "pyarrow.parquet", "pyarrow.json", "scipy.stats", "sklearn.linear_model", "lxml.html"):
        importlib.import_module(name)


if __name__ == "__main__":
    _serve()
