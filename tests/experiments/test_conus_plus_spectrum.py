"""The CONUS+ spectrum against its publication, against the counting card and slow twins."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from scipy import stats
from scipy.interpolate import make_interp_spline
from scipy.optimize import brentq, minimize_scalar

import bayes_cevns as bc
from bayes_cevns.cards import Experiment, experiment
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.specification.model_spec import check_experiments

EXPOSURE = 0.119 / 365.25
#: Standard deviation of the noise, from 48 eV full width at half maximum.
NOISE_KEV = 0.048 / 2.35482
EDGES_KEV = np.linspace(0.16, 0.35, 20)


@pytest.fixture(scope="module")
def spectrum() -> Experiment:
    return experiment("conus_plus_spectrum")


@pytest.fixture(scope="module")
def counts(spectrum: Experiment) -> xr.DataArray:
    """Of the Standard Model, dims (lindhard_k_ge, energy_scale, bin)."""
    found = RateTable(spectrum, None).counts().sel(component="sm").squeeze("run")
    return found.transpose("lindhard_k_ge", "energy_scale", "bin")


def inside(seen_kev: np.ndarray) -> np.ndarray:
    """Shares of a Gaussian in the bins, shape (energy, bin)."""
    sigma = np.sqrt(NOISE_KEV**2 + 0.11 * 2.96e-3 * seen_kev)
    return np.diff(stats.norm.cdf(EDGES_KEV, seen_kev[:, None], sigma[:, None]), axis=1)


def test_expected_counts_against_a_slow_sum(counts: xr.DataArray) -> None:
    """Rectangles of 1 eV with quenching and resolution written out."""
    recoil = np.arange(0.027, 4.0, 0.001)
    reduced = 11.5 * 32 ** (-7 / 3) * recoil
    stopping = 0.162 * (3 * reduced**0.15 + 0.7 * reduced**0.6 + reduced)
    seen = recoil * stopping / (1 + stopping)
    rate = bc.rate(source="reactor_conus_plus", target="Ge").total(recoil)
    expected = EXPOSURE * 0.001 * (rate @ inside(seen))
    found = counts.sel(lindhard_k_ge=0.162, energy_scale=0).values
    np.testing.assert_allclose(found, expected, rtol=3e-3, atol=2e-3)
    assert found.sum() == pytest.approx(139.0, abs=0.3)


def test_electronic_recoils_of_a_magnetic_moment_against_a_slow_sum(
    spectrum: Experiment,
) -> None:
    """Rectangles of 0.1 eV; electronic recoils are not quenched."""
    new = interaction("magnetic-moment")
    table = RateTable(spectrum, new).signals[1].counts(None)
    found = table.sel(component="new_physics", energy_scale=0).values.ravel()
    energy = np.arange(0.00305, 0.6, 1e-4)
    rate = bc.rate("electron", source="reactor_conus_plus", target="Ge", interaction=new.name)
    spectra = rate.total(energy, coupling_product=1.0) - rate.total(energy, coupling_product=0.0)
    np.testing.assert_allclose(found, EXPOSURE * 1e-4 * (spectra @ inside(energy)), rtol=0.01)


def test_counts_above_threshold_are_those_of_the_counting_card(counts: xr.DataArray) -> None:
    """Per exposure, with one threshold of 160 eV here and three there.

    The response alone: the counting card scales it to the published expectation, this one does not.
    """
    one = experiment("conus_plus")
    card = (
        RateTable(one, None).counts().sel(component="sm").squeeze()
        / one.card.signal["cevns"].factor
    )
    lower, lowest = (float(card.sel(quenching=0, energy_scale=s)) for s in (0, 2))
    ours = float(counts.sel(lindhard_k_ge=0.162, energy_scale=0).sum()) * 327 / 119
    # Its thresholds lie at 170 eV on average, and at 160 with two standard deviations of the scale.
    assert lower < ours
    assert ours == pytest.approx(lowest, rel=0.05)


def test_amount_and_significance(spectrum: Experiment, counts: xr.DataArray) -> None:
    """395 +- 106 over 347 +- 59, 1.14 +- 0.31, and 3.7 sigma: arXiv:2501.05206."""
    assert spectrum.sigma is not None
    observed, sigma = spectrum.observed.values.ravel(), spectrum.sigma.values.ravel()
    expected = counts.sel(lindhard_k_ge=0.162, energy_scale=0).values
    assert observed.sum() == pytest.approx(125.3, abs=0.1)

    def chi2(amount: float) -> float:
        return float(np.sum(((observed - amount * expected) / sigma) ** 2))

    best = minimize_scalar(chi2, bounds=(0.0, 3.0), method="bounded").x
    ends = [brentq(lambda a: chi2(a) - chi2(best) - 1.0, *ends) for ends in ((0, best), (best, 3))]
    assert best == pytest.approx(1.15, abs=0.01)
    assert np.diff(ends) / 2 == pytest.approx(0.31, abs=0.005)
    assert np.sqrt(chi2(0.0) - chi2(best)) == pytest.approx(3.7, abs=0.05)
    assert chi2(best) == pytest.approx(7.5, abs=0.1)


def test_uncertainty_of_the_signal_is_near_the_published_one(counts: xr.DataArray) -> None:
    """15.5%; 16.9% in arXiv:2501.05206, of which 7.3% is quenching and 14.1% the threshold."""
    total = counts.sum("bin")
    centre = float(total.sel(lindhard_k_ge=0.162, energy_scale=0))
    along_k = total.sel(energy_scale=0)
    at_k = make_interp_spline(along_k.lindhard_k_ge.values, along_k.values / centre)
    quenching = [float(at_k(k)) - 1 for k in (0.166, 0.158)]
    scale = [
        float(total.sel(lindhard_k_ge=0.162, energy_scale=s)) / centre - 1 for s in (1.0, -1.0)
    ]
    assert quenching == pytest.approx([0.075, -0.073], abs=5e-4)
    assert scale == pytest.approx([0.131, -0.116], abs=5e-4)
    halves = [0.5 * np.ptp(quenching), 0.5 * np.ptp(scale), 0.058]
    assert np.linalg.norm(halves) == pytest.approx(0.155, abs=5e-4)
    assert halves[0] == pytest.approx(0.073, abs=0.002)
    assert halves[1] == pytest.approx(0.141, abs=0.02)


def test_limit_on_the_magnetic_moment_has_the_order_of_the_published_one(
    spectrum: Experiment,
) -> None:
    """5.18e-11 mu_B at 90% CL in arXiv:2605.22815, with the energies above and more exposure."""
    assert spectrum.sigma is not None
    values = RateTable(spectrum, interaction("magnetic-moment")).counts().squeeze("run")
    at = values.sel(lindhard_k_ge=0.162, energy_scale=0)
    standard, new = at.sel(component="sm").values, at.sel(component="new_physics").values
    observed, sigma = spectrum.observed.values.ravel(), spectrum.sigma.values.ravel()

    def chi2(moment: float) -> float:
        return float(np.sum(((observed - standard - moment**2 * new) / sigma) ** 2))

    least = min(chi2(moment) for moment in np.linspace(0.0, 2e-10, 201))
    limit = brentq(lambda moment: chi2(moment) - least - 2.71, 5e-11, 5e-10)
    assert 1.5 < limit / 5.18e-11 < 3.0


def test_the_spectrum_and_the_number_are_not_fitted_together(spectrum: Experiment) -> None:
    with pytest.raises(ArgumentError, match="share exposure"):
        check_experiments([spectrum, experiment("conus_plus")])
