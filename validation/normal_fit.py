"""Profile fits of experiments with a normal likelihood, by least squares on their tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline, make_interp_spline
from scipy.optimize import OptimizeResult, brentq, least_squares

from bayes_cevns.cards import Experiment
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.tables.shape_axes import ShapeAxis

type Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class NormalFit:
    """Least chi2 over all nuisances, of the data and of the normal priors.

    Attributes
    ----------
    experiment
        One whose card has a normal likelihood, its signals scaled alike.
    new
        Name of an interaction, or ``None`` for the Standard Model.
    mass_mev
        Mediator mass.
    priors
        Alternatives of the card by nuisance.
    """

    experiment: Experiment
    new: str | None = None
    mass_mev: float | None = None
    priors: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Nuisances, in the order of the vectors below."""
        return self.experiment.nuisances()

    @cached_property
    def signal(self) -> Array:
        """Factors of 1, x and x^2 at the nodes of the signal's axes, runs and bins as one."""
        chosen = None if self.new is None else interaction(self.new)
        counts = RateTable(self.experiment, chosen).counts(self.mass_mev)
        axes = [axis.name for axis in self.experiment.signal_axes]
        values = counts.transpose("component", *axes, "run", "bin").values
        return values.reshape(*values.shape[:-2], -1)

    def expected(self, nuisances: Array, *, x: float = 0.0, amount: float = 1.0) -> Array:
        """Return expected counts: `amount` times the signal at coupling product `x`, and all else.

        Parameters
        ----------
        nuisances
            Their values, in the order of `names`.
        x
            Product of couplings.
        amount
            Factor of the signal; 0 for background alone.
        """
        at = dict(zip(self.names, nuisances.tolist(), strict=True))
        powers = np.array([1.0, x, x**2])[: self.signal.shape[0]]
        signal = np.tensordot(powers, self.signal, axes=1)
        scale = np.prod([at[name] for name in self.experiment.signals[0].scaled_by])
        total = amount * scale * _at(signal, self.experiment.signal_axes, at)
        for part in self.experiment.backgrounds:
            values = part.values.values
            scale = np.prod([at[name] for name in part.scaled_by])
            total = total + scale * _at(values.reshape(*values.shape[:-2], -1), part.axes, at)
        return np.asarray(total)

    def minimum(self, *, x: float = 0.0, amount: float | None = 1.0) -> OptimizeResult:
        """Return the best fit; an `amount` of ``None`` is free, the last of the parameters."""
        cards = [self.experiment.card.nuisance[name] for name in self.names]
        start = np.array([card.nominal for card in cards])
        priors = [
            card.alternatives[self.priors[name]].prior if name in self.priors else card.prior
            for name, card in zip(self.names, cards, strict=True)
        ]
        bounds = np.array([prior.support for prior in priors])
        normal = [prior.mean_and_sd for prior in priors]
        mean = np.array([0.0 if pair is None else float(pair[0]) for pair in normal])
        width = np.array([np.inf if pair is None else float(pair[1]) for pair in normal])
        spread = np.where(np.isfinite(width), width, 0.02 * (bounds[:, 1] - bounds[:, 0]))
        assert self.experiment.sigma is not None
        observed = self.experiment.observed.values.ravel()
        sigma = self.experiment.sigma.values.ravel()
        if amount is None:
            start, spread = np.append(start, 1.0), np.append(spread, 1.0)
            bounds = np.vstack([bounds, [-np.inf, np.inf]])

        def residuals(point: Array) -> Array:
            nuisances = point[: len(cards)]
            factor = point[-1] if amount is None else amount
            pulls = (observed - self.expected(nuisances, x=x, amount=factor)) / sigma
            return np.concatenate([pulls, (nuisances - mean) / width])

        return least_squares(residuals, start, bounds=bounds.T, x_scale=spread)

    def chi2(self, *, x: float = 0.0, amount: float | None = 1.0) -> float:
        """Return the least chi2."""
        return float(2.0 * self.minimum(x=x, amount=amount).cost)

    def amount(self) -> tuple[float, float]:
        """Return the best amount of the signal, in units of the nominal one, and its error."""
        best = self.minimum(amount=None)
        covariance = np.linalg.inv(best.jac.T @ best.jac)
        return float(best.x[-1]), float(np.sqrt(covariance[-1, -1]))

    def upper_limit(self, guess: float, *, sign: float = 1.0, rise: float = 2.71) -> float:
        """Return sqrt |x| at which chi2 is `rise` above its least on this side of x = 0.

        Parameters
        ----------
        guess
            A coupling not far above the best one: chi2 rises from there on.
        sign
            Side of x.
        rise
            2.71 for 90% CL of one parameter.
        """
        low, high = 0.0, guess
        least = min(self.chi2(x=sign * g**2) for g in np.linspace(0.0, guess, 6))
        while (found := self.chi2(x=sign * high**2)) < least + rise:
            least, low, high = min(least, found), high, 1.5 * high

        def excess(g: float) -> float:
            return self.chi2(x=sign * g**2) - least - rise

        return float(brentq(excess, low, high, rtol=1e-3))


def _at(values: Array, axes: tuple[ShapeAxis, ...], at: dict[str, float]) -> Array:
    """Return a table at values of its leading axes."""
    for axis in axes:
        values = np.tensordot(_spline(axis)(at[axis.name]), values, axes=1)
    return values


@cache
def _spline(axis: ShapeAxis) -> BSpline:
    """Return the weights of the nodes as a function of the place, made once."""
    nodes = np.asarray(axis.nodes)
    return make_interp_spline(nodes, np.eye(nodes.size), k=3)
