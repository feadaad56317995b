"""The gold labels of a workspace in the form in which versions are compared, before they are released."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from goldwire.records import AnnotationLayer, SpanLabel
from goldwire.release.diff import ArticleState, GoldLabel, VersionContents
from goldwire.version_order import highest_version
from goldwire.workspace import loading
from goldwire.workspace.label_schema import EntityLabel, StanceOption, read_schema
from goldwire.workspace.layout import Workspace

__all__ = ["gold_contents"]

_NO_SPLIT = "no split"


def gold_contents(workspace: Workspace, name: str) -> VersionContents:
    """Return what `goldwire.release.diff.compare` compares, from annotations/gold/ and splits/assignment.tsv.

    Parameters
    ----------
    workspace : Workspace
        The workspace; one without gold has no articles.
    name : str
        The name to report in the place of a version.
    """
    split_of = {row.article_id: row.split for row in loading.assignment(workspace)}
    by_article: dict[str, list[AnnotationLayer]] = {}
    for layer in loading.gold(workspace) if workspace.gold.exists() else ():
        by_article.setdefault(layer.article_id, []).append(layer)
    schema = read_schema(workspace.schema)
    options: tuple[EntityLabel | StanceOption, ...] = (*schema.entity, *schema.stance)
    versions = [layer.guidelines_version for layers in by_article.values() for layer in layers]
    digest = hashlib.sha256()
    for path in sorted(workspace.layers.glob("*/*.jsonl")):
        digest.update(path.read_bytes())
    return VersionContents(
        version=name,
        guidelines_version=highest_version(versions) if versions else "",
        label_descriptions={option.label: option.description for option in options},
        articles={
            article_id: ArticleState(
                split=split_of.get(article_id) or _NO_SPLIT,
                text_sha256=layers[-1].text_sha256,
                labels=tuple(sorted(label for layer in layers for label in _labels(layer))),
            )
            for article_id, layers in by_article.items()
        },
        annotations_digest=digest.hexdigest(),
    )


def _labels(layer: AnnotationLayer) -> Iterator[GoldLabel]:
    spans = {span.id: span for span in layer.spans}
    for span in layer.spans:
        yield GoldLabel(_location(span), span.label)
    for stance in layer.stances:
        holder = "the article" if stance.holder is None else _location(spans[stance.holder])
        target = repr(stance.target_name) if stance.target is None else _location(spans[stance.target])
        yield GoldLabel(f"{holder} to {target}", stance.stance)


def _location(span: SpanLabel) -> str:
    return f"{span.text} [{span.start}, {span.end})"
