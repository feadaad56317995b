"""Files below a URL: a local folder, an object store (`s3://`, `gs://`, `az://`), or any other URL that fsspec opens.

Every write puts a whole file or none. Credentials come from the environment only (`AWS_ACCESS_KEY_ID`,
`AWS_ENDPOINT_URL`, `GOOGLE_APPLICATION_CREDENTIALS`, ...), never from a URL or a file of goldwire.
"""

from __future__ import annotations

import io
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import msgspec

from goldwire.errors import (
    ConfigError,
    DataError,
    GoldwireError,
    MissingFileError,
    MissingPackageError,
    ServerError,
    describe_error_number,
)
from goldwire.parallel.threads import thread_pool

__all__ = ["FileInfo", "Store", "StoreFile", "each_file", "open_store"]

R = TypeVar("R")

_OBJECT_STORES = ("s3", "s3a", "gs", "az", "azure", "abfs", "abfss", "adl")
_AZURE = "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY"
_CREDENTIALS = {"gs": "GOOGLE_APPLICATION_CREDENTIALS"} | dict.fromkeys(("az", "azure", "abfs", "abfss", "adl"), _AZURE)
_RETRIES: Any = {"max_retries": 5, "retry_timeout": timedelta(seconds=60)}
_ERROR_NUMBER = re.compile(r"\(os error (\d+)\)")  # in the errors of obstore about a local folder
_BLOCK = 1 << 22  # bytes copied at a time
_READERS = 16  # files read at once: a store answers after some 20 ms, whatever their size


class FileInfo(msgspec.Struct, frozen=True, order=True):
    """A file of a store: its path below the store's URL, its bytes, and what changes with its content.

    `version` is the entity tag of an object, or the inode, time and size of a local file.
    """

    path: str
    size: int
    version: str


class Store(Protocol):
    """Files below a URL, by their paths relative to it."""

    url: str

    def files(self, prefix: str = "") -> list[FileInfo]:
        """Return the files below a folder, sorted by path; none if there is no such folder."""

    def read(self, path: str) -> bytes:
        """Return the content of a file."""

    def read_ranges(self, path: str, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """Return the bytes from `start` to before `end` of each range."""

    def size(self, path: str) -> int:
        """Return the number of bytes of a file."""

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""

    def download(self, path: str, target: Path) -> None:
        """Copy a file to the local disk."""

    def put(self, path: str, content: bytes | Path) -> None:
        """Write a file, from memory or from the local disk. A reader sees all of it or none."""

    def delete(self, paths: Sequence[str]) -> None:
        """Delete files that exist."""


def open_store(url: str | Path) -> Store:
    """Return the store at a URL or local path. Nothing is read yet.

    Parameters
    ----------
    url : str or Path
        A folder: a path, `file://`, `s3://bucket/folder`, `gs://`, `az://`, or a URL of another protocol of fsspec.

    Raises
    ------
    ConfigError
        If the URL is not valid or its protocol is unknown.
    MissingPackageError
        If the extra `scale`, or the package that fsspec needs for the protocol, is not installed.
    """
    text = str(url)
    if not text:
        raise ConfigError("the URL of a folder is empty", hint="write . for the current folder")
    scheme = urlsplit(text).scheme if "://" in text else ""
    if scheme in ("", "file"):
        parts = urlsplit(text)
        return _local_store(Path(unquote(parts.path) if scheme else text).resolve())  # obstore takes no `..`
    if urlsplit(text).username or urlsplit(text).password:
        raise ConfigError(
            "a URL must not contain credentials", hint="set the variables of the environment, as AWS_ACCESS_KEY_ID"
        )
    return _object_store(text.rstrip("/")) if scheme in _OBJECT_STORES else _FsspecStore(text.rstrip("/"))


def each_file(store: Store, function: Callable[[str], R], paths: Sequence[str]) -> list[R]:
    """Return `function(path)` of each file, in order; several at once, unless they are on the local disk."""
    if "://" not in store.url or len(paths) < 2:
        return list(map(function, paths))
    with thread_pool(_READERS) as threads:
        return list(threads.map(function, paths))


def _local_store(folder: Path) -> Store:
    from obstore.store import LocalStore

    # The folder is made by the first write: a wrong path of input must not appear.
    return _ObstoreStore(str(folder), LocalStore(), f"{folder.as_posix().strip('/')}/", folder)


def _object_store(url: str) -> Store:
    from obstore.exceptions import BaseError
    from obstore.store import from_url

    parts = urlsplit(url)
    # A server on a plain http address is one that the user has named in the environment.
    named = ("GOOGLE_BASE_URL",) if parts.scheme == "gs" else ("AWS_ENDPOINT_URL", "AWS_ENDPOINT")
    variable = next((name for name in named if os.environ.get(name)), None)
    server = os.environ[variable] if variable else ""
    if variable and urlsplit(server).scheme not in ("http", "https"):  # obstore ends the process
        raise ConfigError(f"not a URL: {server!r}", location=variable, hint="write http://HOST:PORT or https://HOST")
    client: Any = {"allow_http": True} if server.startswith("http://") else {}
    if not parts.netloc:
        raise ConfigError("no bucket in the URL", location=url, hint=f"write {parts.scheme}://BUCKET/FOLDER")
    if not {".", ".."}.isdisjoint(parts.path.split("/")):
        raise ConfigError("names of objects have no `.` or `..`", location=url, hint="write the whole path")
    try:
        backend = from_url(f"{parts.scheme}://{parts.netloc}", retry_config=_RETRIES, client_options=client)
    except (BaseError, ValueError) as error:
        raise ConfigError(_first_line(error), location=url) from None
    return _ObstoreStore(url, backend, f"{parts.path.strip('/')}/" if parts.path.strip("/") else "", None)


class StoreFile(io.RawIOBase):
    """A file of a store that is read in any order, by one request per read."""

    def __init__(self, store: Store, path: str) -> None:
        super().__init__()
        self._store = store
        self._path = path
        self._size = store.size(path)
        self._position = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Set the position of the next read, and return it."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = min(max(start + offset, 0), self._size)
        return self._position

    def tell(self) -> int:
        """Return the position of the next read."""
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Read the next bytes into a buffer, and return their number."""
        end = min(self._position + len(buffer), self._size)
        data = self._store.read_ranges(self._path, [(self._position, end)])[0]
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


class _ObstoreStore:
    """A local folder or an object store, by obstore."""

    def __init__(self, url: str, backend: Any, prefix: str, folder: Path | None) -> None:
        self.url = url
        self._backend = backend
        self._prefix = prefix
        self._folder = folder

    def files(self, prefix: str = "") -> list[FileInfo]:
        import obstore

        start = f"{self._prefix}{prefix}".rstrip("/")
        with self._errors(prefix):
            pages = obstore.list(self._backend, start or None, chunk_size=1000)
            return sorted(
                FileInfo(meta["path"].removeprefix(self._prefix), meta["size"], str(meta["e_tag"]))
                for page in pages
                for meta in page
            )

    def read(self, path: str) -> bytes:
        import obstore

        with self._errors(path):
            return bytes(obstore.get(self._backend, self._prefix + path).bytes())

    def read_ranges(self, path: str, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        if self._folder is not None:
            return self._read_local(self._folder / path, ranges)
        import obstore

        # An empty range is not valid in HTTP.
        wanted = [bounds for bounds in ranges if bounds[0] < bounds[1]]
        if not wanted:
            return [b"" for _ in ranges]
        starts, ends = zip(*wanted, strict=True)
        with self._errors(path):
            found = iter(obstore.get_ranges(self._backend, self._prefix + path, starts=starts, ends=ends))
        return [bytes(next(found)) if start < end else b"" for start, end in ranges]

    def _read_local(self, path: Path, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """Read ranges without obstore, whose threads take several times as long for a few kilobytes."""
        found = []
        with self._errors(path.relative_to(self._folder or path).as_posix()), path.open("rb") as file:
            for start, end in ranges:
                file.seek(start)
                found.append(file.read(end - start))
        if any(len(data) < end - start for data, (start, end) in zip(found, ranges, strict=True)):
            hint = "delete it, then run the same command again"
            raise DataError("the file ends too early", location=path, hint=hint)
        return found

    def size(self, path: str) -> int:
        import obstore

        with self._errors(path):
            return int(obstore.head(self._backend, self._prefix + path)["size"])

    def exists(self, path: str) -> bool:
        try:
            return self.size(path) >= 0
        except MissingFileError:
            return False

    def download(self, path: str, target: Path) -> None:
        import obstore

        with self._errors(path):
            blocks = obstore.get(self._backend, self._prefix + path).stream(min_chunk_size=_BLOCK)
            with target.open("wb") as file:
                for block in blocks:
                    file.write(block)

    def put(self, path: str, content: bytes | Path) -> None:
        import obstore

        with self._errors(path):
            obstore.put(self._backend, self._prefix + path, content)

    def delete(self, paths: Sequence[str]) -> None:
        import obstore

        if paths:
            with self._errors(paths[0]):
                obstore.delete(self._backend, [self._prefix + path for path in paths])

    @contextmanager
    def _errors(self, path: str) -> Iterator[None]:
        """Turn an error of obstore into one line."""
        from obstore import exceptions

        location = f"{self.url}/{path}".rstrip("/")
        names = _CREDENTIALS.get(urlsplit(self.url).scheme, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
        hint = f"the credentials come from the environment, as {names}"
        try:
            yield
        except FileNotFoundError as error:
            problem = "no such bucket" if "NoSuchBucket" in str(error) else "no such file"
            raise MissingFileError(problem, location=location) from None
        except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError, PermissionError) as error:
            hint = "change the permissions of the folder" if self._folder else hint
            raise ServerError(f"access denied ({_first_line(error)})", location=location, hint=hint) from None
        except exceptions.BaseError as error:
            if "NoSuchBucket" in str(error):
                raise MissingFileError("no such bucket", location=location) from None
            if "403 Forbidden" in str(error):  # of a request that lists files
                raise ServerError(f"access denied ({_first_line(error)})", location=location, hint=hint) from None
            number = _ERROR_NUMBER.search(str(error)) if self._folder else None
            if number is not None:
                problem, disk_hint = describe_error_number(int(number[1]))
                raise ServerError(problem, location=location, hint=disk_hint) from None
            raise ServerError(_first_line(error), location=location, hint=f"check the network; {hint}") from None
        except OSError as error:
            raise ServerError(_first_line(error), location=location) from None


class _FsspecStore:
    """A folder of another protocol that fsspec has a package for."""

    def __init__(self, url: str) -> None:
        import fsspec

        self.url = url
        try:
            self._system, self._root = fsspec.core.url_to_fs(url)
        except ImportError as error:
            raise MissingPackageError(_first_line(error), location=url, hint="install that package") from None
        except OSError as error:
            raise ServerError(_first_line(error), location=url) from None
        except Exception as error:  # noqa: BLE001 - each package of fsspec has its own
            raise ConfigError(
                _first_line(error), location=url, hint="use a path, s3://, gs://, az://, or fsspec's"
            ) from None

    def _full(self, path: str) -> str:
        return f"{self._root.rstrip('/')}/{path}".rstrip("/")

    def files(self, prefix: str = "") -> list[FileInfo]:
        with self._errors(prefix):
            try:
                found = self._system.find(self._full(prefix), detail=True)
            except FileNotFoundError:
                return []
            length = len(self._full("")) + 1
            return sorted(
                FileInfo(path[length:], int(info["size"] or 0), str(self._system.ukey(path)))
                for path, info in found.items()
            )

    def read(self, path: str) -> bytes:
        with self._errors(path):
            return bytes(self._system.cat_file(self._full(path)))

    def read_ranges(self, path: str, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        with self._errors(path):
            return [bytes(self._system.cat_file(self._full(path), start=start, end=end)) for start, end in ranges]

    def size(self, path: str) -> int:
        with self._errors(path):
            return int(self._system.size(self._full(path)))

    def exists(self, path: str) -> bool:
        with self._errors(path):
            return bool(self._system.exists(self._full(path)))

    def download(self, path: str, target: Path) -> None:
        with self._errors(path), self._system.open(self._full(path), "rb") as file, target.open("wb") as copy:
            shutil.copyfileobj(file, copy, _BLOCK)

    def put(self, path: str, content: bytes | Path) -> None:
        full = self._full(path)
        staged = f"{full}.{uuid4().hex}.part"
        with self._errors(path):
            self._system.makedirs(full.rpartition("/")[0], exist_ok=True)
            if isinstance(content, Path):
                self._system.put_file(str(content), staged)
            else:
                self._system.pipe_file(staged, content)
            self._system.mv(staged, full)

    def delete(self, paths: Sequence[str]) -> None:
        with self._errors(paths[0] if paths else ""):
            for path in paths:
                self._system.rm_file(self._full(path))

    @contextmanager
    def _errors(self, path: str) -> Iterator[None]:
        location = f"{self.url}/{path}".rstrip("/")
        try:
            yield
        except FileNotFoundError:
            raise MissingFileError("no such file", location=location) from None
        except GoldwireError:
            raise
        except Exception as error:  # noqa: BLE001 - each package of fsspec has its own
            raise ServerError(_first_line(error), location=location) from None


def _first_line(error: Exception) -> str:
    """Return the first line of an error's text, or its type if there is none."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
