"""Parameters from the prior of a model, and data from its likelihood."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import xarray as xr

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.density.compiled import CompiledModel
from bayes_cevns.density.data import prior_data
from bayes_cevns.density.describe import joint
from bayes_cevns.density.draws import draws_of
from bayes_cevns.density.writer import arrays_of
from bayes_cevns.errors import ArgumentError
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.variables import (
    COORDINATE,
    observed_name,
)
from bayes_cevns.studies.calibration.ranks import monitored

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
        Prior of the coupling; ``None`` in the Standard Model.
    """

    def __init__(
        self, spec: ModelSpec, mass_mev: float | None, prior: CouplingPrior | None
    ) -> None:
        self.spec = spec
        self.prior = prior
        self._joint = joint(spec, spec.tables(), mass_mev)
        model = CompiledModel(arrays_of(self._joint, natural=True))
        self._model = model if prior is None else model.with_data(prior_data(prior))

    def draw(
        self, random: np.random.Generator, *, coordinate: float | None = None
    ) -> tuple[Values, Values]:
        """Return parameters drawn from the prior, and data that they make.

        Parameters
        ----------
        random
            Random numbers.
        coordinate
            The coordinate of the coupling, where it is not to be drawn.

        Returns
        -------
        tuple of dict
            Parameter -> value, and experiment -> counts, shape (run, bin).

        Raises
        ------
        ArgumentError
            If no parameters are found at which a model with this coupling can be evaluated.

        Notes
        -----
        The likelihood is zero where a bin expects fewer than no events, as a spline may between
        its nodes. Such parameters are not part of the prior, and drawn anew.
        """
        for _ in range(_ATTEMPTS):
            values = self._drawn(random)
            if coordinate is not None:
                values[COORDINATE] = np.asarray(coordinate)
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

    def quantities(self, values: Mapping[str, Array], counts: Mapping[str, Array]) -> xr.Dataset:
        """Return parameters and what follows from them and the data, one ``sample``.

        The coupling product, the expected signal and the log-likelihood are those of this model,
        whichever model the parameters and data are from.
        """
        observed = {
            observed_name(experiment): counts[experiment.name]
            for experiment in self.spec.experiments
            if experiment.name in counts
        }
        model = self._model.with_data(observed)
        points = self._point(values)[None, None]
        drawn = draws_of(self._joint, model, points, monitored=True)
        named = [*monitored(self.spec), *self._names]
        return drawn[named].isel(chain=0, drop=True).rename(draw="sample").drop_vars("sample")

    @property
    def _names(self) -> list[str]:
        """Names of the parameters in their order."""
        coordinate = [] if self.prior is None else [COORDINATE]
        return [*coordinate, *(variable.name for variable in self._joint.variables)]

    def _point(self, values: Mapping[str, Array]) -> Array:
        return np.concatenate([np.ravel(values[name]) for name in self._names])

    def _drawn(self, random: np.random.Generator) -> Values:
        """Return parameters drawn from the prior."""
        found: Values = {}
        if self.prior is not None:
            found[COORDINATE] = np.asarray(random.uniform(self.prior.lower, self.prior.upper))
        for variable in self._joint.variables:
            several = [prior.drawn(random, ()) for prior in variable.priors]
            found[variable.name] = np.array(several if variable.runs is not None else several[0])
        return found
