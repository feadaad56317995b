"""Articles in many scripts with random labels: what comes back is what was sent, byte for byte.

Forty articles in an ordinary run; GOLDWIRE_ROUNDTRIP=2000 tries 2,000.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import msgspec
import pytest

from goldwire.doccano import conversion
from goldwire.doccano.client import session
from goldwire.doccano.client.upload import upload
from goldwire.doccano.sync import CHUNK
from goldwire.records import AnnotationLayer, Article, text_digest
from goldwire.stages import pull, push
from goldwire.workspace import jsonl, loading
from support import annotation_round, factories
from support.unicode_samples import article

NUMBER = int(os.environ.get("GOLDWIRE_ROUNDTRIP", "40"))


def layer(rng: random.Random, trial: Article, annotator: str) -> AnnotationLayer:
    """Return random spans, which may split graphemes but no code point, and random stances between them."""
    places = set()
    for _ in range(rng.randint(0, 12)):
        start = rng.randrange(len(trial.text))
        places.add((start, rng.randint(start + 1, min(len(trial.text), start + 30)), rng.choice(("PER", "ORG"))))
    spans = sorted(places)
    pairs = {tuple(rng.sample(range(len(spans)), 2)) for _ in range(rng.randint(0, 4))} if len(spans) > 1 else set()
    voiced = {(None, rng.randrange(len(spans)))} if spans and rng.random() < 0.3 else set()
    stances = [(*pair, rng.choice(("supports", "opposes", "neutral"))) for pair in sorted(pairs) + sorted(voiced)]
    return factories.layer(trial, spans, stances, annotator=annotator, confirmed=False)


def labelled_row(plain: bytes, labels: conversion.DoccanoLabels) -> bytes:
    """Return the row with its labels: submitting 2,000 layers label by label takes a quarter of an hour."""
    row = msgspec.json.decode(plain)
    row["entities"] = [
        {"id": i, "start_offset": start, "end_offset": end, "label": label}
        for i, (start, end, label) in enumerate(labels.spans)
    ]
    row["relations"] = [{"from_id": a, "to_id": b, "type": kind} for a, b, kind in labels.relations]
    return msgspec.json.encode(row) + b"\n"


@pytest.mark.timeout(600 + NUMBER)
def test_random_layers_come_back_byte_for_byte(connected, tmp_path: Path) -> None:
    rng = random.Random(NUMBER)
    space = factories.workspace(tmp_path / "w", name=f"unicode {text_digest(str(tmp_path))[:8]}")
    name = f"U{text_digest(str(tmp_path))[:8]}"
    factories.write_articles(space, [article(rng, i) for i in range(NUMBER)])
    trial = annotation_round.plan_people(space, (name,))
    where = push.run(space, batch="b01").annotators[0].project
    signed_in, articles = session.connect(space), trial.articles
    layers = {task.id: layer(rng, articles[task.article_id], name) for task in trial.tasks}
    examples = [row["id"] for row in signed_in.http.pages(f"projects/{where}/examples")]
    signed_in.http.delete(f"projects/{where}/examples", {"ids": examples})
    rows = []
    for task in trial.tasks:
        one = articles[task.article_id]
        labels = conversion.to_doccano(layers[task.id], task, one, annotation_round.VOICE)
        rows.append(labelled_row(conversion.import_line(task, one), labels))
    for start in range(0, len(rows), CHUNK):
        upload(signed_in, where, rows[start : start + CHUNK])
    assert not push.run(space, batch="b01").annotators[0].added
    report = pull.run(space, batch="b01")
    assert not report.findings
    wanted = sorted((layer for layer in layers.values() if layer.spans), key=lambda one: one.article_id)
    assert (space.layers / "b01" / f"{name}.jsonl").read_bytes() == jsonl.dump(wanted)
    assert loading.layers(space, "b01") == tuple(wanted)
