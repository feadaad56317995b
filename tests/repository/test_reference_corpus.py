"""The evaluation of extraction against the reference of the sample corpus."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldwire.errors import DataError
from support import factories, reference_corpus
from support.reference_corpus import ReferencePage, StoryRow


def page(number: int, title: str, paragraph: str) -> ReferencePage:
    return ReferencePage(
        file=f"corpus/raw/wire/wire-{number}.txt",
        record=None,
        kind="article",
        title=title,
        paragraphs=(paragraph,),
        captions=(),
        residue=("Share this",),
        kinds=("share-bar",),
    )


def test_lines_are_scored_against_the_reference() -> None:
    texts = {1: "Ferry is late\n\nOne line.\n\nShare this", 2: "Gone\n\nTwo."}
    articles = [factories.article(text, id=f"wire-{number}") for number, text in texts.items()]
    score = reference_corpus.score([page(1, "Ferry is late", "One line."), page(2, "Gone", "Two.")], articles)
    assert (score.right, score.lines, score.whole, score.records) == (5, 6, 1, 2)


def test_stories_are_read(tmp_path: Path) -> None:
    header = "\t".join(StoryRow.__struct_fields__)
    (tmp_path / "stories.tsv").write_text(f"{header}\na.txt\t\t2021-03-04\tferry\tw1\te1\tarticle\n")
    (row,) = reference_corpus.read_stories(tmp_path)
    assert (row.story, row.wire_group, row.same_event) == ("ferry", "w1", "e1")


def test_stories_with_other_columns_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "stories.tsv").write_text("file\tstory\n")
    with pytest.raises(DataError, match=r"stories\.tsv.*its columns are"):
        reference_corpus.read_stories(tmp_path)
