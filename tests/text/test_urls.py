"""Canonical URLs, video pages and dates."""

from __future__ import annotations

import pytest

from goldwire.text.urls import canonical_url, is_video_headline, is_video_url, iso_date, leading_date, written_date


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://news.example/a", "https://news.example/a"),
        (" HTTPS://News.Example:443/A?utm_source=x&b=1&fbclid=2#top", "https://news.example/A?b=1"),
        ("http://news.example:80", "http://news.example/"),
        ("http://news.example:8080/", "http://news.example:8080/"),
        ("ftp://news.example/a", None),
        ("news.example/a", None),
        ("http://[broken/a", None),
        ("", None),
        (None, None),
    ],
)
def test_canonical_url(url: str | None, canonical: str | None) -> None:
    assert canonical_url(url) == canonical
    assert canonical_url(canonical) == canonical


def test_videos_are_recognised_by_url_and_headline() -> None:
    assert is_video_url("https://news.example/videos/1")
    assert not is_video_url("https://news.example/videotape-found")
    assert not is_video_url(None)
    assert is_video_headline("Watch: ferry returns")
    assert is_video_headline("Ferry returns – video")
    assert not is_video_headline("Watchmen return to the ferry")


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2022-10-17", "2022-10-17"),
        ("2022-13-17", None),
        ("2022-10-17T08:00:00Z", "2022-10-17T08:00:00+00:00"),
        ("Mon, 17 Oct 2022 08:00:00 GMT", "2022-10-17T08:00:00+00:00"),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_iso_date(value: str | None, date: str | None) -> None:
    assert iso_date(value) == date


def test_the_date_at_the_start_of_a_file_name() -> None:
    assert leading_date("2022-10-17-slug.txt") == "2022-10-17"
    assert leading_date("2022-10-171.txt") is None
    assert leading_date("slug.txt") is None


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2027-01-07T10:00:00Z", "2027-01-07T10:00:00+00:00"),
        ("January 7, 2027", "2027-01-07"),
        ("Jan. 7th 2027, 9:02 AM", "2027-01-07"),
        ("Thursday, 7 January 2027", "2027-01-07"),
        ("2027/1/7", "2027-01-07"),
        ("31 June 2027", None),
        ("7 Brumaire 2027", None),
        ("03/04/2027", None),
        ("7 January 20270", None),
        (None, None),
    ],
)
def test_dates_as_people_write_them(value: str | None, date: str | None) -> None:
    assert written_date(value) == date
