"""``bayes-cevns couplings``: what it prints and writes, and how it refuses."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import pytest

from bayes_cevns.cli import main
from bayes_cevns.cli.studies import repeated
from bayes_cevns.studies.coupling_fits import INTERVAL_COLUMNS

QUICK = ["--draws", "500", "--tune", "200"]
PAIR = ["couplings", "xenonnt_cevns", "--free", "ee_u", "ee_d"]


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Call the command line in this process; return its exit status."""
    monkeypatch.setattr("sys.argv", ["bayes-cevns", *words])
    with pytest.raises(SystemExit) as exit_:
        main()
    return int(exit_.value.code or 0)


def test_two_couplings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "pair"
    words = [*PAIR, "--levels", "0.68", "0.9", "--out", str(out), *QUICK]
    assert run(monkeypatch, *words) == 0
    first = capsys.readouterr()
    assert "joint: branch weights " in first.err
    assert "eps_ee_u, 68% credible: [" in first.out
    assert {path.name for path in out.iterdir()} == {
        "intervals.csv", "posterior.nc", "run.toml", "citations.bib", "analysis.toml",
        "progress.json",
        "region_eps_ee_u_eps_ee_d.png", "region_eps_ee_u_eps_ee_d.pdf",
    }  # fmt: skip
    rows = list(csv.DictReader((out / "intervals.csv").read_text().splitlines()))
    assert ",".join(rows[0]) == ",".join(INTERVAL_COLUMNS)
    assert {row["parameter"] for row in rows} == {"eps_ee_u", "eps_ee_d"}
    assert all(row["coupling"] == row["parameter"] for row in rows)
    assert {(row["unit"], row["data"], row["kind"]) for row in rows} == {
        ("1", "observed", "credible")
    }
    assert {row["level"] for row in rows} == {"0.68", "0.9"}
    assert {row["phase_convention"] for row in rows} == {"pdg"}
    assert "phases: delta_CP in the 1-3 rotation, U = R23 R13(delta) R12" in first.out
    for row in rows:
        assert -1 <= float(row["low"]) < float(row["high"]) <= 1
        assert 0 < float(row["branch_weight"]) <= 1
    record = tomllib.loads((out / "run.toml").read_text())
    assert record["status"] == "complete"
    assert record["request"]["couplings"]["phase_convention"] == "pdg"
    assert record["request"]["couplings"]["delta_cp_deg"] == pytest.approx(212)
    weights = record["report"]["branch_weights"]["joint"]
    assert sum(weights) == pytest.approx(1.0)

    assert run(monkeypatch, *words) == 0
    second = capsys.readouterr()
    assert second.out == first.out, "a finished run is read, not sampled again"
    assert "branch weights" not in second.err
    assert run(monkeypatch, *words, "--seed", "2") == 2
    assert "another run" in capsys.readouterr().err

    assert run(monkeypatch, "run", str(out / "analysis.toml")) == 0
    assert capsys.readouterr().out == first.out, "its file asks for the same"
    assert run(monkeypatch, "plot", str(out)) == 0
    figure = out / "region_eps_ee_u_eps_ee_d"
    assert capsys.readouterr().out.split() == [f"{figure}.png", f"{figure}.pdf"]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["couplings", "xenonnt_cevns", "--free", "eu_u"], "unknown coupling 'eu_u'"),
        (["couplings", "xenonnt_cevns", "--free", "ee_u", "ee_u"], "each once"),
        (["couplings", "xenonnt_cevns", "--free", "ee_u", "eps_ee_u"], "each once"),
        ([*PAIR, "--levels", "0.9", "2"], "credible level"),
        ([*PAIR, "--levels", "high"], "--levels"),
        ([*PAIR, "--bounds", "ee_u=1"], "expected name=low:high"),
        ([*PAIR, "--bounds", "ee_u=1:-1"], "must increase"),
        ([*PAIR, "--bounds", "emu_u=-1:1"], "free coupling 'emu_u'"),
        ([*PAIR, "--pairs", "ee_u"], "expected one:other"),
        ([*PAIR, "--pairs", "ee_u:emu_u"], "unknown coupling or nuisance 'emu_u'"),
        ([*PAIR, "--one-at-a-time", "--pairs", "ee_u:ee_d"], "not free together"),
        ([*PAIR, "--detection", "flavours"], "description of detection"),
        ([*PAIR, "--solar", "BP04"], "solar model"),
        ([*PAIR, "--nuisance", "flux=sno"], "nuisance 'flux'"),
        ([*PAIR, "--chains", "1"], "expected chains, a whole number >= 2, got 1"),
        (["couplings", "coherent_csi", "--free", "tautau_u"], "eps_tautau_u: no change"),
        (["couplings", "conus_plus", "--free", "x_u"], "the mass of the mediator"),
        ([*PAIR, "--mass", "3"], "no couplings of a mediator"),
        (["couplings", "xenonnt", "--free", "ee_u"], "unknown experiment 'xenonnt'"),
        (
            ["couplings", "xenonnt_cevns", "xenonnt_s2only", "--free", "ee_u"],
            "share exposure",
        ),
        ([*PAIR, "--out", "/proc/nowhere/results"], "cannot write"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    words: list[str],
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = [] if "--out" in words else ["--out", str(tmp_path / "out")]
    assert run(monkeypatch, *words, *out) == 2
    message = capsys.readouterr().err.strip().splitlines()[-1]
    assert message.startswith("bayes-cevns: ")
    assert text in message
    assert not (tmp_path / "out" / "intervals.csv").exists()


def test_options_may_take_several_words() -> None:
    words = "couplings one two --free a b,c --out x --free=d --levels 0.9 -1 --seed 3"
    found = repeated(words.split(), ["--free", "--levels"])
    expected = (
        "couplings one two --free a --free b --free c --out x --free d --levels 0.9 -1 --seed 3"
    )
    assert " ".join(found) == expected
