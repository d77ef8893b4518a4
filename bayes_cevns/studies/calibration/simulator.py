"""Parameters from the prior of a model, and data from its likelihood."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pymc as pm
import pytensor
import xarray as xr
from pymc.pytensorf import find_rng_nodes, reseed_rngs

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.errors import ArgumentError
from bayes_cevns.model import assemble, prior_data
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.variables import (
    COORDINATE,
    COUPLING_MAP,
)
from bayes_cevns.studies.calibration.ranks import monitored

type Values = dict[str, Array]

#: Nothing to compile: a truth is evaluated once.
_MODE = "FAST_COMPILE"

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
        self._model = assemble(spec, spec.tables(), mass_mev, monitored=True)
        self._shared = {variable.name: variable for variable in self._model.data_vars}
        if prior is not None:
            self._shared[COUPLING_MAP].set_value(prior_data(prior)[COUPLING_MAP])

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
            seed = int(random.integers(2**31))
            names = [rv.name for rv in self._model.free_RVs]
            values = dict(zip(names, self._prior(seed), strict=True))
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
        names = [experiment.name for experiment in self.spec.experiments]
        return dict(zip(names, self._means(*self._ordered(values)), strict=True))

    def quantities(self, values: Mapping[str, Array], counts: Mapping[str, Array]) -> xr.Dataset:
        """Return parameters and what follows from them and the data, one ``sample``.

        The coupling product, the expected signal and the log-likelihood are those of this model,
        whichever model the parameters and data are from.
        """
        for name, observed in counts.items():
            variable = self._shared[f"{name}.observed"]
            variable.set_value(np.asarray(observed, dtype=variable.type.dtype))
        found = self._monitors(*self._ordered(values))
        model = self._model
        data = {
            name: (("sample",), np.reshape(value, 1))
            for name, value in zip(monitored(self.spec), found, strict=True)
        }
        for rv in model.free_RVs:
            dims = model.named_vars_to_dims.get(rv.name, ())
            data[rv.name] = (("sample", *dims), np.asarray(values[rv.name])[None])
        used = {dim for dims, _ in data.values() for dim in dims if dim != "sample"}
        return xr.Dataset(data, coords={dim: list(model.coords[dim]) for dim in used})

    def _ordered(self, values: Mapping[str, Array]) -> list[Array]:
        return [np.asarray(values[rv.name]) for rv in self._model.free_RVs]

    def _prior(self, seed: int) -> list[Array]:
        draws = self._draws
        reseed_rngs(find_rng_nodes(self._model.free_RVs), seed)
        return [np.asarray(value) for value in draws()]

    @cached_property
    def _draws(self) -> Any:
        return pm.compile([], self._model.free_RVs, mode=_MODE, random_seed=False)

    @cached_property
    def _means(self) -> Any:
        nodes = [self._model[f"{e.name}.counts"].owner for e in self.spec.experiments]
        means = [node.op.dist_params(node)[0] for node in nodes]
        return self._function(means)

    @cached_property
    def _monitors(self) -> Any:
        return self._function([self._model[name] for name in monitored(self.spec)])

    def _function(self, outputs: list[Any]) -> Any:
        return pytensor.function(
            self._model.free_RVs, outputs, mode=_MODE, on_unused_input="ignore"
        )
