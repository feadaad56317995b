"""`goldwire demo`: the sample's first batch, from raw pages to a loaded dataset, through a real Doccano server.

It works in a scratch workspace below `.goldwire/`, so that the repository's own data stays as it is. The annotators
are machines: what each enters through the server's API is that annotator's committed layer.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from goldwire.doccano import credentials, project
from goldwire.doccano.client import labeling
from goldwire.doccano.client.session import sign_in_as
from goldwire.doccano.server import environment, lifecycle
from goldwire.errors import DataError, GoldwireError, MissingFileError
from goldwire.records import AnnotationLayer
from goldwire.workspace import jsonl, loading
from goldwire.workspace.label_schema import read_schema
from goldwire.workspace.layout import Workspace, find_workspace

__all__ = ["run"]

Layers = dict[str, tuple[AnnotationLayer, ...]]
BATCH = "b00"
VERSION = "0.0.1"
_COPIED = (
    "pyproject.toml",
    "corpus/raw",
    "corpus/sources.toml",
    "annotations/schema.toml",
    "annotations/GUIDELINES.md",
)
_LOAD = """\
from datasets import load_dataset
print(load_dataset({folder!r}, "stance"))
"""


def run(workspace: Workspace, *, serve: bool = False) -> Iterator[str]:
    """Do the whole way, yielding lines as it goes; with `serve` the server stays up at the end."""
    started = time.monotonic()
    plan = _plan(workspace)
    scratch = _scratch(workspace)
    home = scratch.private / "server"
    yield f"scratch workspace: {workspace.relative(scratch.root)}"
    yield "server: starting (the first time makes Doccano's own environment)"
    state = lifecycle.start(home, environment=environment.default_folder(workspace.private))
    yield f"server: {state.url}"
    try:
        yield from _prepare(scratch, plan)
        yield from _annotate(scratch, plan, state.url)
        yield from _finish(scratch)
    finally:
        if not serve:
            lifecycle.stop(home)
    yield f"done in {_since(started)}"
    if serve:
        yield from _invitation(scratch, home, state.url, sorted(plan)[0])


def _plan(workspace: Workspace) -> Layers:
    """Give the committed layers of the demo's batch, by annotator."""
    by_annotator: dict[str, list[AnnotationLayer]] = defaultdict(list)
    for layer in loading.layers(workspace, BATCH):
        by_annotator[layer.annotator].append(layer)
    return {name: tuple(layers) for name, layers in by_annotator.items()}


def _scratch(workspace: Workspace) -> Workspace:
    folder = workspace.private / "demo"
    if folder.exists():
        lifecycle.stop(folder / ".goldwire" / "server")
        shutil.rmtree(folder)
    for name in _COPIED:
        source, target = workspace.root / name, folder / name
        if not source.exists():
            raise MissingFileError(
                "the demo needs it", location=source, hint="run it in a clone of goldwire's repository"
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, target)
    return find_workspace(folder, explicit=True)


def _stage(name: str, scratch: Workspace, **options: Any) -> Iterator[str]:
    started = time.monotonic()
    report = import_module(f"goldwire.stages.{name}").run(scratch, **options)
    yield f"{name}: ({_since(started)})"
    yield from (f"  {line}" for line in report.to_text().splitlines())


def _prepare(scratch: Workspace, plan: Layers) -> Iterator[str]:
    articles = tuple(sorted({layer.article_id for layers in plan.values() for layer in layers}))
    yield from _stage("ingest", scratch)
    yield from _stage("dedup", scratch)
    yield from _stage(
        "sample", scratch, batch=BATCH, annotators=tuple(sorted(plan)), overlap=len(plan), articles=articles
    )
    os.environ.pop("GOLDWIRE_DOCCANO_URL", None)  # the demo's own server, whatever else is configured
    yield from _stage("push", scratch, batch=BATCH)


def _annotate(scratch: Workspace, plan: Layers, url: str) -> Iterator[str]:
    started = time.monotonic()
    articles, tasks = loading.articles(scratch), {task.article_id: task for task in loading.tasks(scratch, BATCH)}
    for name, layers in sorted(plan.items()):
        desk = _desk(scratch, url, name)
        for layer in layers:
            labeling.submit_layer(desk, layer, tasks[layer.article_id], articles[layer.article_id])
        spans, stances = sum(len(layer.spans) for layer in layers), sum(len(layer.stances) for layer in layers)
        yield f"annotate: {name} (a machine) entered {spans} spans and {stances} stances in {len(layers)} articles"
    yield f"  through the server's own API, signed in as each, every article ticked done ({_since(started)})"
    yield from _stage("pull", scratch, batch=BATCH)
    for name, layers in plan.items():
        if tuple(jsonl.read(scratch.layers / BATCH / f"{name}.jsonl", AnnotationLayer)) != layers:
            raise DataError(f"{name}'s layers came back changed", location=scratch.layers / BATCH, hint="report it")
    yield "  what came back is what was entered, to the last offset"


def _desk(scratch: Workspace, url: str, name: str) -> labeling.AnnotatorSession:
    session = sign_in_as(url, name, credentials.annotator_password(scratch.private, name))
    (own,) = project.find_projects(session, project.project_marker(scratch.settings.name, BATCH, name))
    return labeling.open_session(session, own.id, voice=read_schema(scratch.schema).voice)


def _finish(scratch: Workspace) -> Iterator[str]:
    yield from _stage("agree", scratch, batch=BATCH)
    yield f"  open the report: {os.path.relpath(scratch.agreement / f'{BATCH}.html')}"
    yield from _stage("adjudicate", scratch, batch=BATCH)
    yield from _stage("split", scratch, version=VERSION)
    yield from _stage("release", scratch, version=VERSION)
    yield from _stage("check", scratch)
    folder = os.path.relpath(scratch.release(VERSION))
    code = _LOAD.format(folder=folder)
    yield "load it:"
    yield from (f"  {line}" for line in code.splitlines())
    yield from (f"  {line}" for line in _python(code, scratch.private / "hf").splitlines())


def _since(started: float) -> str:
    return f"{time.monotonic() - started:.1f} s"


def _python(code: str, cache: Path) -> str:
    environment = os.environ | {"HF_HOME": str(cache), "HF_HUB_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise GoldwireError(f"the release does not load: {done.stderr.strip().splitlines()[-1]}", hint="report this")
    return done.stdout


def _invitation(scratch: Workspace, home: Path, url: str, name: str) -> Iterator[str]:
    yield f"the server stays up: {url}"
    yield f"  sign in as annotator {name!r}, password {credentials.annotator_password(scratch.private, name)}"
    yield f"  or as {credentials.ADMIN!r}, password {credentials.admin_password(home)}"
    yield f"  to end it: .venv/bin/goldwire server stop --root {os.path.relpath(scratch.root)}"
