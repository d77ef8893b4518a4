"""Bridge sampling and the quality gate on distributions that are known exactly."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from bayes_cevns.errors import ArgumentError, ConvergenceError
from bayes_cevns.inference.gate import Gate
from bayes_cevns.inference.modes.bridge import log_evidence


def dataset(values: np.ndarray) -> xr.Dataset:
    return xr.Dataset({"x": (("chain", "draw"), values)})


def test_evidence_of_a_skewed_density_is_exact_within_its_error() -> None:
    """Independent log-gamma variables: as skewed as a coupling in log space."""
    shapes = np.array([0.5, 1.0, 2.0, 5.0])
    scale = 7.0  # the density is multiplied by e^7

    def density(y: np.ndarray) -> np.ndarray:
        return stats.loggamma.logpdf(y, shapes).sum(axis=1) + scale

    deviations, errors = [], []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        draws = stats.loggamma.rvs(shapes, size=(4, 1000, 4), random_state=rng)
        log_z, error = log_evidence(density, draws, rng=rng)
        deviations.append(log_z - scale)
        errors.append(error)
    assert np.mean(deviations) == pytest.approx(0.0, abs=3 * np.mean(errors) / np.sqrt(30))
    assert np.std(deviations) == pytest.approx(np.mean(errors), rel=0.5)


def test_evidence_refuses_draws_outside_the_support() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ConvergenceError, match="not finite"):
        log_evidence(lambda y: np.full(len(y), -np.inf), rng.normal(size=(4, 100, 2)), rng=rng)


def test_gate_passes_independent_draws() -> None:
    values = np.random.default_rng(1).normal(size=(4, 1000))
    report = Gate().check(dataset(values), divergences=0)
    assert report.passed
    assert report.ess_bulk > 3000


@pytest.mark.parametrize(
    ("spoil", "divergences", "reason"),
    [
        (lambda v: v + np.array([[0], [0], [0], [1]]), 0, "R-hat"),
        (lambda v: np.cumsum(v, axis=1), 0, "R-hat"),
        (lambda v: v, 3, "3 divergences"),
        (lambda v: v[:, :50], 0, "ESS"),
        (lambda v: np.zeros_like(v), 0, "R-hat nan"),
        (lambda v: np.where(v > 4, v, np.nan), 0, "R-hat nan"),
    ],
)
def test_gate_names_what_is_wrong(spoil: object, divergences: int, reason: str) -> None:
    values = spoil(np.random.default_rng(2).normal(size=(4, 1000)))
    with np.errstate(invalid="ignore"):
        report = Gate().check(dataset(values), divergences=divergences)
    assert not report.passed
    assert reason in report.reason


def test_impossible_gates_are_refused() -> None:
    with pytest.raises(ArgumentError, match="rhat_max > 1"):
        Gate(rhat_max=0.9)
