"""`RateOp` inside a plain ``pm.Model``: its density and gradient, without sampling."""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytest
from scipy.interpolate import CubicSpline
from scipy.stats import norm, poisson

from bayes_cevns.tables.rate_op import RateOp
from bayes_cevns.tables.shape_axes import ShapeAxis, spline_coefficients

AXIS = ShapeAxis("yield", (-3.0, -1.0, 0.0, 1.5, 3.0))
OBSERVED = np.array([3, 0, 5, 1])


@pytest.fixture(scope="module")
def values():
    return np.random.default_rng(11).uniform(0.5, 2.0, size=(5, 3, 4))


@pytest.fixture(scope="module")
def model(values):
    with pm.Model() as built:
        x = pm.Normal("x", 0.0, 1.0)
        pull = pm.Normal("pull", 0.0, 1.0)
        flux = pm.Normal("flux", 1.0, 0.1)
        rates = pm.Data("rates", spline_coefficients((AXIS,), values))
        powers = flux * pt.stack([pt.ones_like(x), x, x**2])
        mean = pm.Deterministic("mean", RateOp((AXIS,))(rates, powers, pt.stack([pull])))
        pm.Poisson("counts", mu=mean, observed=OBSERVED)
    return built


@pytest.fixture(scope="module")
def logp(model):
    return model.compile_logp(mode="NUMBA")


def by_hand(values, x, pull, flux):
    mean = flux * (np.array([1.0, x, x**2]) @ CubicSpline(AXIS.nodes, values)(pull))
    prior = norm.logpdf(x) + norm.logpdf(pull) + norm.logpdf(flux, 1.0, 0.1)
    return prior + poisson.logpmf(OBSERVED, mean).sum()


POINTS = [(0.3, 0.7, 1.1), (0.0, 0.0, 1.0), (1.4, -2.2, 0.8), (-0.1, 2.9, 1.0)]


def test_density_and_gradient(model, logp, values):
    dlogp = model.compile_dlogp(mode="NUMBA")
    order = [v.name for v in model.value_vars]
    for point in POINTS:
        named = dict(zip(("x", "pull", "flux"), point, strict=True))
        arrays = {name: np.array(value) for name, value in named.items()}
        assert float(logp(arrays)) == pytest.approx(by_hand(values, *point), rel=1e-12)
        step = 1e-6
        for name, slope in zip(order, dlogp(arrays), strict=True):
            up, down = (by_hand(values, **{**named, name: named[name] + s}) for s in (step, -step))
            assert slope == pytest.approx((up - down) / (2 * step), rel=1e-6, abs=1e-6)


def test_another_table_needs_no_other_function(model, logp, values):
    """What a scan over mediator masses rests on."""
    point = {"x": np.array(0.5), "pull": np.array(0.2), "flux": np.array(1.0)}
    before = float(logp(point))
    try:
        model.set_data("rates", spline_coefficients((AXIS,), 2 * values))
        assert float(logp(point)) == pytest.approx(by_hand(2 * values, 0.5, 0.2, 1.0), rel=1e-12)
    finally:
        model.set_data("rates", spline_coefficients((AXIS,), values))
    assert float(logp(point)) == before


def test_beyond_its_table_a_model_has_no_density(logp):
    """Not a made-up number: the sampler has to stay within the nodes."""
    outside = {"x": np.array(0.5), "pull": np.array(3.01), "flux": np.array(1.0)}
    assert not np.isfinite(logp(outside))


def test_prior_predictive_draws_run_through_it(model):
    with model:
        drawn = pm.draw(model["mean"], draws=3, random_seed=1)
    assert drawn.shape == (3, 4)
