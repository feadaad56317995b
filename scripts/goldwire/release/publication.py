"""The files of a version as they are on the Hub: the card loads the dataset from its repository there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from goldwire.release import writer
from goldwire.release.dataset_card import with_repository
from goldwire.release.reader import ReleasedVersion

__all__ = ["published_files"]

_CARD = "README.md"


@contextmanager
def published_files(release: ReleasedVersion, repo_id: str) -> Iterator[Path]:
    """Yield a folder with the files of a version for a repository.

    It is the version's folder if its card names the repository already. If the repository was not known at the release,
    it is a temporary folder with another card, and with that card's digest in the manifest.

    Parameters
    ----------
    release : ReleasedVersion
        The version.
    repo_id : str
        The dataset repository `ORG/NAME`.
    """
    before = (release.folder / _CARD).read_text(encoding="utf-8")
    card = with_repository(before, repo_id, release.manifest.version)
    if card == before:
        yield release.folder
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in release.manifest.files:
            if file.path != _CARD:
                _link(release.folder / file.path, folder / file.path)
        files = [file for file in release.manifest.files if file.path != _CARD]
        files.append(writer.write_document(folder, _CARD, card.encode()))
        writer.write_manifest(folder, release.manifest, files)
        yield folder


def _link(source: Path, target: Path) -> None:
    """Link a file, or copy it where links are not allowed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.symlink_to(source.resolve())
    except OSError:
        shutil.copyfile(source, target)
