"""An article beside its raw text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from goldwire.errors import ConfigError, MissingFileError
from goldwire.records import Article
from goldwire.stages import ingest, show
from goldwire.workspace import loading
from goldwire.workspace.layout import Workspace, find_workspace
from support import factories
from support.clean_samples import STATUTE
from support.paths import REPOSITORY
from support.sample_pages import HEADLINE, PROSE

SOURCES = '[wire]\nname = "The Wire"\nlanguage = "en"\nlicence = "CC0-1.0"\nredistribute = true\n'


def ingested(folder: Path, name: str, text: str) -> tuple[Workspace, Article]:
    workspace = factories.workspace(folder / "w")
    (workspace.raw / "wire").mkdir(parents=True)
    (workspace.raw / "wire" / name).write_text(text, encoding="utf-8")
    workspace.sources.write_text(SOURCES)
    ingest.run(workspace)
    (article,) = loading.articles(workspace).values()
    return workspace, article


def test_removed_lines_have_their_reason(tmp_path: Path) -> None:
    workspace = find_workspace(REPOSITORY, explicit=True)
    article = next(a for a in loading.articles(workspace).values() if a.origin.file.endswith(".txt"))
    report = show.run(workspace, article_id=article.id, html=tmp_path / "page.html")
    assert "\n\n".join(line.text for line in report.lines if line.is_kept) == article.text
    removed = [line for line in report.lines if not line.is_kept]
    assert removed
    assert all(line.reason for line in removed)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count("<del>") == len(removed)
    assert report.to_text().count("\n- ") == len(removed)


def test_a_text_that_was_not_cleaned_is_shown_whole(tmp_path: Path) -> None:
    workspace, article = ingested(tmp_path, "act.jsonl", json.dumps({"text": STATUTE}))
    report = show.run(workspace, article_id=article.id)
    assert all(line.is_kept for line in report.lines)
    assert (report.cleaning, report.kind, report.row) == ("none", "document", 0)


def test_what_is_left_out_of_a_web_page_is_shown_with_its_place(tmp_path: Path) -> None:
    page = f"<nav><a>News</a></nav><h1>{HEADLINE}</h1><p>{'</p><p>'.join(PROSE)}</p><footer>Subscribe now</footer>"
    workspace, article = ingested(tmp_path, "a.html", f"<html><body>{page}</body></html>")
    report = show.run(workspace, article_id=article.id)
    assert "\n\n".join(line.text for line in report.lines if line.is_kept) == article.text
    assert report.to_text().splitlines()[1] == "- News  [navigation: in <nav>]"
    assert report.to_text().splitlines()[-1] == "- Subscribe now  [footer: in <footer>]"


def test_markup_is_escaped_and_html_pages_show_their_paragraphs(tmp_path: Path) -> None:
    prose = "</p><p>".join(PROSE).replace(" ", " &lt;b&gt; ", 1)
    page = f"<html><body><h1>{HEADLINE}</h1><p>{prose}</p></body></html>"
    workspace, article = ingested(tmp_path, "a.html", page)
    report = show.run(workspace, article_id=article.id, html=tmp_path / "page.html")
    assert all(line.is_kept for line in report.lines)
    assert "<b>" not in (tmp_path / "page.html").read_text()
    (workspace.root / article.origin.file).unlink()
    with pytest.raises(MissingFileError):
        show.run(workspace, article_id=article.id)
    with pytest.raises(ConfigError):
        show.run(workspace, article_id="nosuch")
