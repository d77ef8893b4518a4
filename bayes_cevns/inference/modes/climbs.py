"""Local maxima of a posterior of several couplings, by optimisation from points all over the box.

Evaluating the density at scattered points easily misses thin bands and islands; an optimiser that
follows the gradient finds them from a distance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import logit

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ConvergenceError
from bayes_cevns.inference.modes.ridge import Density

#: Number of starting points, a power of two, and the most steps from each.
_CLIMBS, _STEPS = 32, 100

#: Places in the box keep this distance from its faces, as a share of its width.
INSIDE = 1e-6

#: The value that stands for minus the log-density where this is not finite.
_NOWHERE = 1e10


@dataclass(frozen=True, eq=False, repr=False)
class Tops(Displayed):
    """The maxima that were found, the highest first.

    Attributes
    ----------
    places
        Places of the couplings in the box, from 0 to 1, shape (n, k).
    others
        The other coordinates of the sampler, shape (n, d - k).
    values
        Log-density of the places, shape (n,).
    """

    places: Array
    others: Array
    values: Array


def find_tops(
    density: Density, standard: Array, others: Array, *, negligible: float, seed: int = 1
) -> Tops:
    """Maximise the density from points all over the box, and from the Standard Model.

    Parameters
    ----------
    density
        Log-density and gradient at a point of the sampler, whose first k coordinates are the logits
        of the places of the couplings in their box.
    standard
        Places of the couplings of the Standard Model, shape (k,).
    others
        The other coordinates of all starting points, shape (d - k,).
    negligible
        Maxima that are lower than the highest by more than this are left out.
    seed
        Of the points.

    Raises
    ------
    ConvergenceError
        If the density is not finite at any of them.
    """
    from scipy.stats import qmc

    count = standard.size

    def downhill(at: Array) -> tuple[float, Array]:
        places = at[:count]
        value, gradient = density(np.concatenate([logit(places), at[count:]]))
        if not (np.isfinite(value) and np.all(np.isfinite(gradient))):
            return _NOWHERE, np.zeros_like(at)
        slopes = places * (1.0 - places)
        along = (gradient[:count] - (1.0 - 2.0 * places)) / slopes
        return float(np.log(slopes).sum()) - value, -np.concatenate([along, gradient[count:]])

    starts = qmc.Sobol(count, rng=np.random.default_rng(seed)).random(_CLIMBS)
    bounds = [(INSIDE, 1.0 - INSIDE)] * count + [(None, None)] * others.size
    ends = [
        minimize(
            downhill,
            np.concatenate([np.clip(start, 0.01, 0.99), others]),
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": _STEPS},
        )
        for start in (standard, *starts)
    ]
    values = -np.array([end.fun for end in ends])
    if values.max() <= -_NOWHERE:
        raise ConvergenceError(
            "the density is not finite at any of the points where the sampler may begin: the data, "
            "a table or a prior of this fit is wrong"
        )
    order = np.argsort(-values, kind="stable")
    kept = order[values[order] >= values.max() - negligible]
    found = np.array([ends[i].x for i in kept])
    return Tops(found[:, :count], found[:, count:], values[kept])
