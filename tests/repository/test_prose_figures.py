"""Figures about the sample that people write in README and datasheet are those of the data."""

from __future__ import annotations

import tomllib
from functools import cache

import pytest

from goldwire.adjudication.sister_sentences import SisterAgreement, measure_sisters
from goldwire.workspace import loading
from goldwire.workspace.layout import Workspace, find_workspace
from support.paths import REPOSITORY


@cache
def sample() -> Workspace:
    return find_workspace(REPOSITORY, explicit=True)


@cache
def reasons(batch: str) -> int:
    """The number of comments with a reason by the adjudicator of a batch."""
    return sum(len(layer.comments) for layer in loading.expert_layers(sample(), batch, "E1"))


@cache
def sisters() -> SisterAgreement:
    return measure_sisters(loading.articles(sample()), loading.gold(sample()))


def words(path: str) -> str:
    return " ".join((REPOSITORY / path).read_text(encoding="utf-8").split())


def test_reasons_of_the_adjudicator() -> None:
    b00, b01, b02 = map(reasons, ("b00", "b01", "b02"))
    assert f"({b00 + b01} spans and relations that not all three" in words("annotations/README.md")
    assert f"Rereading b02 ({b02} more)" in words("annotations/README.md")
    assert f"Each of the {b00 + b01 + b02} spans and relations" in words("DATASHEET.md")
    assert f"({b00} in b00, {b01} in b01, {b02} in b02)" in words("DATASHEET.md")


@pytest.mark.parametrize(
    "sentence",
    [
        "({0.sentences} sentences, {0.pairs} pairs of articles)",
        "on {0.equal_spans} of {0.spans} spans and on {0.equal_stances} of {0.stances} stances. The six remaining",
    ],
)
def test_agreement_of_sister_sentences(sentence: str) -> None:
    assert sentence.format(sisters()) in words("DATASHEET.md")


def test_waived_differences_of_sister_sentences() -> None:
    waivers = tomllib.loads(sample().waivers.read_text(encoding="utf-8"))["waiver"]
    assert len([waiver for waiver in waivers if waiver["code"] == "sentence-two-labels"]) == 6
