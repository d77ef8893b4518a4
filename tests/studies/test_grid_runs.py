"""Grids that run: one table, resuming, failures, interrupts, and folders of other grids."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from examples import EXPERIMENT, tables

import bayes_cevns as bc
from bayes_cevns.errors import (
    ArgumentError,
    DataError,
    OutputError,
    RepairWarning,
    UnfinishedWarning,
)
from bayes_cevns.progress.standing import COMPLETE, INTERRUPTED, Standing
from bayes_cevns.storage.digests import digest_of
from bayes_cevns.storage.owner import Owner
from bayes_cevns.studies import costs
from bayes_cevns.studies.execution.executor import Serial
from bayes_cevns.studies.profile import ProfilePoint, ProfileStudy
from bayes_cevns.studies.study import Study

#: Profiles need no sampler.
WORDS: dict[str, Any] = {
    "study": "profile",
    "experiments": [EXPERIMENT],
    "interaction": ["scalar-universal", "b-l"],
    "masses_mev": [1.0, 10.0],
    "level": [0.9, 0.95],
}
NAMES = [f"{new}__level-{p}" for new in ("scalar-universal", "b-l") for p in ("0.9", "0.95")]

type Counted = list[tuple[str, float]]


@pytest.fixture(scope="module")
def remembered() -> Iterator[Counted]:
    """Each profile is computed once for all tests; what is asked for is counted."""
    known: dict[str, ProfilePoint] = {}
    asked: Counted = []
    real = ProfileStudy.compute

    def compute(self: ProfileStudy, number: int) -> ProfilePoint:
        mass = self.masses[number]
        assert self.interaction is not None
        assert mass is not None
        asked.append((self.interaction.name, mass))
        key = digest_of((self.request(), number))
        if key not in known:
            known[key] = real(self, number)
        return known[key]

    patch = pytest.MonkeyPatch()
    patch.setattr(ProfileStudy, "compute", compute)
    patch.setattr(ProfileStudy, "prepare", lambda _: None)
    yield asked
    patch.undo()


@pytest.fixture(autouse=True)
def asked(remembered: Counted) -> Counted:
    remembered.clear()
    return remembered


@pytest.fixture(scope="module")
def whole(remembered: Counted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a grid that nothing disturbed."""
    out = tmp_path_factory.mktemp("whole") / "grid"
    bc.grid(WORDS, out=out)
    assert len(remembered) == 8
    return out


def test_each_study_is_an_ordinary_one(whole: Path, tmp_path: Path) -> None:
    assert sorted(path.name for path in whole.iterdir() if path.is_dir()) == sorted(NAMES)
    run = bc.profile_scan(
        EXPERIMENT, interaction="b-l", masses_mev=[1.0, 10.0], level=0.95, out=tmp_path / "one"
    )
    assert tables(tmp_path / "one") == tables(whole / "b-l__level-0.95")
    assert bc.load(whole / "b-l__level-0.95").tables() == run.tables()


def test_one_table_has_them_all(whole: Path) -> None:
    found = bc.load(whole)
    rows = found.frame()
    assert list(rows.columns[:4]) == ["folder", "study", "interaction", "level"]
    assert list(dict.fromkeys(rows["folder"])) == NAMES
    assert set(rows["study"]) == {"profile"}
    assert len(rows) == sum(len(tables(whole / name)["limits_cl.csv"]) for name in NAMES)
    one = rows[rows["folder"] == NAMES[3]]
    expected = tables(whole / NAMES[3])["limits_cl.csv"]
    assert list(one["limit"].astype(str)) == [str(float(row["limit"])) for row in expected]
    assert (whole / "grid.csv").read_text() == found.tables()["grid.csv"]
    states = (whole / "studies.csv").read_text().splitlines()
    assert states[0] == "folder,study,interaction,level,status,points,finished,failed,reason"
    assert states[1] == "scalar-universal__level-0.9,profile,scalar-universal,0.9,complete,2,2,0,"
    assert found.load(NAMES[0]).level == 0.9
    assert found.failures() == {}
    assert "4 of 4 studies complete" in repr(found)


def test_a_finished_grid_computes_and_touches_nothing(whole: Path, asked: Counted) -> None:
    before = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in whole.rglob("*") if p.is_file()}
    heard: list[Standing] = []
    found = bc.grid(WORDS, out=whole, progress=heard.append)
    assert (asked, heard) == ([], [])
    assert found.tables() == bc.load(whole).tables()
    after = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in whole.rglob("*") if p.is_file()}
    assert after == before


def test_an_interrupted_grid_goes_on(whole: Path, tmp_path: Path, asked: Counted) -> None:
    out, heard = tmp_path / "out", []

    def stop(now: Standing) -> None:
        heard.append(now)
        if now.done == 3 and not now.ended:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bc.grid(WORDS, out=out, progress=stop)
    assert 'status = "interrupted"' in (out / "run.toml").read_text()
    stopped = bc.read_progress(out)
    assert (stopped.state, stopped.done, stopped.total) == (INTERRUPTED, 3, 8)
    with pytest.warns(UnfinishedWarning, match="1 of 4 studies complete"):
        states = [one.status for one in bc.load(out).studies]
    assert states == ["complete", "interrupted", "missing", "missing"]
    asked.clear()
    bc.grid(bc.read_plan(out), out=out, progress=heard.append)
    assert len(asked) == 5, "what is finished is not computed again"
    assert (out / "grid.csv").read_bytes() == (whole / "grid.csv").read_bytes()
    assert (out / "studies.csv").read_bytes() == (whole / "studies.csv").read_bytes()
    last = heard[-1]
    assert (last.state, last.total, last.kept, last.done) == (COMPLETE, 8, 3, 8)
    assert last.rate is not None
    assert last.rate * last.seconds <= 5.0 * 1.01, "kept points are not in the rate"


def test_progress_counts_all_studies(whole: Path, tmp_path: Path) -> None:
    heard: list[Standing] = []
    bc.grid(WORDS, out=tmp_path / "out", progress=heard.append)
    done = [now.done for now in heard]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, 8)
    assert {now.total for now in heard} == {8}
    assert [now.ended for now in heard] == [False] * (len(heard) - 1) + [True]
    assert heard[-2].what == "grid, study 4 of 4"
    assert bc.read_progress(tmp_path / "out").state == COMPLETE
    each = bc.read_progress(tmp_path / "out" / NAMES[0])
    assert (each.what, each.state, each.done) == ("profile", COMPLETE, 2)
    assert (tmp_path / "out" / "grid.csv").read_bytes() == (whole / "grid.csv").read_bytes()


def failing(names: set[str], error: Callable[[], BaseException]) -> pytest.MonkeyPatch:
    """Let profiles of some interactions fail."""
    patch, real = pytest.MonkeyPatch(), ProfileStudy.compute

    def compute(self: ProfileStudy, number: int) -> ProfilePoint:
        assert self.interaction is not None
        if self.interaction.name in names and number == 1:
            raise error()
        return real(self, number)

    patch.setattr(ProfileStudy, "compute", compute)
    return patch


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (lambda: DataError("a table is missing"), "a table is missing"),
        (lambda: ZeroDivisionError("by zero"), "ZeroDivisionError: by zero"),
    ],
)
def test_a_study_that_fails_stops_no_other(
    error: Callable[[], BaseException],
    said: str,
    whole: Path,
    tmp_path: Path,
    asked: Counted,
) -> None:
    out, told = tmp_path / "out", []
    patch = failing({"scalar-universal"}, error)
    try:
        found = bc.grid(WORDS, out=out, on_study=lambda one, result: told.append((one, result)))
    finally:
        patch.undo()
    assert found.failures() == dict.fromkeys(NAMES[:2], said)
    assert [one.status for one in found.studies] == ["failed", "failed", "complete", "complete"]
    assert [one.finished for one in found.studies] == [1, 1, 2, 2]
    assert [one.name for one, _ in told] == NAMES
    assert [result is None for _, result in told] == [True, True, False, False]
    assert "2 of 4 studies complete, 2 failed" in found.summary
    assert bc.read_progress(out).done == 6
    with pytest.warns(UnfinishedWarning, match="2 of 4 studies complete, 2 failed"):
        assert bc.load(out).failures() == found.failures()
    asked.clear()
    again = bc.grid(WORDS, out=out)
    assert asked == [("scalar-universal", 10.0)] * 2
    assert again.failures() == {}
    assert (out / "grid.csv").read_bytes() == (whole / "grid.csv").read_bytes()


@pytest.mark.parametrize("damage", ["edited", "removed"])
def test_a_damaged_table_of_a_study_is_not_read(damage: str, whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(whole, out)
    file = out / NAMES[0] / "limits_cl.csv"
    if damage == "edited":
        file.write_text(file.read_text().replace("1", "2"))
    else:
        file.unlink()
    with pytest.warns(UnfinishedWarning, match="3 of 4 studies complete"):
        found = bc.load(out)
    right = bc.load(whole).table()
    assert found.table() == [row for row in right if row in found.table()]
    assert 0 < len(found.table()) < len(right)


def test_points_that_fail_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = ProfileStudy.compute

    def compute(self: ProfileStudy, number: int) -> ProfilePoint:
        mass = self.masses[number]
        bad = number == 1 or self.profile_request.level > 0.92
        return ProfilePoint(mass, None, "no minimum") if bad else real(self, number)

    monkeypatch.setattr(ProfileStudy, "compute", compute)
    heard: list[Standing] = []
    found = bc.grid(WORDS, out=tmp_path / "out", progress=heard.append)
    assert heard[-1].failed == 6
    assert [one.failed for one in found.studies] == [1, 2, 1, 2]
    assert [one.status for one in found.studies] == ["complete", "failed", "complete", "failed"]
    assert found.failures() == dict.fromkeys(NAMES[1::2], "1 MeV: no minimum")
    assert "6 failed points" in found.summary


def test_another_grid_in_the_folder_is_refused(whole: Path, tmp_path: Path) -> None:
    before = {p: p.read_bytes() for p in whole.rglob("*") if p.is_file()}
    for other in ({"level": [0.9, 0.8]}, {"seed": 3}, {"masses_mev": [1.0]}):
        with pytest.raises(OutputError, match="holds the results of another run") as caught:
            bc.grid({**WORDS, **other}, out=whole)
        assert "\n" not in str(caught.value)
    with pytest.raises(OutputError, match="holds the results of another run"):
        bc.profile_scan(EXPERIMENT, interaction="b-l", masses_mev=[1.0], out=whole)
    assert {p: p.read_bytes() for p in whole.rglob("*") if p.is_file()} == before
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(OutputError, match="holds no run"):
        bc.grid(WORDS, out=tmp_path)


def test_what_cannot_be_is_refused_before_anything_is_written(
    tmp_path: Path, asked: Counted
) -> None:
    out = tmp_path / "deep" / "out"
    with pytest.raises(ArgumentError, match="study scalar-universal__masses-2: "):
        bc.grid({**WORDS, "masses_mev": [[1.0], [1e9]], "level": 0.9}, out=out)
    assert asked == []
    assert list(tmp_path.iterdir()) == []


def test_a_study_that_was_altered_runs_again(whole: Path, tmp_path: Path, asked: Counted) -> None:
    out = tmp_path / "out"
    copytree(whole, out)
    (out / NAMES[2] / "limits_cl.csv").write_text("nothing\n")
    (out / "grid.csv").unlink()
    with pytest.warns(RepairWarning):
        bc.grid(WORDS, out=out)
    assert asked == [], "its points are kept, its table is written again"
    assert tables(out / NAMES[2]) == tables(whole / NAMES[2])
    assert (out / "grid.csv").read_bytes() == (whole / "grid.csv").read_bytes()


@pytest.mark.parametrize("part", ["name", "digest"])
def test_a_record_of_a_study_with_a_damaged_product_is_written_anew(
    part: str, whole: Path, tmp_path: Path
) -> None:
    """A product that nobody writes is forgotten; before, its study was never complete again."""
    copytree(whole, tmp_path / "out")
    file = tmp_path / "out" / NAMES[1] / "run.toml"
    text = file.read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if "limits_cl.csv" in line and "=" in line]
    name, digest = line.split(" = ")
    other = (name.replace("limits", "limitr"), digest)
    if part == "digest":
        other = (name, digest[:-2] + ("0" if digest[-2] != "0" else "1") + digest[-1])
    file.write_text(text.replace(line, " = ".join(other)), encoding="utf-8")
    with pytest.warns(RepairWarning, match="is written again"):
        bc.grid(WORDS, out=tmp_path / "out")
    assert tables(tmp_path / "out") == tables(whole)
    assert file.read_text(encoding="utf-8").count("limitr") == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bc.grid(WORDS, out=tmp_path / "out")


def test_the_lock_of_a_study_whose_process_was_killed_does_not_stay(
    whole: Path, tmp_path: Path, asked: Counted
) -> None:
    out = tmp_path / "out"
    copytree(whole, out)
    gone = replace(Owner.this_process(), started="before", boot="another boot")
    (out / NAMES[1] / "run.lock").write_text(gone.to_text())
    bc.grid(WORDS, out=out)
    assert asked == []
    assert lasting_files(out) == lasting_files(whole)
    assert 'status = "complete"' in (out / "run.toml").read_text()
    now = bc.read_progress(out)
    assert (now.state, now.kept, now.done, now.total) == (COMPLETE, 8, 8, 8)


def test_a_point_of_a_finished_study_that_was_removed_is_computed_again(
    whole: Path, tmp_path: Path, asked: Counted
) -> None:
    out = tmp_path / "out"
    copytree(whole, out)
    point = Path(NAMES[2], "points", "0000.npz")
    (out / point).unlink()
    found = bc.grid(WORDS, out=out)
    assert asked == [("b-l", 1.0)], "it alone is missing"
    assert (out / point).is_file()
    assert found.tables() == bc.load(whole).tables()
    assert bc.load(out / NAMES[2]).tables() == bc.load(whole / NAMES[2]).tables()


def lasting_files(folder: Path) -> dict[Path, bytes]:
    """Return what is in each file of a folder, but in those that say when they were written."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    timed = ("run.toml", "progress.json")
    return {p.relative_to(folder): b"" if p.name in timed else p.read_bytes() for p in files}


def test_a_run_leaves_what_its_points_cost(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BAYES_CEVNS_CACHE", str(tmp_path / "cache"))
    assert bc.read_plan(whole).studies[0].cost.origin == costs.ELSEWHERE
    bc.grid(WORDS, out=tmp_path / "out")
    measured = costs.measurements()
    assert {(one.study, one.experiments, one.interaction) for one in measured} == {
        ("profile", EXPERIMENT, "scalar-universal"),
        ("profile", EXPERIMENT, "b-l"),
    }
    assert bc.read_plan(whole).studies[0].cost.origin == costs.HERE


def test_a_plan_edited_by_hand_is_not_believed(whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    copytree(whole, out)
    plan = out / "plan.toml"
    plan.write_text(plan.read_text().replace("0.95", "0.99"))
    with pytest.raises(DataError, match=r"cannot be read, lists\.level: .* --out NEW"):
        bc.load(out)
    with pytest.raises(OutputError, match="holds the results of another run"):
        bc.grid(bc.read_plan(out), out=out)


class Counting(Serial):
    """Computes here, and says of what."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int]] = []
        self.closed = False

    def contents(
        self, study: Study[Any, Any, Any], numbers: Sequence[int]
    ) -> Generator[tuple[int, Any]]:
        self.seen.append((str(study.word_of("interaction")), len(numbers)))
        yield from super().contents(study, numbers)

    def close(self) -> None:
        self.closed = True


def test_one_executor_serves_all_studies(whole: Path, tmp_path: Path) -> None:
    executor, heard = Counting(), []
    bc.grid(WORDS, out=tmp_path / "out", executor=executor, progress=heard.append)
    assert executor.seen == [(name.partition("__")[0], 2) for name in NAMES]
    assert not executor.closed, "one that was given stays open"
    assert max(now.running for now in heard) == 1
    assert (tmp_path / "out" / "grid.csv").read_bytes() == (whole / "grid.csv").read_bytes()
    for wrong in ({"workers": 0}, {"executor": "nowhere"}, {"executor": executor, "workers": 2}):
        with pytest.raises(ArgumentError):
            bc.grid(WORDS, out=tmp_path / "other", **wrong)
    assert not (tmp_path / "other").exists()
