"""Every security hole of Doccano 1.8.4, tried on the server that goldwire runs, where people can still work."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from support.two_projects import LABEL_ROUTES, PASSWORD, Caller, World, made, person, sign_in, snapshot

FAR = 987_654_321


class TestAnnotators:
    def test_annotators_can_work(self, world: World):
        a, ask = world.a, world.a.annotator
        for path in ("/v1/me", "/v1/projects?limit=10", "/v1/roles", a.path, f"{a.path}/my-role", f"{a.path}/examples"):
            assert ask("GET", path).status_code == 200, path
        for path in ("/span-types", "/relation-types", "/category-types", "/metrics/progress", "/tags", "/comments"):
            assert ask("GET", a.path + path).status_code == 200, path
        span = made(ask("POST", f"{a.at}/spans", {"start_offset": 4, "end_offset": 8, "label": a.span_type}))
        moved = ask("PATCH", f"{a.at}/spans/{span['id']}", {"start_offset": 0, "label": a.span_type})
        assert (moved.status_code, moved.json()["start_offset"]) == (200, 0)
        assert ask("DELETE", f"{a.at}/spans/{span['id']}").status_code == 204
        assert ask("POST", f"{a.at}/states", {}).status_code == 201
        assert ask("POST", f"{a.at}/states", {}).status_code == 201
        comment = made(ask("POST", f"{a.path}/comments?example={a.example}", {"text": "unsure"}))
        assert ask("DELETE", f"{a.path}/comments/{comment['id']}").status_code == 204

    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
    def test_annotators_cannot_change_texts_projects_or_label_types(self, world: World, method: str):
        a, before = world.a, snapshot(world)
        paths = [a.path, a.at, f"{a.path}/tags/{a.tag}", f"{a.path}/members/{a.member}"]
        paths += [f"{a.path}/span-types/{a.span_type}", f"{a.path}/relation-types/{a.relation_type}"]
        paths += [f"{a.path}/category-types/{a.category_type}"]
        body = {"text": "forged", "name": "forged", "description": "x", "resourcetype": "SequenceLabelingProject"}
        for path in paths:
            assert a.annotator(method, path, body).status_code == 403, path
        assert snapshot(world) == before

    def test_annotators_can_add_and_remove_labels_only(self, world: World):
        a, before = world.a, snapshot(world)
        posts = ("/examples", "/members", "/tags", "/clone", "/upload", "/download", "/span-types", "/span-type-upload")
        for path in (*posts, "/auto-labeling/configs", "/auto-labeling/request-testing"):
            assert a.annotator("POST", a.path + path, {"text": "x", "ids": [a.example]}).status_code == 403, path
        for path in ("/examples", "/members", "/span-types", "/category-types", "/relation-types"):
            assert a.annotator("DELETE", a.path + path, {"ids": [a.example]}).status_code == 403, path
        for path in (
            "/members",
            "/download?taskId=x",
            "/catalog",
            "/metrics/member-progress",
            "/metrics/span-distribution",
        ):
            assert a.annotator("GET", a.path + path).status_code == 403, path
        assert snapshot(world) == before

    def test_annotators_see_no_other_people_or_projects(self, world: World):
        ask = world.a.annotator
        assert [project["id"] for project in ask("GET", "/v1/projects?limit=99").json()["results"]] == [world.a.id]
        for path in ("/v1/users", f"/v1/users?project_id={world.a.id}", "/v1/tasks/status/x", "/v1/health/"):
            assert ask("GET", path).status_code == 403, path
        assert ask("GET", world.b.path).status_code == 403
        assert ask("GET", "/admin/auth/user/").status_code == 404

    def test_annotators_cannot_change_accounts(self, world: World):
        ask = world.a.annotator
        for method in ("PUT", "PATCH"):
            assert ask(method, "/v1/auth/user/", {"username": "admin2"}).status_code == 403
        body = {"new_password1": "another-word-7", "new_password2": "another-word-7"}
        assert ask("POST", "/v1/auth/password/change/", body).status_code == 403
        for path in ("/v1/users/create", "/v1/projects"):
            assert ask("POST", path, {}).status_code == 403
        assert ask("DELETE", "/v1/projects", {"ids": [world.a.id]}).status_code == 403


class TestSessions:
    """The browser signs in by session instead of token: the same rules hold, and other pages cannot use the session."""

    @pytest.fixture
    def browser(self, world: World) -> Iterator[requests.Session]:
        name = world.a.annotator("GET", "/v1/me").json()["username"]
        with requests.Session() as browser:
            browser.post(f"{world.url}/v1/auth/login/", json={"username": name, "password": PASSWORD}, timeout=30)
            yield browser

    def test_requests_that_are_refused_by_token_are_refused_by_session(self, world: World, browser: requests.Session):
        before = snapshot(world)
        browser.headers["X-CSRFToken"] = browser.cookies["csrftoken"]
        for here in (world.a, world.b):
            answer = browser.put(f"{world.url}{world.a.path}/examples/{here.example}", json={"text": "x"}, timeout=30)
            assert answer.status_code == 403
        assert browser.get(world.url + world.a.at, timeout=30).status_code == 200
        assert snapshot(world) == before

    def test_a_second_token_has_no_more_permissions(self, world: World, browser: requests.Session):
        headers = {"Authorization": f"Token {world.admin.token}", "X-CSRFToken": browser.cookies["csrftoken"]}
        answer = browser.delete(world.url + world.a.at, headers=headers, timeout=30)
        assert answer.status_code == 403

    def test_a_request_from_another_page_is_refused(self, world: World, browser: requests.Session):
        before = snapshot(world)
        body = {"start_offset": 0, "end_offset": 3, "label": world.a.span_type}
        assert browser.post(f"{world.url}{world.a.at}/spans", json=body, timeout=30).status_code == 403
        assert snapshot(world) == before

    def test_the_cookie_belongs_to_one_server(self, world: World, browser: requests.Session):
        session = next(cookie for cookie in browser.cookies if cookie.name.startswith("sessionid"))
        assert session.name == f"sessionid_{world.url.rsplit(':', 1)[1]}"
        assert session.has_nonstandard_attr("HttpOnly")


class TestOtherProjects:
    """Objects of project `b` are not reachable through the URL of project `a`, even by an administrator of both."""

    @pytest.fixture(params=["annotator", "manager", "admin"])
    def ask(self, world: World, request: pytest.FixtureRequest) -> Caller:
        return world.a.annotator if request.param == "annotator" else getattr(world, request.param)

    def test_the_other_project_is_forbidden(self, world: World):
        b = world.b
        for ask in (world.a.annotator, world.manager):
            for path in (
                b.path,
                b.at,
                f"{b.path}/examples",
                f"{b.at}/spans",
                f"{b.path}/comments",
                f"{b.path}/download",
            ):
                assert ask("GET", path).status_code == 403, path

    @pytest.mark.parametrize("route", ["", "/states", *(f"/{route}" for route in LABEL_ROUTES)])
    def test_examples_of_the_other_project_are_out_of_reach(self, world: World, ask: Caller, route: str):
        before = snapshot(world)
        path = f"{world.a.path}/examples/{world.b.example}{route}"
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            body = {"text": "forged", "start_offset": 0, "end_offset": 3, "label": world.a.span_type}
            assert ask(method, path, body).status_code in (403, 404), method
        assert snapshot(world) == before

    def test_labels_and_comments_of_the_other_project_are_out_of_reach(self, world: World, ask: Caller):
        a, b, before = world.a, world.b, snapshot(world)
        paths = [f"{a.at}/spans/{b.spans[0]}", f"{a.at}/relations/{b.relation}", f"{a.path}/comments/{b.comment}"]
        paths += [f"{a.path}/examples/{b.example}/spans/{b.spans[0]}"]
        for path in paths:
            for method in ("GET", "PUT", "PATCH", "DELETE"):
                answer = ask(method, path, {"text": "forged", "label": a.span_type, "start_offset": 0, "end_offset": 1})
                assert answer.status_code == 404, (method, path)
        assert ask("POST", f"{a.path}/comments?example={b.example}", {"text": "forged"}).status_code == 404
        assert ask("POST", f"{a.path}/comments", {"text": "forged"}).status_code == 400
        assert ask("POST", f"{a.path}/auto-labeling?example={b.example}", {}).status_code == 404
        assert snapshot(world) == before

    def test_label_types_members_and_tags_of_the_other_project_are_out_of_reach(self, world: World):
        a, b, before = world.a, world.b, snapshot(world)
        paths = [f"{a.path}/span-types/{b.span_type}", f"{a.path}/relation-types/{b.relation_type}"]
        paths += [f"{a.path}/category-types/{b.category_type}", f"{a.path}/members/{b.member}"]
        for ask in (world.manager, world.admin):
            for path in paths:
                for method in ("GET", "PATCH", "DELETE"):
                    assert ask(method, path, {"text": "forged"}).status_code == 404, (method, path)
            assert ask("DELETE", f"{a.path}/tags/{b.tag}").status_code == 404
            for kind, key in (("span", b.span_type), ("category", b.category_type), ("relation", b.relation_type)):
                assert ask("DELETE", f"{a.path}/{kind}-types", {"ids": [key]}).status_code == 404
        assert snapshot(world) == before

    def test_a_label_cannot_refer_to_the_other_project(self, world: World, ask: Caller):
        a, b, before = world.a, world.b, snapshot(world)
        span = {"start_offset": 0, "end_offset": 3, "label": a.span_type}
        assert ask("POST", f"{a.at}/spans", span | {"label": b.span_type}).status_code == 404
        for body in ({"example": b.example}, {"label": b.span_type}, {"label": [b.span_type]}):
            assert ask("PATCH", f"{a.at}/spans/{a.spans[0]}", body).status_code == 404, body
        relation = {"from_id": a.spans[0], "to_id": a.spans[1], "type": a.relation_type}
        for body in ({"type": b.relation_type}, {"to_id": b.spans[0]}, {"from_id": b.spans[1]}):
            assert ask("POST", f"{a.at}/relations", relation | body).status_code == 404, body
        assert snapshot(world) == before

    def test_an_ambiguous_body_does_not_reach_the_other_project(self, world: World):
        a, b, before = world.a, world.b, snapshot(world)
        sly = json.dumps({"start_offset": 0, "end_offset": 3, "label": b.span_type})
        for kind in ("application/json; charset=utf-7", "application/x-www-form-urlencoded", "text/plain", ""):
            data = f"label={b.span_type}&start_offset=0&end_offset=3" if "form" in kind else sly
            answer = requests.put(
                f"{world.url}{a.at}/spans/{a.spans[0]}",
                data=data,
                headers={"Authorization": f"Token {a.annotator.token}", "Content-Type": kind},
                timeout=30,
            )
            assert answer.status_code == 400, kind
        assert snapshot(world) == before

    def test_project_zero_is_refused(self, world: World):
        path = f"/v1/projects/0/examples/{world.b.example}?project_id={world.a.id}"
        for method in ("GET", "DELETE"):
            assert world.manager(method, path).status_code == 403


@pytest.mark.parametrize("body", [{"ids": []}, {"ids": 0}, {"ids": None}, {}, [], {"ids": "1"}])
def test_an_empty_list_does_not_empty_the_project(world: World, body: Any):
    before = snapshot(world)
    assert world.admin("DELETE", f"{world.a.path}/examples", body).status_code == 400
    assert snapshot(world) == before


def test_an_empty_form_does_not_empty_the_project(world: World):
    before = snapshot(world)
    headers = {"Authorization": f"Token {world.admin.token}"}
    answer = requests.delete(world.url + world.a.path + "/examples", data={"ids": ""}, headers=headers, timeout=30)
    assert answer.status_code == 400
    assert snapshot(world) == before


class TestNobody:
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/media/0b1a.zip"),
            ("GET", "/v1/fp/fetch/?target=http://127.0.0.1:9/"),
            ("HEAD", "/v1/fp/fetch/?target=http://127.0.0.1:9/"),
            ("GET", "/v1/fp/load/?id=aaaaaaaaaaaaaaaaaaaaaa"),
            ("GET", "/v1/fp/restore/?id=aaaaaaaaaaaaaaaaaaaaaa"),
            ("DELETE", "/v1/fp/revert/"),
            ("PATCH", "/v1/fp/patch/aaaaaaaaaaaaaaaaaaaaaa"),
            ("GET", "/v1/projects"),
            ("GET", "/v1/users"),
            ("GET", "/v1/roles"),
            ("GET", "/v1/me"),
            ("GET", "/v1/health/"),
            ("GET", "/v1/tasks/status/x"),
            ("POST", "/v1/users/create"),
            ("POST", "/v1/auth/password/reset/"),
            ("POST", "/v1/auth/password/reset/confirm/"),
            ("GET", "/swagger/"),
            ("GET", "/admin/"),
            ("GET", "/admin/login/"),
            ("GET", "/api-auth/login/"),
            ("POST", "/social/complete/okta-oauth2/"),
            ("GET", "/v1/no-such-thing"),
        ],
    )
    def test_all_other_requests_are_refused(self, world: World, method: str, path: str):
        answer = world.nobody(method, path, allow_redirects=False)
        assert answer.status_code in (403, 404)

    def test_a_huge_body_is_refused(self, world: World):
        assert world.nobody("POST", "/v1/auth/login/", {"username": "x" * 1_100_000, "password": ""}).status_code == 413

    def test_uploads_are_refused(self, world: World):
        for ask in (world.nobody, world.a.annotator):
            assert ask("POST", "/v1/fp/process/", files={"filepond": ("a.jsonl", b"{}")}).status_code == 403

    def test_exports_are_refused(self, world: World, doccano):
        task = world.admin("POST", f"{world.a.path}/download", {"format": "JSONL", "exportApproved": False})
        found = next((doccano.home / "media").glob("*.zip"))
        assert world.admin("GET", f"{world.a.path}/download?taskId={task.json()['task_id']}").status_code == 200
        for ask in (world.nobody, world.a.annotator, world.admin):
            assert ask("GET", f"/media/{found.name}").status_code == 404

    def test_fetch_is_closed_for_the_administrator_too(self, world: World):
        assert world.admin("GET", f"/v1/fp/fetch/?target={world.url}/favicon.ico").status_code == 403

    def test_the_page_and_its_assets_are_served(self, world: World):
        page = world.nobody("GET", "/auth")
        assert page.status_code == 200
        script = page.text.split('<link rel="preload" href="')[1].split('"')[0]
        for path in (script, "/favicon.ico"):
            assert world.nobody("GET", path).status_code == 200, path
        assert world.nobody("GET", "/v1/social/links/").json() == {"okta": {}}

    def test_another_host_name_is_refused(self, world: World):
        assert world.nobody("GET", "/auth", headers={"Host": "attacker.example"}).status_code == 400


class TestThrottle:
    def test_after_ten_wrong_passwords_a_user_must_wait(self, world: World, worker_id: str):
        _, ask = person(world.admin, f"guard-slow-{worker_id}")
        name = ask("GET", "/v1/me").json()["username"]
        answers = [sign_in(world.url, name, f"wrong-{number}").status_code for number in range(12)]
        assert answers == [400] * 10 + [429] * 2
        refused = sign_in(world.url, name.upper(), PASSWORD)
        assert refused.status_code == 429
        assert 0 < int(refused.headers["Retry-After"]) <= 60
        assert sign_in(world.url, name, PASSWORD).status_code == 429
        # The signed-in user can continue, and other users can sign in.
        assert ask("GET", "/v1/me").status_code == 200
        other, _ = f"guard-quick-{worker_id}", person(world.admin, f"guard-quick-{worker_id}")
        assert sign_in(world.url, other, PASSWORD).status_code == 200


def test_a_failed_import_leaves_nothing_and_is_not_repeated(world: World, worker_id: str):
    a, before = world.a, snapshot(world)
    rows = [{"text": f"row {number}", "entities": [], "relations": []} for number in range(3)]
    # A relation to a missing span fails the task after its rows are stored.
    rows.append(
        {"text": "last", "entities": [], "relations": [{"from_id": 7, "to_id": 8, "type": f"a{worker_id}relation"}]}
    )
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    upload = world.admin("POST", "/v1/fp/process/", files={"filepond": ("a.jsonl", data)}, headers={"Accept": "*/*"})
    body = {"uploadIds": [upload.text], "format": "JSONL", "task": "RelationExtraction", "encoding": "utf_8"}
    task = made(world.admin("POST", f"{a.path}/upload", body | {"column_data": "text", "column_label": "label"}))
    answer = world.admin("GET", f"/v1/tasks/status/{task['task_id']}").json()
    assert answer["ready"]
    assert answer["error"]
    assert snapshot(world) == before


def test_eight_simultaneous_writers_lose_nothing(world: World):
    a, before = world.a, len(world.admin("GET", f"{world.a.at}/spans").json())
    body = {"start_offset": 0, "end_offset": 3, "label": a.span_type}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: a.annotator("POST", f"{a.at}/spans", body).status_code, range(80)))
    assert set(answers) == {201}
    assert len(world.admin("GET", f"{a.at}/spans").json()) == before + 80
