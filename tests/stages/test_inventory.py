"""What a workspace is said to hold: counted from its files, and empty where there are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldwire.errors import GoldwireError
from goldwire.records import Article, Origin, Rejected, Task, text_digest
from goldwire.stages import dedup, inventory
from goldwire.workspace import jsonl
from goldwire.workspace.layout import Workspace
from support import factories

BODY = "The harbour board met and the harbour master explained at some length why the ferry is late again this week."


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return factories.workspace(tmp_path / "w")


def article(number: int, text: str, *, source: str = "wire", suffix: str = ".txt", **fields: object) -> Article:
    name = f"{source}-{number:012x}"
    origin = Origin(file=f"corpus/raw/{source}/{name}{suffix}", sha256=text_digest(name))
    return factories.article(text, id=name, source=source, origin=origin, **fields)


def truth(of: Workspace, rows: str, stories: str) -> None:
    (of.corpus / "truth").mkdir(parents=True)
    (of.corpus / "truth" / "wire.jsonl").write_text(rows)
    (of.corpus / "truth" / "stories.tsv").write_text(stories)


def test_an_empty_workspace_holds_nothing(workspace: Workspace) -> None:
    report = inventory.run(workspace)
    assert (report.sources, report.copies.clusters, report.stories) == ((), {}, None)
    assert report.to_text().splitlines() == [
        "0 articles of 0 sources",
        "0 clusters of near-duplicates with 0 articles",
        "0 articles given to annotators",
        "0 with gold: 0 spans, 0 stances",
    ]


def test_articles_copies_and_gold_are_counted(workspace: Workspace) -> None:
    texts = [f"Ferry is late\n\n{BODY}", f"Late is the ferry\n\n{BODY}", "Ada Novak wins\n\nShe met the Rail Union."]
    dates = ("2021-03-04", "2020-01-02T10:00:00Z", None)
    made = [
        article(1, texts[0], published=dates[0]),
        article(2, texts[1], source="post", suffix=".jsonl", published=dates[1]),
        article(3, texts[2], published=dates[2]),
    ]
    factories.write_articles(workspace, made)
    why = Rejected(source="post", file="corpus/raw/post/a.txt", record=None, reason="too-short", detail="3 words")
    jsonl.write(workspace.rejected / "post.jsonl", [why], key=lambda row: row.file)
    dedup.run(workspace)
    tasks = [
        Task(
            id=f"b01-{number:04}",
            batch="b01",
            kind="entities",
            article_id=one.id,
            window=(0, len(one.text)),
            target=None,
            text_sha256=one.text_sha256,
            annotators=who,
        )
        for number, (one, who) in enumerate(((made[1], ("A1", "A2")), (made[2], ("A1",)), (made[2], ("A1",))), 1)
    ]
    jsonl.write(workspace.tasks / "b01.jsonl", tasks, key=lambda task: task.id)
    gold = factories.layer(made[2], [(16, 19, "PER"), (28, 38, "ORG")], [(0, 1, "supports")], annotator="gold")
    jsonl.write(workspace.gold / "b01.jsonl", [gold], key=lambda layer: layer.article_id)

    report = inventory.run(workspace)
    post, wire = report.sources
    assert (post.articles, post.formats, post.rejected, post.first) == (
        1,
        {".jsonl": 1},
        {"too-short": 1},
        "2020-01-02",
    )
    assert (wire.articles, wire.words, wire.first, wire.last) == (2, (5, 12.5, 20), "2021-03-04", "2021-03-04")
    assert (report.copies.clusters, report.copies.articles) == ({2: 1}, 2)
    done = report.annotated
    assert (done.batches, done.articles, done.shared) == (("b01",), 2, {1: 1, 2: 1})
    assert (done.gold, done.spans, done.stances, done.splits) == (1, 2, 1, {})


def test_what_its_author_says_is_counted_and_judges_the_cleaner(workspace: Workspace) -> None:
    factories.write_articles(
        workspace, [article(1, "Ferry is late\n\nOne line.\n\nShare this"), article(2, "Gone\n\nTwo.")]
    )
    row = '{{"file":"corpus/raw/wire/wire-00000000000{}.txt","record":null,"kind":"article","title":"{}",'
    row += '"paragraphs":["{}"],"captions":[],"residue":["Share this"],"kinds":["share-bar"]}}\n'
    head = "file\trecord\tpublished\tstory\twire_group\tsame_event\tkind\n"
    lines = [
        "corpus/raw/wire/a.txt\t\t2021-03-04\tferry\tw1\te1\tarticle",
        "corpus/raw/post/b.txt\t\t2021-03-04\tferry\tw1\t\tarticle",
        "corpus/raw/post/c.txt\t\t2021-03-04\tharbour\t\te1\tarticle",
        "corpus/raw/post/d.txt\t\t2021-03-04\tvideo\t\t\trejected",
    ]
    truth(
        workspace, row.format(1, "Ferry is late", "One line.") + row.format(2, "Gone", "Two."), head + "\n".join(lines)
    )
    told = inventory.run(workspace).stories
    assert told is not None
    assert (told.stories, told.wires, told.events, told.residue) == (2, 1, 1, {"share-bar": 2})
    score = told.cleaner
    assert (score.right, score.lines, score.whole, score.records) == (5, 6, 1, 2)


def test_stories_with_other_columns_are_refused(workspace: Workspace) -> None:
    row = '{"file":"a.txt","record":null,"kind":"article","title":"","paragraphs":[],"captions":[],"residue":[],'
    row += '"kinds":[]}'
    truth(workspace, row + "\n", "file\tstory\n")
    with pytest.raises(GoldwireError, match=r"stories\.tsv.*its columns are"):
        inventory.run(workspace)
