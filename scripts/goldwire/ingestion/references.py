"""The articles that annotations, splits and releases refer to, and that ingest therefore never drops by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from goldwire.workspace.layout import Workspace

__all__ = ["referenced_articles"]

_ARTICLE_ID = re.compile(rb'"article_id":\s*"([^"]+)"')


def referenced_articles(workspace: Workspace) -> frozenset[str]:
    """Return the ids in tasks, layers, gold, splits/assignment.tsv and releases.

    Lines are searched, not parsed: a damaged line still protects its article.
    """
    return frozenset(_ids(workspace))


def _ids(workspace: Workspace) -> Iterator[str]:
    for folder in (workspace.tasks, workspace.prelabels, workspace.layers, workspace.gold):
        for path in sorted(folder.rglob("*.jsonl")):
            yield from (name.decode("utf-8", "replace") for name in _ARTICLE_ID.findall(path.read_bytes()))
    if workspace.assignment.exists():
        lines = workspace.assignment.read_text(encoding="utf-8", errors="replace").splitlines()
        yield from (line.partition("\t")[0] for line in lines[1:])
    for path in sorted(workspace.splits.glob("v*/**/*.parquet")):
        yield from _released_articles(path)


def _released_articles(path: Path) -> Iterator[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        yield from pq.read_table(path, columns=["article_id"]).column("article_id").to_pylist()
    except (pa.ArrowException, OSError, KeyError):
        return  # the assignment has the articles of a release that cannot be read
