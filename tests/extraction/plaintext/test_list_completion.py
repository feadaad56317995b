"""Lists in an article: numbered ones of which some items are selected as body, and lists of dates."""

from __future__ import annotations

import pytest

from goldwire.extraction.plaintext.list_completion import complete_lists

LINES = ["Ten lamps", "1. Harbour lamp", "Of brass", "2. Ferry lamp", "Sold out", "4. Storm lamp", "Of tin", "Privacy"]


def completed(lines: list[str], selected: list[int], probability: list[float] | None = None) -> list[int]:
    """Return the lines that are selected in the end."""
    flags = bytes(number in selected for number in range(len(lines)))
    chosen = complete_lists(lines, flags, probability or [0.2] * len(lines))
    return [number for number, flag in enumerate(chosen) if flag]


def test_all_from_the_first_item_to_the_last_is_body_if_two_items_are() -> None:
    assert completed(LINES, [1, 3]) == [1, 2, 3, 4, 5]
    assert completed(LINES, [1]) == [1]
    assert completed(LINES, []) == []


def test_a_line_that_is_unlikely_body_is_not_added() -> None:
    assert completed(LINES, [3, 5], [0.2, 0.2, 0.05, 0.9, 0.2, 0.9, 0.2, 0.2]) == [1, 3, 4, 5]


@pytest.mark.parametrize("form", ["{}. Lamp", "{}) Lamp", "#{} Lamp", "{} – Lamp", "{}.Lamp"])
def test_items_are_numbered_in_several_forms(form: str) -> None:
    lines = [form.format(number) for number in (8, 9, 10, 13)]
    assert completed(lines, [0, 1]) == [0, 1, 2, 3]


@pytest.mark.parametrize("numbers", [(1, 2), (1, 5, 9), (3, 2, 1)])
def test_numbers_that_do_not_rise_by_little_are_no_list(numbers: tuple[int, ...]) -> None:
    lines = [text for number in numbers for text in (f"{number}. Lamp", "Of brass")]
    assert completed(lines, [0, 2]) == [0, 2]


def test_a_year_or_an_amount_is_no_number_of_an_item() -> None:
    lines = ["2019 was warm", "1.5 million came", "2.5 million left", "3 of them stayed", "4 left"]
    assert completed(lines, [0, 1]) == [0, 1]


def test_two_lists_are_completed_on_their_own() -> None:
    lines = ["1. A", "2. B", "3. C", "Read on", "1. D", "2. E", "3. F"]
    assert completed(lines, [0, 1, 4, 6]) == [0, 1, 2, 4, 5, 6]


@pytest.mark.parametrize(
    "form", ["June {} – West Beach Hall", "Oct. {} -- Storm Pavilion, Lanthe", "{} May: Ferry day"]
)
def test_a_list_of_dates_right_below_the_body_is_body(form: str) -> None:
    dates = [form.format(day) for day in range(9, 14)]
    assert completed(["They play", "Tour dates", *dates, "Share"], [0], [0.0] * 8) == [0, 2, 3, 4, 5, 6]
    assert completed(["They play", "Share", "Events", *dates], [0], [0.0] * 8) == [0]
    assert completed(["They play", *dates[1:]], [0], [0.0] * 5) == [0]


def test_dates_of_other_stories_are_no_list() -> None:
    assert completed(["They play", *["June 9, 2012"] * 6], [0], [0.0] * 7) == [0]
    assert completed(["They play", *["June 9, 2012", "Ferry owners protest"] * 6], [0], [0.0] * 13) == [0]
