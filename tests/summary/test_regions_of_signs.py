"""The region of a sign by itself, and whether it reaches zero, on densities that are known."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.physics.interactions.coupling import UNIVERSAL
from bayes_cevns.summary.bands import Band, bands, bands_of_sides, excludes_zero
from bayes_cevns.summary.draws import WeightedDraws
from bayes_cevns.summary.fit import Fit
from bayes_cevns.summary.limits import limits
from bayes_cevns.summary.table import summary_text
from bayes_cevns.summary.zero import zero_texts

SHAPE = (4, 1000)


def fit_of(x: np.ndarray, weight: list[float], prior: CouplingPrior) -> Fit:
    names = ("branch", "chain", "draw")
    one = np.ones(len(weight))
    quality = xr.Dataset(
        {
            "weight": ("branch", np.array(weight)),
            "log_evidence_error": ("branch", 0 * one),
            "passed": ("branch", one.astype(bool)),
            **dict.fromkeys(("rhat", "ess_bulk", "ess_tail", "divergences"), ("branch", one)),
        }
    )
    coords = {"chain": np.arange(SHAPE[0]), "draw": np.arange(SHAPE[1])}
    posterior = xr.Dataset({"coupling_product": (names, x)}, coords=coords)
    return Fit(prior, posterior, xr.Dataset(), quality)


FLAT = CouplingPrior("flat", True, 0.0, 1.0, -1.0, 1.0, None)
UNSIGNED = CouplingPrior("flat", False, 0.0, 1.0, 0.0, 1.0, None)
LOG = CouplingPrior("log", False, 0.0, 1e-4, 0.0, 4.0, None)


def two_modes(weight: float) -> Fit:
    """Positive x: half-normal at zero and, with a weight, an island; negative: a half-normal."""
    rng = np.random.default_rng(1)
    around = rng.normal(0.0, 0.02, SHAPE)
    island = rng.normal(0.4, 0.02, SHAPE)
    return fit_of(np.stack([around, island]), [1.0 - weight, weight], FLAT)


def test_the_region_of_a_sign_is_that_of_the_posterior_on_its_condition() -> None:
    """Half of the weight 0.6 at zero and 0.4 in the island: 3/7 and 4/7 of the positive ones.

    At the cut c, with z of either mode: 3/7 (2 Phi(z1) - 1) + 4/7 (2 Phi(z2) - 1) = 0.9, where both
    densities are c.
    """
    found = bands_of_sides(two_modes(0.4), 0.9)
    near, far = found["positive"]
    z = np.linspace(0.01, 4, 4000)
    half, whole = 3 / 7 * 2 * stats.norm.pdf(z), 4 / 7 * stats.norm.pdf(z)
    at = np.interp(np.linspace(0.001, 0.2, 4000), half[::-1], z[::-1])
    other = np.interp(np.linspace(0.001, 0.2, 4000), whole[::-1], z[::-1])
    share = 3 / 7 * (2 * stats.norm.cdf(at) - 1) + 4 / 7 * (2 * stats.norm.cdf(other) - 1)
    place = int(np.argmin(np.abs(share - 0.9)))
    assert near.low == 0.0
    assert near.high**2 == pytest.approx(0.02 * at[place], rel=0.06)
    assert far.low**2 == pytest.approx(0.4 - 0.02 * other[place], rel=0.01)
    assert far.high**2 == pytest.approx(0.4 + 0.02 * other[place], rel=0.01)
    assert near.probability + far.probability == pytest.approx(0.9, abs=0.01)
    (negative,) = found["negative"]
    assert (negative.high, negative.low**2) == pytest.approx(
        (0.0, 0.02 * stats.halfnorm.ppf(0.9)), rel=0.05
    )


def test_it_is_not_the_region_of_both_signs_cut_at_zero() -> None:
    """Negative couplings have 0.3 of the probability, and 0.9 of themselves in their region."""
    fit = two_modes(0.4)
    (negative,) = bands_of_sides(fit, 0.9)["negative"]
    both = bands(fit, 0.9)[0]
    assert negative.probability == pytest.approx(0.9, abs=0.01)
    assert abs(negative.low) < 0.98 * abs(both.low)


def test_one_piece_from_zero_ends_at_the_limit() -> None:
    fit = two_modes(1e-6)
    limit = {found.side: found.value for found in limits(fit, 0.9)}
    for side, (band,) in bands_of_sides(fit, 0.9).items():
        end = max(abs(band.low), abs(band.high))
        assert end == pytest.approx(limit[side], rel=0.01), side
        assert min(abs(band.low), abs(band.high)) == 0.0


def test_a_sign_without_draws_has_no_region() -> None:
    x = np.random.default_rng(2).normal(0.4, 0.02, (1, *SHAPE))
    found = bands_of_sides(fit_of(x, [1.0], FLAT), 0.9)
    assert found["negative"] == ()
    assert len(found["positive"]) == 1
    assert not excludes_zero(found["negative"]), "nothing is known of it"


def test_draws_on_a_condition_keep_the_weights_of_branches() -> None:
    mixed = np.random.default_rng(5).permuted(np.tile([-1.0, 1.0, 1.0, 2.0], (4, 250)), axis=1)
    values = np.stack([mixed, np.full(SHAPE, 3.0)])
    draws = WeightedDraws(values, np.array([0.8, 0.2]), np.zeros(2))
    found = draws.where(values > 0)
    np.testing.assert_allclose(found.weight, [0.75, 0.25])
    assert found.probability(0.5, 1.5) == pytest.approx(0.5, abs=0.01)
    assert draws.where(values > 5).weight.size == 0


@pytest.mark.parametrize("seed", range(8))
def test_zero_is_not_excluded_by_noise(seed: int) -> None:
    """A plateau from zero on: the least full cell may be at zero, and the region begins there."""
    rng = np.random.default_rng(seed)
    x = np.abs(rng.normal(0, 0.02, (1, *SHAPE))) ** 0.98
    (band,) = bands(fit_of(x, [1.0], UNSIGNED), 0.9)
    assert band.low == 0.0
    assert not excludes_zero([band])


@pytest.mark.parametrize("prior", [UNSIGNED, FLAT])
def test_an_excess_excludes_zero(prior: CouplingPrior) -> None:
    """Eight standard deviations from zero, for either kind of coupling."""
    x = np.random.default_rng(3).normal(0.4, 0.05, (1, *SHAPE))
    fit = fit_of(x, [1.0], prior)
    side = "positive" if prior.signed else "upper"
    (band,) = bands_of_sides(fit, 0.9)[side]
    assert excludes_zero([band])
    assert band.low**2 == pytest.approx(0.4 - 1.645 * 0.05, rel=0.02)
    (text,) = zero_texts(bands_of_sides(fit, 0.9), UNIVERSAL, 0.9, is_log=False)
    assert text.startswith("sqrt(|g_nu g_f|) = 0 lies outside the 90% credible region")
    assert text.endswith("a background that the model lacks, not an exclusion")
    assert ("g_nu g_f > 0" in text) is prior.signed
    assert text in summary_text(fit, 0.9)


def test_with_a_log_prior_the_lower_end_stands_for_zero() -> None:
    """t of g = e^t: uniform down to the end of the prior, or away from it."""
    rng = np.random.default_rng(4)
    down = LOG.product(rng.uniform(0.0, 2.0, (1, *SHAPE)))
    away = LOG.product(rng.normal(2.0, 0.1, (1, *SHAPE)))
    assert not excludes_zero(bands(fit_of(down, [1.0], LOG), 0.9))
    assert "prior:" in summary_text(fit_of(down, [1.0], LOG), 0.9)
    assert "lower end of the prior" not in summary_text(fit_of(down, [1.0], LOG), 0.9)
    assert excludes_zero(bands(fit_of(away, [1.0], LOG), 0.9))
    assert "does not reach the lower end of the prior" in summary_text(
        fit_of(away, [1.0], LOG), 0.9
    )


def test_a_region_around_zero_does_not_exclude_it() -> None:
    assert not excludes_zero([Band(-1.0, 2.0, 0.9)])
    assert excludes_zero([Band(-2.0, -1.0, 0.45), Band(1.0, 2.0, 0.45)])
