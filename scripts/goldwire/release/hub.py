"""The Hugging Face Hub: upload a folder as the whole content of a dataset repository, in one commit, under a tag."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Mapping, Set
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec

from goldwire.errors import ConfigError, MissingPackageError, ServerError
from goldwire.workspace import versions

if TYPE_CHECKING:
    from huggingface_hub import HfApi

__all__ = ["Hub", "PublishState", "PublishedVersion", "connect"]

T = TypeVar("T")
PublishState = Literal["published", "tagged", "already-published"]

_MAX_ATTEMPTS = 5
_MAX_WAIT = 60.0  # seconds
_RETRY_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
_HUB_FILE = ".gitattributes"  # belongs to the Hub, not to the release


class PublishedVersion(msgspec.Struct, frozen=True):
    """A version on the Hub.

    `state` is `published` if this call uploaded it, `tagged` if an earlier call had uploaded it without its tag, and
    `already-published` otherwise.
    """

    state: PublishState
    commit: str
    url: str


class Hub(msgspec.Struct, frozen=True):
    """A connection to the Hub.

    Attributes
    ----------
    api
        The Hub's own client.
    pause
        Seconds to wait before a failed request is repeated; each further wait is twice as long.
    """

    api: HfApi
    pause: float = 1.0

    def publish(self, folder: Path, repo_id: str, tag: str, *, private: bool = False) -> PublishedVersion:
        """Make the content of a repository equal to a folder, then tag it.

        Safe to repeat and to interrupt: the upload is one commit, an existing commit is not repeated, and only a
        complete upload is tagged.

        Parameters
        ----------
        folder : Path
            The folder of a version.
        repo_id : str
            The dataset repository `ORG/NAME`; it is created if it does not exist.
        tag : str
            `vX.Y.Z`.
        private : bool, default=False
            Whether a repository that is created is private.

        Raises
        ------
        ServerError
            If the tag exists with other content, if a later version is published, or if the Hub does not answer or
            refuses.
        """
        digests = _local_digests(folder)
        self._call(lambda: self.api.create_repo(repo_id, repo_type="dataset", private=private, exist_ok=True), repo_id)
        tags = self._tags(repo_id)
        url = f"{self.api.endpoint}/datasets/{repo_id}/tree/{tag}"
        if tag in tags:
            if not _same_content(self._remote_digests(repo_id, tag), digests):
                hint = "a tag never moves: release the changes as a new version and publish that"
                raise ServerError(f"{repo_id} has {tag} with other content", location=url, hint=hint)
            return PublishedVersion("already-published", tags[tag], url)
        newest = versions.latest(tags)
        if newest is not None and versions.parse(newest) > versions.parse(tag):
            message = f"{repo_id} already has v{newest}, which {tag} would replace on the main branch"
            raise ServerError(message, location=url, hint=f"publish a version after {newest}")
        commit = self._latest_commit(repo_id)
        uploaded_before = _same_content(self._remote_digests(repo_id, commit), digests)
        if not uploaded_before:
            commit = self._upload(folder, repo_id, tag)
            if not _same_content(self._remote_digests(repo_id, commit), digests):
                message = f"{repo_id} does not have the content that was uploaded: is another process writing to it?"
                raise ServerError(message, location=url, hint="run it again")
        self._call(
            lambda: self.api.create_tag(repo_id, tag=tag, revision=commit, repo_type="dataset", exist_ok=True), repo_id
        )
        return PublishedVersion("tagged" if uploaded_before else "published", commit, url)

    def _upload(self, folder: Path, repo_id: str, tag: str) -> str:
        commit = self._call(
            lambda: self.api.upload_folder(
                repo_id=repo_id,
                folder_path=folder,
                repo_type="dataset",
                commit_message=f"Release {tag}",
                delete_patterns="*",
            ),
            repo_id,
        )
        return str(commit.oid)

    def _tags(self, repo_id: str) -> dict[str, str]:
        """The commit of each tag."""
        refs = self._call(lambda: self.api.list_repo_refs(repo_id, repo_type="dataset"), repo_id)
        return {tag.name: tag.target_commit for tag in refs.tags}

    def _latest_commit(self, repo_id: str) -> str:
        return str(self._call(lambda: self.api.repo_info(repo_id, repo_type="dataset"), repo_id).sha)

    def _remote_digests(self, repo_id: str, revision: str) -> dict[str, str]:
        """The digest of each file of a revision: SHA-256 of a file in large-file storage, else git's blob id."""

        def list_files() -> list[Any]:
            tree = self.api.list_repo_tree(repo_id, revision=revision, recursive=True, repo_type="dataset")
            return [entry for entry in tree if hasattr(entry, "blob_id")]

        return {
            entry.path: entry.lfs.sha256 if entry.lfs else entry.blob_id
            for entry in self._call(list_files, repo_id)
            if entry.path != _HUB_FILE
        }

    def _call(self, request: Callable[[], T], repo_id: str) -> T:
        """Make a request; repeat it with waits if the Hub is busy or the connection drops."""
        # The client's base class of all connection errors, whichever HTTP library it uses.
        from huggingface_hub.errors import HfHubHTTPError, HTTPError  # type: ignore[attr-defined]  # imported there

        for attempt in range(1, _MAX_ATTEMPTS + 1):
            try:
                return request()
            except HfHubHTTPError as error:
                status = error.response.status_code
                if status not in _RETRY_STATUSES or attempt == _MAX_ATTEMPTS:
                    raise _refusal(status, repo_id, self.api.endpoint) from error
                wait = _retry_after(error.response.headers.get("Retry-After"))
            except (HTTPError, OSError) as error:
                if attempt == _MAX_ATTEMPTS:
                    hint = "run it again: uploaded files are not lost, and nothing is half-published"
                    raise ServerError(f"no answer: {error}", location=self.api.endpoint, hint=hint) from error
                wait = None
            time.sleep(min(self.pause * 2 ** (attempt - 1) if wait is None else wait, _MAX_WAIT))
        raise AssertionError("unreachable")  # the last attempt returns or raises


def connect(*, pause: float = 1.0) -> Hub:
    """Connect to `HF_ENDPOINT` (default: the Hub) with the token of the environment or of the Hub's cache.

    Raises
    ------
    MissingPackageError
        If huggingface_hub is not installed.
    ConfigError
        If there is no token.
    """
    try:
        from huggingface_hub import HfApi, get_token
    except ModuleNotFoundError:
        hint = "pip install 'goldwire[publish]'"
        raise MissingPackageError("publishing needs huggingface_hub", hint=hint) from None
    token = get_token()
    endpoint = os.environ.get("HF_ENDPOINT") or None
    if token is None:
        location = endpoint or "https://huggingface.co"
        raise ConfigError("no token", location=location, hint="set HF_TOKEN or run `hf auth login`")
    return Hub(HfApi(endpoint=endpoint, token=token, library_name="goldwire"), pause)


def _local_digests(folder: Path) -> dict[str, frozenset[str]]:
    """SHA-256 and git blob id of each file: the Hub decides which of the two it has."""
    digests = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            blob_id = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
            digests[path.relative_to(folder).as_posix()] = frozenset({hashlib.sha256(data).hexdigest(), blob_id})
    return digests


def _same_content(remote: Mapping[str, str], local: Mapping[str, Set[str]]) -> bool:
    return remote.keys() == local.keys() and all(digest in local[path] for path, digest in remote.items())


def _retry_after(header: str | None) -> float | None:
    """The seconds that a `Retry-After` header asks for."""
    return float(header) if header is not None and header.isdecimal() else None


def _refusal(status: int, repo_id: str, endpoint: str) -> ServerError:
    location = f"{endpoint}/datasets/{repo_id}"
    if status in (401, 403):
        hint = "use a token with write access: set HF_TOKEN or run `hf auth login`"
        return ServerError(f"not allowed ({status})", location=location, hint=hint)
    if status == 429:
        return ServerError("too many requests (429)", location=location, hint="run the command again in a few minutes")
    return ServerError(f"the Hub answered {status}", location=location, hint="run it again later")
