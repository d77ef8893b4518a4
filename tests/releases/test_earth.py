from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.errors import DataError
from bayes_cevns.releases import earth
from bayes_cevns.storage.resources import data_file


def build(earth_raw) -> dict[str, str]:
    files = earth.build(earth_raw.parent.parent).files
    return {name: content.decode() for name, content in files.items()}


def test_profile(earth_raw):
    lines = build(earth_raw)["prem.csv"].splitlines()
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
