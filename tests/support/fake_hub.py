"""A small Hugging Face Hub on loopback that answers the requests of `huggingface_hub` and `datasets`.

Modelled on the requests of the client. It can be made to fail: `hub.fail("POST", "/commit/", 429)`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

TOKEN = "hf_test"
DROP = 0
"""As a status: the connection is closed without an answer."""


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def blob_id(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


@dataclass
class Stored:
    """A file of a revision, as git keeps it or in large-file storage."""

    data: bytes
    large: bool

    def entry(self, path: str) -> dict[str, Any]:
        oid, size = sha256(self.data), len(self.data)
        if not self.large:
            return {"type": "file", "path": path, "size": size, "oid": blob_id(self.data)}
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {size}\n".encode()
        large = {"oid": oid, "size": size, "pointerSize": len(pointer)}
        return {"type": "file", "path": path, "size": size, "oid": blob_id(pointer), "lfs": large}


@dataclass
class Repo:
    """A dataset repo: the files of every commit, the branch and the tags."""

    id: str
    private: bool
    trees: dict[str, dict[str, Stored]] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    main: str = ""

    def commit(self, added: dict[str, Stored], deleted: list[str], message: str) -> str:
        files = {path: stored for path, stored in self.trees.get(self.main, {}).items() if path not in deleted}
        files |= added
        content = json.dumps([self.main, message, sorted((p, sha256(s.data)) for p, s in files.items())])
        self.main = hashlib.sha1(content.encode()).hexdigest()
        self.trees[self.main] = files
        self.messages.append(message)
        return self.main

    def resolve(self, revision: str) -> str | None:
        name = unquote(revision)
        return self.main if name == "main" else self.tags.get(name) or (name if name in self.trees else None)


@dataclass
class Response:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


def refused(status: int, code: str, message: str) -> Response:
    return Response(status, {"error": message}, {"X-Error-Code": code, "X-Error-Message": message})


@dataclass
class Request:
    """A request: its path without the query, its headers and body."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: Any
    body: bytes

    @property
    def signed_in(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {TOKEN}"

    def json(self) -> Any:
        return json.loads(self.body)


class HubDouble:
    """The state of the Hub, and its responses."""

    def __init__(self) -> None:
        self.repos: dict[str, Repo] = {}
        self.large: dict[str, bytes] = {}
        self.log: list[tuple[str, str, int]] = []
        self.url = ""
        self._failures: list[tuple[str, str, int]] = []
        self._lock = threading.Lock()
        self._stall: tuple[int, bool] | None = None
        self._resumed = threading.Event()

    def fail(self, method: str, fragment: str, *statuses: int) -> None:
        """Response the next requests whose path holds `fragment` with these statuses, one each."""
        self._failures += [(method, fragment, status) for status in statuses]

    def stall_at(self, number: int, *, answered: bool) -> None:
        """Stop at the nth request from now, counted from 0; `answered`: after what it asks for is done."""
        self._stall = len(self.log) + number, answered
        self._resumed.clear()

    def resume(self) -> None:
        """Answer again."""
        self._stall = None
        self._resumed.set()

    def count(self, method: str, fragment: str) -> int:
        return sum(method == logged and fragment in path for logged, path, _ in self.log)

    def respond(self, request: Request) -> Response:
        with self._lock:
            failure = next(
                (
                    (method, fragment, status)
                    for method, fragment, status in self._failures
                    if method == request.method and fragment in request.path
                ),
                None,
            )
            if failure is not None:
                self._failures.remove(failure)
                response = Response(failure[2], {"error": "injected"}, {"Retry-After": "0"})
            elif self._stall is not None and len(self.log) >= self._stall[0]:
                response = self._route(request) if self._stall[1] else Response(DROP)
                self._resumed.wait()
            else:
                response = self._route(request)
            self.log.append((request.method, request.path, response.status))
            return response

    def _route(self, request: Request) -> Response:
        for pattern, action in _ROUTES:
            match = re.fullmatch(pattern, request.path)
            if match:
                return action(self, request, *map(unquote, match.groups()))
        return refused(404, "", "no such page")

    def _create(self, request: Request) -> Response:
        if not request.signed_in:
            return refused(401, "", "Invalid username or password.")
        options = request.json()
        name = f"{options.get('organization') or 'tester'}/{options['name']}"
        if name in self.repos:
            return Response(
                409, {"error": "You already created this dataset repo", "url": f"{self.url}/datasets/{name}"}
            )
        repo = self.repos[name] = Repo(name, bool(options.get("private")) or options.get("visibility") == "private")
        repo.commit({".gitattributes": Stored(b"*.parquet filter=lfs -text\n", large=False)}, [], "initial commit")
        return Response(200, {"url": f"{self.url}/datasets/{name}", "name": name, "id": "1"})

    def _validate(self, request: Request) -> Response:
        return Response(200, {"errors": [], "warnings": []})

    def _repo(self, request: Request, name: str, rest: str) -> Response:
        repo = self.repos.get(name)
        if repo is None or (repo.private and not request.signed_in):
            return refused(404 if request.signed_in else 401, "RepoNotFound", "Repository not found")
        verb, _, argument = rest.partition("/")
        if verb in _WRITES and not request.signed_in:
            return refused(403, "", "write access required")
        action = {
            "": self._info,
            "revision": self._info,
            "tree": self._tree,
            "paths-info": self._paths,
            "refs": self._refs,
            "preupload": self._preupload,
            "commit": self._commit,
            "tag": self._tag,
        }.get(verb)
        return (
            refused(404, "", f"no such page: {verb}") if action is None else action(request, repo, argument or "main")
        )

    def _info(self, request: Request, repo: Repo, revision: str) -> Response:
        commit = repo.resolve(revision)
        if commit is None:
            return refused(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        names = [{"rfilename": path} for path in sorted(repo.trees[commit])]
        info = {"id": repo.id, "sha": commit, "private": repo.private, "siblings": names, "tags": [], "gated": False}
        return Response(200, info | {"_id": "0" * 24, "author": repo.id.split("/")[0], "downloads": 0, "likes": 0})

    def _tree(self, request: Request, repo: Repo, argument: str) -> Response:
        revision, _, folder = argument.partition("/")
        commit = repo.resolve(revision)
        if commit is None:
            return refused(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        prefix = f"{folder}/" if folder else ""
        deep = request.query.get("recursive", ["false"])[0].lower() in ("true", "1")
        inside = {path: stored for path, stored in sorted(repo.trees[commit].items()) if path.startswith(prefix)}
        if folder and not inside:
            return refused(404, "EntryNotFound", f"{folder} does not exist")
        folders = {
            prefix + "/".join(parts[:depth])
            for parts in (path.removeprefix(prefix).split("/") for path in inside)
            for depth in range(1, len(parts) if deep else min(len(parts), 2))
        }
        entries = [{"type": "directory", "path": name, "size": 0, "oid": "0" * 40} for name in sorted(folders)]
        entries += [s.entry(path) for path, s in inside.items() if deep or "/" not in path.removeprefix(prefix)]
        return Response(200, entries)

    def _paths(self, request: Request, repo: Repo, revision: str) -> Response:
        commit = repo.resolve(revision)
        if commit is None:
            return refused(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        kind = request.headers.get("Content-Type") or ""
        wanted = request.json()["paths"] if "json" in kind else parse_qs(request.body.decode()).get("paths", [])
        files = repo.trees[commit]
        entries = [files[path].entry(path) for path in wanted if path in files]
        entries += [
            {"type": "directory", "path": name, "size": 0, "oid": "0" * 40}
            for name in wanted
            if any(path.startswith(f"{name}/") for path in files)
        ]
        return Response(200, entries)

    def _refs(self, request: Request, repo: Repo, _: str) -> Response:
        tags = [{"name": n, "ref": f"refs/tags/{n}", "targetCommit": c} for n, c in sorted(repo.tags.items())]
        branches = [{"name": "main", "ref": "refs/heads/main", "targetCommit": repo.main}]
        return Response(200, {"branches": branches, "converts": [], "tags": tags})

    def _preupload(self, request: Request, repo: Repo, _: str) -> Response:
        current = repo.trees[repo.main]
        modes = []
        for file in request.json()["files"]:
            stored = current.get(file["path"])
            oid = None if stored is None else sha256(stored.data) if stored.large else blob_id(stored.data)
            mode = "lfs" if file["path"].endswith(".parquet") else "regular"
            modes.append({"path": file["path"], "uploadMode": mode, "shouldIgnore": False, "oid": oid})
        return Response(200, {"files": modes})

    def _commit(self, request: Request, repo: Repo, _: str) -> Response:
        added: dict[str, Stored] = {}
        deleted: list[str] = []
        message = ""
        for line in filter(None, request.body.splitlines()):
            operation = json.loads(line)
            value = operation["value"]
            if operation["key"] == "header":
                message = value["summary"]
            elif operation["key"] == "file":
                added[value["path"]] = Stored(base64.b64decode(value["content"]), large=False)
            elif operation["key"] == "lfsFile":
                if value["oid"] not in self.large:
                    return refused(400, "", "LFS pointer pointed to a file that does not exist")
                added[value["path"]] = Stored(self.large[value["oid"]], large=True)
            elif operation["key"] == "deletedFile":
                deleted.append(value["path"])
        commit = repo.commit(added, deleted, message)
        url = f"{self.url}/datasets/{repo.id}/commit/{commit}"
        return Response(200, {"success": True, "commitOid": commit, "commitUrl": url, "hookOutput": ""})

    def _tag(self, request: Request, repo: Repo, revision: str) -> Response:
        commit, name = repo.resolve(revision), request.json()["tag"]
        if commit is None:
            return refused(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        if name in repo.tags:
            return Response(409, {"error": "Tag reference exists already"})
        repo.tags[name] = commit
        return Response(201, {})

    def _batch(self, request: Request) -> Response:
        objects = []
        for file in request.json()["objects"]:
            entry = {"oid": file["oid"], "size": file["size"]}
            if file["oid"] not in self.large:
                entry["actions"] = {"upload": {"href": f"{self.url}/_large/{file['oid']}", "header": {}}}
            objects.append(entry)
        return Response(
            200, {"transfer": "basic", "objects": objects}, {"Content-Type": "application/vnd.git-lfs+json"}
        )

    def _large(self, request: Request, oid: str) -> Response:
        if sha256(request.body) != oid:
            return Response(400, {"error": "sha mismatch"})
        self.large[oid] = request.body
        return Response(200, b"")

    def _resolve(self, request: Request, name: str, revision: str, path: str) -> Response:
        repo = self.repos.get(name)
        commit = None if repo is None else repo.resolve(revision)
        if repo is None or commit is None or (repo.private and not request.signed_in):
            return refused(404, "RevisionNotFound" if repo else "RepoNotFound", "not found")
        stored = repo.trees[commit].get(path)
        if stored is None:
            missing = {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": commit}
            return Response(404, None, missing)
        etag = sha256(stored.data) if stored.large else blob_id(stored.data)
        headers = {"X-Repo-Commit": commit, "Accept-Ranges": "bytes", "ETag": f'"{etag}"'}
        if stored.large:
            headers |= {"X-Linked-Etag": f'"{etag}"', "X-Linked-Size": str(len(stored.data))}
        range_match = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range") or "")
        if range_match is None:
            return Response(200, stored.data, headers)
        start = int(range_match[1])
        end = min(int(range_match[2] or len(stored.data)), len(stored.data) - 1)
        headers["Content-Range"] = f"bytes {start}-{end}/{len(stored.data)}"
        return Response(206, stored.data[start : end + 1], headers)


_WRITES = ("preupload", "commit", "tag")
_ROUTES: tuple[tuple[str, Callable[..., Response]], ...] = (
    (r"/api/repos/create", HubDouble._create),
    (r"/api/validate-yaml", HubDouble._validate),
    (r"/api/datasets/([^/]+/[^/]+)/?(.*)", HubDouble._repo),
    (r"/datasets/.+\.git/info/lfs/objects/batch", HubDouble._batch),
    (r"/_large/([0-9a-f]+)", HubDouble._large),
    (r"/datasets/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", HubDouble._resolve),
)


@contextmanager
def serving() -> Iterator[HubDouble]:
    """Serve an empty Hub on a free port of loopback."""
    hub = HubDouble()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def reply(self) -> None:
            url = urlsplit(self.path)
            response = hub.respond(Request(self.command, url.path, parse_qs(url.query), self.headers, self._body()))
            if response.status == DROP:
                self.close_connection = True
                return
            data = response.body if isinstance(response.body, bytes) else json.dumps(response.body).encode()
            self.send_response(response.status)
            for name, value in {"Content-Type": "application/json", **response.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        def _body(self) -> bytes:
            if "chunked" not in (self.headers.get("Transfer-Encoding") or ""):
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = reply  # noqa: N815

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def configured_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubDouble]:
    """Serve an empty Hub, and let the environment and the client of this process use it."""
    with serving() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        # The double has git's large-file protocol, not the Hub's own protocol (Xet).
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
        yield hub
