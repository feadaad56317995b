"""Pre-labels by real models: GLiNER and GLiNER2 models of random weights and a spaCy pipeline of rules, all made here.

They run where `gliner`, `gliner2` and `spacy` are installed, which no extra brings: `pip install gliner gliner2 spacy`.
"""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from goldwire.doccano.client import project_reader, session
from goldwire.doccano.export_rows import parse_export
from goldwire.errors import GoldwireError
from goldwire.prelabeling import ner_models, sources
from goldwire.stages import pull, push
from goldwire.workspace import loading
from support import annotation_round
from support.annotation_round import AnnotationRound

LABELS, MEANT = ("PER", "ORG"), ("a person", "an organisation")
# Characters that models, JavaScript and Python count differently, before a name.
TEXT = "Head \N{GRINNING FACE} Cafe\u0301 \N{MATHEMATICAL BOLD CAPITAL A}\n\nAda Novak met the Rail Union in Oslo."


def save_encoder(folder: Path) -> None:
    """Write the tokenizer and the configuration of a one-layer encoder: no downloads."""
    import tokenizers
    import transformers

    words = tokenizers.Tokenizer(tokenizers.models.WordPiece(unk_token="[UNK]"))
    words.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words.train_from_iterator([TEXT, *MEANT], tokenizers.trainers.WordPieceTrainer(special_tokens=special))
    words.post_processor = tokenizers.processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), special, strict=True))
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=words, **names)
    fast.save_pretrained(folder)
    transformers.BertConfig(
        vocab_size=len(fast), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    ).save_pretrained(folder)


@pytest.fixture(scope="module")
def gliner_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a GLiNER model and its encoder's configuration."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    gliner = pytest.importorskip("gliner", reason="GLiNER is not installed")
    folder = tmp_path_factory.mktemp("gliner")
    save_encoder(folder / "encoder")
    torch.manual_seed(1)
    config = gliner.GLiNERConfig(model_name=str(folder / "encoder"), hidden_size=16, max_width=4, dropout=0.0)
    gliner.GLiNER.from_config(config, backbone_from_pretrained=False).save_pretrained(folder / "model")
    return folder / "model"


@pytest.fixture(scope="module", params=["span", "boundary"])
def gliner2_model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a GLiNER2 model of one of the two architectures."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    gliner2 = pytest.importorskip("gliner2", reason="GLiNER2 is not installed")
    folder = tmp_path_factory.mktemp("gliner2")
    save_encoder(folder / "encoder")
    torch.manual_seed(1)
    parts = {
        "encoder_config": transformers.AutoConfig.from_pretrained(folder / "encoder"),
        "tokenizer": transformers.AutoTokenizer.from_pretrained(folder / "encoder"),
    }
    config = gliner2.ExtractorConfig(model_name=str(folder / "encoder"), architecture=request.param)
    gliner2.AutoExtractor.from_config(config, **parts).save_pretrained(folder / "model")
    return folder / "model"


@pytest.fixture(scope="module")
def spacy_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    spacy = pytest.importorskip("spacy", reason="spaCy is not installed")
    folder, made = tmp_path_factory.mktemp("spacy") / "model", spacy.blank("en")
    made.add_pipe("entity_ruler").add_patterns(
        [{"label": "PERSON", "pattern": "Ada Novak"}, {"label": "ORG", "pattern": "Rail Union"}]
    )
    made.to_disk(folder)
    return folder


@pytest.fixture
def lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lower the threshold: scores of random weights are low."""
    monkeypatch.setattr(ner_models, "_THRESHOLD", 0.1)


def test_spans_of_gliner_have_correct_code_points(gliner_model: Path, lenient: None) -> None:
    import gliner

    theirs = gliner.GLiNER.from_pretrained(str(gliner_model), local_files_only=True)
    said = theirs.predict_entities(TEXT, list(MEANT), threshold=0.1)
    named = dict(zip(MEANT, LABELS, strict=True))
    found, nothing = ner_models.load_recognizer(str(gliner_model), LABELS, MEANT)([TEXT, ""])
    assert [(TEXT[start:end], label) for start, end, label, _ in found] == [
        (e["text"], named[e["label"]]) for e in said
    ]
    assert any(start > TEXT.index("Ada") for start, *_ in found)
    assert nothing == []


def test_spans_of_gliner2_have_correct_code_points_and_no_two_labels(gliner2_model: Path, lenient: None) -> None:
    import gliner2

    options = {"threshold": 0.1, "include_confidence": True, "include_spans": True}
    theirs = gliner2.AutoExtractor.from_pretrained(str(gliner2_model)).extract_entities(TEXT, list(MEANT), **options)
    named = dict(zip(MEANT, LABELS, strict=True))
    answers = {
        (entity["text"], named[label]): entity["confidence"]
        for label, entities in theirs["entities"].items()
        for entity in entities
    }
    found, nothing = ner_models.load_recognizer(str(gliner2_model), LABELS, MEANT)([TEXT, ""])
    assert nothing == []
    assert len(found) < len(answers)  # it gives one place several labels
    assert all(answers[TEXT[start:end], label] == pytest.approx(score) for start, end, label, score in found)
    assert all(before[1] <= after[0] for before, after in pairwise(found))
    assert any(start > TEXT.index("Ada") for start, *_ in found)
    best = max(answers, key=lambda answer: answers[answer])
    assert best in {(TEXT[start:end], label) for start, end, label, _ in found}


def test_gliner_reads_a_whole_text_of_many_short_words(gliner_model: Path, lenient: None) -> None:
    table = "Results\n\n" + ", ".join(str(number % 10) for number in range(900)) + ". Ada Novak won."
    recognize = ner_models.load_recognizer(str(gliner_model), LABELS, MEANT)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # the model warns about dropped words
        (found,) = recognize([table])
    gaps = [after[0] - before[1] for before, after in zip(sorted(found), sorted(found)[1:], strict=False)]
    assert max(gaps) < 120
    assert sorted(found)[-1][1] > table.index("Ada")
    assert all(table[start:end] == table[start:end].strip() for start, end, *_ in found)


def test_labels_with_the_same_description_are_sent_by_name(gliner_model: Path, lenient: None) -> None:
    (found,) = ner_models.load_recognizer(str(gliner_model), LABELS, ("a name", "a name"))([TEXT])
    assert {label for _, _, label, _ in found} <= set(LABELS)
    assert found


def without_encoder(folder: Path) -> None:
    """Remove the encoder's configuration, as in older models, for which only the Hub has it."""
    file = folder / "gliner_config.json"
    config = json.loads(file.read_text()) | {"model_name": "somebody/elsewhere"}
    del config["encoder_config"]
    file.write_text(json.dumps(config))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "pytorch_model.bin").unlink(),
        lambda folder: (folder / "pytorch_model.bin").write_bytes(b"PK"),
        lambda folder: (folder / "gliner_config.json").write_text("{"),
        lambda folder: (folder / "tokenizer.json").write_text("{"),
        without_encoder,
    ],
)
def test_a_folder_that_gliner_cannot_load_is_a_one_line_error(
    gliner_model: Path, tmp_path: Path, spoil: Callable[[Path], object]
) -> None:

    shutil.copytree(gliner_model, tmp_path / "model")
    spoil(tmp_path / "model")
    with pytest.raises(GoldwireError, match="GLiNER cannot load it") as caught:
        ner_models.load_recognizer(str(tmp_path / "model"), LABELS, MEANT)
    assert "\n" not in str(caught.value)
    assert caught.value.hint


@pytest.mark.server
@pytest.mark.parametrize("kind", ["gliner", "spacy"])
def test_tasks_start_with_the_suggestions_of_a_model(
    tmp_path: Path, kind: str, lenient: None, request: pytest.FixtureRequest
) -> None:
    model: Path = request.getfixturevalue(f"{kind}_model")
    request.getfixturevalue("connected")  # last, so that no server starts for a skipped test
    trial = annotation_round.plan(tmp_path, [TEXT, "Second\n\nIt rained."])
    report = push.run(trial.workspace, batch="b01", prelabel=f"model:{model}")
    suggested = sources.read_prelabels(trial.workspace, "b01")
    assert {layer.annotator for layer in suggested.values()} == {"model:model"}
    assert str(tmp_path) not in trial.workspace.prelabels_file("b01").read_text()
    first = suggested["wire-000000000001"]
    assert first.spans
    assert all(TEXT[span.start : span.end] == span.text for span in first.spans)
    assert on_server(trial, report.annotators[0].project) == sorted((span.text, span.label) for span in first.spans)
    # Ticked unchanged: the labels come back with the same offsets.
    where, signed_in = report.annotators[0].project, session.connect(trial.workspace)
    for row in signed_in.http.pages(f"projects/{where}/examples"):
        signed_in.http.post(f"projects/{where}/examples/{row['id']}/states")
    assert not pull.run(trial.workspace, batch="b01").findings
    assert loading.layers(trial.workspace, "b01")[0].spans == first.spans


def on_server(trial: AnnotationRound, project: int) -> list[tuple[str, str]]:
    """Return surface and label of the prelabels that the annotator of the first article sees (UTF-16 offsets)."""
    rows, _ = parse_export(project_reader.read_project(session.connect(trial.workspace), project).data())
    (row,) = (row for row in rows if row.text == TEXT)
    units = TEXT.encode("utf-16-le")
    return sorted((units[2 * e.start_offset : 2 * e.end_offset].decode("utf-16-le"), e.label) for e in row.entities)
