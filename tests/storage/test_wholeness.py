"""Folders of complete runs that need their command once more."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bayes_cevns.storage import atomic
from bayes_cevns.storage.points import Point, save_point
from bayes_cevns.storage.seal import Sealed
from bayes_cevns.storage.wholeness import has_leftovers, has_posterior, lacks_fits


def posterior_in(folder: Path, *, complete: bool = True) -> Path:
    """Write a posterior, and return its file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "run.toml").touch()
    file = folder / "posterior.nc"
    file.write_bytes(Sealed(b"draws", "0" * 64, complete).to_bytes())
    return file


def test_what_a_process_that_was_stopped_leaves(tmp_path: Path) -> None:
    posterior_in(tmp_path / "models" / "sm")
    save_point(tmp_path, Point("0" * 64, 0, {}, {}))
    assert not has_leftovers(tmp_path), "points are kept where no posterior is made of them"
    for name in ("run.lock", "points/run.lock.taken"):
        (tmp_path / name).touch()
        assert has_leftovers(tmp_path)
        (tmp_path / name).unlink()
    temporary = atomic.new_file(tmp_path / "points" / "0001.npz")
    assert has_leftovers(tmp_path)
    temporary.unlink()
    save_point(tmp_path / "models" / "sm", Point("0" * 64, 0, {}, {}))
    assert has_leftovers(tmp_path), "the posterior has what the point has"


def test_a_posterior_of_all_points_as_it_was_written(tmp_path: Path) -> None:
    assert not has_posterior(tmp_path)
    file = posterior_in(tmp_path)
    assert has_posterior(tmp_path)
    file.write_bytes(file.read_bytes().replace(b"draws", b"drawn"))
    assert not has_posterior(tmp_path)
    posterior_in(tmp_path, complete=False)
    assert not has_posterior(tmp_path)


def test_runs_below_have_their_posteriors(tmp_path: Path) -> None:
    (tmp_path / "run.toml").touch()
    assert not lacks_fits(tmp_path), "there are none"
    files = [posterior_in(tmp_path / "models" / name) for name in ("sm", "b-l")]
    assert not lacks_fits(tmp_path)
    files[1].unlink()
    assert lacks_fits(tmp_path)


def test_a_new_folder_is_whole_or_not_there(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    with atomic.new_folder(out) as folder:
        (folder / "one").touch()
        assert not out.exists()
    assert [path.name for path in out.iterdir()] == ["one"]
    with pytest.raises(FileNotFoundError), atomic.new_folder(out.with_name("other")) as folder:
        shutil.copyfile(tmp_path / "nothing", folder / "one")
    assert [path.name for path in out.parent.iterdir()] == ["out"]
    with pytest.raises(OSError), atomic.new_folder(out):  # noqa: PT011 (systems differ in which)
        pass
    # What a process with an impossible number has left is removed, also below a run.
    left = out.parent / f".bayes-cevns-99999999-00000000@{atomic.host_name()}"
    shutil.copytree(out, left)
    atomic.remove_temporaries(out.parent)
    assert [path.name for path in out.parent.iterdir()] == ["out"]
