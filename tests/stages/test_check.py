"""The check stage: selection, exit codes, waivers, fixes, changes since a revision, and arbitrary broken data."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import goldwire
from goldwire.checks.registry import RULES
from goldwire.checks.report import FORMATS
from goldwire.checks.rules import stored_agreement
from goldwire.errors import GoldwireError
from goldwire.stages import check
from goldwire.workspace.layout import Workspace, find_workspace
from support.factories import copy_tiny_repo
from support.overlay import TINY, Case, Edit, Write, apply_case, read_case, rehash

ARTICLES = "corpus/articles/wire.jsonl"
LAYER = "annotations/layers/b01/A1.jsonl"
UNKNOWN = Edit(file=LAYER, old='"start":377,"end":390,"label":"ORG"', new='"start":377,"end":390,"label":"Org"')
FIRST = '"confirmed":{},"spans":[{{"id":"T1","start":15'
UNCONFIRMED = Edit(file=LAYER, old=FIRST.format("true"), new=FIRST.format("false"))
FIXABLE = sorted(code for code, rule in RULES.items() if rule.fixable)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    copy_tiny_repo(tmp_path / "w")
    return find_workspace(tmp_path / "w", explicit=True)


def corrupt(workspace: Workspace, *edits: Edit, write: tuple[Write, ...] = ()) -> Workspace:
    apply_case("", Case(edit=edits, write=write), workspace.root)
    return workspace


def codes(report: check.CheckReport) -> list[str]:
    return [finding.code for finding in report.findings]


def test_check_yields_findings(workspace: Workspace) -> None:
    assert list(goldwire.check(workspace.root)) == []
    assert [finding.code for finding in goldwire.check(corrupt(workspace, UNKNOWN).root)] == ["label-unknown"]


def test_a_stored_agreement_without_a_field_is_stale(workspace: Workspace) -> None:
    stored = workspace.root / "annotations/agreement/b01.json"
    document = json.loads(stored.read_text())
    assert document["values"][0].pop("label") is None
    stored.write_text(json.dumps(document))
    (finding,) = check.run(workspace).findings
    assert (finding.code, finding.item) == ("agreement-stale", document["values"][0]["coefficient"])
    assert "has label nothing, the layers give" in finding.message


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({}, ["label-unknown", "layer-unconfirmed"]),
        ({"select": ["label-unknown"]}, ["label-unknown"]),
        ({"select": ["L4"]}, ["layer-unconfirmed"]),
        ({"select": ["layer", "label-unknown"], "ignore": ["L4"]}, ["label-unknown"]),
        ({"ignore": ["label", "layer"]}, []),
    ],
)
def test_select_and_ignore_choose_codes(workspace: Workspace, options: dict[str, list[str]], wanted: list[str]) -> None:
    corrupt(workspace, UNKNOWN)
    second = workspace.root / "annotations/layers/b01/A2.jsonl"
    second.write_text(second.read_text().replace('"confirmed":true', '"confirmed":false', 1))
    assert codes(check.run(workspace, **options)) == wanted


def test_exit_code_is_1_for_errors_and_in_strict_mode_for_warnings(workspace: Workspace) -> None:
    assert check.run(workspace).exit_code == 0
    corrupt(workspace, write=(Write(file="annotations/notes.txt", text="x\n"),))  # a warning
    assert check.run(workspace).exit_code == 0
    assert check.run(workspace, strict=True).exit_code == 1
    assert check.run(corrupt(workspace, write=(Write(file=ARTICLES, text="{\n", append=True),))).exit_code == 1


def test_what_takes_long_is_left_out_with_a_note_unless_the_check_is_deep(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = workspace.agreement / "b01.json"
    document = json.loads(file.read_text())
    gamma = next(value for value in document["values"] if value["coefficient"] == "gamma")
    gamma["value"] = 0.5
    file.write_text(json.dumps(document, indent=2) + "\n")
    assert codes(check.run(workspace)) == ["agreement-stale"]
    scores = workspace.splits / "v0.0.1" / "baseline.json"
    document = json.loads(scores.read_text())
    majority = next(model for model in document["stance"] if model["role"] == "majority")
    majority["role"] = "probe"
    value = majority["scores"]["test"]["value"]
    changed = next(value + digit for digit in (0.001, -0.001) if 0 <= value + digit <= 1)
    majority["scores"]["test"]["value"] = changed
    scores.write_text(json.dumps(document, indent=2) + "\n")
    rehash(scores.parent, scores.name)
    monkeypatch.setattr(stored_agreement, "_GAMMA_PAIRS", 0)
    report = check.run(workspace)
    assert {finding.file for finding in report.findings} == {"splits/v0.0.1/README.md"}  # has the score before
    assert report.notes == (
        "gamma of b01 was not computed again: `goldwire check --deep` does it",
        "the models of v0.0.1 were not trained again: `goldwire check --deep` does it",
    )
    deep = check.run(workspace, deep=True)
    assert [finding.code for finding in deep.findings if finding.file.startswith("annotations/")] == ["agreement-stale"]
    items = {finding.item for finding in deep.findings if finding.file.endswith("baseline.json")}
    assert (items, deep.notes) == ({f"stance {majority['name']} {at}" for at in ("role", "scores test value")}, ())


def test_models_that_were_chosen_otherwise_are_not_trained_again(workspace: Workspace) -> None:
    file = workspace.splits / "v0.0.1" / "baseline.json"
    document = json.loads(file.read_text())
    del document["stance_leads"]
    file.write_text(json.dumps(document, indent=2) + "\n")
    rehash(file.parent, file.name)
    report = check.run(workspace)
    assert not any("trained again" in note for note in report.notes)
    assert {finding.item.split(":")[0] for finding in report.findings} == {"stance, the model minus the probe"}


@pytest.mark.parametrize("options", [{"select": ["span-crosed"]}, {"ignore": ["L6"]}, {"format": "html"}])
def test_unknown_codes_levels_and_formats_are_refused(workspace: Workspace, options: dict[str, object]) -> None:
    with pytest.raises(GoldwireError):
        check.run(workspace, **options)


def test_unlisted_findings_are_counted(workspace: Workspace) -> None:
    corrupt(workspace, Edit(file=LAYER, old='"label":"PER"', new='"label":"Per"', times=7))
    full, short = check.run(workspace), check.run(workspace, max_per_code=2)
    assert (len(full.findings), len(short.findings), short.unlisted) == (7, 2, {"label-unknown": 5})
    assert short.errors == full.errors == 7
    assert "7  [label-unknown]" in short.render("text")


def test_each_format_contains_the_finding(workspace: Workspace) -> None:
    report = check.run(corrupt(workspace, UNKNOWN, UNCONFIRMED))
    assert [row["code"] for row in json.loads(report.render("json"))] == ["label-unknown"]
    suites = ElementTree.fromstring(report.render("junit"))
    assert [case.get("name") for case in suites.iter("testcase") if len(case)] == ["label-unknown"]
    assert int(suites[0].get("tests", 0)) == sum(rule.found_by != "pull" for rule in RULES.values())
    assert report.render("github").startswith("::error file=")
    assert f"{LAYER},line=1,title=label-unknown%3A" in report.render("github")
    assert "\x1b[31m[label-unknown]\x1b[0m" in report.render("text", color=True)
    assert "\x1b" not in report.render("text")


def test_file_names_are_relative_to_the_working_folder(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    corrupt(workspace, UNKNOWN)
    monkeypatch.chdir(workspace.root.parent)
    assert check.run(workspace).render("text").startswith(f"w/{LAYER}:1 T8: ")
    monkeypatch.chdir(workspace.root)
    assert check.run(workspace).render("text").startswith(f"{LAYER}:1 T8: ")


def test_control_characters_in_messages_are_escaped(workspace: Workspace) -> None:
    # A hostile text must not move the cursor or reverse the line.
    label = r'"start":377,"end":390,"label":"\u001b[2J\u202e\n"'
    corrupt(workspace, Edit(file=LAYER, old=UNKNOWN.old, new=label))
    text = check.run(workspace).render("text")
    assert all(line.isprintable() for line in text.splitlines())
    ElementTree.fromstring(check.run(workspace).render("junit"))


def test_waivers_accept_findings_until_they_expire(workspace: Workspace) -> None:
    corrupt(workspace, UNKNOWN)
    fields = (
        'code = "label-unknown"',
        'file = "annotations/layers/*"',
        'item = "{}"',
        'reason = "agreed"',
        "until = {}",
    )
    waiver = "\n".join(("[[waiver]]", *fields, ""))
    workspace.waivers.write_text(waiver.format("T8", "2999-12-31"))
    assert codes(check.run(workspace)) == []
    workspace.waivers.write_text(waiver.format("T9", "2999-12-31"))
    assert codes(check.run(workspace)) == ["label-unknown", "waiver-unused"]
    workspace.waivers.write_text(waiver.format("T8", "2001-12-31"))
    assert codes(check.run(workspace)) == ["label-unknown", "waiver-expired"]


@pytest.mark.parametrize("code", FIXABLE)
def test_fixable_problems_are_fixed(code: str, workspace: Workspace) -> None:
    apply_case(code, read_case(code), workspace.root)
    planned = check.run_fix(workspace)
    assert planned.files
    assert any(line.startswith(("-", "+")) for line in planned.diff)
    before = check.run(workspace)
    assert check.run_fix(workspace, write=True).files == planned.files
    assert code in codes(before)
    after = codes(check.run(workspace))
    # The raw file of a fixed text is the same, so that no other finding may remain.
    assert after == []
    assert check.run_fix(workspace, write=True).files == ()


def test_an_annotated_text_is_not_normalized(workspace: Workspace) -> None:
    path = workspace.root / ARTICLES
    path.write_text(path.read_text().replace("keys of the old mill", "keys of the o\u0308ld mill"))
    before = path.read_bytes()
    assert check.run_fix(workspace, write=True).files == ()
    assert path.read_bytes() == before


def commit(root: Path) -> None:
    author = ("-c", "user.name=nobody", "-c", "user.email=nobody@nowhere.example", "-c", "commit.gpgsign=false")
    for arguments in (("init", "-q"), ("add", "."), (*author, "commit", "-q", "-m", "clean")):
        subprocess.run(("git", *arguments), cwd=root, check=True, capture_output=True)


def test_changed_since_omits_earlier_findings(workspace: Workspace) -> None:
    corrupt(workspace, UNKNOWN)
    commit(workspace.root)
    assert codes(check.run(workspace, changed_since="HEAD")) == []
    corrupt(workspace, Edit(file=ARTICLES, old="Nobody was hurt", new="Nobody was harmed"))
    assert codes(check.run(workspace, changed_since="HEAD")) == ["text-digest-mismatch"]
    assert sorted(codes(check.run(workspace))) == ["label-unknown", "text-digest-mismatch"]


def test_changed_since_reports_findings_in_unchanged_files(workspace: Workspace) -> None:
    commit(workspace.root)
    path = workspace.root / ARTICLES
    path.write_text("".join(line for line in path.read_text().splitlines(True) if "6bc7e889ace8" not in line))
    findings = check.run(workspace, changed_since="HEAD").findings
    assert {finding.code for finding in findings} == {"article-unknown"}
    assert ARTICLES not in {finding.file for finding in findings}


def test_changed_since_refuses_an_unknown_revision(workspace: Workspace) -> None:
    with pytest.raises(GoldwireError):
        check.run(workspace, changed_since="HEAD")
    commit(workspace.root)
    with pytest.raises(GoldwireError):
        check.run(workspace, changed_since="no-such-revision")


FILES = sorted(
    path.relative_to(TINY).as_posix()
    for path in TINY.rglob("*")
    if path.is_file() and ".goldwire" not in path.relative_to(TINY).parts
)
BYTES = st.one_of(
    st.binary(max_size=8),
    st.sampled_from(
        [b"\n", b"\r\n", b'"', b"{", b"[]", b"null", b"-1", b"1e999", b"\\ud800", b"\xff", b"\t", b"9" * 40]
    ),
)


@pytest.mark.usefixtures("remembered_results")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(FILES[:-1]), st.floats(0, 1), st.integers(0, 30), BYTES), max_size=4))
def test_check_never_raises_on_corrupted_bytes(tmp_path: Path, edits: list[tuple[str, float, int, bytes]]) -> None:
    root = tmp_path / "corrupted"
    shutil.rmtree(root, ignore_errors=True)
    copy_tiny_repo(root)
    for file, at, length, new in edits:
        path = root / file
        if path.name != "pyproject.toml":
            data = path.read_bytes()
            start = int(at * len(data))
            path.write_bytes(data[:start] + new + data[start + length :])
    report = check.run(find_workspace(root, explicit=True))
    for name in FORMATS:
        assert report.render(name) or not report.findings
    ElementTree.fromstring(report.render("junit"))


def any_value(draw: Callable[..., object]) -> object:
    return draw(
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(-3, 10**20),
            st.floats(allow_nan=False, allow_infinity=False),
            st.text(max_size=6),
            st.just([]),
            st.just({}),
        )
    )


@pytest.mark.usefixtures("remembered_results")
@pytest.mark.timeout(900)  # 300 checks, and all figures of agreement for each change of layers
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_check_never_raises_on_wrong_values(tmp_path: Path, data: st.DataObject) -> None:
    root = tmp_path / "corrupted"
    shutil.rmtree(root, ignore_errors=True)
    copy_tiny_repo(root)
    path = root / data.draw(st.sampled_from([file for file in FILES if file.endswith((".jsonl", ".json"))]))
    lines = path.read_text().splitlines() if path.suffix == ".jsonl" else [path.read_text()]
    number = data.draw(st.integers(0, len(lines) - 1))
    record = json.loads(lines[number])
    for _ in range(data.draw(st.integers(1, 3))):
        replace_random_value(record, any_value(data.draw), random.Random(data.draw(st.integers(0, 10**6))))
    lines[number] = json.dumps(record, ensure_ascii=False)
    path.write_text("\n".join(lines) + "\n")
    workspace = find_workspace(root, explicit=True)
    assert check.run(workspace).render("sarif")
    check.run_fix(workspace, write=True)


def replace_random_value(record: object, value: object, rng: random.Random) -> None:
    """Replace a random value in a record, at any depth."""
    while True:
        keys = (
            list(record) if isinstance(record, dict) else list(range(len(record))) if isinstance(record, list) else []
        )
        if not keys:
            return
        key = rng.choice(keys)
        if not isinstance(record[key], dict | list) or not record[key] or rng.random() < 0.2:
            record[key] = value
            return
        record = record[key]
