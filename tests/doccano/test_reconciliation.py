"""The difference between a project's rows and the planned tasks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from goldwire.doccano.export_rows import RowSummary
from goldwire.doccano.reconciliation import diff
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


def row(id: int, number: int, *, text: str = "x", worked_on: bool = False) -> RowSummary:
    return RowSummary(id=id, task_id=f"b01-{number}", text_sha256=text_digest(text), worked_on=worked_on)


TASKS = (task(1), task(2))
DIGESTS = dict.fromkeys(("b01-1", "b01-2"), text_digest("x"))
FOREIGN = RowSummary(id=10, task_id=None, text_sha256=text_digest("z"), worked_on=False)


def test_a_project_with_each_task_once_is_in_sync() -> None:
    difference = diff([row(1, 1), row(2, 2)], TASKS, DIGESTS)
    assert difference.in_sync
    assert not difference.problems


def test_missing_tasks_are_in_plan_order() -> None:
    assert diff([], TASKS, DIGESTS).missing == ("b01-1", "b01-2")


def test_the_oldest_copy_is_kept() -> None:
    difference = diff([row(3, 1), row(1, 1), row(2, 1), row(4, 2)], TASKS, DIGESTS)
    assert (difference.redundant, difference.chosen["b01-1"].id) == ((2, 3), 1)


def test_the_copy_with_work_is_kept() -> None:
    difference = diff([row(1, 1), row(2, 1, worked_on=True), row(4, 2)], TASKS, DIGESTS)
    assert (difference.redundant, difference.chosen["b01-1"].id) == ((1,), 2)


def test_the_copy_that_was_ticked_done_without_a_label_is_kept() -> None:
    difference = diff([row(1, 1), row(2, 1), row(4, 2)], TASKS, DIGESTS, frozenset({2}))
    assert (difference.redundant, difference.chosen["b01-1"].id) == ((1,), 2)


def test_two_copies_with_work_are_a_problem_for_a_person() -> None:
    difference = diff([row(1, 1, worked_on=True), row(2, 1, worked_on=True), row(4, 2)], TASKS, DIGESTS)
    assert difference.in_sync
    assert [(problem.code, copy.id) for _, copy, problem in difference.problems] == [("server-task-duplicate", 2)]


def test_an_edited_text_without_work_is_replaced() -> None:
    difference = diff([row(1, 1, text="y"), row(4, 2)], TASKS, DIGESTS)
    assert (difference.redundant, difference.missing, difference.problems) == ((1,), ("b01-1",), ())


def test_an_edited_text_with_work_is_kept_and_reported() -> None:
    difference = diff([row(1, 1, text="y", worked_on=True), row(4, 2)], TASKS, DIGESTS)
    assert difference.in_sync
    assert [problem.code for _, _, problem in difference.problems] == ["server-text-edited"]


def test_rows_of_other_tasks_are_kept() -> None:
    unplanned = row(9, 7)
    difference = diff([row(1, 1), row(2, 2), unplanned, FOREIGN], TASKS, DIGESTS)
    assert difference.in_sync
    assert difference.unknown == (unplanned, FOREIGN)
    assert difference.unplanned == 1


def test_force_deletes_unplanned_rows_and_keeps_rows_of_others() -> None:
    rows = [row(1, 1), row(2, 2), row(8, 7), row(9, 7, worked_on=True), FOREIGN]
    difference = diff(rows, TASKS, DIGESTS, force=True)
    assert (difference.redundant, difference.to_delete_with_work) == ((8,), (9,))
    assert difference.unknown == (FOREIGN,)


def test_force_keeps_the_copy_that_is_ticked_done() -> None:
    rows = [row(1, 1, text="y", worked_on=True), row(2, 1, worked_on=True), row(3, 1), row(5, 1), row(4, 2)]
    difference = diff(rows, TASKS, DIGESTS, frozenset({3}), force=True)
    assert difference.chosen["b01-1"].id == 3
    assert (difference.to_delete_with_work, difference.redundant) == ((1, 2), (5,))
    assert not difference.problems


def test_rows_of_an_aborted_import_are_replaced() -> None:
    difference = diff([row(1, 1), row(2, 2)], TASKS, DIGESTS, incomplete=frozenset({1}))
    assert (difference.redundant, difference.missing) == ((1,), ("b01-1",))


ROW_FIELDS = st.lists(st.tuples(st.integers(1, 3), st.sampled_from("xy"), st.booleans()), max_size=12)


@given(ROW_FIELDS, st.sets(st.integers(1, 12)))
def test_no_work_is_ever_deleted_and_one_round_suffices(fields: list[tuple[int, str, bool]], ticked: set[int]) -> None:
    confirmed = frozenset(ticked)
    rows = [row(id, number, text=text, worked_on=work) for id, (number, text, work) in enumerate(fields, 1)]
    first = diff(rows, TASKS, DIGESTS, confirmed)
    assert not any(r.id in first.redundant for r in rows if r.worked_on or r.id in confirmed)
    after = [r for r in rows if r.id not in first.redundant]
    after += [row(100 + i, int(task_id[-1])) for i, task_id in enumerate(first.missing)]
    assert diff(after, TASKS, DIGESTS, confirmed).in_sync
    for task_id in DIGESTS:
        copies = [r for r in after if r.task_id == task_id]
        assert len(copies) == 1 or all(r.worked_on or r.id in confirmed for r in copies)
