from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from bayes_cevns.errors import DataError
from bayes_cevns.releases import unpacking
from bayes_cevns.releases.unpacking import unpack


def archive(folder: Path, members: dict[str, bytes]) -> Path:
    path = folder / "archive.zip"
    with zipfile.ZipFile(path, "w") as content:
        for name, data in members.items():
            content.writestr(name, data)
    return path


def unpacked(path: Path, folder: Path, most_bytes: int = 1000) -> dict[str, bytes]:
    unpack(path, destination=folder / "out", source="here", most_bytes=most_bytes)
    out = folder / "out"
    return {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()}


def test_one_top_folder_is_dropped(tmp_path):
    path = archive(tmp_path, {"top/": b"", "top/a": b"1", "top/b/c": b"2"})
    assert unpacked(path, tmp_path) == {"a": b"1", "b/c": b"2"}


def test_two_top_folders_are_kept(tmp_path):
    path = archive(tmp_path, {"top/a": b"1", "other/b": b"2"})
    assert unpacked(path, tmp_path) == {"top/a": b"1", "other/b": b"2"}


def test_a_file_beside_the_folder_keeps_it(tmp_path):
    path = archive(tmp_path, {"top/a": b"1", "b": b"2"})
    assert unpacked(path, tmp_path) == {"top/a": b"1", "b": b"2"}


@pytest.mark.parametrize(
    "name", ["../evil", "top/../../evil", "/evil", "top\\..\\evil", "C:evil", "./../evil"]
)
def test_members_that_lead_out_are_refused(tmp_path, name):
    path = archive(tmp_path, {"top/a": b"1", name: b"2"})
    with pytest.raises(DataError, match="do not use this archive"):
        unpacked(path, tmp_path)
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "evil").exists()


def test_symbolic_links_are_refused(tmp_path):
    link = zipfile.ZipInfo("top/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as content:
        content.writestr(link, "/etc")
    with pytest.raises(DataError, match="do not use this archive"):
        unpacked(tmp_path / "archive.zip", tmp_path)


def test_empty_archive(tmp_path):
    with pytest.raises(DataError, match="found 0 in 0"):
        unpacked(archive(tmp_path, {}), tmp_path)


def test_too_large_after_decompression(tmp_path):
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as content:
        content.writestr("a", b"x" * 5000)
    assert path.stat().st_size < 200
    with pytest.raises(DataError, match=r"expected 1 to 4999 bytes .* found 5000 in 1"):
        unpacked(path, tmp_path, most_bytes=4999)
    assert not (tmp_path / "out").exists()
    assert unpacked(path, tmp_path, most_bytes=5000) == {"a": b"x" * 5000}


def test_a_member_that_is_larger_than_it_says(tmp_path):
    """Sizes are summed before anything is unpacked, so that what they say must be what comes."""
    path = archive(tmp_path, {"a": b"x" * 500})
    data = path.read_bytes()
    path.write_bytes(data.replace((500).to_bytes(4, "little"), (5).to_bytes(4, "little")))
    with pytest.raises(DataError, match="download it again"):
        unpacked(path, tmp_path, most_bytes=100)
    assert sum(p.stat().st_size for p in (tmp_path / "out").rglob("*")) <= 5


def test_too_many_files(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "_MOST_FILES", 2)
    with pytest.raises(DataError, match="2 files at most, found 3 in 3"):
        unpacked(archive(tmp_path, dict.fromkeys("abc", b"1")), tmp_path)


def test_too_deep(tmp_path):
    with pytest.raises(DataError, match="20 folders deep at most"):
        unpacked(archive(tmp_path, {"top/" * 20 + "a": b"1"}), tmp_path)
    assert not (tmp_path / "out").exists()


def test_not_an_archive(tmp_path):
    (tmp_path / "archive.zip").write_text("<html>")
    with pytest.raises(DataError, match="here: expected a zip archive"):
        unpacked(tmp_path / "archive.zip", tmp_path)


def test_damaged_member(tmp_path):
    path = archive(tmp_path, {"a": b"content of a"})
    path.write_bytes(path.read_bytes().replace(b"content", b"CONTENT"))
    with pytest.raises(DataError, match="download it again"):
        unpacked(path, tmp_path)


def patched(path: Path, local: int, central: int, value: int) -> Path:
    """Write two bytes into both headers of the one member of an archive, at these offsets."""
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", local), (b"PK\x01\x02", central)):
        start = data.index(signature) + offset
        data[start : start + 2] = value.to_bytes(2, "little")
    path.write_bytes(data)
    return path


def test_an_archive_with_a_password(tmp_path):
    path = patched(archive(tmp_path, {"a": b"1"}), 6, 8, 0x1)
    with pytest.raises(DataError, match="found one with a password"):
        unpacked(path, tmp_path)


def test_a_compression_that_python_does_not_know(tmp_path):
    path = patched(archive(tmp_path, {"a": b"1"}), 8, 10, 97)
    with pytest.raises(DataError, match="compression"):
        unpacked(path, tmp_path)
