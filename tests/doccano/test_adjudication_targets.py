"""Disputes about targets by name go to an expert on the real server, and the expert's word comes back."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from goldwire.doccano import credentials, project, sync
from goldwire.doccano.client import project_reader, session
from goldwire.doccano.export_rows import Row, parse_export
from goldwire.records import StanceLabel, number_layer
from goldwire.stages import adjudicate, check, expert_project
from goldwire.workspace import jsonl, loading
from support import annotation_round, factories
from support.annotation_round import AnnotationRound

# After an emoji Doccano counts otherwise.
TEXTS = [
    "Quay Guild \N{GRINNING FACE} wins\n\nAda Lind lost.",
    "Ada Lind smiles\n\nAda Lind won.",
    "Quay\n\nAda Lind sat.",
]
FIRST, SECOND, THIRD = (f"wire-{n:012d}" for n in (1, 2, 3))
DISPUTED = [(FIRST, "Ada Lind"), (FIRST, "Quay Guild"), (SECOND, "Ada Lind")]


@pytest.fixture
def disputed(connected, tmp_path: Path) -> AnnotationRound:
    """A batch whose two annotators agree on the third article's target alone."""
    (tmp_path / "targets.txt").write_text("Quay Guild\nAda Lind\n")
    of = annotation_round.plan(tmp_path, TEXTS, people=2, kind="stance", targets=tmp_path / "targets.txt")
    for name, stance in zip(of.people, ("supports", "opposes"), strict=True):
        said = {FIRST: {"Ada Lind": stance, "Quay Guild": stance}, SECOND: {"Ada Lind": stance}}
        layers = []
        for article, answers in (said | {THIRD: {"Ada Lind": "neutral"}}).items():
            drawn = [StanceLabel(id=f"r{k}", holder=None, target_name=k, stance=v) for k, v in answers.items()]
            plain = factories.layer(of.articles[article], annotator=name)
            layers.append(msgspec.structs.replace(plain, stances=number_layer((), drawn)[1]))
        jsonl.write(of.workspace.layers / "b01" / f"{name}.jsonl", layers)
    return of


class Expert:
    """An expert of a test's own, as all tests share one server: pushes, works in the browser, and pulls."""

    def __init__(self, of: AnnotationRound) -> None:
        self.of, self.name = of, f"E{zlib.crc32(str(of.workspace.root).encode())}"

    def push(self) -> adjudicate.AdjudicateReport:
        return adjudicate.push(self.of.workspace, batch="b01", expert=self.name)

    def pull(self) -> adjudicate.AdjudicateReport:
        return adjudicate.pull(self.of.workspace, batch="b01", expert=self.name)

    @property
    def where(self) -> int:
        admin = session.connect(self.of.workspace)
        (found,) = project.find_projects(
            admin, project.project_marker(self.of.workspace.settings.name, "b01", self.name)
        )
        return found.id

    def rows(self) -> dict[tuple[str, str], Row]:
        """By article and target."""
        tasks = {task.id: (task.article_id, str(task.target)) for task in self.of.tasks}
        rows, _ = parse_export(project_reader.read_project(session.connect(self.of.workspace), self.where).data())
        assert len({row.gw_task_id for row in rows}) == len(rows)
        return {tasks[str(row.gw_task_id)]: row for row in rows}

    def metadata(self) -> list[dict[str, Any]]:
        """Return the disputes shown beside each text."""
        examples = session.connect(self.of.workspace).http.pages(f"projects/{self.where}/examples")
        return [{key: example["meta"][key] for key in ("D1", "gw_disputes")} for example in examples]

    def answer(self, article: str, target: str, stance: str | None, *comments: str) -> None:
        """Choose a category, comment, and tick the task done."""
        secret = credentials.annotator_password(self.of.workspace.private, self.name)
        signed_in = session.sign_in_as(session.connect(self.of.workspace).url, self.name, secret)
        path, example = f"projects/{self.where}", self.rows()[article, target].id
        if stance is not None:
            types = {
                label_type.text: label_type.id
                for label_type in signed_in.client.list_label_types(self.where, "category")
            }
            signed_in.client.create_category(self.where, example, types[stance])
        for words in comments:
            signed_in.http.post(f"{path}/comments", {"text": words}, example=example)
        signed_in.http.post(f"{path}/examples/{example}/states")


@pytest.mark.parametrize("has_state_page", [True, False])
def test_disputed_targets_are_uploaded_decided_and_downloaded(
    disputed: AnnotationRound, monkeypatch: pytest.MonkeyPatch, has_state_page: bool
) -> None:
    for module in () if has_state_page else (sync, project_reader):
        monkeypatch.setattr(module, "fetch_state", lambda *given, **options: None)
    expert = Expert(disputed)
    report = expert.push()
    assert report.push is not None
    assert (report.push.articles, report.push.targets, report.push.added) == (2, 3, 3)
    assert "text-classification" in str(report.push.address)
    assert any(line.startswith("3 disputed targets (3 new) for") for line in report.to_text().splitlines())
    assert sorted(expert.rows()) == DISPUTED
    for (article, target), row in expert.rows().items():
        assert str(row.text).startswith(f"▶ {target}\n")
        assert str(row.text).endswith(disputed.articles[article].text)
        assert row.category_labels == ()
    one, two = disputed.people
    for metadata in expert.metadata():
        target = metadata["gw_disputes"][0]["target_name"]
        assert metadata == {
            "D1": f"the article towards “{target}”: which stance? {two} says opposes; {one} says supports",
            "gw_disputes": [{"id": "D1", "kind": "stance", "target_name": target}],
        }
    again = expert.push().push
    assert again is not None
    assert (again.added, len(expert.rows())) == (0, 3)

    expert.answer(FIRST, "Ada Lind", "neutral", "D1: both are quoted", "a remark")
    expert.answer(SECOND, "Ada Lind", None)  # ticked without a word: does not count
    pulled = expert.pull()
    assert pulled.pull is not None
    assert (pulled.pull.decided_articles, pulled.pull.open_articles, pulled.unresolved) == (
        0,
        (FIRST, SECOND),
        {"stance": 3},
    )
    assert len(pulled.pull.problems) == 1

    expert.answer(FIRST, "Quay Guild", "supports")
    pulled = expert.pull()
    assert pulled.pull is not None
    assert (pulled.pull.decided_articles, pulled.pull.open_articles, pulled.unresolved) == (1, (SECOND,), {"stance": 1})
    assert pulled.unmatched_reasons == {}
    made = {
        (decision.article_id, decision.target_name): (
            decision.provenance or f"? {decision.dispute}",
            decision.comment,
        )
        for decision in loading.decisions(disputed.workspace)
    }
    assert made == {
        (FIRST, "Ada Lind"): ("expert", "both are quoted"),
        (FIRST, "Quay Guild"): ("expert", None),
        (SECOND, "Ada Lind"): ("? stance", None),
        (THIRD, "Ada Lind"): ("unanimous", None),
    }
    gold = {
        layer.article_id: {s.target_name: s.stance for s in layer.stances} for layer in loading.gold(disputed.workspace)
    }
    assert gold == {
        FIRST: {"Ada Lind": "neutral", "Quay Guild": "supports"},
        SECOND: {},
        THIRD: {"Ada Lind": "neutral"},
    }
    layers = (disputed.workspace.layers / "b01" / f"{expert.name}.jsonl").read_bytes()
    assert expert.pull().unresolved == {"stance": 1}
    assert (disputed.workspace.layers / "b01" / f"{expert.name}.jsonl").read_bytes() == layers
    assert expert.push().push == msgspec.structs.replace(again, articles=2, targets=3)
    findings = check.run(disputed.workspace).findings
    assert {finding.code for finding in findings if finding.file.startswith("annotations/layers")} == {
        "layer-unconfirmed"
    }


def test_the_experts_answers_are_kept_when_new_disputes_are_pushed(disputed: AnnotationRound) -> None:
    expert = Expert(disputed)
    path = disputed.workspace.layers / "b01" / f"{disputed.people[1]}.jsonl"
    layers = list(loading.layers(disputed.workspace, "b01"))[3:]
    jsonl.write(path, [*layers[:2], msgspec.structs.replace(layers[2], confirmed=False)])
    assert expert.push().push.targets == 3
    expert.answer(SECOND, "Ada Lind", "opposes")
    changed = msgspec.structs.replace(layers[2].stances[0], stance="opposes")
    jsonl.write(path, [*layers[:2], msgspec.structs.replace(layers[2], stances=(changed,))])
    pushed = expert.push().push
    assert (pushed.targets, pushed.added) == (4, 1)
    assert {key: row.category_labels for key, row in expert.rows().items() if row.category_labels} == {
        (SECOND, "Ada Lind"): ("opposes",)
    }
    assert expert.pull().pull.decided_articles == 1


@pytest.mark.parametrize(
    ("method", "fragment", "nth"),
    [("POST", "/upload", 1), ("POST", "/category-types", 2), ("PATCH", "/examples/", 2), ("POST", "/members", 1)],
)
def test_an_interrupted_push_is_completed_by_the_next(
    disputed: AnnotationRound, method: str, fragment: str, nth: int
) -> None:
    expert = Expert(disputed)
    with annotation_round.cut_off(method, fragment, nth):
        expert.push()
    assert expert.push().push.targets == 3
    assert sorted(expert.rows()) == DISPUTED
    assert all(len(metadata["gw_disputes"]) == 1 for metadata in expert.metadata())
    for article, target in DISPUTED:
        expert.answer(article, target, "neutral")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(expert_project, "save_export", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            expert.pull()
    report = expert.pull()
    assert (report.pull.decided_articles, report.pull.open_articles, report.stances, report.unresolved) == (
        2,
        (),
        4,
        {},
    )


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt
