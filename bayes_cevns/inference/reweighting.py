"""A fit with further experiments or other priors of nuisances, by importance weights of its draws.

The posterior of the fit is the proposal. The weight of a draw is

    w = L_new(x, nu) prod_j p'_j(nu_j) / p_j(nu_j),

with L_new the likelihood of the further experiments and p' the other priors. Nuisances that only
the further experiments have are drawn from their priors, several times for each draw of the fit:
the weight is the mean of L_new over these (a pseudo-marginal likelihood; Andrieu and Roberts, Ann.
Stat. 37 (2009) 697), and one of them is kept, in proportion to L_new.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.special import logsumexp

from bayes_cevns.arrays import Array
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.priors import Prior
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError
from bayes_cevns.inference.joint_likelihood import likelihood_of
from bayes_cevns.inference.profile.parameters import nuisance_parameters
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.variables import PRODUCT
from bayes_cevns.summary.cross_validation import GOOD_K, LEAST_DRAWS
from bayes_cevns.summary.fit import Fit
from bayes_cevns.summary.pareto import pareto_k

_DIMS = ("branch", "chain", "draw")

#: How often nuisances that a fit does not have are drawn for each of its draws.
_REPEATED = 8

#: The largest probability that another prior may have where the draws cannot be.
_OUTSIDE = 1e-3

#: Logarithms of weights within this are alike: those of the posterior itself.
_ALIKE = 1e-6


@dataclass(frozen=True, eq=False, repr=False)
class Weights(Displayed):
    """Importance weights of the draws of a fit.

    Attributes
    ----------
    log
        Their logarithms, with the constants of likelihood and priors, shape (branch, chain, draw).
    of_branches
        Probability of each branch in the fit.
    added
        Nuisances that the fit does not have: name -> variable with dims (branch, chain, draw, ...).
    """

    log: Array
    of_branches: Array
    added: xr.Dataset

    @property
    def of_draws(self) -> Array:
        """Logarithms of weights that include those of the branches, shape as `log`."""
        with np.errstate(divide="ignore"):
            own = np.log(self.of_branches / self.log[0].size)
        return np.asarray(self.log + own[:, None, None])

    @property
    def pareto_k(self) -> float:
        """Shape of the tail of the weights; above 0.7 they cannot be trusted."""
        used = self.of_draws[np.isfinite(self.of_draws)]
        if used.size < LEAST_DRAWS:
            return math.inf
        return 0.0 if np.ptp(used) < _ALIKE else pareto_k(used)

    @property
    def effective(self) -> float:
        """So many draws without weights have as much information: (sum w)^2 / sum w^2."""
        logs = self.of_draws
        if not np.isfinite(logs).any():
            return 0.0
        return float(np.exp(2.0 * logsumexp(logs) - logsumexp(2.0 * logs)))

    @property
    def reason(self) -> str:
        """Why they cannot be used; empty if they can."""
        found = []
        if not self.pareto_k <= GOOD_K:
            found.append(f"Pareto k of the weights {self.pareto_k:.2f} > {GOOD_K}")
        if self.effective < LEAST_DRAWS:
            found.append(f"{self.effective:.0f} effective draws < {LEAST_DRAWS}")
        return ", ".join(found)


def weights_of(
    fit: Fit,
    spec: ModelSpec,
    joint: ModelSpec,
    added: tuple[Experiment, ...],
    mass_mev: float | None,
    *,
    seed: int,
) -> Weights:
    """Return the weights by which the draws of a fit become those of a joint model.

    Parameters
    ----------
    fit, spec
        The fit, with a coupling, and its model.
    joint
        The model with the further experiments and the other priors.
    added
        The experiments of `joint` that `spec` does not have.
    mass_mev
        Mediator mass of the fit.
    seed
        Seed of the draws of nuisances that the fit does not have.

    Raises
    ------
    ArgumentError
        If another prior has probability where the prior of the fit has none.
    """
    posterior = fit.posterior.transpose(*_DIMS, ...)
    log = _of_priors(posterior, spec, joint)
    extra = xr.Dataset()
    if added:
        found, extra = _of_experiments(posterior, fit, joint, added, mass_mev, seed)
        log = log + found
    return Weights(log, fit.quality["weight"].values, extra)


def _of_priors(posterior: xr.Dataset, spec: ModelSpec, joint: ModelSpec) -> Array:
    """Return the logarithms of the ratios of priors of the nuisances of a fit."""
    others = nuisance_parameters(joint)
    total = np.zeros([posterior.sizes[dim] for dim in _DIMS])
    for name, own in nuisance_parameters(spec).items():
        values = posterior[name].values.reshape(*total.shape, len(own))
        for place, (old, new) in enumerate(zip(own, others[name], strict=True)):
            if old.prior is not None and new.prior is not None and old.prior != new.prior:
                total += _ratio(old.name, values[..., place], old.prior, new.prior)
    return total


def _ratio(name: str, values: Array, old: Prior, new: Prior) -> Array:
    """Return the logarithm of new prior over old one; minus infinity outside of the new one."""
    low, high = new.support
    least, most = old.support
    outside = 1.0
    if max(low, least) < min(high, most):
        inside = new.within(least, most).log_norm - new.log_norm
        outside = 1.0 - math.exp(min(inside, 0.0))
    if outside > _OUTSIDE:
        raise ArgumentError(
            f"{name}: the prior {new.text} has {100 * outside:.3g}% of its probability outside of "
            f"{least:g} to {most:g}, where the prior of the run has none: sample with it anew"
        )
    found = new.log_density(values) - old.log_density(values)
    return np.where((values >= low) & (values <= high), found, -np.inf)


def _of_experiments(
    posterior: xr.Dataset,
    fit: Fit,
    joint: ModelSpec,
    added: tuple[Experiment, ...],
    mass_mev: float | None,
    seed: int,
) -> tuple[Array, xr.Dataset]:
    """Return the log-likelihood of further experiments, and the nuisances that only they have."""
    names = {name for experiment in added for name in experiment.nuisances()}
    priors = tuple(pair for pair in joint.nuisance_priors if pair[0] in names)
    spec = replace(joint, experiments=added, nuisance_priors=priors)
    like = likelihood_of(spec.merging_bins(), mass_mev, coupling_prior=fit.prior)
    random = np.random.default_rng(seed)
    new = [v for v in like.nuisances if v.name not in posterior]
    shape = (*(posterior.sizes[dim] for dim in _DIMS), _REPEATED if new else 1)
    drawn = {v.name: np.stack([p.drawn(random, shape) for p in v.priors], -1) for v in new}
    columns = [posterior[PRODUCT].values[..., None, None]]
    for variable in like.nuisances:
        own = drawn.get(variable.name)
        if own is None:
            own = posterior[variable.name].values.reshape(*shape[:-1], 1, variable.size)
        columns.append(own)
    points = np.concatenate([np.broadcast_to(c, (*shape, c.shape[-1])) for c in columns], axis=-1)
    each = like.log_likelihood(points)
    # One of the repeated draws in proportion to its likelihood: the largest of Gumbel variables.
    chosen = np.argmax(each + random.gumbel(size=shape), axis=-1)[..., None, None]
    variables = {}
    for variable in new:
        kept = np.take_along_axis(drawn[variable.name], chosen, axis=-2)[..., 0, :]
        dims = () if variable.dims is None else (variable.dims,)
        variables[variable.name] = ((*_DIMS, *dims), kept if dims else kept[..., 0])
    coords = {v.dims: list(v.runs or ()) for v in new if v.dims is not None}
    with np.errstate(divide="ignore"):
        return logsumexp(each, axis=-1) - math.log(shape[-1]), xr.Dataset(variables, coords)


def resampled(fit: Fit, weights: Weights, *, seed: int) -> Fit:
    """Return the fit that has the posterior of its weighted draws, in draws without weights.

    Draws are taken systematically, in their order: a draw of large weight is there several times
    in a row, which effective sample sizes see as what it is, a correlation of neighbours. Branches
    are weighed by their evidences, those of the fit times the mean of their weights.

    Returns
    -------
    Fit
        With the reason for which the weights cannot be used as one of not passing, and Pareto k
        and effective draws in its notes.
    """
    random = np.random.default_rng(seed)
    whole = fit.posterior.drop_vars(list(weights.added.data_vars), errors="ignore")
    whole = whole.merge(weights.added).transpose(*_DIMS, ...)
    branches, chains, draws = weights.log.shape
    places = np.stack([_systematic(each.ravel(), random) for each in weights.log])
    taken = places.reshape(branches, chains, draws)
    chain, draw = xr.DataArray(taken // draws, dims=_DIMS), xr.DataArray(taken % draws, dims=_DIMS)
    branch = xr.DataArray(np.arange(branches), dims="branch")
    picked = whole.drop_vars(_DIMS, errors="ignore").isel(branch=branch, chain=chain, draw=draw)
    reason = weights.reason
    return replace(
        fit,
        posterior=picked.transpose(*_DIMS, ...).assign_coords(
            chain=np.arange(chains), draw=np.arange(draws)
        ),
        sample_stats=xr.Dataset(),
        quality=_quality(fit.quality, weights, reason),
        notes={"pareto_k": weights.pareto_k, "effective_draws": weights.effective},
    )


def _systematic(log_weights: Array, random: np.random.Generator) -> NDArray[np.int64]:
    """Return as many places of draws as there are, in their order, by their weights."""
    if not np.isfinite(log_weights).any():
        return np.arange(log_weights.size)
    shares = np.cumsum(np.exp(log_weights - log_weights.max()))
    at = (np.arange(shares.size) + random.uniform()) / shares.size * shares[-1]
    places = np.minimum(np.searchsorted(shares, at), shares.size - 1)
    return np.asarray(places, dtype=np.int64)


def _quality(quality: xr.Dataset, weights: Weights, reason: str) -> xr.Dataset:
    """Return weights and evidences of the branches, and whether they passed."""
    flat = weights.log.reshape(len(weights.log), -1)
    with np.errstate(divide="ignore"):
        means = logsumexp(flat, axis=1) - math.log(flat.shape[1])
        shares = np.log(weights.of_branches) + means
    share = np.exp(shares - shares.max()) if np.isfinite(shares).any() else weights.of_branches
    relative = np.exp(flat - np.where(np.isfinite(means), means, 0.0)[:, None])
    error = relative.std(axis=1) / math.sqrt(flat.shape[1])
    reasons = [", ".join(r for r in (str(own), reason) if r) for own in quality["reason"].values]
    return quality.assign(
        weight=("branch", share / share.sum()),
        log_evidence=("branch", quality["log_evidence"].values + means),
        log_evidence_error=("branch", np.hypot(quality["log_evidence_error"].values, error)),
        passed=("branch", np.array([not r for r in reasons])),
        reason=("branch", np.array(reasons, dtype=object)),
    )
