"""Two projects on the shared server that tests of the guard attack."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.two_projects import Caller, World, made, person, side, sign_in


@pytest.fixture(scope="session")
def world(doccano, worker_id: str) -> Iterator[World]:
    admin = Caller(doccano.url, made(sign_in(doccano.url, doccano.username, doccano.password))["key"])
    a, b = side(admin, f"a{worker_id}"), side(admin, f"b{worker_id}")
    user, manager = person(admin, f"guard-manager-{worker_id}")
    roles = {role["name"]: role["id"] for role in made(admin("GET", "/v1/roles"))}
    made(admin("POST", f"{a.path}/members", {"user": user, "role": roles["project_admin"]}))
    yield World(doccano.url, admin, Caller(doccano.url), manager, a, b)
    admin("DELETE", "/v1/projects", {"ids": [a.id, b.id]})
