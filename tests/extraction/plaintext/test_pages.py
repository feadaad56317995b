"""Pages seen together: what one gives does not depend, by as much as a bit, on those beside it."""

from __future__ import annotations

import re

import msgspec
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from goldwire.extraction import network as model
from goldwire.extraction.api import extract, extract_texts, read_text
from goldwire.extraction.line_fingerprints import page_fingerprints
from goldwire.extraction.line_frequencies import LineFrequencies
from goldwire.extraction.plaintext import context_features, line_features, segmenter
from goldwire.extraction.plaintext.line_selection import kept as kept_lines
from goldwire.extraction.site_boilerplate import SiteBoilerplate
from goldwire.ingestion.conversion import Made, Refused, outcomes
from goldwire.ingestion.raw_record import RawRecord
from goldwire.text.encodings import decode
from goldwire.text.hash_lookup import build_lookup
from goldwire.text.normalization import normalize
from goldwire.workspace.sources import Source

PROSE = (
    "The harbour of Lanthe will stay closed for a third week, the port authority said on Monday, after divers found "
    "that the storm had moved two of the breakwater’s largest stones.",
    "“We will not open it for one hour before it is safe,” said Ilva Tarn, the harbour master.",
    "The owners of the ferry, who lose a day’s takings for every day of the closure, called the decision hasty.",
)
OTHERS = (
    *("Lanthe harbour to stay closed for a third week", "Home", "News", "Share", "3 comments", "By Mara Oskel", ""),
    *(
        "© 2021 The Lanthe Post",
        "Sign up for our newsletter",
        "Ten ways to cook a turnip…",
        "Порт закрыт.",
        "港は閉鎖。",
    ),
    *("“We will not open it for one hour”", "Most Popular", "HomeNewsLanthe harbour to stay closed for a third week"),
)
LINES = st.one_of(st.sampled_from((*PROSE, *OTHERS)), st.text(max_size=40))
PAGES = st.lists(st.lists(LINES, max_size=25).map(lambda page: normalize("\n".join(page)).text), min_size=1, max_size=6)


def known() -> SiteBoilerplate:
    tally = LineFrequencies()
    tally.add(*page_fingerprints([b"Home\nNews\nShare", b"Home\nNews\nMost Popular", b"Home\nNews\nShare"] * 2))
    found = tally.recurring()
    assert found is not None
    return found


@settings(max_examples=150, deadline=None)
@given(PAGES, st.booleans())
@example(["", PROSE[0], "", "Home", ""], False)
def test_pages_together_give_what_each_gives_alone(pages: list[str], every: bool) -> None:
    for recurring in (None, known()):
        tolds = ["Lanthe harbour" if number % 3 == 2 else "" for number in range(len(pages))]
        together = list(segmenter.divide_all(pages, tolds, every=every, recurring=recurring))
        alone = [
            segmenter.divide(page, told, every=every, recurring=recurring)
            for page, told in zip(pages, tolds, strict=True)
        ]
        assert together == alone


@settings(max_examples=150, deadline=None)
@given(PAGES)
def test_every_number_is_the_same_to_the_last_bit(pages: list[str]) -> None:
    data = [page.encode("utf-8", "replace") for page in pages]
    seen = line_features.look(b"\n".join(data), [len(page) for page in data])
    features = context_features.describe(seen.looks, seen.pages)
    likely = model.probabilities(features, model.load_network())
    for page, first, after in zip(data, seen.pages[:-1], seen.pages[1:], strict=True):
        own = line_features.look(page)
        described = context_features.describe(own.looks)
        assert np.array_equal(seen.looks[first:after], own.looks)
        assert np.array_equal(seen.said[first:after], own.said)
        assert np.array_equal(features[first:after], described)
        assert np.array_equal(likely[first:after], model.probabilities(described, model.load_network()))


def test_features_are_those_that_the_network_was_trained_on() -> None:
    page = (OTHERS[0], "Home", *PROSE, "Home", "3 comments")
    count = [len(re.findall(r"\w+", line)) for line in page]
    looks = line_features.look("\n".join(page).encode()).looks
    column = {name: looks[:, number] for number, name in enumerate(line_features.BASE)}
    assert np.expm1(column["words"]).round().tolist() == count
    assert column["repeats"].tolist() == [0, 1, 0, 0, 0, 1, 0]
    assert column["ends_sentence"].tolist() == [0, 0, 1, 1, 1, 0, 0]
    assert column["line_place"].tolist() == pytest.approx([number / 7 for number in range(7)])
    described = context_features.describe(looks)
    assert described.shape == (7, len(model.load_network().mean))
    words = [0, 0, *count[2:5], 0, 0]  # of prose
    before = [np.log1p(sum(words[max(line - 2, 0) : line])) for line in range(7)]
    after = [np.log1p(sum(words[line + 1 : line + 3])) for line in range(7)]
    first = 3 * len(line_features.BASE) + 2 * 6  # behind a line's own looks and those of its neighbours
    assert described[:, first + 2].tolist() == pytest.approx(before)
    assert described[:, first + 3].tolist() == pytest.approx(after)
    assert described[:, -6].tolist() == [0, 0, 1, 1, 1, 0, 0]  # the run of lines with the greatest weight of prose


@pytest.mark.parametrize("weights", [model.LINES, model.BLOCKS])
def test_no_weight_is_subnormal(weights: str) -> None:
    # A product with such weights takes 100 times as long: 13 ms a page, once, for six units that decay had emptied.
    for part in msgspec.structs.astuple(model.load_network(weights)):
        assert not np.any((part != 0) & (np.abs(part) < np.finfo(np.float32).tiny))


def test_a_lookup_gives_the_number_of_a_key_and_nothing_of_others() -> None:
    keys = np.random.default_rng(0).integers(1, 2**63, 700).astype(np.uint64)
    table = build_lookup(keys, np.arange(1, 701))
    assert table.of(keys).tolist() == list(range(1, 701))
    assert not table.of(keys + np.uint64(1)).any()


PAGE = "\n\n".join((OTHERS[0], *PROSE))


def test_text_pages_of_any_encoding_are_extracted_together() -> None:
    raws = [PAGE, f"Home\n{PAGE}", "", "Home\nNews", PAGE.replace("“", "â€œ")]
    pages = [
        read_text(raw, title="A headline that is told" if number == 1 else None) for number, raw in enumerate(raws)
    ]
    alone = [extract(raw, title="A headline that is told" if n == 1 else None) for n, raw in enumerate(raws)]
    assert list(extract_texts(pages)) == alone
    assert alone[4].mojibake_repairs


def record(number: int, data: bytes, kind: str = "text") -> tuple[str, RawRecord]:
    return "corpus/raw/post/a.jsonl", RawRecord(record=number, data=data, kind=kind)


SOURCE = Source(name="The Post", language="en", licence="CC0-1.0", redistribute=True)
BATCH = [
    record(0, PAGE.encode()),
    record(1, b"\xff\xfe\xfd" * 3),
    record(2, f"<html><body><h1>{OTHERS[0]}</h1><p>{'</p><p>'.join(PROSE)}</p></body></html>".encode(), "html"),
    record(3, b"Home"),
    record(4, f"News\n{PAGE}".encode("cp1252")),
]


def test_a_batch_gives_what_each_record_gives_alone() -> None:
    found = outcomes("post", SOURCE, None, BATCH)
    assert found == [answer for one in BATCH for answer in outcomes("post", SOURCE, None, [one])]
    assert [type(answer) for answer in found] == [Made, Refused, Made, Refused, Made]
    assert [answer.row.reason for answer in found if isinstance(answer, Refused)] == ["not-utf-8", "all-residue"]


def test_a_page_that_cannot_be_extracted_does_not_take_its_batch_along(monkeypatch: pytest.MonkeyPatch) -> None:
    from goldwire.ingestion import conversion as module

    def failing(pages, recurring=None):
        if any("Home" in page.page.text for page in pages):
            raise ValueError("a fault in the extractor")
        yield from extract_texts(pages, recurring)

    monkeypatch.setattr(module, "extract_texts", failing)
    found = outcomes("post", SOURCE, None, BATCH)
    assert [type(answer) for answer in found] == [Made, Refused, Made, Refused, Made]
    assert [answer.row.reason for answer in found if isinstance(answer, Refused)] == ["not-utf-8", "not-extracted"]
    assert decode(BATCH[4][1].data)[1] == "cp1252"


@pytest.mark.parametrize(
    ("likely", "kept"),
    [
        ([0.9, 0.2, 0.9], [True, True, True]),
        ([0.9, 0.05, 0.9], [True, False, True]),
        ([0.9, 0.2, 0.2, 0.9], [True, False, False, True]),
        ([0.9, 0.9, 0.2], [True, True, False]),
    ],
)
def test_one_line_between_two_of_body_is_body_too(likely: list[float], kept: list[bool]) -> None:
    words = np.full(len(likely), 10)
    found = kept_lines(np.array(likely, np.float32), words, np.array([0, len(likely)]))
    assert found.tolist() == kept


def test_a_line_between_two_pages_is_of_one_of_them() -> None:
    likely, words = np.array([0.9, 0.9, 0.2, 0.9, 0.9], np.float32), np.full(5, 10)
    for first in (2, 3):
        assert not kept_lines(likely, words, np.array([0, first, 5]))[2]


@pytest.mark.parametrize(
    "line", ["港は閉鎖された。", "「港は閉鎖された。」", "港は開くのか？", "“港关闭了！”", "Lanthe（港は閉鎖。）"]
)
def test_a_sentence_without_a_full_stop_ends(line: str) -> None:
    looks = line_features.look(f"{line}\n港は閉鎖".encode()).looks
    assert looks[:, line_features.BASE.index("ends_sentence")].tolist() == [1, 0]
