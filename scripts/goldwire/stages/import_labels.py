"""Read labels that were made with another tool into a new batch of the workspace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from goldwire.errors import ConfigError, ConflictError, DataError
from goldwire.formats.document import Document, latest_labels, layers_of, merge_annotators
from goldwire.formats.file_sets import read_file_set
from goldwire.formats.text_matching import fingerprint, move_labels
from goldwire.quantities import quantity
from goldwire.records import AnnotationLayer, Article, Task, is_pseudonym, text_digest
from goldwire.text_table import wrap_lines
from goldwire.workspace import guidelines, jsonl, label_schema, loading
from goldwire.workspace.label_schema import Schema
from goldwire.workspace.layout import Workspace

__all__ = ["ImportReport", "match_documents", "run"]

_SHOWN = 3  # examples in a message


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """Report of `import`.

    Attributes
    ----------
    batch : str
    format : str
        The names of the formats.
    annotators : dict of str to str
        The pseudonym in the batch by the name in the file.
    articles, spans, stances : int
        What was imported.
    without_article : tuple of str
        Documents whose text is not an article of the corpus; they were skipped.
    attributes : int
        Attributes of spans, which layers do not store.
    replaced : int
        Answers of an annotator to a text that a later one replaced.
    notes : tuple of str
        Sentences on what the files have, and what was decided.
    """

    batch: str
    format: str
    annotators: dict[str, str]
    articles: int
    spans: int
    stances: int
    without_article: tuple[str, ...] = ()
    attributes: int = 0
    replaced: int = 0
    notes: tuple[str, ...] = ()

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(wrap_lines(self._lines()))

    def _lines(self) -> Iterator[str]:
        labels = f"{quantity(self.spans, 'span')} and {quantity(self.stances, 'stance')}"
        yield f"{self.batch}: {quantity(self.articles, 'article')}, {labels} from {self.format}"
        for name, pseudonym in self.annotators.items():
            if name != pseudonym:
                yield f"{name} is {pseudonym}"
        if self.without_article:
            names = ", ".join(self.without_article[:_SHOWN])
            yield (
                f"skipped {quantity(len(self.without_article), 'document')} whose text is not an article of the "
                f"corpus: {names}"
            )
        if self.replaced:
            yield (
                f"{quantity(self.replaced, 'answer was', 'answers were')} replaced by later ones of the same "
                "annotator to the same text"
            )
        if self.attributes:
            yield f"left out {quantity(self.attributes, 'attribute')} of spans, which layers do not store"
        yield from self.notes


def run(
    workspace: Workspace,
    path: Path,
    *,
    batch: str,
    source_format: str | None = None,
    rename: Mapping[str, str] = {},
    skip_unknown: bool = False,
) -> ImportReport:
    """Read labels from `path` into the new batch `batch`: its tasks and one layer per annotator and article.

    A document belongs to the article with the same text; white space and composed characters may differ.

    Parameters
    ----------
    workspace : Workspace
    path : Path
        A file, a folder, or an archive of them (.zip, .tar, .gz).
    batch : str
        The name of a batch that does not exist yet.
    source_format : str or None
        The name of a format. Default: the one that the file looks like.
    rename : mapping of str to str
        Labels of the schema by labels of the file.
    skip_unknown : bool
        Whether to skip documents whose text is not an article of the corpus.

    Raises
    ------
    ConflictError
        If the batch exists already.
    ConfigError
        If a label is not in the schema.
    DataError
        If the file cannot be read, a span is outside its text, or a document's text is not an article.
    """
    schema = label_schema.read_schema(workspace.schema)
    files = read_file_set([path], source_format)
    read = [_rename(document, rename) for document in files.documents]
    documents, unknown = match_documents(read, loading.articles(workspace).values())
    if unknown and not skip_unknown:
        shown = ", ".join(unknown[:_SHOWN])
        raise DataError(
            f"{len(unknown)} of {quantity(len(read), 'document')} have no article with their text: {shown}",
            location=path,
            hint='put the texts into corpus/raw/ (clean = "none") and run `goldwire ingest` first, or skip them with '
            "--skip-unknown",
        )
    n_answers = sum(len(document.labels) for document in documents)
    documents = [latest_labels(document) for document in merge_annotators((document, path) for document in documents)]
    _check_labels(documents, schema, path)
    names = _pseudonyms(labels.annotator for document in documents for labels in document.labels)
    with workspace.lock():
        if workspace.tasks_file(batch).exists():
            hint = "choose another name"
            raise ConflictError(f"batch {batch!r} exists already", location=workspace.tasks, hint=hint)
        layers = _write(workspace, batch, documents, names, schema)
    return ImportReport(
        batch=batch,
        format=", ".join(files.formats),
        annotators=names,
        articles=len(documents),
        spans=sum(len(layer.spans) for layer in layers),
        stances=sum(len(layer.stances) for layer in layers),
        without_article=tuple(unknown),
        notes=files.notes,
        replaced=n_answers - sum(len(document.labels) for document in documents),
        attributes=sum(len(s.attributes) for d in documents for labels in d.labels for s in labels.spans),
    )


def _rename(document: Document, rename: Mapping[str, str]) -> Document:
    if not rename:
        return document
    replace = msgspec.structs.replace
    return replace(
        document,
        labels=tuple(
            replace(
                labels,
                spans=tuple(replace(span, label=rename.get(span.label, span.label)) for span in labels.spans),
                relations=tuple(replace(r, label=rename.get(r.label, r.label)) for r in labels.relations),
            )
            for labels in document.labels
        ),
    )


def match_documents(documents: Iterable[Document], articles: Iterable[Article]) -> tuple[list[Document], list[str]]:
    """Return the documents with the id and the text of their article, and the ids of those without one.

    Of several articles with one text, a document is the one with its id, else the first that no other document is.
    """
    exact: dict[str, list[Article]] = {}
    loose: dict[str, list[Article]] = {}
    for article in articles:
        exact.setdefault(article.text_sha256, []).append(article)
        loose.setdefault(fingerprint(article.text), []).append(article)
    found: list[Document] = []
    unknown: list[str] = []
    taken: set[str] = set()
    for document in documents:
        candidates = exact.get(text_digest(document.text)) or loose.get(fingerprint(document.text), [])
        if not candidates:
            unknown.append(document.id)
            continue
        article = min(candidates, key=lambda article: (article.id != document.id, article.id in taken))
        taken.add(article.id)
        moved = document if article.text == document.text else move_labels(document, article.text)
        found.append(msgspec.structs.replace(moved, id=article.id))
    return found, unknown


def _check_labels(documents: Iterable[Document], schema: Schema, path: Path) -> None:
    """Raise ConfigError for the labels and stances that are not in the schema, with their counts."""
    spans: Counter[str] = Counter()
    relations: Counter[str] = Counter()
    for document in documents:
        for labels in document.labels:
            spans.update(span.label for span in labels.spans if span.label not in schema.entity_labels)
            relations.update(r.label for r in labels.relations if r.label not in schema.stance_labels)
    for kind, unknown in (("entity label", spans), ("stance", relations)):
        if unknown:
            names = ", ".join(f"{label} ({count})" for label, count in unknown.most_common())
            raise ConfigError(
                f"the schema has no {kind} {names}",
                location=path,
                hint="add it to annotations/schema.toml, or map it with --rename OLD=NEW",
            )


def _pseudonyms(names: Iterable[str]) -> dict[str, str]:
    """Return a pseudonym per annotator: the name itself if it is one, otherwise the next free of A1, A2, ..."""
    distinct = sorted(set(names))
    taken = {name for name in distinct if is_pseudonym(name)}
    free = (f"A{number}" for number in range(1, len(distinct) + len(taken) + 1) if f"A{number}" not in taken)
    return {name: name if name in taken else next(free) for name in distinct}


def _write(
    workspace: Workspace, batch: str, documents: list[Document], names: Mapping[str, str], schema: Schema
) -> list[AnnotationLayer]:
    """Write layers, then tasks: a batch without tasks is not there, so that a killed import can be repeated."""
    renamed = [
        msgspec.structs.replace(
            document,
            labels=tuple(msgspec.structs.replace(own, annotator=names[own.annotator]) for own in document.labels),
        )
        for document in documents
    ]
    version = guidelines.read_guidelines(workspace.guidelines).version
    layers = list(layers_of(renamed, batch=batch, guidelines_version=version, schema_version=schema.version))
    for annotator in sorted({layer.annotator for layer in layers}):
        own = [layer for layer in layers if layer.annotator == annotator]
        jsonl.write(workspace.layers_file(batch, annotator), own, key=lambda layer: layer.article_id)
    ordered = sorted(renamed, key=lambda document: document.id)
    jsonl.write(
        workspace.tasks_file(batch),
        (
            Task(
                id=f"{batch}-{number:04d}",
                batch=batch,
                kind="entities",
                article_id=document.id,
                window=(0, len(document.text)),
                target=None,
                text_sha256=text_digest(document.text),
                annotators=tuple(sorted(labels.annotator for labels in document.labels)),
            )
            for number, document in enumerate(ordered, 1)
        ),
    )
    return layers
