"""Import doccano-client 1.2.8, unmodified, beside pydantic 2 and urllib3 2.

doccano-client pins `pydantic<2`, and by way of requests-toolbelt 0.9 `urllib3<2`. With these pins no environment could
hold it beside spaCy 3.8.12 or later, GLiNER 2, Ray 2.56 or later and trafilatura 2.3. So the extra `doccano` does not
list it. It is downloaded without its dependencies, by its hash, into a cache on first use (0.1 MB), and its modules,
and no others, are compiled with `pydantic.v1` in place of `pydantic`. An installed doccano-client of this version is
used as it is installed; so goldwire's own lock file has it (dependency group `doccano-client`).

`pydantic.v1` does not work on Python 3.14, and nothing promises it in pydantic 3: hence `<3`, and goldwire's `<3.14`.
"""

from __future__ import annotations

import atexit
import csv
import os
import re
import shutil
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from importlib import metadata
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any

from goldwire.doccano import uv_command
from goldwire.errors import MissingPackageError
from goldwire.workspace import atomic
from goldwire.workspace.temporary import temporary_folder

if TYPE_CHECKING:
    from doccano_client import DoccanoClient

__all__ = ["VARIABLE", "VERSION", "cache_folder", "import_client", "is_available"]

VARIABLE = "GOLDWIRE_CACHE"
"""The environment variable that names the folder of goldwire's cache. Default: the user's cache folder."""

VERSION = "1.2.8"

_REQUIREMENT = (
    f"doccano-client=={VERSION} --hash=sha256:50518086b14a6554cb678f6fa7c7e7ecced050da6e6d90853e1dbcb2cc575abb\n"
)
_PACKAGE = "doccano_client"
# Only lines that begin with `from pydantic` are changed: version 1.2.8 imports it in no other way.
_PYDANTIC_IMPORT = re.compile(r"^(\s*from pydantic)(?!\.v1\b)(?=[.\s])", re.MULTILINE)


def import_client() -> type[DoccanoClient]:
    """Return the class `DoccanoClient`; download its package on first use.

    It works with any number of threads: `sys.modules` is not touched, so that other modules get pydantic 2 meanwhile.
    Compiling takes 0.03 to 0.17 s per process.

    Raises
    ------
    MissingPackageError
        If the package is not in the cache and cannot be downloaded, or the extra `doccano` is not installed.
    """
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder(None if _is_installed() else _download()))
    try:
        from doccano_client import DoccanoClient
    except ImportError as error:
        raise MissingPackageError(
            f"doccano-client cannot be imported ({error.name} is missing)",
            hint="install goldwire with its `doccano` extra",
        ) from None
    client: type[DoccanoClient] = DoccanoClient
    return client


def is_available() -> bool:
    """Whether doccano-client can be imported without a download."""
    return _is_installed() or _is_complete(_client_folder())


def cache_folder() -> Path:
    """Return the folder of goldwire's cache; it need not exist."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).expanduser().resolve()
    import platformdirs

    return platformdirs.user_cache_path("goldwire", appauthor=False)


def _client_folder() -> Path:
    return cache_folder() / f"doccano-client-{VERSION}"


def _is_installed() -> bool:
    try:
        return metadata.version("doccano-client") == VERSION
    except metadata.PackageNotFoundError:
        return False


def _download() -> Path:
    """Return the folder of the cache that holds doccano-client; install it there if necessary."""
    folder = _client_folder()
    if _is_complete(folder):
        return folder
    try:
        with atomic.build_folder(folder) as partial:
            _install(partial)
            if folder.exists() and not _is_complete(folder):  # files were removed from it by hand
                shutil.rmtree(folder, ignore_errors=True)
    except OSError:  # another process was faster, or the cache cannot be written
        return folder if _is_complete(folder) else _install_for_this_process()
    return folder


def _install_for_this_process() -> Path:
    """Return a temporary folder with the package, which takes 0.2 s more per command."""
    stack = ExitStack()
    folder = stack.enter_context(temporary_folder())
    atexit.register(stack.close)
    _install(folder, "--no-cache")
    return folder


def _install(folder: Path, *options: str) -> None:
    requirement = folder / "requirements.txt"
    requirement.write_text(_REQUIREMENT, encoding="ascii")
    uv_command.run(
        *("pip", "install", "--quiet", "--no-deps", "--require-hashes", "--no-compile-bytecode", *options),
        *("--python", sys.executable, "--target", str(folder), "-r", str(requirement)),
        location=f"doccano-client {VERSION}",
        variable=VARIABLE,
    )


def _is_complete(folder: Path) -> bool:
    """Whether each file is there that the list of the package's own files names."""
    record = folder / f"{_PACKAGE}-{VERSION}.dist-info" / "RECORD"
    try:
        with record.open(encoding="utf-8", newline="") as lines:
            return all((folder / row[0]).exists() for row in csv.reader(lines) if row)
    except OSError:
        return False


class _PydanticV1Loader(InspectLoader):
    """Load a module that another loader finds, with `pydantic.v1` for `pydantic`; line numbers stay."""

    def __init__(self, loader: Any, origin: str) -> None:
        self._loader, self._origin = loader, origin

    def is_package(self, fullname: str) -> bool:
        return bool(self._loader.is_package(fullname))

    def get_source(self, fullname: str) -> str:
        return _PYDANTIC_IMPORT.sub(r"\1.v1", self._loader.get_source(fullname))

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.get_source(fullname), self._origin)


class _Finder(MetaPathFinder):
    """Find the modules of doccano-client in `folder`, or where they are installed."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] != _PACKAGE:
            return None
        if path is None and self._folder is not None:
            path = [str(self._folder)]
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None:  # a folder without __init__.py has no loader
            spec.loader = _PydanticV1Loader(spec.loader, spec.origin)
        return spec
