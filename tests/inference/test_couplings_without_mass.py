"""Moments and angles: fits without a mediator mass, whose limits are on x and not on its root."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import multivariate_t

from bayes_cevns.cards import Experiment
from bayes_cevns.density.data import data_at, prior_data
from bayes_cevns.errors import ArgumentError
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.studies.profile import profile
from bayes_cevns.studies.sample import sample
from bayes_cevns.studies.scan import scan
from bayes_cevns.summary.bands import bands
from bayes_cevns.summary.fit import Fit
from bayes_cevns.summary.limits import Limit, limits
from bayes_cevns.summary.table import summary_text

LEVEL = 0.9
SETTINGS = SamplerSettings(draws=2000, tune=300)


def importance_sample(
    engine: Engine, interval: tuple[float, float], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Sample the engine's density on one side of the prior without a Markov chain.

    A t distribution is fitted to its own weighted draws, again and again. Returns x and
    log-weights, which include the evidence and the width of the branch.
    """
    data, prior = data_at(engine.spec, engine.tables, None)
    assert prior is not None
    compiled = engine.compiled.with_data({**data, **prior_data(prior, interval)})
    dimension = compiled.size
    mean, covariance = np.zeros(dimension), np.eye(dimension)
    # At first with weights to a small power: few draws of a poor proposal would be all there is.
    finals = 0
    while finals < 3:
        number = 8000 if finals < 2 else 30000
        proposal = multivariate_t(mean, covariance, df=5)
        points = proposal.rvs(number, random_state=rng)
        log_weight = compiled.log_density(points)[0] - proposal.logpdf(points)
        for power in (1.0, 0.8, 0.6, 0.4, 0.3, 0.2, 0.1, 0.05):
            weight = np.exp(power * (log_weight - log_weight.max()))
            weight /= weight.sum()
            if 1 / np.sum(weight**2) > number / 15:
                break
        finals += power == 1.0
        mean = weight @ points
        centred = points - mean
        covariance = (centred * weight[:, None]).T @ centred + 1e-6 * np.eye(dimension)
    low, high = interval
    coordinate = low + (high - low) / (1 + np.exp(-points[:, 0]))
    return prior.product(coordinate), log_weight + np.log(high - low) - np.log(number)


def direct_limits(engine: Engine, seed: int) -> dict[str, float]:
    """Return the limits by importance sampling: |x| below which lies LEVEL of a sign."""
    prior = engine.prior(None)
    assert prior is not None
    rng = np.random.default_rng(seed)
    inner = [] if prior.split is None else [prior.split]
    intervals = itertools.pairwise([prior.lower, *inner, prior.upper])
    samples = [importance_sample(engine, interval, rng) for interval in intervals]
    x, log_weight = (np.concatenate(column) for column in zip(*samples, strict=True))
    weight = np.exp(log_weight - log_weight.max())
    sides = {"positive": x > 0, "negative": x < 0} if prior.signed else {"upper": x >= 0}
    found = {}
    for side, where in sides.items():
        order = np.argsort(np.abs(x[where]))
        cumulative = np.cumsum(weight[where][order])
        rank = np.searchsorted(cumulative, LEVEL * cumulative[-1])
        found[side] = float(np.abs(x[where][order][rank]))
    return found


def fitted(xenonnt: Experiment, name: str, prior: str = "flat") -> tuple[Engine, Fit]:
    engine = Engine(ModelSpec.of([xenonnt], interaction=name, prior=prior), SETTINGS)
    fit = engine.fit(seed=1)
    assert fit.passed, fit.reason
    return engine, fit


def agree(found: tuple[Limit, ...], expected: dict[str, float]) -> None:
    assert {limit.side for limit in found} == set(expected)
    for limit in found:
        # Importance sampling has an error of its own, 1.3%, and that of a limit from one fit is
        # known to 25% only (24 fits: 2.0% scatter, 1.4 to 2.7% reported, no bias).
        slack = 4 * np.hypot(limit.mc_error, 0.02 * limit.value)
        assert abs(limit.value - expected[limit.side]) < slack, limit


@pytest.mark.parametrize("prior", ["flat", "log"])
def test_magnetic_moment(xenonnt: Experiment, prior: str) -> None:
    engine, fit = fitted(xenonnt, "magnetic-moment", prior)
    found = limits(fit, LEVEL)
    agree(found, direct_limits(engine, seed=2))
    # In Bohr magnetons, as the literature has it: 1e-9 from nuclear recoils of 8B neutrinos.
    assert 1e-10 < found[0].value < 1e-8
    np.testing.assert_allclose(fit.posterior["coupling"], fit.posterior["coupling_product"])
    (band,) = bands(fit, LEVEL)
    assert band.low == pytest.approx(0.0, abs=0.01 * found[0].value)
    assert band.high == pytest.approx(found[0].value, rel=0.2)
    text = summary_text(fit, LEVEL)
    assert f"limit (upper): mu_nu < {found[0].value:.4g} mu_B" in text
    assert "prior: uniform in " in text
    assert " g " not in text


def test_weak_mixing_angle(xenonnt: Experiment) -> None:
    """One mode: its mirror image, sin^2 = -0.45, is no angle."""
    engine, fit = fitted(xenonnt, "weak-mixing-angle")
    agree(limits(fit, LEVEL), direct_limits(engine, seed=3))
    (band,) = bands(fit, LEVEL)
    assert -0.23857 < band.low < 0.0 < band.high < 0.3
    assert fit.posterior["coupling_product"].min() > -0.23857


def test_charge_radius(xenonnt: Experiment) -> None:
    """Q = Z (1/2 - 2 sin^2 (1 + ...)) - N/2 has the same square on either side of its zero."""
    engine, fit = fitted(xenonnt, "charge-radius")
    # One of these scatters by 4%, more than the other interactions: their mean is compared.
    several = [direct_limits(engine, seed=seed) for seed in (4, 5, 6, 7)]
    agree(
        limits(fit, LEVEL), {side: np.mean([one[side] for one in several]) for side in several[0]}
    )
    weights = fit.quality["weight"].values
    assert weights == pytest.approx([0.5, 0.5], abs=0.05)
    lower, upper = bands(fit, LEVEL)
    assert upper.low < 0.0 < upper.high < 1e-30  # cm^2
    assert fit.prior is not None
    assert fit.prior.split is not None
    mirror = 2 * float(fit.prior.product(fit.prior.split))
    assert lower.low < mirror < lower.high
    assert lower.high - lower.low == pytest.approx(upper.high - upper.low, rel=0.2)


def test_limits_on_an_anapole_moment_are_a_tenth_weaker_than_with_the_printed_relation(
    xenonnt: Experiment,
) -> None:
    """By alpha(0) in place of the tree-level relation: 1.0275e9 / 9.266e8 in every limit."""
    ours, printed = (
        profile([xenonnt], interaction=name).limits for name in ("anapole", "anapole-paper-003")
    )
    assert [limit.side for limit in ours] == ["positive", "negative"]
    for one, other in zip(ours, printed, strict=True):
        assert one.value / other.value == pytest.approx(1.109, abs=1e-3)


def test_a_mass_is_refused_before_anything_is_compiled(xenonnt: Experiment) -> None:
    with pytest.raises(ArgumentError, match="'magnetic-moment' has no mediator, got a mass of 10"):
        sample([xenonnt], interaction="magnetic-moment", mass_mev=10.0)
    with pytest.raises(ArgumentError, match="no mediator mass to scan: use `sample`"):
        scan([xenonnt], interaction="magnetic-moment", masses_mev=[1.0, 10.0])
