"""The whole loop on articles of the sample: machine labels, holdout, annotators on the real server, agreement, gold."""

from __future__ import annotations

from pathlib import Path

import msgspec

from goldwire.agreement.prelabel_effect import EFFECT_ON_AGREEMENT, EFFECT_ON_LABELS
from goldwire.records import AnnotationLayer, number_layer
from goldwire.sampling.options import SamplingOptions
from goldwire.stages import adjudicate, agree, certify, check, plan, prelabel, pull, push, sample
from goldwire.testing import SyntheticAnnotator, annotate
from goldwire.workspace import jsonl, loading
from goldwire.workspace.layout import find_workspace
from support import annotation_round, factories
from support.paths import REPOSITORY

_SHORT = 700  # characters of an article that are annotated here: the server takes 10 ms per label


def _beginning(layer: AnnotationLayer) -> AnnotationLayer:
    spans = [span for span in layer.spans if span.end <= _SHORT]
    ids = {span.id for span in spans} | {None}
    stances = [stance for stance in layer.stances if {stance.holder, stance.target} <= ids]
    numbered, drawn = number_layer(spans, stances)
    return msgspec.structs.replace(layer, spans=numbered, stances=drawn)


def test_from_machine_labels_to_certified_gold(connected, tmp_path: Path) -> None:
    repository = find_workspace(REPOSITORY)
    tag = annotation_round.plan(tmp_path / "tag", ["Head\n\nBody."], people=4)
    space, people = factories.workspace(tmp_path / "w", name=tag.workspace.settings.name + " loop"), tag.people
    for path in ("schema.toml", "GUIDELINES.md"):
        (space.annotations / path).write_bytes((repository.annotations / path).read_bytes())
    gold = {layer.article_id: layer for layer in loading.gold(repository) if layer.spans}
    b01 = sorted({task.article_id for task in loading.tasks(repository, "b01")} & gold.keys())[:8]
    others = [layer for key, layer in gold.items() if key not in b01 and layer.batch == "b02"]
    articles = loading.articles(repository)
    factories.write_articles(space, [articles[key] for key in (*b01, *(layer.article_id for layer in others))])
    jsonl.write(space.gold / "b02.jsonl", others)

    sample.run(space, batch="b01", annotators=people, options=SamplingOptions(overlap=4, articles=tuple(b01)))
    machine = prelabel.run(space, batch="b01", source="gazetteer")
    assert (machine.machine, machine.articles) == ("M1", 8)
    assert machine.spans > 50
    pushed = push.run(space, batch="b01", prelabel="M1", holdout=0.25)
    assert pushed.prelabels is not None
    assert (pushed.prelabels.source, pushed.prelabels.holdout) == ("layer:M1", 2)

    truth = [_beginning(msgspec.structs.replace(gold[key], batch="b01")) for key in b01]
    texts = {key: articles[key].text for key in b01}
    kinds = ("careful", "careful", "careful", "swapper")
    layers = [
        layer
        for name, kind in zip(people, kinds, strict=True)
        for layer in annotate(truth, texts, SyntheticAnnotator(name=name, kind=kind), seed=3)
    ]
    trial = annotation_round.AnnotationRound(space, "b01", people)
    annotation_round.submit(trial, pushed, layers)
    assert not pull.run(space, batch="b01").findings
    blank = {layer.article_id for layer in loading.layers(space, "b01") if not layer.prelabels}
    assert len(blank) == 2

    measured = agree.run(space, batch="b01", html=False)
    assert measured.annotators == people
    effects = {
        value.coefficient: value
        for value in measured.values
        if value.coefficient in (EFFECT_ON_LABELS, EFFECT_ON_AGREEMENT)
    }
    assert effects[EFFECT_ON_LABELS].value > 0.1  # who starts from suggestions keeps them here
    assert effects[EFFECT_ON_AGREEMENT].n_groups == 8
    certified = certify.run(space, batch="b01", machine="M1").certificate
    spans = next(unit for unit in certified.units if unit.unit == "span")
    assert not spans.is_certified  # names that the gold of other batches does not have are missing
    assert spans.risk is None  # a gazetteer states no confidence
    planned = plan.run(space, batch="b01", precision=0.05)
    assert "span_f1_exact" in {one.coefficient for one in planned.plans}
    adjudicated = adjudicate.run(space, batch="b01")
    assert adjudicated.articles == 8
    errors = [finding for finding in check.run(space).findings if finding.file.startswith("annotations/")]
    assert {finding.code for finding in errors} & {
        "agreement-stale",
        "prelabels-stale",
        "layer-field-misplaced",
        "gold-stale",
    } == set()
