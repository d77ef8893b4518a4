"""The table of germanium in time and energy from a release whose every count is another one."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from bayes_cevns.errors import DataError
from bayes_cevns.releases import coherent_ge
from bayes_cevns.releases.coherent_ge_detectors import DETECTORS

COLUMNS = (0, 1, 2, 5, 6, 7, 8)


def build(folder: Path) -> xr.Dataset:
    product = coherent_ge.build(folder.parent)
    return xr.load_dataset(BytesIO(product.files["response.nc"]), engine="h5netcdf")


@pytest.fixture
def table(ge_raw: Path, ge_grid_raw: Path) -> xr.Dataset:
    del ge_grid_raw
    return build(ge_raw)


def test_names_types_and_units(table: xr.Dataset) -> None:
    for name in ("prompt", "delayed"):
        response = table[f"response_{name}"]
        assert response.dims == (f"recoil_energy_{name}", "lindhard_k_ge", "run", "bin")
        assert response.dtype == np.float32
    assert table["run"].values.tolist() == ["on", "off"]
    assert table["exposure"].values.tolist() == [0.01066, 0.01066]
    assert table["observed"].dtype == np.int32


def test_each_count_is_in_its_bin_and_two_columns_are_left_out(table: xr.Dataset) -> None:
    for run, first in (("on", 100), ("off", 0)):
        found = table["observed"].sel(run=run).values
        expected = [first + 9 * row + column for row in range(10) for column in COLUMNS]
        assert found.tolist() == expected


def test_steady_state_is_uniform_in_time_and_the_same_on_and_off(table: xr.Dataset) -> None:
    """As many events as with the beam off: ten times the mean of 9 row + column."""
    for place, column in enumerate(COLUMNS):
        counts = table[f"steady_{column + 1}"].values.reshape(2, 10, 7)
        np.testing.assert_allclose(counts[:, :, place], 9 * 4.5 + column)
        assert np.count_nonzero(counts) == 20


@pytest.mark.parametrize(
    ("name", "shares"),
    [("prompt", [0, 0.75, 0.25, 0]), ("delayed", [0, 0.625, 0.375, 0])],
)
@pytest.mark.parametrize("recoil", [6.5, 12.0, 20.0])
def test_response_against_a_slow_twin(
    table: xr.Dataset, name: str, shares: list[float], recoil: float
) -> None:
    """Detector by detector on a fine grid of energies, and the times of the release."""
    dim = f"recoil_energy_{name}"
    response = table[f"response_{name}"].sel({dim: recoil, "lindhard_k_ge": 0.162})
    reduced = 11.5 * 32 ** (-7 / 3) * recoil
    stopping = 0.162 * (3 * reduced**0.15 + 0.7 * reduced**0.6 + reduced)
    quenched = recoil * stopping / (1 + stopping)
    seen = np.linspace(1.5, 3.5, 20_001)
    efficiency = np.interp(seen, [1, 2, 30], [0.5, 0.8, 0.8])
    total = weights = 0.0
    for each in DETECTORS.values():
        root = np.sqrt(quenched + each.c_per_kev * quenched**2)
        sigma = (each.a_kev + each.b_root_kev * root) / 2.355
        density = stats.norm.pdf(seen, quenched, sigma) * efficiency
        total += each.mass_kg * each.beam_gwh * np.trapezoid(density, seen)
        weights += each.mass_kg * each.beam_gwh
    on = response.sel(run="on").values.reshape(10, 7)
    np.testing.assert_allclose(on[:4, 0], np.array(shares) * total / weights, atol=3e-4)
    assert np.all(on[4:] == 0)
    assert np.all(response.sel(run="off") == 0)


def test_the_same_release_gives_the_same_bytes(ge_raw: Path, ge_grid_raw: Path) -> None:
    del ge_grid_raw
    first, second = (coherent_ge.build(ge_raw.parent) for _ in range(2))
    assert first.files == second.files
    assert first.inputs == second.inputs


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("on,-4,0,1.5,3.5,100", "on,-4,0,1.5,3.5,many", "expected rows of sample"),
        ("on,-4,0,1.5,3.5,100", "on,-4,0,1.5,3.5,-1", "counts >= 0 in 10 bins"),
        ("on,-4,0,1.5,3.5,100\n", "", "counts >= 0 in 10 bins"),
        ("on,-4,0,1.5,3.5", "on,-4,0,1.5,3.6", "counts >= 0 in 10 bins"),
        ("counts", "number", "expected columns sample.*found .*number"),
    ],
)
def test_damaged_counts(ge_raw: Path, ge_grid_raw: Path, old: str, new: str, message: str) -> None:
    path = ge_grid_raw / coherent_ge.GRID
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(DataError, match=message) as error:
        build(ge_raw)
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("fitted_delayed", "delayed", "expected columns time_us"),
        ("1,2.5,2.0,1.0", "1,2.5,much,1.0", "expected columns time_us"),
        ("1,2.5,2.0,1.0", "1,2.5,-2.0,1.0", "expected curves >= 0"),
        ("-3,", "-2,", "19 times from -3 us"),
    ],
)
def test_damaged_times(ge_raw: Path, ge_grid_raw: Path, old: str, new: str, message: str) -> None:
    del ge_grid_raw
    path = ge_raw / coherent_ge.TIMING
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(DataError, match=message) as error:
        build(ge_raw)
    assert str(path) in str(error.value)
