"""The displayed text of a task, and labels in windows of an article, there and back."""

from __future__ import annotations

import random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from goldwire.doccano import conversion, export_rows
from goldwire.doccano.layers import join_layers
from goldwire.doccano.task_view import render_task
from goldwire.records import AnnotationLayer, Article, Task
from goldwire.sampling import windows
from goldwire.workspace.label_schema import parse_schema
from support import factories

SCHEMA = parse_schema(factories.SCHEMA, location="schema.toml")  # type: ignore[arg-type]
WORDS = st.sampled_from(["Ada", "\N{GRINNING FACE}", "Cafe\u0301", "said.", "किताब", "\u200d", "▼ ▼ ▼ ▼ ▼", "Bo. Cy"])
TEXTS = st.lists(st.tuples(WORDS, st.sampled_from([" ", "\n\n", "\n", "\r\n"])), min_size=1, max_size=40)


def tasks(article: Article, unit: windows.WindowUnit, size: int, context: int) -> list[Task]:
    return [
        Task(
            id=f"b01-{number:04d}",
            batch="b01",
            kind="entities",
            article_id=article.id,
            window=(part.start, part.end),
            target=None,
            text_sha256=article.text_sha256,
            annotators=("A1",),
            context=part.context,
        )
        for number, part in enumerate(windows.split_into_windows(article.text, unit, size, context), 1)
    ]


def random_layer(article: Article, parts: list[Task], luck: random.Random) -> AnnotationLayer:
    """Return spans within windows, with stances between spans of one window or held by the article's voice."""
    places, drawn = [], []
    for task in parts:
        here = set()
        for _ in range(luck.randrange(5)):
            start = luck.randrange(*task.window)
            here.add((start, luck.randint(start + 1, task.window[1]), luck.choice(["PER", "ORG"])))
        first = len(places)
        places += sorted(here)
        for target in range(first, len(places)):
            holder = luck.choice([None, *range(first, len(places))])
            if holder != target:
                drawn.append((holder, target, luck.choice(SCHEMA.stance_labels)))
    return factories.layer(article, places, drawn)


def row(task: Task, article: Article, labels: conversion.DoccanoLabels, **changes: object) -> export_rows.Row:
    """Return the row on the server after the labels were submitted."""
    made = msgspec.json.decode(conversion.import_line(task, article)) | {"id": 1, "Comments": []}
    made["entities"] = [
        {"id": i, "label": label, "start_offset": s, "end_offset": e} for i, (s, e, label) in enumerate(labels.spans)
    ]
    made["relations"] = [
        {"id": i, "from_id": f, "to_id": t, "type": kind} for i, (f, t, kind) in enumerate(labels.relations)
    ]
    return export_rows.parse_export(msgspec.json.encode(made | changes))[0][0]


@settings(max_examples=200)
@given(TEXTS, st.sampled_from(["paragraphs", "sentences"]), st.integers(1, 4), st.integers(0, 2), st.randoms())
def test_labels_in_windows_come_back_as_one_layer(
    pieces: list[tuple[str, str]], unit: windows.WindowUnit, size: int, context: int, luck: random.Random
) -> None:
    article = factories.article("".join(word + gap for word, gap in pieces))
    parts = tasks(article, unit, size, context)
    layer = random_layer(article, parts, luck)
    back = []
    for task in parts:
        labels = conversion.to_doccano(layer, task, article, SCHEMA.voice)
        spans, stances, problems = conversion.from_doccano(row(task, article, labels), task, article, SCHEMA)
        assert not problems
        back.append(msgspec.structs.replace(layer, spans=spans, stances=stances))
    assert join_layers(back, n_tasks=len(parts)) == layer


ARTICLE = factories.article("Head \N{GRINNING FACE}\n\nAda met Bo.\n\nCy left.\n\nThe end.")
TASKS = tasks(ARTICLE, "paragraphs", 1, 1)


def test_the_window_is_between_rows_of_triangles() -> None:
    shown = [render_task(task, ARTICLE).text for task in TASKS]
    assert shown[0] == "Head \N{GRINNING FACE}\n\n▲ ▲ ▲ ▲ ▲\n\nAda met Bo."
    assert shown[1] == "Head \N{GRINNING FACE}\n\n▼ ▼ ▼ ▼ ▼\n\nAda met Bo.\n\n▲ ▲ ▲ ▲ ▲\n\nCy left."
    assert shown[3] == "Cy left.\n\n▼ ▼ ▼ ▼ ▼\n\nThe end."


def test_a_label_in_the_context_is_left_out_and_reported_except_the_voice() -> None:
    text = render_task(TASKS[1], ARTICLE).text
    ada, head, cy = text.index("Ada") + 1, 0, text.index("Cy") + 1  # in UTF-16 units: past the emoji
    labels = conversion.DoccanoLabels(
        ((ada, ada + 3, "PER"), (cy, cy + 2, "PER"), (ada + 8, ada + 14, "ORG"), (head, 4, "VOICE")),
        ((3, 0, "supports"), (1, 0, "opposes")),
    )
    spans, stances, problems = conversion.from_doccano(row(TASKS[1], ARTICLE, labels), TASKS[1], ARTICLE, SCHEMA)
    assert [(problem.code, problem.label_only) for problem in problems] == [("server-span-in-context", True)] * 2
    assert [(span.text, span.start) for span in spans] == [("Ada", ARTICLE.text.index("Ada"))]
    assert [(stance.holder, stance.target, stance.stance) for stance in stances] == [(None, "T1", "supports")]


def test_an_article_is_confirmed_only_with_all_its_tasks() -> None:
    part = factories.layer(ARTICLE, [(8, 11, "PER")])
    assert not join_layers([part], n_tasks=2).confirmed
    assert join_layers([part, factories.layer(ARTICLE)], n_tasks=2).confirmed
    assert not join_layers([part, factories.layer(ARTICLE, confirmed=False)], n_tasks=2).confirmed
