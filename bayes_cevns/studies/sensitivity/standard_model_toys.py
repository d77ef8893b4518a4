"""Toys of the Standard Model for a joint fit."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import xarray as xr

from bayes_cevns.arrays import Array
from bayes_cevns.cards import Experiment
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.simulation import asimov, drawn

if TYPE_CHECKING:
    from bayes_cevns.studies.calibration.simulator import Simulator

#: Nuisances of toys: drawn anew for every toy from their priors, or nominal in all of them.
type ToyNuisances = Literal["prior", "nominal"]


class StandardModelToys:
    """Counts that the Standard Model predicts for all experiments of a fit, toy by toy.

    Parameters
    ----------
    spec
        The fit: its experiments, alternative priors and form factor. Its interaction is not in
        the toys.
    seed
        Seed of the random numbers.
    nuisances
        ``"prior"`` or ``"nominal"``. Prior-predictive toys are what a credible limit averages
        over: the fit believes in these priors, and shared nuisances have one value in all
        experiments of a toy. With nominal ones the bands are those of the counts' fluctuations
        alone.
    """

    def __init__(self, spec: ModelSpec, *, seed: int, nuisances: ToyNuisances = "prior") -> None:
        self._spec, self._seed, self._nuisances = spec, seed, nuisances
        self._drawn: dict[int, dict[str, Array]] = {}

    def counts(self, number: int) -> dict[str, Array]:
        """Return the counts of one toy: experiment -> counts, shape (run, bin).

        Each toy has random numbers of its own, whichever others are drawn.
        """
        if number not in self._drawn:
            random = np.random.default_rng([self._seed, number])
            if self._nuisances == "nominal":
                self._drawn[number] = {
                    e.name: drawn(e, random).observed.values.astype(float) for e in self._expected
                }
            else:
                self._drawn[number] = self._simulator.draw(random)[1]
        return self._drawn[number]

    @cached_property
    def _expected(self) -> list[Experiment]:
        theory = self._spec.theory
        return [asimov(e, theory=theory) for e in self._spec.experiments]

    @cached_property
    def _simulator(self) -> Simulator:
        from bayes_cevns.studies.calibration.simulator import Simulator

        # Whole counts in place, since a model has observed ones; how many does not matter here.
        filled = tuple(replace(e, observed=_whole(e), data="toy") for e in self._expected)
        standard = replace(
            self._spec, experiments=filled, interaction=None, prior="flat", merged=False
        )
        return Simulator(standard, None, None)


def _whole(experiment: Experiment) -> xr.DataArray:
    return experiment.observed.copy(data=np.floor(experiment.observed.values))
