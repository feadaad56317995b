"""A released version is published on the Hub and loads from there by its tag."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from goldwire.checks.registry import is_error
from goldwire.errors import GoldwireError
from goldwire.stages import adjudicate, check, publish, release, split
from goldwire.workspace import jsonl
from support.factories import article, layer, workspace, write_tasks
from support.fake_hub import configured_hub
from support.stories import story

SOURCES = '[wire]\nname = "The Wire"\nlanguage = "en"\nlicence = "CC0-1.0"\nredistribute = {}\n'
_LOAD = """
import json, sys
from datasets import load_dataset
out = {}
for config in ("entities", "stance", "annotations"):
    loaded = load_dataset("lab/trial", config, revision="v0.0.1")
    out[config] = [sum(len(rows) for rows in loaded.values()), str(loaded["train"].features)]
print(json.dumps(out))
"""


@pytest.fixture
def space(tmp_path):
    space = workspace(tmp_path / "trial")
    space.corpus.mkdir(parents=True)
    space.sources.write_text(SOURCES.format("true"))
    texts = [f"Ada Ito backs Bo Lund\n\n{' '.join(story(n, 40))}." for n in range(6)]
    articles = [article(text, id=f"wire-{n:012d}") for n, text in enumerate(texts)]
    jsonl.write(space.articles / "wire.jsonl", articles)
    for name in ("A1", "A2"):
        layers = [
            layer(item, [(0, 7, "PER"), (14, 21, "PER")], [(0, 1, "supports")], annotator=name) for item in articles
        ]
        jsonl.write(space.layers / "b01" / f"{name}.jsonl", layers)
    write_tasks(space, "b01", articles, ("A1", "A2"))
    adjudicate.run(space, batch="b01")
    split.run(space)
    return space


@pytest.fixture
def double(monkeypatch):
    with configured_hub(monkeypatch) as hub_double:
        yield hub_double


def test_a_published_version_loads_by_its_tag(space, double, tmp_path):
    release.run(space)
    report = publish.run(space, version="0.0.1", repo_id="lab/trial")
    assert (report.state, report.tag) == ("published", "v0.0.1")
    assert publish.run(space, version="v0.0.1", repo_id="lab/trial").state == "already-published"
    environment = {**os.environ, "HF_HOME": str(tmp_path / "hf")}
    process = subprocess.run(
        [sys.executable, "-c", _LOAD], capture_output=True, text=True, env=environment, check=False
    )
    assert process.returncode == 0, process.stderr[-2000:]
    loaded = json.loads(process.stdout.splitlines()[-1])
    assert {config: rows for config, (rows, _) in loaded.items()} == {"entities": 6, "stance": 6, "annotations": 12}
    assert "ClassLabel(names=['opposes', 'neutral', 'supports'])" in loaded["stance"][1]


def test_a_changed_folder_is_not_published(space, double):
    release.run(space)
    (space.release("0.0.1") / "README.md").write_text("mine")
    with pytest.raises(GoldwireError, match="README"):
        publish.run(space, version="0.0.1", repo_id="lab/trial")
    assert double.log == []


def test_text_that_may_not_be_redistributed_is_not_published(space, double):
    space.sources.write_text(SOURCES.format("false"))
    release.run(space, full_text="for us")
    with pytest.raises(GoldwireError, match="the text of wire may not be redistributed"):
        publish.run(space, version="0.0.1", repo_id="lab/trial")
    assert double.log == []


def test_a_standoff_version_is_published_although_an_earlier_one_has_the_text(space, double):
    release.run(space)
    space.sources.write_text(SOURCES.format("false"))
    assert release.run(space).version == "0.1.0"
    errors = {finding.code for finding in check.run(space).findings if is_error(finding)}
    assert errors == {"release-text-forbidden"}
    report = publish.run(space, repo_id="lab/trial")
    assert (report.tag, report.state) == ("v0.1.0", "published")
    with pytest.raises(GoldwireError, match=r"\[release-text-forbidden\] contains text of the source 'wire'"):
        publish.run(space, version="0.0.1", repo_id="lab/trial")


def test_a_version_with_errors_is_not_published(space, double):
    release.run(space)
    gold = space.gold / "b01.jsonl"
    gold.write_bytes(gold.read_bytes().replace(b'"Ada Ito"', b'"Ada Iso"'))
    with pytest.raises(GoldwireError, match="check"):
        publish.run(space, version="0.0.1", repo_id="lab/trial")
    assert double.log == []


@pytest.mark.parametrize("repo_id", [None, "trial", "lab/trial/more"])
def test_a_repository_must_have_an_owner_and_a_name(space, double, repo_id):
    release.run(space)
    with pytest.raises(GoldwireError, match="repository"):
        publish.run(space, version="0.0.1", repo_id=repo_id)


def test_a_version_must_have_been_released(space, double):
    with pytest.raises(GoldwireError, match="no release; hint: run `goldwire release`"):
        publish.run(space, repo_id="lab/trial")
    release.run(space)
    with pytest.raises(GoldwireError, match=r"v9\.9\.9: no such release; hint: released versions: v0\.0\.1"):
        publish.run(space, version="9.9.9", repo_id="lab/trial")
