"""How noisy three estimates of a limit are over seeds: a part of `validation/preview.py`.

*draws*
    The quantile of the draws, as limits are quoted.
*marginal likelihood*
    The likelihood of the coupling averaged over the nuisances of 600 or of all draws
    (`bayes_cevns.inference.marginal`).
*weighted*
    The draws with Laplace's approximation q as control variate. With weights q/p, the average of
    (q/p) [1(t < limit) - Q(limit)] is zero for any q that is a density with distribution function
    Q, and close to 1(t < limit) - level if q is close to the posterior p. The coefficient is fitted
    to the draws. Draws far outside of q, where weights are large, are left out: their share does
    not depend on t.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from arviz_stats.base import array_stats
from scipy.interpolate import PchipInterpolator
from scipy.special import logit
from scipy.stats import chi2

import bayes_cevns as bc
from bayes_cevns.arrays import Array
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.density.data import data_at, prior_data
from bayes_cevns.inference.at_draws import ModelAtDraws
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.marginal import coupling_likelihood
from bayes_cevns.inference.modes.coupling_branches import coupling_branches
from bayes_cevns.inference.nuts import begin_points
from bayes_cevns.inference.preview.curve import curve_nodes
from bayes_cevns.inference.preview.laplace import Densities, Node, second_derivatives
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.specification.model_spec import ModelSpec

LEVEL, SEEDS = 0.9, 24

#: Draws within this share of q are used.
_INSIDE = 0.9999

#: Experiment, interaction, prior, mediator mass in MeV: couplings without a sign, one mode.
CASES = (
    ("xenonnt_cevns", "scalar-universal", "flat", 10.0),
    ("dresden_ii", "scalar-universal", "flat", 10.0),
    ("xenonnt_cevns", "scalar-universal", "log", 10.0),
)
NOISE_COLUMNS = (
    *("data", "interaction", "prior", "mass_mev", "estimate", "scatter", "quoted", "shift"),
    *("seconds", "seeds"),
)

type Estimate = tuple[float, float, float]


def noise_rows() -> list[dict[str, str]]:
    """Return the scatter of every estimate in every case."""
    return [row for case in CASES for row in _of_case(*case)]


def _of_case(name: str, interaction: str, prior: str, mass_mev: float) -> list[dict[str, str]]:
    spec = ModelSpec.of([bc.experiment(name)], interaction=interaction, prior=prior)
    engine, model = Engine(spec, SamplerSettings()), ModelAtDraws(spec.merging_bins(), mass_mev)
    weighted = Weighted(engine, mass_mev)
    found: dict[str, list[Estimate]] = {}
    for seed in range(SEEDS):
        fit = engine.fit(mass_mev, seed=1000 * seed + 7)
        (limit,) = bc.limits(fit, LEVEL)
        assert fit.prior is not None
        found.setdefault("draws", []).append((limit.value, limit.mc_error, 0.0))
        for number in (600, 4000):
            start = time.process_time()
            (other,) = coupling_likelihood(model, fit, number).limits(fit.prior, LEVEL)
            spent = time.process_time() - start
            estimate = f"marginal likelihood, {number} draws"
            found.setdefault(estimate, []).append((other.value, other.mc_error, spent))
        found.setdefault("weighted", []).append(weighted.limit(1000 * seed + 7))
        print(name, prior, seed, flush=True)
    first = np.array([value for value, _, _ in found["draws"]])
    rows = []
    for estimate, several in found.items():
        value, error, seconds = np.array(several).T
        scatter = float(value.std(ddof=1) / value.mean())
        shift = float(value.mean() / first.mean() - 1.0)
        combined = np.hypot(scatter, first.std(ddof=1) / first.mean()) / np.sqrt(SEEDS)
        rows.append(
            {
                "data": name,
                "interaction": interaction,
                "prior": prior,
                "mass_mev": f"{mass_mev:g}",
                "estimate": estimate,
                "scatter": f"{scatter:.2%}",
                "quoted": f"{float(np.median(error / value)):.2%}",
                "shift": "" if estimate == "draws" else f"{shift:+.2%} ± {combined:.2%}",
                "seconds": "" if estimate == "draws" else f"{float(np.median(seconds)):.2f}",
                "seeds": str(SEEDS),
            }
        )
    return rows


class Weighted:
    """The limit of draws with Laplace's approximation as control variate."""

    def __init__(self, engine: Engine, mass_mev: float) -> None:
        sampler = engine.compile(mass_mev)
        data, prior = data_at(engine.spec, engine.tables, mass_mev)
        assert prior is not None
        assert not prior.signed
        every, self.prior = data | prior_data(prior), prior
        starts = sampler.starts
        density = sampler.density(every)

        def densities(points: Array) -> tuple[Array, Array]:
            return sampler.log_density(every, points)

        (branch,) = coupling_branches(density, prior, starts)
        self.branch, self.densities, self.settings = branch, densities, engine.settings
        part = prior_data(prior, (branch.low, branch.high), length=branch.length)
        self.compiled = sampler.compiled.with_data({**data, **part})
        self.density = Approximate(curve_nodes(density, densities, prior, starts), densities)

    def limit(self, seed: int) -> Estimate:
        """Sample and return the limit, its error and the seconds of the weighting."""

        def start(number: int) -> Array:
            rng = np.random.default_rng(number)
            return self.branch.start + rng.uniform(-1.0, 1.0, self.branch.start.size)

        running = begin_points(self.compiled, self.settings, seed=seed, start=start)
        points, _ = running.result()
        begin = time.process_time()
        share, others = (
            self._shares(points[..., 0]),
            points[..., 1:].reshape(-1, points.shape[-1] - 1),
        )
        flat = share.ravel()
        log_p = self.densities(np.column_stack([logit(flat), others]))[0]
        log_p -= np.log(flat) + np.log1p(-flat)
        log_q, inside = self.density(flat, others)
        log_weight = log_q - log_p
        weight = np.exp(log_weight - np.median(log_weight)) * inside

        def residual(at: float, slope: float | None = None) -> tuple[Array, float]:
            below = (flat <= at).astype(float)
            control = weight * (below - self.density.distribution(at))
            if slope is None:
                slope = float(np.cov(below, control)[0, 1] / control.var())
            return below - LEVEL - slope * control, slope

        low, high = self.density.quantile(0.5), self.density.quantile(0.995)
        _, slope = residual(self.density.quantile(LEVEL))
        for _ in range(40):
            middle = 0.5 * (low + high)
            low, high = (low, middle) if residual(middle, slope)[0].mean() > 0 else (middle, high)
        left = residual(middle, slope)[0].reshape(share.shape)
        error = _error_of_mean(left)
        ends = [self._quoted(self.density.quantile(LEVEL + s * error)) for s in (-1, 1)]
        spent = time.process_time() - begin
        return self._quoted(middle), 0.5 * (ends[1] - ends[0]), spent

    def _shares(self, v: Array) -> Array:
        """Return shares of the whole range, of one sign, from the coordinate of the sampler."""
        r, branch, prior = self.branch.length, self.branch, self.prior
        own = 1.0 / (1.0 + np.exp(-v))
        if r > 0.0:
            own = (np.logaddexp(0.0, v + 0.5 * r) - np.logaddexp(0.0, v - 0.5 * r)) / r
        t = branch.low + (branch.high - branch.low) * own
        t = np.abs(t) if prior.lower == -prior.upper else t
        return np.asarray((t - prior.lower) / (prior.upper - prior.lower))

    def _quoted(self, share: float) -> float:
        prior: CouplingPrior = self.prior
        t = prior.lower + (prior.upper - prior.lower) * share
        return float(prior.quoted(prior.product(t)))


class Approximate:
    """Laplace's approximation as a density: normal in the nuisances at each share."""

    def __init__(self, nodes: Sequence[Node], densities: Densities) -> None:
        nodes = [node for node in nodes if node.peaked]
        share = np.array([node.share for node in nodes])
        curvatures = [second_derivatives(densities, node) for node in nodes]
        roots = np.array([np.linalg.cholesky(c) for c in curvatures])
        self.size = roots.shape[1]
        diagonal = np.log(np.einsum("nii->ni", roots))
        self.ends = share[[0, -1]]
        self.log_marginal = PchipInterpolator(share, [node.log_marginal for node in nodes])
        self.centre = PchipInterpolator(share, [node.others for node in nodes])
        self.root, self.log_diagonal = (
            PchipInterpolator(share, roots),
            PchipInterpolator(share, diagonal),
        )
        steps = np.linspace(0.0, 1.0, 64, endpoint=False)
        inner = share[:-1, None] + np.diff(share)[:, None] * steps
        self.grid = np.append(inner.ravel(), share[-1])
        self.top = float(self.log_marginal(self.grid).max())
        height = np.exp(self.log_marginal(self.grid) - self.top)
        cells = np.concatenate(
            [[0.0], np.cumsum(0.5 * (height[1:] + height[:-1]) * np.diff(self.grid))]
        )
        self.cumulative = cells / cells[-1]

    def __call__(self, share: Array, others: Array) -> tuple[Array, Array]:
        """Return the log-density up to a constant, and which points are inside of it."""
        share = np.clip(share, *self.ends)
        root, log_diagonal = self.root(share), self.log_diagonal(share)
        at = np.arange(self.size)
        root[:, at, at] = np.exp(log_diagonal)
        z = np.einsum("nji,nj->ni", root, others - self.centre(share))
        square = (z**2).sum(axis=1)
        value = self.log_marginal(share) - self.top - 0.5 * square + log_diagonal.sum(axis=1)
        return value, square < chi2.ppf(_INSIDE, self.size)

    def distribution(self, share: float) -> float:
        """Return the distribution function of the share."""
        return float(np.interp(share, self.grid, self.cumulative))

    def quantile(self, level: float) -> float:
        """Return a quantile of the share."""
        return float(np.interp(level, self.cumulative, self.grid))


def _error_of_mean(values: Array) -> float:
    """Return the Monte-Carlo error of a mean, from shape (chain, draw)."""
    return float(np.sqrt(values.var() / array_stats.ess(values, method="mean")))
