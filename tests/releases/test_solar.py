from __future__ import annotations

import tomllib

import numpy as np
import pytest

from bayes_cevns.errors import DataError
from bayes_cevns.releases import solar


def build(solar_raw) -> dict[str, str]:
    files = solar.build(solar_raw.parent.parent).files
    return {name: content.decode() for name, content in files.items()}


@pytest.mark.parametrize("name", solar.SPECTRA)
def test_spectra(solar_raw, name):
    text = build(solar_raw)[name]
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert lines[0] == "energy_mev,density_per_mev"
    points = np.loadtxt(lines[1:], delimiter=",")
    np.testing.assert_array_equal(points, [[0, 0], [1, 0.1], [10, 0.1], [11, 0]])
    assert "doi:10.1103/" in text
    assert f"Solar {solar.SPECTRA[name].component} neutrino spectrum" in text


def test_fluxes(solar_raw):
    fluxes = tomllib.loads(build(solar_raw)["fluxes.toml"])
    assert list(fluxes) == ["b16-gs98", "b23-sf3-gs98", "sno"]
    assert list(fluxes["b16-gs98"]) == ["pp", "pep", "hep", "7be", "8b", "13n", "15o", "17f"]
    assert fluxes["b16-gs98"]["8b"] == {"per_cm2_s": 5.46e6, "relative_uncertainty": 0.12}
    assert fluxes["b16-gs98"]["17f"] == {"per_cm2_s": 5.29e6, "relative_uncertainty": 0.20}
    assert fluxes["b23-sf3-gs98"]["pp"] == {"per_cm2_s": 5.96e10, "relative_uncertainty": 5.785e-3}
    assert list(fluxes["sno"]) == ["8b"]
    assert fluxes["sno"]["8b"]["per_cm2_s"] == 5.25e6
    # arXiv:1109.0763: +-0.16 (stat.) +0.11 -0.13 (syst.), in quadrature with the mean of the two.
    error = np.hypot(0.16, 0.12) / 5.25
    assert fluxes["sno"]["8b"]["relative_uncertainty"] == pytest.approx(error, rel=1e-3)


def test_lines(solar_raw):
    lines = build(solar_raw)["lines.csv"].splitlines()
    assert lines[1:] == [
        "line,component,energy_mev,fraction",
        "pep,pep,1.442,1.0",
        "7be_ground,7be,0.8618,0.897",
        "7be_excited,7be,0.3843,0.103",
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("8B_winter2006.csv", "0.1,0.1", "nan,0.1", "expected finite densities >= 0"),
        ("8B_winter2006.csv", "0.1,0.1", "-0.1,0.1", "expected finite densities >= 0"),
        ("8B_winter2006.csv", "10.0,", "0.5,", "strictly increasing"),
        ("8B_winter2006.csv", "10.0,", "9.0,", "integral 1, found 0.95"),
        ("8B_winter2006.csv", "10.0,0.1,0.1", "10.0", "rows of energy, density"),
        ("8B_bahcall1996.csv", "10.0,", "ten,", "rows of energy, density"),
        ("8B_ortiz2000.csv", "10.0,", "9.0,", "integral 1, found 0.95"),
        ("pp.csv", "10.0,", "9.0,", "integral 1, found 0.95"),
        ("lines.csv", "fraction", "share", "columns line, E_MeV, fraction"),
        ("lines.csv", "7Be_ex", "7Be_3", "columns line, E_MeV, fraction"),
        ("lines.csv", "0.897", "0.9", "fractions that sum to 1, found 1.003"),
        ("lines.csv", "0.8618", "861.8", "energies in MeV"),
        ("total_fluxes.csv", "model", "name", "'_fracerr' rows"),
        ("total_fluxes.csv", "B16_GS98_fracerr", "B16_x", "'_fracerr' rows"),
        ("total_fluxes.csv", "17F", "18F", "'_fracerr' rows"),
        ("total_fluxes.csv", "5.46e6", "many", "'_fracerr' rows"),
        ("total_fluxes.csv", "5.46e6", "-5.46e6", "positive fluxes"),
        ("total_fluxes.csv", "B16_GS98", "B16_other", "among them B16_GS98"),
    ],
)
def test_damaged_input_is_named(solar_raw, file, old, new, message):
    text = (solar_raw / file).read_text()
    assert old in text
    (solar_raw / file).write_text(text.replace(old, new))
    with pytest.raises(DataError, match=message) as caught:
        build(solar_raw)
    assert file in str(caught.value)
    assert "data/solar/REFERENCE" in str(caught.value)


def test_missing_file(solar_raw):
    (solar_raw / "total_fluxes.csv").unlink()
    with pytest.raises(DataError, match=r"total_fluxes\.csv: expected a file, found none"):
        build(solar_raw)
