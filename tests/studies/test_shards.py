"""Shards: jobs that know nothing of each other, and the folder that they are merged into."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from examples import example
from folders import differences

import bayes_cevns as bc
from bayes_cevns.cli import main
from bayes_cevns.errors import ArgumentError, DataError, OutputError, UnfinishedWarning
from bayes_cevns.storage.resources import sha256
from bayes_cevns.studies.execution.shards import Shard
from bayes_cevns.studies.merge import merge
from bayes_cevns.studies.run import run, run_shard

pytestmark = pytest.mark.filterwarnings("ignore::bayes_cevns.errors.PrecisionWarning")

PROFILE: dict[str, Any] = {
    "masses_mev": [1.0, 3.0, 10.0, 30.0, 100.0],
    "calibrate": "toys",
    "toys": 50,
}


@pytest.mark.parametrize(("size", "total"), [(1, 1), (5, 3), (20, 20), (61, 7)])
def test_every_point_is_in_one_shard(size: int, total: int) -> None:
    shares = [Shard(place, total).numbers(size) for place in range(1, total + 1)]
    assert sorted(number for share in shares for number in share) == list(range(size))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1
    assert min(map(len, shares)) >= 1


@pytest.mark.parametrize("given", ["0/20", "21/20", "1/0", "3", "a/b", "1/2/3", "-1/2", 3, "1/ 2"])
def test_shards_that_are_none(given: Any) -> None:
    with pytest.raises(ArgumentError, match="shard"):
        Shard.of(given)


def test_more_shards_than_points() -> None:
    with pytest.raises(ArgumentError, match="'1/3' of a study of 2 points: ask for 2 shards"):
        Shard(1, 3).numbers(2)


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The parent of three shards of a profile with toys; the last two have parents of their own."""
    parent = tmp_path_factory.mktemp("shards") / "all"
    for place in (2, 3, 1):
        run_shard(example("profile", **PROFILE), f"{place}/3", out=parent)
    return parent


def test_shards_are_merged_to_the_folder_of_a_serial_run(shards: Path, tmp_path: Path) -> None:
    run(example("profile", **PROFILE), out=tmp_path / "serial")
    before = {path: path.read_bytes() for path in shards.rglob("*") if path.is_file()}
    found = merge(shards, out=tmp_path / "merged")
    assert differences(tmp_path / "serial", tmp_path / "merged") == []
    assert found.tables() == bc.load(tmp_path / "merged").tables()
    assert {path: path.read_bytes() for path in shards.rglob("*") if path.is_file()} == before
    one_by_one = [shards / f"shard-{place}-of-3" for place in (3, 1, 2)]
    merge(one_by_one, out=tmp_path / "again")
    assert differences(tmp_path / "serial", tmp_path / "again") == []


@pytest.mark.parametrize(
    "kind", ["calibrate", "couplings", "compare", "coverage", "coverage-couplings"]
)
def test_what_points_have_beside_them_is_merged(kind: str, tmp_path: Path) -> None:
    """Truths that all fits have in common, fits by name, and runs in folders below."""
    study = example(kind)
    run(study, out=tmp_path / "serial", judged=False)
    for place in (1, 2):
        run_shard(study, Shard(place, 2), out=tmp_path / "shards")
    merge(tmp_path / "shards", out=tmp_path / "merged")
    assert differences(tmp_path / "serial", tmp_path / "merged") == []


def test_a_shard_goes_on_and_is_read(shards: Path, tmp_path: Path) -> None:
    shutil.copytree(shards, tmp_path / "all")
    folder = tmp_path / "all" / "shard-1-of-3"
    (folder / "points" / "0003.npz").unlink()
    with pytest.warns(UnfinishedWarning, match="1 of 5 points are finished"):
        bc.load(folder)
    computed: list[Any] = []
    run_shard(example("profile", **PROFILE), "1/3", out=tmp_path / "all", on_point=computed.append)
    assert [point.mass_mev for point in computed] == [1.0, 30.0]
    assert differences(folder, shards / "shard-1-of-3") == []


def test_missing_points_are_named(shards: Path, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"2 of 5 points are in none of the 2 folders: 1, 4"):
        merge([shards / "shard-1-of-3", shards / "shard-3-of-3"], out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_shards_of_another_plan_are_refused(shards: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"holds shard-1-of-3, of 3 shards and not 2"):
        run_shard(example("profile", **PROFILE), "1/2", out=shards)
    other = example("profile", **{**PROFILE, "level": 0.8})
    with pytest.raises(OutputError, match=r"shard-1-of-3 of another plan .*level.*0\.9 there"):
        run_shard(other, "1/3", out=shards)
    with pytest.raises(OutputError, match="holds a run, and no shards"):
        run_shard(other, "1/3", out=shards / "shard-1-of-3")
    run_shard(other, "1/3", out=tmp_path / "other")
    folders = [shards / "shard-1-of-3", tmp_path / "other"]
    with pytest.raises(DataError, match=r"it is of another study: level"):
        merge(folders, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_number_that_decides_no_point_is_part_of_the_plan(tmp_path: Path) -> None:
    """Toys may be added to a coverage, but not by some of its shards."""
    one, two = (example("coverage", toys=n, precision=0.9) for n in (1, 2))
    folder = Shard(1, 3).folder_in(tmp_path, one)
    folder.mkdir()
    from bayes_cevns.storage.record import RUNNING, write_run
    from bayes_cevns.studies.analysis_file import to_toml

    write_run(folder, one.request(), RUNNING)
    (folder / "analysis.toml").write_text(to_toml(one))
    assert Shard(2, 3).folder_in(tmp_path, one) == tmp_path / "shard-2-of-3"
    with pytest.raises(OutputError, match=r"of another plan \(toys: 1 there, 2 asked for"):
        Shard(2, 3).folder_in(tmp_path, two)


def test_shards_of_other_versions_are_refused(shards: Path, tmp_path: Path) -> None:
    shutil.copytree(shards, tmp_path / "all")
    record = tmp_path / "all" / "shard-2-of-3" / "run.toml"
    lines = record.read_text().splitlines(keepends=True)
    changed = ['numpy = "1.0"\n' if line.startswith("numpy = ") else line for line in lines]
    record.write_text("".join(changed))
    with pytest.raises(DataError, match=r"of other versions: numpy: '[\d.]+' in .*, '1.0' in it"):
        merge(tmp_path / "all", out=tmp_path / "out")


def test_a_shard_that_was_edited_is_refused(shards: Path, tmp_path: Path) -> None:
    shutil.copytree(shards, tmp_path / "all")
    for folder in (tmp_path / "all").iterdir():
        file, record = folder / "analysis.toml", folder / "run.toml"
        before = sha256(file)
        file.write_text(file.read_text().replace("level = 0.9", "level = 0.8"))
        record.write_text(record.read_text().replace(before, sha256(file)))
    with pytest.raises(DataError, match=r"level .* changed since it was written"):
        merge(tmp_path / "all", out=tmp_path / "out")


def test_what_cannot_be_merged(shards: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for nothing in ([], [tmp_path], tmp_path / "missing"):
        with pytest.raises((ArgumentError, DataError), match=r"nothing to merge|holds no shard"):
            merge(nothing, out=out)
    with pytest.raises(OutputError, match="is, or is in, one of the folders to merge"):
        merge(shards, out=shards / "shard-1-of-3" / "out")
    assert not out.exists()


def call(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["bayes-cevns", *words])
    with pytest.raises(SystemExit) as exit_:
        main()
    return int(exit_.value.code or 0)


SCAN = ["profile", "xenonnt_2024_s2", "--interaction", "scalar-universal", "--masses", "1,10"]


def test_the_commands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    parent = str(tmp_path / "all")
    for place in (1, 2):
        assert call(monkeypatch, *SCAN, "--out", parent, "--shard", f"{place}/2") == 0
    assert "shard 2/2: 1 of 2 points, 0 failed" in capsys.readouterr().out
    assert call(monkeypatch, "merge", parent, "--out", str(tmp_path / "merged")) == 0
    assert call(monkeypatch, *SCAN, "--out", str(tmp_path / "serial")) == 0
    assert differences(tmp_path / "serial", tmp_path / "merged") == []
    assert (tmp_path / "merged" / "profile.png").exists() == (
        tmp_path / "serial" / "profile.png"
    ).exists()


BAD = [
    [*SCAN, "--shard", "0/20", "--out", "{out}"],
    [*SCAN, "--shard", "21/20", "--out", "{out}"],
    [*SCAN, "--shard", "1/2"],
    [*SCAN, "--workers", "0", "--out", "{out}"],
    [*SCAN, "--scheduler", "nowhere", "--out", "{out}"],
    ["merge", "--out", "{out}"],
    ["merge", "{out}/missing", "--out", "{out}"],
    ["merge", "{out}"],
]


@pytest.mark.parametrize("words", BAD)
def test_bad_words_are_one_line(
    words: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    out = tmp_path / "out"
    assert call(monkeypatch, *(word.format(out=out) for word in words)) == 2
    said = capsys.readouterr().err
    assert said.startswith("bayes-cevns: ")
    assert said.count("\n") == 1
    assert not out.exists()
