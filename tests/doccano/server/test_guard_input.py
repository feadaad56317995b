"""Input that Doccano's views do not expect, and the Content-Security-Policy, on the real server."""

from __future__ import annotations

import re

import pytest

from support.two_projects import World, snapshot


class TestUnexpectedInput:
    @pytest.mark.parametrize("depth", [1_000, 3_000, 200_000])
    def test_deeply_nested_json_is_refused(self, world: World, depth: int):
        a, nested = world.a, b"[" * depth + b"]" * depth
        before = snapshot(world)
        for ask, method, path in (
            (world.nobody, "POST", "/v1/auth/login/"),
            (a.annotator, "POST", f"{a.at}/spans"),
            (a.annotator, "DELETE", f"{a.path}/comments"),
            (a.annotator, "POST", f"{a.path}/comments?example={a.example}"),
            (world.admin, "POST", "/v1/projects"),
            (world.admin, "PATCH", f"{a.path}/examples/{a.example}"),
            (world.admin, "POST", f"{a.path}/goldwire"),
        ):
            for body in (nested, b'{"a": %s}' % nested):
                answer = ask(method, path, data=body, headers={"Content-Type": "application/json"})
                assert answer.status_code == 400, (path, answer.status_code)
        assert snapshot(world) == before

    @pytest.mark.parametrize("number", [2**31, 2**63, 10**20, 10**400])
    def test_numbers_beyond_the_range_of_the_database_are_refused(self, world: World, number: int):
        a, before = world.a, snapshot(world)
        for ask in (a.annotator, world.admin):
            for method, path in (
                ("GET", f"/v1/projects/{number}"),
                ("GET", f"/v1/projects/{number}/goldwire"),
                ("GET", f"{a.path}/examples/{number}"),
                ("DELETE", f"{a.at}/spans/{number}"),
                ("POST", f"{a.path}/comments?example={number}"),
            ):
                status = ask(method, path, {} if method == "POST" else None).status_code
                assert 400 <= status < 500, (path[:60], status)
        for body in ({"ids": [number]}, {"ids": [a.example, number]}):
            assert 400 <= world.admin("DELETE", f"{a.path}/examples", body).status_code < 500
        # SQLite stores an offset of 64 bits; `goldwire pull` reports that it is outside the text.
        for fields in () if number == 2**31 else ({"start_offset": number}, {"label": number}, {"end_offset": number}):
            body = {"start_offset": 0, "end_offset": 3, "label": a.span_type} | fields
            assert 400 <= a.annotator("POST", f"{a.at}/spans", body).status_code < 500
        assert a.annotator("GET", f"{a.path}/examples?offset={number}").status_code in (200, 400)
        assert snapshot(world) == before


class TestPolicy:
    def test_the_page_runs_only_scripts_that_came_with_it(self, world: World):
        pages = [world.nobody("GET", path) for path in ("/auth", "/projects", f"/projects/{world.a.id}", "/")]
        nonces = set()
        for page in pages:
            policy = page.headers["Content-Security-Policy"]
            (nonce,) = re.findall(r"script-src 'self' 'nonce-([^']+)'", policy)
            scripts = re.findall(r"<script[^>]*>", page.text)
            assert len(scripts) > 2
            assert all(f'nonce="{nonce}"' in script for script in scripts)
            assert "default-src 'none'" in policy
            assert "unsafe-eval" not in policy
            assert page.headers["Cache-Control"] == "no-store"
            nonces.add(nonce)
        assert len(nonces) == len(pages)

    def test_other_answers_run_no_scripts(self, world: World):
        for answer in (
            world.nobody("GET", "/v1/social/links/"),
            world.nobody("GET", "/v1/me"),
            world.nobody("GET", "/v1/no-such-page"),
            world.admin("GET", f"{world.a.path}/goldwire/rows"),
        ):
            policy = answer.headers["Content-Security-Policy"]
            assert "script-src" not in policy
            assert "default-src 'none'" in policy
