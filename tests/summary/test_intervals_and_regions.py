"""Credible intervals and regions, on distributions whose highest-density regions are known."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from bayes_cevns.errors import ArgumentError
from bayes_cevns.summary.fit import Fit
from bayes_cevns.summary.intervals import intervals
from bayes_cevns.summary.regions import credible_regions

LEVELS = (0.68, 0.9, 0.95)
DIMS = ("branch", "chain", "draw")
SHAPE = (4, 2000)


def fit_of(weight: list[float], **draws: np.ndarray) -> Fit:
    """A fit with draws of shape (branch, chain, draw)."""
    quality = xr.Dataset(
        {
            "weight": ("branch", np.array(weight)),
            "log_evidence_error": ("branch", np.zeros(len(weight))),
        }
    )
    posterior = xr.Dataset({name: (DIMS, values) for name, values in draws.items()})
    return Fit(None, posterior, xr.Dataset(), quality)


def share_inside(fit: Fit, level: float, domain: tuple[float, float] = (-1.0, 1.0)) -> float:
    """Return the probability of the intervals by the draws themselves."""
    x, weight = fit.posterior["x"].values, fit.quality["weight"].values
    inside = np.zeros(x.shape, dtype=bool)
    for piece in intervals(fit, "x", level, domain):
        inside |= (x >= piece.low) & (x <= piece.high)
    return float(inside.mean(axis=(1, 2)) @ weight)


def test_two_modes_are_two_disjoint_intervals_with_their_weights() -> None:
    rng = np.random.default_rng(1)
    x = np.stack([rng.normal(-0.3, 0.05, SHAPE), rng.normal(0.4, 0.05, SHAPE)])
    fit = fit_of([0.7, 0.3], x=x)
    lower, upper = intervals(fit, "x", 0.9, (-1.0, 1.0))
    assert lower.low < lower.high < upper.low < upper.high
    assert lower.branch_weight == pytest.approx(0.7, abs=1e-3)
    assert upper.branch_weight == pytest.approx(0.3, abs=1e-3)
    # Where both densities are cut alike: 0.7 and 0.3 of two normals of the same width.
    height = np.linspace(0.01, 0.29, 1000) / 0.05 * stats.norm.pdf(0)
    ends = [0.05 * np.sqrt(2 * np.log(w / 0.05 * stats.norm.pdf(0) / height)) for w in (0.7, 0.3)]
    inside = sum(
        w * (2 * stats.norm.cdf(e / 0.05) - 1) for w, e in zip((0.7, 0.3), ends, strict=True)
    )
    best = np.argmin(np.abs(inside - 0.9))
    for piece, centre, end in zip((lower, upper), (-0.3, 0.4), ends, strict=True):
        assert piece.low == pytest.approx(centre - end[best], abs=0.012)
        assert piece.high == pytest.approx(centre + end[best], abs=0.012)


def test_a_weak_mode_is_quoted_at_high_levels_only() -> None:
    rng = np.random.default_rng(2)
    x = np.stack([rng.normal(-0.3, 0.05, SHAPE), rng.normal(0.4, 0.2, SHAPE)])
    fit = fit_of([0.97, 0.03], x=x)
    counts = [len(intervals(fit, "x", level, (-1.0, 1.0))) for level in (0.68, 0.9, 0.99)]
    assert counts == [1, 1, 2]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: rng.normal(0.2, 0.1, (1, *SHAPE)),
        lambda rng: rng.triangular(-1.0, -1.0, 1.0, (1, *SHAPE)),
        # A slope so gentle that nowhere the density is half of what it is elsewhere.
        lambda rng: np.sqrt(rng.uniform(0.3, 1.0, (1, *SHAPE))),
        lambda rng: rng.uniform(-1.0, 1.0, (1, *SHAPE)),
    ],
)
def test_intervals_have_their_probability(draw: object, level: float) -> None:
    fit = fit_of([1.0], x=draw(np.random.default_rng(3)))
    assert share_inside(fit, level) == pytest.approx(level, abs=0.015)


def test_a_slope_is_cut_on_its_low_side() -> None:
    rng = np.random.default_rng(4)
    x = np.sqrt(rng.uniform(0.0, 1.0, (1, *SHAPE)))  # density 2 x
    (piece,) = intervals(fit_of([1.0], x=x), "x", 0.68, (0.0, 1.0))
    assert piece.high == 1.0
    assert piece.low == pytest.approx(np.sqrt(0.32), abs=0.03)


def test_a_plateau_does_not_fall_into_pieces() -> None:
    rng = np.random.default_rng(5)
    fit = fit_of([0.5, 0.5], x=rng.uniform([[[-1]], [[0]]], [[[0]], [[1]]], (2, *SHAPE)))
    for level in LEVELS:
        (piece,) = intervals(fit, "x", level, (-1.0, 1.0))
        assert piece.branch_weight == pytest.approx(1.0)
        assert share_inside(fit, level) == pytest.approx(level, abs=0.015)


def normal_fit(rho: float) -> Fit:
    rng = np.random.default_rng(6)
    covariance = 0.01 * np.array([[1.0, rho], [rho, 1.0]])
    pair = rng.multivariate_normal([0.1, -0.1], covariance, (1, 4, 4000))
    return fit_of([1.0], x=pair[..., 0], y=pair[..., 1])


BOXES = ((-1.0, 1.0), (-1.0, 1.0))


@pytest.mark.parametrize("rho", [0.0, 0.9])
def test_regions_of_a_normal_density(rho: float) -> None:
    """The mass that the exact density has in each region, and its area."""
    found = credible_regions(normal_fit(rho), ("x", "y"), LEVELS, BOXES)
    assert found.levels == LEVELS
    assert list(found.cuts) == sorted(found.cuts, reverse=True)
    grid = np.stack(np.meshgrid(found.x, found.y, indexing="ij"), axis=-1)
    covariance = 0.01 * np.array([[1.0, rho], [rho, 1.0]])
    exact = stats.multivariate_normal([0.1, -0.1], covariance).pdf(grid)
    cell = (found.x[1] - found.x[0]) * (found.y[1] - found.y[0])
    for level, cut in zip(LEVELS, found.cuts, strict=True):
        inside = found.density >= cut
        assert (exact * inside).sum() * cell == pytest.approx(level, abs=0.02)
        area = np.pi * stats.chi2.ppf(level, 2) * np.sqrt(np.linalg.det(covariance))
        assert inside.sum() * cell == pytest.approx(area, rel=0.1)


def test_regions_of_two_branches_have_the_weight_of_each() -> None:
    rng = np.random.default_rng(7)
    x, y = rng.normal(0.0, 0.05, (2, 2, *SHAPE))
    x[0], x[1] = x[0] - 0.5, x[1] + 0.5
    found = credible_regions(fit_of([0.8, 0.2], x=x, y=y), ("x", "y"), (0.68, 0.95), BOXES)
    left = found.x < 0
    total = found.density.sum()
    assert found.density[left].sum() / total == pytest.approx(0.8, abs=0.01)
    inside = found.density >= found.cuts[0]
    assert inside[left].any()
    outer = found.density >= found.cuts[1]
    assert outer[~left].any()
    for number, share in ((0, 0.68), (1, 0.95)):
        mask = found.density >= found.cuts[number]
        assert found.density[mask].sum() / total == pytest.approx(share, abs=0.03)


def test_a_region_on_a_plateau_has_no_holes() -> None:
    rng = np.random.default_rng(8)
    x = rng.uniform(-0.8, 0.8, (1, *SHAPE))
    found = credible_regions(fit_of([1.0], x=x, y=rng.normal(-x, 0.1)), ("x", "y"), LEVELS, BOXES)
    for cut in found.cuts:
        inside = found.density >= cut
        for column in inside[np.abs(found.x) < 0.6]:
            assert np.abs(np.diff(column.astype(int))).sum() == 2, "one piece along y"


def test_wrong_arguments() -> None:
    fit = normal_fit(0.0)
    with pytest.raises(ArgumentError, match="two parameters, got x twice"):
        credible_regions(fit, ("x", "x"), LEVELS, BOXES)
    with pytest.raises(ArgumentError, match="credible level"):
        credible_regions(fit, ("x", "y"), (0.68, 1.0), BOXES)
    with pytest.raises(ArgumentError, match="credible level"):
        intervals(fit, "x", 0.0, (-1.0, 1.0))


@pytest.mark.parametrize("weight", [0.02, 0.03, 0.05])
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("seed", range(3))
def test_a_small_mode_of_few_draws_is_no_noise(weight: float, level: float, seed: int) -> None:
    """Its weight is known from its evidence, however few draws it is worth."""
    rng = np.random.default_rng(seed)
    shape = (4, 50)
    x = np.stack([rng.normal(-0.3, 0.2, shape), rng.normal(0.7, 0.005, shape)])
    fit = fit_of([1 - weight, weight], x=x)
    assert share_inside(fit, level) == pytest.approx(level, abs=0.06)
    pieces = intervals(fit, "x", level, (-1.0, 1.0))
    assert level < 0.9 or any(piece.low < 0.7 < piece.high for piece in pieces)
