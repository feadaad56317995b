"""Input of stance models: the sentences around holder and target, with both marked."""

from __future__ import annotations

from goldwire.baselines.stance_context import HOLDER, TARGET, stance_context
from support.release_rows import stance_row

TEXT = "Rain fell. Ada Ito spoke. It was late. She blamed Bo Lund. Snow fell."
ADA, BO = ((TEXT.index(name), TEXT.index(name) + 7) for name in ("Ada Ito", "Bo Lund"))


def test_the_context_is_the_sentences_around_both_with_both_marked():
    context = stance_context(stance_row(TEXT, ADA, BO))
    assert context.marked.split() == f"{HOLDER} spoke. It was late. She blamed {TARGET} .".split()
    assert context.between == ""


def test_the_words_between_are_those_of_one_sentence():
    text = "Ada Ito blamed Bo Lund."
    assert stance_context(stance_row(text, (0, 7), (15, 22))).between == " blamed "


def test_the_masked_context_lacks_the_target():
    context = stance_context(stance_row(TEXT, ADA, BO))
    assert "Bo Lund" not in context.masked
    assert "blamed" in context.masked


def test_without_a_holder_the_context_is_the_sentence_of_the_target():
    context = stance_context(stance_row(TEXT, None, BO))
    assert context.marked.split() == f"She blamed {TARGET} .".split()
    assert context.holder == "the article"


def test_a_target_without_offsets_is_searched_by_its_name():
    row = stance_row("Rain fell. Bo Lund spoke.", None, (11, 18)) | {"target_start": None, "target_end": None}
    assert stance_context(row).marked == "Bo Lund spoke."
    assert stance_context(row | {"target": "Cy Moss"}).marked == "Rain fell."


def test_the_holders_sentence_and_the_words_around_both_mentions():
    text = "Rain fell. On Monday Ada Ito blamed Bo Lund for it. Snow fell."
    ada, bo = text.index("Ada"), text.index("Bo")
    context = stance_context(stance_row(text, (ada, ada + 7), (bo, bo + 7)))
    assert context.holder_sentence == "On Monday Ada Ito blamed Bo Lund for it."
    words = context.windows.split()
    assert f"{HOLDER}_before_Monday" in words
    assert f"{HOLDER}_after_blamed" in words
    assert f"{TARGET}_before_blamed" in words
    assert f"{TARGET}_after_for" in words
    by_voice = stance_context(stance_row(text, None, (bo, bo + 7)))
    assert by_voice.holder_sentence == context.holder_sentence
    assert not [word for word in by_voice.windows.split() if word.startswith(HOLDER)]
