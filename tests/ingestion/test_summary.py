"""The text of the report of `ingest`."""

from __future__ import annotations

import pytest

from goldwire.ingestion.summary import IngestReport, SourceCount, guessed_fields, read_problem_lines
from goldwire.records import Rejected


@pytest.mark.parametrize(
    ("articles", "rejected", "hint"),
    [
        (0, {"missing-text-field": 2}, "[wire.fields] with text ="),
        (1, {"missing-text-field": 1}, "[wire.fields] with text ="),
        (0, {"too-short": 2}, "corpus/rejected/wire.jsonl says why"),
        (1, {"too-short": 1}, None),
    ],
)
def test_rejections_that_a_setting_may_have_caused_have_a_hint(
    articles: int, rejected: dict[str, int], hint: str | None
) -> None:
    count = SourceCount(source="wire", raw=2, articles=articles, unchanged=0, source_missing=0, rejected=rejected)
    first, *hints = IngestReport(sources=(count,), failed=0, problems=()).to_text().splitlines()
    assert first.startswith(f"wire: {articles} article")
    assert (hint in "\n".join(hints)) if hint else (hints == [])


def test_guessed_fields_are_reported_with_the_setting_that_states_them() -> None:
    guessed = guessed_fields(
        {("published", ("date", "pub_date")): 1, ("text", ("body",)): 2, ("text", ("content",)): 3}
    )
    count = SourceCount(
        source="wire", raw=5, articles=5, unchanged=0, source_missing=0, rejected={}, guessed_fields=guessed
    )
    assert IngestReport(sources=(count,), failed=0, problems=()).to_text().splitlines()[1:] == [
        "  published not read in 1 article: may be `date` or `pub_date`;",
        "  guessed fields: text from `content` or `body`;",
        "  to state them, set [wire.fields] in corpus/sources.toml",
    ]


def test_rows_with_the_same_ambiguous_fields_are_one_problem() -> None:
    rows = [
        Rejected(source="wire", file="a.csv", row=row, reason="ambiguous-field", detail="text may be 'a' or 'b'")
        for row in range(40)
    ]
    (line,) = read_problem_lines(rows)
    assert line.startswith("a.csv: ambiguous-field (text may be 'a' or 'b') in 40 rows; hint:")
