"""Ingest: what raw files come to, what is rejected and why, and that doing it again changes nothing."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from goldwire.errors import GoldwireError
from goldwire.ingestion import readers
from goldwire.ingestion.raw_record import FileSpan
from goldwire.ingestion.references import referenced_articles
from goldwire.records import Article, Rejected, Task, article_id, text_digest
from goldwire.stages import dedup, ingest
from goldwire.workspace import jsonl
from goldwire.workspace.layout import Workspace, find_workspace
from support.clean_samples import CLEANED, CONTRACT, POSTS, STATUTE
from support.factories import copy_tiny_repo
from support.factories import workspace as make_workspace
from support.language_samples import LANGUAGE_SAMPLES

SOURCES = """\
[wire]
name = "The Wire"
language = "en"
licence = "CC0-1.0"
redistribute = true

[post]
name = "The Post"
language = "en"
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
def test_a_date_at_the_start_of_the_file_name_is_the_publication_date(
    workspace: Workspace, name: str, published: str | None
) -> None:
    (workspace.raw / "wire" / name).write_text(PAGE)
    ingest.run(workspace)
    (article,) = articles(workspace)
    assert article.published == published
    (workspace.raw / "wire" / name).rename(workspace.raw / "wire" / "a.txt")
    ingest.run(workspace, reextract=True)
    assert articles(workspace)[0].id == article.id


def test_the_date_of_the_record_takes_precedence_over_the_file_name(workspace: Workspace) -> None:
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


def test_json_lines_with_the_field_names_of_the_source(workspace: Workspace) -> None:
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
    assert (article.origin.row, article.origin.field) == (0, "body")


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
def test_a_broken_file_is_rejected_and_reported_in_one_line(workspace: Workspace, data: bytes, reason: str) -> None:
    (workspace.raw / "wire" / "bad.txt").write_bytes(data)
    (workspace.raw / "wire" / "good.txt").write_text(PAGE)
    report = ingest.run(workspace)
    assert reasons(workspace) == [reason]
    assert len(articles(workspace)) == 1
    assert report.failed == 1
    assert [reason in line for line in report.to_text().splitlines()][-1]
    assert "\n" not in report.problems[0]


def test_an_unreadable_file_is_rejected(workspace: Workspace) -> None:
    (workspace.raw / "wire" / "gone.txt").symlink_to("nowhere.txt")
    assert ingest.run(workspace).failed == 1
    assert reasons(workspace) == ["unreadable"]


@pytest.mark.parametrize(
    ("line", "reason", "failed"),
    [
        (b'{"text": "never closed', "bad-json", 1),
        (b'{"wording": "another name"}', "missing-text-field", 0),
        (b'{"body": "one text", "content": "another"}', "ambiguous-field", 1),
        (b'["no", "object"]', "missing-text-field", 0),
        (b'{"text": " "}', "empty", 0),
        (b'{"text": "Home\\nSearch\\nMost Popular"}', "no-article-text", 0),
        (b'{"text": "Weather\\n\\nIt will rain in Arvenholt on Monday, the weather office said."}', "too-short", 0),
        (b'{"text": "caf\xe9"}', "not-utf-8", 1),
    ],
)
def test_an_invalid_row_is_rejected(workspace: Workspace, line: bytes, reason: str, failed: int) -> None:
    (workspace.raw / "wire" / "rows.jsonl").write_bytes(line + b"\n" + json.dumps({"text": PAGE}).encode() + b"\n")
    report = ingest.run(workspace)
    assert [(row.row, row.reason) for row in rejected(workspace)] == [(0, reason)]
    assert len(articles(workspace)) == 1
    assert report.failed == failed


def test_a_list_of_headlines_is_rejected(workspace: Workspace) -> None:
    lines = [f"{n}. Council of Arvenholt votes to reopen the old ferry for week {n}" for n in range(1, 9)]
    (workspace.raw / "wire" / "a.jsonl").write_text(json.dumps({"text": "\n\n".join(("Most read", *lines))}) + "\n")
    ingest.run(workspace)
    assert set(reasons(workspace)) <= {"listing", "no-article-text"}
    assert rejected(workspace)


def test_duplicates_are_rejected_with_the_id_of_the_article(workspace: Workspace) -> None:
    (workspace.raw / "wire" / "a.txt").write_text(PAGE)
    (workspace.raw / "wire" / "b.txt").write_text(PAGE)
    ingest.run(workspace)
    (article,) = articles(workspace)
    assert [row.reason for row in rejected(workspace)] == ["duplicate"]
    assert [row.duplicate_of for row in rejected(workspace)] == [article.id]


def test_every_raw_record_is_an_article_or_rejected(workspace: Workspace) -> None:
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
    assert (count.articles, count.unchanged) == (1, 1)
    assert files(workspace) == before


def test_ids_do_not_change_with_more_raw_files(workspace: Workspace) -> None:
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


def test_articles_stay_if_their_raw_file_is_missing(workspace: Workspace) -> None:
    (workspace.raw / "wire" / "a.txt").write_text(PAGE)
    ingest.run(workspace)
    before = articles(workspace)
    (workspace.raw / "wire" / "a.txt").unlink()
    (count, *_) = [count for count in ingest.run(workspace).sources if count.source == "wire"]
    assert articles(workspace) == before
    assert (count.raw, count.articles, count.source_missing) == (0, 0, 1)


def test_an_edited_raw_file_replaces_its_article(workspace: Workspace) -> None:
    path = workspace.raw / "wire" / "a.txt"
    path.write_text(PAGE)
    ingest.run(workspace)
    path.write_text(PAGE.replace("Monday", "Tuesday"))
    ingest.run(workspace)
    (article,) = articles(workspace)
    assert "Tuesday" in article.text


def test_all_folders_without_a_table_are_in_one_error(workspace: Workspace) -> None:
    for name in ("laws", "tweets"):
        (workspace.raw / name).mkdir()
    with pytest.raises(GoldwireError, match=r"no source \[laws\], \[tweets\]; hint: add \[laws\] with name"):
        ingest.run(workspace)


@pytest.mark.parametrize(
    "problem",
    ["no raw", "no sources", "unnamed source", "bad sources", "bad toml", "loose file", "wanted"],
)
def test_usage_errors_are_one_line(workspace: Workspace, problem: str) -> None:
    wanted: tuple[str, ...] = ()
    match problem:
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
    assert row["cluster"] == min(row["article_ids"])
    left, right = row["article_ids"]
    measures = {"jaccard": 1.0, "containment": 1.0, "measure": "jaccard"}
    assert row["pairs"] == [{"left": left, "right": right, **measures}]


def test_dedup_needs_articles_and_a_sound_threshold(workspace: Workspace) -> None:
    with pytest.raises(GoldwireError):
        dedup.run(workspace)
    with pytest.raises(GoldwireError):
        dedup.run(workspace, threshold=0)


FRENCH = """Le conseil d’Arvenholt vote la réouverture du bac

Le conseil municipal d’Arvenholt a voté lundi la réouverture de l’ancien bac, qui n’a pas traversé la rivière depuis
neuf ans. « C’est tard, mais c’est juste », a déclaré le maire, qui avait promis la traversée avant les deux élections.

Les commerçants de l’autre rive ont salué la décision. Ceux à qui appartient le pont iront au tribunal.
"""


def table(workspace: Workspace, more: str, source: str = "wire") -> None:
    """Add lines to a source's table."""
    text = workspace.sources.read_text()
    workspace.sources.write_text(text.replace(f"[{source}]\n", f"[{source}]\n{more}\n"))


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "utf-8-sig"])
def test_other_encodings_are_read_and_stored(workspace: Workspace, encoding: str) -> None:
    page = PAGE.replace("the mayor", "the café’s owner")
    raw = page.encode(encoding)
    (workspace.raw / "wire" / "a.txt").write_bytes(raw)
    (count, *_) = [count for count in ingest.run(workspace).sources if count.source == "wire"]
    (article,) = articles(workspace)
    assert article.text == page.strip()
    noted = {"utf-16": "utf-16-le", "cp1252": "cp1252", "utf-8-sig": "utf-8"}[encoding]
    assert (article.origin.encoding, count.transcoded) == (noted, int(noted != "utf-8"))
    for run in article.origin.runs:
        assert raw[run.raw_start : run.raw_end].decode(noted) == article.text[run.start : run.end]


def test_the_encoding_can_be_configured_per_source(workspace: Workspace) -> None:
    table(workspace, 'encoding = "koi8-r"')
    (workspace.raw / "wire" / "a.txt").write_bytes(
        PAGE.replace("mayor", "мэр").replace("“", '"').replace("”", '"').encode("koi8-r")
    )
    ingest.run(workspace)
    (article,) = articles(workspace)
    assert "мэр" in article.text
    assert article.origin.encoding == "koi8-r"


def test_mojibake_repairs_are_counted_and_traced(workspace: Workspace) -> None:
    raw = PAGE.encode().decode("cp1252", "replace").replace("\ufffd", "\x9d").encode()
    (workspace.raw / "wire" / "a.txt").write_bytes(raw)
    report = ingest.run(workspace)
    (article,) = articles(workspace)
    assert article.text == PAGE.strip()
    assert article.origin.mojibake_repairs == 2
    assert any("mojibake repaired in 1" in line for line in report.to_text().splitlines())
    (workspace.raw / "wire" / "a.txt").write_text(PAGE)
    ingest.run(workspace)
    assert b"mojibake_repairs" not in (workspace.articles / "wire.jsonl").read_bytes()


def test_texts_in_an_unwanted_language_are_rejected_until_it_is_accepted(workspace: Workspace) -> None:
    (workspace.raw / "wire" / "a.txt").write_text(PAGE)
    (workspace.raw / "wire" / "b.txt").write_text(FRENCH)
    ingest.run(workspace)
    assert [article.language for article in articles(workspace)] == ["en"]
    assert [row.reason for row in rejected(workspace)] == ["unwanted-language"]
    table(workspace, 'languages = ["en", "fr"]')
    ingest.run(workspace)
    assert sorted(article.language for article in articles(workspace)) == ["en", "fr"]
    assert rejected(workspace) == []


@pytest.mark.parametrize(
    "row", [{"title": "Watch: ferry crosses the river at Arvenholt"}, {"url": "https://wire.example/video/ferry"}]
)
def test_the_page_of_a_video_is_rejected(workspace: Workspace, row: dict[str, str]) -> None:
    (workspace.raw / "wire" / "a.jsonl").write_text(
        json.dumps(row | {"text": PARAGRAPHS[0] + " " + PARAGRAPHS[1]}) + "\n"
    )
    ingest.run(workspace)
    assert reasons(workspace) == ["video"]


SAMPLES: dict[str, Callable[[], bytes]] = {
    "a.txt": lambda: PAGE.encode(),
    "b.txt": lambda: PAGE.encode() * 2,
    "copy-of-a.txt": lambda: PAGE.encode(),
    "short.txt": lambda: b"Two words",
    "blank.txt": lambda: b" ",
    "nul.txt": lambda: b"PK\0",
    "menu.txt": lambda: b"Home\nSearch\nMost Popular",
    "french.txt": lambda: FRENCH.encode(),
    "broken.txt": lambda: PAGE.encode() + b"\xe9",
    "page.pdf": lambda: b"%PDF",
    "rows.jsonl": lambda: (
        b"".join(
            json.dumps({"text": f"{PAGE} {n}", "url": f"https://w.example/{n % 4}"}).encode() + b"\n" for n in range(6)
        )
        + b"{"
    ),
    "rows.csv": lambda: b'text,url\n"' + PAGE.encode() + b'",https://w.example/9\n"never closed\nand,on\n',
    "torn.jsonl.gz": lambda: gzip.compress(b"{\n" * 3, mtime=0)[:-4],
    "page.html": lambda: (
        f"<html><body><article><h1>{HEADLINE}</h1>{''.join(f'<p>{p}</p>' for p in PARAGRAPHS)}</article>".encode()
    ),
}
RECORDS = len(SAMPLES) - 3 + 7 + 3 + 4  # files of one; rows of JSON Lines, of CSV, and of the torn one with its tear


@pytest.mark.parametrize("seed", range(4))
def test_no_record_is_lost_and_ids_do_not_depend_on_the_order(workspace: Workspace, seed: int) -> None:
    """Raw records = articles + rejected (copies among them), and what comes in parts is what comes at once."""
    names = sorted(SAMPLES)
    random.Random(seed).shuffle(names)
    once: set[str] = set()
    for upto in (3, 7, len(names)):
        for name in names[:upto]:
            (workspace.raw / "wire" / name).write_bytes(SAMPLES[name]())
        (count, *_) = [count for count in ingest.run(workspace).sources if count.source == "wire"]
        assert count.raw == count.articles + sum(count.rejected.values())
        assert len(articles(workspace)) + len(rejected(workspace)) == count.raw
        ids = {article.id for article in articles(workspace)}
        assert once <= ids
        once = ids
    assert count.raw == RECORDS
    assert {row.file.rpartition("/")[2] for row in rejected(workspace)} >= set(names) - {
        "a.txt",
        "b.txt",
        "copy-of-a.txt",
        "page.html",
    }
    before = files(workspace)
    ingest.run(workspace)
    assert files(workspace) == before
    shutil.rmtree(workspace.articles)
    shutil.rmtree(workspace.rejected)
    ingest.run(workspace)
    assert {article.id for article in articles(workspace)} == once


def test_only_new_records_are_extracted(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    worked: list[str] = []
    work = ingest.convert_batch

    def watched(name: str, source: ingest.Source, recurring: object, batch: list[ingest.BatchItem]) -> object:
        worked.extend(file.rpartition("/")[2] for file, _ in batch)
        return work(name, source, recurring, batch)

    monkeypatch.setattr(ingest, "convert_batch", watched)
    for name, text in {"a.txt": PAGE, "b.txt": "Two words", "c.txt": PAGE, "d.txt": FRENCH}.items():
        (workspace.raw / "wire" / name).write_text(text)
    ingest.run(workspace)
    assert worked == ["a.txt", "b.txt", "c.txt", "d.txt"] or worked == ["a.txt", "b.txt", "d.txt"]
    worked.clear()
    (workspace.raw / "wire" / "0.txt").write_text(PAGE.upper())
    ingest.run(workspace)
    assert worked == ["0.txt"]


def test_many_duplicates_are_rejected_before_extraction(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    worked: list[object] = []
    work = ingest.convert_batch

    def watched(name: str, source: ingest.Source, recurring: object, batch: list[ingest.BatchItem]) -> object:
        worked.extend(item for _, item in batch)
        return work(name, source, recurring, batch)

    monkeypatch.setattr(ingest, "convert_batch", watched)
    monkeypatch.setattr(ingest, "_BATCH_BYTES", 1 << 12)  # eight records
    monkeypatch.setattr(ingest, "_BATCHES_WITHOUT_WORKERS", 1000)
    rows = [{"text": f"{PAGE}\n\nThis was vote {n}.", "url": f"https://w.example/{n % 20}"} for n in range(200)]
    (workspace.raw / "wire" / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    ingest.run(workspace)
    assert [article.url for article in articles(workspace)] != []
    assert (len(articles(workspace)), len(rejected(workspace))) == (20, 180)
    assert {article.origin.row for article in articles(workspace)} == set(range(20))
    spans = sum(isinstance(item, FileSpan) for item in worked)
    assert 3 <= spans <= 5  # of 25
    assert len(worked) == spans


def test_a_file_that_vanishes_during_the_run_is_reported(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.txt", "b.txt"):
        (workspace.raw / "wire" / name).write_text(PAGE + name)
    walk = readers.raw_files

    def vanishing(folder: Path) -> Iterator[Path]:
        yield from list(walk(folder))
        (folder / "b.txt").unlink(missing_ok=True)

    monkeypatch.setattr(readers, "raw_files", vanishing)
    report = ingest.run(workspace)
    assert len(articles(workspace)) == 1
    assert reasons(workspace) == ["unreadable"]
    assert len(report.problems) == 1


@pytest.fixture
def nobody() -> Iterator[Path]:
    """A folder that belongs to a user without rights, and that user at work: root may read everything."""
    if os.geteuid() != 0:
        folder = Path(tempfile.mkdtemp())
        yield folder
        shutil.rmtree(folder)
        return
    folder = Path(tempfile.mkdtemp())
    shutil.chown(folder, 65534)
    yield folder
    os.seteuid(0)
    shutil.rmtree(folder)


def test_unreadable_files_are_reported_and_the_rest_is_ingested(workspace: Workspace, nobody: Path) -> None:
    (workspace.raw / "wire" / "a.txt").write_text(PAGE)
    ingest.run(workspace)  # loads what is loaded late
    if os.geteuid() == 0:
        os.seteuid(65534)
    made = make_workspace(nobody)
    (made.raw / "wire" / "closed").mkdir(parents=True)
    made.sources.write_text(SOURCES)
    for name in ("a.txt", "b.txt", "closed/c.txt"):
        (made.raw / "wire" / name).write_text(PAGE + name)
    (made.raw / "wire" / "b.txt").chmod(0)
    (made.raw / "wire" / "closed").chmod(0)
    report = ingest.run(made)
    assert len(articles(made)) == 1
    assert [(row.file.rpartition("/")[2], row.reason) for row in rejected(made)] == [
        ("b.txt", "unreadable"),
        ("closed", "unreadable"),
    ]
    assert len(report.problems) == 2
    for name in ("b.txt", "closed"):
        (made.raw / "wire" / name).chmod(0o700)
    ingest.run(made)
    assert (len(articles(made)), rejected(made)) == (3, [])


KILLED = """
import sys
from pathlib import Path
from goldwire.workspace.layout import find_workspace
from goldwire.ingestion import readers
from goldwire.ingestion.raw_record import FileSpan
from goldwire.stages import ingest
ingest._BATCH_BYTES, ingest._BATCHES_WITHOUT_WORKERS = 1 << 13, 1  # workers from the start
ingest.run(find_workspace(Path(sys.argv[1]), explicit=True))
"""


def test_a_killed_and_repeated_run_ends_as_one_run(workspace: Workspace, tmp_path: Path) -> None:
    rows = [
        json.dumps({"text": f"{PAGE}\n\nThis was vote {n} of it.", "url": f"https://w.example/{n % 130}"})
        for n in range(150)
    ]
    (workspace.raw / "wire" / "rows.jsonl").write_text("\n".join(rows))
    for n in range(8):
        (workspace.raw / "post" / f"{n}.txt").write_text(PAGE + str(n % 3) if n % 2 else "short")
    other = tmp_path / "other"
    shutil.copytree(workspace.root, other)
    started = time.monotonic()
    subprocess.run([sys.executable, "-c", KILLED, str(other)], check=True)
    took = time.monotonic() - started
    chance = random.Random(4)
    for _ in range(4):
        made = subprocess.Popen([sys.executable, "-c", KILLED, str(workspace.root)], start_new_session=True)
        time.sleep(chance.uniform(0.3, 1.0) * took)
        made.kill()
        made.wait()
        deadline = time.monotonic() + 120
        while alive(made.pid):  # its workers, which end with it
            assert time.monotonic() < deadline
            time.sleep(0.05)
        for path in workspace.articles.glob("*.jsonl") if workspace.articles.exists() else ():
            assert path.read_bytes() == (other / path.relative_to(workspace.root)).read_bytes()
    subprocess.run([sys.executable, "-c", KILLED, str(workspace.root)], check=True)
    for folder in ("articles", "rejected"):
        here, there = workspace.corpus / folder, other / "corpus" / folder
        assert sorted(path.name for path in here.iterdir()) == sorted(path.name for path in there.iterdir())
        for path in here.iterdir():
            assert path.read_bytes() == (there / path.name).read_bytes()


def alive(group: int) -> bool:
    """Tell whether a process of the group is left that is not done."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, its_group = path.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state != "Z":
                return True
    return False


def test_workers_and_one_process_give_the_same_result(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"text": PAGE + "x" * n, "url": f"https://w.example/{n % 30}"} for n in range(60)]
    rows[7]["text"] = "Too short"
    (workspace.raw / "wire" / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    ingest.run(workspace)
    alone = files(workspace)
    for folder in (workspace.articles, workspace.rejected):
        shutil.rmtree(folder)
    monkeypatch.setattr(ingest, "_BATCH_BYTES", 1 << 12)
    monkeypatch.setattr(ingest, "_BATCHES_WITHOUT_WORKERS", 0)
    ingest.run(workspace)
    assert {name: data for name, (data, _) in files(workspace).items()} == {n: data for n, (data, _) in alone.items()}
    assert article_id("wire", "https://w.example/7") in {article.id for article in articles(workspace)}
    assert len(rejected(workspace)) == 30


FACTS = {
    "byline": ("Ada Merrin", "json-ld author"),
    "outlet": ("The Wire", "meta og:site_name"),
    "date": ("2021-03-04T07:00:00+00:00", "json-ld datePublished"),
    "language": ("en", "element html lang"),
    "url": ("https://wire.example/ferry", "element link rel=canonical"),
    "caption": ("The ferry in 2012.", "element figcaption"),
}


def test_metadata_of_an_html_page_is_stored_with_its_source(workspace: Workspace) -> None:
    data = {"@type": "NewsArticle", "author": {"name": "Ada Merrin"}, "datePublished": "2021-03-04T07:00:00Z"}
    head = (
        f'<html lang="en"><head><title>{HEADLINE} | The Wire</title><meta property="og:site_name" content="The Wire">'
        '<link rel="canonical" href="https://wire.example/ferry">'
        f'<script type="application/ld+json">{json.dumps(data)}</script></head>'
    )
    body = f"<h1>{HEADLINE}</h1><figure><img src=a.jpg><figcaption>The ferry in 2012.</figcaption></figure>"
    body += "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    (workspace.raw / "wire" / "a.html").write_text(f"{head}<body><article>{body}</article></body></html>")
    (workspace.raw / "wire" / "b.txt").write_text(PAGE)
    ingest.run(workspace)
    (page,) = [article for article in articles(workspace) if article.origin.file.endswith(".html")]
    found = {item.name: (item.value, item.source) for item in page.metadata or ()}
    assert FACTS.items() <= found.items()
    assert found["headline"][0] == page.title == HEADLINE
    assert (page.url, page.published, page.captions) == (FACTS["url"][0], "2021-03-04", ("The ferry in 2012.",))
    (text,) = [article for article in articles(workspace) if article is not page and article != page]
    assert b"metadata" not in jsonl.dump((text,))


def add_texts(workspace: Workspace, *texts: str) -> None:
    rows = (json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)
    (workspace.raw / "wire" / "texts.jsonl").write_text("".join(rows), encoding="utf-8")


def set_cleaning(workspace: Workspace, value: str) -> None:
    workspace.sources.write_text(SOURCES.replace("redistribute = true", f'redistribute = true\nclean = "{value}"'))


def test_posts_and_documents_are_accepted_whole(workspace: Workspace) -> None:
    """Three of three posts were rejected, and a statute lost its first heading and last sentence."""
    texts = (*POSTS, STATUTE, CONTRACT)
    add_texts(workspace, *texts)
    report = ingest.run(workspace)
    assert reasons(workspace) == []
    expected = {text: "post" if text in POSTS else "document" for text in texts}
    found = {article.text: (article.cleaning, article.kind) for article in articles(workspace)}
    assert found == {
        "\n\n".join(line for line in text.split("\n") if line): ("none", kind) for text, kind in expected.items()
    }
    (count,) = (count for count in report.sources if count.source == "wire")
    assert (count.cleaning, count.kinds) == ({"none": 7}, {"document": 2, "post": 5})
    assert report.to_text().splitlines()[-2:] == [
        "  7 texts look clean and are left as they are (2 documents, 5 posts);",
        "  if that is wrong, set `clean` for [wire] in corpus/sources.toml",
    ]


def test_the_text_of_an_article_is_not_cleaned_again(workspace: Workspace) -> None:
    add_texts(workspace, CLEANED)
    ingest.run(workspace)
    (first,) = articles(workspace)
    add_texts(workspace, first.text)
    ingest.run(workspace)
    (again,) = articles(workspace)
    assert again.text == first.text == CLEANED.replace("\n", "\n\n")


@pytest.mark.parametrize(("clean", "paragraphs"), [("page", 4), ("light", 5), ("none", 7)])
def test_a_source_says_how_its_texts_are_cleaned(workspace: Workspace, clean: str, paragraphs: int) -> None:
    set_cleaning(workspace, clean)
    add_texts(workspace, CLEANED)
    report = ingest.run(workspace)
    (article,) = articles(workspace)
    assert article.text.count("\n\n") + 1 in ((paragraphs, 5) if clean == "page" else (paragraphs,))
    assert article.cleaning == (msgspec.UNSET if clean == "page" else clean)
    assert "guessed" not in report.to_text()


def test_a_rejection_holds_until_the_setting_changes(workspace: Workspace) -> None:
    add_texts(workspace, "Home")
    ingest.run(workspace)
    assert reasons(workspace) == ["no-article-text"]
    set_cleaning(workspace, "none")
    ingest.run(workspace)
    assert [article.text for article in articles(workspace)] == ["Home"]
    set_cleaning(workspace, "sometimes")
    with pytest.raises(GoldwireError, match="sometimes"):
        ingest.run(workspace)


def test_an_italian_page_of_an_english_source_is_rejected(workspace: Workspace) -> None:
    """An English quotation in the middle of it made the page English."""
    italian, english = LANGUAGE_SAMPLES["it"], LANGUAGE_SAMPLES["en"]
    add_texts(workspace, "\n\n".join((italian * 2, italian * 3, english * 3, italian * 3, italian * 2)))
    ingest.run(workspace)
    assert [(row.reason, row.language) for row in rejected(workspace)] == [("unwanted-language", "it")]


def plan_task(workspace: Workspace, article: Article) -> None:
    """Write a batch with a task on an article, and a damaged line."""
    task = Task(
        id="b01-0001",
        batch="b01",
        kind="entities",
        article_id=article.id,
        window=(0, len(article.text)),
        target=None,
        text_sha256=article.text_sha256,
        annotators=("A1",),
    )
    jsonl.write(workspace.tasks / "b01.jsonl", [task])
    with (workspace.tasks / "b01.jsonl").open("ab") as file:
        file.write(b'{"never closed\n')


def test_an_article_keeps_its_id_when_its_url_can_be_guessed(workspace: Workspace) -> None:
    """Earlier versions read `url` and no other name, and derived the id from the text."""
    path = workspace.raw / "wire" / "rows.jsonl"
    path.write_text(json.dumps({"text": PAGE, "link": "https://wire.example/ferry"}))
    workspace.sources.write_text(SOURCES.replace("[post]", '[wire.fields]\nurl = "url"\n\n[post]'))
    ingest.run(workspace)
    (before,) = articles(workspace)
    assert before.url is None
    workspace.sources.write_text(SOURCES)
    for reextract in (False, True):
        ingest.run(workspace, reextract=reextract)
        assert articles(workspace) == [before]


@pytest.mark.parametrize("reextract", [False, True])
@pytest.mark.parametrize("loss", ["file", "row", "text"])
def test_an_article_that_a_task_refers_to_is_never_dropped(workspace: Workspace, loss: str, reextract: bool) -> None:
    """`ingest --reextract` with a raw file gone emptied a source whose articles were annotated."""
    path = workspace.raw / "wire" / "rows.jsonl"
    rows = [json.dumps({"text": PAGE, "url": f"https://wire.example/{n}"}) for n in range(3)]
    path.write_text("\n".join(rows))
    ingest.run(workspace)
    before = articles(workspace)
    plan_task(workspace, before[0])
    if loss == "file":
        path.unlink()
    else:
        path.write_text("" if loss == "row" else '{"text": "Home"}\n')
    report = ingest.run(workspace, reextract=reextract)
    kept = {article.id for article in articles(workspace)}
    expected = {article.id for article in before} if loss == "file" else {before[0].id}
    assert kept == expected
    assert [article for article in articles(workspace) if article.id == before[0].id] == [before[0]]
    assert "`--prune` drops them" in report.to_text()
    files_before = files(workspace)
    assert ingest.run(workspace, reextract=reextract).sources[1].source_missing == len(expected)
    assert files(workspace) == files_before
    report = ingest.run(workspace, reextract=reextract, prune=True)
    assert articles(workspace) == []
    assert set(report.sources[1].pruned) == expected
    assert f"  dropped {before[0].id}, which has no raw record" in report.to_text().splitlines()


def test_splits_gold_and_releases_protect_articles_too(tmp_path: Path) -> None:
    root = tmp_path / "copy"
    copy_tiny_repo(root)
    workspace = find_workspace(root, explicit=True)
    annotated = referenced_articles(workspace)
    stored = {article.id for path in workspace.articles.glob("*.jsonl") for article in jsonl.read(path, Article)}
    shutil.rmtree(workspace.tasks)
    shutil.rmtree(workspace.layers)
    assert referenced_articles(workspace) == annotated <= stored
    for path in workspace.raw.rglob("*.*"):
        path.unlink()
    ingest.run(workspace, reextract=True)
    assert annotated <= {
        article.id for path in workspace.articles.glob("*.jsonl") for article in jsonl.read(path, Article)
    }
