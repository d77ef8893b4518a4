"""Where the box of several couplings is cut."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from scipy.special import expit, logit

from bayes_cevns.couplings.slab import Slab
from bayes_cevns.inference.box_branches import box_branches, steepest

BOX = Slab.box([-1.0, -0.5], [1.0, 0.5])
NORMAL = np.array([2.0, 3.0])


def signal(couplings: np.ndarray) -> float:
    """Counts of a charge that is 1 in the Standard Model: alike at charges of 1 and -1."""
    return float((1.0 + NORMAL @ couplings) ** 2) + 0.1


def density(
    point: np.ndarray, *, sigma: float, observed: float = 1.1, slab: Slab = BOX
) -> tuple[float, np.ndarray]:
    """Counts as observed within sigma, times a flux known to 2%, as the sampler has them.

    Logits of the places in the box, in its order, and the flux; the gradient by differences.
    """

    def value(at: np.ndarray) -> float:
        start, span, _ = slab.numbers
        places = expit(at[:2])
        couplings = np.empty(2)
        couplings[slab.order] = start + span * places
        flux = at[2]
        jacobian = np.log(places * (1 - places)).sum()
        residual = (flux * signal(couplings) - observed) / sigma
        return float(-0.5 * residual**2 - 0.5 * ((flux - 1.0) / 0.02) ** 2 + jacobian)

    steps = 1e-6 * np.eye(3)
    gradient = [(value(point + step) - value(point - step)) / 2e-6 for step in steps]
    return value(point), np.array(gradient)


def branches(measured: Callable[..., tuple[float, np.ndarray]]) -> tuple[Slab, ...]:
    starts = np.array([[0.0, 0.0, 1.0], [0.1, -0.1, 0.99]])
    return box_branches(signal, measured, BOX, np.zeros(2), starts)


def test_steepest_direction_of_a_quadratic_form() -> None:
    span = np.array([2.0, 1.0])
    normal = np.array([0.6, 2.4])  # (normal . couplings)^2, with slopes 1.2 and 2.4 over the box
    found = steepest(lambda at: float((at @ normal) ** 2), np.zeros(2), span)
    np.testing.assert_allclose(found, np.array([1.0, 2.0]) / np.sqrt(5), atol=1e-6)


def test_a_posterior_with_two_modes_is_cut_between_them() -> None:
    """Between the Standard Model and its mirror image, where the charge vanishes."""
    lower, upper = branches(partial(density, sigma=0.03))
    assert (lower.low, upper.high) == (-np.inf, np.inf)
    assert lower.high == upper.low
    mirror = -2.0 * NORMAL / (NORMAL @ NORMAL)
    assert signal(mirror) == pytest.approx(signal(np.zeros(2)))
    assert upper.contains(np.zeros(2)) != upper.contains(mirror)
    # The plane lies where the line through the Standard Model has the least signal.
    none = -((BOX.upper - BOX.lower) ** 2) * NORMAL
    none = none / abs(NORMAL @ none)
    assert upper.low == pytest.approx(float(none @ upper.normal), abs=0.05 * abs(upper.low))


def test_the_nuisances_follow() -> None:
    """Less than what the nominal signal has: with a flux of its own the density is finite."""
    found = branches(partial(density, sigma=0.1, observed=0.05))
    assert len(found) == 1, "the least signal fits best: one mode"


def test_one_mode_is_one_branch() -> None:
    (whole,) = branches(partial(density, sigma=50.0))
    assert (whole.low, whole.high) == (-np.inf, np.inf)


@pytest.mark.parametrize("standard", [[0.0, 0.0], [1.0, -0.5], [5.0, 5.0]])
def test_the_standard_model_may_lie_at_a_wall_or_outside(standard: list[float]) -> None:
    measured = partial(density, sigma=0.03)
    starts = np.array([[*logit([0.5, 0.5]), 1.0]])
    found = box_branches(signal, measured, BOX, np.array(standard), starts)
    points = np.random.default_rng(2).uniform(BOX.lower, BOX.upper, (1000, 2))
    assert np.all(sum(part.contains(points).astype(int) for part in found) == 1)
