"""Members of tar archives stay in the folder, with the filters of Python and without them."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from goldwire.workspace.tar_archives import extract_members


@pytest.fixture(params=["filters", "no filters"], autouse=True)
def _python(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test as on Python 3.11.2, too."""
    if request.param == "no filters":
        monkeypatch.delattr(tarfile, "data_filter", raising=False)


def archive(*members: tuple[str, dict[str, object]]) -> tarfile.TarFile:
    """Return an archive of members with three bytes each."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as written:
        for name, fields in members:
            member = tarfile.TarInfo(name)
            for key, value in fields.items():
                setattr(member, key, value)
            member.size = 3 if member.isfile() else 0
            written.addfile(member, io.BytesIO(b"abc"))
    data.seek(0)
    return tarfile.open(fileobj=data)


def test_files_and_folders_are_extracted(tmp_path: Path) -> None:
    opened = archive(("a", {"type": tarfile.DIRTYPE, "mode": 0o755}), ("a/b.txt", {"mode": 0o777}), ("c.txt", {}))
    extract_members(opened, tmp_path)
    assert (tmp_path / "a/b.txt").read_bytes() == b"abc"
    assert not (tmp_path / "a/b.txt").stat().st_mode & 0o022  # nobody else may write


def test_only_the_chosen_members_are_extracted(tmp_path: Path) -> None:
    opened = archive(("a.txt", {}), ("b.txt", {}))
    extract_members(opened, tmp_path, opened.getmembers()[:1])
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("../out.txt", {}),
        ("a/../../out.txt", {}),
        ("link", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}),
        ("link", {"type": tarfile.SYMTYPE, "linkname": "../out.txt"}),
        ("pipe", {"type": tarfile.FIFOTYPE}),
    ],
)
def test_a_member_that_leads_out_or_is_a_device_is_refused(
    name: str, fields: dict[str, object], tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(tarfile.TarError):
        extract_members(archive((name, fields)), tmp_path / "in")
    assert list(tmp_path.iterdir()) == [tmp_path / "in"]
    assert list((tmp_path / "in").iterdir()) == []
