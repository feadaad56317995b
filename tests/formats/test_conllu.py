"""CoNLL-U of other tools: multiword tokens, empty nodes, and labels in several attributes of MISC."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldwire.errors import DataError
from goldwire.formats.registry import find_format

# (ID, FORM, MISC): "al" is two words, 4.1 is a dropped pronoun
WORDS = (
    ("1", "Ada", "{ada}"),
    ("2", "Ito", "{ito}"),
    ("3-4", "vámonos", "_"),
    ("3", "vamos", "_"),
    ("4", "nos", "_"),
    ("4.1", "_", "{empty}"),
    ("5-6", "al", "_"),
    ("5", "a", "_"),
    ("6", "el", "{the}"),
    ("7", "mar", "{sea}SpaceAfter=No"),
    ("8", ".", "_"),
)


def spans_of(tmp_path: Path, comments: str = "", **labels: str) -> list[tuple[str, str]]:
    """Return text and label of the spans of a file; its words are those of `WORDS` with these labels in MISC."""
    values = dict.fromkeys(("ada", "ito", "empty", "the", "sea"), "") | labels
    rows = ("\t".join([number, form, *"_" * 7, misc.format(**values) or "_"]) for number, form, misc in WORDS)
    path = tmp_path / "a.conllu"
    path.write_text("\n".join([f"# sent_id = s1\n{comments}# text = Ada", *rows, "", ""]), encoding="utf-8")
    (document,) = find_format("conllu").read(path)
    assert document.text == "Ada Ito vámonos al mar."
    return [(document.text[span.start : span.end], span.label) for span in document.labels[0].spans]


def test_the_parts_of_a_multiword_token_label_it(tmp_path: Path) -> None:
    labels = {"ada": "NER=B-PER", "ito": "NER=I-PER", "the": "NER=B-LOC", "sea": "NER=I-LOC|"}
    assert spans_of(tmp_path, **labels) == [("Ada Ito", "PER"), ("al mar", "LOC")]


def test_mentions_in_brackets_are_spans(tmp_path: Path) -> None:
    labels = {"ada": "Entity=(e1-person-1", "ito": "Entity=e1)", "the": "Entity=(e2-place-2", "sea": "Entity=e2)|"}
    assert spans_of(tmp_path, **labels) == [("Ada Ito", "person"), ("al mar", "place")]
    labels = {"ada": "Entity=(e1-1-person)", "sea": "Entity=(e2-2-place)|"}
    comments = "# global.Entity = eid-head-etype\n"
    assert spans_of(tmp_path, comments, **labels) == [("Ada", "person"), ("mar", "place")]


def test_mentions_of_empty_nodes_are_of_the_words_beside_them(tmp_path: Path) -> None:
    labels = {"ito": "Entity=(e1-event-1", "empty": "Entity=e1)(e2-person-1)(e3-place-1", "sea": "Entity=e3)|"}
    assert spans_of(tmp_path, **labels) == [("Ito vámonos", "event"), ("al mar", "place")]


def test_a_mention_with_gaps_is_a_one_line_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has gaps") as raised:
        spans_of(tmp_path, ada="Entity=(e1[1/2]-person-1)")
    assert raised.value.location == str(tmp_path / "a.conllu")
