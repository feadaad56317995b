"""Writing documents in a format, after what it cannot hold was counted and accepted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from goldwire.errors import ConfigError, ConflictError, DataError
from goldwire.formats.document import Document, Format, losses, without_losses

__all__ = ["require_new", "write_documents"]


def require_new(path: Path) -> None:
    """Raise ConflictError if a file or folder exists already."""
    if path.exists():
        raise ConflictError("exists already", location=path, hint="choose a new path")


def write_documents(
    documents: Sequence[Document], chosen: Format, path: Path, *, accept_loss: bool = False
) -> dict[str, int]:
    """Write documents to a new file or folder.

    Parameters
    ----------
    documents : sequence of Document
    chosen : Format
    path : Path
    accept_loss : bool
        Whether to leave out what the format cannot hold.

    Returns
    -------
    dict of str to int
        What was left out, by kind in words.

    Raises
    ------
    ConfigError
        If the format cannot be written.
    ConflictError
        If `path` exists already.
    DataError
        If the format cannot hold some of the labels; nothing was written.
    """
    if not chosen.capabilities.exports:
        raise ConfigError(f"{chosen.title} can only be imported", hint="choose another format with --to")
    require_new(path)
    lost = dict(sorted(losses(documents, chosen.capabilities).items()))
    if lost and not accept_loss:
        listed = ", ".join(f"{count} {reason}" for reason, count in lost.items())
        hint = "leave them out with --accept-loss, or choose another format with --to"
        raise DataError(f"{chosen.title} cannot hold {listed}", location=path, hint=hint)
    chosen.write([without_losses(document, chosen.capabilities) for document in documents], path)
    return lost
