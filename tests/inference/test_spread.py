"""The evidence from points all over a part, and from where the draws are."""

import numpy as np
import pytest
from scipy.special import expit, log_expit, logit
from scipy.stats import norm

from bayes_cevns.inference.modes.spread import spread_evidence

#: Modes in (0, 1): weight, place, width.
MODES = ((0.6, 0.3, 0.003), (0.4, 0.8, 0.02))


def log_density(points: np.ndarray) -> np.ndarray:
    """Return the log-density of two modes and a nuisance, normal; its integral is e^-5."""
    share = expit(points[:, 0])
    each = [np.log(w) + norm.logpdf(share, place, width) for w, place, width in MODES]
    slope = log_expit(points[:, 0]) + log_expit(-points[:, 0])
    return np.logaddexp(*each) + slope + norm.logpdf(points[:, 1]) - 5.0


def draws_of(modes: list[int]) -> np.ndarray:
    rng = np.random.default_rng(1)
    weights = np.array([MODES[mode][0] for mode in modes])
    chosen = rng.choice(modes, size=(4, 500), p=weights / weights.sum())
    place, width = (np.array([mode[i] for mode in MODES])[chosen] for i in (1, 2))
    shares = place + width * rng.normal(size=chosen.shape)
    return np.stack([logit(shares), rng.normal(size=chosen.shape)], axis=-1)


def test_the_integral_of_a_density() -> None:
    log_z, error = spread_evidence(
        log_density, draws_of([0, 1]), uniform=1, rng=np.random.default_rng(2)
    )
    assert log_z == pytest.approx(-5.0, abs=4 * error)
    assert error < 0.03


def test_thin_modes_have_a_small_error() -> None:
    def thin(points: np.ndarray) -> np.ndarray:
        slope = log_expit(points[:, 0]) + log_expit(-points[:, 0])
        normal = norm.logpdf(expit(points[:, 0]), 0.3, 1e-5)
        return normal + slope + norm.logpdf(points[:, 1])

    rng = np.random.default_rng(3)
    shares = 0.3 + 1e-5 * rng.normal(size=(4, 500))
    draws = np.stack([logit(shares), rng.normal(size=shares.shape)], axis=-1)
    log_z, error = spread_evidence(thin, draws, uniform=1, rng=rng)
    assert log_z == pytest.approx(0.0, abs=4 * error)
    assert error < 0.016


def test_a_mode_that_the_draws_missed_is_seen() -> None:
    """The draws have one mode, the integral has both."""
    log_z, error = spread_evidence(
        log_density, draws_of([0]), uniform=1, rng=np.random.default_rng(4)
    )
    assert log_z == pytest.approx(-5.0, abs=4 * error)
    assert log_z > -5.0 + np.log(MODES[0][0]) + 0.3
