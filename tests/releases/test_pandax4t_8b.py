from __future__ import annotations

from io import BytesIO
from math import exp, factorial
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy.interpolate import make_interp_spline

from bayes_cevns.detectors.yields import nest_nuclear_yields
from bayes_cevns.errors import DataError
from bayes_cevns.physics.nuclei import target
from bayes_cevns.rates import NuclearRecoilRate
from bayes_cevns.releases import pandax4t_8b
from bayes_cevns.sources import source


def build(folder: Path, search: str) -> xr.Dataset:
    product = pandax4t_8b.build(folder.parents[1])
    return xr.load_dataset(BytesIO(product.files[f"{search}.nc"]), engine="h5netcdf")


def events(table: xr.Dataset, response: xr.DataArray) -> float:
    """Standard-Model events of a response, a cubic spline between its energies as in a fit."""
    energy = response["recoil_energy"].values
    fine = np.linspace(energy[0], energy[-1], 4000)
    rate = NuclearRecoilRate(source=source("solar_8b"), target=target("Xe")).total(fine)
    seen = make_interp_spline(energy, response.values.ravel(), k=3)(fine)
    return float(table["exposure"].item() * np.trapezoid(rate * seen, fine))


def test_published_numbers(pandax4t_8b_raw: Path) -> None:
    """Abstract of arXiv:2407.10892."""
    for search, observed, background, exposure in (
        ("paired", 3, 2.8, 1.20),
        ("us2", 332, 251.0, 1.04),
    ):
        table = build(pandax4t_8b_raw, search)
        assert table["observed"].item() == observed
        assert table["background"].item() == background
        assert table["exposure"].item() == exposure


def test_the_ionisation_only_table_has_no_raw_input(pandax4t_8b_raw: Path) -> None:
    assert build(pandax4t_8b_raw, "us2").attrs["input_sha256"] == "{}"
    assert "pandaX.csv" in build(pandax4t_8b_raw, "paired").attrs["input_sha256"]


def test_the_paired_efficiency_keeps_its_shape(pandax4t_8b_raw: Path) -> None:
    table = build(pandax4t_8b_raw, "paired")
    response = table["response"].sel(pandax4t_charge_yield=0).values.ravel()
    np.testing.assert_allclose(response / response[1], [0.1, 1.0, 6.0, 7.0], rtol=1e-4)


def test_every_charge_yield_gives_the_published_events(pandax4t_8b_raw: Path) -> None:
    """arXiv:2409.02003: 46.8 between 0.3 and 3 keV, and 2.4 in 1.25 t yr."""
    us2, paired = (build(pandax4t_8b_raw, search) for search in ("us2", "paired"))
    assert us2["recoil_energy"].values[[0, -1]].tolist() == [0.3, 3.0]
    for table, expected, tolerance in ((us2, 46.8, 3e-3), (paired, 2.3, 0.03)):
        for pull in range(-3, 4):
            response = table["response"].sel(pandax4t_charge_yield=pull)
            assert events(table, response) == pytest.approx(expected, rel=tolerance)


def test_the_shape_is_a_sum_of_poisson_probabilities() -> None:
    charge = nest_nuclear_yields(field_v_per_cm=93.0)
    for recoil, pull in ((0.33, 0.0), (0.9, -2.0), (1.7, 1.0)):
        mean = (1 + 0.15 * pull) * recoil * float(charge.charge_per_kev(recoil))
        expected = sum(exp(-mean) * mean**n / factorial(n) for n in range(4, 9))
        assert float(pandax4t_8b.us2_shape(recoil, pull=pull)) == pytest.approx(expected)


def test_the_paired_efficiency_asks_for_four_electrons() -> None:
    charge = nest_nuclear_yields(field_v_per_cm=93.0)
    for recoil, pull in ((0.64, -2.0), (1.1, 1.0), (2.9, 3.0)):
        mean = recoil * float(charge.charge_per_kev(recoil))
        below = [
            sum(exp(-m) * m**n / factorial(n) for n in range(4))
            for m in ((1 + 0.15 * pull) * mean, mean)
        ]
        expected = (1 - below[0]) / (1 - below[1])
        assert float(pandax4t_8b.paired_factor(recoil, pull=pull)) == pytest.approx(expected)


def test_electrons_of_the_region_of_interest() -> None:
    """arXiv:2411.11749, section III: 4 to 8 electrons are 0.66 to 1.19 keV."""
    charge = nest_nuclear_yields(field_v_per_cm=93.0)
    for recoil, electrons in ((0.66, 4), (1.19, 8)):
        assert recoil * float(charge.charge_per_kev(recoil)) == pytest.approx(electrons, abs=0.02)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2.0,0.06", "2.0,1.06", "efficiencies <= 1"),
        ("2.0,0.06\n", "", "four or more"),
        ("2.0,", "1.0,", "strictly increasing"),
        ("0.06", "much", "expected rows"),
    ],
)
def test_damaged_input(pandax4t_8b_raw: Path, old: str, new: str, message: str) -> None:
    path = pandax4t_8b_raw / pandax4t_8b.PAIRED
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(DataError, match=message) as error:
        build(pandax4t_8b_raw, "paired")
    assert str(path) in str(error.value)


@pytest.mark.releases
def test_efficiency_at_the_thresholds_of_the_paper(raw_releases: Path) -> None:
    """1.1 and 0.33 keV: where the digitised and the effective efficiency are about 1%."""
    raw = np.loadtxt(raw_releases / pandax4t_8b.RAW.folder / pandax4t_8b.PAIRED, delimiter=",")
    assert np.interp(1.1, *raw.T) == pytest.approx(0.011, abs=0.001)
    us2 = build(raw_releases / pandax4t_8b.RAW.folder, "us2")["response"].sel(
        pandax4t_charge_yield=0
    )
    at_one_kev = us2.sel(recoil_energy=1.0, method="nearest").item()
    height = at_one_kev / float(pandax4t_8b.us2_shape(1.0))
    assert height * float(pandax4t_8b.us2_shape(0.33)) == pytest.approx(0.0115, abs=0.0005)
