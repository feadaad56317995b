"""Run the sample's first batch from raw pages to a loaded dataset, through a real Doccano server if it can be had.

The sample is in the wheel, so that an installed goldwire needs nothing else; in a clone it is the repository's own. The
demo works in a new workspace, and never in one of yours. The annotators are machines: each submits that annotator's
layers through the server's API. Where the extra `doccano` is not installed, the layers are copied instead.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import goldwire
from goldwire.doccano import credentials
from goldwire.doccano.client.labeling import AnnotatorSession, open_session, submit_layer
from goldwire.doccano.client.package import cache_folder
from goldwire.doccano.client.session import URL, sign_in_as
from goldwire.doccano.project import find_projects, project_marker
from goldwire.doccano.server import environment, lifecycle
from goldwire.errors import ConflictError, DataError, GoldwireError, MissingFileError, MissingPackageError
from goldwire.quantities import quantity
from goldwire.records import AnnotationLayer, is_expert
from goldwire.sampling.options import SamplingOptions
from goldwire.stages import adjudicate, agree, check, dedup, ingest, pull, push, release, sample, split
from goldwire.workspace import atomic, jsonl, loading
from goldwire.workspace.label_schema import read_schema
from goldwire.workspace.layout import Workspace, find_workspace

__all__ = ["run"]

Layers = dict[str, tuple[AnnotationLayer, ...]]
BATCH = "b00"
VERSION = "0.0.1"
_COPIED = ("corpus/raw", "corpus/sources.toml", "annotations/schema.toml", "annotations/GUIDELINES.md")
_SETTINGS = """\
[tool.goldwire]
name = "goldwire-demo"
annotations_creators = ["machine-generated"]
language_creators = ["machine-generated"]
"""
_WITH_SERVER = "uvx --from 'goldwire[doccano,report]' goldwire demo"
_MARK = ".goldwire/demo"  # the file that makes a folder one that a demo may replace
_LOAD = """\
from datasets import load_dataset
print(load_dataset({folder!r}, "stance"))
"""


def run(workspace: Workspace | None = None, *, folder: Path | None = None, serve: bool = False) -> Iterator[str]:
    """Run the whole pipeline in a new workspace and yield lines of progress.

    Parameters
    ----------
    workspace
        The workspace that the command runs in, if any. The demo leaves it as it is, but for `.goldwire/`.
    folder
        The new workspace, which is replaced if an earlier demo created it. Default: `.goldwire/demo` in `workspace`, or
        `goldwire-demo`.
    serve
        Whether the server keeps running at the end.

    Raises
    ------
    ConflictError
        If `folder` has files that no demo wrote.
    MissingPackageError
        If the server is to keep running, and goldwire is installed without its extra `doccano`.
    """
    has_server = _has_extra()
    if serve and not has_server:
        raise MissingPackageError("--serve needs the extra `doccano`", hint=f"{_WITH_SERVER} --serve")
    if folder is None:
        folder = Path("goldwire-demo") if workspace is None else workspace.private / "demo"
    started = time.monotonic()
    sample_folder = _sample_folder()
    layers = _sample_layers(sample_folder)
    scratch = _scratch_workspace(sample_folder, folder)
    home = scratch.private / "server"
    yield f"workspace of the demo: {os.path.relpath(scratch.root)}"
    if not has_server:
        yield f"server: not installed, so the labels are copied; `{_WITH_SERVER}` annotates on a real one"
        yield from _plan(scratch, layers)
        yield from _copy_layers(scratch, layers)
        yield from _measure_and_release(scratch)
        yield f"done in {_since(started)}"
        return
    # Without a workspace, the environment of 525 MB outlives the demo's folder.
    environment_folder = environment.default_folder(cache_folder() if workspace is None else workspace.private)
    if environment.is_ready(environment_folder):
        yield "server: starting"
    else:
        yield "server: starting; its environment (525 MB) is downloaded first, which takes one to three minutes"
    server = lifecycle.start(home, environment=environment_folder, passwords=scratch.private)
    yield f"server: {server.url}"
    try:
        yield from _plan(scratch, layers)
        os.environ.pop(URL, None)  # use the demo's own server, even if another one is configured
        yield from _stage("push", lambda: push.run(scratch, batch=BATCH))
        yield from _annotate(scratch, layers, server.url)
        yield from _measure_and_release(scratch)
    finally:
        if not serve:
            lifecycle.stop(home)
    yield f"done in {_since(started)}"
    if serve:
        yield from _sign_in_lines(scratch, server.url, sorted(layers)[0])


def _has_extra() -> bool:
    """Return whether the extra `doccano` is installed."""
    return all(importlib.util.find_spec(name) for name in ("platformdirs", "requests_toolbelt", "uv"))


def _sample_folder() -> Path:
    """Return the folder with the sample: in an installed package, or the repository that it runs from."""
    package = Path(goldwire.__file__).parent
    for folder in (package / "sample", package.parents[1]):
        if (folder / "annotations" / "layers" / BATCH).is_dir():
            return folder
    raise MissingFileError("the sample is missing", location=package / "sample", hint="install goldwire again")


def _sample_layers(sample_folder: Path) -> Layers:
    """Return the sample's layers of the demo's batch, by annotator, without those of experts."""
    return {
        path.stem: loading.layers_of(path)
        for path in sorted((sample_folder / "annotations" / "layers" / BATCH).glob("*.jsonl"))
        if not is_expert(path.stem)
    }


def _scratch_workspace(sample_folder: Path, folder: Path) -> Workspace:
    """Create a new workspace with the sample's raw pages and labels."""
    if folder.exists() and any(path.is_file() for path in folder.rglob("*")):
        if not (folder / _MARK).exists():
            raise ConflictError(
                "the folder has files that the demo did not write", location=folder, hint="choose another folder"
            )
        lifecycle.stop(folder / ".goldwire" / "server")
        _empty(folder)
    (folder / _MARK).parent.mkdir(parents=True, exist_ok=True)
    (folder / _MARK).touch()
    for name in _COPIED:
        source, target = sample_folder / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, target)
    atomic.write_text(folder / "pyproject.toml", _SETTINGS)
    return find_workspace(folder, explicit=True)


def _empty(folder: Path) -> None:
    """Remove the content of the folder of an earlier demo; its mark stays, so that a killed demo can be repeated."""
    mark = folder / _MARK
    for path in (*folder.iterdir(), *mark.parent.iterdir()):
        if path in (mark, mark.parent):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


class _Report(Protocol):
    def to_text(self) -> str: ...


def _stage(name: str, run_stage: Callable[[], _Report]) -> Iterator[str]:
    """Run a stage and yield its name, time and report."""
    started = time.monotonic()
    report = run_stage()
    yield f"{name}: ({_since(started)})"
    yield from (f"  {line}" for line in report.to_text().splitlines())


def _plan(scratch: Workspace, committed: Layers) -> Iterator[str]:
    articles = tuple(sorted({layer.article_id for layers in committed.values() for layer in layers}))
    annotators = tuple(sorted(committed))
    yield from _stage("ingest", lambda: ingest.run(scratch))
    yield from _stage("dedup", lambda: dedup.run(scratch))
    yield from _stage(
        "sample",
        lambda: sample.run(
            scratch,
            batch=BATCH,
            annotators=annotators,
            options=SamplingOptions(overlap=len(annotators), articles=articles),
        ),
    )


def _copy_layers(scratch: Workspace, committed: Layers) -> Iterator[str]:
    for name, layers in sorted(committed.items()):
        jsonl.write(scratch.layers_file(BATCH, name), layers)
        spans, stances = sum(len(layer.spans) for layer in layers), sum(len(layer.stances) for layer in layers)
        yield (
            f"annotate: {quantity(spans, 'span')} and {quantity(stances, 'stance')} of {name} (a machine) in "
            f"{quantity(len(layers), 'article')} copied"
        )


def _annotate(scratch: Workspace, committed: Layers, url: str) -> Iterator[str]:
    started = time.monotonic()
    articles, tasks = loading.articles(scratch), {task.article_id: task for task in loading.tasks(scratch, BATCH)}
    for name, layers in sorted(committed.items()):
        annotator = _open_session(scratch, url, name)
        for layer in layers:
            submit_layer(annotator, layer, tasks[layer.article_id], articles[layer.article_id])
        spans, stances = sum(len(layer.spans) for layer in layers), sum(len(layer.stances) for layer in layers)
        yield (
            f"annotate: {name} (a machine) submitted {quantity(spans, 'span')} and {quantity(stances, 'stance')} "
            f"in {quantity(len(layers), 'article')}"
        )
    yield f"  through the server's API, signed in as each annotator, every article ticked done ({_since(started)})"
    yield from _stage("pull", lambda: pull.run(scratch, batch=BATCH))
    for name, layers in committed.items():
        if tuple(jsonl.read(scratch.layers_file(BATCH, name), AnnotationLayer)) != layers:
            raise DataError(
                f"{name}'s layers came back changed", location=scratch.layers / BATCH, hint="report this as a bug"
            )
    yield "  the pulled layers are identical to the submitted ones"


def _open_session(scratch: Workspace, url: str, name: str) -> AnnotatorSession:
    session = sign_in_as(url, name, credentials.annotator_password(scratch.private, name))
    (project,) = find_projects(session, project_marker(scratch.settings.name, BATCH, name))
    return open_session(session, project.id, voice=read_schema(scratch.schema).voice)


def _measure_and_release(scratch: Workspace) -> Iterator[str]:
    yield from _stage("agree", lambda: agree.run(scratch, batch=BATCH))
    page = scratch.agreement_page(BATCH)
    if page.exists():
        yield f"  open the report: {os.path.relpath(page)}"
    yield from _stage("adjudicate", lambda: adjudicate.run(scratch, batch=BATCH))
    yield from _stage("split", lambda: split.run(scratch, version=VERSION))
    yield from _stage("release", lambda: release.run(scratch, version=VERSION))
    yield from _stage("check", lambda: check.run(scratch))
    folder = os.path.relpath(scratch.release(VERSION))
    code = _LOAD.format(folder=folder)
    yield "load it:"
    yield from (f"  {line}" for line in code.splitlines())
    yield from (f"  {line}" for line in _run_python(code, scratch.private / "hf").splitlines())


def _since(started: float) -> str:
    return f"{time.monotonic() - started:.1f} s"


def _run_python(code: str, cache: Path) -> str:
    variables = os.environ | {"HF_HOME": str(cache), "HF_HUB_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    process = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=False)
    if process.returncode:
        reason = process.stderr.strip().splitlines()[-1]
        raise GoldwireError(f"the release does not load: {reason}", hint="report this as a bug")
    return process.stdout


def _sign_in_lines(scratch: Workspace, url: str, name: str) -> Iterator[str]:
    yield f"the server keeps running: {url}"
    yield f"  sign in as annotator {name!r}, password {credentials.annotator_password(scratch.private, name)}"
    yield f"  or as {credentials.ADMIN!r}, password {credentials.admin_password(scratch.private)}"
    yield f"  to see what its lead sees: goldwire status {BATCH} --serve --root {os.path.relpath(scratch.root)}"
    yield f"  to stop it: goldwire server stop --root {os.path.relpath(scratch.root)}"
