"""Write the labels of a batch, or the gold labels, in the format of another tool."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from goldwire.errors import DataError
from goldwire.formats.document import Document, documents_of
from goldwire.formats.output import require_new, write_documents
from goldwire.formats.registry import find_format
from goldwire.quantities import quantity
from goldwire.text_table import wrap_lines
from goldwire.workspace import loading
from goldwire.workspace.layout import Workspace

__all__ = ["ExportReport", "run"]


class ExportReport(msgspec.Struct, frozen=True, kw_only=True):
    """Report of `export`.

    Attributes
    ----------
    format : str
        The name of the format.
    path : str
        The file or folder that was written.
    documents, annotators, spans, relations : int
        What was written.
    losses : dict of str to int
        What the format cannot hold and was left out, by kind in words.
    """

    format: str
    path: str
    documents: int
    annotators: int
    spans: int
    relations: int
    losses: dict[str, int]

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(wrap_lines(self._lines()))

    def _lines(self) -> Iterator[str]:
        labels = f"{quantity(self.spans, 'span')}, {quantity(self.relations, 'relation')}"
        yield f"{quantity(self.documents, 'document')} of {quantity(self.annotators, 'annotator')}: {labels}"
        for reason, count in self.losses.items():
            yield f"left out, because {self.format} cannot hold it: {reason} ({count:,})"
        yield f"wrote {self.path}"


def run(workspace: Workspace, *, batch: str | None, to: str, path: Path, accept_loss: bool = False) -> ExportReport:
    """Write labels in the format `to`.

    Parameters
    ----------
    workspace : Workspace
    batch : str or None
        The batch whose layers are written; None for the gold layers of all batches.
    to : str
        The name of a format.
    path : Path
        The new file or folder.
    accept_loss : bool
        Whether to leave out what the format cannot hold.

    Raises
    ------
    ConfigError
        If the format is unknown or cannot be written.
    ConflictError
        If `path` exists already.
    DataError
        If the format cannot hold some of the labels; nothing was written.
    """
    chosen = find_format(to)
    require_new(path)
    documents = _documents(workspace, batch)
    output = write_documents(documents, chosen, path, accept_loss=accept_loss)
    labels = [labels for document in output.documents for labels in document.labels]
    return ExportReport(
        format=chosen.name,
        path=str(path),
        documents=len(output.documents),
        annotators=len({own.annotator for own in labels}),
        spans=sum(len(own.spans) for own in labels),
        relations=sum(len(own.relations) for own in labels),
        losses=output.losses,
    )


def _documents(workspace: Workspace, batch: str | None) -> list[Document]:
    layers = loading.gold(workspace) if batch is None else loading.layers(workspace, batch)
    if not layers:
        raise DataError("no gold labels", location=workspace.gold, hint="run `goldwire adjudicate` first")
    texts = {name: article.text for name, article in loading.articles(workspace).items()}
    missing = next((layer.article_id for layer in layers if layer.article_id not in texts), None)
    if missing is not None:
        raise DataError(f"article {missing} is not in the corpus", location=workspace.articles)
    return documents_of(texts, layers)
