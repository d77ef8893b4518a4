"""``bayes-cevns compare`` and ``prior-sensitivity``: what they print, write and refuse."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from bayes_cevns.cli import main

SMALL = "xenonnt_2024_s2"


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Call the command line in this process; return its exit status."""
    monkeypatch.setattr("sys.argv", ["bayes-cevns", *words])
    with pytest.raises(SystemExit) as exit_:
        main()
    return int(exit_.value.code or 0)


def test_prior_sensitivity(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "sensitivity"
    words = ["prior-sensitivity", SMALL, "--interaction", "scalar-universal", "--mass", "10"]
    assert run(monkeypatch, *words, "--out", str(out)) == 0
    text = capsys.readouterr().out
    assert (
        "log (uniform in log sqrt(|g_nu g_f|)): 90% credible limit (upper): sqrt(|g_nu g_f|) < "
        in text
    )
    assert "power scaling: prior of the coupling " in text
    names = {path.name for path in out.iterdir()}
    assert names == {
        "prior_sensitivity.csv", "run.toml", "fit", "prior_posterior.png", "prior_posterior.pdf",
        "analysis.toml", "citations.bib", "points", "progress.json",
    }  # fmt: skip
    rows = list(csv.DictReader((out / "prior_sensitivity.csv").read_text().splitlines()))
    assert [row["prior"] for row in rows] == ["flat", "flat-rate", "log"]
    ratios = [float(row["ratio"]) for row in rows]
    assert ratios[0] == 1.0
    assert [row["prior_text"] for row in rows] == [
        "uniform in g_nu g_f",
        "uniform in the expected signal counts",
        "uniform in log sqrt(|g_nu g_f|)",
    ]
    assert ratios[2] < 1.0 < ratios[1]
    # A folder that `sample` has written can be compared.
    again = tmp_path / "compared"
    assert run(monkeypatch, "compare", str(out / "fit"), "--out", str(again)) == 0
    (row,) = csv.DictReader((again / "compare.csv").read_text().splitlines())
    assert (row["model"], row["passed"], row["log_bayes_factor"]) == (
        "scalar-universal",
        "true",
        "0",
    )
    assert (again / "predictive.png").is_file()
    assert not (again / "compare.png").exists()
    assert run(monkeypatch, *words, "--level", "0.8", "--out", str(out)) == 2
    assert "another run" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["compare", SMALL, "--interactions", "scalar-universal"], "needs a mediator mass"),
        (["compare", SMALL, "--interactions", "b-", "--mass", "1"], "unknown interaction 'b-'"),
        (["compare", SMALL, "--interactions", "b-l,b-l", "--mass", "1"], "named twice"),
        (
            ["compare", SMALL, "--interactions", "b-l", "--mass", "1", "--max-coupling", "inf"],
            "improper",
        ),
        (["compare", "{tmp}", SMALL], "either folders of runs"),
        (["compare", "{tmp}", "--prior", "log", "--nuisance", "a=b"], "with --nuisance, --prior"),
        (["compare", "{tmp}", "--seed", "1"], "with --seed"),
        (["compare", "{tmp}", "--draws", "1000", "--runs", "sr0"], "with --runs, --draws"),
        (["compare", SMALL, "--mass", "10"], "none of the models has a mediator"),
        (["compare", "{tmp}"], "no readable run.toml"),
        (["compare", "xlzd"], "no observed counts to fit"),
        (["prior-sensitivity", SMALL, "--interaction", "sm"], "no coupling"),
        (["prior-sensitivity", SMALL, "--interaction", "b-l"], "needs a mediator mass"),
        (
            ["prior-sensitivity", SMALL, "--interaction", "b-l", "--mass", "1", "--level", "90"],
            "credible level",
        ),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    words: list[str],
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = [word.replace("{tmp}", str(tmp_path)) for word in words]
    assert run(monkeypatch, *words) == 2
    message = capsys.readouterr().err.strip().splitlines()[-1]
    assert message.startswith("bayes-cevns: ")
    assert text in message
