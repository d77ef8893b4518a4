"""Charts: coordinates of the sampler in which a branch is close to standard normal."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest

from bayes_cevns.arrays import Array
from bayes_cevns.cards import experiment
from bayes_cevns.density.chart import Chart
from bayes_cevns.density.data import prior_data
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.modes.chart import ridge_chart
from bayes_cevns.inference.modes.coupling_branches import coupling_branches
from bayes_cevns.inference.modes.ridge import Ridge
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.specification.model_spec import ModelSpec

MASS_MEV = 10.0


def some_chart(size: int) -> Chart:
    """Return a chart of no model, with a curve that bends."""
    random = np.random.default_rng(1)
    curve = random.normal(scale=0.1, size=(size, 8, 4))
    curve[0, :, 1] = 1.0
    factor = np.tril(random.normal(scale=0.3, size=(size, size)))
    factor[0] = 0.0
    factor[np.arange(1, size), np.arange(1, size)] = random.uniform(0.5, 2.0, size - 1)
    return Chart(-2.0, 0.5, curve, factor)


@pytest.mark.parametrize("first", [-1.2, 0.3, 3.7, -5.0])
def test_log_volume_is_the_determinant_of_the_derivatives(first: float) -> None:
    chart, step = some_chart(4), 1e-6
    at = np.array([first, 0.4, -1.0, 2.0])
    rows = [chart.points(at + s) - chart.points(at - s) for s in step * np.eye(4)]
    sign, log_determinant = np.linalg.slogdet(np.array(rows) / (2.0 * step))
    assert sign == 1.0
    assert chart.log_volume(at) == pytest.approx(log_determinant, abs=1e-7)


@pytest.fixture(scope="module")
def engine() -> Engine:
    spec = ModelSpec.of([experiment("xenonnt_cevns")], interaction="scalar-universal", prior="log")
    return Engine(spec, SamplerSettings(draws=500, cores=1))


def test_a_model_in_a_chart_has_the_density_of_the_chart(engine: Engine) -> None:
    sampler = engine.compile(MASS_MEV)
    model = sampler.compiled
    chart = some_chart(model.size)
    points = np.random.default_rng(2).normal(size=(20, model.size))
    points[0, 0], points[1, 0] = -4.0, 4.0  # beyond the knots
    value, gradient = model.with_chart(chart).log_density(points)
    plain = model.log_density(chart.points(points))[0]
    np.testing.assert_allclose(value, plain + chart.log_volume(points), rtol=1e-12)

    def at(points: Array) -> Array:
        return model.with_chart(chart).log_density(points)[0]

    for i, step in enumerate(1e-5 * np.eye(model.size)):
        slope = (at(points + step) - at(points - step)) / 2e-5
        np.testing.assert_allclose(gradient[:, i], slope, rtol=1e-4, atol=1e-4)


def test_points_that_are_no_numbers_have_no_density(engine: Engine) -> None:
    model = engine.compile(MASS_MEV).compiled.with_chart(some_chart(9))
    points = np.zeros((3, model.size))
    points[0, 0], points[1, 0], points[2, 3] = np.nan, np.inf, np.nan
    assert not np.isfinite(model.log_density(points)[0]).any()


def test_a_branch_is_close_to_standard_normal_in_its_chart(engine: Engine) -> None:
    sampler, prior = engine.compile(MASS_MEV), engine.prior(MASS_MEV)
    assert prior is not None
    data, _ = engine.data_at(MASS_MEV)
    every = {**data, **prior_data(prior)}
    (branch,) = coupling_branches(sampler.density(every), prior, sampler.starts)
    assert branch.chart is not None
    own = {**data, **prior_data(prior, (branch.low, branch.high), length=branch.length)}
    model = sampler.compiled.with_data(own).with_chart(branch.chart)
    points = np.random.default_rng(3).normal(size=(1000, model.size))
    weights = model.log_density(points)[0] + 0.5 * (points**2).sum(axis=1)
    assert np.std(weights) < 1.0  # 5.6 of the coordinates of the model, about their mode


def test_draws_are_those_without_a_chart(engine: Engine) -> None:
    sampler, prior = engine.compile(MASS_MEV), engine.prior(MASS_MEV)
    assert prior is not None
    data, _ = engine.data_at(MASS_MEV)
    every = {**data, **prior_data(prior)}
    (branch,) = coupling_branches(sampler.density(every), prior, sampler.starts)
    own = {**data, **prior_data(prior, (branch.low, branch.high), length=branch.length)}
    settings = SamplerSettings(draws=1000, cores=1)
    with_chart, without = (
        sampler.begin(own, settings, seed=1, starts=branch.start[None], charted=charted).result()
        for charted in (lambda model: model.with_chart(branch.chart), None)
    )
    assert with_chart.stats["n_steps"].sum() < 0.3 * without.stats["n_steps"].sum()
    assert with_chart.report.passed
    for name in ("coupling_coordinate", "flux_8b"):
        one, other = (b.draws[name].values[:, ::10].ravel() for b in (with_chart, without))
        assert kstest(one, other).pvalue > 0.001


def test_a_branch_without_nuisances_has_a_chart() -> None:
    def density(point: Array) -> tuple[float, Array]:
        share = 1.0 / (1.0 + np.exp(-point[0]))
        slope = share * (1.0 - share)
        value = -0.5 * ((share - 0.4) / 0.05) ** 2 + np.log(slope)
        return float(value), np.array([-(share - 0.4) / 0.05**2 * slope + 1.0 - 2.0 * share])

    shares = np.linspace(0.0, 1.0, 101)
    value = -0.5 * ((shares - 0.4) / 0.05) ** 2
    ridge = Ridge(shares, value, -(shares - 0.4) / 0.05**2, np.empty((101, 0)))
    chart = ridge_chart(density, ridge, (0.0, 1.0), 0.0)
    assert chart is not None
    points = np.linspace(-2.0, 2.0, 9)[:, None]
    shares_at = 1.0 / (1.0 + np.exp(-chart.points(points)[:, 0]))
    np.testing.assert_allclose(shares_at, 0.4 + 0.05 * points[:, 0], atol=2e-4)
