"""spaCy's `DocBin` (`.spacy`): one file per annotator, with the words, entities and span groups of each document.

Spans that do not overlap are `doc.ents`, which `spacy train` reads; all spans are the span group `sc`, the name that
spaCy's span categorizer expects. Relations, comments and ids are in `doc.user_data["goldwire"]`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from goldwire.errors import DataError, MissingPackageError
from goldwire.formats.capabilities import Capabilities
from goldwire.formats.document import ANONYMOUS, Document, Labels, Relation, Span, merge_annotators, tokens_of
from goldwire.formats.files import data_files, file_names, write_member

__all__ = ["FORMAT"]

_GROUP = "sc"
_KEY = "goldwire"


class SpacyFormat(msgspec.Struct, frozen=True):
    """spaCy DocBin."""

    name: str = "spacy"
    title: str = "spaCy DocBin"
    package: str | None = "spacy"
    capabilities: Capabilities = Capabilities(token_boundaries=True)

    def matches(self, path: Path) -> bool:
        """Whether the file, or one of the folder, ends in .spacy."""
        return path.suffix == ".spacy" if path.is_file() else next(path.glob("*.spacy"), None) is not None

    def read(self, path: Path) -> Iterator[Document]:
        """Yield one document per `Doc`; files of a folder are of several annotators."""
        yield from merge_annotators(self._parts(path))

    def _parts(self, path: Path) -> Iterator[tuple[Document, Path]]:
        spacy = _spacy()
        vocabulary = spacy.blank("xx").vocab
        for file in data_files(path, ".spacy"):
            annotator = ANONYMOUS if path.is_file() else file.stem
            try:
                with _encoders_found_once():
                    docs = list(spacy.tokens.DocBin().from_disk(file).get_docs(vocabulary))
            except (ValueError, TypeError, KeyError, EOFError) as error:
                raise DataError(f"not a DocBin ({type(error).__name__})", location=file) from None
            for number, doc in enumerate(docs):
                yield _document(doc, annotator, f"{file.stem}-{number}"), file

    def write(self, documents: Iterable[Document], path: Path) -> None:
        """Write a folder with one `.spacy` file per annotator."""
        spacy = _spacy()
        vocabulary = spacy.blank("xx").vocab
        bins: dict[str, Any] = {}
        with _encoders_found_once():
            for document in documents:
                for labels in document.labels:
                    if labels.annotator not in bins:
                        bins[labels.annotator] = spacy.tokens.DocBin(store_user_data=True)
                    bins[labels.annotator].add(_doc(spacy, vocabulary, document, labels))
        names = file_names(bins)
        for annotator, docs in bins.items():
            write_member(path / f"{names[annotator]}.spacy", docs.to_bytes())


def _spacy() -> Any:
    try:
        import spacy
        import spacy.tokens
    except ImportError as error:
        raise MissingPackageError(f"spaCy is not installed ({error.name})", hint="pip install spacy") from None
    return spacy


@contextmanager
def _encoders_found_once() -> Iterator[None]:
    """Let srsly look for encoders of its messages in the installed packages once, not in each of three per document.

    That took more than 3/4 of the time of reading and writing.
    """
    from srsly import msgpack_decoders, msgpack_encoders

    registries = (msgpack_encoders, msgpack_decoders)
    for registry in registries:
        registry.get_all = cache(registry.get_all)  # of this object, not of its class
    try:
        yield
    finally:
        for registry in registries:
            vars(registry).pop("get_all", None)


def _doc(spacy: Any, vocabulary: Any, document: Document, labels: Labels) -> Any:
    text, pieces = document.text, []
    position = 0
    for start, end in tokens_of(document):
        # A blank belongs to the word before it; other white space is a token of its own in spaCy.
        if start > position:
            pieces.append((text[position:start], False))
        followed = text[end : end + 1] == " "
        pieces.append((text[start:end], followed))
        position = end + followed
    if position < len(text):
        pieces.append((text[position:], False))
    doc = spacy.tokens.Doc(vocabulary, words=[word for word, _ in pieces], spaces=[space for _, space in pieces])
    spans = [doc.char_span(span.start, span.end, label=span.label, alignment_mode="strict") for span in labels.spans]
    doc.set_ents(spacy.util.filter_spans(spans))
    doc.spans[_GROUP] = spans
    doc.user_data[_KEY] = {
        "id": document.id,
        "annotator": labels.annotator,
        "complete": labels.complete,
        "comments": list(labels.comments),
        "relations": msgspec.to_builtins(labels.relations),
    }
    return doc


def _document(doc: Any, annotator: str, fallback: str) -> Document:
    stored = doc.user_data.get(_KEY, {})
    chosen = doc.spans[_GROUP] if _GROUP in doc.spans and len(doc.spans[_GROUP]) else doc.ents
    spans = tuple(Span(start=span.start_char, end=span.end_char, label=span.label_) for span in chosen)
    labels = Labels(
        annotator=stored.get("annotator", annotator),
        spans=spans,
        relations=tuple(msgspec.convert(relation, Relation) for relation in stored.get("relations", ())),
        comments=tuple(stored.get("comments", ())),
        complete=stored.get("complete", True),
    )
    columns = doc.to_array(["IDX", "LENGTH", "IS_SPACE"]).tolist()
    tokens = tuple((start, start + length) for start, length, is_space in columns if not is_space)
    return Document(id=stored.get("id", fallback), text=doc.text, labels=(labels,), tokens=tokens)


FORMAT = SpacyFormat()
