"""Machines label a batch, from each source, and count for nothing that annotators count for."""

from __future__ import annotations

import hashlib
import json
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from goldwire.errors import ConfigError, ConflictError, DataError, MissingFileError
from goldwire.records import MachineRun
from goldwire.stages import adjudicate, agree, batches, certify, check, export, prelabel
from goldwire.stages.ask_machine import ChatOptions
from goldwire.workspace import jsonl, loading
from goldwire.workspace.layout import Workspace
from support import factories, fake_chat
from support.fake_chat import FakeChat, completion

TEXTS = (
    "Head \N{GRINNING FACE}\n\nAda Novak met the Rail Union.",
    "Second\n\nThe Rail Union wrote to Ada Novak.",
    "Third\n\nIt rained.",
)
SCRIPT = """\
import json, sys
for line in sys.stdin:
    article = json.loads(line)
    start = article["text"].find("Ada Novak")
    spans = [{"start": start, "end": start + 9, "label": "PER", "confidence": 0.7}] if start >= 0 else []
    print(json.dumps({"id": article["id"], "spans": spans}))
"""


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    made = factories.workspace(tmp_path / "w")
    articles = [factories.article(text, id=f"wire-{number:012d}") for number, text in enumerate(TEXTS)]
    factories.write_articles(made, articles)
    factories.write_tasks(made, "b01", articles, ("A1", "A2"))
    for name in ("A1", "A2"):
        layers = [factories.layer(article, _names(article.text), annotator=name) for article in articles]
        jsonl.write(made.layers / "b01" / f"{name}.jsonl", layers)
    return made


def _names(text: str) -> list[tuple[int, int, str]]:
    names = (("Ada Novak", "PER"), ("Rail Union", "ORG"))
    return [(text.index(name), text.index(name) + len(name), label) for name, label in names if name in text]


@pytest.fixture
def script(tmp_path: Path) -> str:
    path = tmp_path / "my machines" / "label.py"
    path.parent.mkdir()
    path.write_text(SCRIPT)
    return f"cmd:{shlex.join((sys.executable, str(path)))}"


@pytest.fixture
def server() -> Iterator[FakeChat]:
    with fake_chat.serve() as serving:
        yield serving


def layers_of(space: Workspace, machine: str = "M1") -> list[tuple[str, str]]:
    return [(span.text, span.label) for layer in loading.machine_layers(space, "b01")[machine] for span in layer.spans]


def test_a_command_labels_a_batch_and_a_repeated_one_changes_nothing(space: Workspace, script: str) -> None:
    report = prelabel.run(space, batch="b01", source=script)
    assert (report.machine, report.articles, report.spans, report.exit_code) == ("M1", 3, 2, 0)
    assert layers_of(space) == [("Ada Novak", "PER")] * 2
    layer = loading.machine_layers(space, "b01")["M1"][0]
    assert isinstance(layer.machine, MachineRun)
    assert layer.machine.source == f"cmd:{Path(sys.executable).name} label.py"
    assert layer.machine.version == f"sha256:{hashlib.sha256(SCRIPT.encode()).hexdigest()}"
    assert layer.machine.confidence == {"T1": 0.7}
    path = space.layers / "b01" / "M1.jsonl"
    dated = [
        msgspec.structs.replace(one, machine=msgspec.structs.replace(one.machine, date="2020-01-01"))
        for one in jsonl.read(path, type(layer))
    ]
    jsonl.write(path, dated)
    assert not prelabel.run(space, batch="b01", source=script).changed
    codes = {finding.code for finding in check.run(space).findings if finding.file.startswith("annotations/layers/")}
    assert codes == set()


def test_machines_count_for_nothing_that_annotators_count_for(space: Workspace, script: str) -> None:
    before = agree.run(space, batch="b01", html=False)
    adjudicate.run(space, batch="b01")
    gold = (space.gold / "b01.jsonl").read_bytes()
    listed = batches.run(space).batches
    prelabel.run(space, batch="b01", source=script)
    after = agree.run(space, batch="b01", html=False)
    assert msgspec.json.encode(after.values) == msgspec.json.encode(before.values)
    adjudicate.run(space, batch="b01")
    assert (space.gold / "b01.jsonl").read_bytes() == gold
    assert batches.run(space).batches == listed
    assert {layer.annotator for layer in loading.layers(space, "b01")} == {"A1", "A2"}


def test_the_confidences_of_a_machine_reach_its_certificate(space: Workspace, script: str) -> None:
    prelabel.run(space, batch="b01", source=script)
    (spans, *_) = certify.run(space, batch="b01", machine="M1").certificate.units
    assert spans.risk is not None
    assert spans.risk.n_labels == 2


def test_a_machine_alone_is_not_an_annotator(space: Workspace, script: str) -> None:
    for name in ("A1", "A2"):
        (space.layers / "b01" / f"{name}.jsonl").unlink()
    prelabel.run(space, batch="b01", source=script)
    assert batches.run(space).batches[0].pulled_layers == 0
    assert "layer-missing" not in {finding.code for finding in check.run(space).findings}  # nothing was pulled yet
    with pytest.raises(MissingFileError, match="no layers of batch 'b01'"):
        agree.run(space, batch="b01")


def test_another_source_is_another_machine(space: Workspace, script: str) -> None:
    prelabel.run(space, batch="b01", source=script)
    gold = factories.article("Gold\n\nThe Rail Union.", id="gold-000000000001", source="gold")
    factories.write_articles(space, [gold])
    jsonl.write(space.gold / "b00.jsonl", [factories.layer(gold, [(10, 20, "ORG")], annotator="gold", batch="b00")])
    assert prelabel.run(space, batch="b01", source="gazetteer").machine == "M2"
    assert layers_of(space, "M2") == [("Rail Union", "ORG")] * 2
    with pytest.raises(ConflictError, match="M1 is cmd:python"):
        prelabel.run(space, batch="b01", source="gazetteer", machine="M1")
    assert prelabel.run(space, batch="b01", source="gazetteer", machine="M7").machine == "M7"


def test_a_file_of_another_tool_is_a_machine(space: Workspace, tmp_path: Path, script: str) -> None:
    prelabel.run(space, batch="b01", source=script)
    (space.layers / "b01" / "A2.jsonl").rename(tmp_path / "A2.jsonl")
    export.run(space, batch="b01", to="doccano", path=tmp_path / "out.jsonl")
    report = prelabel.run(space, batch="b01", source=f"file:{tmp_path / 'out.jsonl'}")
    assert (report.machine, report.source, report.spans) == ("M2", "file:out.jsonl", 4)
    (tmp_path / "A2.jsonl").rename(space.layers / "b01" / "A2.jsonl")


def test_a_trained_spacy_pipeline_is_a_machine(space: Workspace, tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy", reason="spaCy is not installed")
    from spacy.training import Example

    pipeline = spacy.blank("en")
    pipeline.add_pipe("ner")
    examples = [
        Example.from_dict(
            pipeline.make_doc(text), {"entities": [(a, b, {"PER": "PERSON"}.get(n, n)) for a, b, n in _names(text)]}
        )
        for text in TEXTS
    ]
    spacy.util.fix_random_seed(0)
    optimizer = pipeline.initialize(lambda: examples)
    for _ in range(25):
        pipeline.update(examples, sgd=optimizer)
    pipeline.to_disk(tmp_path / "trained")
    report = prelabel.run(space, batch="b01", source=f"spacy:{tmp_path / 'trained'}")
    assert (report.source, report.spans) == ("spacy:trained", 4)
    assert set(layers_of(space)) == {("Ada Novak", "PER"), ("Rail Union", "ORG")}


def test_runs_of_a_language_model_are_combined_and_their_spread_is_reported(
    space: Workspace, server: FakeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", fake_chat.KEY)
    server.key = fake_chat.KEY

    def respond(request: dict[str, object]) -> fake_chat.Reply:
        messages = request["messages"]
        text = messages[1]["content"]  # type: ignore[index]
        names = [name for name in ("Ada Novak", "Rail Union") if name in text]
        names = names[: 1 if request["seed"] == 2 else 2]
        spans = [
            {"label": {"Ada Novak": "PER"}.get(name, "ORG"), "quote": name, "context": "", "confidence": 0.5}
            for name in names
        ]
        stances = [{"holder": 0, "target": 1, "stance": "supports", "confidence": 0.5}] if len(names) > 1 else []
        return completion(json.dumps({"spans": spans, "stances": stances}))

    server.respond = respond
    options = ChatOptions(endpoint=server.endpoint, prices=(1.0, 1.0))
    report = prelabel.run(space, batch="b01", source="openai:m", runs=3, chat=options)
    assert report.usage is not None
    assert (report.usage.requests, report.usage.prompt_tokens, report.spans, report.stances) == (9, 9000, 4, 2)
    assert [round(value.value, 3) for value in report.spread] == [0.778, 0.333]
    run = loading.machine_layers(space, "b01")["M1"][0].machine
    assert isinstance(run, MachineRun)
    assert (run.model, run.version, run.temperature, run.runs) == (fake_chat.MODEL, "fp_44709d6fcb", 0.0, 3)
    assert {name: round(share, 3) for name, share in run.confidence.items()} == {"T1": 1.0, "T2": 0.667, "R1": 0.667}
    assert run.prompt_sha256
    again = prelabel.run(space, batch="b01", source="openai:m", runs=3, chat=options)
    assert again.usage is not None
    assert (again.usage.requests, again.usage.cached, again.changed) == (0, 9, False)
    stored = b"".join(path.read_bytes() for path in space.root.rglob("*") if path.is_file())
    assert fake_chat.KEY.encode() not in stored


def test_an_article_without_an_answer_keeps_its_layer_and_is_reported(space: Workspace, server: FakeChat) -> None:
    good = json.dumps(
        {"spans": [{"label": "PER", "quote": "Ada Novak", "context": "", "confidence": 1}], "stances": []}
    )
    server.respond = lambda request: completion(good if "Ada Novak" in request["messages"][1]["content"] else "?")
    options = ChatOptions(endpoint=server.endpoint)
    report = prelabel.run(space, batch="b01", source="openai:m", chat=options)
    assert (report.articles, report.failed, report.exit_code) == (2, {"unreadable": ("wire-000000000002",)}, 1)
    assert "run the command again to retry" in " ".join(report.to_text().split())
    server.respond = lambda request: completion('{"spans": [], "stances": []}')
    report = prelabel.run(space, batch="b01", source="openai:m", chat=options)
    assert (report.articles, report.failed, report.spans) == (3, {}, 2)


@pytest.mark.parametrize(
    ("source", "error", "problem"),
    [
        ("oracle", ConfigError, "unknown machine"),
        ("spacy:", ConfigError, "unknown machine"),
        ("gazetteer:x", ConfigError, "unknown machine"),
        ("cmd:'", ConfigError, "unknown machine"),
        ("openai:m", ConfigError, "needs --endpoint"),
        ("spacy:no_such_model", MissingFileError, "no model"),
        ("cmd:./no-such-program", MissingFileError, "cannot be run"),
        (f"cmd:{sys.executable} -c 'import sys; sys.exit(\"no weights\")'", DataError, "exit code 1: no weights"),
        (f"cmd:{sys.executable} -c 'print(1)'", DataError, "line 1 of its output"),
        (f'cmd:{sys.executable} -c \'print("{{\\"id\\": \\"x\\"}}")\'', DataError, "no article 'x' was asked"),
    ],
)
def test_a_machine_that_does_not_work_is_a_one_line_error(
    space: Workspace, source: str, error: type[Exception], problem: str
) -> None:
    with pytest.raises(error, match=problem):
        prelabel.run(space, batch="b01", source=source)
    assert not list((space.layers / "b01").glob("M*"))


def test_a_machine_is_named_m_and_a_number(space: Workspace) -> None:
    with pytest.raises(ConfigError, match="'A1' is not the name of a machine"):
        prelabel.run(space, batch="b01", source="gazetteer", machine="A1")
