"""Bar charts are well-formed and proportional."""

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
def test_charts_of_any_names_are_well_formed(counts_by_split):
    printable = {
        split: {"".join(c for c in name if c.isprintable()): count for name, count in by_name.items()}
        for split, by_name in counts_by_split.items()
    }
    assert ElementTree.fromstring(bars("a < b & 'c' \"d\"", printable)).tag.endswith("svg")


def test_the_length_of_a_bar_is_proportional_to_its_count():
    chart = ElementTree.fromstring(bars("t", {"train": {"PER": 30, "ORG": 10}, "test": {"PER": 10}}))
    bar_attributes = [
        rect.attrib for rect in chart.iter("{http://www.w3.org/2000/svg}rect") if rect.attrib["height"] == "16"
    ]
    train, test, other = (float(rect["width"]) for rect in bar_attributes)
    assert (round(train / test, 2), round(train / other, 2)) == (3.0, 3.0)


@given(st.lists(st.integers(0, 10**6)))
def test_lengths_are_counted_in_at_most_ten_intervals(lengths):
    counted = by_length({"train": lengths})["train"]
    assert sum(counted.values()) == len(lengths)
    assert len(counted) <= 10


def test_dates_are_counted_by_day_month_or_year():
    assert by_period({"train": ["2021-03-04", "2021-03-04"], "test": ["2021-03-05"]}) == {
        "train": {"2021-03-04": 2, "2021-03-05": 0},
        "test": {"2021-03-04": 0, "2021-03-05": 1},
    }
    assert list(by_period({"train": [f"2021-{m:02}-{d:02}" for m in (1, 2) for d in range(1, 21)]})["train"]) == [
        "2021-01",
        "2021-02",
    ]
