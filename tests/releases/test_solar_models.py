from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.errors import DataError
from bayes_cevns.releases import solar_models

NAMES = {"b16_gs98.csv", "b16_agss09met.csv", "b23_sf3_gs98.csv"}


def build(solar_models_raw) -> dict[str, str]:
    files = solar_models.build(solar_models_raw.parent.parent).files
    return {name: content.decode() for name, content in files.items()}


def columns(text: str) -> dict[str, np.ndarray]:
    header, *rows = [line for line in text.splitlines() if not line.startswith("#")]
    return dict(zip(header.split(","), np.loadtxt(rows, delimiter=",").T, strict=True))


def test_profiles(solar_models_raw):
    files = build(solar_models_raw)
    assert set(files) == NAMES | {"REFERENCE"}
    for name in NAMES:
        table = columns(files[name])
        radius = table["radius"]
        assert radius[[0, 1, 100, 101, -1]].tolist() == [0.001, 0.005, 0.5, 0.52, 1.0]
        shape = 100 * np.exp(-10 * radius)
        np.testing.assert_allclose(table["electrons_mol_per_cm3"], 0.9 * shape, rtol=1e-5)
        np.testing.assert_allclose(table["neutrons_mol_per_cm3"], 0.4 * shape, rtol=1e-5)
        # density x (X + Y/2) and density x Y/2 with X = 0.5, Y = 0.4 and a density of 1.2
        np.testing.assert_allclose(table["h_he_electrons_mol_per_cm3"], 0.84 * shape, rtol=1e-5)
        np.testing.assert_allclose(table["h_he_neutrons_mol_per_cm3"], 0.24 * shape, rtol=1e-5)
        for component in solar_models.COMPONENTS:
            density = table[component]
            assert np.trapezoid(density, radius) == pytest.approx(1.0, abs=1e-5)
            expected = 960 * radius**2 * (0.5 - radius) ** 2  # the integral of that is one
            inside = (radius > 0.01) & (radius <= 0.5)
            np.testing.assert_allclose(density[inside], expected[inside], rtol=1e-3)
            assert not density[radius > 0.5].any()


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("b16_gs98_structure.csv", "\n0.5,", "\n0.4995,", "0.5.* missing"),
        ("b16_gs98_structure.csv", "\n0.5,", "\n0.4,", "strictly increasing"),
        ("b16_gs98_structure.csv", "\n0.5,", "\nhalf,", "rows of numbers"),
        ("b16_gs98_structure.csv", "\n0.5,", "\n0.5,-", "finite numbers >= 0"),
        ("b16_gs98_structure.csv", "\n0.5,", "\n0.5,nan,", "expected rows of"),
        ("b16_gs98_structure.csv", "np_NA", "protons", "a column 'np_NA'"),
        ("b16_gs98_nudistr.csv", "f_8B", "f_9B", "a column f_8B"),
        ("b23_sf3_GS98.csv", "\n0.25,", "\n0.25,1e3,1e3,1e3,0.5,0.4,1e3\n0.2501,", "expected rows"),
    ],
)
def test_damaged_input_is_named(solar_models_raw, file, old, new, message):
    text = (solar_models_raw / file).read_text()
    assert old in text
    (solar_models_raw / file).write_text(text.replace(old, new))
    with pytest.raises(DataError, match=message) as caught:
        build(solar_models_raw)
    assert file in str(caught.value)
    assert "data/solar_models/REFERENCE" in str(caught.value)


def test_production_in_fractions_per_zone_is_refused(solar_models_raw):
    """The header of B16 says so; its columns are densities."""
    path = solar_models_raw / "b16_agss09_nudistr.csv"
    head, names, *rows = path.read_text().splitlines()
    values = np.loadtxt(rows, delimiter=",")
    values[:, 1:] /= 1000
    lines = [",".join(format(v, ".8g") for v in row) for row in values]
    path.write_text("\n".join([head, names, *lines, ""]))
    with pytest.raises(DataError, match=r"density of pp of integral 1, found 0\.001"):
        build(solar_models_raw)
