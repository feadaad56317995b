"""Atomic writes: complete files only, and no write if nothing changes."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from goldwire.errors import explain
from goldwire.workspace import atomic
from support.full_disk import no_file_beyond


def test_a_file_is_written_once(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "a.txt"
    assert atomic.write_text(path, "one\r\n")
    before = path.stat()
    assert not atomic.write_text(path, "one\r\n")
    assert not atomic.write_chunks(path, [b"one", b"\r\n"])
    assert path.stat().st_ino == before.st_ino
    assert atomic.write_chunks(path, [b"two"])
    assert path.read_bytes() == b"two"
    assert [file.name for file in path.parent.iterdir()] == ["a.txt"]


def test_the_mode_is_set(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    atomic.write_bytes(path, b"x", mode=0o600)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    atomic.write_text(path, "old")

    def chunks() -> Iterator[bytes]:
        yield b"new"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        atomic.write_chunks(path, chunks())
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_temporary_files_of_killed_writes_are_removed(tmp_path: Path) -> None:
    (tmp_path / ".a.jsonl.x1.tmp").write_text("half")
    (tmp_path / "a.jsonl").write_text("whole")
    atomic.remove_temporary_files(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["a.jsonl"]


def test_a_folder_appears_complete_or_not_at_all(tmp_path: Path) -> None:
    def fail() -> None:
        with atomic.build_folder(tmp_path / "v1") as folder:
            (folder / "a").write_text("half")
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        fail()
    assert list(tmp_path.iterdir()) == []
    with atomic.build_folder(tmp_path / "v1") as folder:
        (folder / "a").write_text("whole")
        assert not (tmp_path / "v1").exists()
    assert (tmp_path / "v1" / "a").read_text() == "whole"


@pytest.fixture
def full_disk() -> Iterator[None]:
    with no_file_beyond(4096):
        yield


def fill(folder: Path) -> None:
    with atomic.build_folder(folder) as new:
        atomic.write_bytes(new / "part", b"x" * 5000)


def fill_scratch(folder: Path) -> None:
    with atomic.scratch_folder(folder) as scratch:
        (scratch / "part").write_bytes(b"x" * 5000)


@pytest.mark.usefixtures("full_disk")
@pytest.mark.parametrize(
    "write", [lambda path: atomic.write_text(path, "x" * 5000), lambda path: atomic.write_chunks(path, [b"x"] * 5000)]
)
def test_the_error_of_a_full_disk_names_the_file(write: Callable[[Path], object], tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with pytest.raises(OSError, match="too large") as caught:
        write(path)
    assert caught.value.filename == str(path)
    assert str(explain(caught.value)).startswith(f"{path}: file too large; hint: ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("full_disk")
@pytest.mark.parametrize("write", [fill, fill_scratch])
def test_the_error_of_a_full_disk_names_the_folder_and_not_its_temporary_one(
    write: Callable[[Path], None], tmp_path: Path
) -> None:
    with pytest.raises(OSError, match="too large") as caught:
        write(tmp_path / "v1")
    assert caught.value.filename == str(tmp_path / "v1")
    assert list(tmp_path.iterdir()) == []


def test_the_error_of_a_full_disk_elsewhere_keeps_its_file(tmp_path: Path) -> None:
    for problem, filename in ((errno.ENOSPC, "/elsewhere/b.txt"), (errno.EACCES, None)):
        with pytest.raises(OSError, match="problem") as caught, atomic.new_file(tmp_path / "a.txt"):
            raise OSError(problem, "problem", filename)
        assert caught.value.filename == filename


@pytest.mark.parametrize("n_refusals", [0, 2, 9])
def test_a_file_that_another_program_has_open_is_replaced_a_little_later(
    n_refusals: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, replace, refused = tmp_path / "a.txt", Path.replace, []
    atomic.write_text(path, "old")

    def refuse(self: Path, target: Path) -> Path:  # as Windows does
        if len(refused) < n_refusals:
            refused.append(target)
            raise PermissionError(13, "the file is used by another process")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    monkeypatch.setattr(atomic, "_WAITS", (0.0, 0.0, 0.0))
    if n_refusals > 3:
        with pytest.raises(PermissionError):
            atomic.write_text(path, "new")
    else:
        assert atomic.write_text(path, "new")
    assert path.read_text() == ("old" if n_refusals > 3 else "new")
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


def test_a_write_takes_over_what_a_killed_one_has_left(tmp_path: Path) -> None:
    (tmp_path / ".a.txt.tmp").write_text("a longer half")
    atomic.write_text(tmp_path / "a.txt", "whole")
    assert (tmp_path / "a.txt").read_text() == "whole"
    (tmp_path / ".v1.tmp" / "data").mkdir(parents=True)
    (tmp_path / ".v1.tmp" / "data" / "old").write_text("half")
    with atomic.build_folder(tmp_path / "v1") as folder:
        (folder / "new").write_text("whole")
    assert sorted(file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*")) == ["a.txt", "v1", "v1/new"]


def test_two_writers_of_one_file_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"

    def chunks() -> Iterator[bytes]:
        yield b"first, "
        atomic.write_text(path, "second")
        assert path.read_text() == "second"
        atomic.remove_leftover(path)  # in use
        yield b"to the end"

    atomic.write_chunks(path, chunks())
    assert path.read_text() == "first, to the end"
    assert len(list(tmp_path.iterdir())) == 1
    with atomic.build_folder(tmp_path / "v1") as one, atomic.scratch_folder(tmp_path / "v1") as other:
        assert one != other
        (other / "x").touch()
    assert list((tmp_path / "v1").iterdir()) == []
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.txt", "v1"]


def test_without_locks_every_write_has_a_name_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)  # Windows
    test_a_file_is_written_once(tmp_path)
    with atomic.build_folder(tmp_path / "v1") as folder:
        (folder / "a").write_text("whole")
    with atomic.scratch_folder(tmp_path / "v1"):
        pass
    assert sorted(file.name for file in tmp_path.iterdir()) == ["folder", "v1"]


def test_a_new_file_replaces_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "labels.tar"

    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", no_links)  # a memory stick
    with atomic.new_file(path, mode=0o600) as new:
        new.write_text("one")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("one", 0o600)
    for links in (True, False):
        if links:
            monkeypatch.undo()
        with pytest.raises(FileExistsError), atomic.new_file(path) as new:
            new.write_text("two")
    assert path.read_text() == "one"
    assert len(list(tmp_path.iterdir())) == 1
