"""Publishing to a local double of the Hub: one commit, one tag, safe to repeat, clear errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldwire.errors import GoldwireError
from goldwire.release import hub
from support.fake_hub import DROP, TOKEN, HubDouble, configured_hub

REPO = "lab/trial"


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch):
    with configured_hub(monkeypatch) as hub_double:
        yield hub_double


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "v0.0.1"
    (folder / "data").mkdir(parents=True)
    (folder / "README.md").write_text("---\nlicense: mit\n---\n\n# trial 0.0.1\n")
    (folder / "data" / "train.parquet").write_bytes(b"PAR1 once")
    return folder


def publish(folder: Path, tag: str = "v0.0.1", *, private: bool = False) -> hub.PublishedVersion:
    return hub.connect(pause=0.01).publish(folder, REPO, tag, private=private)


def test_a_version_is_one_commit_and_a_tag(double: HubDouble, folder):
    result = publish(folder, private=True)
    repo = double.repos[REPO]
    assert (result.state, repo.private, repo.messages) == ("published", True, ["initial commit", "Release v0.0.1"])
    assert repo.tags == {"v0.0.1": result.commit}
    assert sorted(repo.trees[result.commit]) == [".gitattributes", "README.md", "data/train.parquet"]


def test_publishing_again_does_nothing(double, folder):
    first = publish(folder)
    assert publish(folder) == hub.PublishedVersion("already-published", first.commit, first.url)
    assert double.repos[REPO].messages == ["initial commit", "Release v0.0.1"]


def test_a_tag_never_moves(double, folder):
    publish(folder)
    (folder / "README.md").write_text("other")
    with pytest.raises(GoldwireError, match=r"v0\.0\.1"):
        publish(folder)
    assert double.repos[REPO].messages == ["initial commit", "Release v0.0.1"]


def test_the_next_version_replaces_the_files_of_the_last(double, folder):
    publish(folder)
    (folder / "data" / "train.parquet").rename(folder / "data" / "test.parquet")
    result = publish(folder, "v0.1.0")
    repo = double.repos[REPO]
    assert sorted(repo.trees[result.commit]) == [".gitattributes", "README.md", "data/test.parquet"]
    assert "data/train.parquet" in repo.trees[repo.tags["v0.0.1"]]


def test_an_older_version_does_not_replace_a_newer_one(double, folder):
    publish(folder, "v0.2.0")
    (folder / "README.md").write_text("old")
    with pytest.raises(GoldwireError, match=r"v0\.2\.0"):
        publish(folder, "v0.1.0")


def test_an_upload_that_was_interrupted_before_its_tag_is_tagged_later(double, folder):
    double.fail("POST", "/tag/", *[DROP] * 5)
    with pytest.raises(GoldwireError):
        publish(folder)
    assert double.repos[REPO].tags == {}
    assert publish(folder).state == "tagged"
    assert double.repos[REPO].messages == ["initial commit", "Release v0.0.1"]


@pytest.mark.parametrize(
    ("method", "fragment"),
    [
        ("POST", "/api/repos/create"),
        ("PUT", "/_large/"),
        ("POST", "/preupload/"),
        ("POST", "/commit/"),
        ("GET", "/refs"),
    ],
)
@pytest.mark.parametrize("failure", [DROP, 429, 503])
def test_a_request_that_fails_once_is_repeated(double, folder, method, fragment, failure):
    double.fail(method, fragment, failure)
    assert publish(folder).state == "published"
    assert double.repos[REPO].messages == ["initial commit", "Release v0.0.1"]


def test_a_commit_whose_answer_was_lost_is_not_repeated(double, folder, monkeypatch):
    """The Hub has the commit although the client got no answer: the second attempt must not repeat it."""
    respond = double.respond

    def lose_the_first_answer(request):
        response = respond(request)
        if "/commit/" in request.path and double.count("POST", "/commit/") == 1:
            response.status = DROP
        return response

    monkeypatch.setattr(double, "respond", lose_the_first_answer)
    assert publish(folder).state in ("published", "tagged")
    assert double.repos[REPO].messages == ["initial commit", "Release v0.0.1"]


def test_a_lasting_rate_limit_is_an_error(double, folder):
    double.fail("GET", "/refs", *[429] * 40)
    with pytest.raises(GoldwireError, match="429"):
        publish(folder)


def test_a_wrong_token_is_refused(double, folder, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    with pytest.raises(GoldwireError, match="HF_TOKEN") as caught:
        publish(folder)
    assert "hf_wrong" not in str(caught.value)
    assert double.repos == {}


def test_a_missing_token_is_an_error_before_any_request(double, folder, monkeypatch, tmp_path):
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    with pytest.raises(GoldwireError, match="token"):
        publish(folder)
    assert double.log == []


def test_an_error_names_a_hub_that_does_not_answer(folder, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    with pytest.raises(GoldwireError, match=r"http://127\.0\.0\.1:9"):
        publish(folder)
