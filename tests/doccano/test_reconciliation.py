"""What the server has against what it should have."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from goldwire.doccano.conversion import Comment, Row
from goldwire.doccano.reconciliation import compare
from goldwire.records import Task, text_digest


def task(number: int) -> Task:
    return Task(
        id=f"b01-{number}",
        batch="b01",
        kind="entities",
        article_id=f"a-{number}",
        window=(0, 1),
        target=None,
        text_sha256=text_digest("x"),
        annotators=("A1",),
    )


def row(id: int, number: int, *, text: str = "x", worked_on: bool = False) -> Row:
    return Row(id=id, text=text, gw_task_id=f"b01-{number}", comments=(Comment(1, "c"),) if worked_on else ())


TASKS = (task(1), task(2))
DIGESTS = dict.fromkeys(("b01-1", "b01-2"), text_digest("x"))


def test_nothing_to_do_where_each_task_is_there_once() -> None:
    found = compare([row(1, 1), row(2, 2)], TASKS, DIGESTS)
    assert found.settled
    assert not found.problems


def test_what_is_not_there_is_missing_in_plan_order() -> None:
    assert compare([], TASKS, DIGESTS).missing == ("b01-1", "b01-2")


def test_copies_go_and_the_oldest_stays() -> None:
    found = compare([row(3, 1), row(1, 1), row(2, 1), row(4, 2)], TASKS, DIGESTS)
    assert (found.surplus, found.kept["b01-1"].id) == ((2, 3), 1)


def test_the_copy_that_somebody_worked_on_stays() -> None:
    found = compare([row(1, 1), row(2, 1, worked_on=True), row(4, 2)], TASKS, DIGESTS)
    assert (found.surplus, found.kept["b01-1"].id) == ((1,), 2)


def test_the_copy_that_was_ticked_done_without_a_label_stays() -> None:
    found = compare([row(1, 1), row(2, 1), row(4, 2)], TASKS, DIGESTS, frozenset({2}))
    assert (found.surplus, found.kept["b01-1"].id) == ((1,), 2)


def test_two_copies_that_were_worked_on_are_for_a_person_to_settle() -> None:
    found = compare([row(1, 1, worked_on=True), row(2, 1, worked_on=True), row(4, 2)], TASKS, DIGESTS)
    assert found.settled
    assert [(problem.code, spare.id) for _, spare, problem in found.problems] == [("server-task-duplicate", 2)]


def test_a_spoilt_text_that_nobody_worked_on_is_replaced() -> None:
    found = compare([row(1, 1, text="y"), row(4, 2)], TASKS, DIGESTS)
    assert (found.surplus, found.missing, found.problems) == ((1,), ("b01-1",), ())


def test_a_spoilt_text_that_somebody_worked_on_stays_and_is_told() -> None:
    found = compare([row(1, 1, text="y", worked_on=True), row(4, 2)], TASKS, DIGESTS)
    assert found.settled
    assert [problem.code for _, _, problem in found.problems] == ["server-text-edited"]


def test_rows_of_no_task_are_left_alone() -> None:
    stranger = row(9, 7)
    found = compare([row(1, 1), row(2, 2), stranger, build_stranger()], TASKS, DIGESTS)
    assert found.settled
    assert found.strangers == (stranger, build_stranger())


def build_stranger() -> Row:
    return Row(id=10, text="z")


ROWS = st.lists(
    st.builds(row, st.just(0), st.integers(1, 3), text=st.sampled_from("xy"), worked_on=st.booleans()), max_size=12
).map(lambda rows: [Row(**{f: getattr(r, f) for f in r.__struct_fields__} | {"id": i}) for i, r in enumerate(rows, 1)])


@given(ROWS, st.sets(st.integers(1, 12)))
def test_no_work_is_ever_deleted_and_one_round_settles(rows: list[Row], confirmed: set[int]) -> None:
    first = compare(rows, TASKS, DIGESTS, frozenset(confirmed))
    assert not any(r.id in first.surplus for r in rows if r.worked_on or r.id in confirmed)
    after = [r for r in rows if r.id not in first.surplus]
    after += [row(100 + i, int(name[-1])) for i, name in enumerate(first.missing)]
    second = compare(after, TASKS, DIGESTS, frozenset(confirmed))
    assert second.settled
    for name in DIGESTS:
        copies = [r for r in after if r.gw_task_id == name]
        assert len(copies) == 1 or all(r.worked_on or r.id in confirmed for r in copies)
