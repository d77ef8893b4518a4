"""The command line as a user calls it: contracts of its output, and one-line errors."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from bayes_cevns.cli import main

QUICK = ["--draws", "500", "--tune", "200"]


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Call the command line in this process; return its exit status."""
    monkeypatch.setattr(sys, "argv", ["bayes-cevns", *words])
    with pytest.raises(SystemExit) as exit_:
        main()
    return int(exit_.value.code or 0)


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of a small scan of a signed coupling."""
    out = tmp_path_factory.mktemp("scan") / "vector"
    words = [
        "scan", "xenonnt_cevns", "--interaction", "vector-universal",
        "--masses", "1,10", "--out", str(out), *QUICK,
    ]  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        assert run(patch, *words) == 0
    return out


def test_spectrum_contract(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "spectrum --target Xe --interaction vector-universal --mass 10 --coupling 1e-5"
    assert run(monkeypatch, *words.split(), "--energies", "0.1,0.5,1", "--json") == 0
    record = json.loads(capsys.readouterr().out)
    assert set(record) == {"recoil_energy_kev", "rate", "components", "unit"}
    assert record["recoil_energy_kev"] == [0.1, 0.5, 1.0]
    assert record["unit"] == "1/(t yr keV)"
    np.testing.assert_allclose(record["components"]["sm"], [1733.51, 709.433, 240.404], rtol=1e-5)
    np.testing.assert_allclose(record["rate"], np.sum(list(record["components"].values()), axis=0))


def test_spectrum_without_interaction_is_the_standard_model(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "spectrum", "--target", "Xe", "--energies", "2", "--json") == 0
    record = json.loads(capsys.readouterr().out)
    assert record["rate"] == pytest.approx([17.6460], rel=1e-5)
    assert record["components"] == {"sm": record["rate"]}


def test_the_sign_of_the_coupling_flips_the_interference(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "spectrum --target Xe --interaction vector-universal --mass 10 --coupling 1e-5 --json"
    records = []
    for more in ([], ["--negative"]):
        assert run(monkeypatch, *words.split(), "--energies", "1", *more) == 0
        records.append(json.loads(capsys.readouterr().out)["components"])
    assert records[0]["interference"][0] < 0
    assert records[1]["interference"][0] == -records[0]["interference"][0]
    assert records[1]["new_physics"] == records[0]["new_physics"]


def test_spectrum_of_a_moment_needs_no_mass(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """--coupling is the moment itself, in Bohr magnetons."""
    words = "spectrum --target Xe --interaction magnetic-moment --json"
    records = []
    for moment in ("1e-11", "2e-11"):
        energies = ["--energies", "0.990909090909"]
        assert run(monkeypatch, *words.split(), *energies, "--coupling", moment) == 0
        records.append(json.loads(capsys.readouterr().out)["components"])
    assert records[0]["new_physics"] == pytest.approx([0.01971], rel=3e-4)
    assert records[0]["interference"] == [0.0]
    assert records[1]["new_physics"][0] == pytest.approx(4 * records[0]["new_physics"][0])


def test_spectrum_of_electrons(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "spectrum --channel electron --atoms free --target Xe --energies 1,10"
    assert run(monkeypatch, *words.split()) == 0
    assert "electronic recoil energy [keV]" in capsys.readouterr().out
    totals = []
    for more in ([], ["--interaction", "scalar-leptophilic", "--mass", "1", "--coupling", "1e-5"]):
        assert run(monkeypatch, *words.split(), *more, "--json") == 0
        record = json.loads(capsys.readouterr().out)
        assert record["recoil_energy_kev"] == [1.0, 10.0]
        assert min(record["rate"]) > 0
        totals.append(record["rate"])
    assert np.all(np.array(totals[1]) > np.array(totals[0]))


def test_rates_of_a_moment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "rates xenonnt_cevns --interaction weak-mixing-angle --coupling 0.01 --json"
    counts = []
    for more in ([], ["--negative"]):
        assert run(monkeypatch, *words.split(), *more) == 0
        counts.append(json.loads(capsys.readouterr().out)["counts"]["sr1"])
    # The weak charge of xenon grows by 2 x 54 x 0.01 of 37.6: 5.8% in rate.
    assert counts[0]["interference"] / counts[0]["sm"] == pytest.approx(0.0575, abs=0.001)
    assert counts[1]["interference"] == -counts[0]["interference"]


def test_rates_of_the_theory(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def events(experiment: str, component: str, *more: str) -> float:
        assert run(monkeypatch, "rates", experiment, *more, "--json") == 0
        counts = json.loads(capsys.readouterr().out)["counts"]
        return sum(parts[component] for parts in counts.values())

    one = "xenonnt_cevns", "sm"
    corrected = events(*one, "--weak-charges", "radiative") / events(*one)
    assert corrected == pytest.approx(1.024, abs=1e-3)
    two = "xenonnt_er", "pp.sm"
    assert events(*two) / events(*two, "--atoms", "stepping") == pytest.approx(0.776, abs=2e-3)


def test_experiments_that_share_exposure_need_the_option(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("sample", "xenonnt_cevns", "xenonnt_s2only")
    assert run(monkeypatch, *words) == 2
    assert "share exposure" in capsys.readouterr().err
    # With it the next thing that is wrong is found.
    assert run(monkeypatch, *words, "--allow-overlap", "--interaction", "b-l") == 2
    assert "mass" in capsys.readouterr().err


def test_sample_of_a_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "moment"
    words = ["sample", "xenonnt_cevns", "--interaction", "magnetic-moment", "--out", str(out)]
    assert run(monkeypatch, *words, *QUICK) == 0
    text = capsys.readouterr().out
    assert "90% credible limit (upper): mu_nu < " in text
    ratios = dict(re.findall(r"  with the prior (\S+): (\d\.\d{3}) times as much", text))
    assert set(ratios) == {"flat-rate", "log"}
    assert float(ratios["log"]) < 0.8 < 1.1 < float(ratios["flat-rate"])
    record = tomllib.loads((out / "run.toml").read_text())
    assert "mass_mev" not in record["request"]
    assert "Vogel:1989iv" in (out / "citations.bib").read_text()
    assert run(monkeypatch, *words, *QUICK) == 0
    assert capsys.readouterr().out == text, "a finished run is read, not sampled again"


def test_rates_contract(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "rates", "xenonnt_cevns", "--json") == 0
    record = json.loads(capsys.readouterr().out)
    assert record["experiment"] == "xenonnt_cevns"
    counts = record["counts"]
    assert list(counts) == ["sr0", "sr1", "sr2"]
    ac = [counts[r]["ac"] for r in counts]
    np.testing.assert_allclose(ac, [7.48, 17.77, 14.86], atol=0.005)
    sm = [counts[r]["sm"] for r in counts]
    np.testing.assert_allclose(sm, [3.4, 6.2, 7.5], atol=0.04)
    er = [counts[r]["er"] for r in counts]
    np.testing.assert_allclose(er, [0.126, 0.549, 0.524], atol=0.0005)
    neutron = [counts[r]["neutron"] for r in counts]
    np.testing.assert_allclose(neutron, [0.171, 0.405, 0.175], atol=0.0006)


def test_list_names_everything(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "list", "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert {"xenonnt_cevns", "xenonnt_s2only"} <= set(listed["experiments"])
    assert {"sm", "b-l", "vector-universal", "scalar-higgs-like"} <= set(listed["interactions"])
    assert {"Xe", "CsI", "Ar"} <= set(listed["targets"])
    assert listed["sources"]["reactor"] == "reactor anti nu_e, 4.8e13 /cm2/s (Dresden-II)"
    assert set(listed["priors"]) == {"flat", "flat-rate", "log"}


def test_scan_writes_what_it_promises(scanned: Path) -> None:
    names = {path.name for path in scanned.iterdir()}
    assert names == {
        "posterior.nc", "limits.csv", "bands.csv", "run.toml", "citations.bib",
        "analysis.toml", "exclusion.png", "exclusion.pdf", "progress.json",
    }  # fmt: skip
    rows = list(csv.DictReader((scanned / "limits.csv").read_text().splitlines()))
    header = "experiment,interaction,mass_mev,coupling,unit,data,kind,prior,prior_text,level,side"
    header += ",limit,mc_error,at_bound,zero_excluded,passed"
    header += ",ratio_flat,ratio_flat_rate,ratio_log,preview,agrees"
    assert ",".join(rows[0]) == header
    assert [(r["mass_mev"], r["side"]) for r in rows] == [
        ("1", "positive"), ("1", "negative"), ("10", "positive"), ("10", "negative"),
    ]  # fmt: skip
    assert all(r["passed"] in {"true", "false"} for r in rows)
    told = {(r["coupling"], r["unit"], r["data"], r["kind"], r["prior_text"]) for r in rows}
    assert told == {("sqrt(|g_nu g_f|)", "1", "observed", "credible", "uniform in g_nu g_f")}
    bands = list(csv.DictReader((scanned / "bands.csv").read_text().splitlines()))
    ten = [b for b in bands if b["mass_mev"] == "10"]
    assert len(ten) == 2, "the universal vector has an allowed band above zero at 10 MeV"
    assert float(ten[0]["low"]) < 0 < float(ten[0]["high"]) < float(ten[1]["low"])
    assert sum(float(b["probability"]) for b in ten) == pytest.approx(0.9, abs=0.06)
    record = tomllib.loads((scanned / "run.toml").read_text())
    assert record["status"] == "complete"
    assert record["request"]["masses_mev"] == [1.0, 10.0]
    assert "xenonnt_cevns/response.nc" in record["data"]
    assert {"pymc", "nutpie", "bayes_cevns"} <= set(record["versions"])
    assert (scanned / "exclusion.png").read_bytes().startswith(b"\x89PNG")
    assert "XENON:2024ijk" in (scanned / "citations.bib").read_text()


def test_posterior_file_is_a_tree_for_arviz(scanned: Path) -> None:
    tree = xr.open_datatree(scanned / "posterior.nc", engine="h5netcdf")
    posterior, branches = (tree[name].to_dataset() for name in ("posterior", "branches/posterior"))
    sizes = {"mass": 2, "chain": 4, "draw": 500, "xenonnt_cevns.run": 3}
    assert dict(posterior.sizes) == sizes
    assert dict(branches.sizes) == {**sizes, "branch": 2}
    weight = tree["branches/quality"]["weight"]
    np.testing.assert_allclose(weight.sum("branch"), 1.0)
    shares = (posterior["branch"] == 0).mean("draw")
    np.testing.assert_allclose(shares, weight.isel(branch=0), atol=2e-3)
    assert int(tree["observed_data"]["xenonnt_cevns.counts"].sum()) == 62
    g = np.sqrt(np.abs(posterior["coupling_product"]))
    np.testing.assert_allclose(posterior["coupling"], g)


def test_the_same_scan_again_finds_its_results(
    scanned: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (scanned / "posterior.nc").stat().st_mtime_ns
    words = ["scan", "xenonnt_cevns", "--interaction", "vector-universal", "--masses", "1,10"]
    assert run(monkeypatch, *words, "--out", str(scanned), *QUICK) == 0
    assert "complete" in capsys.readouterr().out
    assert (scanned / "posterior.nc").stat().st_mtime_ns == before


ONE_KEV = ["spectrum", "--target", "Xe", "--energies", "1", "--interaction", "b-l"]
MOMENT = [*ONE_KEV[:-1], "magnetic-moment", "--coupling", "1e-11"]
CESIUM = ["spectrum", *["--target", "CsI", "--energies", "1", "--mass", "10", "--coupling", "1e-4"]]
FREE = ["--channel", "electron", "--atoms", "free"]
SAMPLE, RATES = ["sample", "xenonnt_cevns"], ["rates", "xenonnt_cevns"]
SCAN = ["scan", "xenonnt_cevns", "--interaction", "b-l", "--masses", "1", "--out", "OUT"]


def changed(**options: str) -> list[str]:
    words = list(SCAN)
    for name, value in options.items():
        if name == "experiment":
            words[1] = value
        elif f"--{name}" in words:
            words[words.index(f"--{name}") + 1] = value
        else:
            words += [f"--{name}", value]
    return words


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (changed(experiment="xenonnt"), "unknown experiment 'xenonnt'; did you mean"),
        (changed(interaction="vector"), "vector-universal"),
        (changed(masses="0"), "positive"),
        (changed(masses="-5"), "positive"),
        (changed(masses="nan"), "positive"),
        (changed(masses="10,1"), "must increase"),
        (changed(masses=""), "expected numbers"),
        (changed(masses="10:1:5"), "low < high"),
        (changed(masses="1:10:0"), "two or more"),
        (changed(masses="1:10"), "low:high:number"),
        (changed(masses="1:10:2.5"), "whole number"),
        (changed(masses="1e9"), "outside the table"),
        (changed(level="1.5"), "credible level"),
        (changed(level="0"), "credible level"),
        (changed(level="nan"), "credible level"),
        (changed(level="high"), "level"),
        (changed(prior="flatt"), "did you mean 'flat'"),
        (changed(runs="sr9"), "sr0"),
        (changed(runs=","), "no run"),
        (changed(nuisance="flux_8b"), "name=value"),
        (changed(nuisance="flux_8b=sun"), "sno"),
        (changed(source="moon"), "solar_8b"),
        (changed(draws="0"), "draws"),
        (changed(out="/proc/nowhere/results"), "cannot write"),
        (["spectrum", "--target", "Xe", "--energies", "0"], "energy must be positive and finite"),
        (["spectrum", "--target", "Xe", "--energies", "a,b"], "expected numbers"),
        (["spectrum", "--target", "Unobtainium", "--energies", "1"], "available"),
        (ONE_KEV, "--coupling"),
        (
            [
                "spectrum",
                "--target",
                "Xe",
                "--energies",
                "1",
                "--interaction",
                "b-l",
                "--coupling",
                "nan",
                "--mass",
                "1",
            ],
            "finite",
        ),
        (
            [
                "spectrum",
                "--target",
                "Xe",
                "--energies",
                "1",
                "--interaction",
                "b-l",
                "--coupling",
                "1",
                "--mass",
                "0",
            ],
            "positive",
        ),
        (["rates", "nothing"], "xenonnt_cevns"),
        (changed(interaction="magnetic-moment"), "use `sample`, without a mass"),
        (changed(interaction="scalar-leptophilic"), "it scatters on: electron"),
        ([*SAMPLE, "--interaction", "magnetic-moment", "--mass", "1"], "has no mediator"),
        ([*SAMPLE, "--mass", "1"], "--mass needs an --interaction"),
        (
            [*RATES, "--interaction", "magnetic-moment"],
            "needs --coupling: mu_nu in mu_B, the effective",
        ),
        ([*RATES, "--mass", "1"], "--mass needs an --interaction"),
        ([*RATES, "--negative"], "--negative needs an --interaction"),
        ([*MOMENT, "--mass", "10"], "has no mediator, got a mass of 10"),
        (
            [*MOMENT, "--negative"],
            "for magnetic-moment: the sign of mu_nu is not seen in scattering on nucleus",
        ),
        (
            [*ONE_KEV[:-1], "b-l", "--mass", "1", "--coupling", "1", "--negative"],
            "for b-l: the sign of g_BL^2 is fixed by the model",
        ),
        (
            [*ONE_KEV[:-1], "axial", "--mass", "1", "--coupling", "1", "--negative"],
            "for axial: the sign of g_nu g_f is not seen in scattering on nucleus",
        ),
        ([*MOMENT, "--coupling", "nan"], "finite"),
        ([*MOMENT, "--coupling", "1e200"], "got 1e+200 (at most 1e+60)"),
        ([*ONE_KEV, "--mass", "1", "--coupling", "1e50"], "must be finite, got 1e+100"),
        ([*ONE_KEV[:-1], "weak-mixing-angle", "--coupling", "5"], "between -0.23857 and 0.76143"),
        ([*RATES, "--interaction", "weak-mixing-angle", "--coupling", "5"], "got 5 (sin^2"),
        ([*ONE_KEV[:-2], "--form-factor", "point-like", *FREE], "electrons have no form factor"),
        ([*ONE_KEV[:-2], "--atoms", "free"], "no part in scattering on nuclei"),
        (
            ["spectrum", "--target", "CsI", "--energies", "1", "--channel", "migdal"],
            "Ar, Ge, Si, Xe",
        ),
        ([*CESIUM, "--interaction", "axial-paper-001"], "for xenon alone, got Cs-133"),
        ([*MOMENT, "--channel", "neutron"], "available: cevns, electron"),
        ([*MOMENT, "--channel", "electron", "--atoms", "bound"], "free, rrpa, standard, stepping"),
        (
            ["rates", "conus_plus_spectrum", "--atoms", "rrpa"],
            "a table of Xe alone, and none of Ge",
        ),
        ([*ONE_KEV[:-2], "--weak-charges", "treee"], "did you mean 'tree'"),
        (
            [*ONE_KEV[:-1], "baryonic", "--mass", "1", "--coupling", "1", *FREE],
            "it scatters on: nucleus",
        ),
        (["sample", "xenonnt_cevns", "--interaction", "b-l"], "mediator mass"),
        (["scan"], "Missing"),
        ([], "Missing command"),
        (["frobnicate"], "frobnicate"),
        (["data", "build", "nothing"], "unknown data table"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    words: list[str],
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    status = run(monkeypatch, *(str(out) if word == "OUT" else word for word in words))
    captured = capsys.readouterr()
    assert status == 2
    message = captured.err.strip().splitlines()[-1]
    assert message.startswith("bayes-cevns: ")
    assert text in message
    assert "Traceback" not in captured.err
    assert not out.exists(), "nothing may be half-written"


def test_another_runs_results_are_not_overwritten(
    scanned: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (scanned / "limits.csv").read_text()
    assert run(monkeypatch, *changed(out=str(scanned))) == 2
    assert "another run" in capsys.readouterr().err
    assert (scanned / "limits.csv").read_text() == before


def test_a_folder_with_other_files_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.tex").write_text("precious")
    assert run(monkeypatch, *changed(out=str(tmp_path))) == 2
    assert "thesis.tex" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.tex"]


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['bayes-cevns', '--help']\n"
        "from bayes_cevns.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'pymc', 'pytensor', 'xarray', 'scipy'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "scan" in done.stdout
