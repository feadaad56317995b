"""Test whether a machine may stand in for a person, against the people of a batch or of other tools' files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from goldwire.certification.certificate import Certificate, CertificateOptions, certify
from goldwire.errors import DataError, MissingFileError
from goldwire.formats.file_sets import read_file_set
from goldwire.records import AnnotationLayer
from goldwire.report import certificate as page
from goldwire.workspace import atomic, loading
from goldwire.workspace.layout import Workspace

__all__ = ["CertifyReport", "run", "run_files"]


class CertifyReport(msgspec.Struct, frozen=True, kw_only=True):
    """Report of `certify`.

    Parameters
    ----------
    certificate : Certificate
    latex : str or None
        The file that the table was written to.
    """

    certificate: Certificate
    latex: str | None = None

    def to_text(self) -> str:
        """Return the page for people."""
        return page.text(self.certificate) + (f"\nwrote {self.latex}" if self.latex else "")


def run(
    workspace: Workspace,
    *,
    batch: str,
    machine: str,
    latex: Path | None = None,
    options: CertificateOptions = CertificateOptions(),  # noqa: B008 - a frozen record
) -> CertifyReport:
    """Compare a machine's layers with those of the people of a batch.

    Parameters
    ----------
    workspace : Workspace
    batch : str
    machine : str
        An annotator of the batch, such as `M1`.
    latex : Path or None
        File to write the table to.
    options : CertificateOptions

    Raises
    ------
    MissingFileError
        The batch has no layers, or none of this machine.
    DataError
        There is no article that the machine and two people confirmed.
    """
    path = workspace.layers_file(batch, machine)
    people = [layer for layer in loading.layers(workspace, batch) if layer.annotator != machine]
    if not path.exists():
        have = ", ".join(sorted(file.stem for file in path.parent.glob("*.jsonl")))
        raise MissingFileError(
            f"no layers of {machine} in batch {batch!r}", location=path, hint=f"available: layers of {have}"
        )
    layers = [*people, *loading.layers_of(path)]
    ids = {layer.article_id for layer in layers}
    articles = {key: article for key, article in loading.articles(workspace).items() if key in ids}
    return _report(
        layers,
        machine,
        {key: article.source for key, article in articles.items()},
        {key: len(article.text) for key, article in articles.items()},
        latex,
        options,
    )


def run_files(
    paths: Sequence[Path],
    *,
    machine: str,
    source_format: str | None = None,
    latex: Path | None = None,
    options: CertificateOptions = CertificateOptions(),  # noqa: B008 - a frozen record
) -> CertifyReport:
    """Compare the labels of one annotator of other tools' files with those of the others.

    Parameters
    ----------
    paths : sequence of Path
        Files or folders with the same documents; see `goldwire.formats.file_sets.read_file_set`. A file that names no
        annotator is of one who has the name of the file.
    machine : str
        The name of the machine among the annotators.
    source_format : str or None
        The name of a format. Default: what each file looks like.
    latex, options
        As for `run`.

    Raises
    ------
    DataError
        A file cannot be read, or no annotator has this name.
    """
    files = read_file_set(paths, source_format)
    layers = files.layers()
    names = sorted({layer.annotator for layer in layers})
    if machine not in names:
        raise DataError(f"no annotator {machine!r}", location=files.name, hint=f"available: {', '.join(names)}")
    lengths = {key: len(text) for key, text in files.texts.items()}
    return _report(layers, machine, {}, lengths, latex, options)


def _report(
    layers: Sequence[AnnotationLayer],
    machine: str,
    sources: Mapping[str, str],
    lengths: Mapping[str, int],
    latex: Path | None,
    options: CertificateOptions,
) -> CertifyReport:
    certificate = certify(
        layers, machine, confidences=_confidences(layers), sources=sources, lengths=lengths, options=options
    )
    if latex is not None:
        atomic.write_text(latex, page.latex(certificate))
    return CertifyReport(certificate=certificate, latex=None if latex is None else str(latex))


def _confidences(layers: Iterable[AnnotationLayer]) -> dict[tuple[str, str], float]:
    """Return the confidence of machines in their labels, by article and id of span or stance."""
    return {
        (layer.article_id, key): confidence
        for layer in layers
        if layer.machine is not msgspec.UNSET
        for key, confidence in layer.machine.confidence.items()
    }
