"""Automatic fixes change how a file is written, and nothing else."""

from __future__ import annotations

import unicodedata

import msgspec

from goldwire.checks.fixes import Fix, fix_file
from goldwire.records import AnnotationLayer, Article, Origin, OriginRun, text_digest
from support import factories

ARTICLES = "corpus/articles/wire.jsonl"
LAYERS = "annotations/layers/b01/A1.jsonl"


def encode(*records: msgspec.Struct) -> bytes:
    return b"".join(msgspec.json.encode(record) + b"\n" for record in records)


def test_byte_order_mark_and_line_ends_are_fixed_in_any_file() -> None:
    data = b"\xef\xbb\xbfone\r\ntwo\r\n"
    fixed = fix_file("annotations/GUIDELINES.md", data, ["file-bom", "file-crlf"], articles_in_use=frozenset())
    assert fixed == b"one\ntwo\n"
    assert fix_file("annotations/GUIDELINES.md", data, ["file-bom"], articles_in_use=frozenset()) == data[3:]


def test_records_are_sorted_and_written_in_the_canonical_format() -> None:
    first, second = factories.article("One\n\nText.", id="wire-1"), factories.article("Two\n\nText.", id="wire-2")
    assert fix_file(ARTICLES, encode(second, first), ["file-unsorted"], articles_in_use=frozenset()) == encode(
        first, second
    )
    spaced = encode(first).replace(b'":', b'": ')
    assert fix_file(ARTICLES, spaced, ["file-not-canonical"], articles_in_use=frozenset()) == encode(first)


def test_a_file_with_a_line_that_is_not_a_record_is_not_rewritten() -> None:
    data = encode(factories.article("One\n\nText.")).replace(b'":', b'": ') + b"{\n"
    assert fix_file(ARTICLES, data, ["file-not-canonical"], articles_in_use=frozenset()) == data


def test_white_space_is_trimmed_from_spans() -> None:
    article = factories.article("Head\n\nAda Novak met us.")
    data = encode(factories.layer(article, [(5, 16, "PER")]))
    fixed = msgspec.json.decode(
        fix_file(LAYERS, data, ["span-edge-space"], articles_in_use=frozenset()), type=AnnotationLayer
    )
    assert [(span.start, span.end, span.text) for span in fixed.spans] == [(6, 15, "Ada Novak")]


def test_nfc_moves_the_runs_and_drops_a_run_that_splits_a_letter() -> None:
    text = "Cafe\u0301 au lait"
    runs = (OriginRun(0, 4, 0, 4), OriginRun(0, 5, 0, 6), OriginRun(6, 8, 7, 9))
    article = factories.article(text, origin=Origin(file="a.txt", sha256=text_digest(text), runs=runs))
    data = fix_file(ARTICLES, encode(article), ["text-not-nfc"], articles_in_use=frozenset())
    fixed = msgspec.json.decode(data, type=Article)
    assert fixed.text == unicodedata.normalize("NFC", text)
    assert fixed.text_sha256 == text_digest(fixed.text)
    assert fixed.origin.runs == (OriginRun(0, 4, 0, 6), OriginRun(5, 7, 7, 9))
    assert fix_file(ARTICLES, encode(article), ["text-not-nfc"], articles_in_use=frozenset({article.id})) == encode(
        article
    )


def test_the_diff_of_a_long_line_shows_the_changed_part() -> None:
    before, after = b"a" * 300 + b"X" + b"b" * 300 + b"\n", b"a" * 300 + b"Y" + b"b" * 300 + b"\n"
    lines = list(Fix("file.md", ("file-bom",), before, after).diff())
    assert lines[:3] == ["--- file.md", "+++ file.md (file-bom)", "@@ -1,1 +1,1 @@"]
    assert lines[3:] == [f"{sign}...{'a' * 30}{letter}{'b' * 30}..." for sign, letter in ("-X", "+Y")]
