"""Parameters from the prior of a model, and data from its likelihood."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.cards.mixing import SIN2_THETA12
from bayes_cevns.couplings.box import BoxPrior
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.density.compiled import CompiledModel
from bayes_cevns.density.data import prior_data
from bayes_cevns.density.describe import joint, joint_of_box
from bayes_cevns.density.draws import draws_of
from bayes_cevns.density.writer import arrays_of
from bayes_cevns.errors import ArgumentError
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.variables import (
    COORDINATE,
    OCTANT,
    observed_name,
)
from bayes_cevns.studies.calibration.ranks import labels_of, monitored, scalars

type Values = dict[str, Array]

#: So many draws at most are thrown away before one at which the model can be evaluated.
_ATTEMPTS = 1000


class Simulator:
    """The prior and the likelihood of a model as a source of truths and of data.

    Parameters
    ----------
    spec
        The model, with all its bins.
    mass_mev
        Mediator mass.
    prior
        Prior of the coupling, or of several; ``None`` in the Standard Model.
    """

    def __init__(
        self, spec: ModelSpec, mass_mev: float | None, prior: CouplingPrior | BoxPrior | None
    ) -> None:
        self.spec = spec
        self.prior = prior
        tables = spec.tables()
        if isinstance(prior, BoxPrior):
            self._joint = joint_of_box(spec, tables, prior)
        else:
            self._joint = joint(spec, tables, mass_mev)
        model = CompiledModel(arrays_of(self._joint, natural=True))
        numbers = prior_data(prior) if isinstance(prior, CouplingPrior) else {}
        self._model = model.with_data(numbers)

    def draw(
        self, random: np.random.Generator, *, fixed: Mapping[str, float] | None = None
    ) -> tuple[Values, Values]:
        """Return parameters drawn from the prior, and data that they make.

        Parameters
        ----------
        random
            Random numbers.
        fixed
            Parameters that are not to be drawn, by name: the coordinate of a coupling, or
            several couplings. All others are drawn with the same random numbers.

        Returns
        -------
        tuple of dict
            Parameter -> value, and experiment -> counts, shape (run, bin).

        Raises
        ------
        ArgumentError
            If no parameters are found at which a model with these couplings can be evaluated.

        Notes
        -----
        The likelihood is zero where a bin expects fewer than no events, as a spline may between
        its nodes. Such parameters are not part of the prior, and drawn anew.
        """
        kept = {name: np.asarray(value) for name, value in (fixed or {}).items()}
        assert kept.keys() <= set(self._parameters), "only parameters of the model can be fixed"
        for _ in range(_ATTEMPTS):
            values = self._drawn(random) | kept
            expected = self.expected(values)
            if all(
                not experiment.likelihood.counts_events or np.min(expected[experiment.name]) >= 0
                for experiment in self.spec.experiments
            ):
                break
        else:
            raise ArgumentError(
                f"no parameters in {_ATTEMPTS} draws from the prior at which every bin expects "
                "events or none: the mass and the coupling are out of reach of these experiments"
            )
        counts: Values = {}
        for experiment in self.spec.experiments:
            mean = expected[experiment.name]
            counts[experiment.name] = experiment.likelihood.drawn(mean, random)
        return values, counts

    def expected(self, values: Mapping[str, Array]) -> Values:
        """Return the expected counts of each experiment, shape (run, bin)."""
        _, _, counts = self._model.counts(self._point(values))
        found, used = {}, 0
        for parts in self._joint.counts:
            size = math.prod(parts.shape)
            own = counts[0, used : used + size].reshape(parts.shape)
            found[parts.table.experiment.name] = own
            used += size
        return found

    def quantities(self, values: Mapping[str, Array], counts: Mapping[str, Array]) -> Values:
        """Return parameters and what follows from them and the data, each of shape (1,).

        The coupling product, the expected signal and the log-likelihood are those of this model,
        whichever model the parameters and data are from.
        """
        return self._quantities(self._point(values)[None], counts)

    def quantities_of_draws(
        self, draws: Mapping[str, Array], counts: Mapping[str, Array]
    ) -> dict[str, Array]:
        """Return the same of draws of a posterior of several couplings, one by one.

        Parameters
        ----------
        draws
            Every parameter by its name, those of runs one by one (`scalars`), shape (n,).
        counts
            Experiment -> counts, shape (run, bin).

        Returns
        -------
        dict
            Quantity -> shape (n,): the parameters, the expected signal, the log-likelihood.
        """
        labels = [
            label for name in self._parameters for label in labels_of(name, self._runs.get(name))
        ]
        points = np.stack([draws[label] for label in labels], axis=-1)
        return self._quantities(points, counts)

    def _quantities(self, points: Array, counts: Mapping[str, Array]) -> Values:
        """Return what is ranked at points of shape (n, parameters)."""
        observed = {
            observed_name(experiment): counts[experiment.name]
            for experiment in self.spec.experiments
            if experiment.name in counts
        }
        model = self._model.with_data(observed)
        drawn = draws_of(self._joint, model, points[None], monitored=True)
        named = [*monitored(self.spec), *self._parameters]
        numbers = np.arange(len(points))
        return scalars(drawn[named], {"chain": np.zeros_like(numbers), "draw": numbers})

    @property
    def _parameters(self) -> list[str]:
        """Names of the parameters in their order."""
        couplings: tuple[str, ...] = ()
        if isinstance(self.prior, BoxPrior):
            couplings = self.prior.names
        elif self.prior is not None:
            couplings = (COORDINATE,)
        return [*couplings, *(variable.name for variable in self._joint.variables)]

    @cached_property
    def _runs(self) -> dict[str, tuple[str, ...] | None]:
        """Parameter -> names of the runs that each have their own."""
        return {variable.name: variable.runs for variable in self._joint.variables}

    def _point(self, values: Mapping[str, Array]) -> Array:
        return np.concatenate([np.ravel(values[name]) for name in self._parameters])

    def _drawn(self, random: np.random.Generator) -> Values:
        """Return parameters drawn from the prior."""
        found: Values = {}
        if isinstance(self.prior, BoxPrior):
            couplings = random.uniform(self.prior.lower, self.prior.upper)
            found |= dict(zip(self.prior.names, couplings, strict=True))
        elif self.prior is not None:
            found[COORDINATE] = np.asarray(random.uniform(self.prior.lower, self.prior.upper))
        for variable in self._joint.variables:
            several = [prior.drawn(random, ()) for prior in variable.priors]
            found[variable.name] = np.array(several if variable.runs is not None else several[0])
        return self._in_octant(found, random)

    def _in_octant(self, values: Values, random: np.random.Generator) -> Values:
        """Return parameters with theta_12 in one of its octants, which are equally likely.

        Its prior is that of the octant below 45 degrees.
        """
        model = self.spec.couplings
        if model is None or OCTANT not in self._joint.data or SIN2_THETA12 not in values:
            return values
        dark = model.octant == "lma-d" or bool(random.integers(2))
        return values | ({SIN2_THETA12: 1.0 - values[SIN2_THETA12]} if dark else {})
