"""Models that are installed, and the one line where they are not."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from goldwire.errors import GoldwireError
from goldwire.prelabeling import ner_models

LABELS = ("PER", "ORG")
MEANT = ("a person", "an organisation")
TEXT = "Head \N{GRINNING FACE}\n\nAda Novak met the Rail Union in Oslo."


def test_a_missing_model_is_a_one_line_error() -> None:
    with pytest.raises(GoldwireError, match="'en_no_such_model'"):
        ner_models.load_recognizer("en_no_such_model", LABELS, MEANT)


@pytest.mark.parametrize(("file", "package"), [("config.cfg", "spacy"), ("gliner_config.json", "gliner")])
def test_a_missing_package_is_a_one_line_error(tmp_path: Path, file: str, package: str) -> None:
    if find_spec(package):
        pytest.skip(f"{package} is installed")
    (tmp_path / file).touch()
    before = dict(os.environ)
    with pytest.raises(GoldwireError, match=f"{package} is not installed.*pip install {package}"):
        ner_models.load_recognizer(str(tmp_path), LABELS, MEANT)
    assert dict(os.environ) == before


def test_the_error_of_an_incompatible_package_names_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.cfg").touch()
    (tmp_path / "spacy.py").write_text("from pydantic import a_name_of_another_version\n")
    monkeypatch.delitem(sys.modules, "spacy", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(GoldwireError, match=r"spacy cannot be imported .*pip install spacy"):
        ner_models.load_recognizer(str(tmp_path / "model"), LABELS, MEANT)


@pytest.fixture
def pipeline(tmp_path: Path) -> str:
    """A spaCy pipeline that knows three names by rules."""
    spacy = pytest.importorskip("spacy", reason="spaCy is not installed")
    made = spacy.blank("en")
    rules = made.add_pipe("entity_ruler")
    rules.add_patterns(
        [
            {"label": "PERSON", "pattern": "Ada Novak"},
            {"label": "ORG", "pattern": "Rail Union"},
            {"label": "GPE", "pattern": "Oslo"},
        ]
    )
    made.to_disk(tmp_path / "model")
    return str(tmp_path / "model")


def test_spacy_entities_get_schema_labels_and_code_point_offsets(pipeline: str) -> None:
    recognize = ner_models.load_recognizer(pipeline, LABELS, MEANT)
    first, second = recognize([TEXT, "It rained."])
    assert [(TEXT[start:end], label) for start, end, label, _ in first] == [("Ada Novak", "PER"), ("Rail Union", "ORG")]
    assert second == []


def test_a_folder_that_spacy_cannot_load_is_a_one_line_error(pipeline: str) -> None:
    (Path(pipeline) / "config.cfg").write_text("[nlp]\nlang = en\n")
    with pytest.raises(GoldwireError) as caught:
        ner_models.load_recognizer(pipeline, LABELS, MEANT)
    assert caught.value.location == pipeline


def test_long_texts_are_read_in_pieces_that_lose_nothing() -> None:
    text = "".join(f"Sentence {i} ends here. " for i in range(200)) + "\n" + "x" * 3000
    pieces = list(ner_models._pieces(text, 384))
    assert "".join(piece for _, piece in pieces) == text
    assert all(text.startswith(piece, at) and 0 < len(piece) <= 1200 for at, piece in pieces)
    assert sum(not piece.endswith((".", "\n")) for _, piece in pieces) == 3  # where there is nowhere to end


def test_no_piece_has_more_words_than_the_model_reads_and_none_ends_in_one() -> None:
    text = "Results " + ", ".join(f"{number % 100}" for number in range(3000))
    pieces = list(ner_models._pieces(text, 384))
    assert "".join(piece for _, piece in pieces) == text
    sizes = [len(ner_models._WORD.findall(piece)) for _, piece in pieces]
    assert (max(sizes), sum(sizes)) == (384, len(ner_models._WORD.findall(text)))


GLINER2 = """\
class AutoExtractor:
    @classmethod
    def from_pretrained(cls, folder):
        return cls()

    def extract_entities(self, text, labels, threshold=0.5, include_confidence=False, include_spans=False):
        assert include_confidence and include_spans
        names = {"a person": ("Ada Novak",), "an organisation": ("Rail Union",)}
        return {
            "entities": {
                label: [
                    {"text": name, "confidence": 0.75, "start": text.index(name), "end": text.index(name) + len(name)}
                    for name in names[label]
                    if name in text
                ]
                for label in labels
            }
        }
"""
"""A double of the package, whose models need torch: the methods that its documentation has."""


def test_entities_of_gliner2_have_code_points_and_confidences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if find_spec("gliner2"):
        pytest.skip("gliner2 is installed: the double would hide it")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text('{"model_type": "extractor"}')
    (tmp_path / "gliner2.py").write_text(GLINER2)
    monkeypatch.syspath_prepend(tmp_path)
    recognize = ner_models.load_recognizer(str(tmp_path / "model"), LABELS, MEANT)
    long = "x " * 700
    (entities, later) = recognize([TEXT, long + TEXT])
    assert [(TEXT[start:end], label, score) for start, end, label, score in entities] == [
        ("Ada Novak", "PER", 0.75),
        ("Rail Union", "ORG", 0.75),
    ]
    assert [(start - len(long), end - len(long)) for start, end, *_ in later] == [(s, e) for s, e, *_ in entities]
    del sys.modules["gliner2"]
