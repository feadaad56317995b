"""Small invented records for tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from goldwire.records import AnnotationLayer, Article, Origin, SpanLabel, StanceLabel, Task, number_layer, text_digest
from goldwire.workspace import jsonl
from goldwire.workspace.layout import Workspace, find_workspace
from support.paths import TINY_REPO

SCHEMA = """\
version = "1.0"
voice = "VOICE"

[[entity]]
label = "PER"
description = "a person"
color = "#2f6fde"
key = "p"

[[entity]]
label = "ORG"
description = "an organisation"
color = "#b8590b"
key = "o"

[[stance]]
label = "supports"
description = "speaks or acts for"
color = "#1a7f37"
key = "s"
order = 1

[[stance]]
label = "neutral"
description = "takes no side, though asked"
color = "#6e7781"
key = "n"
order = 0

[[stance]]
label = "opposes"
description = "speaks or acts against"
color = "#cf222e"
key = "x"
order = -1
"""


def workspace(folder: Path, *, name: str = "trial") -> Workspace:
    """Make an empty workspace with a schema and guidelines."""
    (folder / "annotations").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(f'[tool.goldwire]\nname = "{name}"\n')
    (folder / "annotations" / "schema.toml").write_text(SCHEMA)
    (folder / "annotations" / "GUIDELINES.md").write_text("# Guidelines\n\nVersion: 1.0\n\nMark names.\n")
    return find_workspace(folder, explicit=True)


def article(text: str, *, id: str = "wire-000000000001", source: str = "wire", **fields: object) -> Article:
    """Make an article of `text`, whose first line is the headline."""
    return Article(
        id=id,
        source=source,
        **{  # type: ignore[arg-type]
            "url": None,
            "published": "2021-03-04",
            "title": text.split("\n", 1)[0],
            "text": text,
            "text_sha256": text_digest(text),
            "captions": (),
            "language": "en",
            "origin": Origin(file=f"corpus/raw/{source}/{id}.txt", sha256=text_digest(text)),
        }
        | fields,
    )


def layer(
    of: Article,
    spans: Iterable[tuple[int, int, str]] = (),
    stances: Iterable[tuple[int | None, int, str]] = (),
    *,
    annotator: str = "A1",
    batch: str = "b01",
    confirmed: bool = True,
    comments: Sequence[str] = (),
) -> AnnotationLayer:
    """Make a layer over `of`; stances name their holder (None: the article's voice) and target by index in `spans`."""
    marked = [SpanLabel(id=f"t{i}", start=s, end=e, label=n, text=of.text[s:e]) for i, (s, e, n) in enumerate(spans)]
    drawn = [
        StanceLabel(id=f"r{i}", holder=None if h is None else f"t{h}", target=f"t{t}", stance=n)
        for i, (h, t, n) in enumerate(stances)
    ]
    numbered, related = number_layer(marked, drawn)
    return AnnotationLayer(
        article_id=of.id,
        text_sha256=of.text_sha256,
        batch=batch,
        annotator=annotator,
        guidelines_version="1.0",
        schema_version="1.0",
        confirmed=confirmed,
        spans=numbered,
        stances=related,
        comments=tuple(comments),
    )


def write_articles(of: Workspace, articles: Iterable[Article]) -> None:
    """Write articles to the file of their source, beside those of other sources."""
    by_source: dict[str, list[Article]] = {}
    for one in articles:
        by_source.setdefault(one.source, []).append(one)
    for source, group in by_source.items():
        jsonl.write(of.articles / f"{source}.jsonl", group, key=lambda one: one.id)


def write_tasks(of: Workspace, batch: str, articles: Iterable[Article], annotators: Sequence[str]) -> None:
    """Plan a batch that asks every annotator for the entities of every article."""
    tasks = [
        Task(
            id=f"{batch}-{number:04d}",
            batch=batch,
            kind="entities",
            article_id=one.id,
            window=(0, len(one.text)),
            target=None,
            text_sha256=one.text_sha256,
            annotators=tuple(annotators),
        )
        for number, one in enumerate(articles, 1)
    ]
    jsonl.write(of.tasks / f"{batch}.jsonl", tasks)


def copy_workspace(of: Workspace, folder: Path) -> Workspace:
    """The same workspace on another machine: the files in git, without private ones."""
    shutil.copytree(of.root, folder, ignore=shutil.ignore_patterns(".goldwire"))
    return find_workspace(folder, explicit=True)


def copy_tiny_repo(folder: Path) -> Path:
    """Copy tests/tiny_repo without `.goldwire`, where another worker may be locking it; return `folder`."""
    return Path(shutil.copytree(TINY_REPO, folder, ignore=shutil.ignore_patterns(".goldwire")))
