"""Grids and progress on the command line: the plan, refusals, quiet and verbose, status."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bayes_cevns.cli import main
from bayes_cevns.errors import DataError
from bayes_cevns.storage.digests import digest_of
from bayes_cevns.studies.grids import plan
from bayes_cevns.studies.profile import ProfilePoint, ProfileStudy

GRID = """study = "profile"
experiments = ["xenonnt_2024_s2"]
masses_mev = [1.0, 10.0]
interaction = ["b-l", "scalar-universal"]
level = 0.9
"""


def run(monkeypatch: pytest.MonkeyPatch, *words: str | Path) -> int:
    """Call the command line in this process; return its exit status."""
    monkeypatch.setattr(sys, "argv", ["bayes-cevns", *map(str, words)])
    with pytest.raises(SystemExit) as exit_:
        main()
    return int(exit_.value.code or 0)


@pytest.fixture(scope="module", autouse=True)
def _remembered() -> Iterator[None]:
    """Each profile is computed once for all tests."""
    known: dict[str, ProfilePoint] = {}
    real = ProfileStudy.compute

    def compute(self: ProfileStudy, number: int) -> ProfilePoint:
        key = digest_of((self.request(), number))
        if key not in known:
            known[key] = real(self, number)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ProfileStudy, "compute", compute)
        patch.setattr(ProfileStudy, "prepare", lambda _: None)
        yield


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "grid.toml"
    path.write_text(GRID)
    return path


def test_a_grid(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = file.parent / "out"
    assert run(monkeypatch, "run", file, "--out", out) == 0
    said = capsys.readouterr()
    assert "plan: 2 studies, 4 points" in said.err
    assert "b-l: profile, 2 points, about " in said.err
    assert "grid, study 1 of 2: b-l: 1 MeV: " in said.err
    assert re.search(r"grid: 4 of 4 points, .*, complete after ", said.err)
    assert f"2 of 2 studies complete, 0 failed, 0 failed points, in {out}" in said.out
    assert f"{out / 'grid.csv'} (4 rows)" in said.out
    assert {path.name for path in out.iterdir()} == {
        *("plan.toml", "grid.csv", "studies.csv", "run.toml", "progress.json"),
        *("b-l", "scalar-universal"),
    }
    assert (out / "b-l" / "exclusion_cl.png").is_file()
    assert run(monkeypatch, "run", out / "plan.toml", "--quiet") == 0
    again = capsys.readouterr()
    assert again.err == ""
    assert again.out == said.out
    assert run(monkeypatch, "status", out, out / "b-l") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{out}: grid: 4 of 4 points, ")
    assert lines[1].startswith(f"{out / 'b-l'}: profile: 2 of 2 points, ")
    assert all("complete after" in line for line in lines)
    assert run(monkeypatch, "plot", out) == 0
    assert str(out / "b-l" / "exclusion_cl.png") in capsys.readouterr().out


def test_a_study_that_fails_is_named_at_the_end(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = ProfileStudy.compute

    def compute(self: ProfileStudy, number: int) -> ProfilePoint:
        assert self.interaction is not None
        if self.interaction.name == "b-l":
            raise DataError("a table is missing")
        return real(self, number)

    monkeypatch.setattr(ProfileStudy, "compute", compute)
    out = file.parent / "out"
    assert run(monkeypatch, "run", file, "--out", out) == 3
    said = capsys.readouterr()
    assert said.err.splitlines()[-1] == "failed: b-l: a table is missing"
    assert "1 of 2 studies complete, 1 failed" in said.out


@pytest.mark.parametrize("text", [GRID, GRID.replace('["b-l", "scalar-universal"]', '"b-l"')])
def test_a_dry_run_does_nothing(
    text: str, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(text)
    out = file.parent / "deep" / "out"
    assert run(monkeypatch, "run", file, "--dry-run", "--out", out) == 0
    said = capsys.readouterr()
    number = 2 if text == GRID else 1
    studies = "2 studies" if number == 2 else "1 study"
    assert said.out.splitlines()[0] == f"plan: {studies}, {2 * number} points"
    assert "time: about " in said.out.splitlines()[-1]
    assert said.err == ""
    assert sorted(path.name for path in file.parent.iterdir()) == ["grid.toml"]


WRONG = [
    ("level = 0.9", "levl = 0.9", r"line 5, levl: .*no option 'levl', did you mean 'level'"),
    ("level = 0.9", "level = []", "line 5, level: .*one or more, got"),
    ("level = 0.9", "level = [0.9, 2.0]", r"line 5, level: study .*level-2: "),
    ("level = 0.9", "level = [0.9, 0.9]", "line 5, level: .*twice"),
    ('"profile"', '["profile"]', r"line 1, study: .*\[\[study\]\]"),
    ('"profile"', '"profle"', "line 1, study: .*did you mean 'profile'"),
    ('"b-l",', '"b-1",', "line 4, interaction: study b-1: unknown interaction"),
    ('["xenonnt_2024_s2"]', '[["xenonnt_2024_s2"], "conus_plus"]', "line 2, experiments: "),
    ("[1.0, 10.0]", "[[1.0], [1e9]]", "study masses-2__b-l: "),
]


@pytest.mark.parametrize(("old", "new", "said"), WRONG)
def test_what_is_wrong_is_one_line_and_writes_nothing(
    old: str,
    new: str,
    said: str,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file.write_text(GRID.replace(old, new))
    out = file.parent / "deep" / "out"
    assert run(monkeypatch, "run", file, "--out", out, "--quiet") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert re.match(rf"bayes-cevns: .*{said}", line), line
    assert sorted(path.name for path in file.parent.iterdir()) == ["grid.toml"]


def test_a_plan_of_too_many_points_needs_a_yes(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(plan, "MOST_POINTS", 3)
    out = file.parent / "out"
    assert run(monkeypatch, "run", file, "--out", out) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "this plan has 4 points in 2 studies, more than 3 points: say --yes" in line
    assert not out.exists()
    assert run(monkeypatch, "run", file, "--dry-run") == 0
    assert run(monkeypatch, "run", file, "--out", out, "--yes", "-q") == 0


def test_what_contradicts_or_is_missing(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, said in (
        (("run", file), "give --out"),
        (("run", file, "--shard", "1/2", "--out", file.parent / "out"), "a shard is of one study"),
        (("run", file, "--workers", "0", "--out", file.parent / "out"), "workers"),
        (("run", file, "-q", "-v", "--out", file.parent / "out"), "--quiet and --verbose"),
        (("status", file.parent), "no readable progress.json"),
        (("status", file.parent / "nowhere"), "no readable progress.json"),
    ):
        assert run(monkeypatch, *words) == 2
        assert said in capsys.readouterr().err.splitlines()[-1]
    assert sorted(path.name for path in file.parent.iterdir()) == ["grid.toml"]


def test_two_plans_in_one_folder_are_refused(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = file.parent / "out"
    assert run(monkeypatch, "run", file, "--out", out, "-q") == 0
    before = {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}
    file.write_text(GRID.replace("0.9", "[0.9, 0.95]"))
    capsys.readouterr()
    assert run(monkeypatch, "run", file, "--out", out, "-q") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "holds the results of another run" in line
    assert {p: p.read_bytes() for p in out.rglob("*") if p.is_file()} == before


PROFILE = ["profile", "xenonnt_2024_s2", "--interaction", "b-l", "--masses", "1,10"]


@pytest.mark.parametrize("verbosity", ["", "--quiet", "--verbose"])
def test_progress_of_a_study(
    verbosity: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("bayes_cevns.progress.log._FEW", 0)
    words = [*PROFILE, "--out", str(tmp_path / "out"), *filter(None, [verbosity])]
    assert run(monkeypatch, *words) == 0
    said = capsys.readouterr()
    lines = said.err.splitlines()
    each = [line for line in lines if re.match("profile: 10? MeV: ", line)]
    assert "90% CL limit" in said.out
    assert len(each) == (2 if verbosity == "--verbose" else 0)
    if verbosity == "--quiet":
        assert said.err == ""
    else:
        assert lines[0] == "profile: 0 of 2 points, preparing the model"
        assert re.match(r"profile: 2 of 2 points, .*, complete after ", lines[-1])
    assert run(monkeypatch, *words) == 0
    assert capsys.readouterr().err == "", "of a run that is complete there is nothing to say"


def test_an_interrupt_is_said_by_the_file_and_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real: Any = ProfileStudy.compute

    def compute(self: ProfileStudy, number: int) -> ProfilePoint:
        if number == 1:
            raise KeyboardInterrupt
        found: ProfilePoint = real(self, number)
        return found

    out = tmp_path / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ProfileStudy, "compute", compute)
        assert run(monkeypatch, *PROFILE, "--out", str(out)) == 130
    said = capsys.readouterr().err
    assert re.search(r"profile: 1 of 2 points, .*interrupted after ", said)
    assert "the same command goes on" in said
    assert run(monkeypatch, "status", out) == 0
    assert "1 of 2 points" in capsys.readouterr().out
    assert run(monkeypatch, *PROFILE, "--out", str(out)) == 0
    assert re.search("profile: 2 of 2 points, .*complete", capsys.readouterr().err)


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="the system has no terminals of this kind")
def test_a_command_on_a_terminal_leaves_one_line(tmp_path: Path) -> None:
    sys.path.append(str(Path(__file__).parents[1] / "progress"))
    from test_displays import on_a_terminal

    code = """
import sys
from bayes_cevns.cli import main
from bayes_cevns.studies.profile import ProfilePoint, ProfileStudy
ProfileStudy.compute = lambda self, number: ProfilePoint(self.masses[number], None, "no fit")
ProfileStudy.prepare = lambda self: None
main()
"""
    text = on_a_terminal(code, *PROFILE, "--out", str(tmp_path / "out"), columns=80)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
    lines = [line.rsplit("\r", 1)[-1] for line in plain.strip().split("\n")]
    assert lines[0].startswith("profile")
    assert "2 of 2 points, 2 failed" in lines[0]
    assert [line.split(":")[0] for line in lines[1:]] == ["failed at 1 MeV", "failed at 10 MeV"]
