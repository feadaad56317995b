"""The agreement report as a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from goldwire.agreement.batch import measure_batch
from goldwire.agreement.batch_context import BatchContext
from goldwire.records import AnnotationLayer, StanceLabel
from goldwire.workspace.label_schema import parse_schema
from support import factories
from support.simulated_machines import layers_of_people_and_machine

pytest.importorskip("jinja2", reason="jinja2 (the extra `report`) is not installed")

SCHEMA = parse_schema(factories.SCHEMA, Path("schema.toml"))
SCRIPT = "<script>alert(1)</script>"
TEXT = factories.article(f"A headline {SCRIPT}\n\nAda Brook met Nils Orr.\n\nNothing here.\n\nThe Port League slept.")
START = TEXT.text.index("Ada")


def page(*layers: AnnotationLayer) -> str:
    from goldwire.report.agreement import render

    material = BatchContext(labels=SCHEMA.entity_labels, stances=SCHEMA.stance_labels, texts={TEXT.id: TEXT.text})
    measured = measure_batch("b01", layers, material)
    return render(measured, layers, {TEXT.id: TEXT}, SCHEMA, name="trial & error")


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


def test_the_page_is_well_formed_and_loads_nothing_from_the_network() -> None:
    text = page(*two())
    parser = Balanced()
    parser.feed(text)
    assert parser.open == []
    assert not re.findall(r'(?:src|href)="(?!#)[^"]*"', text)
    assert "url(" not in text
    assert "@import" not in text


def test_texts_of_articles_and_annotators_are_escaped() -> None:
    first, second = two()
    other = factories.layer(TEXT, [(2, 10, "PER")], annotator="A3", comments=[SCRIPT])
    text = page(first, second, other)
    assert text.count("<script>") == 1
    assert "&lt;script&gt;alert(1)" in text
    assert "trial &amp; error" in text


def test_each_disagreement_is_a_row() -> None:
    text = page(*two())
    assert text.count("data-number=") == 2
    assert 'data-kind="missing"' in text
    assert 'data-kind="stance-missing"' in text


def test_full_agreement_has_no_cases() -> None:
    first, _ = two()
    same = factories.layer(TEXT, [(s.start, s.end, s.label) for s in first.spans], [(0, 1, "opposes")], annotator="A2")
    assert "There are no disagreements." in page(first, same)


def test_layers_without_labels_still_make_a_page() -> None:
    text = page(factories.layer(TEXT), factories.layer(TEXT, annotator="A2"))
    assert "n/a" in text


def test_a_batch_of_stances_only_has_no_empty_plots_of_spans() -> None:
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
    assert "How annotators differ on spans" not in text
    assert "Stance by target" in text
    assert ">Target 1 <" in text
    assert "shares no confirmed article" not in text
    assert len(re.findall("A1 · A[23]", text)) == 2
    Balanced().feed(text.partition("<script>")[0])


def test_the_precision_if_annotation_stops_now() -> None:
    from goldwire.report.agreement import render

    layers = [x for x in layers_of_people_and_machine(1, 12, people=0.9, machine=0.9) if x.annotator != "M1"]
    material = BatchContext(labels=SCHEMA.entity_labels, stances=SCHEMA.stance_labels)
    measured = measure_batch("b01", layers, material)
    html = render(measured, layers, {}, SCHEMA, name="trial")
    section = html.split('id="stop-now"')[1].split("</div>")[0]
    assert re.findall(r"<tr><td>([0-9,]+)", section) == ["6", "12", "18", "24", "36", "48", "72", "96"]
    assert "<td>12 <b>now</b></td>" in section
    value = next(value for value in measured.values if value.name == "span_f1_exact")
    half_width = f"{(value.high - value.low) / 2:.3f}".lstrip("0")
    assert f"± {half_width}" in section.split("now</b>")[1].split("</tr>")[0]
    assert "stop-now" not in page(*two())
