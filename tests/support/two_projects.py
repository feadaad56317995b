"""Two projects on the real server, each with an annotator and an object of each kind, for attacks on the guard."""

from __future__ import annotations

from typing import Any, NamedTuple

import requests

PASSWORD = "kestrel-lagoon-9"
TEXT = "Ann Bell met Cora Dunn."
LABEL_ROUTES = ("spans", "categories", "relations", "texts", "bboxes", "segments")


class Caller:
    """A client of the server, with or without a token."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url, self.token = url, token

    def __call__(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        headers = options.pop("headers", {}) | ({"Authorization": f"Token {self.token}"} if self.token else {})
        return requests.request(method, self.url + path, json=body, headers=headers, timeout=30, **options)


class Side(NamedTuple):
    """A project of one annotator with an object of each kind in it."""

    id: int
    annotator: Caller
    example: int
    span_type: int
    category_type: int
    relation_type: int
    spans: tuple[int, int]
    relation: int
    comment: int
    tag: int
    member: int

    @property
    def path(self) -> str:
        return f"/v1/projects/{self.id}"

    @property
    def at(self) -> str:
        return f"{self.path}/examples/{self.example}"


class World(NamedTuple):
    url: str
    admin: Caller
    nobody: Caller
    manager: Caller  # an administrator of project `a`, not staff
    a: Side
    b: Side


def sign_in(url: str, username: str, password: str) -> requests.Response:
    return requests.post(f"{url}/v1/auth/login/", json={"username": username, "password": password}, timeout=30)


def made(answer: requests.Response) -> Any:
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def person(admin: Caller, name: str) -> tuple[int, Caller]:
    body = {"username": name, "password1": PASSWORD, "password2": PASSWORD}
    user = made(admin("POST", "/v1/users/create", body))["id"]
    return user, Caller(admin.url, made(sign_in(admin.url, name, PASSWORD))["key"])


def side(admin: Caller, name: str) -> Side:
    user, annotator = person(admin, f"guard-{name}")
    body = {"name": name, "description": name, "project_type": "SequenceLabeling", "use_relation": True}
    body |= {"resourcetype": "SequenceLabelingProject", "collaborative_annotation": True, "allow_overlapping": True}
    project = made(admin("POST", "/v1/projects", body))["id"]
    path = f"/v1/projects/{project}"
    roles = {role["name"]: role["id"] for role in made(admin("GET", "/v1/roles"))}
    member = made(admin("POST", f"{path}/members", {"user": user, "role": roles["annotator"]}))["id"]
    example = made(admin("POST", f"{path}/examples", {"text": TEXT}))["id"]
    kinds = [
        made(admin("POST", f"{path}/{kind}-types", {"text": f"{name}{kind}"}))["id"]
        for kind in ("span", "category", "relation")
    ]
    at = f"{path}/examples/{example}"
    spans = tuple(
        made(annotator("POST", f"{at}/spans", {"start_offset": start, "end_offset": end, "label": kinds[0]}))["id"]
        for start, end in ((0, 8), (13, 22))
    )
    relation = {"from_id": spans[0], "to_id": spans[1], "type": kinds[2]}
    relation = made(annotator("POST", f"{at}/relations", relation))["id"]
    comment = made(annotator("POST", f"{path}/comments?example={example}", {"text": "hm"}))["id"]
    tag = made(admin("POST", f"{path}/tags", {"text": "t"}))["id"]
    return Side(project, annotator, example, *kinds, spans, relation, comment, tag, member)


def snapshot(world: World) -> list[Any]:
    """Return everything that the administrator sees of both projects: a refused request must not change anything."""
    seen = []
    for here in (world.a, world.b):
        lists = ("", "/examples", "/members", "/tags", "/comments", "/span-types", "/category-types", "/relation-types")
        seen += [world.admin("GET", here.path + part).json() for part in lists]
        seen += [world.admin("GET", f"{here.at}/{kind}").json() for kind in (*LABEL_ROUTES, "states")]
    return seen
