"""Reasons in an expert's comments, and what they refer to."""

from __future__ import annotations

from goldwire.adjudication.expert_comments import parse_reasons, reasons_for, resolve_dispute_ids, target_reference


def test_the_number_of_a_dispute_becomes_its_reference():
    references = {"D1": "[0, 7)", "D10": "[12, 19)"}
    assert resolve_dispute_ids("D10: yes\nD1 : no\nsee D1", references) == "[12, 19): yes\n[0, 7) : no\nsee D1"
    assert resolve_dispute_ids("D7: what?", references) == "D7: what?"


def test_spaces_in_references_are_ignored():
    comments = ("[0,7) to [ 12, 19 ) : irony", "the article  to  'Bo'" + ": quoted", "T4: a body\nT4: not a person")
    assert parse_reasons(comments) == {
        "[0, 7) to [12, 19)": "irony",
        "the article to 'Bo'": "quoted",
        "T4": "a body; not a person",
    }


def test_lines_without_a_reference_are_remarks():
    assert parse_reasons(["well done", "T4:", "Note: T4 is odd"]) == {}


def test_a_target_with_quotes_in_its_name_has_a_reference_that_is_read_back():
    for name in ("Bo: 'x'", 'the "Guild"', "Ada's"):
        assert parse_reasons([f"{target_reference(name)}: quoted"]) == {target_reference(name): "quoted"}


def test_reasons_of_several_references_are_joined_once():
    reasons = {"T1": "a body", "[0, 7)": "a body", "[0, 8)": "not a person", "T2": "other"}
    used, joined = reasons_for(["T1", "[0, 7)", "[0, 8)", "[0, 9)"], reasons)
    assert (used, joined) == (("T1", "[0, 7)", "[0, 8)"), "a body; not a person")
