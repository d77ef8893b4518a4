from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from bayes_cevns.errors import DataError
from bayes_cevns.releases import coherent_ge_counts


def build(folder: Path) -> xr.Dataset:
    product = coherent_ge_counts.build(folder.parent)
    return xr.load_dataset(BytesIO(product.files["response.nc"]), engine="h5netcdf")


def test_names_types_and_units(ge_raw: Path) -> None:
    table = build(ge_raw)
    assert table["response"].dims == ("recoil_energy", "lindhard_k_ge", "run", "bin")
    assert table["response"].dtype == np.float32
    assert table["observed"].values.tolist() == [[20.6]]
    assert table["sigma_minus"].values.tolist() == [[6.3]]
    assert table["sigma_plus"].values.tolist() == [[7.1]]
    assert table["sigma_plus"].attrs["units"] == "counts"
    assert table["exposure"].values.tolist() == [0.01022]


def test_the_same_release_gives_the_same_bytes(ge_raw: Path) -> None:
    first, second = (coherent_ge_counts.build(ge_raw.parent) for _ in range(2))
    assert first.files == second.files
    assert first.inputs == second.inputs


@pytest.mark.parametrize("at", [20, 25, 40, 55])
def test_response_against_a_slow_twin(ge_raw: Path, at: int) -> None:
    """Detector by detector on a fine grid of energies; near threshold, inside and above."""
    table = build(ge_raw)["response"].sel(lindhard_k_ge=0.162)
    recoil = float(table["recoil_energy"][at])
    reduced = 11.5 * 32 ** (-7 / 3) * recoil
    stopping = 0.162 * (3 * reduced**0.15 + 0.7 * reduced**0.6 + reduced)
    quenched = recoil * stopping / (1 + stopping)
    seen = np.linspace(1.5, 8.5, 70_001)
    expected = weights = 0.0
    for mass, beam, a, b, c in (
        (2.13, 0.65, 0.132, 0.036, 0.003),
        (2.13, 0.77, 0.114, 0.040, 0.002),
        (2.13, 0.74, 0.157, 0.035, 0.002),
        (2.13, 0.36, 0.140, 0.037, 0.001),
        (2.14, 0.85, 0.126, 0.034, 0.003),
    ):
        sigma = (a + b * np.sqrt(quenched + c * quenched**2)) / 2.355
        density = stats.norm.pdf(seen, quenched, sigma) * np.interp(
            seen, [1, 2, 9], [0.5, 0.8, 0.8]
        )
        expected += mass * beam * np.trapezoid(density, seen)
        weights += mass * beam
    assert float(table[at, 0, 0]) == pytest.approx(expected / weights, abs=2e-4)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2.0 0.8", "2.0 1.8", "efficiencies from 0 to 1"),
        ("0.0 0.1\n1.0 0.5\n", "", "below the region"),
        ("2.0 0.8", "2.0 many", "expected rows of energy in keV, efficiency"),
    ],
)
def test_damaged_input(ge_raw: Path, old: str, new: str, message: str) -> None:
    path = ge_raw / "timing_efficiencies/eff_Ge25.txt"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(DataError, match=message) as error:
        build(ge_raw)
    assert str(path) in str(error.value)
