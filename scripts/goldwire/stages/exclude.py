"""Exclude an article from annotation, or take that back. The list is corpus/excluded.tsv.

Only articles that nothing refers to yet can be excluded: `sample` leaves them out, so that no label, split or release
ever has them.
"""

from __future__ import annotations

import msgspec

from goldwire.errors import ConfigError, ConflictError
from goldwire.ingestion.references import referenced_articles
from goldwire.workspace import loading
from goldwire.workspace.exclusions import read_exclusions, write_exclusions
from goldwire.workspace.layout import Workspace

__all__ = ["ExcludeReport", "run"]


class ExcludeReport(msgspec.Struct, frozen=True, kw_only=True):
    """All excluded articles with their reasons, and the one that this run changed."""

    article_id: str
    is_excluded: bool
    excluded: dict[str, str]

    def to_text(self) -> str:
        """Return the report for people."""
        state = "is excluded" if self.is_excluded else "is no longer excluded"
        return f"{self.article_id} {state}; excluded in all: {len(self.excluded)}"


def run(workspace: Workspace, *, article_id: str, reason: str = "", undo: bool = False) -> ExcludeReport:
    """Exclude an article with a reason, or with `undo` take that back.

    Raises
    ------
    ConfigError
        There is no such article, no reason, or nothing to take back.
    ConflictError
        A task, a label, a split or a release refers to the article.
    """
    reason = " ".join(reason.split())
    with workspace.lock():
        excluded = read_exclusions(workspace.exclusions)
        if undo:
            if excluded.pop(article_id, None) is None:
                raise ConfigError(f"article {article_id!r} is not excluded", hint="see corpus/excluded.tsv")
        else:
            if article_id not in loading.articles(workspace):
                raise ConfigError(f"no article {article_id!r}", hint="see the ids in corpus/articles/")
            if not reason:
                raise ConfigError("an exclusion needs a reason", hint="add --reason")
            if article_id in referenced_articles(workspace):
                problem = f"article {article_id!r} is in a batch, a split or a release already"
                raise ConflictError(problem, hint="only an article that nobody annotates yet can be excluded")
            excluded[article_id] = reason
        write_exclusions(workspace.exclusions, excluded)
    return ExcludeReport(article_id=article_id, is_excluded=not undo, excluded=dict(sorted(excluded.items())))
