"""Datasets as they are published, in any file format, with any columns."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from goldwire.audit import Columns
from goldwire.checks.registry import sort_key
from goldwire.checks.report import Options
from goldwire.errors import GoldwireError
from goldwire.stages import audit
from support.paths import SHARED_DATA, TINY_REPO

NEWSMTSC = SHARED_DATA / "newsmtsc.jsonl.gz"
STORY = "The night ferry stops in May and nobody on either side of the water has said who asked for that to happen."


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Write rows in the format that the path's name asks for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.name.endswith((".jsonl", ".jsonl.gz")):
        data = "".join(json.dumps(row) + "\n" for row in rows).encode()
        path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
        return path
    frame = pl.DataFrame(rows)
    if path.suffix == ".parquet":
        frame.write_parquet(path)
    elif path.suffix == ".arrow":
        frame.write_ipc_stream(path)
    else:
        frame.write_csv(path, separator="\t" if path.suffix == ".tsv" else ",")
    return path


def found(path: Path, *, select: Sequence[str] = (), **options: Any) -> list[tuple[str, str, int | None]]:
    """Return the code, file and line of every finding, by file and line."""
    findings = sorted(
        audit.run(path, options=Options(select=select, max_per_code=20), **options).findings, key=sort_key
    )
    return [(finding.code, finding.file, finding.line) for finding in findings]


def plain(count: int) -> list[dict[str, Any]]:
    return [{"text": f"Cart {number} is late.", "label": ("a", "b")[number % 2]} for number in range(count)]


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz", ".parquet", ".csv", ".tsv", ".arrow"])
def test_every_format_is_read_and_leaks_are_found(tmp_path: Path, suffix: str) -> None:
    write(tmp_path / f"train{suffix}", [*plain(4), {"text": STORY, "label": "a"}])
    write(tmp_path / f"test{suffix}", [{"text": "Another cart.", "label": "b"}, {"text": STORY, "label": "a"}])
    first = 2 if suffix in (".csv", ".tsv") else 1
    assert found(tmp_path) == [("text-across-splits", f"test{suffix}", first + 1)]


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_a_clean_dataset_is_silent(tmp_path: Path, suffix: str) -> None:
    rows = plain(300)
    write(tmp_path / "data" / f"train-00000-of-00001{suffix}", rows[:200])
    write(tmp_path / "data" / f"test-00000-of-00001{suffix}", rows[200:])
    report = audit.run(tmp_path)
    assert report.findings == ()
    assert report.exit_code == 0


def test_shards_of_one_split_do_not_leak_into_each_other(tmp_path: Path) -> None:
    for shard in range(2):
        write(tmp_path / f"train-0000{shard}-of-00002.jsonl", [{"text": STORY, "label": "a"}])
    assert [code for code, _, _ in found(tmp_path)] == ["row-repeated"]


def test_near_duplicates_across_splits(tmp_path: Path) -> None:
    write(tmp_path / "train.jsonl", [{"text": STORY}, {"text": "A cart is late."}])
    write(tmp_path / "test.jsonl", [{"text": STORY.replace("night", "late night")}, {"text": "Snow fell."}])
    assert found(tmp_path) == [("near-text-across-splits", "test.jsonl", 1)]
    assert found(tmp_path, near_duplicates=False) == []


def test_groups_across_splits_by_a_column_of_any_name(tmp_path: Path) -> None:
    rows = [{"text": f"Cart {n}.", "outlet": "abc"[n % 3], "split": ("train", "test")[n == 4]} for n in range(5)]
    path = write(tmp_path / "rows.jsonl", rows)
    assert found(path) == []
    assert found(path, columns=Columns(group="outlet")) == [("group-across-splits", "rows.jsonl", 5)]


SPANS = [
    ({"start": 0, "end": 4, "text": "Cart", "label": "X"}, []),
    ({"start": 0, "end": 4, "text": "cart", "label": "X"}, ["span-text-mismatch"]),
    ({"start": 4, "end": 99, "text": "Cart", "label": "X"}, ["span-out-of-bounds"]),
    ({"start": -4, "end": 4, "text": "Cart", "label": "X"}, ["span-out-of-bounds"]),
    ({"start": 3, "end": 3, "text": "", "label": "X"}, ["span-empty"]),
    # Offsets that count bytes or UTF-16 units after an accent and an emoji.
    ({"start": 9, "end": 13, "text": "late", "label": "X"}, []),
    ({"start": 10, "end": 14, "text": "late", "label": "X"}, ["span-text-mismatch"]),
]


@pytest.mark.parametrize(("span", "wanted"), SPANS)
@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_offsets_in_lists_of_spans(tmp_path: Path, span: dict[str, Any], wanted: list[str], suffix: str) -> None:
    rows = [{"text": "Plain.", "spans": [{"start": 0, "end": 5, "text": "Plain", "label": "X"}]}]
    rows.append({"text": "Cart é \N{GRINNING FACE} late.", "spans": [span]})
    assert found(write(tmp_path / f"rows{suffix}", rows)) == [(code, f"rows{suffix}", 2) for code in wanted]


def test_offsets_in_columns(tmp_path: Path) -> None:
    rows = [{"text": "The cart is late.", "target": "cart", "start": start, "end": start + 4} for start in (4, 5, 90)]
    assert found(write(tmp_path / "rows.csv", rows)) == [
        ("span-text-mismatch", "rows.csv", 3),
        ("span-out-of-bounds", "rows.csv", 4),
    ]


def test_one_text_with_two_targets_may_have_two_labels(tmp_path: Path) -> None:
    text = "Ilsa praised the cart and not the ferry."
    rows = [{"text": text, "target": target, "label": label} for target, label in (("cart", "a"), ("ferry", "b"))]
    assert found(write(tmp_path / "rows.jsonl", rows)) == []
    rows.append({"text": text, "target": "ferry", "label": "a"})
    assert found(write(tmp_path / "rows.jsonl", rows)) == [("text-two-labels", "rows.jsonl", 3)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("It costs 5 \u20ac\u00e2\u201a\u00ac now", "text-mojibake"),
        ("Lost \ufffd letter", "text-replacement-character"),
        ("A\x07bell", "text-control-character"),
        ("Two\r\nlines", "text-carriage-return"),
        ("Turned \u202e around", "text-bidi-control"),
        ("Zero\u200bwidth", "text-invisible-character"),
        ("Decomposed cafe\u0301", "text-not-nfc"),
        ("Tags<br/> remain", "text-markup"),
        ("Write to me@nowhere.example", "text-email"),
        ("Call (555) 123-4567", "text-phone"),
        ("   ", "text-empty"),
    ],
)
def test_texts(tmp_path: Path, text: str, code: str) -> None:
    assert found(write(tmp_path / "rows.jsonl", [*plain(2), {"text": text, "label": "a"}])) == [(code, "rows.jsonl", 3)]


def test_valid_texts(tmp_path: Path) -> None:
    texts = ("R&B at 5 < 6 + 1", "Ça va, naïve élève", "Wein für 3 €", "AT&T; or not", "2021-03-04 100-200-300")
    texts += (
        "नमस्ते दुनिया",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "👩\u200d👩\u200d👧",
        "@someone said",
        "中文。",
    )
    assert found(write(tmp_path / "rows.jsonl", [{"text": text} for text in texts])) == []


def test_allowed_labels(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", plain(4))
    assert found(path, allowed_labels=["a", "b"]) == []
    assert [code for code, _, _ in found(path, allowed_labels=["a"])] == ["label-unknown"] * 2


def test_broken_lines(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", plain(3))
    path.write_text(path.read_text() + '{"text": "cut\n[]\n' + json.dumps({"text": "Fine.", "label": None}) + "\n")
    assert found(path) == [
        ("json-broken", "rows.jsonl", 4),
        ("json-broken", "rows.jsonl", 5),
        ("label-missing", "rows.jsonl", 6),
    ]


def test_a_problem_of_every_row_is_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", [{"text": f"Cart\t{number}"} for number in range(500)])
    report = audit.run(path, options=Options(max_per_code=3))
    assert (len(report.findings), report.unlisted, report.errors) == (3, {"text-control-character": 497}, 500)


def test_only_selected_codes_are_checked(tmp_path: Path) -> None:
    rows = [{"text": STORY, "label": "a", "id": 1, "split": split} for split in ("train", "test", "test")]
    path = write(tmp_path / "rows.jsonl", rows)
    assert {code for code, _, _ in found(path)} == {"text-across-splits", "id-repeated", "row-repeated"}
    for code in ("text-across-splits", "id-repeated", "row-repeated"):
        assert {code for code, _, _ in found(path, select=[code])} == {code}


def test_a_goldwire_release(tmp_path: Path) -> None:
    release = TINY_REPO / "splits" / "v0.0.1"
    # Of the pairs that anybody drew, some are not in gold: they have no gold label, on purpose.
    candidates = "data/stance_candidates/"
    assert [row for row in found(release) if not (row[0] == "label-missing" and row[1].startswith(candidates))] == []


@pytest.mark.parametrize("rows", [[], [{"words": 5}]])
def test_a_dataset_without_texts_is_an_error(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    write(tmp_path / "rows.jsonl", rows)
    with pytest.raises(GoldwireError):
        audit.run(tmp_path)


def test_a_missing_dataset_is_an_error(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing.jsonl"):
        with pytest.raises(GoldwireError):
            audit.run(path)
    (tmp_path / "rows.parquet").write_bytes(b"PAR1")
    with pytest.raises(GoldwireError):
        audit.run(tmp_path)
    with pytest.raises(GoldwireError, match="no column 'body'"):
        audit.run(write(tmp_path / "rows.jsonl", plain(2)), columns=Columns(text="body"))


@pytest.mark.skipif(not NEWSMTSC.exists(), reason="needs ../shared/data/newsmtsc.jsonl.gz, which is not published here")
def test_the_published_leak_of_newsmtsc() -> None:
    report = audit.run(NEWSMTSC, options=Options(select=["group-across-splits"]))
    leaks = {finding.item: finding.message for finding in report.findings}
    assert leaks["train devtest_rw"].startswith("480 of its 1,018 values of 'doc_id' are in train too")
    assert report.exit_code == 1


def test_chunks_of_rows_add_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"text": STORY, "split": "train"}, *({"text": f"Cart\t{n}", "split": "train"} for n in range(9))]
    path = write(tmp_path / "rows.jsonl", [*rows, {"text": STORY, "split": "test"}, {"text": " ", "split": "test"}])
    whole = audit.run(path)
    monkeypatch.setattr("goldwire.audit.runner._CHUNK_ROWS", 4)
    assert audit.run(path) == whole
    assert whole.errors == 9 + 1 + 1
