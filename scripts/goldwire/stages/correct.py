"""Correct the text of an article that nobody annotates yet, or take that back.

The correction is stored with the article: the reason, the edits, and what is needed to undo it. `ingest` leaves a
corrected article as it is, and `check` compares its edits with the digest of the extracted text.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from goldwire.errors import ConfigError, ConflictError, DataError
from goldwire.ingestion.corrections import correct_article, normalized_text, restore_article
from goldwire.ingestion.references import referenced_articles
from goldwire.quantities import quantity
from goldwire.records import Article, TextEdit
from goldwire.workspace import jsonl
from goldwire.workspace.layout import Workspace

__all__ = ["CorrectReport", "run"]


class CorrectReport(msgspec.Struct, frozen=True, kw_only=True):
    """The article's edits against the extracted text: none if it is as extracted."""

    article_id: str
    file: str
    edits: tuple[TextEdit, ...]

    def to_text(self) -> str:
        """Return the report for people."""
        if not self.edits:
            return f"{self.article_id} in {self.file}: as extracted"
        number = quantity(len(self.edits), "edit")
        return f"{self.article_id} in {self.file}: {number}; run `goldwire dedup` again if much has changed"


def run(
    workspace: Workspace, *, article_id: str, text: Path | None = None, reason: str = "", undo: bool = False
) -> CorrectReport:
    """Replace the text of an article by that of a UTF-8 file, with a reason; with `undo`, restore the extracted text.

    Raises
    ------
    ConfigError
        There is no such article, file or reason, or nothing to undo.
    DataError
        The file is empty or not UTF-8, or has the text that the article has already.
    ConflictError
        A task, a label, a split or a release refers to the article.
    """
    reason = " ".join(reason.split())
    with workspace.lock():
        path, articles = _file_of(workspace, article_id)
        if article_id in referenced_articles(workspace):
            problem = f"article {article_id!r} is in a batch, a split or a release already"
            raise ConflictError(problem, hint="only an article that nobody annotates yet can be corrected")
        article = articles[article_id]
        if undo:
            if isinstance(article.correction, msgspec.UnsetType):
                raise ConfigError(f"article {article_id!r} is as extracted", hint="there is nothing to undo")
            changed = restore_article(article)
        else:
            changed = _corrected_article(article, text, reason)
        articles[article_id] = changed
        jsonl.write(path, articles.values())
    correction = changed.correction
    edits = () if isinstance(correction, msgspec.UnsetType) else correction.edits
    return CorrectReport(article_id=article_id, file=workspace.relative(path), edits=edits)


def _file_of(workspace: Workspace, article_id: str) -> tuple[Path, dict[str, Article]]:
    """Return the file that has an article, and all articles in it by id."""
    path = workspace.articles / f"{article_id.rpartition('-')[0]}.jsonl"
    articles = {article.id: article for article in jsonl.read(path, Article)} if path.exists() else {}
    if article_id not in articles:
        raise ConfigError(f"no article {article_id!r}", hint="see the ids in corpus/articles/")
    return path, articles


def _corrected_article(article: Article, file: Path | None, reason: str) -> Article:
    if file is None:
        raise ConfigError("no corrected text", hint="name a file with the whole text: --text FILE")
    if not reason:
        raise ConfigError("a correction needs a reason", hint="add --reason")
    try:
        text = normalized_text(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DataError(f"byte {error.start} is not UTF-8", location=file, hint="save the file as UTF-8") from None
    if not text:
        raise DataError("the file is empty", location=file, hint="leave the article out with `goldwire exclude`")
    corrected = correct_article(article, text, reason)
    if corrected.text_sha256 == article.text_sha256:
        raise DataError("the article has this text already", location=file, hint="edit the file first")
    return corrected
