"""Apply a case of tests/cases/ to a copy of tests/tiny_repo, and return its findings."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec

from goldwire.doccano.conversion import import_line, to_doccano
from goldwire.records import AnnotationLayer, Article, Finding, Task
from goldwire.stages import audit, check, pull
from goldwire.workspace import jsonl, loading
from goldwire.workspace.label_schema import read_schema
from goldwire.workspace.layout import Workspace, find_workspace
from support.factories import copy_tiny_repo
from support.fake_doccano import FakeProject, serve

TESTS = Path(__file__).parents[1]
TINY = TESTS / "tiny_repo"
CASES = TESTS / "cases"
_AUTHOR = ("-c", "user.name=nobody", "-c", "user.email=nobody@nowhere.example", "-c", "commit.gpgsign=false")
_SERVER = "http://127.0.0.1:8000"  # in place of the address of the fake server, whose port is random


class Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Replace `old`, which the file contains exactly `times` times, by `new`, or by the bytes in `hex`."""

    file: str
    old: str
    new: str = ""
    hex: str = ""
    times: int = 1


class Write(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Write a text, or the bytes in `hex`, to a file; with `append`, add them to its end."""

    file: str
    text: str = ""
    hex: str = ""
    append: bool = False


class RowEdit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Change the row of a task in the recorded export of the server."""

    task: str
    set: dict[str, Any] = {}  # fields of the row and their values
    delete: bool = False
    copy: bool = False  # add a second example of the task
    line: str | None = None  # the whole line
    new: bool = False  # the row of a task that is not in the plan
    without: str = ""  # leave out spans of this label, and their relations


class Pull(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Pull one annotator's project from a recorded server, on which all tasks are done as in the layers."""

    batch: str
    annotator: str
    row: tuple[RowEdit, ...] = ()
    projects: int = 1  # how many projects the annotator has
    without_types: tuple[str, ...] = ()  # label types that the annotator's project does not have
    shared_ids: bool = False  # whether relation types have ids of span types
    others: tuple[str, ...] = ()  # user names of other annotators in the project


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A finding without its message."""

    file: str
    code: str
    line: int | None = None
    item: str | None = None


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Changes to the clean workspace, and all findings that they cause."""

    expect: tuple[Expected, ...] = ()
    edit: tuple[Edit, ...] = ()
    write: tuple[Write, ...] = ()
    copy: dict[str, str] = {}  # target -> source in the workspace
    put: dict[str, str] = {}  # target -> source beside case.toml
    link: dict[str, str] = {}  # symbolic link -> its target
    delete: tuple[str, ...] = ()
    rehash: tuple[str, ...] = ()  # files of the release whose new digests go into its manifest
    dataset: str | None = None  # a dataset beside case.toml to audit instead of the workspace
    since: bool = False  # compare with the clean workspace, committed to git
    deep: bool = False  # `goldwire check --deep`
    pull: Pull | None = None  # run `goldwire pull` instead of `goldwire check`


def read_case(code: str) -> Case:
    """Read tests/cases/<code>/case.toml."""
    return msgspec.convert(tomllib.loads((CASES / code / "case.toml").read_text()), Case)


def find_problems(code: str, case: Case, folder: Path) -> tuple[Finding, ...]:
    """Return all findings of a case; `folder` is an empty folder to work in."""
    if case.dataset is not None:
        return audit.run(CASES / code / case.dataset).findings
    root = folder / "workspace"
    copy_tiny_repo(root)
    if case.since:
        for arguments in (("init", "-q"), ("add", "."), (*_AUTHOR, "commit", "-q", "-m", "clean")):
            subprocess.run(("git", *arguments), cwd=root, check=True, capture_output=True)
    apply_case(code, case, root)
    workspace = find_workspace(root, explicit=True)
    if case.pull is not None:
        return pull_findings(workspace, case.pull)
    return check.run(workspace, changed_since="HEAD" if case.since else None, deep=case.deep).findings


def apply_case(code: str, case: Case, root: Path) -> None:
    """Apply the changes of a case to the workspace at `root`."""
    for target, source in case.put.items():
        (root / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(CASES / code / source, root / target)
    release = root / "splits" / "v0.0.1"
    for edit in case.edit:
        path = root / edit.file
        data, old = path.read_bytes(), edit.old.encode()
        if data.count(old) != edit.times:
            raise ValueError(f"{edit.file} contains {edit.old!r} {data.count(old)} times, not {edit.times}")
        path.write_bytes(data.replace(old, bytes.fromhex(edit.hex) if edit.hex else edit.new.encode()))
    for target, source in case.copy.items():
        (root / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / source, root / target)
    for write in case.write:
        path = root / write.file
        path.parent.mkdir(parents=True, exist_ok=True)
        data = bytes.fromhex(write.hex) if write.hex else write.text.encode()
        path.write_bytes((path.read_bytes() if write.append else b"") + data)
    for link, target in case.link.items():
        (root / link).parent.mkdir(parents=True, exist_ok=True)
        (root / link).symlink_to(target)
    for file in case.delete:
        (root / file).unlink()
    for file in case.rehash:
        rehash(release, file)


def rehash(release: Path, path: str) -> None:
    """Put the digest and the size of a changed file into the manifest of its release, and change nothing else there.

    Those of a table go into the catalogue entries, too.
    """
    manifest, data = release / "manifest.json", (release / path).read_bytes()
    text = manifest.read_text()
    entry = next(file for file in json.loads(text)["files"] if file["path"] == path)
    start = text.index(f'"path": {json.dumps(path)}')
    end = text.index("}", start)
    new = text[start:end].replace(entry["sha256"], hashlib.sha256(data).hexdigest())
    new = new.replace(f'"bytes": {entry["bytes"]}', f'"bytes": {len(data)}')
    manifest.write_text(text[:start] + new + text[end:])
    for name in ("croissant.json", "datapackage.json") if path.endswith(".parquet") else ():
        document = (release / name).read_text()
        start = document.index(f'"contentUrl": "{path}"' if name == "croissant.json" else f'"path": "{path}"')
        end = document.index("}", start)
        described = document[start:end].replace(entry["sha256"], hashlib.sha256(data).hexdigest())
        for size in ('"contentSize": "{} B"', '"bytes": {}'):
            described = described.replace(size.format(entry["bytes"]), size.format(len(data)))
        (release / name).write_text(document[:start] + described + document[end:])
        rehash(release, name)


def pull_findings(workspace: Workspace, recorded: Pull) -> tuple[Finding, ...]:
    """Return the findings of `goldwire pull` about one annotator, from a server with recorded projects."""
    projects = recorded_projects(workspace, recorded)
    with serve(projects) as address:
        account = {f"GOLDWIRE_DOCCANO_{name}": "admin" for name in ("USERNAME", "PASSWORD")}
        with mock.patch.dict(os.environ, {"GOLDWIRE_DOCCANO_URL": address, "GOLDWIRE_DOCCANO_TOKEN": "", **account}):
            report = pull.run(workspace, batch=recorded.batch)
    return tuple(
        msgspec.structs.replace(finding, message=finding.message.replace(address, _SERVER))
        for finding in report.findings
    )


def recorded_projects(workspace: Workspace, recorded: Pull) -> list[FakeProject]:
    """Return the projects of a batch, one per annotator: every task is as in its layer and ticked as done."""
    tasks = loading.tasks(workspace, recorded.batch)
    project_type = "DocumentClassification" if tasks[0].kind == "stance" else "SequenceLabeling"
    projects: list[FakeProject] = []
    for annotator in sorted({name for task in tasks for name in task.annotators}):
        is_edited = annotator == recorded.annotator
        assigned = [task for task in tasks if annotator in task.annotators]
        lines = recorded_lines(workspace, assigned, annotator, recorded.row if is_edited else ())
        for _ in range(recorded.projects if is_edited else 1):
            projects.append(
                FakeProject(
                    id=7 + len(projects),
                    description=f"[goldwire:{workspace.settings.name}/{recorded.batch}/{annotator}]",
                    project_type=project_type,
                    label_types=recorded_types(workspace, recorded if is_edited else None),
                    annotators=(annotator, *(recorded.others if is_edited else ())),
                    lines=tuple(lines),
                    confirmed_lines=tuple(line for line in lines if line.startswith("{")),
                )
            )
    return projects


def recorded_types(workspace: Workspace, recorded: Pull | None) -> dict[str, dict[str, int]]:
    """Return the label types of a project, with the exceptions of a case."""
    schema = read_schema(workspace.schema)
    spans, stances = (*schema.entity_labels, schema.voice), schema.stance_labels
    first = 2 if recorded is not None and recorded.shared_ids else 1 + len(spans)
    types = {
        "span-types": {name: number for number, name in enumerate(spans, 1)},
        "relation-types": {name: number for number, name in enumerate(reversed(stances), first)},
        "category-types": {name: number for number, name in enumerate(stances, 1)},
    }
    absent = () if recorded is None else recorded.without_types
    return {part: {name: ids[name] for name in ids if name not in absent} for part, ids in types.items()}


def recorded_lines(workspace: Workspace, tasks: list[Task], annotator: str, edits: tuple[RowEdit, ...]) -> list[str]:
    """Return the lines that Doccano exports for an annotator's tasks, after the edits of a case."""
    articles, lines = loading.articles(workspace), []
    path = workspace.layers / tasks[0].batch / f"{annotator}.jsonl"
    layers = {layer.article_id: layer for layer in jsonl.read(path, AnnotationLayer)} if path.exists() else {}
    for number, task in enumerate(tasks, 1):
        row = json.loads(import_line(task, articles[task.article_id]))
        row |= recorded_labels(task, articles[task.article_id], layers.get(task.article_id), number)
        edit = next((edit for edit in edits if edit.task == task.id), RowEdit(task.id))
        if edit.line is not None:
            lines.append(edit.line)
        elif not edit.delete:
            lines.append(json.dumps(without_label(row, edit.without) | edit.set))
        if edit.copy:
            lines.append(json.dumps(row | edit.set | {"id": 100 + number}))
    lines += [json.dumps({"id": 900, "gw_task_id": edit.task} | edit.set) for edit in edits if edit.new]
    return lines


def without_label(row: dict[str, Any], label: str) -> dict[str, Any]:
    """Return a row without the spans of a label, and without their relations."""
    entities = [entity for entity in row["entities"] if entity["label"] != label]
    ids = {entity["id"] for entity in entities}
    relations = [relation for relation in row["relations"] if {relation["from_id"], relation["to_id"]} <= ids]
    return row | {"entities": entities, "relations": relations}


def recorded_labels(task: Task, article: Article, layer: AnnotationLayer | None, number: int) -> dict[str, Any]:
    """Return the labels of a row, which is the annotator's `number`th, with ids as a database gives them."""
    row: dict[str, Any] = {"id": number, "entities": [], "relations": [], "label": [], "Comments": []}
    if layer is None:
        return row
    labels, first = to_doccano(layer, task, article, "VOICE"), 100 * number
    row["entities"] = [
        {"id": first + i, "start_offset": start, "end_offset": end, "label": label}
        for i, (start, end, label) in enumerate(labels.spans)
    ]
    row["relations"] = [
        {"id": first + i, "from_id": first + holder, "to_id": first + target, "type": stance}
        for i, (holder, target, stance) in enumerate(labels.relations)
    ]
    row["label"] = [stance.stance for stance in layer.stances if stance.target_name == task.target is not None]
    row["Comments"] = [{"id": first + i, "comment": comment} for i, comment in enumerate(layer.comments)]
    return row
