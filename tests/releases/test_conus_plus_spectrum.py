"""The CONUS+ spectrum from an excess of which each bin is another one."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from bayes_cevns.errors import DataError
from bayes_cevns.releases import conus_plus_spectrum


def build(folder: Path) -> xr.Dataset:
    product = conus_plus_spectrum.build(folder.parent)
    return xr.load_dataset(BytesIO(product.files["response.nc"]), engine="h5netcdf")


@pytest.fixture
def table(conus_plus_spectrum_raw: Path) -> xr.Dataset:
    return build(conus_plus_spectrum_raw)


def test_numbers_and_units(table: xr.Dataset) -> None:
    low = np.arange(160, 350, 10)
    np.testing.assert_allclose(table["observed"].values, [low - 250])
    np.testing.assert_allclose(table["sigma"].values, [1 + low / 10])
    np.testing.assert_allclose(table["edges_energy"], 1e-3 * np.arange(160, 351, 10))
    assert float(table["exposure"].squeeze()) == pytest.approx(0.119 / 365.25)
    for name in ("nuclear", "electron"):
        assert table[f"response_{name}"].dtype == np.float32
        assert table[f"response_{name}"].attrs["units"] == "1"


def seen_kev(recoil_kev: float, k: float) -> float:
    """Lindhard for germanium, written out."""
    e = 11.5 * 32 ** (-7 / 3) * recoil_kev
    g = 3 * e**0.15 + 0.7 * e**0.6 + e
    return recoil_kev * k * g / (1 + k * g)


@pytest.mark.parametrize(("k", "scale"), [(0.162, 0.0), (0.172, -1.0), (0.142, 3.0)])
@pytest.mark.parametrize("name", ["nuclear", "electron"])
def test_response_against_a_slow_twin(table: xr.Dataset, name: str, k: float, scale: float) -> None:
    """The density of the resolution, summed over each bin in steps of 0.01 eV."""
    at = {"lindhard_k_ge": k} if name == "nuclear" else {}
    response = table[f"response_{name}"].sel(energy_scale=scale, **at)
    noise = 0.048 / (2 * np.sqrt(2 * np.log(2)))
    for energy in response[f"recoil_energy_{name}"].values[4::12]:
        seen = seen_kev(energy, k) if name == "nuclear" else energy
        sigma = np.sqrt(noise**2 + 0.11 * 2.96e-3 * seen)
        middle = np.arange(0.160005, 0.35, 1e-5) - 0.005 * scale
        density = stats.norm.pdf(middle, seen, sigma).reshape(19, 1000)
        found = response.sel({f"recoil_energy_{name}": energy}).values.ravel()
        np.testing.assert_allclose(found, 1e-5 * density.sum(axis=1), rtol=1e-4, atol=1e-7)


def test_the_same_numbers_give_the_same_bytes(conus_plus_spectrum_raw: Path) -> None:
    raw = conus_plus_spectrum_raw.parent
    first, second = (conus_plus_spectrum.build(raw) for _ in range(2))
    assert first.files == second.files
    assert first.inputs == second.inputs


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("excess", "counts", "expected columns e_low_eVee"),
        ("160,170,-90,", "160,170,some,", "expected columns e_low_eVee"),
        ("160,170,-90,", "160,171,-90,", "19 bins of 10 eV from 160 to 350"),
        ("340,350,90,35.0", "", "19 bins of 10 eV from 160 to 350"),
        ("160,170,-90,17.0", "160,170,-90,0", "errors > 0"),
        ("160,170,-90,17.0", "160,170,nan,17.0", "finite numbers"),
    ],
)
def test_damaged_input(conus_plus_spectrum_raw: Path, old: str, new: str, message: str) -> None:
    path = conus_plus_spectrum_raw / conus_plus_spectrum.SPECTRUM
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(DataError, match=message) as error:
        build(conus_plus_spectrum_raw)
    assert str(path) in str(error.value)
