"""Which field of a row holds what, and when that is not clear."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.ingestion import row_fields
from goldwire.ingestion.raw_record import RawRecord, ReadProblem, record_from_row
from goldwire.ingestion.row_fields import ROLES, find_field, named_columns
from goldwire.workspace.sources import Fields
from support.paths import REPOSITORY

PAGE = "https://wire.example/ferry"
FERRY = ("The ferry crossed.", "Ferry crosses", PAGE, "2021-03-04")


# One row as each tool or API writes it, with the fields beside the text that could be taken for one.
@pytest.mark.parametrize(
    "row",
    [
        {"body": "The ferry crossed.", "headline": "Ferry crosses", "link": PAGE, "date": "2021-03-04", "id": "7"},
        {  # trafilatura
            **{"title": "Ferry crosses", "author": "Jo", "hostname": "wire.example", "date": "2021-03-04"},
            **{"raw_text": "Home The ferry", "text": "The ferry crossed.", "source": PAGE, "source-hostname": "Wire"},
        },
        {  # newspaper4k
            **{"url": PAGE, "source_url": "https://wire.example", "title": "Ferry crosses", "summary": "A ferry."},
            **{"text": "The ferry crossed.", "publish_date": "2021-03-04", "canonical_link": PAGE, "authors": ["Jo"]},
        },
        {  # news-please
            **{"maintext": "The ferry crossed.", "title": "Ferry crosses", "url": PAGE, "filename": "a.html"},
            **{"date_publish": "2021-03-04", "date_download": "2027-01-01", "source_domain": "wire.example"},
        },
        {  # a news API
            **{"source": {"name": "Wire"}, "title": "Ferry crosses", "description": "A ferry.", "url": PAGE},
            **{"publishedAt": "2021-03-04", "content": "The ferry crossed."},
        },
        {"Article Text": "The ferry crossed.", "Title": "Ferry crosses", "URL": PAGE, "Publication Date": "2021-03-04"},
        {
            "text": "The ferry crossed.",
            "content": "A ferry.",
            "title": "Ferry crosses",
            "url": PAGE,
            "date": "2021-03-04",
        },
        {"body": "The ferry crossed.", "content": "The ferry crossed.", "heading": "Ferry crosses", "uri": PAGE}
        | {"date": "2021-03-04", "published_at": "2021-03-04"},
    ],
    ids=["csv", "trafilatura", "newspaper4k", "news-please", "api", "spreadsheet", "default-first", "equal-values"],
)
def test_fields_of_common_names_are_read_without_a_setting(row: dict[str, Any]) -> None:
    record = record_from_row(0, row, Fields())
    assert isinstance(record, RawRecord)
    assert (record.text, record.title, record.url, record.published) == FERRY


def test_a_text_that_two_fields_may_hold_is_not_guessed() -> None:
    problem = record_from_row(3, {"body": "The ferry crossed.", "content": "A ferry."}, Fields())
    assert problem == ReadProblem(row=3, reason="ambiguous-field", detail="text may be 'body' or 'content'")
    record = record_from_row(3, {"body": "The ferry crossed.", "content": "A ferry."}, Fields(text="content"))
    assert isinstance(record, RawRecord)
    assert (record.text, record.guessed) == ("A ferry.", ())


def test_a_date_that_two_fields_may_hold_is_not_read() -> None:
    row = {"text": "The ferry crossed.", "date": "2027-01-01", "published_at": "2021-03-04T10:00:00"}
    record = record_from_row(0, row, Fields())
    assert isinstance(record, RawRecord)
    assert record.published is None
    assert record.guessed == (("published", ("date", "published_at")),)


@pytest.mark.parametrize(
    ("row", "role", "names"),
    [
        ({"source": "https://wire.example/"}, "url", ()),  # the outlet, not the page
        ({"source": "The Wire", "permalink": PAGE}, "url", ("permalink",)),
        ({"source": PAGE, "link": "https://wire.example/other"}, "url", ("link",)),
        ({"date": "yesterday"}, "published", ("date",)),  # which is reported as unread
        ({"date": "yesterday", "pub_date": "March 4, 2021"}, "published", ("pub_date",)),
        ({"Date": "Thu, 04 Mar 2021 10:00:00 +0000", "date": None}, "published", ("Date",)),
        ({"title": " ", "headline": "Ferry"}, "title", ("headline",)),
        ({"name": "Ferry"}, "title", ()),
    ],
)
def test_a_guessed_field_has_a_fitting_value(row: dict[str, Any], role: Any, names: tuple[str, ...]) -> None:
    assert find_field(row, role, None).names == names


NAMES = st.sampled_from(["text", "Body", "html", "headline", "URL", "link", "source", "uri", "date", "pubDate", "n"])
VALUES = st.sampled_from([None, "", "Ferry", "<p>Ferry</p>", PAGE, "https://wire.example/", "2021-03-04", "yesterday"])


@given(st.lists(st.dictionaries(NAMES, VALUES, max_size=6), max_size=8))
def test_the_fields_of_a_row_do_not_depend_on_the_rows_before_it(rows: list[dict[str, Any]]) -> None:
    together = [record_from_row(0, row, Fields()) for row in rows]
    for row, record in zip(rows, together, strict=True):
        row_fields._fields_named.cache_clear()
        assert record_from_row(0, row, Fields()) == record


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<p>The ferry crossed.</p>", "html"),
        ('\n<div class="entry"><b>Ferry</b></div>', "html"),
        ("The ferry crossed.<p>It sank.</p><p>It rose.</p>", "html"),
        ("<3 the ferry </3", "text"),
        ("In HTML, <p> opens a paragraph and </p> closes it.", "text"),
        ("The ferry crossed.", "text"),
    ],
)
def test_markup_in_a_text_field_is_read_as_html(text: str, kind: str) -> None:
    record = record_from_row(0, {"content": text}, Fields())
    assert isinstance(record, RawRecord)
    assert (record.kind, record.field) == (kind, "content")


def test_a_row_without_a_text_names_its_fields() -> None:
    problem = record_from_row(0, {"wording": "The ferry crossed.", "n": 1}, Fields())
    assert isinstance(problem, ReadProblem)
    assert problem.detail.endswith("among 'wording', 'n'")


def test_only_columns_that_may_be_needed_are_read_from_a_table() -> None:
    columns = ["embedding", "body", "Headline", "text", "created_at"]
    assert named_columns(columns, Fields()) == ["body", "Headline", "text", "created_at"]
    assert named_columns(columns, Fields(text="body", published="gone")) == ["body", "Headline"]


def test_the_guide_lists_every_name_that_is_guessed() -> None:
    rows = (REPOSITORY / "docs" / "guides" / "own-texts.md").read_text(encoding="utf-8").splitlines()
    for role in ROLES:
        (line,) = (line for line in rows if line.startswith(f"| `{role}` |"))
        listed = re.findall(r"`(\w+)`", line.split("|", 2)[2])
        assert listed == [*row_fields._NAMES[role], *row_fields._LAST_NAMES.get(role, ())]
