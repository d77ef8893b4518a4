"""``bayes-cevns calibrate`` and ``coverage``: what they print and write, and how they refuse."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from bayes_cevns.cli import main

TOY = ["xenon_1ty", "--data", "toy:1", "--interaction", "scalar-universal", "--mass", "10"]


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Call the command line in this process; return its exit status."""
    monkeypatch.setattr("sys.argv", ["bayes-cevns", *words])
    with pytest.raises(SystemExit) as exit_:
        main()
    return int(exit_.value.code or 0)


@pytest.fixture
def refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Return what a command that is refused says; it leaves no folder."""

    def said(*words: str) -> str:
        assert run(monkeypatch, *words, "--out", str(tmp_path / "out")) == 2
        assert not (tmp_path / "out").exists()
        return capsys.readouterr().err

    return said


def test_calibrate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "ranks"
    assert (
        run(monkeypatch, "calibrate", *TOY, "--fits", "20", "--draws", "350", "--out", str(out))
        == 0
    )
    text = capsys.readouterr().out
    assert "quantity: p-value of uniform ranks" in text
    assert "20 fits, 0 failed" in text
    record = tomllib.loads((out / "run.toml").read_text())
    assert (record["status"], record["report"]["fits"]) == ("complete", 20)
    sampled = record["request"]["settings"]
    assert (sampled["draws"], sampled["tune"], sampled["gate"]["ess_min"]) == (350, 300, 198.0)
    assert f"complete: 20 points, 0 failed, in {out}" in text
    with (out / "uniformity.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [row["quantity"] for row in rows][:2] == ["coupling_product", "expected_signal"]
    assert {row["inside_band"] for row in rows} <= {"true", "false"}
    told = {(row["coupling"], row["unit"], row["data"], row["kind"]) for row in rows}
    assert len(told) == 1
    with (out / "ranks.csv").open() as stream:
        ranks = list(csv.DictReader(stream))
    assert [row["data"] for row in ranks] == [f"toy:{number}" for number in range(20)]
    assert {row["coupling"] for row in ranks} == {row["coupling"] for row in rows}
    words = ["--fits", "20", "--draws", "350", "--seed", "2", "--out", str(out)]
    assert run(monkeypatch, "calibrate", *TOY, *words) == 2
    assert "another run" in capsys.readouterr().err
    names = {path.name for path in out.iterdir()}
    assert names == {
        *("ranks.csv", "uniformity.csv", "ranks.png", "ranks.pdf", "points"),
        *("run.toml", "analysis.toml", "citations.bib", "progress.json"),
    }


def test_calibrate_couplings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "ranks"
    words = ["--free", "ee_u", "--bounds", "ee_u=-0.2:0.6", "--fits", "20", "--draws", "300"]
    assert run(monkeypatch, "calibrate-couplings", "conus_plus", *words, "--out", str(out)) == 0
    assert "quantity: p-value of uniform ranks" in capsys.readouterr().out
    record = tomllib.loads((out / "run.toml").read_text())
    assert (record["status"], record["report"]["fits"]) == ("complete", 20)
    assert record["request"]["couplings"]["bounds"] == {"eps_ee_u": [-0.2, 0.6]}
    sampled = record["request"]["settings"]
    assert (sampled["draws"], sampled["tune"], sampled["gate"]["ess_min"]) == (300, 400, 198.0)
    with (out / "uniformity.csv").open() as stream:
        quantities = [row["quantity"] for row in csv.DictReader(stream)]
    assert quantities[:3] == ["expected_signal", "log_likelihood", "eps_ee_u"]
    assert {path.name for path in out.iterdir()} == {
        *("ranks.csv", "uniformity.csv", "ranks.png", "ranks.pdf"),
        *("run.toml", "analysis.toml", "citations.bib", "progress.json"),
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--free", "eu_u"], "unknown coupling 'eu_u'"),
        (["--free", "ee_u", "--bounds", "ee_d=-1:1"], "unknown free coupling 'ee_d'"),
        (["--free", "ee_u", "--bounds", "ee_u=1:-1"], "bounds of eps_ee_u must increase"),
        (["--free", "ee_u", "--mass", "10"], "no couplings of a mediator"),
        (["--free", "ee_u", "--interaction", "b-l"], "No such option: --interaction"),
        (["--free", "ee_u", "--fits", "3"], "ask for 20 or more"),
        (["--free", "mumu_u"], "eps_mumu_u: no change"),
    ],
)
def test_couplings_that_cannot_be_are_refused_in_one_line(
    words: list[str], said: str, refused: Callable[..., str]
) -> None:
    assert said in refused("calibrate-couplings", "conus_plus", *words)


def test_coverage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "coverage"
    words = ["--toys", "5", "--precision", "0.25", "--truths", "0", "--out", str(out)]
    assert run(monkeypatch, "coverage", *TOY, *words) == 0
    assert "0 (0): limit, 0.9, 1.000 +-" in capsys.readouterr().out
    names = {path.name for path in out.iterdir()}
    assert names == {
        *("toys.csv", "coverage.csv", "coverage.png", "coverage.pdf"),
        *("run.toml", "analysis.toml", "citations.bib", "progress.json"),
    }


def test_coverage_of_couplings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "coverage"
    words = ["--free", "ee_u", "ee_d", "--bounds", "ee_u=-0.5:0.5", "ee_d=-0.5:0.5"]
    words += ["--truths", "zero:", "some:ee_u=0.3,ee_d=-0.1", "--levels", "0.9"]
    words += ["--toys", "2", "--precision", "0.4", "--draws", "300"]
    assert run(monkeypatch, "coverage-couplings", "conus_plus", *words, "--out", str(out)) == 0
    text = capsys.readouterr().out
    assert "  zero (Standard Model): eps_ee_u, region, 0.9, " in text
    assert "  some (eps_ee_u=0.3, eps_ee_d=-0.1): eps_ee_u:eps_ee_d, region, 0.9, " in text
    assert f"complete: 4 points, 0 failed, in {out}" in text
    truths = {
        "zero": {"eps_ee_u": 0.0, "eps_ee_d": 0.0},
        "some": {"eps_ee_u": 0.3, "eps_ee_d": -0.1},
    }
    assert tomllib.loads((out / "analysis.toml").read_text())["truths"] == truths
    record = tomllib.loads((out / "run.toml").read_text())
    assert record["request"]["truths"] == truths
    assert (record["request"]["settings"]["draws"], record["report"]["fits"]) == (300, 4)
    assert {path.name for path in out.iterdir()} == {
        *("toys.csv", "coverage.csv", "coverage.png", "coverage.pdf"),
        *("run.toml", "analysis.toml", "citations.bib", "progress.json"),
    }
    before = (out / "coverage.csv").read_bytes()
    assert run(monkeypatch, "run", str(out / "analysis.toml"), "--out", str(tmp_path / "two")) == 0
    assert (tmp_path / "two" / "coverage.csv").read_bytes() == before
    assert run(monkeypatch, "show", str(out)) == 0
    assert "the region of eps_ee_u and eps_ee_d at 90% holds it in" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--truths", "0.3"], "expected name:coupling=value"),
        (["--truths", "a:ee_d=0.3"], "coupling of truth 'a' 'ee_d'"),
        (["--truths", "a:ee_u=2"], "truth 'a': expected eps_ee_u within its bounds, -1 to 1"),
        (["--truths", "a:ee_u=inf"], "truth 'a', ee_u, must be finite"),
        (["--toys", "100"], "ask for 544 toys or more"),
        (["--interaction", "b-l"], "No such option: --interaction"),
    ],
)
def test_coverage_that_cannot_be_is_refused_in_one_line(
    words: list[str], said: str, refused: Callable[..., str]
) -> None:
    assert said in refused("coverage-couplings", "conus_plus", "--free", "ee_u", *words)


def test_too_few_are_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run(monkeypatch, "coverage", *TOY, "--toys", "100", "--out", str(out)) == 2
    error = capsys.readouterr().err
    assert "ask for 544 toys or more" in error
    assert run(monkeypatch, "calibrate", *TOY, "--fits", "3", "--out", str(out)) == 2
    assert "ask for 20 or more" in capsys.readouterr().err
    assert not out.exists()
