"""Progress of studies that run: resumed, failed, killed; it changes neither result nor identity."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from examples import EXPERIMENT, tables

import bayes_cevns as bc
from bayes_cevns.errors import DataError
from bayes_cevns.progress.standing import COMPLETE, FAILED, INTERRUPTED, KILLED, Standing
from bayes_cevns.studies.profile import ProfilePoint, ProfileStudy

MASSES = [1.0, 2.0, 3.0, 4.0, 5.0]


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Profiles are not made: all of them fail, which is a result as well."""

    def compute(self: ProfileStudy, number: int) -> ProfilePoint:
        return ProfilePoint(self.masses[number], None, "no minimum")

    monkeypatch.setattr(ProfileStudy, "compute", compute)
    monkeypatch.setattr(ProfileStudy, "prepare", lambda _: None)


def profiles(out: Path, progress: object = False) -> None:
    bc.profile_scan(EXPERIMENT, interaction="b-l", masses_mev=MASSES, out=out, progress=progress)


@pytest.mark.usefixtures("_quick")
def test_it_changes_neither_result_nor_identity(tmp_path: Path) -> None:
    heard: list[Standing] = []
    profiles(tmp_path / "told", heard.append)
    profiles(tmp_path / "silent")
    assert tables(tmp_path / "told") == tables(tmp_path / "silent")
    records = [
        tomllib.loads((tmp_path / name / "run.toml").read_text()) for name in ("told", "silent")
    ]
    assert records[0]["identity"] == records[1]["identity"]
    assert records[0]["report"] == records[1]["report"]
    assert "progress.json" not in records[0]["products"]
    assert [now.done for now in heard] == [0, *(n for d in range(5) for n in (d, d + 1)), 5]
    assert [now.failed for now in heard if now.ended] == [5]


@pytest.mark.usefixtures("_quick")
def test_a_resumed_run_counts_what_it_computes(tmp_path: Path) -> None:
    heard: list[Standing] = []

    def stop(point: ProfilePoint) -> None:
        if point.mass_mev == MASSES[2]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bc.profile_scan(
            EXPERIMENT, interaction="b-l", masses_mev=MASSES, out=tmp_path / "out", on_point=stop
        )
    stopped = bc.read_progress(tmp_path / "out")
    assert (stopped.state, stopped.done, stopped.failed) == (INTERRUPTED, 3, 3)
    profiles(tmp_path / "out", heard.append)
    first, last = heard[0], heard[-1]
    assert (first.kept, first.done, first.failed, first.rate) == (3, 3, 3, None)
    assert (last.state, last.kept, last.done, last.failed) == (COMPLETE, 3, 5, 5)
    assert last.rate is not None
    assert last.rate >= 2 / last.seconds, "two points, in less than the whole time"
    assert bc.read_progress(tmp_path / "out").done == 5
    heard.clear()
    profiles(tmp_path / "out", heard.append)
    assert heard == []


def test_an_error_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def compute(self: ProfileStudy, number: int) -> ProfilePoint:
        if number == 1:
            raise DataError("a table is missing")
        return ProfilePoint(self.masses[number], None, "no minimum")

    monkeypatch.setattr(ProfileStudy, "compute", compute)
    monkeypatch.setattr(ProfileStudy, "prepare", lambda _: None)
    heard: list[Standing] = []
    with pytest.raises(DataError, match="a table is missing"):
        profiles(tmp_path / "out", heard.append)
    assert (heard[-1].state, heard[-1].done, heard[-1].running) == (FAILED, 1, 0)
    assert bc.read_progress(tmp_path / "out").state == FAILED


@pytest.mark.skipif(os.name != "posix", reason="kills a process")
def test_a_killed_run_is_noticed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = f"""
import os, signal, sys
from bayes_cevns.progress import file
from bayes_cevns.studies.profile import ProfilePoint, ProfileStudy
import bayes_cevns as bc
file.INTERVAL_SECONDS = 0.0
def compute(self, number):
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return ProfilePoint(self.masses[number], None, "no minimum")
ProfileStudy.compute, ProfileStudy.prepare = compute, lambda self: None
bc.profile_scan({EXPERIMENT!r}, interaction="b-l", masses_mev={MASSES}, out=sys.argv[1])
"""
    out = tmp_path / "out"
    ended = subprocess.run([sys.executable, "-c", script, str(out)], check=False)
    assert ended.returncode == -signal.SIGKILL
    found = bc.read_progress(out)
    assert (found.state, found.done, found.total, found.left_seconds) == (KILLED, 3, 5, None)
    assert "killed after" in found.text
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("_quick")
def test_a_script_says_nothing_unless_it_is_asked_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    profiles(tmp_path / "one", None)
    assert capsys.readouterr() == ("", "")
    profiles(tmp_path / "two", True)
    said = capsys.readouterr()
    assert said.out == ""
    lines = said.err.splitlines()
    assert lines[0] == "profile: 0 of 5 points, preparing the model"
    assert lines[1] == "profile: 1 MeV: failed"
    assert lines[-1].startswith("profile: 5 of 5 points, 5 failed, ")


GRID = {
    "study": "profile",
    "experiments": [EXPERIMENT],
    "interaction": ["b-l", "scalar-universal"],
    "masses_mev": MASSES,
}


@pytest.mark.skipif(os.name != "posix", reason="kills a process")
@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize("killed_at", [0, 3, 5, 8])
def test_a_killed_grid_goes_on(killed_at: int, tmp_path: Path) -> None:
    script = f"""
import os, signal, sys
from bayes_cevns.progress import file
from bayes_cevns.studies.profile import ProfilePoint, ProfileStudy
import bayes_cevns as bc
file.INTERVAL_SECONDS = 0.0
made = []
def compute(self, number):
    if len(made) == {killed_at}:
        os.kill(os.getpid(), signal.SIGKILL)
    made.append(number)
    return ProfilePoint(self.masses[number], None, "no minimum")
ProfileStudy.compute, ProfileStudy.prepare = compute, lambda self: None
bc.grid({GRID!r}, out=sys.argv[1])
"""
    out, heard = tmp_path / "out", []
    ended = subprocess.run([sys.executable, "-c", script, str(out)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert (bc.read_progress(out).state, bc.read_progress(out).done) == (KILLED, killed_at)
    bc.grid(GRID, out=out, progress=heard.append)
    assert (heard[-1].kept, heard[-1].done, heard[-1].total) == (killed_at, 10, 10)
    bc.grid(GRID, out=tmp_path / "whole")
    for name in ("grid.csv", "studies.csv", "plan.toml"):
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
