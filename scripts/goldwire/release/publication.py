"""The files of a version as they are on the Hub: the card and croissant.json load the dataset from its repository."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from goldwire.release import croissant, writer
from goldwire.release.dataset_card import with_repository
from goldwire.release.reader import ReleasedVersion
from goldwire.workspace.temporary import temporary_folder

__all__ = ["published_files"]

_CARD, _CROISSANT = "README.md", "croissant.json"


@contextmanager
def published_files(release: ReleasedVersion, repo_id: str) -> Iterator[Path]:
    """Yield a folder with the files of a version for a repository.

    Other files are those of the version; the manifest has the digests of the two that name the repository.

    Parameters
    ----------
    release : ReleasedVersion
        The version.
    repo_id : str
        The dataset repository `ORG/NAME`.
    """
    version = release.manifest.version
    addressed = {_CARD: with_repository, _CROISSANT: croissant.with_addresses}
    with temporary_folder() as folder:
        files = []
        for file in release.manifest.files:
            if file.path in addressed:
                text = (release.folder / file.path).read_text(encoding="utf-8")
                data = addressed[file.path](text, repo_id, version).encode()
                files.append(writer.write_document(folder, file.path, data))
            else:
                _link(release.folder / file.path, folder / file.path)
                files.append(file)
        writer.write_manifest(folder, release.manifest, files)
        yield folder


def _link(source: Path, target: Path) -> None:
    """Link a file, or copy it where links are not allowed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.symlink_to(source.resolve())
    except OSError:
        shutil.copyfile(source, target)
