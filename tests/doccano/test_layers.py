"""From a project's rows to an annotator's layers."""

from __future__ import annotations

from pathlib import Path

import msgspec

from goldwire.doccano.client.label_types import LabelTypes
from goldwire.doccano.export_rows import Comment, Entity, Row
from goldwire.doccano.layers import Assignment, Collected, ProjectRows, collect, task_digests
from goldwire.doccano.lost_work import PullHistory, Receipt
from goldwire.records import AnnotationLayer, Article, Task
from goldwire.workspace.label_schema import parse_schema
from support import factories

ARTICLES = {a.id: a for a in (factories.article("Ada met Bo.", id="w-1"), factories.article("Bo left.", id="w-2"))}
TASKS = tuple(
    Task(
        id=f"b01-{number}",
        batch="b01",
        kind="entities",
        article_id=article.id,
        window=(0, len(article.text)),
        target=None,
        text_sha256=article.text_sha256,
        annotators=("A1",),
    )
    for number, article in enumerate(ARTICLES.values(), 1)
)


PROVEN = PullHistory(receipt=Receipt(label_types=LabelTypes()), is_proven=True)
"""The history of a server that has everything that it had at the last pull."""


def row(number: int, *labels: str, id: int = 0, text: str | None = None, comments: tuple[Comment, ...] = ()) -> Row:
    entities = tuple(Entity(i, label, 0, 2) for i, label in enumerate(labels, 1))
    shown = ARTICLES[f"w-{number}"].text if text is None else text
    return Row(id or number, shown, f"b01-{number}", entities=entities, comments=comments, line=number)


def collected(
    rows: list[Row],
    *former: AnnotationLayer,
    confirmed: tuple[int, ...] = (),
    version: str = "1.0",
    articles: dict[str, Article] = ARTICLES,
    history: PullHistory = PROVEN,
) -> Collected:
    assignment = Assignment(
        batch="b01",
        annotator="A1",
        tasks=TASKS,
        articles=articles,
        digests=task_digests(TASKS, articles),
        schema=parse_schema(factories.SCHEMA, Path("schema.toml")),
        guidelines_version=version,
    )
    project = ProjectRows.in_memory(rows, frozenset(confirmed))
    return collect(assignment, project, {layer.article_id: layer for layer in former}, history)


def codes(of: Collected) -> list[tuple[str, str]]:
    return [(problem.item, problem.problem.code) for problem in of.problems]


ONE = factories.layer(ARTICLES["w-1"], [(0, 2, "PER")], confirmed=False)


def test_an_untouched_row_has_no_layer_and_a_tick_without_labels_has_one() -> None:
    pulled = collected([row(1), row(2)], confirmed=(2,))
    assert pulled.layers == (factories.layer(ARTICLES["w-2"]),)
    assert not pulled.problems


def test_a_comment_alone_is_a_layer() -> None:
    (layer,) = collected([row(1, comments=(Comment(2, "b"), Comment(1, "a"))), row(2)]).layers
    assert (layer.comments, layer.confirmed) == (("a", "b"), False)


def test_a_row_whose_labels_were_all_removed_has_no_layer() -> None:
    assert collected([row(1), row(2)], ONE).layers == ()


def test_a_row_with_a_problem_keeps_the_former_layer_and_other_rows_are_new() -> None:
    pulled = collected([row(1, "DOG"), row(2, "PER")], ONE)
    assert codes(pulled) == [("b01-1", "server-label-unknown")]
    assert (pulled.counts.carried_over, [layer.article_id for layer in pulled.layers]) == (1, ["w-1", "w-2"])
    assert pulled.layers[0] is ONE


def test_a_row_with_a_problem_and_no_former_layer_has_no_layer() -> None:
    pulled = collected([row(1, "DOG"), row(2)])
    assert (pulled.layers, pulled.counts.carried_over) == ((), 0)


def test_a_missing_row_is_reported() -> None:
    assert codes(collected([row(2)], ONE)) == [("b01-1", "server-task-missing")]


def test_a_layer_with_the_same_annotations_keeps_its_versions() -> None:
    assert collected([row(1, "PER"), row(2)], ONE, version="2.0").layers == (ONE,)
    (changed,) = collected([row(1, "ORG"), row(2)], ONE, version="2.0").layers
    assert changed.guidelines_version == "2.0"
    (ticked,) = collected([row(1, "PER"), row(2)], ONE, version="2.0", confirmed=(1,)).layers
    assert ticked.guidelines_version == "2.0"


def test_a_changed_or_missing_article_is_reported_as_such() -> None:
    changed = {"w-1": factories.article("Another.", id="w-1"), "w-2": ARTICLES["w-2"]}
    assert codes(collected([row(1, "PER"), row(2)], ONE, articles=changed)) == [("b01-1", "task-text-changed")]
    gone = {"w-2": ARTICLES["w-2"]}
    pulled = collected([row(1, "PER"), row(2)], ONE, articles=gone)
    assert codes(pulled) == [("b01-1", "task-text-changed")]
    assert pulled.layers == (ONE,)


def test_labels_on_a_row_of_no_task_are_reported() -> None:
    stranger = msgspec.structs.replace(row(1, "PER"), id=9, gw_task_id=None)
    assert codes(collected([row(1), row(2), stranger])) == [("b01", "server-example-unknown")]
    bare = msgspec.structs.replace(stranger, entities=())
    assert codes(collected([row(1), row(2), bare])) == []


def test_tasks_are_counted_as_done_or_started() -> None:
    counts = collected([row(1, "PER"), row(2)], confirmed=(2,)).counts
    assert (counts.done, counts.started, counts.carried_over) == (1, 1, 0)


def test_the_tasks_of_a_layer_that_is_carried_over_count_as_in_the_last_pull() -> None:
    former = msgspec.structs.replace(ONE, confirmed=True)
    counts = collected([row(1, "DOG"), row(2)], former).counts
    assert (counts.done, counts.started, counts.carried_over) == (1, 0, 1)


def test_an_emptied_row_keeps_its_layer_unless_the_server_proves_that_it_lost_nothing() -> None:
    pulled = collected([row(1), row(2)], ONE, history=PullHistory())
    assert (pulled.layers, pulled.losses.causes) == ((ONE,), {"w-1": "lost"})
    assert pulled.losses.lost[0].counts() == {"PER": 1}
    assert (pulled.counts.carried_over, pulled.problems) == (1, ())


def test_a_row_that_replaces_another_counts_once_it_is_ticked_done() -> None:
    history = msgspec.structs.replace(PROVEN, rows={"b01-1": frozenset({1}), "b01-2": frozenset({2})})
    other_row = row(1, "ORG", id=7)
    started = collected([other_row, row(2)], ONE, history=history)
    assert (started.layers, started.losses.causes) == ((ONE,), {"w-1": "replaced"})
    done = collected([other_row, row(2)], ONE, history=history, confirmed=(7,))
    assert [span.label for span in done.layers[0].spans] == ["ORG"]
    assert not done.losses.causes


def test_a_missing_row_is_one_that_will_be_replaced() -> None:
    assert collected([row(2)], ONE).losses.causes == {"w-1": "replaced"}


def test_loss_can_be_accepted() -> None:
    history = PullHistory(accept_loss=True)
    assert collected([row(1), row(2)], ONE, history=history).layers == ()
