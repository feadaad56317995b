"""The Hugging Face Hub: one folder as the whole of a dataset repo, in one commit, under a tag that never moves."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec

from goldwire.errors import ConfigError, GoldwireError, MissingPackageError, ServerError
from goldwire.workspace import versions

if TYPE_CHECKING:
    from huggingface_hub import HfApi

__all__ = ["Hub", "Published", "connect"]

T = TypeVar("T")
_ATTEMPTS = 5
_LONGEST_WAIT = 60.0  # seconds
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_OWN = ".gitattributes"  # the Hub's file, not the release's


class Published(msgspec.Struct, frozen=True):
    """Where a version is now; `state` says whether this call brought it there."""

    state: Literal["published", "tagged", "there already"]
    commit: str
    url: str


class Hub(msgspec.Struct, frozen=True):
    """A connection. `pause` seconds is the first wait before a failed request is made again; each next is double."""

    api: HfApi
    pause: float = 1.0

    def publish(self, folder: Path, repo_id: str, tag: str, *, private: bool = False) -> Published:
        """Make the repo hold just what `folder` holds, then tag it.

        Safe to repeat and to interrupt: the upload is one commit, a commit that is there already is not made again,
        and only what is there whole gets its tag. A tag that exists with other content is refused.
        """
        wanted = _digests(folder)
        self._call(lambda: self.api.create_repo(repo_id, repo_type="dataset", private=private, exist_ok=True), repo_id)
        tags = self._tags(repo_id)
        url = f"{self.api.endpoint}/datasets/{repo_id}/tree/{tag}"
        if tag in tags:
            if not _same(self._remote_files(repo_id, tag), wanted):
                hint = "a tag never moves: release what changed as a new version and publish that"
                raise ServerError(f"{repo_id} has {tag} with other content", location=url, hint=hint)
            return Published("there already", tags[tag], url)
        newest = versions.latest(tags)
        if newest is not None and versions.parse(newest) > versions.parse(tag):
            message = f"{repo_id} has v{newest} already: {tag} would take its place on the main branch"
            raise ServerError(message, location=url, hint=f"publish a version after {newest}")
        commit = self._head(repo_id)
        was_there = _same(self._remote_files(repo_id, commit), wanted)
        if not was_there:
            commit = self._upload(folder, repo_id, tag)
            if not _same(self._remote_files(repo_id, commit), wanted):
                message = f"{repo_id} does not hold what was sent: does somebody else write to it?"
                raise ServerError(message, location=url, hint="run it again")
        self._call(
            lambda: self.api.create_tag(repo_id, tag=tag, revision=commit, repo_type="dataset", exist_ok=True), repo_id
        )
        return Published("tagged" if was_there else "published", commit, url)

    def _upload(self, folder: Path, repo_id: str, tag: str) -> str:
        made = self._call(
            lambda: self.api.upload_folder(
                repo_id=repo_id,
                folder_path=folder,
                repo_type="dataset",
                commit_message=f"Release {tag}",
                delete_patterns="*",
            ),
            repo_id,
        )
        return str(made.oid)

    def _tags(self, repo_id: str) -> dict[str, str]:
        refs = self._call(lambda: self.api.list_repo_refs(repo_id, repo_type="dataset"), repo_id)
        return {tag.name: tag.target_commit for tag in refs.tags}

    def _head(self, repo_id: str) -> str:
        return str(self._call(lambda: self.api.repo_info(repo_id, repo_type="dataset"), repo_id).sha)

    def _remote_files(self, repo_id: str, revision: str) -> dict[str, str]:
        """Digest of each file of a revision: SHA-256 of one in large-file storage, else git's own blob id."""

        def listed() -> list[Any]:
            tree = self.api.list_repo_tree(repo_id, revision=revision, recursive=True, repo_type="dataset")
            return [entry for entry in tree if hasattr(entry, "blob_id")]

        return {
            entry.path: entry.lfs.sha256 if entry.lfs else entry.blob_id
            for entry in self._call(listed, repo_id)
            if entry.path != _OWN
        }

    def _call(self, action: Callable[[], T], repo_id: str) -> T:
        """Do it, waiting and trying again where the Hub is busy or the line drops; else one clear error."""
        # The client's base of all that can go wrong on the line, under whichever HTTP library it uses.
        from huggingface_hub.errors import HfHubHTTPError, HTTPError  # type: ignore[attr-defined]

        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return action()
            except HfHubHTTPError as error:
                status = error.response.status_code
                if status not in _AGAIN or attempt == _ATTEMPTS:
                    raise _refusal(status, repo_id, self.api.endpoint) from error
                wait = _told(error.response.headers.get("Retry-After"))
            except (HTTPError, OSError) as error:
                if attempt == _ATTEMPTS:
                    hint = "run it again: what was sent is not lost, and nothing is half-published"
                    raise ServerError(f"no answer: {error}", location=self.api.endpoint, hint=hint) from error
                wait = None
            time.sleep(min(self.pause * 2 ** (attempt - 1) if wait is None else wait, _LONGEST_WAIT))
        raise AssertionError("unreachable")  # the last attempt returns or raises


def connect(*, pause: float = 1.0) -> Hub:
    """Connect to `HF_ENDPOINT` (default: the Hub) with the token of the environment or the Hub's own cache."""
    try:
        from huggingface_hub import HfApi, get_token
    except ModuleNotFoundError:
        raise MissingPackageError("publishing needs huggingface_hub", hint="pip install 'goldwire[publish]'") from None
    token = get_token()
    endpoint = os.environ.get("HF_ENDPOINT") or None
    if token is None:
        place = endpoint or "https://huggingface.co"
        raise ConfigError("no token", location=place, hint="set HF_TOKEN or run `hf auth login`")
    return Hub(HfApi(endpoint=endpoint, token=token, library_name="goldwire"), pause)


def _digests(folder: Path) -> dict[str, frozenset[str]]:
    """SHA-256 and git blob id of each file: the Hub decides which of the two it keeps."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
            found[path.relative_to(folder).as_posix()] = frozenset({hashlib.sha256(data).hexdigest(), blob})
    return found


def _same(remote: dict[str, str], local: dict[str, frozenset[str]]) -> bool:
    return remote.keys() == local.keys() and all(digest in local[path] for path, digest in remote.items())


def _told(header: str | None) -> float | None:
    """The seconds that a `Retry-After` asks for."""
    return float(header) if header is not None and header.isdecimal() else None


def _refusal(status: int, repo_id: str, endpoint: str) -> GoldwireError:
    place = f"{endpoint}/datasets/{repo_id}"
    if status in (401, 403):
        hint = "use a token that may write there: HF_TOKEN or `hf auth login`"
        return ServerError(f"not allowed ({status})", location=place, hint=hint)
    if status == 429:
        return ServerError("too many requests (429)", location=place, hint="run it again in some minutes")
    return ServerError(f"the Hub answers {status}", location=place, hint="run it again later")
