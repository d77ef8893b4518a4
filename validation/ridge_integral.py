"""The posterior of one amplitude without a sampler: quadrature over the nuisances along its ridge.

The preview has the ridge, with Laplace's approximation of the integral over the nuisances at each
point of it. Here the same integrals are done by quasi-Monte-Carlo: Sobol points, mapped to a
multivariate t distribution around the maximum, each weighed by the density over that of the t
distribution. That is right whatever the shape of the density is; Laplace's approximation is not
where a nuisance is cut at zero.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logit, logsumexp, ndtri
from scipy.stats import chi2, qmc

from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.density.data import data_at
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.preview.curve import curve_nodes
from bayes_cevns.inference.preview.laplace import Densities, Node, second_derivatives
from bayes_cevns.inference.preview.marginal_curve import MarginalCurve
from bayes_cevns.inference.preview.posterior import likelihood_of

type Array = NDArray[np.float64]

#: Scrambled Sobol sequences, whose spread is the error, and points of each.
_SCRAMBLED, _POINTS = 4, 4096

#: Degrees of freedom of the t distribution and its width over that of the maximum. Nuisances that
#: are cut at zero have exponential tails, and that of a free one may be skew, as the onset of CsI.
_DEGREES_OF_FREEDOM, _WIDENING = 4, 1.2

#: Places of the Sobol points stay inside of the cube by this.
_INSIDE = 1e-9

#: Points of the ridge that are lower than the highest by more than this keep Laplace's
#: approximation, with the correction of the nearest one: e^-12 is nothing of the posterior.
_DEEP = 12.0


@dataclass(frozen=True, eq=False)
class RidgeIntegral:
    """The marginal likelihood of an amplitude, and its integral.

    Attributes
    ----------
    curve
        The marginal likelihood along the ridge, with its normalisation.
    log_evidence
        Log of its average over the prior, and the standard error from the scrambled sequences.
    """

    curve: MarginalCurve
    log_evidence: tuple[float, float]


def ridge_integral(engine: Engine, mass_mev: float | None) -> RidgeIntegral:
    """Return the marginal likelihood of the amplitude of a compiled model at one mass."""
    data, prior = data_at(engine.spec, engine.tables, mass_mev)
    assert prior is not None
    sampler = engine.compile(mass_mev)
    compiled = sampler.compiled.with_data(data)

    def density(point: Array) -> tuple[float, Array]:
        value, gradient = compiled.log_density(point)
        return float(value[0]), gradient[0]

    nodes = curve_nodes(density, compiled.log_density, prior, sampler.starts)
    found = np.array([_corrected(compiled.log_density, nodes, seed) for seed in range(_SCRAMBLED)])
    log_z = np.array([_curve(prior, nodes, each)[1] for each in found])
    curve, _ = _curve(prior, nodes, logsumexp(found, axis=0) - math.log(_SCRAMBLED))
    error = float(log_z.std(ddof=1)) / math.sqrt(_SCRAMBLED)
    total = float(logsumexp(log_z)) - math.log(_SCRAMBLED)
    return RidgeIntegral(curve, (total, error))


def _curve(
    prior: CouplingPrior, nodes: list[Node], log_marginal: Array
) -> tuple[MarginalCurve, float]:
    """Return a curve, and the log of its average over the prior, which is uniform in the share."""
    curve = MarginalCurve(prior, np.array([node.share for node in nodes]), log_marginal)
    likelihood = likelihood_of(curve)
    return curve, float(likelihood.log_average(likelihood.log_draws, prior)[0])


def _corrected(densities: Densities, nodes: list[Node], seed: int) -> Array:
    """Return the log of the marginal likelihood at the points of the ridge."""
    size = nodes[0].others.size
    normal, log_proposal = _proposal(size, seed)
    laplace = np.array([n.log_marginal for n in nodes]) + 0.5 * size * math.log(2.0 * math.pi)
    high = np.flatnonzero(laplace > laplace.max() - _DEEP)
    correction = [
        _integral(densities, nodes[place], normal, log_proposal) - laplace[place] for place in high
    ]
    share = np.array([node.share for node in nodes])
    return np.asarray(laplace + np.interp(share, share[high], correction))


def _proposal(size: int, seed: int) -> tuple[Array, Array]:
    """Return Sobol points as draws of a standard t distribution, with its log-density.

    A normal vector over the root of chi^2 / nu with nu degrees of freedom.
    """
    nu = _DEGREES_OF_FREEDOM
    uniform = qmc.Sobol(size + 1, rng=seed).random(_POINTS)
    uniform = _INSIDE + (1.0 - 2.0 * _INSIDE) * uniform
    points = ndtri(uniform[:, :size]) / np.sqrt(chi2.ppf(uniform[:, size:], nu) / nu)
    constant = gammaln(0.5 * (nu + size)) - gammaln(0.5 * nu) - 0.5 * size * math.log(nu * math.pi)
    return points, constant - 0.5 * (nu + size) * np.log1p((points**2).sum(axis=1) / nu)


def _integral(densities: Densities, node: Node, points: Array, log_proposal: Array) -> float:
    """Return the log of the density with respect to the share, integrated over the others."""
    scale, axes = np.linalg.eigh(second_derivatives(densities, node))
    if scale.min() <= 0.0:
        raise RuntimeError(f"no maximum over the nuisances at the share {node.share:g}")
    widths = _WIDENING / np.sqrt(scale)
    at = node.others + (points * widths) @ axes.T
    first = np.full((len(at), 1), logit(node.share))
    values = densities(np.concatenate([first, at], axis=1))[0]
    values = np.where(np.isfinite(values), values, -np.inf)
    log_share = math.log(node.share * (1.0 - node.share))
    total = float(logsumexp(values - log_proposal)) - math.log(len(at))
    return total - log_share + float(np.log(widths).sum())
