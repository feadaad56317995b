"""Publishing to a local double of the Hub: one commit, one tag, safe to repeat, clear when refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldwire.errors import GoldwireError
from goldwire.release import hub
from support.fake_hub import DROP, TOKEN, HubDouble, serving

REPO = "lab/trial"


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    with serving() as made:
        monkeypatch.setenv("HF_ENDPOINT", made.url)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        # The Xet protocol is the Hub's own: without it the client takes the large-file protocol of git.
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "v0.0.1"
    (made / "data").mkdir(parents=True)
    (made / "README.md").write_text("---\nlicense: mit\n---\n\n# trial 0.0.1\n")
    (made / "data" / "train.parquet").write_bytes(b"PAR1 once")
    return made


def publish(folder: Path, tag: str = "v0.0.1", *, private: bool = False) -> hub.PublishedVersion:
    return hub.connect(pause=0.01).publish(folder, REPO, tag, private=private)


def test_a_version_is_one_commit_and_a_tag(double: HubDouble, folder):
    done = publish(folder, private=True)
    repo = double.repos[REPO]
    assert (done.state, repo.private, repo.messages) == ("published", True, ["initial commit", "Release v0.0.1"])
    assert repo.tags == {"v0.0.1": done.commit}
    assert sorted(repo.trees[done.commit]) == [".gitattributes", "README.md", "data/train.parquet"]


def test_again_does_nothing(double, folder):
    first = publish(folder)
    assert publish(folder) == hub.PublishedVersion("already-published", first.commit, first.url)
    assert double.repos[REPO].messages == ["initial commit", "Release v0.0.1"]


def test_a_tag_never_moves(double, folder):
    publish(folder)
    (folder / "README.md").write_text("other")
    with pytest.raises(GoldwireError, match=r"v0\.0\.1"):
        publish(folder)
    assert double.repos[REPO].messages == ["initial commit", "Release v0.0.1"]


def test_the_next_version_takes_the_place_of_the_last(double, folder):
    publish(folder)
    (folder / "data" / "train.parquet").rename(folder / "data" / "test.parquet")
    done = publish(folder, "v0.1.0")
    repo = double.repos[REPO]
    assert sorted(repo.trees[done.commit]) == [".gitattributes", "README.md", "data/test.parquet"]
    assert "data/train.parquet" in repo.trees[repo.tags["v0.0.1"]]


def test_an_older_version_does_not_turn_back_the_branch(double, folder):
    publish(folder, "v0.2.0")
    (folder / "README.md").write_text("old")
    with pytest.raises(GoldwireError, match=r"v0\.2\.0"):
        publish(folder, "v0.1.0")


def test_cut_off_before_the_tag_then_again(double, folder):
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
@pytest.mark.parametrize("fault", [DROP, 429, 503])
def test_what_fails_once_is_tried_again(double, folder, method, fragment, fault):
    double.fail(method, fragment, fault)
    assert publish(folder).state == "published"
    assert double.repos[REPO].messages == ["initial commit", "Release v0.0.1"]


def test_a_dropped_answer_to_a_commit_that_was_made(double, folder, monkeypatch):
    """The Hub has the commit though the client never heard: the second attempt must not make another."""
    honest = double.answer

    def deaf(asked):
        made = honest(asked)
        if "/commit/" in asked.path and double.count("POST", "/commit/") == 1:
            made.status = DROP
        return made

    monkeypatch.setattr(double, "answer", deaf)
    assert publish(folder).state in ("published", "tagged")
    assert double.repos[REPO].messages == ["initial commit", "Release v0.0.1"]


def test_a_rate_limit_that_lasts_is_one_clear_line(double, folder):
    double.fail("GET", "/refs", *[429] * 40)
    with pytest.raises(GoldwireError, match="429"):
        publish(folder)


def test_a_wrong_token_is_refused(double, folder, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    with pytest.raises(GoldwireError, match="HF_TOKEN") as caught:
        publish(folder)
    assert "hf_wrong" not in str(caught.value)
    assert double.repos == {}


def test_no_token_is_said_before_anything_is_sent(double, folder, monkeypatch, tmp_path):
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    with pytest.raises(GoldwireError, match="token"):
        publish(folder)
    assert double.log == []


def test_no_hub_is_one_clear_line(folder, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    with pytest.raises(GoldwireError, match=r"http://127\.0\.0\.1:9"):
        publish(folder)
