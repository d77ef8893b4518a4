"""Branches of a coupling: where the ridge is cut, against densities whose modes are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, logit

from bayes_cevns.cards import Experiment
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.couplings.stretched import unbounded
from bayes_cevns.density.data import data_at, prior_data
from bayes_cevns.errors import ConvergenceError
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.modes.coupling_branches import CouplingBranch, coupling_branches
from bayes_cevns.inference.modes.ridge import Density, find_ridge
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.summary.limits import limits

STARTS = np.zeros((2, 3))


def prior_of(
    *, signed: bool = True, lower: float = -1.0, split: float | None = None
) -> CouplingPrior:
    return CouplingPrior("flat", signed, 0.0, 1.0, lower, 1.0, split)


def density_of(*modes: tuple[float, float, float], lower: float = -1.0) -> Density:
    """Log-density of t, uniform up to 1, with two coordinates that follow it around a bend.

    A mode is the logarithm of its height, its place and its width.
    """

    def log_likelihood(t: float) -> tuple[float, float]:
        terms = np.array([top - 0.5 * ((t - at) / width) ** 2 for top, at, width in modes])
        weights = np.exp(terms - np.logaddexp.reduce(terms))
        slopes = np.array([-(t - at) / width**2 for _, at, width in modes])
        return float(np.logaddexp.reduce(terms)), float(weights @ slopes)

    def density(point: np.ndarray) -> tuple[float, np.ndarray]:
        share = float(expit(point[0]))
        t = lower + (1.0 - lower) * share
        along, slope = log_likelihood(t)
        pulls = np.array([(point[1] - 3.0 * t) / 0.1, (point[2] - 2.0 * t**2 - point[1]) / 0.5])
        value = along + np.log(share * (1 - share)) - 0.5 * pulls @ pulls
        by_t = slope + pulls[0] * 30.0 + pulls[1] * 8.0 * t
        gradient = [
            by_t * (1.0 - lower) * share * (1 - share) + 1.0 - 2.0 * share,
            -pulls[0] / 0.1 + pulls[1] / 0.5,
            -pulls[1] / 0.5,
        ]
        return float(value), np.array(gradient)

    return density


def test_ridge_is_the_maximum_over_the_other_coordinates() -> None:
    """Against a minimiser of SciPy at every point, and the known mode between two of the grid."""
    density = density_of((0.0, -0.413, 0.05), (-3.0, 0.5, 0.1))
    ridge = find_ridge(
        density,
        np.linspace(0, 1, 21),
        np.zeros((1, 2)),
        begin=0.5,
        negligible=20.0,
        group=lambda shares: np.zeros(shares.size, np.int64),
    )
    for share, value in zip(ridge.share, ridge.value, strict=True):
        u = logit(share)
        found = minimize(lambda y, u=u: -density(np.array([u, *y]))[0], np.zeros(2), tol=1e-10)
        assert value == pytest.approx(-found.fun - np.log(share * (1 - share)), abs=2e-3)
    top = -1.0 + 2.0 * ridge.share[np.argmax(ridge.value)]
    assert top == pytest.approx(-0.413, abs=0.015)
    assert ridge.value.max() == pytest.approx(0.0, abs=0.02)


def test_no_finite_density_is_an_error() -> None:
    with pytest.raises(ConvergenceError, match="not finite at any of the points"):
        coupling_branches(lambda _: (-np.inf, np.zeros(3)), prior_of(), STARTS)


@pytest.mark.parametrize("width", [0.1, 0.01, 0.001])
def test_one_mode_is_one_branch_as_long_as_it_is_narrow(width: float) -> None:
    density, prior = density_of((0.0, 0.37, width), lower=-0.5), prior_of(signed=False, lower=-0.5)
    (branch,) = coupling_branches(density, prior, STARTS)
    assert (branch.low, branch.high) == (-0.5, 1.0)
    expected = 4 * (1.5 / (np.sqrt(2 * np.pi) * width) - 1.0)
    assert branch.length == pytest.approx(expected, rel=0.15)
    # Straight in the middle: a share is (v + length / 2) / length.
    assert branch.start[0] / branch.length + 0.5 == pytest.approx(0.87 / 1.5, abs=width)
    np.testing.assert_allclose(branch.start[1:], [3 * 0.37, 2 * 0.37**2 + 3 * 0.37], atol=0.1)


def test_three_modes_are_three_branches_that_fill_the_range() -> None:
    density = density_of((0.0, -0.3, 0.03), (-8.0, 0.11, 0.02), (-2.0, 0.7, 0.05))
    branches = coupling_branches(density, prior_of(), STARTS)
    assert len(branches) == 3
    assert branches[0].low == -1.0
    assert branches[-1].high == 1.0
    assert [b.high for b in branches[:-1]] == [b.low for b in branches[1:]]
    assert -0.2 < branches[1].low < 0.05
    assert 0.15 < branches[2].low < 0.6


def test_shallow_valleys_and_modes_that_hold_nothing_are_not_cut() -> None:
    shallow = density_of((0.0, 0.0, 0.1), (0.0, 0.25, 0.1))
    nothing = density_of((0.0, 0.0, 0.03), (-30.0, 0.6, 0.03))
    for density in (shallow, nothing):
        assert len(coupling_branches(density, prior_of(), STARTS)) == 1


def test_an_improbable_sign_has_its_own_mode() -> None:
    """Given x > 0, all of the posterior is in a mode that holds e^-30 of it."""
    density = density_of((0.0, -0.5, 0.03), (-30.0, 0.6, 0.03))
    first, second = coupling_branches(density, prior_of(), STARTS)
    assert -0.4 < first.high == second.low < 0.5


def test_a_sign_that_is_only_a_tail_is_sampled_apart() -> None:
    """A limit given x < 0 needs more draws than the few of x > 0 that stray there."""
    negative, positive = coupling_branches(density_of((0.0, 0.2, 0.1)), prior_of(), STARTS)
    assert (negative.low, negative.high, positive.high) == (-1.0, 0.0, 1.0)
    (both,) = coupling_branches(density_of((0.0, 0.05, 0.1)), prior_of(), STARTS)
    assert (both.low, both.high) == (-1.0, 1.0)


@pytest.mark.parametrize("height", [-6.0, -1.0, -20.0])
def test_a_shelf_below_a_cliff_is_sampled_apart(height: float) -> None:
    """As a log prior has it below a signal: no valley, but 15% of the posterior far below."""
    density = density_of((0.0, 0.4, 0.01), (height, 0.0, 1e3), lower=-0.5)
    branches = coupling_branches(density, prior_of(signed=False, lower=-0.5), STARTS)
    if height != -6.0:  # what is no cliff, and what holds nothing
        assert len(branches) == 1
        return
    below, mode, above = branches
    assert below.high == pytest.approx(0.4, abs=0.1)
    assert mode.low < 0.4 - 2 * 0.01 < 0.4 + 2 * 0.01 < mode.high
    assert above.low == pytest.approx(0.4, abs=0.1)
    assert below.length == 0.0 or below.length < 1.0


def test_a_prior_a_billion_times_as_wide_as_the_posterior() -> None:
    density, prior = density_of((0.0, 0.0, 1e-9), lower=-0.5), prior_of(signed=False, lower=-0.5)
    (branch,) = coupling_branches(density, prior, STARTS)
    expected = 4 * 1.5 / (np.sqrt(2 * np.pi) * 1e-9)
    assert branch.length == pytest.approx(expected, rel=0.2)


def test_a_mode_narrower_than_the_grid_is_found() -> None:
    density = density_of((0.0, 0.0, 0.02), (-1.0, 0.513, 0.004))
    assert len(coupling_branches(density, prior_of(), STARTS)) == 2


def test_a_posterior_on_a_wall_begins_inside() -> None:
    prior = prior_of(signed=False, lower=0.0)
    (branch,) = coupling_branches(density_of((0.0, 0.0, 0.02), lower=0.0), prior, STARTS)
    assert branch.length == pytest.approx(4 / (0.02 * np.sqrt(np.pi / 2)) - 4, rel=0.15)
    share = 0.5 + branch.start[0] / branch.length
    assert 0.003 < share < 0.03


@pytest.mark.parametrize(
    ("places", "ends"), [((0.0,), (-1.0, 1.0)), ((-0.5, 0.5), (0.0, 1.0))], ids=["zero", "away"]
)
def test_even_posterior_is_halved_where_zero_is_a_valley(
    places: tuple[float, ...], ends: tuple[float, float]
) -> None:
    density = density_of(*[(0.0, at, 0.05) for at in places])
    (branch,) = coupling_branches(density, prior_of(signed=False), STARTS)
    assert (branch.low, branch.high) == ends


@pytest.fixture(scope="module")
def engine(xenonnt: Experiment) -> Engine:
    spec = ModelSpec.of([xenonnt], interaction="vector-universal")
    return Engine(spec, SamplerSettings(draws=1000, tune=300))


def test_branches_are_those_of_the_data_at_hand(xenonnt: Experiment) -> None:
    """Data of the Standard Model have a mode at x = 0 and one at its mirror image; data without a
    single event have one where the signal is least, and x < 0 is a tail of it."""
    spec = ModelSpec.of([xenonnt], interaction="vector-universal")
    engine = Engine(spec, SamplerSettings(draws=200, tune=200, chains=2), monitored=True)
    sampler = engine.compile(10.0)
    data, prior = data_at(engine.spec, engine.tables, 10.0)
    assert prior is not None

    def found(observed: dict[str, np.ndarray]) -> tuple[CouplingBranch, ...]:
        whole = {**data, **observed, **prior_data(prior)}
        return coupling_branches(sampler.density(whole), prior, sampler.starts)

    assert len(found({})) == 2
    none = {"xenonnt_cevns.observed": np.zeros(xenonnt.observed.shape)}
    negative, positive = found(none)
    assert negative.high == positive.low == 0.0


def test_the_length_leaves_the_density_of_the_coupling_alone(engine: Engine) -> None:
    """The density of t, at the same t and nuisances, in either coordinate."""
    compiled = engine.compile(10.0)
    data, prior = data_at(engine.spec, engine.tables, 10.0)
    assert prior is not None
    interval = (-0.2, 0.05)
    share = np.linspace(0.05, 0.95, 7)
    rest = np.random.default_rng(1).normal(0.0, 0.3, (7, compiled.compiled.size - 1))

    def of_t(
        length: float, place: np.ndarray, slope: Callable[[np.ndarray], np.ndarray]
    ) -> np.ndarray:
        numbers = prior_data(prior, interval, length=length)
        points = np.column_stack([place, rest])
        return compiled.log_density({**data, **numbers}, points)[0] - np.log(slope(place))

    plain = of_t(0.0, logit(share), lambda v: expit(v) * expit(-v))
    for length in (2.0, 30.0):
        half = length / 2
        found = of_t(
            length,
            unbounded(share, length),
            lambda v, half=half: (expit(v + half) - expit(v - half)) / (2 * half),
        )
        np.testing.assert_allclose(found, plain, atol=1e-7)


def test_a_sign_that_data_disfavour_has_a_limit(xenonnt: Experiment) -> None:
    """Half of the events are missing: x < 0, which adds some, holds little of the posterior."""
    few = xenonnt.observed.copy()
    few[:, ::2] = 0
    spec = ModelSpec.of([replace(xenonnt, observed=few)], interaction="vector-universal")
    fit = Engine(spec, SamplerSettings(cores=1)).fit(10.0, seed=1)
    positive, negative = limits(fit, 0.9)
    assert fit.passed
    assert 0 < negative.value < positive.value
    assert 0 < negative.mc_error < 0.05 * negative.value
    assert float(fit.quality["weight"][0]) < 0.1
