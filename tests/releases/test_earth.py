from __future__ import annotations

import io

import numpy as np
import pytest
import xarray as xr

from bayes_cevns.errors import DataError
from bayes_cevns.releases import earth
from bayes_cevns.storage.resources import data_file


@pytest.fixture(autouse=True)
def years(monkeypatch) -> list[tuple[float, int]]:
    """No tables of years, which take seconds; latitudes, and radii of their Earth."""
    asked = []

    def no_year(latitude_deg, earth, precision):
        asked.append((latitude_deg, earth.radius_km.size))
        return np.full((8, 21, 10, 3), latitude_deg, dtype=precision)

    monkeypatch.setattr(earth, "computed_year", no_year)
    return asked


def build(earth_raw) -> dict[str, bytes]:
    return dict(earth.build(earth_raw.parent.parent).files)


def test_years_are_those_of_the_profile(earth_raw, years):
    with xr.open_dataset(io.BytesIO(build(earth_raw)["years.nc"]), engine="h5netcdf") as tables:
        assert tables["values"].dims == ("latitude", "energy", "along", "across", "function")
        first = tables["values"].values[:, 0, 0, 0, 0]
        np.testing.assert_allclose(first, tables["latitude"].values, rtol=1e-7)
    assert years == [(latitude, 4) for latitude in earth.LATITUDES_DEG]


def test_profile(earth_raw):
    lines = build(earth_raw)["prem.csv"].decode().splitlines()
    assert "Dziewonski" in lines[0]
    assert lines[1:] == [
        "radius_km,density_g_per_cm3,electron_fraction",
        "0,13,0.467",
        "3480,10,0.467",
        "3480,5.5,0.495",
        "6371,2.6,0.495",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("mass_density_g_cm3", "density", "expected columns radius_km"),
        ("13.0,", "13000.0,", "radii, densities and electron fractions"),
        ("\n3480.0,5.5", "\n3000.0,5.5", "increasing radii from 0 to 6371"),
        ("6371.0", "6370.0", "increasing radii from 0 to 6371"),
        ("0.467", "much", "expected columns radius_km"),
    ],
)
def test_damaged_input_is_named(earth_raw, old, new, message):
    path = earth_raw / "prem_density.csv"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(DataError, match=message) as caught:
        build(earth_raw)
    assert "data/earth/REFERENCE" in str(caught.value)


def test_the_mass_of_the_earth():
    """5.972e24 kg; the table has steps of 100 km."""
    lines = data_file("earth/prem.csv").read_text().splitlines()
    radius, density, _ = np.loadtxt(lines[2:], delimiter=",").T
    mass_kg = np.trapezoid(4e12 * np.pi * radius**2 * density, radius)  # km^3 g/cm^3 = 1e12 kg
    assert mass_kg == pytest.approx(5.972e24, rel=1e-3)
