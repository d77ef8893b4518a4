"""A second run has the same digits, or it is said which are not."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest
from examples import EXAMPLES

import bayes_cevns as bc
from bayes_cevns.cli import main
from bayes_cevns.errors import ArgumentError, DataError, OutputError
from bayes_cevns.reports.rerun import Difference, _of_tables, rerun
from bayes_cevns.storage import record
from bayes_cevns.storage.resources import sha256

type Runs = Callable[[str], Path]

pytestmark = pytest.mark.filterwarnings("ignore::bayes_cevns.errors.PrecisionWarning")


@pytest.mark.parametrize("kind", [k for k in EXAMPLES if k not in ("calibrate", "coverage")])
def test_a_second_run_has_the_same_digits(kind: str, run_of: Runs) -> None:
    found = rerun(run_of(kind))
    assert found.same, found.lines()
    assert found.compared > 3
    assert found.versions == {}
    assert found.data == ()
    assert found.lines()[0].startswith("same digits")


def _altered(folder: Path, old: str, new: str) -> None:
    """Change a number in the table of limits, and the record of it, as another version might."""
    file = folder / "limits.csv"
    file.write_text(file.read_text().replace(old, new))
    run_file = folder / record.RUN_FILE
    written = record.read_run(folder)["products"]["limits.csv"]
    run_file.write_text(run_file.read_text().replace(written, sha256(file)))


def test_what_differs_is_said(run_of: Runs, tmp_path: Path) -> None:
    folder = copytree(run_of("preview"), tmp_path / "run")
    limit = float(bc.load(folder).limit_rows()[0]["limit"])
    _altered(folder, f"{limit:.10g}", f"{limit * 1.01:.10g}")
    text = (folder / record.RUN_FILE).read_text()
    numpy = record.versions()["numpy"]
    (folder / record.RUN_FILE).write_text(text.replace(f'numpy = "{numpy}"', 'numpy = "1.0.0"'))
    found = rerun(folder, out=tmp_path / "second")
    (difference,) = found.differences
    assert (difference.table, difference.column) == ("limits.csv", "limit")
    assert (difference.number, difference.of) == (1, 2)
    assert difference.largest == pytest.approx(0.01 / 1.01, rel=1e-3)
    assert found.versions == {"numpy": ("1.0.0", numpy)}
    lines = "\n".join(found.lines())
    assert "limits.csv, limit: 1 of 2 values differ, by 0.0099 of itself at most" in lines
    assert "numpy: 1.0.0 then" in lines
    assert bc.load(tmp_path / "second").points, "the second run is kept"


def test_other_draws_are_seen(run_of: Runs, tmp_path: Path) -> None:
    folder = copytree(run_of("sample"), tmp_path / "run")
    other = tmp_path / "other"
    bc.run(bc.read_analysis(folder).with_more("seed", 2), out=other)
    (folder / "posterior.nc").write_bytes((other / "posterior.nc").read_bytes())
    found = rerun(folder)
    assert {one.table for one in found.differences} == {"posterior.nc"}
    assert "posterior/flux_8b" in {one.column for one in found.differences}


def test_damaged_draws_are_refused(run_of: Runs, tmp_path: Path) -> None:
    folder = copytree(run_of("sample"), tmp_path / "run")
    content = bytearray((folder / "posterior.nc").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "posterior.nc").write_bytes(content)
    with pytest.raises(DataError, match=r"posterior\.nc was altered or damaged"):
        rerun(folder)


def test_tables_of_another_shape_and_words() -> None:
    before = {"a.csv": [{"x": 1.0, "word": "one"}], "b.csv": [{"x": 0.0}], "c.csv": [{}]}
    after = {"a.csv": [{"x": 1.0, "word": "two"}], "b.csv": [{"x": 1e-9}]}
    found = list(_of_tables(before, after))
    assert [(d.table, d.column) for d in found] == [
        ("a.csv", "word"),
        ("b.csv", "x"),
        ("c.csv", "rows"),
    ]
    assert math.isnan(found[0].largest)
    assert found[1].largest == 1.0
    assert "no table now" in found[2].text
    assert "of itself" not in Difference("t", "c", 1, 1, math.nan, "a", "b").text


def test_what_cannot_be_run_again(run_of: Runs, tmp_path: Path) -> None:
    folder = copytree(run_of("preview"), tmp_path / "run")
    with pytest.raises(OutputError, match="is not empty: name a new folder"):
        rerun(folder, out=folder)
    (tmp_path / "grid").mkdir()
    (tmp_path / "grid" / "plan.toml").write_text("")
    with pytest.raises(ArgumentError, match="grid"):
        rerun(tmp_path / "grid")
    (folder / "limits.csv").write_text("")
    with pytest.raises(DataError, match=r"limits\.csv is missing, or not as it was written"):
        rerun(folder)
    analysis = folder / "analysis.toml"
    analysis.write_text(analysis.read_text() + "\n")
    with pytest.raises(DataError, match=r"analysis\.toml is missing, or not as it was"):
        rerun(folder)
    text = (folder / record.RUN_FILE).read_text()
    (folder / record.RUN_FILE).write_text(text.replace('"complete"', '"interrupted"'))
    with pytest.raises(ArgumentError, match="is not complete"):
        rerun(folder)
    with pytest.raises(DataError, match="holds no readable"):
        rerun(tmp_path / "nothing")


def test_the_command(
    run_of: Runs,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = copytree(run_of("preview"), tmp_path / "run")
    monkeypatch.setattr(sys, "argv", ["bayes-cevns", "rerun", str(folder), "--quiet"])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 0
    assert capsys.readouterr().out.startswith("same digits: ")
    limit = float(bc.load(folder).limit_rows()[0]["limit"])
    _altered(folder, f"{limit:.10g}", f"{limit * 2:.10g}")
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 1
    assert "limits.csv, limit: 1 of 2 values differ" in capsys.readouterr().out
