from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from bayes_cevns.errors import DataError, OutputError
from bayes_cevns.releases import store, verify

FILES = {"a/one.csv": b"1", "a/two.csv": b"2", "b/three.csv": b"3"}


def write(out_dir: Path, files: dict[str, bytes] = FILES) -> list[Path]:
    return store.write(files, targets=("a", "b"), out_dir=out_dir)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_verdicts(tmp_path):
    write(tmp_path)
    (tmp_path / "a/one.csv").write_bytes(b"changed")
    (tmp_path / "a/two.csv").unlink()
    (tmp_path / "a/new.csv").write_bytes(b"new")
    verdicts = verify(tmp_path)
    assert list(verdicts) == ["a/new.csv", "a/one.csv", "a/two.csv", "b/three.csv"]
    assert verdicts["a/new.csv"].startswith("not listed: ")
    assert verdicts["a/one.csv"].startswith("altered: expected SHA-256 6b86b273ff34")
    assert verdicts["a/two.csv"].startswith("missing: ")
    assert verdicts["b/three.csv"] == "ok"


def test_verify_needs_the_list(tmp_path):
    with pytest.raises(DataError, match="no checksum list"):
        verify(tmp_path)


@pytest.mark.parametrize("calls", [0, 1, 3])
def test_interrupted_write_leaves_nothing(tmp_path, monkeypatch, calls):
    left = [calls]

    def interrupt(_: int) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path)
    assert files_in(tmp_path) == []


def test_interrupted_rewrite_keeps_the_old_files(tmp_path, monkeypatch):
    write(tmp_path)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"No space left on device.*choose another"):
        write(tmp_path, {"a/one.csv": b"other"})
    assert set(verify(tmp_path).values()) == {"ok"}
    assert (tmp_path / "a/one.csv").read_bytes() == b"1"


def test_interruption_between_two_renames_is_noticed(tmp_path, monkeypatch):
    write(tmp_path)
    replace = Path.replace

    def once(self: Path, target: Path) -> Path:
        monkeypatch.setattr(Path, "replace", fail)
        return replace(self, target)

    def fail(*_: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", once)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, dict.fromkeys(FILES, b"other"))
    verdicts = verify(tmp_path)
    assert verdicts.pop("a/one.csv").startswith("altered")
    assert set(verdicts.values()) == {"ok"}


def test_file_in_the_way(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(OutputError, match="cannot write"):
        write(tmp_path)
    assert files_in(tmp_path) == [tmp_path / "a"]
