"""Toys of the Standard Model for a joint fit."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pymc as pm
from numpy.typing import NDArray

from bayes_cevns.model import assemble
from bayes_cevns.simulation import asimov, drawn
from bayes_cevns.specification import ModelSpec

type Array = NDArray[np.float64]
#: Nuisances of toys: drawn anew for every toy from their priors, or nominal in all of them.
type ToyNuisances = Literal["prior", "nominal"]


def standard_model_toys(
    spec: ModelSpec, toys: int, *, seed: int, nuisances: ToyNuisances = "prior"
) -> dict[str, Array]:
    """Draw counts that the Standard Model predicts for all experiments of a fit.

    Parameters
    ----------
    spec
        The fit: its experiments, alternative priors and form factor. Its interaction is not in
        the toys.
    toys
        How many.
    seed
        Seed of the random numbers. More toys of one seed begin with those of fewer.
    nuisances
        ``"prior"`` or ``"nominal"``. Prior-predictive toys are what a credible limit averages
        over: the fit believes in these priors, and shared nuisances have one value in all
        experiments of a toy. With nominal ones the bands are those of the counts' fluctuations
        alone.

    Returns
    -------
    dict
        Experiment -> counts, shape (toy, run, bin).
    """
    expected = [asimov(e, form_factor=spec.form_factor) for e in spec.experiments]
    if nuisances == "nominal":
        found = {}
        for experiment in expected:
            random = np.random.default_rng([seed, *experiment.name.encode()])
            counts = [drawn(experiment, random).observed.values for _ in range(toys)]
            found[experiment.name] = np.array(counts, dtype=float)
        return found
    # Counts in place, since a model has observed ones; what they are does not matter here.
    filled = tuple(replace(e, data="toy") for e in expected)
    standard = replace(spec, experiments=filled, interaction=None, prior="flat", merged=False)
    model = assemble(standard, standard.tables(), None)
    variables = [model[f"{e.name}.counts"] for e in filled]
    # Drawn once each: to compile it well takes longer.
    draws = pm.draw(variables, draws=toys, random_seed=seed, mode="FAST_COMPILE")
    return {
        e.name: np.reshape(counts, (toys, *e.observed.shape)).astype(float)
        for e, counts in zip(filled, draws, strict=True)
    }
