"""Bar charts: well-formed, proportional, the same each time."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from goldwire.release.charts import bars, by_length, by_period

counts = st.dictionaries(
    st.sampled_from(["train", "validation", "test"]),
    st.dictionaries(st.text(max_size=30), st.integers(0, 99), max_size=5),
)


@given(counts)
def test_any_names_make_a_picture(found):
    found = {
        split: {"".join(c for c in n if c.isprintable()): v for n, v in names.items()} for split, names in found.items()
    }
    assert ElementTree.fromstring(bars("a < b & 'c' \"d\"", found)).tag.endswith("svg")


def test_bars_are_as_long_as_their_counts():
    picture = ElementTree.fromstring(bars("t", {"train": {"PER": 30, "ORG": 10}, "test": {"PER": 10}}))
    drawn = [rect.attrib for rect in picture.iter("{http://www.w3.org/2000/svg}rect") if rect.attrib["height"] == "16"]
    train, test, other = (float(rect["width"]) for rect in drawn)
    assert (round(train / test, 2), round(train / other, 2)) == (3.0, 3.0)


@given(st.lists(st.integers(0, 10**6)))
def test_every_length_falls_into_one_of_at_most_ten_steps(lengths):
    counted = by_length({"train": lengths})["train"]
    assert sum(counted.values()) == len(lengths)
    assert len(counted) <= 10


def test_dates_go_by_day_month_or_year():
    assert by_period({"train": ["2021-03-04", "2021-03-04"], "test": ["2021-03-05"]}) == {
        "train": {"2021-03-04": 2, "2021-03-05": 0},
        "test": {"2021-03-04": 0, "2021-03-05": 1},
    }
    assert list(by_period({"train": [f"2021-{m:02}-{d:02}" for m in (1, 2) for d in range(1, 21)]})["train"]) == [
        "2021-01",
        "2021-02",
    ]
