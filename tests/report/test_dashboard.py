"""The status page of a batch."""

from __future__ import annotations

import gc
import re
import sys
from typing import Any

import msgspec
import pytest

from goldwire.doccano.work_time import WorkTime
from goldwire.records import Agreement

pytest.importorskip("jinja2", reason="jinja2 (the extra `report`) is not installed")


class Progress(msgspec.Struct, frozen=True):
    annotator: str = "A1"
    tasks: int = 4
    done: int = 1
    started: int = 1
    left: int = 3
    per_day: float | None = 1.5
    work: WorkTime = WorkTime(hours=2.0, minutes=6.0, hours_left=(2.0, 3.0))
    minutes_per_label: float | None = 0.25
    gold_check: Agreement | None = None
    self_agreement: Agreement | None = None
    last_done: str | None = "2026-11-29"
    address: str | None = "http://127.0.0.1:8000/projects/1"


class Top(msgspec.Struct, frozen=True):
    label: str = "PER"
    count: int = 3
    article_id: str = "wire-000000000001"
    title: str = "Harbour to stay closed"
    address: str | None = None


class Status(msgspec.Struct, frozen=True):
    batch: str = "b01"
    server: str = "http://127.0.0.1:8000"
    done: int = 1
    tasks: int = 4
    annotators: tuple[Any, ...] = (Progress(),)
    agreement: tuple[Agreement, ...] = ()
    top_disagreements: tuple[Any, ...] = ()
    name: str = "news"
    read_at: str = "2026-11-30T01:02:03+00:00"
    steps: tuple[str, ...] = ()


def render(status: Status) -> str:
    from goldwire.report.dashboard import render

    return render(status)


def words(page: str) -> str:
    """Return the text of a page, without its style and script."""
    body = re.sub(r"<(style|script)>.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())


def test_the_page_has_progress_agreement_and_disagreements_in_words() -> None:
    nan = float("nan")
    exact = Agreement(coefficient="span_f1_exact", value=0.5, low=nan, high=nan, n_items=9, n_raters=2, unit="span")
    step = "Everything is done and downloaded: `goldwire agree b01`."
    page = render(Status(agreement=(exact,), top_disagreements=(Top(),), steps=(step,)))
    text = words(page)
    assert "1 of 4 tasks done" in text
    assert "1 done 1 started 2 not started" in text
    assert "Work left: 2.0 to 3.0 h for 1 annotator." in text
    assert 'href="http://127.0.0.1:8000/projects/1" rel="noreferrer">A1</a>' in page
    assert "Do they mark the same text? .50 F1 exact" in text
    assert "PER 3 times for example in Harbour to stay closed" in text
    assert "<code>goldwire agree b01</code>" in page
    assert "span_f1_exact" not in text
    assert "wire-000000000001" not in text


def test_each_bar_is_as_wide_as_what_it_counts() -> None:
    page = render(Status())
    bar = '<span class="done" style="width:25.00%"></span><span class="started" style="width:25.00%"></span>'
    assert page.count(bar) == 2  # of the batch, and of the annotator


def test_a_batch_without_layers_has_no_agreement_yet() -> None:
    text = words(render(Status()))
    assert "no article that two annotators have done is pulled" in text
    assert "None yet." in text


def test_there_is_no_estimate_before_an_hour_of_work() -> None:
    beginner = Progress(per_day=None, work=WorkTime(hours=0.4, minutes=4.0), minutes_per_label=None)
    text = words(render(Status(annotators=(beginner,))))
    assert "estimated from one hour of work on" in text
    assert "Work left" not in text


def test_there_are_filters_from_six_annotators_on() -> None:
    def filters(n: int) -> int:
        return render(Status(annotators=tuple(Progress(annotator=f"A{i}") for i in range(n)))).count("<select")

    assert (filters(5), filters(6)) == (0, 2)


def test_a_negative_alpha_is_drawn_left_of_zero() -> None:
    alpha = Agreement(
        coefficient="stance_alpha_nominal", value=-0.5, low=-0.9, high=0.1, n_items=8, n_raters=2, unit="stance"
    )
    page = render(Status(agreement=(alpha,)))
    assert 'class="band" style="left:5.00%;right:calc(100% - 55.00%)"' in page
    assert 'class="dot" style="left:25.00%"' in page
    assert "<span>−1</span><span>0</span><span>1</span>" in page


def test_everything_is_escaped_and_only_web_addresses_are_links() -> None:
    hostile = Progress(annotator="<b>A1</b>", last_done="<var>", address="javascript:alert(1)")
    top = Top(label="<s>", article_id="<p id>", title="<em>")
    page = render(Status(batch="<u>", annotators=(hostile,), top_disagreements=(top,), name="<q>", steps=("<dl>",)))
    hostile_tags = ("<b>A1", "<var>", "<u>", "<s>", "<p id>", "<em>", "<q>", "<dl>", "javascript:")
    assert not [tag for tag in hostile_tags if tag in page]


def n_calls(n_annotators: int, tasks: int) -> int:
    """Return how many functions of Python a page calls."""
    calls = 0

    def count(_frame: object, event: str, _value: object) -> None:
        nonlocal calls
        calls += event == "call"

    status = Status(annotators=tuple(Progress(annotator=f"A{i}", tasks=tasks) for i in range(n_annotators)))
    before = sys.getprofile()
    gc.disable()  # objects of other tests may have finalizers
    sys.setprofile(count)
    try:
        render(status)
    finally:
        sys.setprofile(before)
        gc.enable()
    return calls


def test_the_work_of_a_page_grows_with_its_annotators_and_not_with_their_tasks() -> None:
    render(Status())  # compiles the template
    few, many, most = (n_calls(n, 2000) for n in (6, 36, 66))
    assert most - many <= 1.1 * (many - few)
    assert n_calls(36, 20) <= 1.1 * many <= 1.1 * 1.1 * n_calls(36, 20)


def test_checks_on_copies_have_columns_only_where_there_are_some() -> None:
    value = Agreement(coefficient="x", value=0.92, low=0.8, high=0.97, n_items=40, n_raters=1, unit="span")
    text = words(render(Status(annotators=(Progress(gold_check=value), Progress(annotator="A2")))))
    assert "Gold checks" in text
    assert ".92 [.80, .97]" in text
    assert "Own copies" not in text
    assert "Gold checks" not in words(render(Status()))
