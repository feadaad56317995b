from __future__ import annotations

import csv
import subprocess
import sys
from math import isnan, nan
from pathlib import Path

import msgspec
import pytest

from goldwire.agreement.batch import BatchAgreement
from goldwire.doccano.ledger import Ledger, PushedProject, write_ledger
from goldwire.errors import GoldwireError
from goldwire.records import AnnotationLayer, Duplicates, Task
from goldwire.stages import adjudicate, agree, check
from goldwire.workspace import jsonl, loading
from goldwire.workspace.layout import Workspace, find_workspace
from support import factories
from support.paths import SCRIPTS

TEXT = "Harbour row {n}\n\nAda Brook of the Port League spoke to Nils Orr on Monday about the quay."


def marks(n: int) -> tuple[tuple[int, int, str], ...]:
    """Ada Brook, the Port League and Nils Orr in the article of number `n`."""
    at = len(f"{n}") - 1
    return ((15 + at, 24 + at, "PER"), (32 + at, 43 + at, "ORG"), (53 + at, 61 + at, "PER"))


def filled(folder: Path, *, articles: int = 12) -> Workspace:
    """Three annotators: A2 leaves out the League in every third article, A3 sees another stance in every fourth."""
    space = factories.workspace(folder)
    texts = [factories.article(TEXT.format(n=n), id=f"wire-{n:012d}") for n in range(articles)]
    jsonl.write(space.articles / "wire.jsonl", texts)
    for name in ("A1", "A2", "A3"):
        layers = []
        for n, text in enumerate(texts):
            spans = list(marks(n))
            stance = "neutral" if name == "A3" and n % 4 == 0 else "supports" if n % 2 else "opposes"
            if name == "A2" and n % 3 == 0:
                spans.pop(1)
            layers.append(factories.layer(text, spans, [(0, len(spans) - 1, stance)], annotator=name))
        jsonl.write(space.layers / "b01" / f"{name}.jsonl", layers)
    return space


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return filled(tmp_path_factory.mktemp("agree"))


@pytest.fixture(scope="module")
def report(space: Workspace) -> agree.AgreeReport:
    return agree.run(space, batch="b01")


def test_every_headline_has_its_n_and_its_interval(report: agree.AgreeReport) -> None:
    values = {value.name: value for value in report.values}
    for name in ("span_f1_exact", "span_f1_characters", "stance_f1_exact", "stance_alpha_with_none"):
        value = values[name]
        assert value.low < value.value < value.high
        assert (value.interval, value.n_groups) == ("jackknife", 12)
        assert value.n_items > 0
        assert value.n_raters == 3
    assert values["span_f1_exact"].value == pytest.approx((1 + 2 * (2 * 32 / 68)) / 3)
    assert values["span_f1_exact[PER]"].value == 1
    assert values["span_f1_exact[A1+A3]"].value == 1
    assert values["stance_alpha_nominal[A1+A2]"].value == 1
    assert values["stance_alpha_nominal"].n_items == 12
    assert (values["stance_alpha_nominal"].condition, values["stance_f1_exact"].condition) == ("drawn-by-two", None)
    assert values["stance_alpha_with_none"].condition == "drawn-by-any"
    assert {"unitizing_alpha_u", "unitizing_alpha_cu", "token_alpha", "stance_f1_exact"} <= values.keys()
    assert 0 < values["gamma"].low <= values["gamma"].value <= values["gamma"].high < 1
    assert values["gamma"].n_items == 104  # spans: 36 of A1, 32 of A2, 36 of A3
    # Aligned mentions are never labelled in two ways here; what A2 left out is ORG's alone.
    assert values["gamma_k[PER]"].value == 1 > values["gamma_k[ORG]"].value
    assert values["gamma_cat"].n_items == 104


@pytest.mark.parametrize(("limit", "most"), [("_GAMMA_PAIRS", 99), ("_GAMMA_RATERS", 2)])
def test_gamma_that_would_take_long_is_undefined_with_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(f"goldwire.agreement.batch_values.{limit}", most)
    report = agree.run(filled(tmp_path), batch="b01", html=False)
    [value] = [value for value in report.values if value.coefficient == "gamma"]
    assert isnan(value.value)
    assert value.reason is not None
    assert f"more than {most}" in value.reason
    assert (value.n_items, value.n_raters) == (104, 3)


def test_the_file_has_the_values_of_the_report(space: Workspace, report: agree.AgreeReport) -> None:
    measured = jsonl.read_document(space.agreement / "b01.json", BatchAgreement)
    assert [repr(value) for value in measured.values] == [repr(value) for value in report.values]
    assert (measured.articles, measured.annotators, measured.unconfirmed) == (12, ("A1", "A2", "A3"), 0)
    assert (measured.disagreements.missing, measured.disagreements.boundary, measured.disagreements.split) == (8, 0, 0)


def test_a_second_run_writes_the_same_bytes(space: Workspace, report: agree.AgreeReport) -> None:
    before = [(space.agreement / f"b01.{end}").read_bytes() for end in ("json", "html")]
    agree.run(space, batch="b01")
    assert [(space.agreement / f"b01.{end}").read_bytes() for end in ("json", "html")] == before


def test_output_does_not_depend_on_the_hash_seed(space: Workspace, report: agree.AgreeReport) -> None:
    before = [(space.agreement / f"b01.{end}").read_bytes() for end in ("json", "html")]
    script = (
        "import sys; from pathlib import Path; from goldwire.workspace.layout import find_workspace;"
        "from goldwire.stages import agree;"
        "agree.run(find_workspace(Path(sys.argv[1]), explicit=True), batch='b01')"
    )
    source = str(SCRIPTS)
    for seed in ("1", "2"):
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": source, "PATH": ""}
        subprocess.run([sys.executable, "-c", script, str(space.root)], check=True, env=environment)
        assert [(space.agreement / f"b01.{end}").read_bytes() for end in ("json", "html")] == before


def test_unconfirmed_layers_are_counted_and_left_out(tmp_path: Path) -> None:
    space = filled(tmp_path)
    path = space.layers / "b01" / "A3.jsonl"
    layers = [
        msgspec.structs.replace(layer, confirmed=False, spans=(), stances=())
        for layer in jsonl.read(path, factories.AnnotationLayer)
    ]
    jsonl.write(path, layers)
    report = agree.run(space, batch="b01", html=False)
    assert report.unconfirmed == 12
    values = {value.name: value for value in report.values}
    assert values["span_f1_exact"].value == pytest.approx(2 * 32 / 68)


def test_the_report_fits_one_screen(report: agree.AgreeReport) -> None:
    lines = report.to_text().splitlines()
    assert len(lines) <= 24
    assert any(line.startswith("span_f1_exact ") and line.endswith("  108 spans") for line in lines)
    assert max(map(len, lines)) <= 80
    # What includes whether a stance is drawn comes before what is conditional on it, which states its condition.
    stances = [line for line in lines if line.startswith("stance_")]
    assert [line.split()[0] for line in stances][:4] == [
        "stance_f1_exact",
        "stance_f1_characters",
        "stance_f1_label",
        "stance_alpha_with_none",
    ]
    assert stances[4].endswith("  12 pairs drawn by two")


def test_json_is_written_if_the_report_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    space = filled(tmp_path, articles=2)
    for module in ("jinja2", "goldwire.report.agreement"):
        monkeypatch.setitem(sys.modules, module, None)
    report = agree.run(space, batch="b01")
    assert report.html is None
    assert report.note is not None
    assert "goldwire[report]" in report.note
    assert (space.agreement / "b01.json").exists()


def test_a_value_below_its_minimum_is_reported(tmp_path: Path) -> None:
    filled(tmp_path, articles=4)
    floors = "\n[tool.goldwire.floors]\nspan_f1_exact = 0.99\nspan_f1_label = 0.1\nnever_measured = 0.5\n"
    with (tmp_path / "pyproject.toml").open("a") as file:
        file.write(floors)
    report = agree.run(find_workspace(tmp_path, explicit=True), batch="b01", html=False)
    assert len(report.below) == 1
    assert report.below[0].startswith("span_f1_exact ")


def test_annotators_are_compared_with_gold_on_demand(tmp_path: Path) -> None:
    space = filled(tmp_path, articles=4)
    layers = [
        msgspec.structs.replace(layer, annotator="gold")
        for layer in jsonl.read(space.layers / "b01" / "A1.jsonl", factories.AnnotationLayer)
    ]
    jsonl.write(space.gold / "b01.jsonl", layers)

    def with_gold(**options: bool) -> list[float]:
        agree.run(space, batch="b01", html=False, **options)
        measured = jsonl.read_document(space.agreement / "b01.json", BatchAgreement)
        return [part.with_gold.value for part in measured.annotator_reports]

    assert all(map(isnan, with_gold()))
    assert with_gold(gold=True) == [1, pytest.approx(20 / 22), 1]


def test_a_pushed_batch_has_links_to_its_tasks(tmp_path: Path) -> None:
    space = filled(tmp_path, articles=2)
    tasks = [
        Task(
            id=f"b01-{n}",
            batch="b01",
            kind="entities",
            article_id=f"wire-{n:012d}",
            window=(0, 10),
            target=None,
            text_sha256="",
            annotators=("A1", "A2"),
        )
        for n in (1, 0)
    ]
    jsonl.write(space.tasks / "b01.jsonl", tasks)
    pushed = PushedProject(
        annotator="A2", project=7, name="b01/A2", tasks=2, guidelines_version="1.0", schema_version="1.0"
    )
    write_ledger(space, Ledger(batch="b01", server="http://127.0.0.1:9000", projects=(pushed,)))
    agree.run(space, batch="b01")
    page = (space.agreement / "b01.html").read_text()
    # The first article is A2's second task.
    assert 'href="http://127.0.0.1:9000/projects/7/sequence-labeling?page=2"' in page


def test_a_single_annotator_is_an_error(tmp_path: Path) -> None:
    space = filled(tmp_path, articles=2)
    for name in ("A2", "A3"):
        (space.layers / "b01" / f"{name}.jsonl").unlink()
    with pytest.raises(GoldwireError, match="only A1"):
        agree.run(space, batch="b01")
    assert not space.agreement.exists()


def test_an_unknown_batch_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GoldwireError, match="b99"):
        agree.run(factories.workspace(tmp_path), batch="b99")


def test_fail_under_sets_a_minimum_for_one_run(space: Workspace) -> None:
    before = (space.root / "pyproject.toml").read_bytes()
    assert agree.run(space, batch="b01", html=False, fail_under={"span_f1_exact": 0.5}).exit_code == 0
    report = agree.run(space, batch="b01", html=False, fail_under={"span_f1_exact[A1+A2]": 0.99})
    assert report.exit_code == 1
    assert [line.split()[0] for line in report.below] == ["span_f1_exact[A1+A2]"]
    assert (space.root / "pyproject.toml").read_bytes() == before


@pytest.mark.parametrize("fail_under", [{"span_f1_exact": nan}, {"": 0.5}, {"span_f1_exact": 80}, {"span_f1": 0.8}])
def test_a_minimum_of_an_unmeasured_value_is_an_error(space: Workspace, fail_under: dict[str, float]) -> None:
    with pytest.raises(GoldwireError):
        agree.run(space, batch="b01", html=False, fail_under=fail_under)


def test_every_table_is_written_as_csv_and_as_latex(space: Workspace, tmp_path: Path) -> None:
    report = agree.run(space, batch="b01", html=False, tables=tmp_path)
    names = {path.stem for path in tmp_path.iterdir()}
    assert {"b01-overall", "b01-labels", "b01-pairs", "b01-disagreements", "b01-stances", "b01-annotators"} <= names
    assert sorted(report.tables) == sorted(map(str, tmp_path.iterdir()))
    assert len(report.tables) == 2 * len(names)
    rows = list(csv.DictReader((tmp_path / "b01-overall.csv").open()))
    stored = {value.coefficient: value for value in report.values if value.is_whole}
    for row in rows:
        assert float(row["value"] or "nan") == pytest.approx(stored[row["measure"]].value, nan_ok=True)
        assert float(row["value low"] or "nan") == pytest.approx(stored[row["measure"]].low, nan_ok=True)
    latex = (tmp_path / "b01-overall.tex").read_text()
    assert latex.count(r"\\") == len(rows) + 1
    assert r"span\_f1\_exact & $" in latex
    assert "A1 and A2," in (tmp_path / "b01-pairs.csv").read_text()


def test_agreement_with_themselves_is_over_copies_in_all_batches(tmp_path: Path) -> None:
    space = filled(tmp_path / "w", articles=2)
    text = "Ada Brook of the Port League spoke to Nils Orr on Monday about the quay."
    copies = [factories.article(f"Copy {n}\n\n{text}", id=f"wire-{n:012x}") for n in (0xA1, 0xA2)]
    jsonl.write(space.articles / "copies.jsonl", copies)
    jsonl.write(
        space.duplicates, [Duplicates(cluster=copies[0].id, article_ids=(copies[0].id, copies[1].id), pairs=())]
    )
    for batch, copy, spans in (
        ("b02", copies[0], [(10, 19, "PER"), (27, 38, "ORG")]),
        ("b03", copies[1], [(10, 19, "PER")]),
    ):
        jsonl.write(space.layers / batch / "A1.jsonl", [factories.layer(copy, spans, annotator="A1", batch=batch)])
    gold = factories.layer(copies[1], [(10, 19, "PER"), (27, 38, "ORG")], annotator="gold", batch="b03")
    jsonl.write(space.gold / "b03.jsonl", [gold])
    report = agree.run(space, batch="b01")
    assert report.gold_checks == {}  # no copy is in this batch
    jsonl.write(space.layers / "b02" / "A2.jsonl", [factories.layer(copies[0], annotator="A2", batch="b02")])
    checked = agree.run(space, batch="b02")
    assert {name: value.value for name, value in checked.gold_checks.items()} == {"A1": 1.0, "A2": 0.0}
    assert "A1 with known gold of 2 spans: F1 1.000" in checked.to_text()
    assert checked.html is not None
    assert "with known gold (2)" in (space.root / checked.html).read_text(encoding="utf-8")
    assert report.self_agreement["A1"].value == pytest.approx(2 / 3)
    assert list(report.self_agreement) == ["A1"]
    assert "A1 with own labels of 2 spans in repeated sentences: F1 0.667" in report.to_text()
    assert report.html is not None
    assert "with themselves (2)" in (space.root / report.html).read_text(encoding="utf-8")


def test_gold_checks_compare_with_the_gold_of_another_batch_which_stays_the_only_gold(tmp_path: Path) -> None:
    space = filled(tmp_path / "w", articles=3)
    article = factories.article(TEXT.format(n=7), id="wire-0000000000f7")
    jsonl.write(space.articles / "other.jsonl", [article])
    gold = factories.layer(article, marks(7), annotator="gold", batch="b00")
    jsonl.write(space.gold / "b00.jsonl", [gold])
    for name, spans in (("A1", marks(7)), ("A2", marks(7)[:1])):
        path = space.layers / "b01" / f"{name}.jsonl"
        jsonl.write(path, [*loading.layers_of(path), factories.layer(article, spans, annotator=name)])
    names = [f"wire-{n:012d}" for n in range(3)]
    factories.write_tasks(space, "b01", [*map(loading.articles(space).__getitem__, names), article], ("A1", "A2"))
    tasks = loading.tasks(space, "b01")
    jsonl.write(space.tasks / "b01.jsonl", [*tasks[:3], msgspec.structs.replace(tasks[3], gold_check="article")])
    checked = agree.run(space, batch="b01").gold_checks
    assert {name: value.value for name, value in checked.items()} == {"A1": 1.0, "A2": 0.5}
    assert adjudicate.run(space, batch="b01").articles == 3
    assert [layer.article_id for layer in jsonl.read(space.gold / "b01.jsonl", AnnotationLayer)] == names
    stale = {"gold-stale", "decision-stale", "gold-unsupported", "gold-missing", "overlap-uneven"}
    assert stale.isdisjoint(f.code for f in check.run(space).findings if "b01" in f.file)
