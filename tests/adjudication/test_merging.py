"""The gold of an article from several batches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from goldwire.adjudication.merging import merge_gold
from goldwire.records import AnnotationLayer, Article, Release, StanceLabel, Task
from goldwire.release.reader import ReleasedVersion, load_release
from goldwire.stages import adjudicate, check, hydrate, release, split
from goldwire.workspace import jsonl, loading
from support import factories

ARTICLE = factories.article("Ada Ito backs Bo Lund\n\nShe said so.")
MARKED = factories.layer(ARTICLE, [(0, 7, "PER"), (14, 21, "PER")], [(0, 1, "supports")], annotator="gold", batch="b01")


def named(article: Article, *stances: tuple[str, str], annotator: str = "gold", batch: str = "s01") -> AnnotationLayer:
    drawn = tuple(
        StanceLabel(id=f"R{n}", holder=None, target_name=target, stance=stance)
        for n, (target, stance) in enumerate(stances, 1)
    )
    return msgspec.structs.replace(factories.layer(article, annotator=annotator, batch=batch), stances=drawn)


def test_stances_towards_named_targets_are_numbered_after_the_others() -> None:
    whole = merge_gold([MARKED, named(ARTICLE, ("Ada Ito", "neutral"), ("Bo Lund", "opposes"))])[ARTICLE.id]
    assert (whole.layer.spans, whole.layer.batch) == (MARKED.spans, "b01")
    assert [(stance.id, stance.target_name) for stance in whole.layer.stances] == [
        ("R1", None),
        ("R2", "Ada Ito"),
        ("R3", "Bo Lund"),
    ]
    assert whole.gold_ids["b01", "R1"] == "R1"
    assert whole.gold_ids["s01", "R1"] == "R2"
    assert whole.batches == {"b01", "s01"}


def test_of_two_layers_of_one_kind_the_last_counts() -> None:
    alone = named(ARTICLE, ("Ada Ito", "neutral"))
    assert merge_gold([alone])[ARTICLE.id].layer == alone
    again = msgspec.structs.replace(MARKED, batch="b02", stances=())
    assert merge_gold([MARKED, again])[ARTICLE.id].layer == again
    assert merge_gold([MARKED, again])[ARTICLE.id].batches == {"b02"}


def task(article: Article, batch: str, target: str | None = None) -> Task:
    return Task(
        id=f"{batch}-{article.id[-4:]}",
        batch=batch,
        kind="entities" if target is None else "stance",
        article_id=article.id,
        window=(0, len(article.text)),
        target=target,
        text_sha256=article.text_sha256,
        annotators=("A1", "A2", "A3") if target is None else ("A1", "A2"),
    )


def test_a_release_has_both_kinds_of_stances_with_their_votes(tmp_path: Path) -> None:
    space = factories.workspace(tmp_path / "w")
    articles = [factories.article(f"Ada Ito backs Bo Lund\n\nStory {n}.", id=f"wire-{n:012d}") for n in range(6)]
    factories.write_articles(space, articles)
    space.sources.write_text('[wire]\nname = "W"\nlanguage = "en"\nlicence = "CC0-1.0"\nredistribute = true\n')
    jsonl.write(space.tasks / "b01.jsonl", [task(article, "b01") for article in articles])
    jsonl.write(space.tasks / "s01.jsonl", [task(article, "s01", "Ada Ito") for article in articles])
    for name in ("A1", "A2", "A3"):
        spans, drawn = [(0, 7, "PER"), (14, 21, "PER")], [(0, 1, "supports")]
        layers = [factories.layer(article, spans, drawn, annotator=name) for article in articles]
        jsonl.write(space.layers / "b01" / f"{name}.jsonl", layers)
    for name in ("A1", "A2"):
        layers = [named(article, ("Ada Ito", "opposes"), annotator=name) for article in articles]
        jsonl.write(space.layers / "s01" / f"{name}.jsonl", layers)
    for batch in ("b01", "s01"):
        adjudicate.run(space, batch=batch)
    assert len(loading.gold(space)) == 12
    split.run(space)
    release.run(space)
    rows = [
        row
        for part in ("train", "validation", "test")
        for row in load_release(space.root, "0.0.1").rows("stance", part)
    ]
    rows_by_value = {(row["holder"], row["target"], row["label"], row["votes"], row["n_annotators"]) for row in rows}
    assert len(rows) == 12
    assert rows_by_value == {("Ada Ito", "Bo Lund", "supports", 3, 3), (None, "Ada Ito", "opposes", 2, 2)}
    codes = {finding.code for finding in check.run(space).findings}
    assert not codes & {"id-repeated", "decision-missing", "gold-label-missing", "gold-unsupported", "text-two-labels"}


def test_gold_without_spans_is_not_a_batch_of_named_targets() -> None:
    bare = factories.layer(ARTICLE, annotator="gold", batch="z01")
    whole = merge_gold([named(ARTICLE, ("Ada Ito", "neutral")), bare])[ARTICLE.id]
    assert (whole.has_entities, whole.layer.batch, [stance.target_name for stance in whole.layer.stances]) == (
        True,
        "z01",
        ["Ada Ito"],
    )
    assert not merge_gold([named(ARTICLE, ("Ada Ito", "neutral"))])[ARTICLE.id].has_entities
    assert not merge_gold([bare], known_target_batches={"z01"})[ARTICLE.id].has_entities


def test_articles_annotated_for_stance_only_have_no_entity_tags(tmp_path: Path) -> None:
    """The first two of six articles have stance tasks only; the stance of the second is disputed."""
    space = factories.workspace(tmp_path / "w")
    articles = [factories.article(f"Ada Ito backs Bo Lund\n\nStory {n}.", id=f"wire-{n:012d}") for n in range(6)]
    factories.write_articles(space, articles)
    space.sources.write_text('[wire]\nname = "W"\nlanguage = "en"\nlicence = "CC0-1.0"\nredistribute = true\n')
    jsonl.write(space.tasks / "b01.jsonl", [task(article, "b01") for article in articles[2:]])
    jsonl.write(space.tasks / "s01.jsonl", [task(article, "s01", "Ada Ito") for article in articles[:2]])
    for name in ("A1", "A2", "A3"):
        layers = [
            factories.layer(article, [(0, 7, "PER"), (14, 21, "PER")], annotator=name) for article in articles[2:]
        ]
        jsonl.write(space.layers / "b01" / f"{name}.jsonl", layers)
    for name, second in (("A1", "supports"), ("A2", "opposes")):
        layers_of = (named(articles[0], ("Ada Ito", "opposes"), annotator=name),)
        layers_of += (named(articles[1], ("Ada Ito", second), annotator=name),)
        jsonl.write(space.layers / "s01" / f"{name}.jsonl", layers_of)
    for batch in ("b01", "s01"):
        adjudicate.run(space, batch=batch)
    split.run(space)
    report = release.run(space, standoff=True)
    rows = {row["article_id"]: row for row in _rows(space.root / report.folder)}
    assert {key: (len(rows[key]["ner_tags"]), rows[key]["n_annotators"]) for key in rows} == {
        **{article.id: (0, 0) for article in articles[:2]},
        **{article.id: (8, 3) for article in articles[2:]},
    }
    assert "2 articles were annotated for stance only" in (space.root / report.folder / "README.md").read_text()
    texts = tmp_path / "texts"
    texts.mkdir()
    for article in articles:
        (texts / f"{article.id}.txt").write_text(article.text)
    assert hydrate.run(space.root / report.folder, texts=texts, out=tmp_path / "out").articles == {"exact": 6}
    filled = {row["article_id"]: row for row in _rows(tmp_path / "out")}
    assert {key: len(filled[key]["tokens"]) for key in filled} == {key: len(rows[key]["ner_tags"]) for key in rows}
    assert all(filled[article.id]["text"] == article.text for article in articles)
    assert not [finding for finding in check.run(space).findings if finding.file.startswith("splits/v")]


def _rows(folder: Path) -> list[dict[str, Any]]:
    found = ReleasedVersion(folder, jsonl.read_document(folder / "manifest.json", Release))
    return [row for part in found.splits("entities") for row in found.rows("entities", part)]


def test_missing_agreement_is_a_finding_only_if_two_annotators_shared_a_task(tmp_path: Path) -> None:
    space = factories.workspace(tmp_path / "w")
    factories.write_articles(space, [ARTICLE])
    for batch, people in (("b01", ("A1", "A2")), ("b02", ("A1",))):
        of_it = msgspec.structs.replace(task(ARTICLE, batch), annotators=people)
        jsonl.write(space.tasks / f"{batch}.jsonl", [of_it])
        for name in people:
            jsonl.write(space.layers / batch / f"{name}.jsonl", [factories.layer(ARTICLE, annotator=name, batch=batch)])
        adjudicate.run(space, batch=batch)
    findings = check.run(space).findings
    assert [finding.item for finding in findings if finding.code == "agreement-missing"] == ["b01"]
