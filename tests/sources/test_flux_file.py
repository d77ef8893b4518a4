"""A flux of one's own from a CSV file: units, flavours, and what is said of mistakes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import bayes_cevns as bc
from bayes_cevns.errors import ArgumentError, BayesCevnsError, CardError, UnitWarning
from bayes_cevns.physics.constants import SECONDS_PER_YEAR
from bayes_cevns.sources import Line, Spectrum, reactor
from bayes_cevns.sources.flux_file import read_flux, with_name

TEXT = """\
# A flux, as an example
# energy_unit = MeV
# flux_unit = 1/(cm2 s MeV)
# cite = Huber:2011wv, Mueller:2011nm

energy,anti_nu_e,nu_mu
1.0,2e10,0
2.0,4e10,1e9
4.0,0,0
"""


def written(folder: Path, text: str = TEXT, name: str = "mine.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_a_source(tmp_path):
    found = bc.source(written(tmp_path))
    assert (found.name, found.flavours) == ("mine", ("nu_mu", "anti_nu_e"))
    assert found.cite == ("Huber:2011wv", "Mueller:2011nm")
    (flux,) = found.fluxes["anti_nu_e"]
    assert isinstance(flux, Spectrum)
    np.testing.assert_array_equal(flux.energy_mev, [1.0, 2.0, 4.0])
    np.testing.assert_array_equal(flux.flux_per_cm2_s_mev, [2e10, 4e10, 0.0])
    assert found.by_flavour() == {"nu_mu": 1.5e9, "anti_nu_e": 7e10}
    assert found.file is not None
    assert found.file.path == (tmp_path / "mine.csv").resolve()
    assert found.scaled(2.0).file is None


def test_the_name_may_be_said(tmp_path):
    path = written(tmp_path, "# name = my-reactor\n" + TEXT)
    assert bc.source(str(path)).name == "my-reactor"
    assert with_name(path.read_text(), "other") == path.read_text()
    copy = written(tmp_path, with_name(TEXT, "mine"), "copy.csv")
    assert bc.source(copy).name == "mine"
    assert bc.source(copy).digest() == bc.source(written(tmp_path)).digest()


@pytest.mark.parametrize(
    ("energy_unit", "flux_unit", "energy", "flux"),
    [
        ("MeV", "1/(cm2 s MeV)", 1.0, 1.0),
        ("MeV", "1/(cm^2 s MeV)", 1.0, 1.0),
        ("MeV", "/cm2/s/MeV", 1.0, 1.0),
        ("MeV", "1/cm^2/s/MeV", 1.0, 1.0),
        ("MeV", "cm-2 s-1 MeV-1", 1.0, 1.0),
        ("MeV", "MeV^-1 cm^-2 s^-1", 1.0, 1.0),
        ("MeV", "cm^{-2} s^{-1} MeV^{-1}", 1.0, 1.0),
        ("keV", "1/(cm2 s keV)", 1e-3, 1e3),
        ("GeV", "1/(m2 s GeV)", 1e3, 1e-7),
        ("eV", "1/(cm2 d MeV)", 1e-6, 1 / 86400),
        ("MeV", "1/(m2 yr eV)", 1.0, 1e6 * 1e-4 / SECONDS_PER_YEAR),
        ("GeV", "1/(cm2 s MeV)", 1e3, 1.0),
    ],
)
def test_units(tmp_path, energy_unit, flux_unit, energy, flux):
    text = TEXT.replace("= MeV", f"= {energy_unit}").replace("1/(cm2 s MeV)", flux_unit)
    (found,) = bc.source(written(tmp_path, text)).fluxes["anti_nu_e"]
    np.testing.assert_allclose(found.energy_mev, np.array([1.0, 2.0, 4.0]) * energy)
    np.testing.assert_allclose(found.flux_per_cm2_s_mev, np.array([2e10, 4e10, 0]) * flux)


def test_a_unit_without_energy_makes_lines(tmp_path):
    text = TEXT.replace("1/(cm2 s MeV)", "1/(m2 d)").replace("= MeV", "= keV")
    found = bc.source(written(tmp_path, text))
    line = found.fluxes["anti_nu_e"][1]
    assert isinstance(line, Line)
    assert line.energy_mev == pytest.approx(2e-3)
    assert line.total_per_cm2_s == pytest.approx(4e10 / 1e4 / 86400)
    assert len(found.fluxes["nu_mu"]) == 3


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("# energy_unit = MeV\n", "", r"line 1, energy_unit: not said: expected a comment '# ener"),
        ("# flux_unit = 1/(cm2 s MeV)\n", "", r"line 1, flux_unit: not said"),
        ("= MeV", "= TeV", r"line 2, energy_unit: expected eV, keV, MeV, GeV, got 'TeV'"),
        ("(cm2 s MeV)", "(cm2 s)/MeV2", r"line 3, flux_unit: expected an area \(cm2, m2\), a time"),
        ("(cm2 s MeV)", "(s MeV)", r"line 3, flux_unit: expected an area"),
        ("(cm2 s MeV)", "(cm2 s s MeV)", r"line 3, flux_unit: expected an area"),
        ("(cm2 s MeV)", "(cm2 s mev)", r"line 3, flux_unit: expected an area.* got '1/\(cm2 s mev"),
        ("energy_unit", "energy_units", r"key in .*line 2: 'energy_units'; did you mean 'energy_u"),
        ("# cite =", "# flux_unit =", r"line 4, flux_unit: is given twice, first on line 3"),
        ("nu_mu", "nu_x", r"flavour \(column of .*mine.csv, line 6\) 'nu_x'.*available: anti_nu_e"),
        ("nu_mu", "anti_nu_e", r"line 6, anti_nu_e: there are two columns of this name"),
        ("energy,", "E,", r"line 6, E: the first column must be 'energy'"),
        (",anti_nu_e,nu_mu", "", r"line 6, energy: no flavour"),
        ("4e10,1e9", "4e10", r"line 8, energy: expected 3 cells, got 2"),
        ("4e10,1e9", "many,1e9", r"line 8, anti_nu_e: expected a number, got 'many'"),
        ("4e10,1e9", "4e10,-1", r"line 8, nu_mu: expected a finite number >= 0, got -1"),
        ("4e10,1e9", "nan,1e9", r"line 8, anti_nu_e: expected a finite number >= 0, got nan"),
        ("2.0,", "1.0,", r"line 8, energy: energies must increase"),
        ("1.0,2e10,0\n2.0,4e10,1e9\n", "", r"line 7, energy: one row is no spectrum"),
        ("1.0,2e10,0\n2.0,4e10,1e9\n4.0,0,0\n", "", r"line 6, energy: expected rows of numbers"),
        ("2e10,0\n2.0,4e10,1e9", "0,0\n2.0,0,0", r"line 6, anti_nu_e: every flux is zero"),
        (TEXT, TEXT.partition("energy,")[0], r"line 1, energy: no table"),
        ("# A flux", "# name = my reactor\n# A flux", r"line 1, name: expected letters"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, old, new, message):
    assert old in TEXT
    path = written(tmp_path, TEXT.replace(old, new))
    with pytest.raises(BayesCevnsError, match=message) as caught:
        bc.source(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_line_needs_an_energy(tmp_path):
    text = TEXT.replace("1/(cm2 s MeV)", "1/(cm2 s)").replace("1.0,2e10", "0.0,2e10")
    with pytest.raises(ArgumentError, match="line 7, energy: the energy of a line must be > 0"):
        bc.source(written(tmp_path, text))


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(ArgumentError, match=r"cannot read the flux .*none.csv: No such file"):
        bc.source(tmp_path / "none.csv")
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(ArgumentError, match="expected a CSV file in UTF-8"):
        bc.source(tmp_path / "bytes.csv")


@pytest.mark.parametrize("name", ["reactor", "solar_8b", "solar_of_mine"])
def test_names_of_the_package_are_not_taken(tmp_path, name):
    """Parts of a source that are called solar would be propagated through the Sun."""
    path = written(tmp_path, name=f"{name}.csv")
    with pytest.raises(ArgumentError, match=f"{name!r} is a name of this package"):
        bc.source(path)
    assert read_flux(path).name == name


def test_rates_are_those_of_the_same_source_in_python(tmp_path):
    source = reactor(thermal_power_gw=4.0, baseline_m=50.0)
    (flux,) = source.fluxes["anti_nu_e"]
    rows = zip(flux.energy_mev.tolist(), flux.flux_per_cm2_s_mev.tolist(), strict=True)
    head = "# energy_unit = MeV\n# flux_unit = 1/(cm2 s MeV)\nenergy,anti_nu_e\n"
    path = written(tmp_path, head + "".join(f"{e!r},{f!r}\n" for e, f in rows))
    energies = [0.02, 0.3, 2.0]
    mine = bc.rate(source=path, target="CaWO4").total(energies)
    np.testing.assert_array_equal(mine, bc.rate(source=source, target="CaWO4").total(energies))


def test_energies_in_another_unit_are_warned_of(tmp_path):
    """A file in GeV that says MeV: the rate vanishes."""
    path = written(
        tmp_path,
        TEXT.replace("1.0,2", "0.001,2").replace("2.0,4", "0.002,4").replace("4.0,", "0.004,"),
    )
    with pytest.warns(UnitWarning, match=r"no neutrino of 'mine', whose highest energy is 0.004"):
        bc.rate(source=path, target="Ge").total([0.1, 1.0])


CARD = """\
title = "one"
target = "CaWO4"
table = "xlzd/response.nc"
runs = ["all"]
cite = ["Freedman:1973yd"]
likelihood = "none"
[signal.cevns]
channel = "cevns"
source = "{source}"
template = "response"
scaled_by = "flux"
[nuisance.flux]
title = "flux"
prior = {{ normal = [1.0, 0.1], lower = 0.0 }}
origin = "invented"
"""


def test_a_card_names_a_flux_beside_it(tmp_path, monkeypatch):
    folder = tmp_path / "cards"
    folder.mkdir()
    written(folder)
    (folder / "one.toml").write_text(CARD.format(source="mine.csv"))
    monkeypatch.chdir(tmp_path)
    found = bc.experiment("cards/one.toml")
    assert found.signals[0].source.name == "mine"
    assert found.target.name == "CaWO4"
    for source, message in {
        "other.csv": r"one.toml: line 9, signal.cevns.source: cannot read the flux .*other.csv",
        "reactors": r"line 9, signal.cevns.source: unknown source 'reactors'",
    }.items():
        (folder / "one.toml").write_text(CARD.format(source=source))
        with pytest.raises(CardError, match=message):
            bc.experiment("cards/one.toml")
    text = CARD.format(source="mine.csv").replace("CaWO4", "CaWO4)")
    (folder / "one.toml").write_text(text)
    with pytest.raises(CardError, match=r"line 2, target: formula 'CaWO4\)', character 6"):
        bc.experiment("cards/one.toml")
