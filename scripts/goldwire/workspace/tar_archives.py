"""Extraction of tar archives: no member is written outside of the folder."""

from __future__ import annotations

import tarfile
from collections.abc import Iterable
from pathlib import Path

__all__ = ["extract_members"]


def extract_members(archive: tarfile.TarFile, folder: Path, members: Iterable[tarfile.TarInfo] | None = None) -> None:
    """Extract members (default: all) into `folder`.

    Python 3.11.0 to 3.11.3 have no filters; that of Debian 12 is 3.11.2. There, all links are refused.

    Raises
    ------
    tarfile.TarError
        A member is a device, or it or its link leads out of the folder.
    """
    chosen = list(archive.getmembers() if members is None else members)
    if hasattr(tarfile, "data_filter"):
        archive.extractall(folder, chosen, filter="data")
        return
    root = folder.resolve()
    for member in chosen:
        if not (member.isfile() or member.isdir()):
            raise tarfile.ExtractError(f"{member.name!r} is a link or a device")
        if not (root / member.name).resolve().is_relative_to(root):
            raise tarfile.ExtractError(f"{member.name!r} is outside of the folder")
        member.mode &= 0o755
    archive.extractall(root, chosen)  # noqa: S202 - checked above
