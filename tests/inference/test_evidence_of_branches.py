"""Branches and their evidence on a density with two modes whose weights are known."""

from __future__ import annotations

import itertools

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytest
from scipy import stats

from bayes_cevns.errors import ConvergenceError
from bayes_cevns.inference.graph_target import GraphTarget
from bayes_cevns.inference.modes.branch import Evidence, join
from bayes_cevns.inference.modes.spread import spread_evidence
from bayes_cevns.inference.sampler import Sampler
from bayes_cevns.inference.settings import SamplerSettings, branch_seed
from bayes_cevns.summary.fit import Fit

SETTINGS = SamplerSettings(draws=1000, tune=300)

#: x lies between these ends, and has a prior that is uniform there.
BOX = (-3.0, 3.0)

#: What the likelihood is multiplied by.
LOG_SCALE = -40.0


def sampler_of(*modes: tuple[float, float, float]) -> Sampler:
    """Compile x, uniform between two ends that are data, whose likelihood is a sum of normals.

    A mode is its weight, place and width. There is a nuisance y besides, normal around x / 2.
    """
    with pm.Model() as model:
        ends = pm.Data("ends", np.array(BOX))
        share = pm.Uniform("share", 0.0, 1.0, shape=1)
        x = pm.Deterministic("x", ends[0] + (ends[1] - ends[0]) * share[0])
        pm.Normal("y", x / 2, 0.7)
        terms = [
            np.log(weight) - np.log(width) - 0.5 * ((x - place) / width) ** 2
            for weight, place, width in modes
        ]
        density = pt.logsumexp(pt.stack(terms)) - 0.5 * np.log(2 * np.pi)
        pm.Potential("likelihood", density + LOG_SCALE)
    return Sampler(GraphTarget(model, spread_out=True))


def fit_of(sampler: Sampler, borders: list[float], seed: int) -> Fit:
    """Sample each part of the box between borders, and put them together."""
    edges = [BOX[0], *borders, BOX[1]]
    return join(
        None,
        [
            sampler.begin(
                {"ends": np.array(ends)},
                SETTINGS,
                seed=branch_seed(seed, number),
                evidence=True,
                unjudged=("share",),
                log_width=float(np.log((ends[1] - ends[0]) / (BOX[1] - BOX[0]))),
                uniform=1,
            ).result()
            for number, ends in enumerate(itertools.pairwise(edges))
        ],
    )


@pytest.fixture(scope="module")
def two_modes() -> Sampler:
    return sampler_of((0.7, -1.0, 0.2), (0.3, 1.5, 0.3))


@pytest.mark.parametrize("border", [-0.2, 0.3, 0.6])
def test_known_weights_wherever_the_border_is(two_modes: Sampler, border: float) -> None:
    fit = fit_of(two_modes, [border], seed=3)
    assert fit.passed, fit.reason
    np.testing.assert_allclose(fit.quality["weight"], [0.7, 0.3], atol=0.02)
    below = float((fit.posterior["x"].isel(branch=0) < -1.0).mean())
    assert below == pytest.approx(0.5, abs=0.06)


def test_total_evidence_is_known(two_modes: Sampler) -> None:
    """The mean of the likelihood over the box, which holds all of both modes."""
    fit = fit_of(two_modes, [0.3], seed=4)
    widths = np.log([3.3 / 6.0, 2.7 / 6.0])
    for name in ("log_evidence", "log_evidence_bridge", "log_evidence_spread"):
        found = fit.quality[name].values.astype(float)
        errors = fit.quality[f"{name}_error"].values.astype(float)
        assert np.all(errors < 0.05)
        total = np.logaddexp.reduce(found + widths)
        assert total == pytest.approx(LOG_SCALE - np.log(6.0), abs=4 * np.hypot(*errors))


def test_a_missed_mode_fails_the_gate() -> None:
    """A third of the posterior in a peak so narrow that no chain walks into it."""
    fit = fit_of(sampler_of((0.7, -1.0, 0.5), (0.3, 2.6, 0.01)), [], seed=1)
    assert float(fit.posterior["x"].max()) < 2.0, "the chains found it: a harder case is needed"
    assert float(fit.quality["rhat"][0]) <= 1.01, "R-hat does not see what no chain has seen"
    assert not fit.passed
    assert "the chains missed" in fit.reason
    assert int(fit.quality["attempts"][0]) == SETTINGS.retries + 1


def test_chains_in_different_modes_fail_the_gate() -> None:
    """Sampled without a border, modes between which NUTS does not cross."""
    fit = fit_of(sampler_of((0.5, -1.5, 0.05), (0.5, 1.5, 0.05)), [], seed=1)
    assert not fit.passed
    assert "R-hat" in fit.reason


@pytest.mark.parametrize("uniform", [1, 2])
def test_spread_evidence_is_exact_within_its_error(uniform: int) -> None:
    """A product: two normal peaks in each uniform coordinate, log-gamma in the other."""

    def density(points: np.ndarray) -> np.ndarray:
        share = 1 / (1 + np.exp(-points[:, :uniform]))
        peaks = np.logaddexp(
            np.log(0.8) + stats.norm.logpdf(share, 0.2, 0.03),
            np.log(0.2) + stats.norm.logpdf(share, 0.8, 0.05),
        )
        jacobian = np.log(share) + np.log1p(-share)
        return (peaks + jacobian).sum(axis=1) + stats.loggamma.logpdf(points[:, uniform], 3.0) + 5

    pulls = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        # The draws know one of the modes only.
        share = rng.normal(0.2, 0.03, (4, 500, uniform)).clip(0.01, 0.99)
        other = stats.loggamma.rvs(3.0, size=(4, 500, 1), random_state=rng)
        draws = np.concatenate([np.log(share / (1 - share)), other], axis=-1)
        log_z, error = spread_evidence(density, draws, uniform=uniform, rng=rng)
        assert error < 0.04
        pulls.append((log_z - 5) / error)
    assert abs(np.mean(pulls)) < 3 / np.sqrt(20)
    assert np.std(pulls) == pytest.approx(1.0, abs=0.5)


def test_spread_evidence_of_nothing_is_an_error() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ConvergenceError, match="no point of this branch"):
        spread_evidence(
            lambda points: np.full(len(points), -np.inf),
            rng.normal(size=(4, 100, 2)),
            uniform=1,
            rng=rng,
        )


def test_two_evidences_make_a_better_one() -> None:
    value, error = Evidence(-10.0, 0.02, -10.05, 0.01).best
    assert value == pytest.approx(-10.04)
    assert error == pytest.approx(0.02 / np.sqrt(5))
    assert Evidence(-10.0, 0.02).best == (-10.0, 0.02)


@pytest.mark.parametrize(
    ("spread", "error", "text"),
    [
        (-10.0, 0.01, ""),
        (-9.9, 0.02, ""),
        (-9.5, 0.2, ""),
        (-9.5, 0.01, "the chains missed 39% of this branch"),
        (-10.5, 0.01, "lower by 0.50 than the chains"),
    ],
)
def test_two_evidences_are_compared_with_their_errors(
    spread: float, error: float, text: str
) -> None:
    found = Evidence(-10.0, 0.01, spread, error).disagreement
    assert text in found
    assert bool(text) == bool(found)
