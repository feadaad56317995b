"""Import and export on a real workspace, through the command line's own code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from goldwire.errors import ConfigError, ConflictError, DataError
from goldwire.formats.capabilities import without_losses
from goldwire.formats.document import documents_of, layers_of
from goldwire.formats.registry import find_format, known_formats, read_documents
from goldwire.records import AnnotationLayer, Decision
from goldwire.stages import adjudicate, agree, check, export, import_labels
from goldwire.workspace import jsonl, loading
from goldwire.workspace.layout import Workspace, find_workspace
from support.factories import copy_tiny_repo
from support.format_paths import path_for

BRAT_TEXT = "annotations/layers/b01/A1.jsonl"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    root = tmp_path / "workspace"
    copy_tiny_repo(root)
    return find_workspace(root, explicit=True)


def content(layers: tuple[AnnotationLayer, ...]) -> list[tuple[object, ...]]:
    return [(layer.article_id, layer.annotator, layer.spans, layer.stances) for layer in layers]


TWO_WAY = [n for n, f in known_formats().items() if f.capabilities.imports and f.capabilities.exports]


def labels_by_article(layers: tuple[AnnotationLayer, ...]) -> dict[tuple[str, str], object]:
    """Spans, stances and comments by annotator and article, by the offsets of the spans."""
    found = {}
    for layer in layers:
        spans = {span.id: (span.start, span.end, span.label) for span in layer.spans}
        stances = {(s.stance, spans.get(s.holder), spans.get(s.target), s.target_name) for s in layer.stances}
        found[layer.annotator, layer.article_id] = (set(spans.values()), stances, sorted(layer.comments))
    return found


@pytest.mark.parametrize("name", TWO_WAY)
def test_a_batch_comes_back_with_its_labels(workspace: Workspace, tmp_path: Path, name: str) -> None:
    chosen = find_format(name)
    if chosen.package is not None:
        pytest.importorskip(chosen.package)
    path = path_for(name, tmp_path)
    report = export.run(workspace, batch="b01", to=name, path=path, accept_loss=True)
    imported = import_labels.run(workspace, path, batch="b09")
    assert imported.format == ("conll" if name == "bioes" else name)
    assert imported.without_article == ()
    assert (imported.spans, imported.stances) == (report.spans, report.relations)
    texts = {article.id: article.text for article in loading.articles(workspace).values()}
    documents = [without_losses(d, chosen.capabilities) for d in documents_of(texts, loading.layers(workspace, "b01"))]
    expected = labels_by_article(tuple(layers_of(documents, batch="b01")))
    assert labels_by_article(loading.layers(workspace, "b09")) == expected
    assert agree.run(workspace, batch="b09", html=False).articles == 3
    codes = {finding.code for finding in check.run(workspace).findings}
    assert not {code for code in codes if code.startswith(("span-", "stance-", "layer-"))}


def test_the_last_answer_of_an_annotator_to_a_text_is_imported(workspace: Workspace, tmp_path: Path) -> None:
    text = next(iter(loading.articles(workspace).values())).text
    rows = [
        {"id": number, "text": text, "label": [[0, end, "PER"]], "Comments": []} for number, end in ((1, 3), (2, 4))
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    report = import_labels.run(workspace, tmp_path / "a.jsonl", batch="b09")
    assert (report.articles, report.spans, report.replaced) == (1, 1, 1)
    assert "1 answer was replaced by later ones" in report.to_text()
    (layer,) = loading.layers(workspace, "b09")
    assert layer.spans[0].end == 4


@pytest.mark.parametrize("name", ["prodigy", "csv", "brat"])
def test_a_span_outside_its_text_is_not_imported(workspace: Workspace, tmp_path: Path, name: str) -> None:
    text = next(iter(loading.articles(workspace).values())).text
    end = len(text) + 5
    path = path_for(name, tmp_path)
    if name == "prodigy":
        path.write_text(json.dumps({"text": text, "spans": [{"start": 0, "end": end, "label": "PER"}]}) + "\n")
    elif name == "csv":
        quoted = text.replace('"', '""')
        path.write_text(f'document,annotator,label,start,end,text\nd,ada,PER,0,{end},"{quoted}"\n')
    else:
        path.mkdir()
        (path / "a.txt").write_text(text)
        (path / "a.ann").write_text(f"T1\tPER 0 {end}\tAda\n")
    with pytest.raises(DataError, match=r"out") as raised:
        import_labels.run(workspace, path, batch="b09", source_format=name)
    assert str(end) in str(raised.value)
    assert "\n" not in str(raised.value)
    assert not (workspace.tasks / "b09.jsonl").exists()
    assert not (workspace.layers / "b09").exists()


def test_labels_that_a_format_cannot_hold_are_counted_before_anything_is_written(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "out"
    with pytest.raises(DataError, match=r"CoNLL-2003 \(BIO\) cannot hold .*relations \(27\)") as raised:
        export.run(workspace, batch="b01", to="conll", path=path)
    assert "--accept-loss" in (raised.value.hint or "")
    assert not path.exists()
    report = export.run(workspace, batch="b01", to="conll", path=path, accept_loss=True)
    assert report.losses["relations"] == 27
    with pytest.raises(ConflictError, match="exists already"):
        export.run(workspace, batch="b01", to="conll", path=path, accept_loss=True)


def test_gold_is_exported(workspace: Workspace, tmp_path: Path) -> None:
    report = export.run(workspace, batch=None, to="web-annotation", path=tmp_path / "gold.json")
    assert report.documents == len(loading.gold(workspace))
    assert report.annotators == 1


def test_documents_without_an_article_are_refused_or_skipped(workspace: Workspace, tmp_path: Path) -> None:
    export.run(workspace, batch="b01", to="brat", path=tmp_path / "out")
    for folder in (tmp_path / "out").iterdir():
        (folder / "foreign.txt").write_text("Ada spoke.")
        (folder / "foreign.ann").write_text("T1\tPER 0 3\tAda\n")
    with pytest.raises(DataError, match="1 of 4 documents have no article with their text: foreign"):
        import_labels.run(workspace, tmp_path / "out", batch="b09")
    assert not (workspace.tasks / "b09.jsonl").exists()
    report = import_labels.run(workspace, tmp_path / "out", batch="b09", skip_unknown=True)
    assert report.without_article == ("foreign",)
    assert report.articles == 3
    with pytest.raises(ConflictError, match="exists already"):
        import_labels.run(workspace, tmp_path / "out", batch="b09", skip_unknown=True)


def test_unknown_labels_are_counted_and_can_be_renamed(workspace: Workspace, tmp_path: Path) -> None:
    export.run(workspace, batch="b01", to="csv", path=tmp_path / "out.csv")
    text = (tmp_path / "out.csv").read_text().replace(",PER,", ",PERSON,")
    (tmp_path / "out.csv").write_text(text)
    with pytest.raises(ConfigError, match=r"the schema has no entity label PERSON \(\d+\)"):
        import_labels.run(workspace, tmp_path / "out.csv", batch="b09")
    import_labels.run(workspace, tmp_path / "out.csv", batch="b09", rename={"PERSON": "PER"})
    assert content(loading.layers(workspace, "b09")) == content(loading.layers(workspace, "b01"))


def test_people_become_pseudonyms(workspace: Workspace, tmp_path: Path) -> None:
    export.run(workspace, batch="b01", to="brat", path=tmp_path / "out")
    (tmp_path / "out/A2").rename(tmp_path / "out/maria")
    report = import_labels.run(workspace, tmp_path / "out", batch="b09")
    assert report.annotators == {"A1": "A1", "A3": "A3", "maria": "A2"}
    assert "maria is A2" in report.to_text()


def test_line_ends_and_decomposed_characters_do_not_move_offsets(workspace: Workspace, tmp_path: Path) -> None:
    export.run(workspace, batch="b01", to="doccano", path=tmp_path / "out", accept_loss=True)
    for file in (tmp_path / "out").iterdir():
        rows = [json.loads(line) for line in file.read_text().splitlines()]
        for row in rows:
            moved = [row["text"][:i].count("\n") for i in range(len(row["text"]) + 1)]
            for entity in row["entities"]:
                entity["start_offset"] += moved[entity["start_offset"]]
                entity["end_offset"] += moved[entity["end_offset"]]
            row["text"] = row["text"].replace("\n", "\r\n")
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    import_labels.run(workspace, tmp_path / "out", batch="b09")
    spans = [layer.spans for layer in loading.layers(workspace, "b09")]
    assert spans == [layer.spans for layer in loading.layers(workspace, "b01")]


def test_a_format_that_is_only_read_is_not_written(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="can only be imported"):
        export.run(workspace, batch="b01", to="huggingface", path=tmp_path / "out")
    assert {"huggingface"} == {n for n, f in known_formats().items() if not f.capabilities.exports}


def exported(workspace: Workspace, folder: Path, name: str) -> Path:
    path = folder / f"out-{name}{'.csv' if name == 'csv' else '.json'}"
    export.run(workspace, batch="b01", to=name, path=path, accept_loss=True)
    return path


def test_files_have_the_agreement_of_the_batch_that_they_hold(workspace: Workspace, tmp_path: Path) -> None:
    of_batch = agree.run(workspace, batch="b01", html=False)
    path = exported(workspace, tmp_path, "label-studio")
    of_files = agree.run_files([path])
    named = {value.name: value for value in of_files.values}
    for value in of_batch.values:
        if not value.coefficient.startswith("prelabel") and "prelabels" not in value.coefficient:
            other = named.get(value.name)
            assert other is not None or value.source, value.name
            assert other is None or (other.value, other.low) == pytest.approx((value.value, value.low), nan_ok=True)
    first, *lines = of_files.to_text().splitlines()
    assert first == "out-label-studio.json: 3 articles that two or more of A1, A2, A3 confirmed"
    assert lines[:9] == of_batch.to_text().splitlines()[1:10]


def test_files_of_different_tools_are_compared(workspace: Workspace, tmp_path: Path) -> None:
    export.run(workspace, batch="b01", to="brat", path=tmp_path / "brat", accept_loss=True)
    export.run(workspace, batch="b01", to="conllu", path=tmp_path / "conllu", accept_loss=True)
    report = agree.run_files([tmp_path / "brat/A1", tmp_path / "conllu/A2.conllu"], fail_under={"span_f1_exact": 0.99})
    assert report.annotators == ("A1", "A2")
    assert report.articles == 3
    assert report.exit_code == 1
    with pytest.raises(DataError, match=r"no document that two annotators finished \(annotators: anonymous\)"):
        agree.run_files([tmp_path / "brat/A1"])


@pytest.mark.parametrize("labels", [("opposes", "neutral", "supports"), ("1", "2", "10")])
def test_stances_that_are_on_a_scale_have_an_ordinal_alpha(tmp_path: Path, labels: tuple[str, ...]) -> None:
    low, middle, high = labels
    answers = [(low, low), (middle, high), (high, high), (low, middle), (high, middle), (low, low)]
    rows = [f"d{n},{who},{label}" for n, pair in enumerate(answers) for who, label in zip("ab", pair, strict=True)]
    path = tmp_path / "ratings.csv"
    path.write_text("item,rater,label\n" + "\n".join(rows))
    values = {value.name: value.value for value in agree.run_files([path]).values}
    assert values["stance_alpha_ordinal"] > values["stance_alpha_nominal"] > 0
    path.write_text(path.read_text().replace(f",{middle}\n", ",purple\n"))
    assert "stance_alpha_ordinal" not in {value.name for value in agree.run_files([path]).values}
    scaled = agree.run_files([path], scale=(low, "purple", high))
    assert {value.name: value.value for value in scaled.values}["stance_alpha_ordinal"] == pytest.approx(
        values["stance_alpha_ordinal"]
    )


def test_files_are_adjudicated_as_their_batch_is(workspace: Workspace, tmp_path: Path) -> None:
    path = exported(workspace, tmp_path, "argilla")
    of_batch = adjudicate.run(workspace, batch="b01", min_votes=1)
    report = adjudicate.run_files([path], out=tmp_path / "gold.json")
    counts = ("articles", "spans", "stances", "left_out", "resolved", "unresolved")
    assert [getattr(report, name) for name in counts] == [getattr(of_batch, name) for name in counts]
    (gold,) = {labels.annotator for d in read_documents(tmp_path / "gold.json", "argilla") for labels in d.labels}
    assert gold == "gold"
    decided = list(jsonl.read(tmp_path / "gold.json.decisions.jsonl", Decision))
    of_workspace = list(jsonl.read(workspace.gold / "b01.decisions.jsonl", Decision))
    assert [decision.description for decision in decided] == [decision.description for decision in of_workspace]
    with pytest.raises(ConflictError, match="exists already"):
        adjudicate.run_files([path], out=tmp_path / "gold.json")
    with pytest.raises(ConfigError, match="no annotator 'zoe'") as raised:
        adjudicate.run_files([path], out=tmp_path / "other.json", method="expert", expert="zoe")
    assert raised.value.hint == "available: A1, A2, A3"


def test_gold_that_the_format_cannot_hold_is_not_written(workspace: Workspace, tmp_path: Path) -> None:
    path = exported(workspace, tmp_path, "csv")
    with pytest.raises(DataError, match=r"CoNLL-2003 \(BIO\) cannot hold relations \(\d+\)"):
        adjudicate.run_files([path], out=tmp_path / "gold", to="conll")
    assert not [*tmp_path.glob("gold*")]
    report = adjudicate.run_files([path], out=tmp_path / "gold", to="conll", accept_loss=True)
    assert any(note.startswith("left out of gold: ") for note in report.notes)
