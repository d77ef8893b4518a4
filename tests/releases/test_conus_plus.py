"""The CONUS+ table from numbers in the words of the release."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from bayes_cevns.errors import DataError
from bayes_cevns.releases import conus_plus


def build(folder: Path) -> xr.Dataset:
    product = conus_plus.build(folder.parent)
    return xr.load_dataset(BytesIO(product.files["response.nc"]), engine="h5netcdf")


@pytest.fixture
def table(conus_plus_raw: Path) -> xr.Dataset:
    return build(conus_plus_raw)


def test_numbers(table: xr.Dataset) -> None:
    one = table.isel(run=0, bin=0)
    assert float(one["observed"]) == 400
    assert float(one["sigma"]) == 100
    assert float(one["published_expected"]) == 300
    assert float(one["published_expected_error"]) == 50
    assert float(one["exposure"]) == pytest.approx(1e-3)
    assert table["response"].attrs["units"] == "1"
    assert table["response"].dtype == np.float32


def lindhard_kev(recoil_kev: float, k: float) -> float:
    """Written out for germanium, Z = 32."""
    e = 11.5 * 32 ** (-7 / 3) * recoil_kev
    g = 3 * e**0.15 + 0.7 * e**0.6 + e
    return recoil_kev * k * g / (1 + k * g)


@pytest.mark.parametrize(("quenching", "energy_scale"), [(0.0, 0.0), (2.0, -1.0), (-3.0, 3.0)])
def test_response_is_the_mean_of_three_detectors(
    table: xr.Dataset, quenching: float, energy_scale: float
) -> None:
    response = table["response"].sel(quenching=quenching, energy_scale=energy_scale)
    for energy in table["recoil_energy"].values[::7]:
        seen = lindhard_kev(energy, 0.162 + 0.004 * quenching)
        noise = 0.048 / (2 * np.sqrt(2 * np.log(2)))
        normal = stats.norm(seen, np.sqrt(noise**2 + 0.11 * 2.96e-3 * seen))
        lows = np.array([0.15, 0.16, 0.17]) - 0.005 * energy_scale
        expected = np.mean(normal.cdf(0.8) - normal.cdf(lows))
        found = float(response.sel(recoil_energy=energy).squeeze())
        assert found == pytest.approx(expected, rel=1e-4, abs=1e-12)


def test_response_begins_with_one_pair(table: xr.Dataset) -> None:
    lowest = float(table["recoil_energy"][0])
    assert lindhard_kev(lowest, 0.162) == pytest.approx(2.96e-3, rel=1e-6)


def test_nodes_are_dense_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    def counts() -> np.ndarray:
        return conus_plus.response((0.16, 0.18)).counts(lambda t: np.exp(-t / 0.25) / t)

    coarse = counts()
    monkeypatch.setattr(conus_plus, "RECOIL_STEP_KEV", 0.03)
    np.testing.assert_allclose(coarse, counts(), rtol=1e-3)


def test_the_same_numbers_give_the_same_bytes(conus_plus_raw: Path) -> None:
    first, second = (conus_plus.build(conus_plus_raw.parent) for _ in range(2))
    assert first.files == second.files
    assert first.inputs == second.inputs


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("N_obs 400 +- 100", "N_obs 400", "the neutrinos observed"),
        ("N_SM", "N", "the neutrinos expected"),
        ("exposure ON", "exposure", "the exposure"),
        ("C5", "C4", "the thresholds"),
        ("400 +- 100", "400 +- 0", "errors and an exposure > 0"),
    ],
)
def test_damaged_input(conus_plus_raw: Path, old: str, new: str, message: str) -> None:
    path = conus_plus_raw / conus_plus.NUMBERS
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(DataError, match=message) as error:
        build(conus_plus_raw)
    assert str(path) in str(error.value)
