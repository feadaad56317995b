"""From a project's rows to an annotator's layers."""

from __future__ import annotations

from pathlib import Path

import msgspec

from goldwire.doccano.conversion import Comment, Entity, Row
from goldwire.doccano.layers import Asked, Collected, Found, collect, digests
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
) -> Collected:
    asked = Asked(
        batch="b01",
        annotator="A1",
        tasks=TASKS,
        articles=articles,
        digests=digests(TASKS, articles),
        schema=parse_schema(factories.SCHEMA, Path("schema.toml")),
        guidelines_version=version,
    )
    return collect(asked, Found(rows, frozenset(confirmed)), {layer.article_id: layer for layer in former})


def codes(of: Collected) -> list[tuple[str, str]]:
    return [(trouble.task, trouble.problem.code) for trouble in of.troubles]


ONE = factories.layer(ARTICLES["w-1"], [(0, 2, "PER")], confirmed=False)


def test_nothing_said_is_no_layer_and_ticked_done_without_a_label_is_one() -> None:
    found = collected([row(1), row(2)], confirmed=(2,))
    assert found.layers == (factories.layer(ARTICLES["w-2"]),)
    assert not found.troubles


def test_a_comment_alone_is_a_layer() -> None:
    (layer,) = collected([row(1, comments=(Comment(2, "b"), Comment(1, "a"))), row(2)]).layers
    assert (layer.comments, layer.confirmed) == (("a", "b"), False)


def test_labels_that_were_all_taken_back_leave_no_layer() -> None:
    assert collected([row(1), row(2)], ONE).layers == ()


def test_a_spoilt_row_keeps_the_former_layer_and_the_others_are_new() -> None:
    found = collected([row(1, "DOG"), row(2, "PER")], ONE)
    assert codes(found) == [("b01-1", "server-label-unknown")]
    assert (found.kept, [layer.article_id for layer in found.layers]) == (1, ["w-1", "w-2"])
    assert found.layers[0] is ONE


def test_a_spoilt_row_without_a_former_layer_gives_none() -> None:
    found = collected([row(1, "DOG"), row(2)])
    assert (found.layers, found.kept) == ((), 0)


def test_a_missing_row_is_told() -> None:
    assert codes(collected([row(2)], ONE)) == [("b01-1", "server-task-missing")]


def test_a_layer_that_says_the_same_keeps_its_versions() -> None:
    assert collected([row(1, "PER"), row(2)], ONE, version="2.0").layers == (ONE,)
    (changed,) = collected([row(1, "ORG"), row(2)], ONE, version="2.0").layers
    assert changed.guidelines_version == "2.0"
    (ticked,) = collected([row(1, "PER"), row(2)], ONE, version="2.0", confirmed=(1,)).layers
    assert ticked.guidelines_version == "2.0"


def test_an_article_that_changed_or_is_gone_is_told_and_not_taken_for_the_servers_fault() -> None:
    changed = {"w-1": factories.article("Another.", id="w-1"), "w-2": ARTICLES["w-2"]}
    assert codes(collected([row(1, "PER"), row(2)], ONE, articles=changed)) == [("b01-1", "task-text-changed")]
    gone = {"w-2": ARTICLES["w-2"]}
    found = collected([row(1, "PER"), row(2)], ONE, articles=gone)
    assert codes(found) == [("b01-1", "task-text-changed")]
    assert found.layers == (ONE,)


def test_labels_on_a_row_of_no_task_are_told() -> None:
    stranger = msgspec.structs.replace(row(1, "PER"), id=9, gw_task_id=None)
    assert codes(collected([row(1), row(2), stranger])) == [("b01", "server-example-unknown")]
    bare = msgspec.structs.replace(stranger, entities=())
    assert codes(collected([row(1), row(2), bare])) == []
