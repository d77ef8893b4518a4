"""``bayes-cevns profile``: what it prints and writes, and how it refuses."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import pytest

from bayes_cevns.cli import main

SCALAR = ["profile", "xenonnt_cevns", "--interaction", "scalar-universal"]


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Call the command line in this process; return its exit status."""
    monkeypatch.setattr("sys.argv", ["bayes-cevns", *words])
    with pytest.raises(SystemExit) as exit_:
        main()
    return int(exit_.value.code or 0)


def test_limits_of_a_scan_are_labelled_cl(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "vector"
    words = ["profile", "xenonnt_cevns", "--interaction", "vector-universal"]
    assert run(monkeypatch, *words, "--masses", "1,10", "--out", str(out)) == 0
    text = capsys.readouterr().out
    assert "10 MeV: best fit sign(g_nu g_f) sqrt(|g_nu g_f|) = " in text
    assert "90% CL limit (positive): sqrt(|g_nu g_f|) < " in text
    names = {path.name for path in out.iterdir()}
    assert names == {
        "limits_cl.csv", "intervals_cl.csv", "run.toml", "analysis.toml", "citations.bib", "points",
        "exclusion_cl.png", "exclusion_cl.pdf", "progress.json",
    }  # fmt: skip
    rows = list(csv.DictReader((out / "limits_cl.csv").read_text().splitlines()))
    header = "experiment,interaction,mass_mev,coupling,unit,data,kind,level,side,limit,best_fit"
    header += ",critical_value,zero_excluded,at_bound,passed"
    assert ",".join(rows[0]) == header
    assert [(r["mass_mev"], r["side"]) for r in rows] == [
        ("1", "positive"), ("1", "negative"), ("10", "positive"), ("10", "negative"),
    ]  # fmt: skip
    assert {(r["kind"], r["level"], r["passed"]) for r in rows} == {("CL", "0.9", "true")}
    pieces = list(csv.DictReader((out / "intervals_cl.csv").read_text().splitlines()))
    ten = [p for p in pieces if p["mass_mev"] == "10"]
    assert len(ten) == 2
    assert float(ten[0]["low"]) < 0 < float(ten[0]["high"]) < float(ten[1]["low"])
    record = tomllib.loads((out / "run.toml").read_text())
    assert record["status"] == "complete"
    assert record["request"]["study"] == "profile"
    assert record["request"]["coupling"]["symbol"] == rows[0]["coupling"] == "sqrt(|g_nu g_f|)"
    assert {row["data"] for row in [*rows, *pieces]} == {"observed"}
    assert "iminuit" in record["versions"]
    before = (out / "limits_cl.csv").read_text()
    assert run(monkeypatch, *words, "--mass", "1", "--out", str(out)) == 2
    assert "another run" in capsys.readouterr().err
    assert (out / "limits_cl.csv").read_text() == before


def test_a_flux_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["profile", "xenonnt_2024", "--parameter", "flux_8b", "--free", "--level", "0.6827"]
    assert run(monkeypatch, *words) == 0
    text = capsys.readouterr().out
    assert "best fit flux_8b = 0.855" in text
    assert "68.27% CL region (-2 ln L within 1): [0.4621, 1.41" in text
    assert "limit" not in text


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (SCALAR, "needs a mediator mass"),
        ([*SCALAR, "--mass", "0"], "positive"),
        ([*SCALAR, "--mass", "1e9"], "outside the table"),
        ([*SCALAR, "--mass", "1", "--level", "1.5"], "a confidence level"),
        ([*SCALAR, "--mass", "1", "--calibrate", "bootstrap"], "wilks or toys"),
        ([*SCALAR, "--mass", "1", "--calibrate", "toys", "--toys", "9"], "50 toys or more"),
        ([*SCALAR, "--mass", "1", "--free"], "--free needs a --parameter"),
        (["profile", "xenonnt_cevns"], "no coupling"),
        (["profile", "xenonnt_cevns", "--interaction", "magnetic-moment", "--mass", "1"], "mass"),
        (["profile", "xenonnt"], "unknown experiment 'xenonnt'"),
        (["profile", "xenonnt_cevns", "xenonnt_s2only", "--parameter", "flux_8b"], "share"),
        ([*SCALAR, "--mass", "1", "--out", "/proc/nowhere/results"], "cannot write"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    words: list[str],
    text: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(monkeypatch, *words) == 2
    message = capsys.readouterr().err.strip().splitlines()[-1]
    assert message.startswith("bayes-cevns: ")
    assert text in message


def test_free_mixing_is_an_option_of_a_command_and_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Theta_12 may be profiled, and the file that lies beside the result gives the same digits."""
    out, again = tmp_path / "free", tmp_path / "again"
    words = ["profile", "xenonnt_er", "--interaction", "magnetic-moment"]
    prior = ["--nuisance", "sin2_theta12=juno"]
    assert run(monkeypatch, *words, "--mixing", "free", *prior, "--out", str(out)) == 0
    analysis = (out / "analysis.toml").read_text()
    assert 'mixing = "free"' in analysis
    assert run(monkeypatch, "run", str(out / "analysis.toml"), "--out", str(again)) == 0
    assert (again / "limits_cl.csv").read_text() == (out / "limits_cl.csv").read_text()
    assert (again / "analysis.toml").read_text() == analysis
    assert run(monkeypatch, *words, "--out", str(out)) == 2
    assert "another run" in capsys.readouterr().err
    assert run(monkeypatch, *words, *prior) == 2  # fixed: it is no nuisance
    assert "sin2_theta12" in capsys.readouterr().err
    assert run(monkeypatch, *words, "--mixing", "loose") == 2
    assert "unknown mixing 'loose'" in capsys.readouterr().err
