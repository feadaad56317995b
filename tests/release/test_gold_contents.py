"""Gold labels before they are released, compared by article and label."""

from __future__ import annotations

from goldwire.release.diff import compare
from goldwire.release.gold_contents import gold_contents
from goldwire.release.reader import load_release
from goldwire.workspace import jsonl
from goldwire.workspace.layout import find_workspace
from support.factories import article, layer, workspace
from support.paths import REPOSITORY

ARTICLE = article("Ada Ito met Bo Lund of Northmoor")


def test_gold_has_the_labels_that_the_release_has():
    tiny = REPOSITORY / "tests" / "tiny_repo"
    gold = gold_contents(find_workspace(tiny, explicit=True), "now")
    released = load_release(tiny, "0.0.1").contents()
    assert {id: (state.split, state.labels) for id, state in gold.articles.items()} == {
        id: (state.split, state.labels) for id, state in released.articles.items()
    }
    assert gold.label_descriptions == released.label_descriptions


def test_a_changed_span_and_a_changed_stance_are_listed_for_people(tmp_path):
    space = workspace(tmp_path / "trial")
    before = gold_contents(space, "main")
    assert before.articles == {}
    spans = [(0, 7, "PER"), (12, 19, "PER")]
    jsonl.write(space.gold / "b01.jsonl", [layer(ARTICLE, spans, [(0, 1, "supports")], annotator="gold")])
    first = gold_contents(space, "first")
    assert first.articles[ARTICLE.id].split == "no split"
    jsonl.write(space.gold / "b01.jsonl", [layer(ARTICLE, spans[:1], [(None, 0, "opposes")], annotator="gold")])
    text = compare(first, gold_contents(space, "now")).to_markdown()
    assert "- PER Bo Lund [12, 19)\n" in text
    assert "- supports Ada Ito [0, 7) to Bo Lund [12, 19)\n" in text
    assert "+ opposes the article to Ada Ito [0, 7)\n" in text
    assert "(no split): labels, 2 removed, 1 added" in text
    assert "No label, article or split changes." in compare(first, first).to_markdown()
