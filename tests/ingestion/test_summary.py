"""The text of the report of `ingest`."""

from __future__ import annotations

import pytest

from goldwire.ingestion.summary import IngestReport, SourceCount


@pytest.mark.parametrize(
    ("articles", "rejected", "hint"),
    [
        (0, {"missing-text-field": 2}, '[wire.fields] with text = "body"'),
        (1, {"missing-text-field": 1}, '[wire.fields] with text = "body"'),
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
