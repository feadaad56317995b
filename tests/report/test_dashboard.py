"""The status page of a batch."""

from __future__ import annotations

from typing import Any

import msgspec

from goldwire.records import Agreement
from goldwire.report.dashboard import render


class Progress(msgspec.Struct, frozen=True):
    annotator: str = "A1"
    tasks: int = 4
    done: int = 1
    started: int = 1
    left: int = 3
    per_day: float | None = 1.5
    days_left: int | None = 2
    last_done: str | None = "2026-11-29"
    address: str | None = "http://127.0.0.1:8000/projects/1"


class Top(msgspec.Struct, frozen=True):
    label: str = "PER"
    count: int = 3
    article_id: str = "wire-000000000001"
    address: str | None = None


class Status(msgspec.Struct, frozen=True):
    batch: str = "b01"
    server: str = "http://127.0.0.1:8000"
    done: int = 1
    tasks: int = 4
    annotators: tuple[Any, ...] = (Progress(),)
    agreement: tuple[Agreement, ...] = ()
    top_disagreements: tuple[Any, ...] = ()


def test_the_page_has_progress_agreement_and_disagreements() -> None:
    nan = float("nan")
    exact = Agreement(coefficient="span_f1_exact", value=0.5, low=nan, high=nan, n_items=9, n_raters=2)
    page = render(Status(agreement=(exact,), top_disagreements=(Top(),)))
    assert "1 of 4 done" in page
    assert '<a href="http://127.0.0.1:8000/projects/1" rel="noreferrer">A1</a>' in page
    assert "span_f1_exact 0.500 n=9 items, 2 annotators" in page
    assert "PER: 3 times, for example in wire-000000000001" in page


def test_a_batch_without_layers_has_no_agreement_yet() -> None:
    page = render(Status())
    assert "No article is done by two annotators yet." in page
    assert "None yet." in page


def test_everything_is_escaped_and_only_web_addresses_are_links() -> None:
    hostile = Progress(annotator="<b>A1</b>", last_done="<i>", address="javascript:alert(1)")
    page = render(
        Status(batch="<u>", annotators=(hostile,), top_disagreements=(Top(label="<s>", article_id="<p id>"),))
    )
    assert not [tag for tag in ("<b>", "<i>", "<u>", "<s>", "<p id>", "javascript") if tag in page]
