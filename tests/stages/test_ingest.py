"""Ingest: what raw files come to, what is rejected and why, and that doing it again changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from build import workspace as make_workspace
from goldwire import jsonl
from goldwire.errors import GoldwireError
from goldwire.layout import Workspace
from goldwire.records import Article, Rejected, text_digest
from goldwire.stages import dedup, ingest

REPOSITORY = Path(__file__).parents[2]
SOURCES = """\
[wire]
name = "The Wire"
language = "en"
licence = "CC0-1.0"
redistribute = true

[post]
name = "The Post"
language = "fr"
licence = "CC0-1.0"
redistribute = false
fields = { text = "body", url = "link" }
"""
HEADLINE = "Council of Arvenholt votes to reopen the old ferry"
PARAGRAPHS = (
    "The council of Arvenholt voted on Monday to reopen the old ferry, which has not crossed the river for nine years.",
    "“It is late, but it is right,” said the mayor, who had promised the crossing before each of two elections.",
    "Shopkeepers on the far bank welcomed the decision. Those who own the bridge said that they would go to court.",
)
PAGE = "\n\n".join((HEADLINE, *PARAGRAPHS)) + "\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = make_workspace(tmp_path)
    for name in ("wire", "post"):
        (made.raw / name).mkdir(parents=True)
    made.sources.write_text(SOURCES)
    return made


def articles(workspace: Workspace, source: str = "wire") -> list[Article]:
    return list(jsonl.read(workspace.articles / f"{source}.jsonl", Article))


def rejected(workspace: Workspace, source: str = "wire") -> list[Rejected]:
    path = workspace.rejected / f"{source}.jsonl"
    return list(jsonl.read(path, Rejected)) if path.exists() else []


def reasons(workspace: Workspace, source: str = "wire") -> list[str]:
    return [row.reason.partition(":")[0] for row in rejected(workspace, source)]


def files(workspace: Workspace) -> dict[str, tuple[bytes, int]]:
    found = [path for path in workspace.corpus.rglob("*") if path.is_file()]
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in found}


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("2022-10-17-ferry.txt", "2022-10-17"),
        ("2022-10-17.txt", "2022-10-17"),
        ("2022-13-17-ferry.txt", None),  # no such month
        ("2022-10-175-ferry.txt", None),
        ("ferry-2022-10-17.txt", None),
    ],
)
def test_a_date_that_begins_the_name_of_a_file_is_when_it_was_published(
    workspace: Workspace, name: str, published: str | None
) -> None:
    (workspace.raw / "wire" / name).write_text(PAGE)
    ingest.run(workspace)
    (article,) = articles(workspace)
    assert article.published == published
    (workspace.raw / "wire" / name).rename(workspace.raw / "wire" / "a.txt")
    ingest.run(workspace, again=True)
    assert articles(workspace)[0].id == article.id


def test_a_record_knows_its_date_better_than_the_name_of_its_file(workspace: Workspace) -> None:
    row = {"text": PAGE, "published": "2022-10-15"}
    (workspace.raw / "wire" / "2022-10-17.jsonl").write_text(json.dumps(row) + "\n")
    ingest.run(workspace)
    assert articles(workspace)[0].published == "2022-10-15"


def test_a_text_file_becomes_an_article(workspace: Workspace) -> None:
    raw = PAGE.replace("\n", "\r\n").encode()
    (workspace.raw / "wire" / "a.txt").write_bytes(raw)
    report = ingest.run(workspace)
    (article,) = articles(workspace)
    assert (article.title, article.text) == (HEADLINE, "\n\n".join((HEADLINE, *PARAGRAPHS)))
    assert (article.url, article.published, article.language) == (None, None, "en")
    assert article.text_sha256 == text_digest(article.text)
    assert report.failed == 0
    for run in article.origin.runs:
        assert raw[run.raw_start : run.raw_end].decode() == article.text[run.start : run.end]


def test_json_lines_by_the_names_of_the_source(workspace: Workspace) -> None:
    row = {
        "body": PAGE,
        "link": "HTTPS://Post.Example/a?utm_source=x&id=1#top",
        "title": HEADLINE,
        "published": "2021-03-04",
    }
    (workspace.raw / "post" / "rows.jsonl").write_text(json.dumps(row) + "\n\n")
    ingest.run(workspace)
    (article,) = articles(workspace, "post")
    assert (article.url, article.published) == ("https://post.example/a?id=1", "2021-03-04")
    assert (article.origin.record, article.origin.field) == (0, "body")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t\n", "empty"),
        ("Café".encode("latin-1") + PAGE.encode(), "not-utf-8"),
        (b"PK\x03\x04\x00\x00" + PAGE.encode(), "binary"),
        (b"word " * 4_000_000, "line-too-long"),
        (b"word\n" * 4_000_000, "file-too-large"),
    ],
)
def test_a_broken_file_is_rejected_and_told_in_one_line(workspace: Workspace, data: bytes, reason: str) -> None:
    (workspace.raw / "wire" / "bad.txt").write_bytes(data)
    (workspace.raw / "wire" / "good.txt").write_text(PAGE)
    report = ingest.run(workspace)
    assert reasons(workspace) == [reason]
    assert len(articles(workspace)) == 1
    assert report.failed == 1
    assert [reason in line for line in report.lines()][-1]
    assert "\n" not in report.faults[0]


def test_an_unreadable_file_is_rejected(workspace: Workspace) -> None:
    (workspace.raw / "wire" / "gone.txt").symlink_to("nowhere.txt")
    assert ingest.run(workspace).failed == 1
    assert reasons(workspace) == ["unreadable"]


@pytest.mark.parametrize(
    ("line", "reason", "failed"),
    [
        (b'{"text": "never closed', "bad-json", 1),
        (b'{"body": "another name"}', "missing-text-field", 0),
        (b'["no", "object"]', "missing-text-field", 0),
        (b'{"text": " "}', "empty", 0),
        (b'{"text": "Home\\nSearch\\nMost Popular"}', "all-residue", 0),
        (b'{"text": "Weather\\n\\nIt will rain in Arvenholt on Monday, the weather office said."}', "too-short", 0),
        (b'{"text": "caf\xe9"}', "not-utf-8", 1),
    ],
)
def test_a_row_that_is_no_article_is_rejected(workspace: Workspace, line: bytes, reason: str, failed: int) -> None:
    (workspace.raw / "wire" / "rows.jsonl").write_bytes(line + b"\n" + json.dumps({"text": PAGE}).encode() + b"\n")
    report = ingest.run(workspace)
    assert [(row.record, row.reason) for row in rejected(workspace)] == [(0, reason)]
    assert len(articles(workspace)) == 1
    assert report.failed == failed


def test_a_list_of_headlines_is_no_article(workspace: Workspace) -> None:
    lines = [f"{n}. Council of Arvenholt votes to reopen the old ferry for week {n}" for n in range(1, 9)]
    (workspace.raw / "wire" / "a.jsonl").write_text(json.dumps({"text": "\n\n".join(("Most read", *lines))}) + "\n")
    ingest.run(workspace)
    assert set(reasons(workspace)) <= {"listing", "all-residue"}
    assert rejected(workspace)


def test_copies_are_rejected_and_say_of_what(workspace: Workspace) -> None:
    (workspace.raw / "wire" / "a.txt").write_text(PAGE)
    (workspace.raw / "wire" / "b.txt").write_text(PAGE)
    ingest.run(workspace)
    (article,) = articles(workspace)
    assert [row.reason for row in rejected(workspace)] == [f"same-as:{article.id}"]


def test_raw_records_are_articles_and_rejected(workspace: Workspace) -> None:
    (workspace.raw / "wire" / "a.txt").write_text(PAGE)
    (workspace.raw / "wire" / "b.txt").write_text("")
    (workspace.raw / "wire" / "c.pdf").write_text("x")
    (workspace.raw / "wire" / "d.jsonl").write_text('{"text": 1}\n{\n' + json.dumps({"text": PAGE.upper()}))
    (count,) = [count for count in ingest.run(workspace).sources if count.source == "wire"]
    assert (count.raw, count.articles, sum(count.rejected.values())) == (6, 2, 4)
    assert len(articles(workspace)) + len(rejected(workspace)) == 6


def test_a_second_run_touches_nothing(workspace: Workspace) -> None:
    (workspace.raw / "wire" / "a.txt").write_text(PAGE)
    (workspace.raw / "wire" / "b.txt").write_text("")
    ingest.run(workspace)
    before = files(workspace)
    (count, *_) = [count for count in ingest.run(workspace).sources if count.source == "wire"]
    assert (count.articles, count.kept) == (1, 1)
    assert files(workspace) == before


def test_more_raw_moves_no_id(workspace: Workspace) -> None:
    rows = [{"text": PAGE, "url": f"https://wire.example/{i}"} for i in range(2)]
    path = workspace.raw / "wire" / "rows.jsonl"
    path.write_text(json.dumps(rows[0]) + "\n")
    ingest.run(workspace)
    (first,) = articles(workspace)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    (workspace.raw / "wire" / "0.jsonl").write_text(json.dumps(rows[0] | {"text": PAGE + PAGE}) + "\n")
    ingest.run(workspace)
    assert first in articles(workspace)
    assert len(articles(workspace)) == 2
    assert [row.file for row in rejected(workspace)] == ["corpus/raw/wire/0.jsonl"]


def test_articles_stay_when_their_raw_file_is_gone(workspace: Workspace) -> None:
    (workspace.raw / "wire" / "a.txt").write_text(PAGE)
    ingest.run(workspace)
    before = articles(workspace)
    (workspace.raw / "wire" / "a.txt").unlink()
    (count, *_) = [count for count in ingest.run(workspace).sources if count.source == "wire"]
    assert articles(workspace) == before
    assert (count.raw, count.articles, count.gone) == (0, 0, 1)


def test_an_edited_raw_file_replaces_its_article(workspace: Workspace) -> None:
    path = workspace.raw / "wire" / "a.txt"
    path.write_text(PAGE)
    ingest.run(workspace)
    path.write_text(PAGE.replace("Monday", "Tuesday"))
    ingest.run(workspace)
    (article,) = articles(workspace)
    assert "Tuesday" in article.text


@pytest.mark.parametrize(
    "fault",
    ["no raw", "no sources", "unnamed source", "bad sources", "bad toml", "loose file", "wanted"],
)
def test_faults_of_the_whole_command_are_one_line(workspace: Workspace, fault: str) -> None:
    wanted: tuple[str, ...] = ()
    match fault:
        case "no raw":
            for folder in (*workspace.raw.iterdir(), workspace.raw):
                folder.rmdir()
        case "no sources":
            workspace.sources.unlink()
        case "unnamed source":
            (workspace.raw / "other").mkdir()
        case "bad sources":
            workspace.sources.write_text('[wire]\nname = "x"\n')
        case "bad toml":
            workspace.sources.write_text("[wire\n")
        case "loose file":
            (workspace.raw / "a.txt").write_text(PAGE)
        case "wanted":
            wanted = ("nowhere",)
    with pytest.raises(GoldwireError) as caught:
        ingest.run(workspace, sources=wanted)
    assert "\n" not in str(caught.value)
    assert not workspace.articles.exists()


def test_only_named_sources_are_ingested(workspace: Workspace) -> None:
    for name in ("wire", "post"):
        (workspace.raw / name / "a.txt").write_text(PAGE)
    ingest.run(workspace, sources=("post",))
    assert sorted(path.name for path in workspace.articles.iterdir()) == ["post.jsonl"]


def test_dedup_finds_the_wire_story_in_two_outlets(workspace: Workspace) -> None:
    (workspace.raw / "wire" / "a.txt").write_text(PAGE)
    (workspace.raw / "post" / "a.txt").write_text(PAGE.replace(HEADLINE, "Ferry to cross again, says the council"))
    (workspace.raw / "post" / "b.txt").write_text("\n\n".join(part[::-1] + "." for part in (HEADLINE, *PARAGRAPHS)))
    ingest.run(workspace)
    report = dedup.run(workspace)
    assert (report.articles, report.clusters, report.clustered) == (3, 1, 2)
    line = workspace.duplicates.read_bytes()
    dedup.run(workspace)
    assert workspace.duplicates.read_bytes() == line
    (row,) = [json.loads(line)]
    assert row["cluster"] == min(row["articles"])
    assert row["pairs"] == [[*row["articles"], 1.0]]


def test_dedup_needs_articles_and_a_sound_threshold(workspace: Workspace) -> None:
    with pytest.raises(GoldwireError):
        dedup.run(workspace)
    with pytest.raises(GoldwireError):
        dedup.run(workspace, threshold=0)
