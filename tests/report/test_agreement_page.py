from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from goldwire.agreement.batch import BatchContext, measure_batch
from goldwire.agreement.disagreements import find_disagreements
from goldwire.records import Agreement, AnnotationLayer, StanceLabel
from goldwire.report.passages import passages
from goldwire.report.phrasing import interval, meaning, number
from goldwire.workspace.label_schema import parse_schema
from support import factories

pytest.importorskip("jinja2", reason="jinja2 (the extra `report`) is not installed")

SCHEMA = parse_schema(factories.SCHEMA, Path("schema.toml"))
SCRIPT = "<script>alert(1)</script>"
TEXT = factories.article(f"A headline {SCRIPT}\n\nAda Brook met Nils Orr.\n\nNothing here.\n\nThe Port League slept.")
START = TEXT.text.index("Ada")


def page(*layers: AnnotationLayer) -> str:
    from goldwire.report.agreement import render

    material = BatchContext(labels=SCHEMA.entity_labels, stances=SCHEMA.stance_labels, texts={TEXT.id: TEXT.text})
    found = measure_batch("b01", layers, material, n_boot=50)
    return render(found, layers, {TEXT.id: TEXT}, SCHEMA, name="trial & error")


def two() -> tuple[AnnotationLayer, AnnotationLayer]:
    ada, nils = (START, START + 9, "PER"), (START + 14, START + 22, "PER")
    return factories.layer(TEXT, [ada, nils], [(0, 1, "opposes")]), factories.layer(TEXT, [ada], annotator="A2")


class Balanced(HTMLParser):
    """Raises where an element is closed that is not the open one."""

    VOID = frozenset({"meta", "br", "line", "circle", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID:
            return
        if not self.open or self.open.pop() != tag:
            raise ValueError(f"</{tag}> closes nothing at {self.getpos()}")


def test_the_page_is_whole_and_asks_the_network_for_nothing() -> None:
    text = page(*two())
    parser = Balanced()
    parser.feed(text)
    assert parser.open == []
    assert not re.findall(r'(?:src|href)="(?!#)[^"]*"', text)
    assert "url(" not in text
    assert "@import" not in text


def test_what_an_article_or_an_annotator_wrote_is_text_never_markup() -> None:
    first, second = two()
    other = factories.layer(TEXT, [(2, 10, "PER")], annotator="A3", comments=[SCRIPT])
    text = page(first, second, other)
    assert text.count("<script>") == 1
    assert "&lt;script&gt;alert(1)" in text
    assert "trial &amp; error" in text


def test_each_dispute_is_a_row_with_what_each_said() -> None:
    text = page(*two())
    assert text.count("data-number=") == 2
    assert 'data-kind="missing"' in text
    assert 'data-kind="stance-missing"' in text


def test_full_agreement_has_no_cases() -> None:
    first, _ = two()
    same = factories.layer(TEXT, [(s.start, s.end, s.label) for s in first.spans], [(0, 1, "opposes")], annotator="A2")
    assert "Nobody disagrees" in page(first, same)


def test_nothing_marked_by_anybody_still_makes_a_page() -> None:
    text = page(factories.layer(TEXT), factories.layer(TEXT, annotator="A2"))
    assert "n/a" in text


def test_only_paragraphs_with_disputes_are_shown_and_pieces_join_to_the_text() -> None:
    first, second = two()
    shown, rest = passages(TEXT.text, first, find_disagreements([first, second]))
    assert [(p.skipped, "".join(piece.text for piece in p.pieces)) for p in shown] == [(1, "Ada Brook met Nils Orr.")]
    assert rest == 2
    assert [piece.ending for piece in shown[0].pieces if piece.ending] == [("PER",), ("PER",)]


def test_overlapping_spans_of_one_annotator_nest_in_pieces() -> None:
    layer = factories.layer(TEXT, [(START, START + 9, "PER"), (START + 4, START + 22, "ORG")])
    shown, _ = passages(TEXT.text, layer, find_disagreements([layer, factories.layer(TEXT, annotator="A2")]))
    assert [(p.text, p.labels) for p in shown[0].pieces if p.labels] == [
        ("Ada ", ("PER",)),
        ("Brook", ("ORG", "PER")),
        (" met Nils Orr", ("ORG",)),
    ]


def value(
    x: float, low: float = float("nan"), high: float = float("nan"), name: str = "stance_alpha_nominal"
) -> Agreement:
    return Agreement(coefficient=name, value=x, low=low, high=high, n_items=9, n_raters=2, reason="why")


@pytest.mark.parametrize(
    ("x", "text"), [(0.812, ".81"), (1.0, "1.00"), (-0.05, "-.05"), (float("nan"), "n/a"), (0.0, ".00")]
)
def test_numbers_are_written_as_papers_do(x: float, text: str) -> None:
    assert number(x) == text


def test_meaning_looks_at_the_interval_too() -> None:
    assert "Reliable" in meaning(value(0.9, 0.85, 0.95))
    assert ".60" in meaning(value(0.85, 0.6, 0.95))
    assert "Too low" in meaning(value(0.4, 0.3, 0.5))
    assert meaning(value(float("nan"))) == "Undefined: why."
    assert "about 42" in meaning(value(0.42, name="span_f1_exact"))
    assert interval(value(0.5)) == ""


def test_a_batch_of_stances_alone_shows_no_empty_plots_of_spans() -> None:
    def asked(annotator: str, *said: str) -> AnnotationLayer:
        stances = tuple(
            StanceLabel(id=f"R{number}", holder=None, target=None, target_name=f"Target {number}", stance=stance)
            for number, stance in enumerate(said, 1)
        )
        return msgspec.structs.replace(factories.layer(TEXT, annotator=annotator), stances=stances)

    text = page(
        asked("A1", "supports", "opposes"), asked("A2", "supports", "neutral"), asked("A3", "opposes", "neutral")
    )
    assert "Spans by label" not in text
    assert "How spans differ" not in text
    assert "Stance by target" in text
    assert ">Target 1 <" in text
    assert "shares no confirmed article" not in text
    assert len(re.findall("A1 · A[23]", text)) == 2
    Balanced().feed(text.partition("<script>")[0])
