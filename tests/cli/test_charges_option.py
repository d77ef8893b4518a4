"""--charges: the same option of every command with an interaction, and its one-line errors."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

import pytest

from bayes_cevns.cli import main

POINT = ["--target", "Xe", "--energies", "1", "--mass", "10", "--coupling", "1e-5", "--json"]
PROFILE = ["profile", "xenonnt_cevns", "--interaction", "vector", "--mass", "10"]


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Call the command line in this process; return its exit status."""
    monkeypatch.setattr(sys, "argv", ["bayes-cevns", *words])
    with pytest.raises(SystemExit) as exit_:
        main()
    return int(exit_.value.code or 0)


def rate(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str
) -> list[float]:
    assert run(monkeypatch, "spectrum", *POINT, "--interaction", *words) == 0
    found: list[float] = json.loads(capsys.readouterr().out)["rate"]
    return found


def test_b_minus_l_by_words_and_by_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "own.toml"
    path.write_text('name = "own"\n[charges]\nq = "1/3"\nl = -1\n')
    expected = rate(monkeypatch, capsys, "b-l")
    for given in ("q=1/3,l=-1", "p=1,n=1,e=-1,nu=-1", str(path)):
        found = rate(monkeypatch, capsys, "vector", "--charges", given)
        assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "command",
    [
        "rates", "spectrum", "sample", "scan", "profile", "sensitivity", "calibrate", "coverage",
        "compare", "prior-sensitivity",
    ],
)  # fmt: skip
def test_every_command_with_an_interaction_has_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert run(monkeypatch, command, "--help") == 0
    assert "--charges" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--interaction", "vector"], "interaction 'vector' needs charges"),
        (["--interaction", "vector", "--charges", ""], "expected name=number"),
        (["--interaction", "vector", "--charges", "u=1,u=2,nu=1"], "'u' is given twice"),
        (["--interaction", "vector", "--charges", "u=x,nu=1"], "charge u: expected a number"),
        (["--interaction", "vector", "--charges", "w=1,nu=1"], "unknown charge 'w'"),
        (["--interaction", "vector", "--charges", "u=1"], "no neutrino has one"),
        (["--interaction", "vector", "--charges", "no.toml"], "cannot read charges from no.toml"),
        (["--interaction", "b-l", "--charges", "u=1"], "the charges of 'b-l' are fixed"),
        (["--charges", "u=1"], "the Standard Model has no charges"),
    ],
)
@pytest.mark.parametrize("command", [["spectrum", *POINT], ["sample", "xenonnt_cevns"]])
def test_bad_charges_are_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
    words: list[str],
    expected: str,
) -> None:
    assert run(monkeypatch, *command, *words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert expected in printed.err


def test_charges_of_a_comparison_need_a_vector(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["compare", "xenonnt_cevns", "--interactions", "b-l", "--charges", "u=1,nu=1"]
    assert run(monkeypatch, *words, "--mass", "10") == 2
    assert "--charges needs 'vector' in --interactions, got 'b-l'" in capsys.readouterr().err


def test_the_identity_of_a_run_has_the_charges(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = ["--out", str(tmp_path / "own")]
    assert run(monkeypatch, *PROFILE, "--charges", "u=1,d=-1,nu=1", *out) == 0
    request = tomllib.loads((tmp_path / "own" / "run.toml").read_text())["request"]
    assert request["interaction"] == "vector[u=1,d=-1,nu_e=1,nu_mu=1,nu_tau=1]"
    first = (tmp_path / "own" / "limits_cl.csv").read_bytes()
    assert run(monkeypatch, *PROFILE, "--charges", "nu=1,d=-1.0,u=1", *out) == 0
    assert (tmp_path / "own" / "limits_cl.csv").read_bytes() == first
    capsys.readouterr()
    assert run(monkeypatch, *PROFILE, "--charges", "u=1,d=-2,nu=1", *out) == 2
    assert "holds the results of another run" in capsys.readouterr().err
    assert (tmp_path / "own" / "limits_cl.csv").read_bytes() == first
