"""Help, completion, lists as tables, units, and what the commands that look print."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys

import numpy as np
import pytest

import bayes_cevns as bc
from bayes_cevns.cards.listing import RECOMMENDED
from bayes_cevns.cli import main
from bayes_cevns.cli.app import application
from bayes_cevns.cli.columns import aligned
from bayes_cevns.cli.lists import _short, experiment_rows
from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.studies import costs, words
from bayes_cevns.studies.analysis_file import study_of
from bayes_cevns.studies.catalogue import STUDIES
from bayes_cevns.studies.units import in_unit


def run(monkeypatch: pytest.MonkeyPatch, *typed: str) -> int:
    monkeypatch.setattr(sys, "argv", ["bayes-cevns", *typed])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def out_of(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *typed: str) -> str:
    assert run(monkeypatch, *typed) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("short", ["-h", "--help"])
def test_help_in_one_letter(short, monkeypatch, capsys):
    assert "Usage: bayes-cevns [OPTIONS] COMMAND" in out_of(monkeypatch, capsys, short)
    assert "--masses" in out_of(monkeypatch, capsys, "scan", short)


def test_no_help_has_a_type_of_python(monkeypatch, capsys):
    shown = set(application([]).registered_commands)
    assert len(shown) >= len(STUDIES) + 9
    for name in [*(str(command.name) for command in shown), "data build", "data verify"]:
        text = out_of(monkeypatch, capsys, *name.split(), "--help")
        assert "list[" not in text, name
    text = out_of(monkeypatch, capsys, "couplings", "--help")
    assert "--bounds NAME=LOW:HIGH..." in text
    assert "experiments...  One experiment" in text


def test_the_package_is_a_program():
    done = subprocess.run(
        [sys.executable, "-m", "bayes_cevns", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == bc.__version__


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("bayes-cevns sens", {"sensitivity"}),
        ("bayes-cevns scan conus", {"conus_plus", "conus_plus_spectrum"}),
        ("bayes-cevns scan conus_plus --interaction scalar-h", {"scalar-higgs-like"}),
        ("bayes-cevns scan conus_plus --prior flat", {"flat", "flat-rate"}),
        ("bayes-cevns rates xlzd", {"xlzd", "xlzd_er"}),
        ("bayes-cevns scan conus_plus --mass", {"--masses", "--mass"}),
    ],
)
def test_a_shell_completes_words(typed, expected):
    place = {"COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1)}
    done = subprocess.run(
        [sys.executable, "-m", "bayes_cevns"],
        capture_output=True,
        text=True,
        env={**os.environ, **place, "_BAYES_CEVNS_COMPLETE": "complete_bash"},
        check=False,
    )
    assert set(done.stdout.split()) == expected, done.stderr


def test_experiments_are_a_table(monkeypatch, capsys):
    lines = out_of(monkeypatch, capsys, "list", "experiments").splitlines()
    assert lines[0] == "experiments"
    head, rows = lines[1], {line.split()[0]: line for line in lines[2:]}
    assert set(rows) == set(bc.experiment_names())
    place = head.index("recommended")
    starred = {name for name, line in rows.items() if line[place : place + 3] == "yes"}
    assert starred == {name for names in RECOMMENDED.values() for name in names}
    by_name = {row[0]: row for row in experiment_rows()}
    assert by_name["xenonnt_cevns"][1:8] == ("Xe", "cevns", "solar_8b", "6.77", "62", "yes", "yes")
    assert by_name["connie"][5:8] == ("-", "no", "")
    assert by_name["dresden_ii"][-1].endswith("(disputed)")


def test_recommended_experiments_can_be_fitted_together():
    names = [name for each in RECOMMENDED.values() for name in each]
    table = bc.experiments().loc[names]
    assert table["has_data"].all()
    assert not (table["disputed"] | table["second_hand"]).any()
    bc.ModelSpec.of([bc.experiment(name) for name in names])  # no overlap, no conflict
    assert set(bc.experiments().query("recommended").index) == set(names)


def test_sources_in_short():
    assert _short(["solar_8b"]) == "solar_8b"
    assert _short(["solar_pp", "solar_7be"]) == "solar"
    assert _short(["sns_csi_2021_prompt", "sns_csi_2021_delayed"]) == "sns_csi_2021"
    assert _short(["reactor", "solar_8b"]) == "reactor, solar_8b"


def test_columns_are_aligned():
    text = aligned([("a", "1", "x"), ("long", "100", "")], right=[1], indent=2)
    assert text.splitlines() == ["  a       1  x", "  long  100"]


def test_other_lists_are_aligned(monkeypatch, capsys):
    lines = out_of(monkeypatch, capsys, "list", "priors").splitlines()
    assert lines[0] == "priors"
    assert len({line.index("uniform") for line in lines[1:]}) == 1


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("XENONNT_ER", "'xenonnt_er'"),
        ("conus", "'conus_plus' or 'conus_plus_spectrum'"),
        ("Dresden", "'dresden_ii' or 'dresden_ii_ybe'"),
        ("xenont_cevns", "'xenonnt_cevns'"),
    ],
)
def test_a_wrong_name_suggests_what_was_meant(name, meant):
    with pytest.raises(UnknownNameError, match=f"did you mean {meant}"):
        bc.experiment(name)


def test_a_name_like_no_other_suggests_nothing():
    error = UnknownNameError("experiment", "qqq", ["a", "b"])
    assert "did you mean" not in str(error)
    assert "did you mean" not in str(UnknownNameError("experiment", "", ["a", "b"]))


@pytest.mark.parametrize(
    ("word", "unit", "value"),
    [
        ("10", "MeV", 10.0),
        ("10MeV", "MeV", 10.0),
        ("1 GeV", "MeV", 1000.0),
        ("100keV", "MeV", 0.1),
        ("30keV", "MeV", 0.03),
        ("1.5e-1TeV", "MeV", 1.5e5),
        ("1eV", "MeV", 1e-6),
        ("2meV", "MeV", 2e-9),
        ("1eV", "keV", 1e-3),
    ],
)
def test_units(word, unit, value):
    assert in_unit(word, unit) == value  # to the last digit: a run is identified by it


@pytest.mark.parametrize("word", ["10mev", "10 Mev", "MeV", "1e5J", "", "ten MeV", "10MeVeV"])
def test_wrong_units(word):
    with pytest.raises(ArgumentError, match=r"--mass: expected .* in MeV or with one of meV, eV"):
        words.mass(word)


def test_masses_and_energies_with_units():
    assert words.masses("100keV:1GeV:5") == [0.1, 1.0, 10.0, 100.0, 1000.0]
    assert words.masses("100keV,1GeV") == [0.1, 1000.0]
    assert words.energies("10eV:1keV:3") == [0.01, 0.1, 1.0]
    assert words.energies("0.1,500eV") == [0.1, 0.5]
    asked = {"study": "sample", "experiments": ["conus_plus"], "interaction": "b-l"}
    one, other = (study_of({**asked, "mass_mev": mass}) for mass in ("10MeV", 10.0))
    assert one.request() == other.request()
    for text in ("1:2", "1keV:2keV:x", "2:1:5", "0:1:5", "a:b:3"):
        with pytest.raises(ArgumentError):
            words.energies(text)
    with pytest.raises(ArgumentError, match="expected one mass"):
        words.mass("1,2")


def test_a_spectrum_as_csv(monkeypatch, capsys):
    point = ["spectrum", "--target", "Xe", "--interaction", "b-l", "--mass", "10MeV"]
    point += ["--coupling", "1e-5", "--energies", "100eV:1keV:3"]
    rows = list(csv.DictReader(out_of(monkeypatch, capsys, *point, "--csv").splitlines()))
    record = json.loads(out_of(monkeypatch, capsys, *point, "--json"))
    assert list(rows[0]) == [
        *("nuclear_recoil_energy_kev", "rate", "sm", "interference", "new_physics")
    ]
    np.testing.assert_allclose([float(row["rate"]) for row in rows], record["rate"], rtol=1e-8)
    assert [float(row["nuclear_recoil_energy_kev"]) for row in rows][::2] == [0.1, 1.0]
    assert run(monkeypatch, *point, "--csv", "--json") == 2
    assert "contradict each other" in capsys.readouterr().err


def test_rates_in_words(monkeypatch, capsys):
    lines = out_of(monkeypatch, capsys, "rates", "xenonnt_cevns").splitlines()
    assert lines[0] == "xenonnt_cevns: XENONnT solar 8B CEvNS search, SR0 + SR1 + SR2"
    rows = {line.split()[0]: line for line in lines[3:]}
    assert lines[2].split()[-5:] == ["sr0", "sr1", "sr2", "all", "runs"]
    assert "accidental coincidences" in rows["ac"]
    assert rows["data"].split()[-4:] == ["9", "28", "25", "62"]
    total = [float(v) for v in rows["total"].split()[-4:]]
    parts = [[float(v) for v in rows[n].split()[-4:]] for n in ("sm", "ac", "er", "neutron")]
    np.testing.assert_allclose(total, np.sum(parts, axis=0), rtol=1e-3)
    record = json.loads(out_of(monkeypatch, capsys, "rates", "xenonnt_cevns", "--json"))
    assert record["observed"] == {"sr0": 9.0, "sr1": 28.0, "sr2": 25.0}
    assert record["unit"] == "counts"
    assert json.loads(out_of(monkeypatch, capsys, "rates", "connie", "--json"))["observed"] is None
    assert "no observed counts are public" in out_of(monkeypatch, capsys, "rates", "connie")


def test_long_studies_say_so_before_they_start(monkeypatch):
    asked = {"study": "scan", "experiments": ["conus_plus"], "interaction": "b-l"}
    study = study_of({**asked, "masses_mev": "0.1:1000:61"})
    monkeypatch.setattr(costs, "measurements", list)
    assert costs.warning_of_time(study) == ""
    slow = costs._cost(study, 10.0, 300.0)
    monkeypatch.setattr(costs, "measurements", lambda: [slow])
    text = costs.warning_of_time(study)
    assert text.startswith("this takes about 5 h 5 min: 61 points")
    assert "measured here" in text


def test_the_note_on_time_is_on_stderr(monkeypatch, capsys):
    monkeypatch.setattr(costs, "warning_of_time", lambda _: "this takes about 9 h")
    quick = ["--draws", "50", "--tune", "50", "--chains", "2"]
    asked = ["sample", "conus_plus", "--interaction", "b-l", "--mass", "10MeV", *quick]
    run(monkeypatch, *asked)
    assert "this takes about 9 h" in capsys.readouterr().err
    run(monkeypatch, *asked, "--quiet")
    assert "this takes about 9 h" not in capsys.readouterr().err
