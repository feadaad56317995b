"""Files below a URL: local, on a real S3 server, and by fsspec."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

pytest.importorskip("obstore", reason="obstore is not installed (the extra `scale`)")

from goldwire.bulk.store import Store, StoreFile, open_store
from goldwire.errors import ConfigError, MissingFileError, ServerError


@pytest.fixture(params=["local", "file", "s3", "gs", "fsspec"])
def store(request: pytest.FixtureRequest, tmp_path: Path, object_storage: str) -> Store:
    urls = {
        "local": str(tmp_path / "a b"),
        "file": (tmp_path / "ü").as_uri(),
        "s3": f"{object_storage}/{uuid4()}/corpus",
        "gs": f"{object_storage.replace('s3://', 'gs://')}/{uuid4()}/corpus",
        "fsspec": f"memory://{uuid4()}",
    }
    return open_store(urls[request.param])


def test_what_is_put_is_read_and_listed(store: Store, tmp_path: Path) -> None:
    assert store.files() == []
    store.put("a/part one.parquet", b"0123456789")
    file = tmp_path / "file"
    file.write_bytes(b"from disk")
    store.put("b.json", file)
    assert [(entry.path, entry.size) for entry in store.files()] == [("a/part one.parquet", 10), ("b.json", 9)]
    assert [entry.path for entry in store.files("a/")] == ["a/part one.parquet"]
    assert store.read("b.json") == b"from disk"
    assert store.read_ranges("a/part one.parquet", [(2, 4), (5, 5), (0, 1)]) == [b"23", b"", b"0"]
    with StoreFile(store, "a/part one.parquet") as opened:
        opened.seek(8)
        assert opened.read(2) == b"89"
    store.download("b.json", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"from disk"
    assert store.exists("b.json")
    store.delete(["b.json"])
    assert not store.exists("b.json")


def test_a_version_changes_with_the_content(store: Store) -> None:
    store.put("a", b"one")
    first = store.files()[0].version
    assert store.files()[0].version == first
    store.put("a", b"two")
    assert store.files()[0].version != first


def test_a_missing_file_is_named_with_its_url(store: Store) -> None:
    with pytest.raises(MissingFileError, match=r"no/file: no such file$"):
        store.read("no/file")


def test_a_missing_bucket_is_one_line(object_storage: str) -> None:
    for use in (lambda store: store.files(), lambda store: store.put("a", b"")):
        with pytest.raises(MissingFileError) as error:
            use(open_store("s3://nobody/corpus"))
        assert str(error.value).startswith("s3://nobody/corpus")
        assert "no such bucket" in str(error.value)


def test_an_unreachable_server_is_one_line(object_storage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("GOOGLE_BASE_URL", "http://127.0.0.1:9")
    for url, variable in (("s3://news/corpus", "AWS_ACCESS_KEY_ID"), ("gs://news/a", "GOOGLE_APPLICATION_CREDENTIALS")):
        with pytest.raises(ServerError, match=variable) as error:
            open_store(url).files()
        assert "\n" not in str(error.value)


def test_an_address_of_a_server_that_is_no_url_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "storage.example")
    with pytest.raises(ConfigError, match=r"^AWS_ENDPOINT_URL: not a URL: 'storage\.example'"):
        open_store("s3://news/corpus")


def test_credentials_in_a_url_are_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigError) as error:
        open_store("s3://key:secret@news/corpus")
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("url", ["no-such-protocol://a", "github://a"])
def test_an_unknown_protocol_or_an_incomplete_url_is_one_line(url: str) -> None:
    with pytest.raises(ConfigError, match="fsspec"):
        open_store(url)


def test_a_path_may_go_up_and_the_name_of_an_object_may_not(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    open_store(tmp_path / "a/../b").put("c", b"1")
    assert open_store(f"{tmp_path}/a//../b/").read("c") == b"1"
    with pytest.raises(ConfigError, match="whole path"):
        open_store("s3://news/a/../b")
    with pytest.raises(ConfigError, match="empty"):
        open_store("")


def test_a_file_in_place_of_a_folder_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ServerError, match=r"file/a: not a directory$"):
        open_store(tmp_path / "file").files("a")
