"""The demo of the built wheel, from raw pages to a loaded dataset, on a real server."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from goldwire.doccano.server import lifecycle, processes
from goldwire.records import Release
from goldwire.stages import split
from goldwire.workspace import jsonl, loading
from goldwire.workspace.layout import find_workspace
from support.paths import REPOSITORY

DEMO = (sys.executable, "-m", "goldwire", "demo")


def assignments(root: Path) -> dict[str, str]:
    """Return the split of each article by splits/assignment.tsv."""
    return {row.article_id: row.split for row in loading.assignment(find_workspace(root))}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the contents of the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    command = (sys.executable, "-m", "uv", "build", "--quiet", "--wheel", "--out-dir", str(folder), str(REPOSITORY))
    subprocess.run(command, check=True)
    (wheel,) = folder.glob("*.whl")
    shutil.unpack_archive(wheel, folder / "package", "zip")
    return folder / "package"


def variables(package: Path, doccano_environment: Path) -> dict[str, str]:
    """Return the environment variables of a demo of the unpacked wheel."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("GOLDWIRE_")}
    return own | {"PYTHONPATH": str(package), "GOLDWIRE_DOCCANO_ENV": str(doccano_environment)}


def run_demo(package: Path, folder: Path, doccano_environment: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the demo of the unpacked wheel in `folder`."""
    command = (*DEMO, *options)
    environment = variables(package, doccano_environment)
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def kill_demo(package: Path, folder: Path, doccano_environment: Path) -> None:
    """Run the demo of the unpacked wheel, and kill it as soon as its server runs."""
    environment = variables(package, doccano_environment)
    with subprocess.Popen(DEMO, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        assert any(line.startswith("server: http") for line in demo.stdout)
        demo.kill()


def test_the_demo_of_the_wheel_ends_in_a_dataset_that_loads_after_a_killed_one(
    package: Path, doccano_environment: Path, tmp_path: Path
) -> None:
    scratch = tmp_path / "goldwire-demo"
    kill_demo(package, tmp_path, doccano_environment)
    assert lifecycle.status(scratch / ".goldwire" / "server") is not None
    done = run_demo(package, tmp_path, doccano_environment)  # replaces what the killed one left
    assert done.returncode == 0, done.stdout + done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["goldwire-demo"]
    assert lifecycle.status(scratch / ".goldwire" / "server") is None
    assert processes.leftovers(scratch / ".goldwire" / "server") == []
    for name in ("A1", "A2", "A3"):
        path = f"annotations/layers/b00/{name}.jsonl"
        assert (scratch / path).read_bytes() == (REPOSITORY / path).read_bytes()
    assert "b00.html" in done.stdout
    assert "load it:" in done.stdout
    manifest = jsonl.read_document(scratch / "splits" / "v0.0.1" / "manifest.json", Release)
    assert all(count > 0 for count in manifest.articles.values())
    committed = REPOSITORY / "splits" / "v0.0.1" / "manifest.json"
    ours = jsonl.read_document(committed, Release)
    # The same articles with the same labels. Since 0.4.0, goldwire spreads them otherwise, and has other columns.
    assert manifest.articles == ours.articles
    assert {config: manifest.labels[config] for config in ours.labels} == ours.labels
    spread = assignments(scratch)
    assert len(spread) == sum(ours.articles.values())
    assert spread.keys() <= assignments(REPOSITORY).keys()
    # The wheel spreads as this repository does.
    shutil.rmtree(scratch / "splits")
    (scratch / "splits").mkdir()
    split.run(find_workspace(scratch, explicit=True), version="0.0.1")
    assert assignments(scratch) == spread


def test_the_demo_of_an_installation_without_extras_copies_the_labels_and_goes_as_far(
    package: Path, tmp_path: Path
) -> None:
    # What `pip install goldwire` installs: this environment without the packages of the extras.
    installed, links = Path(msgspec.__file__).parents[1], tmp_path / "site-packages"
    links.mkdir()
    extras = ("jinja2", "matplotlib", "platformdirs", "pyrage", "requests_toolbelt", "uv", "goldwire", "__editable__")
    for path in installed.iterdir():
        if path.name.partition(".")[0].partition("-")[0] not in extras and not path.name.endswith(".pth"):
            (links / path.name).symlink_to(path)
    (tmp_path / "work").mkdir()
    own = {name: value for name, value in os.environ.items() if not name.startswith("GOLDWIRE_")}
    environment = own | {"PYTHONPATH": f"{package}{os.pathsep}{links}"}

    def demo(*options: str) -> subprocess.CompletedProcess[str]:
        command = (sys.executable, "-S", "-m", "goldwire", "demo", *options)
        return subprocess.run(
            command, cwd=tmp_path / "work", env=environment, capture_output=True, text=True, check=False
        )

    done = demo()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "server: not installed, so the labels are copied; `uvx --from 'goldwire[doccano,report]'" in done.stdout
    assert "load it:" in done.stdout
    scratch = tmp_path / "work" / "goldwire-demo"
    layers = "annotations/layers/b00/A1.jsonl"
    assert (scratch / layers).read_bytes() == (REPOSITORY / layers).read_bytes()
    assert jsonl.read_document(scratch / "splits" / "v0.0.1" / "manifest.json", Release).articles["train"] > 0
    refused = demo("--serve")
    assert (refused.returncode, "goldwire[doccano,report]" in refused.stderr) == (2, True)


def test_the_demo_replaces_no_folder_of_the_user(package: Path, doccano_environment: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    done = run_demo(package, tmp_path, doccano_environment, "mine")
    assert done.returncode == 2
    assert "the demo did not write" in done.stderr
    assert (tmp_path / "mine" / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("config", ["entities", "stance", "annotations"])
def test_the_committed_release_loads_by_name_with_class_labels(config: str, tmp_path: Path) -> None:
    code = f"""
from datasets import ClassLabel, load_dataset
data = load_dataset("splits/v0.0.1", {config!r})
def names(feature):
    if isinstance(feature, ClassLabel):
        return feature.names
    inner = getattr(feature, "feature", feature)
    return next((n for f in (inner.values() if isinstance(inner, dict) else [inner] if inner is not feature else [])
                 if (n := names(f))), None)
print(sorted(data), [names(f) for f in data["train"].features.values() if names(f)])
"""
    environment = os.environ | {"HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "train" in done.stdout
    assert "test" in done.stdout
    assert "supports" in done.stdout if config == "stance" else "PER" in done.stdout
