"""The numbers of the hand-written likelihood, and its comparison with the package's model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from bare import DIMENSION, FLAT, FLAT_RATE, LOG, Problem, log_density_and_gradient
from numpy.typing import NDArray
from scipy.interpolate import BSpline, make_interp_spline
from scipy.special import factorial, gammaln, ndtri
from scipy.stats import norm

import bayes_cevns as bc
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.couplings.priors import CouplingPrior, coupling_prior
from bayes_cevns.physics.interactions import interaction as get_interaction

type Array = NDArray[np.float64]

KINDS = {"flat": FLAT, "flat-rate": FLAT_RATE, "log": LOG}

#: How well the two programs must agree, relative to the largest number.
TOLERANCE = 1e-8


def build_problem(
    experiment: Experiment, *, interaction: str, mass_mev: float, prior: str, merged: bool
) -> tuple[Problem, CouplingPrior]:
    """Return the numbers of the hand-written likelihood, and the coupling prior in them.

    Expected counts at the nodes and the bounds of the coupling come from the package; the
    splines, the merging of bins and the priors of the nuisances are done again here.
    """
    signal = RateTable(experiment, get_interaction(interaction))
    coupling = coupling_prior(prior, [signal], mass_mev=mass_mev)
    parts = {part.name: part.values.values for part in experiment.backgrounds}
    observed = experiment.observed.values.ravel()
    keep = _empty_bins_last(observed) if merged else np.eye(observed.size)

    shaped = np.concatenate([signal.counts(mass_mev).values, parts["neutron"][None]])
    shaped = np.moveaxis(shaped, 0, 2)
    shaped = shaped.reshape(*shaped.shape[:3], -1) @ keep
    axes = [np.asarray(axis.nodes) for axis in experiment.signal_axes]
    for position, nodes in enumerate(axes):
        spline = make_interp_spline(nodes, shaped, k=3, axis=position)
        shaped = np.moveaxis(spline.c, 0, position)
    runs = np.kron(np.eye(len(experiment.runs)), np.ones(experiment.observed.sizes["bin"]))
    plain = np.concatenate([runs * parts["ac"].ravel(), parts["er"].reshape(1, -1)]) @ keep

    lower, upper, mean, sigma = _priors(experiment, coupling)
    pieces, ends = zip(*(_pieces(nodes) for nodes in axes), strict=True)
    counts = observed @ keep
    mass = norm.cdf((upper - mean) / sigma) - norm.cdf((lower - mean) / sigma)
    log_prior = -np.log(np.sqrt(2.0 * np.pi) * sigma[1:] * mass[1:]).sum()
    log_prior -= np.log(upper[0] - lower[0])
    problem = Problem(
        table=np.ascontiguousarray(shaped.reshape(*shaped.shape[:2], -1)),
        plain=plain,
        breaks=np.array(ends)[:, 1:].copy(),
        pieces=np.array(pieces),
        ends=np.array(ends),
        observed=counts,
        lower=lower,
        upper=upper,
        mean=mean,
        sigma=sigma,
        centre=coupling.centre,
        scale=coupling.scale,
        kind=KINDS[prior],
        signed=coupling.signed,
        constant=float(log_prior - gammaln(counts + 1.0).sum()),
    )
    return problem, coupling


def _empty_bins_last(observed: Array) -> Array:
    """Return the matrix that adds up the bins without events."""
    return np.column_stack([np.eye(observed.size)[:, observed > 0], observed == 0])


def _pieces(nodes: Array) -> tuple[Array, Array]:
    """Return the basis splines on the nodes as polynomials, and the lower ends of the pieces."""
    knots = make_interp_spline(nodes, np.zeros_like(nodes), k=3).t
    ends = np.unique(knots)[:-1]
    basis = BSpline(knots, np.eye(nodes.size), 3)
    powers = np.array([basis(ends, nu=n) / factorial(n) for n in range(4)])  # Taylor's theorem
    return np.array([powers[:, p, p : p + 4].T for p in range(ends.size)]), ends


def _priors(experiment: Experiment, coupling: CouplingPrior) -> tuple[Array, Array, Array, Array]:
    """Return lower, upper, mean and sigma of the parameters, each of shape (DIMENSION,)."""
    rows = [(coupling.lower, coupling.upper, 0.0, np.inf)]
    for name in ("flux_8b", "tly", "tqy", "ac", "er", "neutron"):
        prior = experiment.card.nuisance[name].prior
        if prior.mean_and_sd is None or prior.lower is None:
            raise ValueError(f"the hand-written likelihood needs a truncated normal for {name}")
        mean, width = prior.mean_and_sd
        widths = [width[run] for run in experiment.runs] if isinstance(width, dict) else [width]
        upper = np.inf if prior.upper is None else prior.upper
        rows += [(prior.lower, upper, mean, sigma) for sigma in widths]
    lower, upper, mean, sigma = np.array(rows, dtype=float).T.copy()
    assert lower.size == DIMENSION
    return lower, upper, mean, sigma


def prior_transform(problem: Problem) -> Callable[[Array], Array]:
    """Return the map from the unit cube to parameters with their priors, shape (..., DIMENSION)."""
    scaled = (problem.lower - problem.mean) / problem.sigma
    low = norm.cdf(scaled)
    width = norm.cdf((problem.upper - problem.mean) / problem.sigma) - low
    start, span = problem.lower[0], problem.upper[0] - problem.lower[0]

    def transform(cube: Array) -> Array:
        natural = np.empty(cube.shape)
        scores = ndtri(low[1:] + cube[..., 1:] * width[1:])
        natural[..., 1:] = problem.mean[1:] + problem.sigma[1:] * scores
        natural[..., 0] = start + span * cube[..., 0]
        return natural

    return transform


def check_against(
    problem: Problem, log_density: Callable[[Array], tuple[Array, Array]], *, seed: int = 1
) -> float:
    """Compare value and gradient with the package's at random points.

    Parameters
    ----------
    problem
        The numbers of the hand-written likelihood.
    log_density
        The package's log-density and gradient, from points (n, d) to (n,) and (n, d).
    seed
        Seed of the points.

    Returns
    -------
    float
        The largest difference, relative to the largest number at its point (at least one).

    Raises
    ------
    RuntimeError
        If it exceeds `TOLERANCE`.
    """
    points = np.random.default_rng(seed).normal(0.0, 1.5, (50, DIMENSION))
    values, gradients = log_density(points)
    worst = 0.0
    for point, value, gradient in zip(points, values, gradients, strict=True):
        own = np.empty(DIMENSION)
        own_value = log_density_and_gradient(point, problem, own)
        worst = max(
            worst,
            abs(own_value - value) / max(1.0, abs(value)),
            np.abs(own - gradient).max() / max(1.0, np.abs(gradient).max()),
        )
    if not worst < TOLERANCE:
        raise RuntimeError(
            f"the hand-written likelihood differs from the package's by {worst:.1e} (relative), "
            f"allowed is {TOLERANCE:g}"
        )
    return worst


def experiment() -> Experiment:
    """Return the experiment of all benchmarks."""
    return bc.experiment("xenonnt_cevns")
