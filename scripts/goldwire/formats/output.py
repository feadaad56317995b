"""Writing documents in a format, after what it cannot hold was counted and accepted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from goldwire.errors import ConfigError, ConflictError, DataError
from goldwire.formats.capabilities import Format, document_losses, split_losses
from goldwire.formats.document import Document
from goldwire.workspace import atomic

__all__ = ["Output", "fit_documents", "require_new", "write_documents"]


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """The documents that were written, and the number of what was left out by kind in words."""

    documents: tuple[Document, ...]
    losses: dict[str, int]


def require_new(path: Path) -> None:
    """Raise ConflictError if a file or folder exists already."""
    if path.exists():
        atomic.remove_leftover(path)
        raise ConflictError("exists already", location=path, hint="choose a new path")


def write_documents(documents: Sequence[Document], chosen: Format, path: Path, *, accept_loss: bool = False) -> Output:
    """Write documents to a new file or folder, which is there once it is complete.

    Parameters
    ----------
    documents : sequence of Document
    chosen : Format
    path : Path
    accept_loss : bool
        Whether to leave out what the format cannot hold.

    Returns
    -------
    Output

    Raises
    ------
    ConfigError
        If the format cannot be written.
    ConflictError
        If `path` exists already.
    DataError
        If the format cannot hold some of the labels; nothing was written.
    """
    require_new(path)
    output = fit_documents(documents, chosen, path, accept_loss=accept_loss)
    with atomic.scratch_folder(path) as scratch:
        complete = scratch / path.name
        chosen.write(output.documents, complete)
        complete.rename(path)
    return output


def fit_documents(documents: Sequence[Document], chosen: Format, path: Path, *, accept_loss: bool = False) -> Output:
    """Return what `write_documents` writes, with its errors, before anything is written."""
    if not chosen.capabilities.exports:
        raise ConfigError(f"{chosen.title} can only be imported", hint="choose another format with --to")
    lost: Counter[str] = Counter()
    carried = []
    for document in documents:
        whole = document_losses(document, chosen.capabilities)
        if whole:
            lost.update(whole)
            continue
        one, reasons = split_losses(document, chosen.capabilities)
        carried.append(one)
        lost.update(reasons)
    if lost and not accept_loss:
        listed = ", ".join(f"{reason} ({count:,})" for reason, count in sorted(lost.items()))
        hint = "leave them out with --accept-loss, or choose another format with --to"
        raise DataError(f"{chosen.title} cannot hold {listed}", location=path, hint=hint)
    return Output(documents=tuple(carried), losses=dict(sorted(lost.items())))
