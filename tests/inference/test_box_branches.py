"""Tops of posteriors of several couplings, and where their box is cut."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import expit, log_expit, logit

from bayes_cevns.couplings.box_part import MOST_PLANES
from bayes_cevns.couplings.slab import Slab
from bayes_cevns.errors import ConvergenceError
from bayes_cevns.inference.modes.box_branches import (
    MOST_PARTS,
    BoxBranch,
    box_branches,
    principal_directions,
)
from bayes_cevns.inference.modes.climbs import find_tops

type Array = np.ndarray
type LogDensity = Callable[[Array], float]

#: Charges in a plane, with the Standard Model where they are (1, 1): Q_i = 1 + 3 c_i.
CHARGES = np.diag([3.0, 3.0])

#: A single charge, the same on parallel lines.
PARALLEL = np.array([[2.0, 1.7]])


def in_the_box(log_density: LogDensity, box: Slab) -> Callable[[Array], tuple[float, Array]]:
    """Return a density of couplings with one nuisance, as the sampler has it."""
    count = box.lower.size

    def value(point: Array) -> float:
        couplings = box.lower + (box.upper - box.lower) * expit(point[:count])
        jacobian = (log_expit(point[:count]) + log_expit(-point[:count])).sum()
        return float(log_density(couplings) - 0.5 * point[count] ** 2 + jacobian)

    def density(point: Array) -> tuple[float, Array]:
        steps = 1e-6 * np.eye(point.size)
        return value(point), np.array([(value(point + s) - value(point - s)) / 2e-6 for s in steps])

    return density


def branches_of(log_density: LogDensity, charges: Array = CHARGES) -> tuple[BoxBranch, ...]:
    size = charges.shape[1]
    box = Slab.box(-np.ones(size), np.ones(size))

    def signal(couplings: Array) -> float:
        weights = 1.0 + np.arange(len(charges))
        return float(weights @ (1.0 + charges @ couplings) ** 2)

    starts = np.zeros((1, size + 1))
    return box_branches(signal, in_the_box(log_density, box), box, np.zeros(size), starts)


def squares(charges: Array, error: float, couplings: Array) -> float:
    """Return a likelihood of both squared charges, each measured by itself."""
    return float(-0.5 * np.sum((((1.0 + charges @ couplings) ** 2 - 1.0) / error) ** 2))


def weight(branch: BoxBranch, log_density: LogDensity) -> float:
    """Return what a part has of a posterior in a plane, by a grid."""
    at = np.stack(np.meshgrid(*2 * [np.linspace(-1, 1, 201)]), axis=-1).reshape(-1, 2)
    height = np.exp([log_density(point) for point in at])
    return float(height @ branch.part.share(at) / height.sum())


@pytest.mark.parametrize("turned", [0.0, 0.4], ids=["along the couplings", "askew"])
@pytest.mark.parametrize("error", [0.3, 0.02], ids=["blunt", "sharp"])
def test_four_islands_are_four_branches(turned: float, error: float) -> None:
    cosine, sine = np.cos(turned), np.sin(turned)
    charges = CHARGES @ np.array([[cosine, sine], [-sine, cosine]])

    def log_density(couplings: Array) -> float:
        return squares(charges, error, couplings)

    found = branches_of(log_density, charges)
    signs = itertools.product((-1.0, 1.0), repeat=2)
    islands = [np.linalg.solve(charges, np.array(sign) - 1.0) for sign in signs]
    assert len(found) == 4
    for branch in found:
        (island,) = (c for c in islands if branch.part.share(c) > 0.5)
        assert branch.part.share(island) > 0.999
        # Chains begin at the top of the island, in coordinates of the branch.
        place = logit(branch.slab.coordinates(island))
        np.testing.assert_array_less(np.abs(branch.starts[:, :2] - place), 0.05)
        if error > 0.1:  # the grid is too coarse for thin ones
            assert weight(branch, log_density) == pytest.approx(0.25, abs=0.01)


def test_two_bands_are_two_branches_however_thin() -> None:
    for error in (0.3, 0.01):
        found = branches_of(lambda c, error=error: squares(PARALLEL, error, c), PARALLEL)
        assert len(found) == 2
        standard = sorted(float(branch.part.share(np.zeros(2))) for branch in found)
        assert standard == [0.0, 1.0]


def lower_band(lower: float) -> LogDensity:
    """Return a likelihood of two parallel bands: at charges of 1, and lower at -1."""

    def log_density(couplings: Array) -> float:
        charge = float(np.clip(1.0 + PARALLEL @ couplings, -1.0, 1.0)[0])
        return squares(PARALLEL, 0.05, couplings) + 0.5 * lower * (charge - 1.0)

    return log_density


def test_a_lower_band_is_a_branch() -> None:
    # Climbs find it, and NUTS does not cross to the other one.
    heights = sorted(branch.height for branch in branches_of(lower_band(9.0), PARALLEL))
    assert heights == pytest.approx([-9.0, 0.0], abs=0.5)


def test_no_chain_begins_in_a_band_that_is_too_low_to_be_a_branch() -> None:
    (whole,) = branches_of(lower_band(15.0), PARALLEL)
    assert len(whole.starts) > 1
    starts = np.empty((len(whole.starts), 2))
    starts[:, whole.slab.order] = 2.0 * expit(whole.starts[:, :2]) - 1.0
    np.testing.assert_allclose(1.0 + starts @ PARALLEL[0], 1.0, atol=0.1)


def test_one_mode_is_one_branch_of_the_whole_box() -> None:
    (whole,) = branches_of(lambda c: float(-np.sum(c**2)))
    assert len(whole.part.planes) == 0
    assert (whole.slab.low, whole.slab.high) == (-np.inf, np.inf)


def test_a_mode_that_has_nothing_is_not_cut_off() -> None:
    def log_density(couplings: Array) -> float:
        return float(np.logaddexp(-50.0 * np.sum((couplings - 0.5) ** 2), -50.0 - couplings[0]))

    assert len(branches_of(log_density)) == 1


def test_a_ring_is_cut_into_a_few_parts_that_have_it_all() -> None:
    def log_density(couplings: Array) -> float:
        return float(-0.5 * ((np.sum((1.0 + 3.0 * couplings) ** 2) - 2.0) / 0.1) ** 2)

    found = branches_of(log_density)
    assert 2 <= len(found) <= MOST_PARTS
    assert sum(weight(branch, log_density) for branch in found) == pytest.approx(1.0)
    assert all(len(branch.part.planes) <= MOST_PLANES for branch in found)


def test_climbs_find_thin_modes_far_apart() -> None:
    places = np.array([[-0.7, 0.6], [0.8, -0.3]])

    def log_density(couplings: Array) -> float:
        from_each = -0.5 * np.sum((couplings - places) ** 2, axis=1) / 1e-4
        return float(np.logaddexp(*from_each))

    box = Slab.box([-1.0, -1.0], [1.0, 1.0])
    tops = find_tops(in_the_box(log_density, box), np.full(2, 0.5), np.ones(1), negligible=20.0)
    found = {tuple(np.round(2.0 * place - 1.0, 2)) for place in tops.places}
    assert found == {(-0.7, 0.6), (0.8, -0.3)}
    np.testing.assert_allclose(tops.others, 0.0, atol=0.02)


def test_a_density_that_is_nowhere_is_an_error() -> None:
    def nowhere(point: Array) -> tuple[float, Array]:
        return -np.inf, np.full(point.size, np.nan)

    with pytest.raises(ConvergenceError, match="not finite at any"):
        find_tops(nowhere, np.full(2, 0.5), np.zeros(1), negligible=20.0)


def test_principal_directions_of_a_quadratic_form() -> None:
    span = np.array([2.0, 1.0])
    normal = np.array([0.6, 2.4])  # (normal . couplings)^2, with slopes 1.2 and 2.4 over the box
    found = principal_directions(lambda at: float((at @ normal) ** 2), np.zeros(2), span)
    np.testing.assert_allclose(found[0], np.array([1.0, 2.0]) / np.sqrt(5), atol=1e-6)
    np.testing.assert_allclose(found[1], np.array([2.0, -1.0]) / np.sqrt(5), atol=1e-6)
