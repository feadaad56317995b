"""Make the files of a Label Studio server that `tests/formats/test_label_studio.py` reads.

    TOOL_ENVIRONMENT/bin/python tests/support/make_label_studio_files.py http://127.0.0.1:8080 TOKEN

The environment has `label-studio` and `requests` from PyPI. The server is started with SQLite, for a user
`ada@example.org`, whose legacy token is the second argument:
`LABEL_STUDIO_USERNAME=ada@example.org LABEL_STUDIO_PASSWORD=... LABEL_STUDIO_USER_TOKEN=TOKEN
LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN=true label-studio start --no-browser --internal-host 127.0.0.1`.
The files are of Label Studio 1.23.2. `returned.json` is what it exports of tasks that goldwire wrote.
`drawn.json` has the spans of `ada`, drawn with the mouse in Chromium: the page counts code points.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import requests
from make_tool_files import FOLDER, RELATIONS, SPANS, STANCES, TEXTS

CONFIG = """<View><Text name="text" value="$text"/>
<Labels name="label" toName="text"><Label value="PER"/><Label value="ORG"/><Label value="LOC"/></Labels>
<Relations><Relation value="supports"/><Relation value="opposes"/></Relations>
<Choices name="stance" toName="text" choice="single"><Choice value="favour"/><Choice value="against"/></Choices>
<Choices name="topics" toName="text" choice="multiple"><Choice value="port"/><Choice value="law"/></Choices>
<Choices name="certainty" toName="text" choice="single" perRegion="true"><Choice value="unsure"/></Choices>
<TextArea name="reason" toName="text" perRegion="true"/>
<TextArea name="comment" toName="text"/>
<Rating name="quality" toName="text"/>
<Number name="year" toName="text"/>
<Taxonomy name="place" toName="text"><Choice value="coast"><Choice value="Tolm"/></Choice></Taxonomy>
</View>"""
SERVER_FOLDER = FOLDER / "label-studio-server"


def result(name: str, control: str, kind: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"id": name, "from_name": control, "to_name": "text", "type": kind, "origin": "manual", "value": value}


def results(annotator: str, number: int) -> list[dict[str, Any]]:
    text = TEXTS[number]
    found = []
    for start, end, label in SPANS[annotator][number]:
        extent = {"start": start, "end": end, "text": text[start:end]}
        name = f"{annotator}-{start}"
        found.append(result(name, "label", "labels", {**extent, "labels": [label]}))
        if annotator == "ada" and not start:
            found.append(result(name, "certainty", "choices", {**extent, "choices": ["unsure"]}))
            found.append(result(name, "reason", "textarea", {**extent, "text": ["two people"]}))
    regions = [one["id"] for one in found if one["type"] == "labels"]
    for label, holder, target in RELATIONS[annotator][number]:
        ends = {"from_id": regions[holder], "to_id": regions[target]}
        found.append({"type": "relation", **ends, "direction": "right", "labels": [label]})
    found.append(result("stance", "stance", "choices", {"choices": [STANCES[annotator][number]]}))
    if annotator == "ada":
        found.append(result("topics", "topics", "choices", {"choices": ["port", "law"]}))
        found.append(result("comment", "comment", "textarea", {"text": ["A long sentence.\nAnother one."]}))
        found.append(result("quality", "quality", "rating", {"rating": 4}))
        found.append(result("year", "year", "number", {"number": 1911}))
        found.append(result("place", "place", "taxonomy", {"taxonomy": [["coast", "Tolm"]]}))
    return found


def main(server: str, token: str) -> None:
    def call(method: str, path: str, **body: Any) -> requests.Response:
        headers = {"Authorization": f"Token {token}"}
        response = requests.request(method, f"{server}/api/{path}", headers=headers, timeout=300, **body)
        response.raise_for_status()
        return response

    people = {user["email"].partition("@")[0]: user["id"] for user in call("GET", "users").json()}
    if "ben" not in people:
        new = {"email": "ben@example.org", "username": "ben", "password": "harbour-pass"}
        people["ben"] = call("POST", "users", json=new).json()["id"]

    def new_project(title: str, tasks: list[dict[str, Any]]) -> int:
        number = call("POST", "projects", json={"title": title, "label_config": CONFIG}).json()["id"]
        call("POST", f"projects/{number}/import", json=tasks)
        return int(number)

    def save_export(project: int, kind: str, name: str) -> None:
        exported = call("GET", f"projects/{project}/export?exportType={kind}&download_all_tasks=true")
        (SERVER_FOLDER / name).write_bytes(exported.content)

    SERVER_FOLDER.mkdir(exist_ok=True)
    guess = {"model_version": "m1", "result": [result("p", "stance", "choices", {"choices": ["favour"]})]}
    project = new_project("labels", [{"data": {"text": text}, "predictions": [guess]} for text in TEXTS])
    tasks = call("GET", f"tasks?project={project}&fields=all").json()["tasks"]
    for number, task in enumerate(sorted(tasks, key=lambda task: task["id"])):
        for name in SPANS:
            own = {"result": results(name, number), "completed_by": people[name], "lead_time": 3.5}
            call("POST", f"tasks/{task['id']}/annotations/", json=own)
    for kind, name in (("JSON", "export.json"), ("JSON_MIN", "json-min.json"), ("CSV", "labels.csv")):
        save_export(project, kind, name)

    from goldwire.formats import label_studio, registry

    written = Path(SERVER_FOLDER / "written.json")
    label_studio.FORMAT.write(registry.read_documents(FOLDER / "brat"), written)
    project = new_project("returned", requests.models.complexjson.loads(written.read_bytes()))
    written.unlink()
    save_export(project, "JSON", "returned.json")


if __name__ == "__main__":
    main(*sys.argv[1:])
