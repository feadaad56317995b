"""From layers to a released version: adjudicate, split, release, on a small invented workspace."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from goldwire.errors import DataError, GoldwireError
from goldwire.records import AcceptedFindings, AnnotationLayer, Article, MachineRun
from goldwire.release.card_claims import NO_LEAK
from goldwire.release.reader import load_release
from goldwire.stages import adjudicate, check, diff, release, split
from goldwire.workspace import jsonl, loading
from goldwire.workspace.layout import Workspace, find_workspace
from support.factories import article, copy_tiny_repo, layer, workspace, write_tasks
from support.stories import story

SOURCES = '[wire]\nname = "The Wire"\nlanguage = "en"\nlicence = "CC0-1.0"\nredistribute = true\n'
TEXT = "Ada Ito backs Bo Lund\n\nShe said so: {}."


def fill(space: Workspace, count: int, *, first: int = 0, labelled: bool = True) -> list[Article]:
    """Write articles, each annotated by two annotators who agree and a third who draws no stance."""
    new = [article(TEXT.format(" ".join(story(n, 40))), id=f"wire-{n:012d}") for n in range(first, first + count)]
    space.articles.mkdir(parents=True, exist_ok=True)
    (space.corpus / "sources.toml").write_text(SOURCES)
    articles = [*loading.articles(space).values(), *new]
    jsonl.write(space.articles / "wire.jsonl", articles, key=lambda item: item.id)
    spans, stances = ([(0, 7, "PER"), (14, 21, "PER")], [(0, 1, "supports")]) if labelled else ([], [])
    batch = f"b{first:02d}"
    for name, drawn in (("A1", stances), ("A2", stances), ("A3", [])):
        layers = [layer(item, spans, drawn, annotator=name, batch=batch) for item in new]
        jsonl.write(space.layers / batch / f"{name}.jsonl", layers)
    adjudicate.run(space, batch=batch)
    return new


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    space = workspace(tmp_path / "trial")
    fill(space, 12)
    return space


def split_and_release(
    space: Workspace, version: str | None = None, *, allow: dict[str, str] | None = None
) -> release.ReleaseReport:
    split.run(space)
    return release.run(space, version=version, allow=allow or {})


def read_files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_release_has_gold_and_annotators_labels(space):
    report = split_and_release(space)
    assert (report.version, report.written, sum(report.articles.values())) == ("0.0.1", True, 12)
    version = load_release(space.root, "0.0.1")
    entity = next(version.rows("entities", "test"))
    assert entity["tokens"][:6] == ["Ada", "Ito", "backs", "Bo", "Lund", "She"]
    assert entity["ner_tags"][:6] == ["B-PER", "I-PER", "O", "B-PER", "I-PER", "O"]
    assert [entity["text"][s:e] for s, e in zip(entity["token_starts"], entity["token_ends"], strict=True)] == (
        entity["tokens"]
    )
    assert entity["spans"][1] == {"id": "T2", "start": 14, "end": 21, "label": "PER", "text": "Bo Lund", "votes": 3}
    stance = next(version.rows("stance", "test"))
    assert {key: stance[key] for key in ("holder", "holder_start", "target", "target_end", "label")} == {
        "holder": "Ada Ito",
        "holder_start": 0,
        "target": "Bo Lund",
        "target_end": 21,
        "label": "supports",
    }
    assert (stance["votes"], stance["n_annotators"]) == (2, 3)
    assert [*stance["stance_shares"], stance["none_share"]] == pytest.approx([0, 0, 2 / 3, 1 / 3])
    annotators = [row["annotator"] for row in version.rows("annotations", "test")]
    assert sorted(set(annotators)) == ["A1", "A2", "A3"]


def test_the_manifest_has_counts_and_files(space):
    split_and_release(space)
    manifest = load_release(space.root, "0.0.1").manifest
    assert manifest.labels["entities"] == {"PER": 24}
    assert manifest.labels["stance"] == {"supports": 12}
    folder = space.release("0.0.1")
    assert sorted(file.path for file in manifest.files) == sorted(set(read_files(folder)) - {"manifest.json"})
    assert sum(file.rows or 0 for file in manifest.files) == 12 + 12 + 36 + 12 + 24


def test_releasing_again_changes_nothing(space):
    split_and_release(space)
    before = read_files(space.splits)
    assert not split_and_release(space).written
    assert not release.run(space, version="0.0.1").written
    assert read_files(space.splits) == before


def test_releases_of_equal_data_have_equal_bytes(space, tmp_path):
    other = workspace(tmp_path / "other")
    fill(other, 12)
    split_and_release(space)
    split_and_release(other)
    assert read_files(space.splits) == read_files(other.splits)


def test_an_existing_version_is_never_changed(space):
    split_and_release(space)
    before = read_files(space.splits)
    gold = next(space.gold.glob("b00.jsonl"))
    gold.write_bytes(gold.read_bytes().replace(b'"supports"', b'"opposes"'))
    with pytest.raises(GoldwireError):
        release.run(space, version="v0.0.1")
    assert read_files(space.splits) == before


def test_the_changes_determine_the_version(space):
    split_and_release(space)
    assert split_and_release(space).version == "0.0.1"
    fill(space, 3, first=20)
    assert split_and_release(space).version == "0.1.0"
    gold = space.gold / "b20.jsonl"
    gold.write_bytes(gold.read_bytes().replace(b'"supports"', b'"opposes"'))
    corrected = split_and_release(space)
    assert (corrected.version, corrected.previous) == ("0.1.1", "0.1.0")
    space.schema.write_text(space.schema.read_text().replace("a person", "a person who is named"))
    assert split_and_release(space).version == "1.0.0"


def test_ten_releases_of_a_growing_and_corrected_corpus(space):
    """Each has the version that its change requires; no article moves, and no earlier folder changes."""

    def swap(path: Path, old: bytes, new: bytes) -> None:
        assert old in path.read_bytes()
        path.write_bytes(path.read_bytes().replace(old, new, 1))

    def withdraw_article(split_name: str) -> None:
        withdrawn = next(row.article_id for row in loading.assignment(space) if row.split == split_name)
        for path in space.gold.glob("*.jsonl"):
            lines = path.read_bytes().splitlines(keepends=True)
            path.write_bytes(b"".join(line for line in lines if withdrawn.encode() not in line))

    gold, a1 = space.gold / "b00.jsonl", space.layers / "b00" / "A1.jsonl"
    steps = [
        ("0.0.1", lambda: None),
        ("0.1.0", lambda: fill(space, 3, first=20)),
        ("0.1.1", lambda: swap(gold, b'"supports"', b'"opposes"')),
        ("0.2.0", lambda: fill(space, 5, first=30)),
        ("0.2.1", lambda: swap(a1, b'"supports"', b'"neutral"')),
        ("1.0.0", lambda: swap(space.schema, b"an organisation", b"a body with a name")),
        ("1.1.0", lambda: fill(space, 1, first=40)),
        ("2.0.0", lambda: withdraw_article("test")),
        ("2.1.0", lambda: withdraw_article("train")),
        ("2.1.1", lambda: swap(gold, b'"opposes"', b'"neutral"')),
    ]
    # The gold labels are changed by hand here, without the decisions behind them.
    by_hand = dict.fromkeys(("gold-contradicts-decision", "gold-stale", "decision-stale"), "changed by hand in a test")
    released: dict[str, dict[str, bytes]] = {}
    splits: dict[str, str] = {}
    for expected, change in steps:
        change()
        report = split_and_release(space, allow=by_hand)
        assert (report.version, report.written) == (expected, True)
        assert not split_and_release(space, allow=by_hand).written
        current = {row.article_id: row.split for row in loading.assignment(space)}
        assert splits.items() <= current.items()
        splits = current
        for version, before in released.items():
            assert read_files(space.release(version)) == before
        released[expected] = read_files(space.release(expected))
    log = (space.release("2.1.1") / "CHANGELOG.md").read_text()
    assert [line for line in log.splitlines() if line.startswith("## ")] == [f"## {v}" for v, _ in reversed(steps)]
    (change,) = diff.run(space, old="0.1.0", new="v0.1.1").changes
    assert (change.kind, [unit.label for unit in change.labels_removed + change.labels_added]) == (
        "labels",
        ["supports", "opposes"],
    )


def test_the_datasheet_is_updated(space):
    sheet = space.root / "DATASHEET.md"
    sheet.write_text("By hand.\n<!-- goldwire:begin composition -->\n<!-- goldwire:end composition -->\n")
    split_and_release(space)
    assert "| articles | 8 | 2 | 2 | 12 |" in sheet.read_text()
    assert sheet.read_text().startswith("By hand.\n")


def test_a_released_article_keeps_its_split(space):
    split_and_release(space)
    before = {row.article_id: row for row in loading.assignment(space)}
    fill(space, 9, first=20)
    split_and_release(space)
    after = {row.article_id: row for row in loading.assignment(space)}
    assert before.items() <= after.items()
    assert {row.since_version for name, row in after.items() if name not in before} == {"0.1.0"}


def leaked(space: Workspace) -> tuple[str, str]:
    """Release a first version, then assign a copy of a train article to test by hand; return the copy and its file."""
    split_and_release(space)
    row = next(row for row in loading.assignment(space) if row.split == "train")
    copied = loading.articles(space)[row.article_id]
    (copy,) = fill(space, 1, first=20)
    copy = article(f"{copied.text} Again.", id=copy.id)
    articles = loading.articles(space) | {copy.id: copy}
    jsonl.write(space.articles / "wire.jsonl", articles.values(), key=lambda item: item.id)
    for path in (*space.layers.glob("b20/*.jsonl"), space.gold / "b20.jsonl"):
        layers = [replace(old, text_sha256=copy.text_sha256) for old in jsonl.read(path, AnnotationLayer)]
        jsonl.write(path, layers)
    with space.assignment.open("a") as file:
        file.write(f"{copy.id}\t{copy.id}\ttest\t0.1.0\n")
    return copy.id, row.article_id


def test_a_version_with_a_leak_is_not_written(space):
    leak, original = leaked(space)
    before = read_files(space.splits)
    report = release.run(space)
    assert (report.version, report.written, report.exit_code) == ("0.1.0", False, 1)
    assert [(finding.code, finding.item) for finding in report.errors] == [("near-text-across-splits", leak)]
    assert original in report.to_text()
    assert "1 error in what v0.1.0 would be made from: nothing was written" in report.to_text()
    assert read_files(space.splits) == before


def test_an_accepted_leak_is_in_manifest_and_card_and_the_card_does_not_deny_it(space):
    leaked(space)
    first_card = (space.release("0.0.1") / "README.md").read_text()
    report = release.run(space, allow={"near-text-across-splits": "a wire story", "span-crosses": "unused"})
    assert (report.written, report.exit_code) == (True, 0)
    accepted = AcceptedFindings(
        code="near-text-across-splits",
        summary="nearly the same text is in two splits",
        reason="a wire story",
        n_findings=1,
    )
    manifest = load_release(space.root, "0.1.0").manifest
    assert manifest.accepted == report.accepted == (accepted,)
    assert "nothing to allow: no error has the code span-crosses" in report.warnings
    card = (space.release("0.1.0") / "README.md").read_text()
    assert NO_LEAK in first_card
    assert NO_LEAK not in card
    assert (
        "`near-text-across-splits` (1): nearly the same text is in two splits. Accepted because: a wire story" in card
    )


def test_settings_and_waivers_accept_errors_with_their_reasons(space):
    leaked(space)
    (space.annotations / "waivers.toml").write_text(
        '[[waiver]]\ncode = "near-text-across-splits"\nfile = "splits/assignment.tsv"\n'
        'reason = "a wire story"\nuntil = 2999-01-01\n'
    )
    assert [one.reason for one in release.run(space).accepted] == ["a wire story"]
    shutil.rmtree(space.release("0.1.0"))
    (space.annotations / "waivers.toml").unlink()
    settings = '[tool.goldwire]\nname = "trial"\nallow = { near-text-across-splits = "known" }\n'
    (space.root / "pyproject.toml").write_text(settings)
    assert [one.reason for one in release.run(find_workspace(space.root)).accepted] == ["known"]


@pytest.mark.parametrize("allow", [{"span": "x"}, {"span-crossed": "x"}, {"L2": "x"}, {"span-crosses": " "}])
def test_only_a_code_with_a_reason_can_be_accepted(space, allow):
    split.run(space)
    with pytest.raises(GoldwireError):
        release.run(space, allow=allow)
    assert not list(space.splits.glob("v*"))


def test_an_error_in_an_article_of_a_later_version_does_not_matter(space):
    leaked(space)
    shutil.rmtree(space.release("0.0.1"))
    assert release.run(space, version="0.0.1").written


def test_an_offset_that_does_not_fit_its_text_prevents_a_release(space):
    split.run(space)
    agreed = space.layers / "b00" / "A1.jsonl"
    agreed.write_bytes(agreed.read_bytes().replace(b'"Ada Ito"', b'"Ada Iso"', 1))
    with pytest.raises(GoldwireError, match="differs from the article"):
        release.run(space)
    agreed.write_bytes(agreed.read_bytes().replace(b'"Ada Iso"', b'"Ada Ito"', 1))
    gold = space.gold / "b00.jsonl"
    gold.write_bytes(gold.read_bytes().replace(b'"confirmed":true', b'"confirmed":false', 1))
    assert [finding.code for finding in release.run(space).errors] == ["gold-unconfirmed"]
    assert not list(space.splits.glob("v*"))


def restrict(space: Workspace) -> None:
    space.sources.write_text(SOURCES.replace("true", "false"))


def test_text_that_may_not_be_redistributed_is_left_out_by_default(space):
    restrict(space)
    report = split_and_release(space)
    assert report.standoff
    assert "the text of wire may not be redistributed: the version is stand-off" in report.to_text()
    assert not any(b"said so" in content for content in read_files(space.release("0.0.1")).values())
    assert not split_and_release(space).written


def test_full_text_needs_a_reason_which_is_in_the_card(space):
    restrict(space)
    split.run(space)
    with pytest.raises(GoldwireError, match="reason"):
        release.run(space, full_text=" ")
    with pytest.raises(GoldwireError, match="stand-off"):
        release.run(space, full_text="for us", standoff=True)
    report = release.run(space, full_text="for our own reading")
    assert not report.standoff
    manifest = load_release(space.root, "0.0.1").manifest
    assert (manifest.full_text_reason, manifest.withheld_sources) == ("for our own reading", ("wire",))
    assert "for our own reading" in (space.release("0.0.1") / "README.md").read_text()
    assert "text" in next(load_release(space.root, "0.0.1").rows("entities", "train"))
    assert "release-text-forbidden" not in {finding.code for finding in check.run(space).findings}


def test_another_form_is_another_version(space):
    split_and_release(space)
    restrict(space)
    report = split_and_release(space)
    assert (report.version, report.changes) == ("0.1.0", ("minor: text removed: this version is stand-off",))
    assert diff.run(space, old="0.0.1", new="0.1.0").reasons == report.changes
    space.sources.write_text(SOURCES)
    assert split_and_release(space).changes == ("minor: text added",)
    with pytest.raises(GoldwireError, match="other content"):
        release.run(space, version="0.2.0", standoff=True)


def test_nothing_is_written_if_a_label_is_not_in_the_schema(space):
    split.run(space)
    space.schema.write_text(space.schema.read_text().replace('"PER"', '"HUMAN"'))
    with pytest.raises(GoldwireError, match="PER"):
        release.run(space)
    assert [path.name for path in space.splits.iterdir()] == ["assignment.tsv"]


def test_an_interrupted_release_leaves_nothing_behind(space, monkeypatch):
    def disk_full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    split.run(space)
    with monkeypatch.context() as patch:
        patch.setattr("goldwire.release.dataset_card.card_text", disk_full)
        with pytest.raises(OSError, match="space"):
            release.run(space)
    assert [path.name for path in space.splits.iterdir()] == ["assignment.tsv"]
    (space.splits / ".v0.0.1.killed.tmp").mkdir()
    assert release.run(space).written
    assert sorted(path.name for path in space.splits.iterdir()) == ["assignment.tsv", "v0.0.1"]


def test_pandas_frames_have_names_for_labels(space):
    split_and_release(space)
    version = load_release(space.root, "0.0.1")
    frame = version.to_pandas("stance")
    assert set(frame["split"]) == {"train", "validation", "test"}
    assert list(frame["label"].unique()) == ["supports"]
    assert len(version.to_pandas("entities", "train")) == version.manifest.articles["train"]
    with pytest.raises(GoldwireError):
        version.to_pandas("sentences")


_LOAD = """
import json, sys
from datasets import load_dataset
out = {}
for config in ("entities", "stance", "annotations"):
    loaded = load_dataset(sys.argv[1], config)
    out[config] = {split: [len(rows), str(rows.features)] for split, rows in loaded.items()}
print(json.dumps(out))
"""


def test_datasets_loads_every_config(space, tmp_path):
    split_and_release(space)
    environment = {**os.environ, "HF_HOME": str(tmp_path / "hf"), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", _LOAD, str(space.release("0.0.1"))]
    process = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    loaded = json.loads(process.stdout.splitlines()[-1])
    assert {config: sum(rows for rows, _ in by.values()) for config, by in loaded.items()} == {
        "entities": 12,
        "stance": 12,
        "annotations": 36,
    }
    assert all("ClassLabel(names=['opposes', 'neutral', 'supports'])" in kind for _, kind in loaded["stance"].values())
    assert all("ClassLabel(names=['O', 'B-PER'" in kind for _, kind in loaded["entities"].values())


def test_an_empty_column_and_an_empty_split_load_with_their_features(tmp_path):
    space = workspace(tmp_path / "trial")
    fill(space, 1, labelled=False)
    split_and_release(space)
    environment = {**os.environ, "HF_HOME": str(tmp_path / "hf"), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", _LOAD.replace('"stance", ', ""), str(space.release("0.0.1"))]
    process = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    loaded = json.loads(process.stdout.splitlines()[-1])
    assert {config: {split: rows for split, (rows, _) in by.items()} for config, by in loaded.items()} == {
        "entities": {"train": 1},
        "annotations": {"train": 3},
    }
    assert all("'ORG'" in kind for _, kind in loaded["entities"].values())
    version = load_release(space.root, "0.0.1")
    assert (list(version.rows("stance", "train")), version.splits("stance")) == ([], ())


def test_a_machines_layer_is_not_released_and_inclusion_probabilities_are(space):
    labelled = next(iter(loading.articles(space).values()))
    made = layer(labelled, [(0, 7, "ORG")], annotator="M1", batch="b00")
    run = MachineRun(source="gazetteer", date="2026-01-01")
    jsonl.write(space.layers / "b00" / "M1.jsonl", [replace(made, machine=run)])
    write_tasks(space, "b00", loading.articles(space).values(), ("A1", "A2", "A3"))
    tasks = [replace(task, inclusion_probability=0.25) for task in loading.tasks(space, "b00")]
    jsonl.write(space.tasks / "b00.jsonl", tasks)
    adjudicate.run(space, batch="b00")
    split_and_release(space)
    version = load_release(space.root, "0.0.1")
    assert set(version.to_pandas("annotations")["annotator"]) == {"A1", "A2", "A3"}
    assert "M1" not in (version.folder / "README.md").read_text()
    assert set(version.to_pandas("entities")["inclusion_probability"]) == {0.25}
    assert set(version.to_pandas("stance")["inclusion_probability"]) == {0.25}


def test_an_experts_layer_is_not_released(space):
    reviewed = next(iter(loading.articles(space).values()))
    expert_layer = layer(reviewed, [(0, 7, "ORG")], annotator="E1", batch="b00", comments=("T1: a body",))
    jsonl.write(space.layers / "b00" / "E1.jsonl", [expert_layer])
    adjudicate.run(space, batch="b00", method="expert", expert="E1")
    split_and_release(space)
    version = load_release(space.root, "0.0.1")
    assert set(version.to_pandas("annotations")["annotator"]) == {"A1", "A2", "A3"}
    assert "E1" not in (version.folder / "README.md").read_text()
    row = version.to_pandas("entities").set_index("article_id").loc[reviewed.id]
    assert [(span["label"], span["votes"]) for span in row["spans"]] == [("ORG", 0)]
    assert row["n_annotators"] == 3


def test_a_datasheet_that_is_not_utf8_is_an_error_before_anything_is_written(tmp_path: Path) -> None:
    root = tmp_path / "w"
    copy_tiny_repo(root)
    with (root / "DATASHEET.md").open("ab") as file:
        file.write(b"\xff")
    with pytest.raises(DataError, match="is not UTF-8"):
        release.run(find_workspace(root, explicit=True), version="0.0.2", baselines=False)
    assert not (root / "splits" / "v0.0.2").exists()


def test_a_card_that_no_longer_says_what_the_settings_do_is_reported(space: Workspace) -> None:
    """After the warning that nobody is named, the setting changed nothing: the version existed with the same labels."""
    split_and_release(space)
    assert release.run(space).warnings == ()
    settings = space.root / "pyproject.toml"
    settings.write_text(f'{settings.read_text()}annotations_creators = ["expert-generated"]\n')
    changed = find_workspace(space.root, explicit=True)
    assert "`goldwire release 0.0.2` writes them" in release.run(changed).to_text()
    assert release.run(changed, version="0.0.2").written
    assert release.run(changed).warnings == ()
