"""Builds the C core of goldwire (`scripts/goldwire/native/`) when goldwire is installed, also for an editable install.

By the machine's own C compiler, else by the one that the `ziglang` package brings from PyPI. Where neither is to be had
goldwire is installed without it: it does the same by numpy then: a page of text takes four times as long.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zlib
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NATIVE = Path(__file__).parent / "scripts" / "goldwire" / "native"
LIBRARY = NATIVE / "library.so"
OPTIONS = ("-O3", "-s", "-std=gnu11", "-shared", "-fPIC", "-fvisibility=hidden", "-ffp-contract=fast")


def compiler() -> list[str] | None:
    """Give the command of the machine's C compiler: what CC names, else cc where that works; None where it has none."""
    named = os.environ.get("CC", "").split()
    return named or (["cc"] if _works("cc") else None)


def _works(command: str) -> bool:
    """Tell whether a compiler is there, and finds the headers: a package of its own on some systems."""
    if shutil.which(command) is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        line = [command, *OPTIONS, "-o", str(Path(folder) / "tried"), "-x", "c", "-"]
        source = b"#include <math.h>\n#include <stdint.h>\n#include <stdlib.h>\n"
        return subprocess.run(line, input=source, capture_output=True, check=False).returncode == 0


def build() -> bool:
    """Compile the C core beside its sources; tell whether it is there then."""
    command = compiler() or [sys.executable, "-m", "ziglang", "cc", "-mcpu=baseline"]  # a wheel may move on
    made = LIBRARY.with_suffix(f".{os.getpid()}")
    sources = [str(path) for path in sorted(NATIVE.glob("*.c"))]
    # By this goldwire.native tells a library that was built from other sources, whose tables lie elsewhere.
    digest = zlib.crc32(b"".join(path.read_bytes() for path in sorted(NATIVE.glob("*.[ch]"))))
    command = [*command, *OPTIONS, f"-DGOLDWIRE_SOURCES={digest}"]
    LIBRARY.unlink(missing_ok=True)
    last = [] if os.name == "nt" else ["-lm"]
    try:
        subprocess.run([*command, "-o", str(made), *sources, *last], check=True, capture_output=True)
        made.replace(LIBRARY)
    except (OSError, subprocess.CalledProcessError) as error:
        made.unlink(missing_ok=True)
        detail = getattr(error, "stderr", b"") or b""
        sys.stderr.write(f"goldwire: built without its C core: {error}\n{detail.decode(errors='replace')}")
        return False
    return True


class NativeBuildHook(BuildHookInterface[Any]):
    """Puts the C core into a wheel, which is then one for this system, or beside the sources of an editable install."""

    def dependencies(self) -> list[str]:
        """Give what the build needs beside hatchling."""
        return [] if compiler() else ["ziglang>=0.13"]

    def initialize(
        self,
        version: str,  # noqa: ARG002 - the hook's signature
        build_data: dict[str, Any],
    ) -> None:
        """Build, and say what the wheel is made of."""
        if build():
            platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
            build_data["tag"] = f"py3-none-{platform}"
            build_data["pure_python"] = False
            build_data["artifacts"].append(f"scripts/goldwire/native/{LIBRARY.name}")
