"""Corrected texts: their provenance, how they are undone, and what `ingest`, `check` and `show` make of them."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec
import pytest

from goldwire.errors import ConfigError, ConflictError, DataError
from goldwire.ingestion.corrections import correct_article, extracted_text, normalized_text, restore_article
from goldwire.records import Article
from goldwire.sampling.options import SamplingOptions
from goldwire.stages import check, correct, ingest, sample, show
from goldwire.workspace import loading
from goldwire.workspace.layout import Workspace, find_workspace
from goldwire.workspace.scaffold import create_workspace


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    """A workspace with the example article of `init`, ingested."""
    create_workspace(tmp_path / "news")
    workspace = find_workspace(tmp_path / "news", explicit=True)
    ingest.run(workspace)
    return workspace


def only(space: Workspace) -> Article:
    (article,) = loading.articles(space).values()
    return article


def corrected(space: Workspace, tmp_path: Path) -> tuple[Article, Article]:
    """Correct the article as a person would in an editor; return it before and after."""
    before = only(space)
    text = before.text.replace("Mara\nOskel", "Mara Oskel").replace("third week", "fourth week", 1)
    (tmp_path / "text.txt").write_text(f"\ufeff{text}\r\n\r\n\r\nA last  paragraph – e\u0301.   \n", encoding="utf-8")
    report = correct.run(space, article_id=before.id, text=tmp_path / "text.txt", reason=" a  late\nedition ")
    assert report.file == "corpus/articles/example.jsonl"
    assert len(report.edits) == 2
    return before, only(space)


def test_a_correction_keeps_its_reason_and_the_map_to_the_raw_bytes(space: Workspace, tmp_path: Path) -> None:
    before, after = corrected(space, tmp_path)
    assert after.id == before.id
    assert after.title == "Harbour of Lanthe to stay closed for a fourth week"
    assert after.text.endswith("\n\nA last  paragraph – \xe9.")
    assert after.correction
    assert after.correction.reason == "a late edition"
    raw = (space.root / after.origin.file).read_bytes()
    mapped = "".join(after.text[run.start : run.end] for run in after.origin.runs)
    assert "storm had moved" in mapped
    assert "fourth" not in mapped
    for run in after.origin.runs:
        piece = raw[run.raw_start : run.raw_end].decode()
        assert piece.split() == after.text[run.start : run.end].split()
    assert check.run(space, strict=True).findings == ()
    assert "corrected by hand: a late edition" in show.run(space, article_id=after.id).to_text()


def test_undo_restores_every_byte_and_a_second_correction_replaces_the_first(space: Workspace, tmp_path: Path) -> None:
    path = space.articles / "example.jsonl"
    original = path.read_bytes()
    before, after = corrected(space, tmp_path)
    assert extracted_text(after) == before.text
    (tmp_path / "second.txt").write_text(after.text.replace("fourth", "fifth"), encoding="utf-8")
    correct.run(space, article_id=before.id, text=tmp_path / "second.txt", reason="again")
    assert extracted_text(only(space)) == before.text
    assert correct.run(space, article_id=before.id, undo=True).edits == ()
    assert path.read_bytes() == original


def test_ingest_leaves_a_corrected_article_as_it_is(space: Workspace, tmp_path: Path) -> None:
    _, after = corrected(space, tmp_path)
    for reextract in (False, True):
        ingest.run(space, reextract=reextract)
        assert only(space) == after


def test_edits_that_lead_elsewhere_and_missing_reasons_are_errors(space: Workspace, tmp_path: Path) -> None:
    corrected(space, tmp_path)
    path = space.articles / "example.jsonl"
    line = path.read_text(encoding="utf-8")
    for old, new in (('"third"', '"third and"'), ('"reason":"a late edition"', '"reason":" "')):
        assert old in line
        path.write_text(line.replace(old, new), encoding="utf-8")
        assert [finding.code for finding in check.run(space).findings] == ["correction-broken"]


def test_mistakes_change_nothing(space: Workspace, tmp_path: Path) -> None:
    article = only(space)
    text, empty, binary = tmp_path / "text.txt", tmp_path / "empty.txt", tmp_path / "binary.txt"
    text.write_text(article.text.replace("week", "month"), encoding="utf-8")
    empty.write_text(" \n")
    binary.write_bytes(b"caf\xe9")
    same = tmp_path / "same.txt"
    same.write_text(article.text, encoding="utf-8")
    before = (space.articles / "example.jsonl").read_bytes()
    for error, options in (
        (ConfigError, {"article_id": "example-000000000000", "text": text, "reason": "x"}),
        (ConfigError, {"text": text, "reason": " "}),
        (ConfigError, {"reason": "x"}),
        (ConfigError, {"undo": True}),
        (FileNotFoundError, {"text": tmp_path / "none.txt", "reason": "x"}),
        (DataError, {"text": empty, "reason": "x"}),
        (DataError, {"text": binary, "reason": "x"}),
        (DataError, {"text": same, "reason": "x"}),
    ):
        with pytest.raises(error):
            correct.run(space, **{"article_id": article.id, **options})
    sample.run(space, batch="b01", annotators=("A1",), options=SamplingOptions(overlap=1))
    with pytest.raises(ConflictError):
        correct.run(space, article_id=article.id, text=text, reason="late")
    assert (space.articles / "example.jsonl").read_bytes() == before


@pytest.mark.parametrize("seed", range(30))
def test_any_edit_can_be_undone_and_its_runs_are_in_order(space: Workspace, seed: int) -> None:
    draw, article = random.Random(seed), only(space)
    text = article.text
    for _ in range(draw.randrange(1, 6)):
        start = draw.randrange(len(text))
        text = text[:start] + draw.choice(["", "é", " word ", "\n\n", "“𝄞”"]) + text[start + draw.randrange(40) :]
    after = correct_article(article, normalized_text(text), "random")
    assert extracted_text(after) == article.text
    assert restore_article(after) == article
    end = 0
    for run in after.origin.runs:
        assert end <= run.start < run.end <= len(after.text)
        end = run.end
    assert msgspec.json.decode(msgspec.json.encode(after), type=Article) == after
