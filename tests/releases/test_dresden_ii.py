"""The Dresden-II table from a small release with recognisable numbers."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from bayes_cevns.detectors import DetectorResponse, response_table
from bayes_cevns.errors import DataError
from bayes_cevns.releases import dresden_ii
from bayes_cevns.releases.germanium import resolution

BINS = np.arange(130)


def build(folder: Path) -> xr.Dataset:
    product = dresden_ii.build(folder.parent)
    return xr.load_dataset(BytesIO(product.files["response.nc"]), engine="h5netcdf")


@pytest.fixture
def table(dresden_ii_raw: Path) -> xr.Dataset:
    return build(dresden_ii_raw)


def test_rates_become_counts(table: xr.Dataset) -> None:
    on = table.sel(run="on")
    np.testing.assert_allclose(on["observed"], 96.4 * (10 + BINS))
    np.testing.assert_allclose(on["sigma"], 96.4 * (1 + BINS))
    np.testing.assert_allclose(table["off"], 25.0 * (20 + BINS))
    np.testing.assert_allclose(table["off_sigma"], 25.0 * (2 + BINS))
    assert float(on["exposure"]) == pytest.approx(2.924e-3 * 96.4 / 365.25)


@pytest.mark.parametrize(("name", "factor"), [("fef", 0.2), ("ybe", 0.25), ("electron", 1.0)])
def test_response_against_a_normal_distribution(
    table: xr.Dataset, name: str, factor: float
) -> None:
    """Quenched, smeared and binned one by one."""
    response = table[f"response_{name}"].sel(run="on", noise=0.0715)
    if name != "electron":
        response = response.sel(quenching=1.5)
        assert np.all(np.isclose(table[f"quenching_factor_{name}"], factor))
        factor *= 1.0 + 1.5 * 0.05
    energies = table[f"recoil_energy_{name}"].values
    for number in (0, 7, 20, energies.size // 2):
        seen = factor * energies[number]
        normal = stats.norm(seen, np.sqrt(0.0715**2 + 0.11 * 2.96e-3 * seen))
        for place in (0, 5, 40, 129):
            low = 0.2 + 0.01 * place
            expected = normal.cdf(low + 0.01) - normal.cdf(low)
            found = float(response[number, place])
            assert found == pytest.approx(expected, rel=1e-5, abs=1.1e-9)


@pytest.mark.parametrize(("name", "factor"), [("fef", 0.2), ("ybe", 0.25), ("electron", 1.0)])
def test_response_begins_with_one_pair(table: xr.Dataset, name: str, factor: float) -> None:
    energies = table[f"recoil_energy_{name}"].values
    assert factor * energies[0] == pytest.approx(2.96e-3, rel=1e-6)
    assert energies[-1] >= 1.95
    assert np.all(np.diff(energies) > 0)


def test_nodes_are_dense_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """With twice as many the counts of a steep spectrum do not move."""
    energies, factor = np.arange(450) * 0.01, np.full(450, 0.2)

    def detector(_: object) -> DetectorResponse:
        seen = dresden_ii.quenching(energies, factor)
        return DetectorResponse(dresden_ii.EDGES_KEV, seen, resolution=resolution(0.0625))

    def counts() -> np.ndarray:
        nodes = dresden_ii.recoil_nodes_kev(energies, factor)
        response = response_table(nodes, detector, [])
        return response.counts(lambda t: np.exp(-t / 0.25) / t)

    coarse = counts()
    steps = tuple(step / 2 for step in dresden_ii.RECOIL_STEPS_KEV)
    monkeypatch.setattr(dresden_ii, "RECOIL_STEPS_KEV", steps)
    np.testing.assert_allclose(coarse, counts(), rtol=2e-3, atol=1e-9 * coarse.max())


def test_shapes_of_the_background(table: xr.Dataset) -> None:
    """Densities at the middle of the bins, times their width."""
    on = table.sel(run="on")
    energy = 0.205 + 0.01 * BINS
    epithermal = on["epithermal_fef"].sel(epithermal_slope=4.0) / 96.4
    # Straight in its pull, so that these two are about one of zero.
    middle = (2 * epithermal.sel(low_energy=-0.6) + epithermal.sel(low_energy=1.2)) / 3
    np.testing.assert_allclose(middle, 65.0 * np.exp(-4 * (energy - 0.2)), rtol=1e-3)
    np.testing.assert_allclose(on["constant"] / 96.4, 14.0)
    line = stats.norm(1.292, 0.070).pdf(energy) + 0.008 * stats.norm(1.142, 0.070).pdf(energy)
    found = on["l_shell"].sel(l_energy=1.292, l_width=0.070) / 96.4
    np.testing.assert_allclose(found, 14.74 * line, rtol=0.02, atol=1e-3)
    width = np.sqrt(0.0685**2 + 0.11 * 2.96e-3 * 0.158)
    found = on["m_shell"].sel(noise=0.0685) / 96.4
    expected = 0.16 * 14.74 * stats.norm(0.158, width).pdf(energy)
    np.testing.assert_allclose(found, expected, rtol=0.02, atol=1e-3)


def test_names_types_and_units(table: xr.Dataset) -> None:
    assert table["response_fef"].dtype == np.float32
    assert {table[f"response_{n}"].attrs["units"] for n in ("fef", "ybe", "electron")} == {"1"}
    named = ("observed", "sigma", "epithermal_ybe", "constant", "l_shell", "m_shell")
    assert {table[name].attrs["units"] for name in named} == {"counts"}
    assert all(table[name].min() >= 0 for name in table.data_vars)


def test_the_same_release_gives_the_same_bytes(dresden_ii_raw: Path) -> None:
    first, second = (dresden_ii.build(dresden_ii_raw.parent) for _ in range(2))
    assert first.files == second.files
    assert first.inputs == second.inputs


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (dresden_ii.SPECTRUM, "0.21500 ", "0.21600 ", "130 bins centred at 0.205"),
        (dresden_ii.SPECTRUM, " 11 2 21 3", " 11 0 21 3", "errors > 0"),
        (dresden_ii.SPECTRUM, " 11 2 21 3", " -11 2 21 3", ">= 0"),
        (dresden_ii.SPECTRUM, " 11 2 21 3", " 11 2 21", "rows of energy, on, error, off, error"),
        (dresden_ii.QUENCHING, "0.0200 0.2 ", "0.0200 none ", "rows of energy, Fef factor"),
    ],
)
def test_damaged_input(dresden_ii_raw: Path, file: str, old: str, new: str, message: str) -> None:
    path = dresden_ii_raw / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(DataError, match=message) as error:
        build(dresden_ii_raw)
    assert str(path) in str(error.value)
