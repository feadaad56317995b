"""A bridge between train and test, from the raw file to the released version, through the command line."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from goldwire.records import Article
from goldwire.release.card_claims import NO_LEAK
from goldwire.release.reader import load_release
from goldwire.workspace import jsonl, loading
from goldwire.workspace.layout import Workspace, find_workspace
from support.factories import layer, workspace, write_tasks
from support.forked_commands import CommandResult, ForkedCommands
from support.paths import REPOSITORY

N_FIRST, N_LATER = 29, 9
SOURCES = '[wire]\nname = "The Wire"\nlanguage = "en"\nlicence = "CC0-1.0"\nredistribute = true\n'


class Shell(NamedTuple):
    """The command line in the folder of a workspace."""

    space: Workspace
    commands: ForkedCommands

    def run(self, *arguments: str) -> CommandResult:
        return self.commands.run(arguments, folder=self.space.root, timeout=300)

    def succeed(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.exit_code == 0, (arguments, done.stdout, done.stderr)
        return done.stdout


def stories() -> list[Article]:
    """Articles of the sample that have no near-duplicate."""
    sample = find_workspace(REPOSITORY, explicit=True)
    clustered = {article for cluster in loading.duplicates(sample) for article in cluster.article_ids}
    return [article for article in loading.articles(sample).values() if article.id not in clustered]


def body(article: Article) -> str:
    return article.text.removeprefix(article.title).strip()


def write_raw(space: Workspace, name: str, text: str) -> None:
    folder = space.raw / "wire"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.txt").write_text(text, encoding="utf-8")


def annotate(shell: Shell, batch: str) -> None:
    """Two annotators mark the first letter of each new article; the batch becomes gold and gets its agreement."""
    space = shell.space
    known = {layer.article_id for layer in loading.gold(space)}
    new = [article for article in loading.articles(space).values() if article.id not in known]
    write_tasks(space, batch, new, ("A1", "A2"))
    for name in ("A1", "A2"):
        layers = [layer(article, [(0, 1, "PER")], annotator=name, batch=batch) for article in new]
        jsonl.write(space.layers / batch / f"{name}.jsonl", layers)
    shell.succeed("agree", batch, "--no-html")
    shell.succeed("adjudicate", batch)


@pytest.fixture(scope="module")
def original(commands: ForkedCommands, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a released version, and more raw articles; one holds a train and most of a test article."""
    space = workspace(tmp_path_factory.mktemp("bridges") / "trial")
    shell = Shell(space, commands)
    (space.root / "annotations" / "schema.toml").write_text(
        (space.root / "annotations" / "schema.toml").read_text().replace("ORG", "NORP")
    )
    space.corpus.mkdir()
    space.sources.write_text(SOURCES)
    originals = stories()[: N_FIRST + N_LATER]
    for number, article in enumerate(originals[:N_FIRST]):
        write_raw(space, f"first-{number:02d}", article.text)
    for command in ("ingest", "dedup"):
        shell.succeed(command)
    annotate(shell, "b01")
    shell.succeed("split")
    shell.succeed("release", "--no-baselines")
    for number, article in enumerate(originals[N_FIRST:]):
        write_raw(space, f"later-{number:02d}", article.text)
    articles = loading.articles(space)
    rows = loading.assignment(space)
    in_train, in_test = (
        max((articles[row.article_id] for row in rows if row.split == split), key=lambda article: len(article.text))
        for split in ("train", "test")
    )
    most = " ".join(body(in_test).split(" ")[:-4])
    write_raw(space, "bridge", f"What both towns said\n\n{body(in_train)}\n\n{most}")
    for command in ("ingest", "dedup"):
        shell.succeed(command)
    annotate(shell, "b02")
    return space.root


@pytest.fixture
def shell(original: Path, commands: ForkedCommands, tmp_path: Path) -> Shell:
    shutil.copytree(original, tmp_path / "trial")
    return Shell(find_workspace(tmp_path / "trial", explicit=True), commands)


def bridge_of(space: Workspace) -> str:
    (article,) = (a for a in loading.articles(space).values() if a.title == "What both towns said")
    return article.id


def test_a_bridge_is_held_out_and_the_version_has_no_leak(shell: Shell) -> None:
    space = shell.space
    bridge = bridge_of(space)
    text = shell.succeed("split")
    rows = {row.article_id: row for row in loading.assignment(space)}
    assert rows[bridge].is_held_out
    assert f"held out: {bridge} would leak, near-duplicate of " in text
    assert rows[bridge].reason is not None
    assert "in train (Jaccard 0." in rows[bridge].reason
    assert "in test (Jaccard 0." in rows[bridge].reason
    shell.succeed("check")
    assert "1 article excluded: held out" in shell.succeed("release", "--no-baselines")
    release = load_release(space.root, "0.1.0")
    assert sum(release.manifest.articles.values()) == N_FIRST + N_LATER
    assert bridge not in set(release.to_pandas("entities")["article_id"])
    card = (release.folder / "README.md").read_text()
    assert NO_LEAK in card
    assert "1 annotated article is held out" in card


def test_a_bridge_that_was_assigned_by_hand_is_not_released(shell: Shell) -> None:
    space = shell.space
    bridge = bridge_of(space)
    before = sorted(space.splits.rglob("*"))
    (cluster,) = (cluster for cluster in loading.duplicates(space) if bridge in cluster.article_ids)
    (other,) = set(cluster.article_ids) - {bridge}
    home = next(row.split for row in loading.assignment(space) if row.article_id == other)
    with space.assignment.open("a") as file:  # as `split` did when it looked at clusters only: the chain is cut
        file.write(f"{bridge}\t{cluster.cluster}\t{home}\t0.1.0\n")
    checked = shell.run("check")
    assert checked.exit_code == 1
    done = shell.run("release", "--no-baselines")
    assert done.exit_code == 1
    assert f"{bridge}: L5 split error [near-text-across-splits] in {home}, nearly the same text" in done.stdout
    assert "1 error in what v0.1.0 would be made from: nothing was written" in done.stdout
    assert sorted(space.splits.rglob("*")) == before
    refused = shell.run("release", "--no-baselines", "--allow", "near-text-across-splits")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "write CODE=REASON" in refused.stderr
    allowed = shell.succeed("release", "--no-baselines", "--allow", "near-text-across-splits=a study of bridges")
    assert "accepted: 1 near-text-across-splits, a study of bridges" in allowed
    release = load_release(space.root, "0.1.0")
    assert [accepted.reason for accepted in release.manifest.accepted] == ["a study of bridges"]
    card = (release.folder / "README.md").read_text()
    assert NO_LEAK not in card
    assert "Accepted because: a study of bridges" in card
