"""Make Doccano's own exports of three projects, which `tests/formats/test_tool_files.py` reads, on a running server.

    PYTHONPATH=scripts:tests python -m support.make_doccano_files

The server is one that `goldwire server` starts in a workspace of its own. Labels are set through the API, as Doccano's
page does, by two members of projects that are not shared: with relations, without, and for text classification.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from goldwire.doccano.client import jobs, session
from goldwire.doccano.client.session import Session
from goldwire.workspace.layout import find_workspace
from support.make_tool_files import FOLDER, RELATIONS, SPANS, STANCES, TEXTS, utf16

PASSWORD = "four words for tests"  # of a server that this script stops
KINDS = {"relations": "SequenceLabeling", "spans": "SequenceLabeling", "categories": "DocumentClassification"}
LABEL_TYPES = {"span-types": ("PER", "ORG", "LOC"), "relation-types": ("supports", "opposes")}


def create_project(admin: Session, name: str) -> int:
    kind = KINDS[name]
    resource = "TextClassificationProject" if name == "categories" else f"{kind}Project"
    options = {"collaborative_annotation": False, "random_order": False, "tags": []}
    if name == "categories":
        options |= {"single_class_classification": False}
    else:
        options |= {"allow_overlapping": True, "grapheme_mode": False, "use_relation": name == "relations"}
    row = {"name": name, "description": name, "project_type": kind, "resourcetype": resource, **options}
    return int(admin.http.post("projects", row)["id"])


def create_labels(admin: Session, project: int, kind: str, names: tuple[str, ...]) -> dict[str, int]:
    keys = {name: {"suffix_key": str(number), "background_color": "#1f5fbf"} for number, name in enumerate(names, 1)}
    return {
        name: admin.http.post(f"projects/{project}/{kind}", {"text": name, "prefix_key": None, **own})["id"]
        for name, own in keys.items()
    }


def annotate(member: Session, name: str, project: int, types: dict[str, dict[str, int]], annotator: str) -> None:
    rows = member.http.get(f"projects/{project}/examples", limit=10)["results"]
    for row in rows:
        number = TEXTS.index(row["text"])
        place = f"projects/{project}/examples/{row['id']}"
        if name == "categories":
            member.http.post(f"{place}/categories", {"label": types["category-types"][STANCES[annotator][number]]})
            continue
        spans = []
        for start, end, label in SPANS[annotator][number]:
            offsets = {"start_offset": utf16(row["text"], start), "end_offset": utf16(row["text"], end)}
            spans.append(member.http.post(f"{place}/spans", {**offsets, "label": types["span-types"][label]})["id"])
        if name == "relations":
            for label, holder, target in RELATIONS[annotator][number]:
                ends = {"from_id": spans[holder], "to_id": spans[target]}
                member.http.post(f"{place}/relations", {**ends, "type": types["relation-types"][label]})
            if number == 0:
                member.http.post(f"projects/{project}/comments", {"text": f"{annotator} is unsure"}, example=row["id"])


def export(admin: Session, project: int, folder: Path) -> None:
    job = admin.http.post(f"projects/{project}/download", {"format": "JSONL", "exportApproved": False})
    jobs.wait(admin, job["task_id"], "the export", expected=10)
    answer = admin.http.send("GET", f"projects/{project}/download", params={"taskId": job["task_id"]})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(folder)


def make(admin: Session, version: str) -> None:
    roles: list[dict[str, Any]] = admin.http.get("roles")
    role = next(row["id"] for row in roles if row["name"] == "annotator")
    passwords = {"password1": PASSWORD, "password2": PASSWORD}
    users = {name: admin.http.post("users/create", {"username": name, **passwords})["id"] for name in SPANS}
    for name in KINDS:
        project = create_project(admin, name)
        kinds = {"category-types": ("favour", "against")} if name == "categories" else LABEL_TYPES
        types = {
            kind: create_labels(admin, project, kind, names)
            for kind, names in kinds.items()
            if name != "spans" or kind == "span-types"
        }
        for text in TEXTS:
            admin.http.post(f"projects/{project}/examples", {"text": text, "meta": {}})
        for annotator, user in users.items():
            admin.http.post(f"projects/{project}/members", {"user": user, "role": role})
            annotate(session.sign_in_as(admin.url, annotator, PASSWORD), name, project, types, annotator)
        export(admin, project, FOLDER / "doccano" / version / name)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "goldwire"]
        subprocess.run([*command, "init", "labels", "--quiet"], cwd=folder, check=True)
        root = Path(folder) / "labels"
        subprocess.run([*command, "server", "start"], cwd=root, check=True)
        try:
            make(session.connect(find_workspace(root, explicit=True)), "1.8.4")
        finally:
            subprocess.run([*command, "server", "stop"], cwd=root, check=True)


if __name__ == "__main__":
    main()
