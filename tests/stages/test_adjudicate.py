"""A batch's layers become gold and decisions on disk."""

from __future__ import annotations

import msgspec
import pytest

from goldwire.errors import GoldwireError
from goldwire.sampling.options import SamplingOptions
from goldwire.stages import adjudicate, agree, check, sample
from goldwire.workspace import jsonl, loading
from goldwire.workspace.layout import find_workspace
from support.factories import article, copy_tiny_repo, layer, workspace

ONE = article("Ada Ito backs Bo Lund", id="wire-000000000001")
TWO = article("Bo Lund sleeps", id="wire-000000000002")


@pytest.fixture
def space(tmp_path):
    made = workspace(tmp_path / "trial")
    jsonl.write(made.articles / "wire.jsonl", [ONE, TWO])
    return made


def annotate(space, name, *layers):
    jsonl.write(space.layers / "b01" / f"{name}.jsonl", layers)


def test_gold_and_decisions_are_written(space):
    annotate(space, "A1", layer(ONE, [(0, 7, "PER")]), layer(TWO, [(0, 7, "PER")]))
    annotate(space, "A2", layer(ONE, [(0, 7, "ORG")], annotator="A2"))
    report = adjudicate.run(space, batch="b01")
    assert (report.articles, report.single_annotator, report.spans, report.unresolved) == (2, 1, 1, {"label": 1})
    first, second = loading.gold(space)
    assert (first.annotator, first.confirmed, first.spans) == ("gold", True, ())
    assert [span.text for span in second.spans] == ["Bo Lund"]
    assert [decision.dispute or decision.provenance for decision in loading.decisions(space)] == ["label", "single"]


def test_a_batch_without_confirmed_layers_is_an_error_and_its_gold_stays(space):
    annotate(space, "A1", layer(ONE, [], annotator="A1"))
    adjudicate.run(space, batch="b01")
    before = (space.gold / "b01.jsonl").read_bytes()
    annotate(space, "A1", layer(ONE, [], annotator="A1", confirmed=False))
    with pytest.raises(GoldwireError, match="none of its layers is confirmed"):
        adjudicate.run(space, batch="b01")
    assert (space.gold / "b01.jsonl").read_bytes() == before


def test_an_unconfirmed_layer_never_votes(space):
    annotate(space, "A1", layer(ONE, [(0, 7, "PER")]))
    annotate(space, "A2", layer(ONE, [], annotator="A2", confirmed=False), layer(TWO, annotator="A2", confirmed=False))
    report = adjudicate.run(space, batch="b01")
    assert (report.spans, report.unconfirmed, report.without_votes) == (1, 2, 1)
    assert [layer.article_id for layer in loading.gold(space)] == [ONE.id]


def test_the_workspace_sets_the_minimum_of_votes(space):
    (space.root / "pyproject.toml").write_text('[tool.goldwire]\nname = "trial"\nmin_votes = 2\n')
    strict = find_workspace(space.root, explicit=True)
    annotate(space, "A1", layer(ONE, [(0, 7, "PER")]))
    assert adjudicate.run(strict, batch="b01").spans == 0
    assert adjudicate.run(strict, batch="b01", min_votes=1).spans == 1


def test_a_second_run_writes_the_same_bytes_and_no_layers(space):
    annotate(space, "A1", layer(ONE, [(0, 7, "PER")]))
    before = (space.layers / "b01" / "A1.jsonl").read_bytes()
    adjudicate.run(space, batch="b01")
    gold = {path.name: path.read_bytes() for path in space.gold.iterdir()}
    adjudicate.run(space, batch="b01")
    assert {path.name: path.read_bytes() for path in space.gold.iterdir()} == gold
    assert (space.layers / "b01" / "A1.jsonl").read_bytes() == before


def test_a_layer_of_another_text_is_an_error(space):
    annotate(space, "A1", layer(article("Ada Ito backs Bo Lunde", id=ONE.id), [(0, 7, "PER")]))
    with pytest.raises(GoldwireError, match=ONE.id):
        adjudicate.run(space, batch="b01")
    assert not space.gold.exists()


def test_the_experts_labels_become_gold(space):
    for name, label in (("A1", "PER"), ("A2", "PER"), ("E1", "ORG")):
        annotate(space, name, layer(ONE, [(0, 7, label)], annotator=name))
    adjudicate.run(space, batch="b01", method="expert", expert="E1")
    assert [span.label for span in loading.gold(space)[0].spans] == ["ORG"]


@pytest.mark.parametrize("method", ["dawid-skene", "mace"])
def test_a_model_of_the_annotators_adds_its_posterior(space, method):
    for name in ("A1", "A2", "A3"):
        annotate(space, name, layer(ONE, [(0, 7, "PER")], annotator=name), layer(TWO, [(0, 7, "PER")], annotator=name))
    adjudicate.run(space, batch="b01", method=method)
    assert [span.label for layer in loading.gold(space) for span in layer.spans] == ["PER", "PER"]
    assert all(decision.posterior > 0.8 for decision in loading.decisions(space))


@pytest.mark.parametrize(
    "options",
    [
        {"method": "vote"},
        {"min_votes": 0},
        {"method": "expert"},
        {"expert": "A1"},
        {"method": "expert", "expert": "A9"},
    ],
)
def test_contradictory_options_are_errors(space, options):
    annotate(space, "A1", layer(ONE, [(0, 7, "PER")]))
    with pytest.raises(GoldwireError):
        adjudicate.run(space, batch="b01", **options)


def test_an_expert_does_not_vote(space):
    for name, label in (("A1", "PER"), ("A2", "ORG"), ("E1", "ORG")):
        annotate(space, name, layer(ONE, [(0, 7, label)], annotator=name, comments=("T1: a body",)))
    assert {layer.annotator for layer in loading.load_layers(space.root, "b01")} == {"A1", "A2"}
    assert adjudicate.run(space, batch="b01").unresolved == {"label": 1}
    report = adjudicate.run(space, batch="b01", method="expert", expert="E1")
    assert (report.unresolved, report.spans) == ({}, 1)
    (made,) = loading.decisions(space)
    assert (made.provenance, made.comment, made.n_votes, made.n_voters) == ("expert", "a body", 1, 2)


def test_an_experts_layers_change_neither_agreement_nor_findings(tmp_path):
    copy_tiny_repo(tmp_path / "w")
    space = find_workspace(tmp_path / "w", explicit=True)
    agree.run(space, batch="b01", html=False)
    measured = space.agreement / "b01.json"
    before = measured.read_bytes()
    own = [
        msgspec.structs.replace(layer, annotator="E1", spans=(), stances=())
        for layer in loading.layers(space, "b01")
        if layer.annotator == "A1"
    ]
    jsonl.write(space.layers / "b01" / "E1.jsonl", own)
    agree.run(space, batch="b01", html=False)
    assert measured.read_bytes() == before
    assert check.run(space).findings == ()
    report = adjudicate.run(space, batch="b01", method="expert", expert="E1")
    assert (report.spans, report.unresolved) == (0, {})


def test_an_expert_gets_no_tasks_as_an_annotator(tmp_path):
    copy_tiny_repo(tmp_path / "w")
    with pytest.raises(GoldwireError, match="expert"):
        sample.run(
            find_workspace(tmp_path / "w", explicit=True),
            batch="b02",
            annotators=("A1", "E1"),
            options=SamplingOptions(overlap=2),
        )
