"""The likelihood of a model: its density without Jacobians and uniform priors, compiled once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.densities import Density, Normal
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.density.compiled import CompiledModel
from bayes_cevns.density.data import data_at
from bayes_cevns.density.describe import joint
from bayes_cevns.density.writer import arrays_of
from bayes_cevns.errors import ArgumentError
from bayes_cevns.inference.profile.parameters import (
    Parameter,
    coupling_parameter,
    nuisance_parameters,
)
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.variables import observed_name


class Constraints:
    """The measurements of nuisances that their priors stand for, as terms of -ln L.

    Parameters
    ----------
    parameters
        The parameters of the likelihood.
    """

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        self._priors = {
            place: p.prior
            for place, p in enumerate(parameters)
            if p.constrained and p.prior is not None
        }
        # Priors are normalised between their bounds, measurements repeated or not.
        self._constant = sum(prior.log_norm for prior in self._priors.values())
        self._measure({place: prior.density for place, prior in self._priors.items()})

    def _measure(self, densities: dict[int, Density]) -> None:
        """Set what was measured; normal densities, most of all, are computed together."""
        normal = {i: d for i, d in densities.items() if isinstance(d, Normal)}
        self._places = np.array(list(normal), dtype=int)
        self._means = np.array([d.mean for d in normal.values()])
        self._widths = np.array([d.width for d in normal.values()])
        self._others = {i: d for i, d in densities.items() if i not in normal}

    def repeat(self, truth: Array, random: np.random.Generator) -> None:
        """Repeat all measurements at a true point, each as its kind of density says."""
        self._measure(
            {i: p.density.remeasured(float(truth[i]), random) for i, p in self._priors.items()}
        )

    def __call__(self, point: Array) -> tuple[float, Array]:
        """Return minus the sum of the log-likelihoods of the measurements, and its gradient."""
        slope = np.zeros(point.size)
        pulls = (point[self._places] - self._means) / self._widths
        slope[self._places] = pulls / self._widths
        total = self._constant + 0.5 * float(pulls @ pulls)
        for place, density in self._others.items():
            value, rise = density.constraint(float(point[place]))
            total -= value
            slope[place] -= rise
        return total, slope


class Likelihood:
    """Minus the log-likelihood of a model, with its gradient, at any mediator mass.

    It is the probability of all that was measured, without the Jacobians of the coordinates of the
    sampler and without priors that stand for no measurement:

        -ln L = - ln P(counts | x, nuisances) - sum_j ln (constraint of nuisance j).

    A constraint is the likelihood of the auxiliary measurement that the prior of a nuisance stands
    for (`bayes_cevns.cards.densities`): a normal prior itself. The truncation of the prior gives
    the bounds of the parameter. Parameters with a uniform prior are free between its ends: always
    x, and nuisances whose prior, or chosen alternative, is uniform.

    Parameters
    ----------
    spec
        What to fit; the prior of its coupling is not used.
    mass_mev
        Mediator mass to begin with, if the interaction has one.
    free
        Nuisance that is to be measured: its constraint is left out, its bounds are kept.

    Raises
    ------
    ArgumentError
        If couplings are given by name; or as `bayes_cevns.build_model`.
    """

    def __init__(
        self, spec: ModelSpec, mass_mev: float | None = None, *, free: str | None = None
    ) -> None:
        if spec.couplings is not None:
            names = ", ".join(one.name for one in spec.couplings.couplings)
            raise ArgumentError(
                f"profile likelihoods have the one coupling of an interaction, got couplings by "
                f"name ({names}): sample them, or minimise `bayes_cevns.likelihood`"
            )
        self.spec = replace(spec, prior="flat")
        self.tables = self.spec.tables()
        self._model = CompiledModel(
            arrays_of(joint(self.spec, self.tables, mass_mev), natural=True)
        )
        nuisances = nuisance_parameters(self.spec)
        self._nuisances = [
            replace(p, free=p.name == free) for several in nuisances.values() for p in several
        ]
        self.prior: CouplingPrior | None = None
        self.parameters: tuple[Parameter, ...] = ()
        self.move_to(mass_mev)

    def move_to(self, mass_mev: float | None) -> None:
        """Swap the rate tables for those at another mediator mass.

        Raises
        ------
        ArgumentError, TableError
            As `bayes_cevns.build_model`.
        """
        data, self.prior = data_at(self.spec, self.tables, mass_mev)
        self._model = self._model.with_data(data)
        first = [] if self.prior is None else [coupling_parameter(self.prior)]
        self.parameters = (*first, *self._nuisances)
        self._lower = np.array([p.lower for p in self.parameters])
        self._upper = np.array([p.upper for p in self.parameters])
        self.constraints = Constraints(self.parameters)

    def observe(self, experiments: Sequence[Experiment]) -> None:
        """Replace the observed counts.

        Parameters
        ----------
        experiments
            Those of the specification, with other counts.

        Raises
        ------
        ArgumentError
            If bins are merged: which of them may be depends on the counts.
        """
        if self.spec.merged:
            raise ArgumentError("observed counts cannot be exchanged where bins are merged")
        self._model = self._model.with_data(
            {observed_name(each): each.observed.values for each in experiments}
        )

    def __call__(self, point: Array) -> tuple[float, Array]:
        """Return -ln L and its gradient at a point, in the order of `parameters`.

        A point outside the bounds, which a minimiser may reach by rounding, is moved to them. -ln L
        is infinite and the gradient zero where expected counts are negative, as a spline may be
        beyond its nodes, or zero in a bin with events.
        """
        inside = np.clip(point, self._lower, self._upper)
        values, gradients = self._model.log_density(inside)
        value, gradient = values[0], gradients[0]
        if not np.isfinite(value):
            return np.inf, np.zeros(inside.size)
        constraint, slope = self.constraints(inside)
        if not np.isfinite(constraint):
            return np.inf, np.zeros(inside.size)
        return constraint - float(value), slope - gradient

    @property
    def nominal(self) -> Array:
        """Where fits begin, one value for each of `parameters`."""
        return np.array([p.nominal for p in self.parameters])
