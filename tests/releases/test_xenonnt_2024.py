from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from bayes_cevns.errors import DataError
from bayes_cevns.releases import xenonnt_2024


def build(folder: Path) -> xr.Dataset:
    product = xenonnt_2024.build(folder.parent)
    return xr.load_dataset(BytesIO(product.files["response.nc"]), engine="h5netcdf")


def test_backgrounds_and_events_are_those_of_the_release(mini, xenonnt_2024_raw: Path) -> None:
    table = build(xenonnt_2024_raw)
    flat = mini.values().ravel()
    for run in ("sr0", "sr1"):
        for factor, name in enumerate(("released_signal", "ac", "er", "neutron"), start=1):
            np.testing.assert_array_equal(table[name].sel(run=run), factor * flat)
        observed = np.zeros(81)
        observed[np.ravel_multi_index(([0, 2], [0, 2], [1, 2], [2, 2]), (3, 3, 3, 3))] = [1, 2]
        np.testing.assert_array_equal(table["observed"].sel(run=run), observed)


def test_the_spectrum_of_the_release_gives_its_template(xenonnt_2024_raw: Path) -> None:
    """A spectrum of 400 per t yr, flat from 1 to 3 keV, integrated by the trapezoid rule."""
    table = build(xenonnt_2024_raw)
    at = np.linspace(1.0, 3.0, 201)
    response = table["response"].astype(float).interp(recoil_energy=at)
    counts = 400 * np.trapezoid(response.transpose("run", "bin", "recoil_energy"), at) / 2.0
    np.testing.assert_allclose(counts, table["released_signal"], rtol=1e-5)


def test_the_dependence_on_energy_is_that_between_two_pulls(mini, xenonnt_2024_raw: Path) -> None:
    table = build(xenonnt_2024_raw)
    low, high = (
        0.23 * mini.values(energy=energy, tqy=1.0) + 0.77 * mini.values(energy=energy, tqy=2.0)
        for energy in (0.8, 4.1)
    )
    response = table["response"].sel(run="sr1")
    found = response.sel(recoil_energy=4.1) / response.sel(recoil_energy=0.8)
    np.testing.assert_allclose(found, (high / low).ravel(), rtol=1e-5)


def test_the_same_releases_give_the_same_bytes(xenonnt_2024_raw: Path) -> None:
    first, second = (xenonnt_2024.build(xenonnt_2024_raw.parent) for _ in range(2))
    assert first.files == second.files
    groups = {"2024/bkg", "2024/events", f"2024/{xenonnt_2024.SPECTRUM}"}
    assert set(first.inputs) == groups | {"2026/binning", "2026/sr0/mono", "2026/sr1/mono"}


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        (xenonnt_2024.SPECTRUM, "{", "expected a quantile function"),
        (xenonnt_2024.SPECTRUM, '{"map": [1, 2]}', "expected a quantile function"),
        (
            xenonnt_2024.SPECTRUM,
            json.dumps({"coordinate_system": [0, 1], "map": [2, 1], "rate": 1}),
            "increasing energies",
        ),
        (
            xenonnt_2024.SPECTRUM,
            json.dumps({"coordinate_system": [0, 1], "map": [8, 9], "rate": 1}),
            "a response wherever 2024 has signal",
        ),
        ("events_SR1.csv", "cs2,source\n1,2\n", "expected columns cs2, .*found cs2, source"),
        (
            "events_SR1.csv",
            ",".join(xenonnt_2024.COLUMNS) + "\n10,0.5,0.5,0.9\n",
            "within the bins",
        ),
    ],
)
def test_damaged_input(xenonnt_2024_raw: Path, file: str, text: str, message: str) -> None:
    (xenonnt_2024_raw / file).write_text(text)
    with pytest.raises(DataError, match=message):
        build(xenonnt_2024_raw)
