"""Labels in doubt: of gold, of files, and on the real server, from where the reviewer's decisions return to gold."""

from __future__ import annotations

import zlib
from pathlib import Path

import msgspec
import pytest

from goldwire.adjudication.disputes import DISPUTED
from goldwire.doccano import credentials
from goldwire.doccano.client import session
from goldwire.errors import ConfigError, DataError
from goldwire.formats.document import documents_of
from goldwire.formats.registry import find_format
from goldwire.records import AnnotationLayer
from goldwire.stages import adjudicate, audit_labels
from goldwire.workspace import jsonl, loading
from support import annotation_round, factories

BODY = "Quay Board"
NAMES = ("Ada Ito", "Bo Lund", "Cy Marsh")


def texts(n: int = 12) -> tuple[str, ...]:
    """Return texts in which people meet one body."""
    people = [(NAMES[k % 3], NAMES[(k + 1) % 3]) for k in range(n)]
    return tuple(
        f"Story {k}\n\n{one} met the {BODY} on day {k}. Then {two} left." for k, (one, two) in enumerate(people)
    )


def layers_of(article, wrong: bool) -> list[tuple[int, int, str]]:
    """Return all names as spans; the body is a person if `wrong`."""
    spans = []
    for name in (*NAMES, BODY):
        start = article.text.find(name)
        label = "PER" if name != BODY or wrong else "ORG"
        spans += [(start, start + len(name), label)] if start >= 0 else []
    return sorted(spans)


def fill(made) -> str:
    """Write equal layers of all annotators; return the id of the article with the wrong label."""
    articles = sorted(made.articles.values(), key=lambda article: article.id)
    for name in made.people:
        layers = [
            factories.layer(article, layers_of(article, number == 0), annotator=name)
            for number, article in enumerate(articles)
        ]
        jsonl.write(made.workspace.layers / "b01" / f"{name}.jsonl", layers)
    adjudicate.run(made.workspace, batch="b01")
    return articles[0].id


def test_a_workspace_and_its_files_have_the_same_suspects(connected, tmp_path: Path) -> None:
    """One server test: files, gold, push, the reviewer's decision, and gold with its history."""
    made = annotation_round.plan(tmp_path, texts(), people=2)
    space, wrong = made.workspace, fill(made)
    report = audit_labels.run(space, only="spans")
    first = report.suspects[0]
    assert (first.article_id, first.text, first.label, first.suggestion) == (wrong, BODY, "PER", "ORG")
    assert report.counts["span-label"] == 1

    all_texts = {article.id: article.text for article in made.articles.values()}
    find_format("label-studio").write(documents_of(all_texts, loading.layers(space, "b01")), tmp_path / "export.json")
    of_files = audit_labels.run_files([tmp_path / "export.json"], only="spans")
    place = (first.article_id, first.start, first.end, first.suggestion)
    other = of_files.suspects[0]
    assert (other.article_id, other.start, other.end, other.suggestion) == place

    expert = f"E{zlib.crc32(str(tmp_path).encode())}"
    pushed = audit_labels.push(space, batch="b01", expert=expert, only="spans", top=1)
    assert pushed.push is not None
    assert (pushed.push.suspects, pushed.push.added, pushed.push.present) == (1, 1, 0)
    assert audit_labels.push(space, batch="b01", expert=expert, only="spans", top=1).push.present == 1

    url, _, rest = pushed.push.address.partition("/projects/")
    project = int(rest.split("/")[0])
    desk = session.sign_in_as(url, expert, credentials.annotator_password(space.private, expert))
    (example,) = desk.http.pages(f"projects/{project}/examples")
    assert example["meta"]["D1"].startswith(f"'{BODY}' is PER, likely ORG; ")
    types = {label.id: label.text for label in desk.client.list_label_types(project, "span")}
    ids = {text: number for number, text in types.items()}
    marked = desk.client.list_spans(project, example["id"])
    for span in (span for span in marked if types[span.label] == DISPUTED):
        desk.client.delete_span(project, example["id"], span.id)
    desk.http.post(f"projects/{project}/examples/{example['id']}/states")
    assert "span-label" in audit_labels.run(space, only="spans").counts
    adjudicate.pull(space, batch="b01", expert=expert)
    assert {one.provenance for one in loading.decisions(space)} == {"unanimous"}
    assert "span-label" not in audit_labels.run(space, only="spans").counts  # left unchanged, so confirmed

    for span in desk.client.list_spans(project, example["id"]):
        if (span.start_offset, span.end_offset) == (first.start, first.end):
            desk.client.delete_span(project, example["id"], span.id)
    desk.client.create_span(project, example["id"], first.start, first.end, ids["ORG"])
    desk.http.post(f"projects/{project}/comments", {"text": "D1: a body"}, example=example["id"])

    adjudicate.pull(space, batch="b01", expert=expert)
    gold: AnnotationLayer = next(layer for layer in loading.gold(space) if layer.article_id == wrong)
    assert [span.label for span in gold.spans if span.text == BODY] == ["ORG"]
    decision = next(d for d in loading.decisions(space) if d.article_id == wrong and d.start == first.start)
    assert (decision.provenance, decision.comment) == ("expert", "a body")
    assert [(answer.label, len(answer.annotators)) for answer in decision.answers] == [("PER", 2)]
    assert "span-label" not in audit_labels.run(space, only="spans").counts
    with pytest.raises(ConfigError, match=f"{expert} has decided gold labels of b01") as raised:
        audit_labels.push(space, batch="b01", expert="E99")
    assert raised.value.hint == f"use --expert {expert}"


def test_what_an_expert_has_decided_is_not_listed_again(tmp_path: Path) -> None:
    made = annotation_round.plan(tmp_path, texts(), people=2)
    space, wrong = made.workspace, fill(made)
    before = audit_labels.run(space, only="spans")
    file = space.decisions_file("b01")
    decisions = [
        msgspec.structs.replace(own, provenance="expert") if own.article_id == wrong and own.label == "PER" else own
        for own in loading.decisions(space)
    ]
    jsonl.write(file, decisions)
    after = audit_labels.run(space, only="spans")
    assert before.notes == ()
    assert after.counts.get("span-label", 0) == before.counts["span-label"] - 1
    assert after.notes[0].startswith("1 label in doubt was decided or confirmed by an expert")


def test_what_a_reviewer_has_confirmed_is_not_listed_again(tmp_path: Path) -> None:
    """A label that the reviewer left as it is has no decision of the expert, only a mark in a finished article."""
    made = annotation_round.plan(tmp_path, texts(), people=2)
    space, wrong = made.workspace, fill(made)
    before = audit_labels.run(space, only="spans")
    first = before.suspects[0]
    article = made.articles[wrong]
    export = space.export_file("b01", "E1")
    export.parent.mkdir(parents=True)
    dispute = {"id": "D1", "kind": "span", "span": [first.start, first.end]}
    row = {"id": 1, "text": article.text, "gw_article_id": wrong, "gw_disputes": [dispute]}
    export.write_bytes(b"no row\n" + msgspec.json.encode(row) + b"\n")
    for confirmed, expected in ((False, 1), (True, 0)):
        own = factories.layer(article, layers_of(article, True), annotator="E1", confirmed=confirmed)
        jsonl.write(space.layers_file("b01", "E1"), [own])
        adjudicate.run(space, batch="b01", method="expert", expert="E1")
        decided = {one.provenance for one in loading.decisions(space) if one.article_id == wrong}
        assert decided == {"unanimous"}
        after = audit_labels.run(space, only="spans")
        assert after.counts.get("span-label", 0) == expected
    assert len(after.suspects) == len(before.suspects) - 1


def test_what_cannot_be_audited_is_a_one_line_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no gold labels"):
        audit_labels.run(factories.workspace(tmp_path / "w"))
    (tmp_path / "ratings.csv").write_text("item,rater,label\na,x,1\na,y,2\n")
    with pytest.raises(DataError, match="no texts: labels are audited in their texts"):
        audit_labels.run_files([tmp_path / "ratings.csv"])


def test_the_report_lists_places_labels_and_evidence(tmp_path: Path) -> None:
    articles = [factories.article(text, id=f"wire-{k:012d}") for k, text in enumerate(texts())]
    gold = [factories.layer(a, layers_of(a, k == 0), annotator="gold") for k, a in enumerate(articles)]
    documents = documents_of({a.id: a.text for a in articles}, gold)
    find_format("doccano").write(documents, tmp_path / "out")
    report = audit_labels.run_files([tmp_path / "out"], top=1)
    head, first, *reasons = report.to_text().splitlines()
    assert head == "out: 12 articles, 36 spans, 0 stances"
    assert f"'{BODY}' is PER, likely ORG" in first
    assert reasons[0].startswith("      ")
    assert msgspec.json.decode(msgspec.json.encode(report))["suspects"][0]["suggestion"] == "ORG"
