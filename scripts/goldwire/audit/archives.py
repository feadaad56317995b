"""Datasets in archives: unpacked into a temporary folder, within limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from goldwire.formats.archives import is_archive, unpack_archive
from goldwire.workspace.temporary import temporary_folder

__all__ = ["archive_folder", "unread_archives"]

# Files beside an archive that are about the data, as on the Hub: its card, its script, descriptions.
_ABOUT = re.compile(
    r"(readme|licen[cs]e|copying|citation|changelog|dataset_infos?).*|.*\.(md|rst|pdf|py|cff|ya?ml)", re.I
)


@contextmanager
def archive_folder(path: Path) -> Iterator[Path]:
    """Yield the folder with the files of an archive, or of the archives in a folder without other files.

    Any other path is yielded as it is.

    Raises
    ------
    DataError
        An archive is damaged or too large.
    """
    archives = _archives(path)
    if not archives:
        yield path
        return
    with temporary_folder() as unpacked:
        for archive in archives:
            # The name of an archive may be that of a split: train.zip, test.zip.
            folder = unpacked if len(archives) == 1 else unpacked / archive.name
            folder.mkdir(exist_ok=True)
            unpack_archive(archive, folder)
        yield unpacked


def unread_archives(path: Path) -> list[Path]:
    """Return the archives in a folder that are not read, because it has data files, too."""
    return [] if _archives(path) or not path.is_dir() else [file for file in _visible(path) if is_archive(file)]


def _archives(path: Path) -> list[Path]:
    if path.is_file():
        return [path] if is_archive(path) else []
    files = _visible(path) if path.is_dir() else []
    archives = [file for file in files if is_archive(file)]
    return archives if all(file in archives or _ABOUT.fullmatch(file.name) for file in files) else []


def _visible(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if not file.name.startswith((".", "_")))
