"""CONUS+ against its publication and against the response written out."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from scipy import stats

import bayes_cevns as bc
from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.storage.resources import data_file

EXPOSURE = 0.327 / 365.25


@pytest.fixture(scope="module")
def conus_plus() -> Experiment:
    return experiment("conus_plus")


@pytest.fixture(scope="module")
def counts(conus_plus: Experiment) -> xr.DataArray:
    """Of the Standard Model, dims (quenching, energy_scale)."""
    return RateTable(conus_plus, None).counts().sel(component="sm").squeeze(("run", "bin"))


def test_published_numbers(conus_plus: Experiment) -> None:
    """arXiv:2501.05206: 395 +- 106, 3.7 standard deviations, in 327 kg d."""
    assert conus_plus.sigma is not None
    observed, error = float(conus_plus.observed.squeeze()), float(conus_plus.sigma.squeeze())
    assert (observed, error) == (395, 106)
    assert observed / error == pytest.approx(3.7, abs=0.05)
    assert float(conus_plus.exposure_tonne_year.squeeze()) == pytest.approx(EXPOSURE)


def test_standard_model_is_that_of_the_publication(
    counts: xr.DataArray, conus_plus: Experiment
) -> None:
    """347 +- 59 in arXiv:2501.05206; 310 by the response alone, 0.6 of the error less."""
    with xr.open_dataset(data_file("conus_plus/response.nc"), engine="h5netcdf") as table:
        published = float(table["published_expected"].squeeze())
        error = float(table["published_expected_error"].squeeze())
    assert (published, error) == (347, 59)
    found = float(counts.sel(quenching=0, energy_scale=0))
    assert found == pytest.approx(published, rel=1e-3)
    normalisation = conus_plus.card.nuisance["normalisation"]
    computed = normalisation.alternatives["computed"].prior.mean_and_sd
    assert computed is not None
    assert found * computed[0] == pytest.approx(310.2, abs=0.3)
    assert computed[1] / computed[0] == pytest.approx(0.058, rel=0.01)
    assert normalisation.prior.mean_and_sd == (1.0, 0.058)
    assert abs(found * computed[0] - published) < 0.7 * error


@pytest.mark.parametrize(("axis", "published"), [("quenching", 0.073), ("energy_scale", 0.141)])
def test_uncertainties_agree_with_the_publication(
    counts: xr.DataArray, axis: str, published: float
) -> None:
    """Shares of the 16.9% in arXiv:2501.05206."""
    other = {"quenching": "energy_scale", "energy_scale": "quenching"}[axis]
    along = counts.sel({other: 0})
    change = float(along.sel({axis: 1}) - along.sel({axis: -1})) / float(along.sel({axis: 0})) / 2
    assert change == pytest.approx(published, abs=0.02)


def test_spline_agrees_with_a_slow_sum(counts: xr.DataArray) -> None:
    """Rectangles of 1 eV, three detectors one by one."""
    recoil = np.arange(0.027, 4.0, 0.001)
    reduced = 11.5 * 32 ** (-7 / 3) * recoil
    stopping = 0.162 * (3 * reduced**0.15 + 0.7 * reduced**0.6 + reduced)
    seen = recoil * stopping / (1 + stopping)
    sigma = np.sqrt((0.048 / 2.35482) ** 2 + 0.11 * 2.96e-3 * seen)
    rate = bc.rate(source="reactor_conus_plus", target="Ge").total(recoil)
    above = [stats.norm.sf(threshold, seen, sigma) for threshold in (0.16, 0.17, 0.18)]
    expected = EXPOSURE * 0.001 * np.sum(rate * np.mean(above, axis=0))
    found = float(counts.sel(quenching=0, energy_scale=0))
    assert found / 1.1187 == pytest.approx(expected, rel=2e-3)


def test_most_counts_are_near_the_threshold(counts: xr.DataArray) -> None:
    """Why a count is good for steep signals alone: 30% more for a threshold 10 eV lower."""
    along = counts.sel(quenching=0)
    assert float(along.sel(energy_scale=2) / along.sel(energy_scale=0)) > 1.25
