"""The sensitivity command: what it prints and writes, and one-line errors."""

from __future__ import annotations

import csv
import sys
import tomllib
from pathlib import Path

import pytest

from bayes_cevns.cli import main

WORDS = ["sensitivity", "pandax4t_paired", "--interaction", "scalar-universal", "--masses", "1,10"]
QUICK = ["--draws", "500", "--tune", "200"]


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Call the command line in this process; return its exit status."""
    monkeypatch.setattr(sys, "argv", ["bayes-cevns", *words])
    with pytest.raises(SystemExit) as exit_:
        main()
    return int(exit_.value.code or 0)


def test_a_projection_with_one_toy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    words = [*WORDS, *QUICK, "--toys", "1", "--exposure-scale", "10", "--out", str(out)]
    assert run(monkeypatch, *words) == 0
    printed = capsys.readouterr()
    warning = [line for line in printed.err.splitlines() if "warning" in line]
    assert len(warning) == 1
    assert "bayes-cevns: warning: 1 toys are too few" in warning[0]
    assert "1 MeV (upper): Asimov " in printed.out
    assert "2 data sets, 0 fits failed" in printed.out
    assert f"complete: 4 points, 0 failed, in {out}" in printed.out
    assert {path.name for path in out.iterdir()} == {
        *("sensitivity.csv", "sensitivity.png", "sensitivity.pdf", "toys.csv"),
        *("run.toml", "citations.bib", "analysis.toml", "progress.json"),
    }
    with (out / "sensitivity.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [float(row["mass_mev"]) for row in rows] == [1.0, 10.0]
    assert all(row["observed"] == row["median"] == "" for row in rows)
    assert all(0 < float(row["asimov"]) < 1e-4 for row in rows)
    assert all(row["toys"] == "1" for row in rows)
    assert "90% credible limits on sqrt(|g_nu g_f|); prior: uniform in g_nu g_f" in printed.out
    told = {(row["coupling"], row["unit"], row["data"], row["kind"]) for row in rows}
    assert told == {("sqrt(|g_nu g_f|)", "1", "asimov", "credible")}
    with (out / "toys.csv").open(encoding="utf-8", newline="") as stream:
        fits = list(csv.DictReader(stream))
    assert {row["data"] for row in fits} == {"asimov", "toy:0"}
    assert {row["coupling"] for row in fits} == {"sqrt(|g_nu g_f|)"}
    asked = tomllib.loads((out / "analysis.toml").read_text())
    assert (asked["exposure_scale"], asked["toys"], asked["masses_mev"]) == (10.0, 1, [1.0, 10.0])
    assert run(monkeypatch, "plot", str(out), "--out", str(tmp_path)) == 0
    assert (tmp_path / "sensitivity.png").read_bytes() == (out / "sensitivity.png").read_bytes()


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--exposure-scale", "0"], "a factor of the exposure must be positive"),
        (["--threshold", "0.5"], "the threshold of pandax4t_paired cannot be changed"),
        (["--toys", "-1"], "expected a number of toys"),
        (["--toy-nuisances", "none"], "unknown choice of toy nuisances 'none'"),
        (["--masses", "10,1"], "must increase"),
    ],
)
def test_errors_are_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    more: list[str],
    why: str,
) -> None:
    out = tmp_path / "run"
    assert run(monkeypatch, *WORDS, "--out", str(out), *more) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert why in line
    assert not out.exists()
