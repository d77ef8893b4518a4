"""Toys of the Standard Model for a joint fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import xarray as xr

from bayes_cevns.arrays import Array
from bayes_cevns.experiments import Experiment
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.simulation import asimov, drawn
from bayes_cevns.studies.calibration.simulator import Predictive

#: Nuisances of toys: drawn anew for every toy from their priors, or nominal in all of them.
type ToyNuisances = Literal["prior", "nominal"]


def standard_model_toys(
    spec: ModelSpec, numbers: Sequence[int], *, seed: int, nuisances: ToyNuisances = "prior"
) -> dict[int, dict[str, Array]]:
    """Draw counts that the Standard Model predicts for all experiments of a fit.

    Parameters
    ----------
    spec
        The fit: its experiments, alternative priors and form factor. Its interaction is not in
        the toys.
    numbers
        Numbers of the toys, each of which is drawn by itself.
    seed
        Seed of the random numbers.
    nuisances
        ``"prior"`` or ``"nominal"``. Prior-predictive toys are what a credible limit averages
        over: the fit believes in these priors, and shared nuisances have one value in all
        experiments of a toy. With nominal ones the bands are those of the counts' fluctuations
        alone.

    Returns
    -------
    dict
        Number -> experiment -> counts, shape (run, bin).
    """
    expected = [asimov(e, form_factor=spec.form_factor) for e in spec.experiments]
    randoms = {number: np.random.default_rng([seed, number]) for number in numbers}
    if nuisances == "nominal":
        return {
            number: {e.name: drawn(e, random).observed.values.astype(float) for e in expected}
            for number, random in randoms.items()
        }
    # Whole counts in place, since a model has observed ones; how many does not matter here.
    filled = tuple(replace(e, observed=_whole(e), data="toy") for e in expected)
    standard = replace(spec, experiments=filled, interaction=None, prior="flat", merged=False)
    predictive = Predictive(standard, None, None)
    return {number: predictive.draw(random)[1] for number, random in randoms.items()}


def _whole(experiment: Experiment) -> xr.DataArray:
    return experiment.observed.copy(data=np.floor(experiment.observed.values))
