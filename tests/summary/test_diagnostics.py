"""R-hat, effective sample sizes and Pareto k of many quantities against those of ArviZ."""

from __future__ import annotations

import numpy as np
import pytest
from arviz_stats.base import array_stats
from scipy.signal import fftconvolve

from bayes_cevns.arrays import Array
from bayes_cevns.inference.gate import Gate
from bayes_cevns.summary.density import _convolved
from bayes_cevns.summary.diagnostics import convergence, ess_bulk, ess_mean
from bayes_cevns.summary.pareto import pareto_k

#: The numbers are those of ArviZ to this relative difference.
ALIKE = 1e-12


def chains(correlation: float, shape: tuple[int, int, int]) -> Array:
    """Return autoregressive chains, some of them unusual: rounded, of two values, with a trend."""
    random = np.random.default_rng(1)
    values = random.normal(size=shape)
    for draw in range(1, shape[2]):
        fresh = np.sqrt(1.0 - correlation**2) * values[..., draw]
        values[..., draw] = correlation * values[..., draw - 1] + fresh
    values[1] = np.round(values[1], 1)
    values[2] = values[2] > 0.0
    values[3] += np.linspace(0.0, 3.0, shape[2])
    values[4, 0] += 2.0
    values[5, 0, 1] = np.inf
    values[6] *= 1e-20  # ArviZ takes these for constants
    return values


@pytest.mark.parametrize("correlation", [-0.9, -0.2, 0.0, 0.5, 0.99])
@pytest.mark.parametrize("shape", [(8, 1, 40), (8, 2, 7), (8, 4, 4), (8, 4, 101), (8, 4, 1000)])
def test_diagnostics_are_those_of_arviz(correlation: float, shape: tuple[int, int, int]) -> None:
    values = chains(correlation, shape)
    with np.errstate(all="ignore"):
        expected = [
            array_stats.rhat(values, method="rank"),
            array_stats.ess(values, method="bulk"),
            array_stats.ess(values, method="tail", prob=(0.05, 0.95)),
            array_stats.ess(values, method="mean"),
        ]
        found = convergence(values)
        means = ess_mean(values)
    got = [found.rhat, found.ess_bulk, found.ess_tail, means]
    for one, other in zip(got, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=ALIKE)
    np.testing.assert_array_equal(ess_bulk(values), found.ess_bulk)


def test_a_quantity_with_nan_and_a_constant_one_are_nan_and_the_others_are_not() -> None:
    values = np.random.default_rng(2).normal(size=(70, 4, 50))  # more than are judged at once
    values[1, 2, 3] = np.nan
    values[2] = 1.0
    found = convergence(values)
    assert np.flatnonzero(np.isnan(found.rhat)).tolist() == [1, 2]
    assert np.flatnonzero(np.isnan(found.ess_bulk)).tolist() == [1]
    assert np.flatnonzero(np.isnan(found.ess_tail)).tolist() == [1]
    assert np.isnan(convergence(values[:, :, :3]).ess_bulk).all()


def test_a_gate_names_the_worst_parameter_and_judges_each_component() -> None:
    import xarray as xr

    random = np.random.default_rng(3)
    good, bad = random.normal(size=(4, 500)), random.normal(size=(4, 500, 3))
    bad[0, :, 2] += 5.0
    draws = xr.Dataset({"good": (("chain", "draw"), good), "bad": (("chain", "draw", "i"), bad)})
    report = Gate().check(draws, divergences=0)
    assert "of bad above" in report.reason
    worst = array_stats.rhat(bad[..., 2][None], method="rank")[0]
    assert report.rhat == pytest.approx(worst, rel=ALIKE)
    assert Gate().check(draws[["good"]], divergences=0).passed
    assert Gate().check(draws[[]], divergences=0).ess_bulk == np.inf


@pytest.mark.parametrize("number", [100, 225, 226, 600, 4000])
@pytest.mark.parametrize("scale", [0.01, 1.0, 5.0])
def test_pareto_k_is_that_of_arviz(number: int, scale: float) -> None:
    random = np.random.default_rng(4)
    for drawn in (random.normal(size=number), random.exponential(size=number)):
        log_weights = scale * drawn
        expected = array_stats.psislw(-log_weights)[1]
        assert pareto_k(log_weights) == pytest.approx(expected, rel=ALIKE)


def test_pareto_k_of_a_tail_that_is_all_alike_is_not_known() -> None:
    assert np.isnan(pareto_k(np.repeat([0.0, 1.0], [50, 100])))


@pytest.mark.parametrize(("values", "kernel"), [((50,), (7,)), ((33, 20), (5, 9))])
def test_convolutions_are_those_of_scipy(values: tuple[int, ...], kernel: tuple[int, ...]) -> None:
    random = np.random.default_rng(5)
    one, other = random.random(values), random.random(kernel)
    expected = fftconvolve(one, other, mode="valid")
    np.testing.assert_allclose(_convolved(one, other), expected, rtol=1e-12)
