"""Annotate on a potato server as its page does, for the files that `tests/formats/test_potato.py` reads.

    TOOL_ENVIRONMENT/bin/python tests/support/make_potato_files.py config 2 > config.yaml
    TOOL_ENVIRONMENT/bin/potato start config.yaml -p 8000 --host 127.0.0.1
    TOOL_ENVIRONMENT/bin/python tests/support/make_potato_files.py annotate 2 http://127.0.0.1:8000

The environment has `potato-annotation` and `requests` from PyPI; 2 is the major version, and 1 is possible. Potato 1
binds all addresses: run it in a network namespace, or set the host in its `app.run`. The texts are the file
`data/articles.jsonl` beside the configuration, and the annotations are in `annotation_output`. What is in `tool_files`
was made by potato 2.12.1 and 1.2.2.4; `potato-2.8.2` with the mouse in Chromium, to see in which units its page counts.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any

import requests
from make_tool_files import RELATIONS, SPANS, STANCES, TEXTS

LABELS = ["PER", "ORG", "LOC"]
SCHEMES: list[dict[str, Any]] = [
    {"annotation_type": "radio", "name": "stance", "description": "Stance", "labels": ["favour", "against"]},
    {"annotation_type": "multiselect", "name": "topics", "description": "Topics", "labels": ["port", "law"]},
    {"annotation_type": "likert", "name": "quality", "description": "Quality", "size": 5}
    | {"min_label": "bad", "max_label": "good"},
    {"annotation_type": "text", "name": "comment", "description": "Comment"},
]
COMMENT = "two readings"


def config(version: str) -> dict[str, Any]:
    span = {"name": "entities", "description": "Entities", "labels": LABELS}
    common = {
        "annotation_task_name": "labels",
        "task_dir": ".",
        "output_annotation_dir": "annotation_output",
        "data_files": ["data/articles.jsonl"],
        "item_properties": {"id_key": "id", "text_key": "text"},
        "user_config": {"allow_all_users": True, "users": []},
        "alert_time_each_instance": 1_000_000,
    }
    if version == "1":
        layout = dict.fromkeys(("html_layout", "base_html_template", "header_file", "site_dir"), "default")
        login = {"login": {"type": "url_direct", "url_argument": "username"}, "server_name": "potato"}
        schemes = [{"annotation_type": "highlight", **span}, *SCHEMES]
        return {**common, **layout, **login, "output_annotation_format": "jsonl", "annotation_schemes": schemes}
    kinds = [{"name": "supports", "directed": True}, {"name": "opposes", "directed": True}]
    link = {"name": "stances", "description": "Stances", "span_schema": "entities", "link_types": kinds}
    schemes = [{"annotation_type": "span", **span}, {"annotation_type": "span_link", **link}, *SCHEMES]
    return {**common, "require_password": False, "output_annotation_format": "json", "annotation_schemes": schemes}


def annotate(server: str, name: str) -> None:
    """Annotate as the page of potato 2 does."""
    session = requests.Session()
    session.post(f"{server}/auth", data={"action": "login", "email": name, "pass": ""}, timeout=60)
    for number in range(len(TEXTS)):
        session.get(f"{server}/annotate", timeout=60)
        spans = [
            {"schema": "entities", "name": label, "title": label, "start": start, "end": end, "value": True}
            | {"id": f"entities_{label}_{start}_{end}"}
            for start, end, label in SPANS[name][number]
        ]
        links = [
            {"schema": "stances", "link_type": label, "span_ids": [spans[holder]["id"], spans[target]["id"]]}
            | {"direction": "directed", "properties": {}}
            for label, holder, target in RELATIONS[name][number]
        ]
        stance = STANCES[name][number]
        answers = {f"stance:::{stance}": stance, "quality:::4": "4", "comment:::text_box": COMMENT}
        answers |= {"topics:::port": "port", "topics:::law": "law"} if name == "ada" else {}
        saved = {"annotations": answers, "span_annotations": spans, "link_annotations": links}
        instance = {"instance_id": f"article-{number}"}
        session.post(f"{server}/updateinstance", json=instance | saved, timeout=60).raise_for_status()
        session.post(f"{server}/annotate", json={"action": "next_instance", **instance}, timeout=60)


def annotate_1(server: str, name: str) -> None:
    """Send the form of potato 1: its page puts an element around each selection, with the label in it."""
    session = requests.Session()
    page = session.get(server, params={"username": name}, timeout=60).text
    for _ in TEXTS:
        instance = re.findall(r'id="instance_id"[^>]*value="([^"]+)"', page)[0]
        shown = re.findall(r'<div name="instance_text">(.*?)</div>', page, re.DOTALL)[0]
        number = next(n for n, text in enumerate(TEXTS) if text in shown)
        html, last, first = "", 0, shown.index(TEXTS[number])
        for start, end, label in SPANS[name][number]:
            before, selected = shown[last : first + start], shown[first + start : first + end]
            label_element = f'<div class="span_label" style="background-color:white;">{label}</div>'
            html += f'{before}<span class="span_container" selection_label="{label}">{selected}{label_element}</span>'
            last = first + end
        chosen = ["stance:::" + STANCES[name][number], *(["topics:::port", "topics:::law"] if name == "ada" else [])]
        form = {own: own for own in chosen} | {"quality:::scale_4": "4", "comment:::text_box": COMMENT}
        form |= {"email": name, "src": "next_instance", "instance_id": instance, "go_to": ""}
        form["span-annotation"] = html + shown[last:]
        page = session.post(f"{server}/annotate", data=form, timeout=60).text


def main(command: str, version: str, server: str = "") -> None:
    if command == "config":
        sys.stdout.write(json.dumps(config(version), indent=1))  # which is YAML, too
        return
    for name in SPANS:
        (annotate_1 if version == "1" else annotate)(server, name)


if __name__ == "__main__":
    main(*sys.argv[1:])
