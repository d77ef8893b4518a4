"""Weighted quantiles, their Monte-Carlo error, and allowed bands, on known distributions."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.errors import ArgumentError
from bayes_cevns.summary.bands import bands
from bayes_cevns.summary.draws import WeightedDraws
from bayes_cevns.summary.fit import Fit
from bayes_cevns.summary.limits import limits

SHAPE = (4, 1000)


def draws_of(*branches: np.ndarray, weight: list[float], error: float = 0.0) -> WeightedDraws:
    return WeightedDraws(np.stack(branches), np.array(weight), np.full(len(weight), error))


def fit_of(x: np.ndarray, weight: list[float], *, signed: bool) -> Fit:
    """A fit with a flat prior on [-1, 1] (or [0, 1]) and the given draws of x."""
    names = ("branch", "chain", "draw")
    prior = CouplingPrior("flat", signed, 0.0, 1.0, -1.0 if signed else 0.0, 1.0, None)
    quality = xr.Dataset(
        {
            "weight": ("branch", np.array(weight)),
            "log_evidence_error": ("branch", np.zeros(len(weight))),
            "passed": ("branch", np.ones(len(weight), dtype=bool)),
            "reason": ("branch", np.array([""] * len(weight))),
        }
    )
    posterior = xr.Dataset(
        {"coupling_product": (names, x)},
        coords={"chain": np.arange(SHAPE[0]), "draw": np.arange(SHAPE[1])},
    )
    return Fit(prior, posterior, xr.Dataset(), quality)


def test_quantile_of_a_mixture_weighs_its_branches() -> None:
    rng = np.random.default_rng(1)
    low, high = rng.uniform(0, 1, SHAPE), rng.uniform(1, 2, SHAPE)
    draws = draws_of(low, high, weight=[0.8, 0.2])
    assert draws.quantile(0.4).value == pytest.approx(0.5, abs=0.02)
    assert draws.quantile(0.9).value == pytest.approx(1.5, abs=0.03)


def test_monte_carlo_error_is_the_spread_over_repetitions() -> None:
    """Correlated chains, two branches with uncertain weights: 200 repetitions."""
    rng = np.random.default_rng(2)
    values, errors = [], []
    for _ in range(200):
        noise = rng.normal(size=(2, *SHAPE))
        for t in range(1, SHAPE[1]):
            noise[..., t] = 0.6 * noise[..., t - 1] + 0.8 * noise[..., t]
        noise[1] += 2.0
        log_z = rng.normal(0.0, 0.1, 2)
        weight = np.exp(log_z) / np.exp(log_z).sum()
        q = draws_of(*noise, weight=list(weight), error=0.1).quantile(0.9)
        values.append(q.value)
        errors.append(q.mc_error)
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.2)


def test_quantile_under_a_condition() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(1, *SHAPE))
    draws = draws_of(x[0], weight=[1.0])
    q = draws.quantile(0.9, where=x > 0)
    assert q.value == pytest.approx(stats.halfnorm.ppf(0.9), abs=0.05)
    assert q.probability == pytest.approx(0.5, abs=0.03)
    assert np.isnan(draws.quantile(0.9, where=x > 99).value)


def test_limits_of_both_signs_are_conditional_on_the_sign() -> None:
    rng = np.random.default_rng(4)
    x = np.concatenate([-rng.uniform(0, 0.04, (1, 2, 1000)), rng.uniform(0, 0.01, (1, 2, 1000))], 1)
    found = {limit.side: limit.value for limit in limits(fit_of(x, [1.0], signed=True), 0.9)}
    assert found["negative"] == pytest.approx(np.sqrt(0.036), rel=0.01)
    assert found["positive"] == pytest.approx(np.sqrt(0.009), rel=0.01)


def test_upper_limit_of_an_unsigned_coupling() -> None:
    rng = np.random.default_rng(5)
    x = rng.uniform(0, 0.01, (1, *SHAPE))
    (limit,) = limits(fit_of(x, [1.0], signed=False), 0.95)
    assert limit.side == "upper"
    assert limit.value == pytest.approx(np.sqrt(0.0095), rel=0.005)
    assert limit.mc_error == pytest.approx(
        np.sqrt(0.95 * 0.05 / 4000) * 0.01 / (2 * np.sqrt(0.0095)), rel=0.3
    )


def test_bands_of_two_separate_modes() -> None:
    rng = np.random.default_rng(6)
    x = np.stack([rng.normal(-0.3, 0.02, SHAPE), rng.normal(0.4, 0.02, SHAPE)])
    first, second = bands(fit_of(x, [0.5, 0.5], signed=True), 0.9)
    half_width = 1.645 * 0.02
    assert first.low == pytest.approx(-np.sqrt(0.3 + half_width), rel=0.02)
    assert first.high == pytest.approx(-np.sqrt(0.3 - half_width), rel=0.02)
    assert second.low == pytest.approx(np.sqrt(0.4 - half_width), rel=0.02)
    assert first.probability + second.probability == pytest.approx(0.9, abs=0.02)


def test_a_plateau_at_zero_is_one_band_that_includes_zero() -> None:
    rng = np.random.default_rng(7)
    x = np.abs(rng.normal(0, 0.02, (1, *SHAPE)))
    (band,) = bands(fit_of(x, [1.0], signed=False), 0.9)
    assert band.low == 0.0
    assert band.high == pytest.approx(np.sqrt(stats.halfnorm.ppf(0.9) * 0.02), rel=0.03)


def test_a_flat_posterior_does_not_fall_into_pieces() -> None:
    rng = np.random.default_rng(8)
    (band,) = bands(fit_of(rng.uniform(-1, 1, (1, *SHAPE)), [1.0], signed=True), 0.9)
    assert band.probability > 0.85


@pytest.mark.parametrize("level", [0.0, 1.0, -0.1, 1.5, np.nan])
def test_levels_outside_the_unit_interval_are_refused(level: float) -> None:
    fit = fit_of(np.full((1, *SHAPE), 0.1), [1.0], signed=False)
    for summary in (limits, bands):
        with pytest.raises(ArgumentError, match="credible level"):
            summary(fit, level)
