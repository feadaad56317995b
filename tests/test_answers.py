"""The gold of an article that was asked about twice."""

from __future__ import annotations

from pathlib import Path

import msgspec

import build
from goldwire import jsonl, load
from goldwire.answers import merge
from goldwire.records import AnnotationLayer, Article, StanceLabel, Task
from goldwire.released import load_release
from goldwire.stages import adjudicate, check, release, split

ARTICLE = build.article("Ada Ito backs Bo Lund\n\nShe said so.")
MARKED = build.layer(ARTICLE, [(0, 7, "PER"), (14, 21, "PER")], [(0, 1, "supports")], annotator="gold", batch="b01")


def named(article: Article, *stances: tuple[str, str], annotator: str = "gold", batch: str = "s01") -> AnnotationLayer:
    drawn = tuple(
        StanceLabel(id=f"R{n}", holder=None, target_name=target, stance=stance)
        for n, (target, stance) in enumerate(stances, 1)
    )
    return msgspec.structs.replace(build.layer(article, annotator=annotator, batch=batch), stances=drawn)


def test_stances_to_names_follow_on_those_between_mentions() -> None:
    whole = merge([MARKED, named(ARTICLE, ("Ada Ito", "neutral"), ("Bo Lund", "opposes"))])[ARTICLE.id]
    assert (whole.layer.spans, whole.layer.batch) == (MARKED.spans, "b01")
    assert [(one.id, one.target_name) for one in whole.layer.stances] == [
        ("R1", None),
        ("R2", "Ada Ito"),
        ("R3", "Bo Lund"),
    ]
    assert whole.units["b01", "R1"] == "R1"
    assert whole.units["s01", "R1"] == "R2"
    assert whole.batches == {"b01", "s01"}


def test_one_layer_is_itself_and_of_two_alike_the_last_counts() -> None:
    alone = named(ARTICLE, ("Ada Ito", "neutral"))
    assert merge([alone])[ARTICLE.id].layer == alone
    again = msgspec.structs.replace(MARKED, batch="b02", stances=())
    assert merge([MARKED, again])[ARTICLE.id].layer == again
    assert merge([MARKED, again])[ARTICLE.id].batches == {"b02"}


def task(article: Article, batch: str, target: str | None = None) -> Task:
    return Task(
        id=f"{batch}-{article.id[-4:]}",
        batch=batch,
        kind="entities" if target is None else "stance",
        article_id=article.id,
        start=0,
        end=len(article.text),
        target=target,
        text_sha256=article.text_sha256,
        annotators=("A1", "A2", "A3") if target is None else ("A1", "A2"),
    )


def test_a_release_has_both_with_their_votes(tmp_path: Path) -> None:
    space = build.workspace(tmp_path / "w")
    articles = [build.article(f"Ada Ito backs Bo Lund\n\nStory {n}.", id=f"wire-{n:012d}") for n in range(6)]
    build.write_articles(space, articles)
    space.sources.write_text('[wire]\nname = "W"\nlanguage = "en"\nlicence = "CC0-1.0"\nredistribute = true\n')
    jsonl.write(space.tasks / "b01.jsonl", [task(article, "b01") for article in articles])
    jsonl.write(space.tasks / "s01.jsonl", [task(article, "s01", "Ada Ito") for article in articles])
    for name in ("A1", "A2", "A3"):
        spans, drawn = [(0, 7, "PER"), (14, 21, "PER")], [(0, 1, "supports")]
        layers = [build.layer(article, spans, drawn, annotator=name) for article in articles]
        jsonl.write(space.layers / "b01" / f"{name}.jsonl", layers)
    for name in ("A1", "A2"):
        layers = [named(article, ("Ada Ito", "opposes"), annotator=name) for article in articles]
        jsonl.write(space.layers / "s01" / f"{name}.jsonl", layers)
    for batch in ("b01", "s01"):
        adjudicate.run(space, batch=batch)
    assert len(load.gold(space)) == 12
    split.run(space)
    release.run(space)
    rows = [
        row
        for part in ("train", "validation", "test")
        for row in load_release(space.root, "0.0.1").rows("stance", part)
    ]
    told = {(row["holder"], row["target"], row["label"], row["votes"], row["n_annotators"]) for row in rows}
    assert len(rows) == 12
    assert told == {("Ada Ito", "Bo Lund", "supports", 3, 3), (None, "Ada Ito", "opposes", 2, 2)}
    found = {one.code for one in check.run(space).findings}
    assert not found & {"id-repeated", "gold-undecided", "gold-unit-missing", "gold-unsupported"}
