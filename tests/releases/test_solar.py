from __future__ import annotations

import tomllib

import numpy as np
import pytest

from bayes_cevns.errors import DataError
from bayes_cevns.releases import solar


def build(solar_raw) -> dict[str, str]:
    files = solar.build(solar_raw.parent.parent).files
    return {name: content.decode() for name, content in files.items()}


def test_spectra(solar_raw):
    files = build(solar_raw)
    for name in ("8b_bahcall1996.csv", "8b_winter2006.csv"):
        lines = [line for line in files[name].splitlines() if not line.startswith("#")]
        assert lines[0] == "energy_mev,density_per_mev"
        points = np.loadtxt(lines[1:], delimiter=",")
        np.testing.assert_array_equal(points, [[0, 0], [1, 0.1], [10, 0.1], [11, 0]])
        assert "doi:10.1103/PhysRevC" in files[name]


def test_fluxes(solar_raw):
    fluxes = tomllib.loads(build(solar_raw)["fluxes.toml"])
    assert list(fluxes) == ["B16-GS98", "B23-SF3-GS98", "SNO"]
    assert fluxes["B16-GS98"] == {
        "boron8_per_cm2_s": 5.46e6,
        "boron8_relative_uncertainty": 0.12,
    }
    sno = fluxes["SNO"]
    assert sno["boron8_per_cm2_s"] == 5.25e6
    # arXiv:1109.0763: +-0.16 (stat.) +0.11 -0.13 (syst.), in quadrature with the mean of the two.
    error = np.hypot(0.16, 0.12) / 5.25
    assert sno["boron8_relative_uncertainty"] == pytest.approx(error, rel=1e-3)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("8B_winter2006.csv", "0.1,0.1", "nan,0.1", "expected finite densities >= 0"),
        ("8B_winter2006.csv", "0.1,0.1", "-0.1,0.1", "expected finite densities >= 0"),
        ("8B_winter2006.csv", "10.0,", "0.5,", "strictly increasing"),
        ("8B_winter2006.csv", "10.0,", "9.0,", "integral 1, found 0.95"),
        ("8B_winter2006.csv", "10.0,0.1,0.1", "10.0", "rows of energy, density"),
        ("8B_bahcall1996.csv", "10.0,", "ten,", "rows of energy, density"),
        ("total_fluxes.csv", "model", "name", "'_fracerr' rows"),
        ("total_fluxes.csv", "B16_GS98_fracerr", "B16_x", "'_fracerr' rows"),
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
