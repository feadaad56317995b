"""Conversion between records and the rows that Doccano imports and exports."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldwire.doccano import conversion, export_rows
from goldwire.records import Article, Task
from goldwire.workspace.label_schema import parse_schema
from support import factories

SCHEMA = parse_schema(factories.SCHEMA, location="schema.toml")  # type: ignore[arg-type]
TEXT = "Head \N{GRINNING FACE}\n\nCafe\u0301\r\nAda met Bo."


def task_of(article: Article, start: int = 0, end: int | None = None) -> Task:
    return Task(
        id="b01-0001",
        batch="b01",
        kind="entities",
        article_id=article.id,
        window=(start, len(article.text) if end is None else end),
        target=None,
        text_sha256=article.text_sha256,
        annotators=("A1",),
    )


def returned(
    article: Article, entities=(), relations=(), *, task: Task | None = None, **changes: object
) -> export_rows.Row:
    """Return a row as the server exports it, with spans `(start, end, label)` in UTF-16 units and ids 1, 2, ..."""
    line = json.loads(conversion.import_line(task or task_of(article), article))
    line |= {
        "id": 7,
        "entities": [
            {"id": i, "label": label, "start_offset": s, "end_offset": e} for i, (s, e, label) in enumerate(entities, 1)
        ],
        "relations": [{"id": i, "from_id": f, "to_id": t, "type": n} for i, (f, t, n) in enumerate(relations, 1)],
        "Comments": [],
    }
    (row,), unreadable = export_rows.parse_export(json.dumps(line | changes).encode())
    assert not unreadable
    return row


def codes(row: export_rows.Row, article: Article, task: Task | None = None) -> list[str]:
    return [problem.code for problem in conversion.from_doccano(row, task or task_of(article), article, SCHEMA)[2]]


def test_an_import_line_is_ascii_with_flat_metadata() -> None:
    article = factories.article(TEXT)
    line = conversion.import_line(task_of(article), article)
    assert line.isascii()
    row = json.loads(line)
    assert row.pop("text") == TEXT
    assert (row.pop("entities"), row.pop("relations")) == ([], [])
    assert all(key.startswith("gw_") and isinstance(value, str) for key, value in row.items())


def test_offsets_from_doccano_are_in_code_points() -> None:
    article = factories.article(TEXT)
    start = TEXT.index("Ada")
    spans, _, problems = conversion.from_doccano(
        returned(article, [(start + 1, start + 4, "PER")]), task_of(article), article, SCHEMA
    )
    assert not problems
    assert [(span.start, span.end, span.text) for span in spans] == [(start, start + 3, "Ada")]


@given(st.data())
def test_a_layer_converted_to_doccano_and_back_is_the_same(data: st.DataObject) -> None:
    text = data.draw(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip), label="text")
    article = factories.article(text)
    start = data.draw(st.integers(0, len(text) - 1))
    task = task_of(article, start, data.draw(st.integers(start + 1, len(text))))
    places = st.integers(*task.window)
    pairs = st.tuples(places, places, st.sampled_from(["PER", "ORG"]))
    spans = data.draw(st.lists(pairs.filter(lambda s: s[0] < s[1]), unique=True, max_size=5))
    index = st.sampled_from(range(len(spans))) if spans else st.nothing()
    drawn = st.tuples(st.one_of(st.none(), index), index, st.sampled_from(["supports", "opposes"]))
    stances = data.draw(st.lists(drawn, unique=True, max_size=5 if spans else 0))
    layer = factories.layer(article, spans, stances)
    out = conversion.to_doccano(layer, task, article, SCHEMA.voice)
    row = returned(article, out.spans, [(f + 1, t + 1, name) for f, t, name in out.relations], task=task)
    assert conversion.from_doccano(row, task, article, SCHEMA) == (layer.spans, layer.stances, ())


def test_exact_copies_count_once() -> None:
    article = factories.article(TEXT)
    entities = [(0, 4, "PER"), (0, 4, "PER"), (5, 7, "ORG")]
    relations = [(1, 3, "supports"), (2, 3, "supports"), (1, 3, "supports")]
    spans, stances, problems = conversion.from_doccano(
        returned(article, entities, relations), task_of(article), article, SCHEMA
    )
    assert not problems
    assert [(span.id, span.label) for span in spans] == [("T1", "PER"), ("T2", "ORG")]
    assert [(s.holder, s.target, s.stance) for s in stances] == [("T1", "T2", "supports")]


def test_a_stance_of_the_voice_has_no_holder() -> None:
    article = factories.article(TEXT)
    row = returned(article, [(0, 4, "VOICE"), (5, 7, "ORG")], [(1, 2, "opposes")])
    spans, stances, _ = conversion.from_doccano(row, task_of(article), article, SCHEMA)
    assert [span.label for span in spans] == ["ORG"]
    assert [(s.holder, s.target, s.stance) for s in stances] == [(None, "T1", "opposes")]


@pytest.mark.parametrize(
    ("entities", "relations", "changes", "code"),
    [
        ([], [], {"text": TEXT + "!"}, "server-text-edited"),
        ([], [], {"text": None}, "server-text-edited"),
        ([(0, 900, "PER")], [], {}, "server-span-out-of-range"),
        ([(0, 6, "PER")], [], {}, "server-span-out-of-range"),  # ends inside the emoji
        ([(0, 4, "DOG")], [], {}, "server-label-unknown"),
        ([(0, 4, "PER"), (5, 7, "ORG")], [(1, 2, "likes")], {}, "server-label-unknown"),
        ([(0, 4, "PER"), (5, 7, "VOICE")], [(1, 2, "opposes")], {}, "server-stance-target"),
    ],
)
def test_an_untrustworthy_row_is_a_problem_and_has_no_labels(entities, relations, changes, code: str) -> None:
    article = factories.article(TEXT)
    row = returned(article, entities, relations, **changes)
    assert conversion.from_doccano(row, task_of(article), article, SCHEMA)[:2] == ((), ())
    assert codes(row, article) == [code]


def test_lines_that_are_not_rows_are_reported_by_number() -> None:
    rows, unreadable = export_rows.parse_export(
        b'{"id":1,"text":"a"}\n{"id":"x","text":"b"}\n\nnonsense\n{"id":2,"text":"c"}\n'
    )
    assert [(row.id, row.line) for row in rows] == [(1, 1), (2, 5)]
    assert unreadable == (2, 4)
